"""PostgreSQL: tables read through a cursor, in one read-only transaction.

The only room that opens a connection to anywhere, and only to the address that a person named.
All tables of an import, and every look at one, are of the same moment (REPEATABLE READ). The
server itself writes the rows as JSON: nothing is read into our types and written anew.

Sources: PostgreSQL documentation: DECLARE, SET TRANSACTION, "JSON Functions" (row_to_json), and
"Error Codes".
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import weakref
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pg8000 import native
from scramp import ScramException

from workbench.domain.errors import InputError
from workbench.domain.text import elide
from workbench.formats.databases import Column, Table, chosen
from workbench.formats.postgres_address import Address, read_address

if TYPE_CHECKING:
    from collections.abc import Generator

    from workbench.domain.progress import JobContext

_SAFE: Final = "Nothing was imported."
#: How long a server may take to answer the first word, and any later one.
_CONNECT_S: Final = 10.0
_ANSWER_S: Final = 600.0
#: Rows of a block: as many as are about so many bytes, and never more than that.
_BLOCK: Final = 4 << 20
_FIRST_ROWS: Final = 64
_MOST_ROWS: Final = 2048
#: What the transaction is: of one moment, unable to write, without names of the database's own in
#: the place of the server's, and planned for its first rows: an index is followed, nothing sorted.
_BEGIN: Final = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL search_path = pg_catalog",
    "SET LOCAL cursor_tuple_fraction = 0.001",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL extra_float_digits = 3",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL lock_timeout = '60s'",
)
_ABOUT: Final = "SELECT current_setting('server_version'), row_to_json(t) FROM (SELECT now()) t"
_TABLES: Final = (Path(__file__).parent / "postgres_tables.sql").read_text("utf-8")
_ROWS: Final = (Path(__file__).parent / "postgres_rows.sql").read_text("utf-8")
_BYTES: Final = (
    "CASE WHEN {column} IS NOT NULL THEN json_build_object('base64', "
    "translate(encode({column}, 'base64'), E'\\n', '')) END AS {name}"
)
_NAIVE: Final = "without time zone"


def tables_at(text: str) -> list[Table]:
    """The tables that an address means: the one it names, else the known ones.

    Raises:
        InputError: The address is none, the server cannot be reached or refuses, or it holds no
            such table. No message holds a password.
    """
    address = read_address(text)
    database = Postgres(address)
    return chosen(database, database.tables(address.schema), address.table)


class Postgres:
    """One connection, in one transaction, until nobody holds it any more.

    Args:
        address: Where, and who asks.

    Raises:
        InputError: The server cannot be reached, or refuses.
    """

    def __init__(self, address: Address) -> None:
        self._name = str(address)
        self._lock = threading.Lock()
        self._numbers = count(1)
        try:
            self._connection = _connected(address)
        except _FAILURES as error:
            raise _refused(self._name, error, address) from error
        weakref.finalize(self, _hang_up, self._connection)
        for statement in _BEGIN:
            self._asked(self._name, statement)
        ((version, about),) = self._asked(self._name, _ABOUT)
        self._about = f"PostgreSQL {str(version).partition(' ')[0]} as of {about['now']}"

    def __str__(self) -> str:
        return self._name

    @property
    def identity(self) -> object:
        """Server, database and user: the user decides what is seen."""
        return self._name

    def about(self, job: JobContext) -> str:
        """The server's version, and the moment that is read."""
        job.check()
        return self._about

    def tables(self, schema: str = "") -> list[Table]:
        """All tables and views of a schema; empty for every one that is not the server's own."""
        found = []
        for space, name, columns, key, size in self._asked(self._name, _TABLES):
            if schema and space != schema:
                continue
            found.append(
                Table(
                    self,
                    name if space == "public" else f"{space}.{name}",
                    tuple(Column(*each) for each in columns or ()),
                    f"{_quoted(space)}.{_quoted(name)}",
                    tuple(key or ()),
                    int(size or 0),
                )
            )
        return found

    def blocks(self, table: Table) -> Generator[bytes, None, None]:
        """The rows as the server writes them, through a cursor of their own."""
        cursor = f"workbench_{next(self._numbers)}"
        wanted, rows = _FIRST_ROWS, 0
        self._asked(table, _declare(cursor, table))
        try:
            while True:
                found = self._asked(table, f"FETCH FORWARD {wanted} FROM {cursor}", rows)
                if not found:
                    return
                # Between the values of a json column there may be line feeds; in them, never.
                block = b"".join(
                    line.replace("\n", " ").encode("utf-8") + b"\n" for (line,) in found
                )
                rows += len(found)
                fits = _BLOCK * len(found) // len(block)
                wanted = max(1, min(fits, 4 * wanted, _MOST_ROWS))
                del found
                yield block
        finally:
            with contextlib.suppress(InputError):
                self._asked(table, f"CLOSE {cursor}")

    def _asked(self, what: object, statement: str, rows: int = 0) -> list[Any]:
        """What the server answers; from any thread.

        Args:
            what: Is asked for, for messages.
            statement: Ours, or made of quoted names.
            rows: Of it were read before.

        Raises:
            InputError: It refuses, or the connection is lost.
        """
        try:
            with self._lock:
                return self._connection.run(statement) or []
        except _FAILURES as error:
            raise _refused(what, error, rows=rows) from error


#: What the client raises; the last three where whoever answers speaks another language.
_FAILURES: Final = (
    native.Error, OSError, ScramException, ValueError, LookupError, struct.error,
)  # fmt: skip


def _connected(address: Address) -> native.Connection:
    """A connection, its encryption as the address asks for it."""
    # Two waits: a server that is not there is told soon, a table that is slow may take its time.
    if address.is_socket:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    else:
        line = socket.create_connection((address.host, address.port), _CONNECT_S)
    try:
        if address.is_socket:
            line.settimeout(_CONNECT_S)
            line.connect(f"{address.host}/.s.PGSQL.{address.port}")
        line.settimeout(_ANSWER_S)
        return native.Connection(
            address.user,
            host=address.host,
            database=address.database,
            password=address.password,
            sock=line,
            ssl_context=_encryption(address),
            application_name="distillation-workbench",
            startup_params={"client_encoding": "UTF8"},
        )
    except BaseException:
        line.close()
        raise


def _encryption(address: Address) -> ssl.SSLContext | bool | None:
    """As the client takes it: False for none, None where the server decides."""
    if address.is_socket or address.tls == "disable":
        return False
    if address.tls in ("allow", "prefer"):
        return None
    if address.tls == "require":
        return True
    root = address.root if address.root not in ("", "system") else None
    context = ssl.create_default_context(cafile=root)
    context.check_hostname = address.tls == "verify-full"
    return context


def _hang_up(connection: native.Connection) -> None:
    with contextlib.suppress(*_FAILURES):
        connection.close()


def _declare(cursor: str, table: Table) -> str:
    """The statement that opens a cursor on the rows of a table."""
    keys = ", ".join(f"t.{_quoted(name)}" for name in table.key)
    return _ROWS.format(
        cursor=cursor,
        relation=table.relation,
        columns=", ".join(_selected(column, utc=table.is_known) for column in table.columns),
        order=f"ORDER BY {keys}" if keys else "",
    )


def _selected(column: Column, *, utc: bool) -> str:
    """A column of ``t``: bytes as base64, which is said; times of known tables with their zone."""
    name = _quoted(column.name)
    if column.type == "bytea":
        return _BYTES.format(column=f"t.{name}", name=name)
    if utc and column.type.startswith("timestamp") and column.type.endswith(_NAIVE):
        return f"t.{name} AT TIME ZONE 'UTC' AS {name}"
    return f"t.{name}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _refused(
    what: object, error: Exception, address: Address | None = None, *, rows: int = 0
) -> InputError:
    """What went wrong in the server's words, and what to do about it."""
    told = error.args[0] if error.args else ""
    said = told if isinstance(told, dict) else {}
    code = said.get("C", "")
    after = f" after row {rows:,}" if rows else ""
    if address and (code.startswith("28") or isinstance(error, ScramException)):
        known = address.password
        fact = "refuses this user or password" if known else "asks for a password, or for others"
        return InputError(f"{what} {fact}{_in_words(said)}.", remedy=_LET_IN, safe=_SAFE)
    if code == "42501":
        return InputError(
            f"{what} may not be read by this user{_in_words(said)}.",
            remedy="Ask for the right to SELECT from it, or name another user.",
            safe=_SAFE,
        )
    reason = said.get("M") or getattr(error, "strerror", None) or str(error)
    if address:
        if not isinstance(error, native.Error | OSError):
            reason = "what answers there is no PostgreSQL"
        return InputError(
            f"{what} cannot be reached: {elide(reason.rstrip('.'), 200)}.",
            remedy="Check host, port and name of the database, and that it lets you in.",
            safe=_SAFE,
        )
    if code == "22021" or isinstance(error, UnicodeDecodeError):
        return InputError(
            f"{what} holds text that is not UTF-8{after}.",
            remedy="Export the table with COPY, and import that.",
            safe=_SAFE,
        )
    if said and not code.startswith(("57P", "08")):
        return InputError(
            f"{what} cannot be read{after}{_in_words(said)}.",
            remedy="Ask who keeps the database; a table without what hinders it can be named.",
            safe=_SAFE,
        )
    return InputError(
        f"{what}: the connection was lost{after} ({elide(reason.rstrip('.'), 200)}).",
        remedy="Import it again.",
        safe=_SAFE,
    )


_LET_IN: Final = (
    "Give the password in PGPASSWORD or in ~/.pgpass (readable by you alone), or another user."
)


def _in_words(said: dict[str, str]) -> str:
    return f" ({elide(said['M'], 200)})" if said.get("M") else ""
