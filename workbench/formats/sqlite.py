"""SQLite files: read where they lie, never written to, row by row.

Where no journal lies beside the file it is opened as immutable, so that nothing is made beside it
and no lock is asked for; that it was not changed meanwhile is looked at afterwards.

Sources: sqlite.org/uri.html ("mode", "immutable"), sqlite.org/wal.html ("Read-Only Databases").
"""

from __future__ import annotations

import base64
import json
import math
import re
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import orjson

from workbench.domain.errors import InputError
from workbench.domain.text import elide
from workbench.formats.databases import Column, Table
from workbench.formats.place import OnDisk, digest_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from workbench.domain.progress import JobContext
    from workbench.formats.place import Place

MAGIC: Final = b"SQLite format 3\0"
#: A block of lines: rows are taken until they are so many bytes.
_BLOCK: Final = 4 << 20
_JOURNALS: Final = ("-wal", "-journal")
#: How long another program's write is waited for.
_PATIENCE_S: Final = 10.0
_ROWIDS: Final = ("rowid", "_rowid_", "oid")
#: What sqlite3 raises; names of tables and columns, and words about them, may be no UTF-8.
_FAILURES: Final = (sqlite3.Error, UnicodeDecodeError)
_NAIVE: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d([.,]\d+)?)?\Z", re.ASCII)


def sqlite_at(place: Place) -> SqliteFile | None:
    """The database that a file on disk is, by its first bytes; None for anything else."""
    if not isinstance(place, OnDisk):
        return None
    try:
        raw = place.open()
    except InputError:
        return None
    try:
        return SqliteFile(place) if raw.read(len(MAGIC)) == MAGIC else None
    except OSError:
        return None
    finally:
        raw.close()


class SqliteFile:
    """An SQLite database.

    Args:
        place: The file.
    """

    def __init__(self, place: OnDisk) -> None:
        self._place = place
        self._path = place.seekable()
        self._digest = ""

    def __str__(self) -> str:
        return str(self._place)

    @property
    def identity(self) -> object:
        """The file's."""
        return self._place.identity

    def about(self, job: JobContext) -> str:
        """With the digest of the file as it lies there, and of a journal beside it."""
        if not self._digest:
            self._digest = f"an SQLite database of SHA-256 {digest_of(self._place, job)}"
            for journal in map(OnDisk, self._journals()):
                if journal.size:
                    self._digest += f" with {journal.short} of {digest_of(journal, job)} beside it"
        return self._digest

    def tables(self) -> list[Table]:
        """All tables and views that can be read, in the order of their names.

        Raises:
            InputError: The file is damaged or locked.
        """
        with self._asked(self) as connection:
            found = connection.execute(
                "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') "
                r"AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name"
            ).fetchall()
            tables = [self._table(connection, name, kind) for name, kind in found]
            return [table for table in tables if table is not None]

    def _table(self, connection: sqlite3.Connection, name: str, kind: str) -> Table | None:
        relation = _quoted(name)
        try:
            about = connection.execute(
                "SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1", (name,)
            ).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname == "SQLITE_ERROR":  # of a module that is not there
                return None
            raise
        columns = tuple(Column(column, declared or "") for column, declared, _ in about)
        key: tuple[str, ...] = ()
        if kind == "table":
            taken = {column.name.lower() for column in columns}
            key = tuple(name for name in _ROWIDS if name not in taken)[:1]
            if not key or not _has(connection, relation, key[0]):
                ranked = sorted((rank, column) for column, _, rank in about if rank)
                key = tuple(column for _, column in ranked)
        return Table(self, name, columns, relation, key, self._place.size)

    def blocks(self, table: Table) -> Generator[bytes, None, None]:
        """The rows in the order in which they lie, by their row id."""
        order = "ORDER BY " + ", ".join(map(_quoted, table.key)) if table.key else ""
        statement = " ".join(("SELECT * FROM", table.relation, order))
        times = _times(table)
        before = self._state()
        with self._asked(table) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            names = [column[0] for column in cursor.description]
            block, number = bytearray(), 0
            try:
                for row in cursor:
                    number += 1
                    block += _line(dict(zip(names, row, strict=True)), times)
                    if len(block) > _BLOCK:
                        yield bytes(block)
                        block.clear()
            except _FAILURES as error:
                self._refuse_change(before)  # which looks like damage
                raise _refused(table, error, number) from error
            self._refuse_change(before)
            if block:
                yield bytes(block)

    def _journals(self) -> list[Path]:
        beside = (self._path.with_name(self._path.name + ending) for ending in _JOURNALS)
        return [path for path in beside if path.exists()]

    def _state(self) -> tuple[int, int]:
        """What changes with the file; of one with a journal nothing, for SQLite itself sees to it.

        Raises:
            InputError: The file is gone.
        """
        if self._journals():
            return 0, 0
        try:
            about = self._path.stat()
        except OSError as error:
            raise InputError(f"{self} is gone.", remedy="Check the path.") from error
        return about.st_size, about.st_mtime_ns

    def _refuse_change(self, before: tuple[int, int]) -> None:
        if self._state() != before:
            raise InputError(
                f"{self} was changed while it was read.",
                remedy="Import a copy of it: sqlite3 FILE '.backup COPY'",
            )

    @contextmanager
    def _asked(self, what: SqliteFile | Table) -> Iterator[sqlite3.Connection]:
        """A connection that cannot write.

        Args:
            what: What is asked for, for messages.

        Raises:
            InputError: In place of whatever SQLite raises.
        """
        how = "mode=ro" if self._journals() else "mode=ro&immutable=1"
        address = f"file:{quote(str(self._path.resolve()))}?{how}"
        try:
            # One thread at a time uses it, not always the one that opened it.
            connection = sqlite3.connect(
                address, timeout=_PATIENCE_S, uri=True, check_same_thread=False
            )
            with closing(connection):
                connection.text_factory = _text
                connection.execute("PRAGMA trusted_schema = OFF")
                connection.execute("PRAGMA cell_size_check = ON")
                yield connection
        except _FAILURES as error:
            raise _refused(what, error) from error


def _has(connection: sqlite3.Connection, relation: str, column: str) -> bool:
    """Whether a table has that name for its row id: one ``WITHOUT ROWID`` has none."""
    try:
        connection.execute(" ".join(("SELECT", column, "FROM", relation, "LIMIT 0")))
    except sqlite3.OperationalError:
        return False
    return True


def _times(table: Table) -> frozenset[str]:
    """Columns whose times are UTC though their texts do not say so."""
    if not table.is_known:
        return frozenset()
    declared = ((column.name, column.type.upper()) for column in table.columns)
    return frozenset(n for n, kind in declared if "TIMESTAMP" in kind or "DATETIME" in kind)


def _line(row: dict[str, Any], times: frozenset[str]) -> bytes:
    for name, value in row.items():
        if isinstance(value, bytes):
            row[name] = {"base64": base64.b64encode(value).decode("ascii")}
        elif isinstance(value, float) and not math.isfinite(value):
            row[name] = str(value)
        elif name in times and isinstance(value, str) and _NAIVE.match(value):
            row[name] = f"{value}+00:00"
    try:
        return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # bytes that are no UTF-8: they stay as they are, and the record says so
        text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "surrogateescape") + b"\n"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _refused(what: SqliteFile | Table, error: Exception, rows: int = 0) -> InputError:
    """What SQLite says, and what to do about it."""
    said = elide(str(error).rstrip("."), 200)
    code = getattr(error, "sqlite_errorname", "SQLITE_CORRUPT")
    after = f" after row {rows:,}" if rows else ""
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return InputError(
            f"{what} is locked by another program.",
            remedy="Close that, or import a copy of it: sqlite3 FILE '.backup COPY'",
        )
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR")):
        return InputError(
            f"{what} is damaged{after}: {said}.",
            remedy="Fetch the file again with its -wal and -journal, or recover what is whole: "
            "sqlite3 FILE .recover | sqlite3 COPY",
        )
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return InputError(
            f"{what} has a journal beside it that SQLite must read first, and cannot here: {said}.",
            remedy="Copy the file and its journal to a folder of yours, open the copy once with "
            "sqlite3, and import that.",
        )
    return InputError(f"{what} cannot be read{after}: {said}.", remedy="Check the file.")
