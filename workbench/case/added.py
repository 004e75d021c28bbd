"""The tables that are added to a case beside its logs: their rows, their sources, their removal.

A table is gathered apart, in memory that may spill, and then written by one transaction and made
durable by one checkpoint: it is there whole or not at all. This room must not read files, nor say
what the rows mean for the views (``layer`` does).
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import duckdb
import pyarrow as pa

from workbench.case.added_rows import (
    forget,
    insert,
    run,
    settling,
    sweep,
    table_of,
    with_matches,
)
from workbench.case.clock import now_us
from workbench.case.database import translated
from workbench.case.engine import resolved_level
from workbench.case.sizes import Sizes
from workbench.domain.added import ADDED_SCHEMAS, AddedKind, AddedRows, AddedTable
from workbench.domain.errors import InputError
from workbench.domain.exchange import REJECT_SCHEMA, Accounting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from workbench.case.database import Database
    from workbench.case.given import GivenStore
    from workbench.case.layer import Layer
    from workbench.domain.account import IdentityKind, IdentityLevel

_WHAT: Final = "given.duckdb of the case"
_NO_REJECTS: Final = pa.schema(
    [("added_id", pa.int32()), ("path", pa.string()), *REJECT_SCHEMA]
).empty_table()
_SAFE: Final = "The case is as it was before the table."


class AddedStore:
    """The added tables of an open case.

    Args:
        database: The open databases.
        given: The store of the logs: imports and tables are written one after the other.
        layer: What the views make of them; told of each change.
        identity: The level that the case takes as account.
        there: Whether the case has the tables of the layer.
    """

    def __init__(
        self,
        database: Database,
        given: GivenStore,
        layer: Layer,
        *,
        identity: IdentityLevel,
        there: bool,
    ) -> None:
        self._database = database
        self._given = given
        self._layer = layer
        self._identity = identity
        self._there = there

    # --- reading -----------------------------------------------------------------------------
    def tables(self, *, counted: bool = True) -> list[AddedTable]:
        """The tables that stand, in the order in which they were added.

        Args:
            counted: Count how many rows are about what the case holds; without, these are 0.
        """
        if not self._there:
            return []
        with self._cursor() as cursor, self._database.settling:
            sizes = Sizes.closed(cursor)
            level = resolved_level(cursor, self._identity, sizes)
            rows = cursor.sql(
                "FROM added WHERE added_id NOT IN (SELECT added_id FROM added_removed) "
                "ORDER BY added_id"
            ).to_arrow_table()
            tables = [table_of(row) for row in rows.to_pylist()]
            if not counted:
                return tables
            return [with_matches(cursor, table, sizes, level) for table in tables]

    @property
    def state(self) -> tuple[object, ...]:
        """Which tables stand: another value after each change. Cheap."""
        return self._layer.standing()

    def rejects(self) -> pa.Table:
        """Records that could not be read: added_id, path, record_no, byte_offset, reason, raw."""
        if not self._there:
            return _NO_REJECTS
        with self._cursor() as cursor, self._database.settling:
            return cursor.sql(
                "SELECT r.added_id, t.path, r.record_no, r.byte_offset, r.reason, r.raw "
                "FROM added_rejects r JOIN added t USING (added_id) "
                "ORDER BY r.added_id, r.record_no"
            ).to_arrow_table()

    def addresses(self, first: int) -> pa.Table:
        """Addresses of the case from a code on: address_id, value; in order."""
        with self._cursor() as cursor, self._database.settling:
            sizes = Sizes.closed(cursor)
            return cursor.sql(
                "SELECT address_id, value FROM addresses "
                "WHERE address_id >= $first AND address_id < $addresses ORDER BY address_id",
                params={"first": first, "addresses": sizes.addresses},
            ).to_arrow_table()

    @property
    def level(self) -> IdentityKind:
        """The kind of identity that rows mean which say none: what the case takes as account."""
        with self._cursor() as cursor, self._database.settling:
            return resolved_level(cursor, self._identity, Sizes.closed(cursor))

    # --- writing -----------------------------------------------------------------------------
    def begin(self, kind: AddedKind) -> OpenTable:
        """Gather a table; nothing of it is in the case before ``finish``.

        Raises:
            CaseError: The case is open for reading only, or an import is running.
        """
        self._given.check_free()
        cursor = self._database.cursor("given")
        return OpenTable(self, cursor, kind)

    def remove(self, added_id: int) -> AddedTable:
        """Take a table out: views are as if it had not been added, and its rows are deleted.

        Returns:
            What was taken out.

        Raises:
            InputError: No table that stands has this number.
            CaseError: The case is open for reading only, or an import is running.
            StorageError: The disk is full or failing; the table stands.
        """
        found = next((one for one in self.tables() if one.added_id == added_id), None)
        if found is None:
            raise InputError(
                f"The case has no added table {added_id}.",
                remedy="Choose one of those that workbench join CASE lists.",
            )
        with self._given.alone(), self._cursor() as cursor:
            with self._layer.changing():
                self._durable(
                    cursor,
                    lambda: run(
                        cursor, "INSERT INTO added_removed VALUES (?, ?)", added_id, now_us()
                    ),
                    lambda: run(cursor, "DELETE FROM added_removed WHERE added_id = ?", added_id),
                )
            # From here on nobody sees it. Where its rows cannot be deleted now they are when the
            # case is opened next.
            with suppress(duckdb.Error):
                self._durable(cursor, lambda: sweep(cursor), lambda: None)
        return found

    def sweep(self) -> None:
        """Delete rows of tables that were taken out when the disk was too full to delete them."""
        if self._there:
            with self._cursor() as cursor:
                sweep(cursor)

    def write(self, cursor: duckdb.DuckDBPyConnection, about: AddedTable) -> AddedTable:
        """For ``OpenTable``: its settled rows into the case, as a new table or as more of one.

        Raises:
            CaseError: The case is open for reading only, or an import is running.
            StorageError: The disk is full or failing; the case is as it was.
        """
        before = next(
            (one for one in self.tables(counted=False) if one.added_id == about.added_id), None
        )
        with self._given.alone(), translated(_WHAT, safe=_SAFE), self._layer.changing():
            if before is None:
                ((number,),) = cursor.execute(
                    "SELECT coalesce(max(added_id), 0) + 1 FROM added"
                ).fetchall()
                about = replace(about, added_id=number)
            self._durable(
                cursor,
                lambda: insert(cursor, about),
                lambda: forget(cursor, about, before),
            )
            return about

    def _durable(
        self,
        cursor: duckdb.DuckDBPyConnection,
        change: Callable[[], None],
        undo: Callable[[], None],
    ) -> None:
        """One transaction and one checkpoint; what did not reach the disk is undone in memory."""
        with self._database.settling:
            try:
                cursor.execute("BEGIN")
                change()
                cursor.execute("COMMIT")
                cursor.execute("CHECKPOINT given")
            except duckdb.Error:
                with suppress(duckdb.Error):
                    cursor.execute("ROLLBACK")
                with suppress(duckdb.Error):
                    undo()
                raise

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._database.cursor("given")
        try:
            with translated(_WHAT, safe=_SAFE):
                yield cursor
        finally:
            cursor.close()


class OpenTable:
    """A table that is being gathered. Use as a context manager; ``finish`` writes it.

    Args:
        store: The store.
        cursor: Its own cursor on given; closed at the end.
        kind: What it is about.
    """

    def __init__(
        self, store: AddedStore, cursor: duckdb.DuckDBPyConnection, kind: AddedKind
    ) -> None:
        self._store = store
        self._cursor = cursor
        self._kind = kind
        self._counts: Counter[str] = Counter()
        self._coerced: Counter[str] = Counter()
        self._settled: Accounting | None = None
        for name, schema in (("incoming", ADDED_SCHEMAS[kind]), ("refused", REJECT_SCHEMA)):
            cursor.register("sample", schema.empty_table())
            cursor.execute(f"CREATE TEMP TABLE {name} AS FROM sample")
            cursor.unregister("sample")

    def __enter__(self) -> OpenTable:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cursor.close()

    def append(self, block: AddedRows) -> None:
        """Gather a block.

        Raises:
            StorageError: What does not fit into memory does not fit on the disk either.
        """
        with translated(_WHAT, safe=_SAFE):
            for text, rows in (
                ("INSERT INTO incoming BY NAME FROM block", block.rows),
                ("INSERT INTO refused BY NAME FROM block", block.rejects),
            ):
                if rows.num_rows:
                    self._cursor.register("block", pa.table(rows))
                    self._cursor.execute(text)
                    self._cursor.unregister("block")
        self._settled = None
        self._counts["rejected"] += block.rejects.num_rows
        self._counts["blank"] += block.blank
        self._counts["header"] += block.header
        self._coerced.update(block.coerced)

    def settle(self) -> tuple[Accounting, int | None]:
        """Give each row its fate.

        Returns:
            Fates of all records so far, and the number of the first record in conflict, if any.
        """
        with translated(_WHAT, safe=_SAFE):
            self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE settled AS {settling(self._kind)}")
            rows = self._cursor.execute(
                "SELECT fate, count(*) FROM settled GROUP BY fate"
            ).fetchall()
            first: int | None = None
            if "record_no" in ADDED_SCHEMAS[self._kind].names:
                ((first,),) = self._cursor.execute(
                    "SELECT min(record_no) FROM settled WHERE fate = 'conflict'"
                ).fetchall()
        counts = dict(self._counts) | {fate: int(n) for fate, n in rows}
        self._settled = Accounting(**counts, coerced=self._coerced.total())
        return self._settled, first

    def first_reject(self) -> tuple[int, str]:
        """Number and reason of the first record that was rejected; there must be one."""
        with translated(_WHAT, safe=_SAFE):
            ((number, reason),) = self._cursor.execute(
                "SELECT record_no, reason FROM refused ORDER BY record_no LIMIT 1"
            ).fetchall()
        return int(number), str(reason)

    def finish(self, about: AddedTable) -> AddedTable:
        """Write the settled rows; from here on the views are filled from them.

        Args:
            about: Where they come from; with the number of a table that stands, more of that one.

        Raises:
            CaseError: The case is open for reading only, or an import is running.
            StorageError: The disk is full or failing; the case is as it was.
        """
        accounting = self._settled or self.settle()[0]
        about = replace(
            about,
            at_us=about.at_us or now_us(),
            accounting=about.accounting + accounting,
            coerced_columns=dict(sorted((Counter(about.coerced_columns) + self._coerced).items())),
        )
        return self._store.write(self._cursor, about)
