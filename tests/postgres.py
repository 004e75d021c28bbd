"""A PostgreSQL server of a test's own, from what the system has installed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
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
        certificate: What it proves itself with, signed by itself.
    """

    folder: Path
    port: int
    certificate: Path

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


def _certify(key: Path, certificate: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(private, hashes.SHA256())
    )
    key.touch(mode=0o600)
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))


@contextmanager
def served() -> Iterator[Server]:
    """A server with one user, who has a password, until the end of the block."""
    initdb, postgres = _binary("initdb"), _binary("postgres")
    folder = Path(tempfile.mkdtemp(prefix="workbench-postgres-"))
    as_user: dict[str, Any] = {"cwd": folder}
    secret, key, certificate = (folder / name for name in ("password", "key", "certificate"))
    secret.write_text(PASSWORD)
    _certify(key, certificate)
    if os.geteuid() == 0:  # which the server refuses
        nobody = pwd.getpwnam("nobody")
        for path in (folder, secret, key, certificate):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        as_user |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
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
        settings = {
            "listen_addresses": "127.0.0.1",
            "fsync": "off",
            "ssl": "on",
            "ssl_key_file": key,
            "ssl_cert_file": certificate,
        }
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
                yield Server(folder, port, certificate)
            finally:
                server.send_signal(signal.SIGINT)  # it ends without waiting for clients
                try:
                    server.communicate(timeout=20)
                finally:
                    server.kill()
    finally:
        shutil.rmtree(folder)
