"""Tables of databases: each is a log of its own, named ``litellm.db#TABLE``, a row a line of JSON.

A row becomes the record that an export of the table holds, so that the formats read it as they
read exports. Must not know how a database is asked: that is for ``sqlite`` and ``postgres``.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from workbench.domain.errors import InputError
from workbench.domain.text import elide
from workbench.formats.beginning import listed, nearest
from workbench.formats.place import Raw, Spooled, empty

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from workbench.domain.progress import JobContext

#: Between the name of a database and that of a table.
MARK: Final = "#"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: As the table has it.
        type: As the database declares it.
    """

    name: str
    type: str


class Database(Protocol):
    """What holds tables. As text: its name, for messages and the case, without any password."""

    @property
    def identity(self) -> object:
        """Equal for two names of one database."""
        ...

    def about(self, job: JobContext) -> str:
        """What it is, for the reason of a source: "an SQLite database of SHA-256 ...".

        Raises:
            InputError: It cannot be read.
            CancelledError: The user cancelled.
        """
        ...

    def blocks(self, table: Table) -> Generator[bytes, None, None]:
        """The rows of a table, each a line of JSON; some megabytes of whole lines at a time.

        Raises:
            InputError: It cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Table:
    """A table, as a place: its bytes are its rows as lines of JSON.

    Attributes:
        database: What holds it.
        name: As a person names it behind the ``#``.
        columns: In the order of the table.
        relation: Its name as a statement has it.
        key: The columns that its rows are ordered by; empty where they have no order of their own.
        size: About how many bytes it takes, for progress: what it gives is known at its end.
    """

    database: Database
    name: str
    columns: tuple[Column, ...]
    relation: str
    key: tuple[str, ...]
    size: int

    def __str__(self) -> str:
        return f"{self.database}{MARK}{self.name}"

    @property
    def short(self) -> str:
        """The name of the table."""
        return self.name

    @property
    def identity(self) -> object:
        """The database's, and which table of it."""
        return self.database.identity, self.name

    @property
    def state(self) -> object:
        """Always the same: a database shows one moment, or says itself that it changed."""
        return self.identity

    @property
    def is_known(self) -> bool:
        """Whether LiteLLM or Langfuse made it. Both write UTC into columns without a zone."""
        names = {column.name for column in self.columns}
        table = self.name.rpartition(".")[2]
        return any(table == name and needs <= names for name, needs in _KNOWN)

    def open(self) -> Raw:
        """Its rows from the first.

        Raises:
            InputError: It has none, or cannot be read.
        """
        blocks = self.database.blocks(self)
        first = next(blocks, b"")
        if not first:
            blocks.close()
            raise empty(self)
        return _Lines(blocks, first)

    def seekable(self) -> Path | BinaryIO:
        """A file of its lines, written anew, and gone when it is closed."""
        raw = self.open()
        try:
            return Spooled(str(self), raw).seekable()
        finally:
            raw.close()

    def told(self, job: JobContext) -> str:
        """What its bytes are, for the reason of the source.

        Raises:
            InputError: The database cannot be read.
            CancelledError: The user cancelled.
        """
        order = f"in the order of {', '.join(self.key)}" if self.key else "which have no order"
        return (
            f"table {self.name} of {self.database.about(job)}, its rows as lines of JSON, {order}; "
            "size and SHA-256 are of these lines"
        )


class _Lines:
    """One look at the lines of a table."""

    def __init__(self, blocks: Generator[bytes, None, None], first: bytes) -> None:
        self._blocks = blocks
        self._block = io.BytesIO(first)

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; empty at the end."""
        data = self._block.read(size)
        while not data:
            block = next(self._blocks, b"")
            if not block:
                return b""
            self._block = io.BytesIO(block)
            data = self._block.read(size)
        return data

    def close(self) -> None:
        self._blocks.close()


#: Tables that are looked for, and columns that they have and others of that name do not: the
#: proxy's spend logs (LiteLLM's schema.prisma); observations and traces (Langfuse's).
_KNOWN: Final = (
    ("LiteLLM_SpendLogs", {"request_id", "call_type", "startTime", "api_key"}),
    ("observations", {"id", "trace_id", "project_id", "type", "start_time"}),
    ("traces", {"id", "project_id", "user_id", "timestamp", "public"}),
)


def chosen(database: Database, tables: Sequence[Table], name: str) -> list[Table]:
    """The tables that are meant: the one that is named, else the known ones, else the only one.

    Known tables without rows are left out where another one has some.

    Args:
        database: What holds them, for messages.
        tables: All that it holds.
        name: Of a table, perhaps with its schema; empty for none.

    Raises:
        InputError: There is no such table, none that is known, or none at all. It lists them.
    """
    if not tables:
        raise InputError(
            f"{database} holds no tables that can be seen.",
            remedy="Check that it is the right database, and your rights in it.",
        )
    names = [table.name for table in tables]
    if name:
        return [_named(database, tables, names, name)]
    known = [table for table in tables if table.is_known]
    if len(known) > 1:
        known = [table for table in known if not _is_empty(table)] or known
    if known or len(tables) == 1:
        return known or list(tables)
    raise InputError(
        f"{database} holds no table that is known here: its tables are {listed(names)}.",
        remedy=f"Name one behind a #, as in '{database}{MARK}{elide(names[0], 60)}', and its "
        "columns with --map where they are not told by their names.",
    )


def _named(database: Database, tables: Sequence[Table], names: list[str], name: str) -> Table:
    for table in tables:
        if name == table.name:
            return table
    # Without its schema, or as somebody types it.
    same = [t for t in tables if name.casefold() == t.name.rpartition(".")[2].casefold()]
    if len(same) == 1:
        return same[0]
    meant = nearest(name, names)
    raise InputError(
        f"{database} holds {'several tables' if same else 'no table'} called {elide(name, 60)}: "
        f"its tables are {listed(names)}.",
        remedy=f"Did you mean {meant}?" if meant and not same else "Name one of these.",
    )


def _is_empty(table: Table) -> bool:
    blocks = table.database.blocks(table)
    try:
        return not next(blocks, b"")
    finally:
        blocks.close()
