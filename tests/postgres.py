"""A PostgreSQL server of a test's own, from what the system has installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pg8000 import native

if TYPE_CHECKING:
    from collections.abc import Iterator

ADMIN = "keeper"
PASSWORD = "se:cret@#x y"


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        folder: Where its socket lies.
        port: On the loopback address.
    """

    folder: Path
    port: int

    def address(self, user: str = ADMIN, database: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str, database: str = "postgres") -> list[Any]:
        """The answer to the last of some statements, each in a transaction of its own."""
        rows: list[Any] = []
        with native.Connection(
            ADMIN, host="127.0.0.1", port=self.port, password=PASSWORD, database=database
        ) as connection:
            for statement in statements:
                rows = connection.run(statement) or []
        return rows


def _binary(name: str) -> str:
    packages = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, packages), os.environ["PATH"]]))
    if found is None:
        pytest.skip(f"PostgreSQL is not installed here: there is no {name}")
    return found


@contextmanager
def served() -> Iterator[Server]:
    """A server with one user, who has a password, until the end of the block."""
    initdb, postgres = _binary("initdb"), _binary("postgres")
    folder = Path(tempfile.mkdtemp(prefix="workbench-postgres-"))
    as_user: dict[str, Any] = {"cwd": folder}
    secret = folder / "password"
    secret.write_text(PASSWORD)
    if os.geteuid() == 0:  # which the server refuses
        for path in (folder, secret):
            shutil.chown(path, "nobody", "nogroup")
        as_user |= {"user": "nobody", "group": "nogroup", "extra_groups": []}
    try:
        subprocess.run(
            [
                *(initdb, "-D", folder / "data", "-U", ADMIN, "-E", "UTF8", "--locale=C"),
                *("-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            **as_user,
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = {"listen_addresses": "127.0.0.1", "fsync": "off", "ssl": "off"}
        with subprocess.Popen(
            [
                *(postgres, "-D", folder / "data", "-k", folder, "-p", str(port)),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            stderr=subprocess.PIPE,
            text=True,
            **as_user,
        ) as server:
            try:
                assert server.stderr is not None
                said = next((s for s in server.stderr if "ready to accept" in s), "")
                assert said, "the server ended"
                yield Server(folder, port)
            finally:
                server.terminate()
                try:
                    server.communicate(timeout=20)
                finally:
                    server.kill()
    finally:
        shutil.rmtree(folder)
