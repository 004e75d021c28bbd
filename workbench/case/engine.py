"""The port ``Engine`` on DuckDB: statements over the views of the logical schema.

An engine shows the closed batches of the moment it was made: an import that closes meanwhile
changes no result between two statements. This room must not write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.case.database import translated
from workbench.case.layer import RELATIONS, look_into
from workbench.case.sizes import Sizes
from workbench.domain.account import IdentityKind, IdentityLevel

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    import pyarrow as pa

    from workbench.case.database import Database
    from workbench.case.gate import Gate
    from workbench.case.layer import Layer
    from workbench.domain.ports import Statement

#: Identity kinds from the finest to the coarsest, and their columns.
_COLUMN_OF: Final = {
    IdentityKind.KEY: "key_id",
    IdentityKind.USER: "user_id",
    IdentityKind.ORGANISATION: "org_id",
    IdentityKind.ADDRESS: "fallback_id",
}


class CaseEngine:
    """One thread's access to what was given.

    Args:
        database: The open databases of the case.
        identity: The level that the case takes as account.
        layer: What was added beside the logs.
        gate: Which texts it shows; all of them when None.
    """

    def __init__(
        self,
        database: Database,
        identity: IdentityLevel,
        layer: Layer,
        gate: Gate | None = None,
    ) -> None:
        self._database = database
        self._gate = gate
        self._closed = False
        self._tables: dict[str, pa.Table] = {}
        self._scanning: list[duckdb.DuckDBPyConnection] = []
        cursor = database.cursor("given")
        with translated("given.duckdb of the case"):
            with database.settling:
                self._sizes = Sizes.closed(cursor)
            self.level = resolved_level(cursor, identity, self._sizes)
            order = [self.level, *(kind for kind in _COLUMN_OF if kind is not self.level)]
            account = f"coalesce({', '.join(_COLUMN_OF[kind] for kind in order)})"
            self._layer, self._schema = layer, layer.enter(self._sizes, self.level, account)
            self._enter(cursor)
            self._cursor = cursor

    def table(self, statement: Statement, /, **params: Any) -> pa.Table:
        """The whole result.

        Raises:
            CancelledError: ``interrupt`` was called.
            StorageError: The disk failed, or the statement needed more memory than allowed.
        """
        with translated("given.duckdb of the case"):
            return self._cursor.sql(statement.text, params=params or None).to_arrow_table()

    def scan(
        self, statement: Statement, /, *, rows: int = 65_536, **params: Any
    ) -> Iterator[pa.RecordBatch]:
        """The result in order, in batches of at most ``rows``.

        Other statements, also other scans, may run before it ends: it has a cursor of its own.
        """
        cursor = self._entered()
        for name, table in self._tables.items():
            cursor.register(name, table)
        self._scanning.append(cursor)
        try:
            with translated("given.duckdb of the case"):
                reader = cursor.sql(statement.text, params=params or None).to_arrow_reader(rows)
            while True:
                with translated("given.duckdb of the case"):
                    try:
                        block = reader.read_next_batch()
                    except StopIteration:
                        return
                if block.num_rows:
                    yield block
        finally:
            self._scanning.remove(cursor)
            cursor.close()

    def with_table(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table visible to this engine's statements under ``name``.

        Raises:
            ValueError: A view has that name.
        """
        if name in RELATIONS:
            raise ValueError(f"{name} is a view of the logical schema")
        self._tables[name] = table
        self._cursor.register(name, table)

    def interrupt(self) -> None:
        """End the running statement, from another thread; it raises ``CancelledError``."""
        for cursor in (self._cursor, *self._scanning):
            cursor.interrupt()

    def close(self) -> None:
        """Give the cursor back. Closing twice is fine."""
        if self._closed:
            return
        self._closed = True
        self._cursor.close()
        for cursor in self._scanning:
            cursor.close()
        self._layer.leave(self._schema)

    def _entered(self) -> duckdb.DuckDBPyConnection:
        """A new cursor that sees the schema of this engine."""
        cursor = self._database.cursor("given")
        self._enter(cursor)
        return cursor

    def _enter(self, cursor: duckdb.DuckDBPyConnection) -> None:
        look_into(cursor, self._schema)
        if self._gate is not None:
            self._gate.close_to(cursor, f"memory.{self._schema}")


def resolved_level(
    cursor: duckdb.DuckDBPyConnection, identity: IdentityLevel, sizes: Sizes
) -> IdentityKind:
    """The kind that is "account": as chosen, or the finest that the case holds."""
    if identity is not IdentityLevel.AUTO:
        return IdentityKind(identity.value)
    rows = cursor.execute(
        "SELECT DISTINCT kind FROM identities WHERE identity_id < ?", [sizes.identities]
    ).fetchall()
    present = {IdentityKind(row[0]) for row in rows} - {IdentityKind.ADDRESS}
    return next((kind for kind in _COLUMN_OF if kind in present), IdentityKind.KEY)
