"""Where a PostgreSQL database is, and who asks: addresses as libpq has them.

What is not in the address comes from libpq's variables and its password file. The password is
never part of the address as text. Must not touch the network.

Source: PostgreSQL documentation, libpq: "Connection URIs", "Environment Variables", "The Password
File".
"""

from __future__ import annotations

import getpass
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEMES: Final = ("postgresql://", "postgres://")
_PORT: Final = 5432
#: How TLS is asked for; "allow" is taken as "prefer".
_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
#: A field of the password file: anything, with a backslash before a colon or a backslash.
_FIELD: Final = re.compile(r"((?:\\.|[^:\\])*)(?::|$)")
_LIKE: Final = "postgresql://USER@HOST:PORT/DATABASE#TABLE"


def is_address(name: str) -> bool:
    """Whether somebody means a PostgreSQL database."""
    return name.lower().startswith(_SCHEMES)


@dataclass(frozen=True, slots=True)
class Address:
    """A database, and who asks. As text: without the password.

    Attributes:
        host: A name, an address, or the folder of a socket.
        port: Of the server.
        database: Its name.
        user: Who asks.
        password: Empty where none is known.
        schema: The one whose tables are meant; empty for all.
        table: The one that is meant; empty for none.
        tls: One of libpq's sslmodes.
        root: File of the certificates that are trusted; empty for the system's.
    """

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    schema: str
    table: str
    tls: str
    root: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else quote(self.host, safe="")
        user = quote(self.user, safe="")
        return f"postgresql://{user}@{host}:{self.port}/{quote(self.database, safe='')}"

    @property
    def is_socket(self) -> bool:
        """Whether the host is a folder."""
        return self.host.startswith("/")


def read_address(text: str, environment: Mapping[str, str] = os.environ) -> Address:
    """An address, completed as libpq does it.

    Args:
        text: ``postgresql://user:password@host:port/database?sslmode=require#table``. Parameters
            of other programs' addresses (Prisma's ``connection_limit``) are passed over.
        environment: PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD, PGPASSFILE, PGSSLMODE,
            PGSSLROOTCERT.

    Raises:
        InputError: It is none. What is wrong is told without the address: it may hold a password.
    """
    try:
        parts = urlsplit(text)
        said = dict(parse_qsl(parts.query, keep_blank_values=True))
        port = int(parts.port or said.get("port") or environment.get("PGPORT") or _PORT)
    except ValueError:
        raise InputError(
            "The address of the database cannot be read.",
            remedy=f"Write it as {_LIKE}; write special characters in it as %40 (for @).",
        ) from None
    host = unquote(parts.hostname or "") or said.get("host") or environment.get("PGHOST", "")
    user = unquote(parts.username or "") or said.get("user") or environment.get("PGUSER", "")
    user = user or _login()
    database = unquote(parts.path.removeprefix("/")) or said.get("dbname", "")
    database = database or environment.get("PGDATABASE", "") or user
    mode = said.get("sslmode") or environment.get("PGSSLMODE") or "prefer"
    if "," in host:
        raise InputError("The address names several servers.", remedy="Name the one to be read.")
    if mode not in _MODES:
        raise InputError(
            "The address has an sslmode that is not known.",
            remedy=f"Give one of {', '.join(_MODES)}.",
        )
    host = host or "localhost"
    password = unquote(parts.password or "") or said.get("password", "")
    password = password or environment.get("PGPASSWORD", "")
    return Address(
        host=host,
        port=port,
        database=database,
        user=user,
        password=password or _from_file(environment, host, port, database, user),
        schema=said.get("schema", ""),
        table=unquote(parts.fragment),
        tls=mode,
        root=said.get("sslrootcert") or environment.get("PGSSLROOTCERT", ""),
    )


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise InputError("The address names no user.", remedy=f"Write it as {_LIKE}.") from None


def _from_file(
    environment: Mapping[str, str], host: str, port: int, database: str, user: str
) -> str:
    """The password of the first line that fits; a file that others may read is passed over."""
    path = Path(environment.get("PGPASSFILE") or "~/.pgpass").expanduser()
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode) or (os.name == "posix" and about.st_mode & 0o077):
            return ""
        lines = path.read_text("utf-8").splitlines()
    except (OSError, RuntimeError, UnicodeDecodeError):
        return ""
    wanted = ("localhost" if host.startswith("/") else host, str(port), database, user)
    for line in lines:
        fields = [re.sub(r"\\(.)", r"\1", field) for field in _FIELD.findall(line)]
        if line.startswith("#") or len(fields) < len(wanted) + 1:
            continue
        given = zip(fields, (*wanted, ""), strict=False)
        if all(field in ("*", meant) for field, meant in list(given)[: len(wanted)]):
            return fields[len(wanted)]
    return ""
