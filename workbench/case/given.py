"""What was given: batches with their frames, exchanges, rejects. Append-only.

Reads are safe from any thread (a cursor each); there is one writer, the open batch. What it
appends stays hidden until the batch is closed. This room must not read log files.
"""

from __future__ import annotations

import json
import secrets
import shutil
import threading
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.case.batches import Batch, closed_batches, dump, written_options
from workbench.case.clock import moment, now_us
from workbench.case.database import translated
from workbench.case.milestones import Milestones, left_behind, note_going_on, went_on
from workbench.case.sizes import Sizes, take_back
from workbench.case.statements import statement
from workbench.domain.door import Door
from workbench.domain.errors import CaseError, InputError, InterruptedImportError
from workbench.domain.exchange import Accounting, Frame
from workbench.domain.interrupted import GO_ON, NOTHING_WAITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb
    import pyarrow as pa
    from numpy.typing import NDArray

    from workbench.case.batch import OpenBatch
    from workbench.case.database import Database
    from workbench.case.milestones import LeftBehind, Milestone
    from workbench.domain.interrupted import Interrupted, Plan, WentOn
    from workbench.domain.ports import ReadOptions, TextKeeper

_ALL: Final = 2**62
#: Of the case's databases. An import writes, and reads next to nothing again; what recognises
#: copies and values takes the memory.
_WHILE_IMPORTING: Final = "256MB"
_SAFE: Final = "The case is as it was before the import."


class GivenStore:
    """given.duckdb.

    Args:
        database: The open databases of the case.
        write: Whether imports are allowed.
        folder: The case folder.
        there: Whether the case is new enough for imports that go on.
    """

    def __init__(
        self, database: Database, *, write: bool, folder: Path, there: bool = True
    ) -> None:
        self._database = database
        self._write = write
        #: There as long as an import may go on.
        self._marker = folder / "unfinished"
        self._there = there
        #: When the import began that was taken back as the case was opened; empty without one.
        self.taken_back = ""
        self._open: OpenBatch | None = None
        self._writing = threading.Lock()

    # --- set-up ------------------------------------------------------------------------------
    def create(self) -> None:
        """Make the tables of an empty case."""
        with self._cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(statement("given_schema"))
            cursor.execute(statement("added_schema"))
            cursor.execute(statement("kept_schema"))
            cursor.execute(statement("milestones_schema"))
            cursor.execute(statement("purged_schema"))
            cursor.execute("INSERT INTO secrets VALUES ('marks', ?)", [secrets.token_bytes(16)])
            cursor.execute("COMMIT")
            cursor.execute("CHECKPOINT given")

    def recover(self) -> bool:
        """Take back a batch that was left open and cannot go on. True if there was one."""
        for left in self._halves_spill.parent.glob(f"{self._halves_spill.name}*"):
            shutil.rmtree(left, ignore_errors=True)  # records of a log lie in it
        if self.interrupted() is not None:
            return False
        self.taken_back = self.cut_short()
        return self.roll_back()

    # --- what was cut short ------------------------------------------------------------------
    def interrupted(self) -> Interrupted | None:
        """The import that a process left behind and that may go on; None where there is none."""
        found = self._left_behind()
        return None if found is None else found.told(went_on(self._marker))

    def went_on(self) -> tuple[WentOn, ...]:
        """Each time that the import went on that now runs; nothing where it was never cut short."""
        return went_on(self._marker) if self._marker.exists() else ()

    def cut_short(self) -> str:
        """When the import began that was cut short and cannot go on; empty without one.

        The next process that opens the case for writing takes it back.
        """
        if (self._open is not None and self._open.is_open) or self._left_behind() is not None:
            return ""
        with self._cursor() as cursor, self._database.settling:
            row = cursor.execute("SELECT opened_us FROM batches WHERE state = 'open'").fetchone()
        return "" if row is None else moment(row[0])

    def _left_behind(self) -> LeftBehind | None:
        running = self._open is not None and self._open.is_open
        if running or not self._there or not self._marker.exists():
            return None
        with self._cursor() as cursor, self._database.settling:
            return left_behind(cursor)

    def roll_back(self) -> bool:
        """Take back a batch that was left open. True if there was one.

        Raises:
            CaseError: The case is open for reading only, or an import is running.
            StorageError: The disk is full or failing.
        """
        self._refuse_if_running()
        with self._cursor() as cursor, self._database.settling:
            self._marker.unlink(missing_ok=True)  # see _take_back
            rows = cursor.execute("SELECT batch_id FROM batches WHERE state = 'open'").fetchall()
            if rows:
                take_back(cursor, Sizes.closed(cursor), [row[0] for row in rows])
            return bool(rows)

    def go_on(self, keeper: TextKeeper | None = None) -> OpenBatch:
        """Open the batch that was left behind, as it was at its last milestone.

        Raises:
            CaseError: There is none, the case is open for reading only, or an import is running.
            StorageError: The disk is full or failing.
        """
        with self._writing:
            self._refuse_if_running()
            found = self._left_behind()
            if found is None:
                raise CaseError(NOTHING_WAITS)
            told, start = found.told(), found.milestone
            with translated("The case folder", safe="The import can still go on."):
                note_going_on(self._marker, told.records)
            with self._cursor() as cursor, self._database.settling:
                cursor.execute("BEGIN")
                start.cut_off(cursor, told.batch_id)
                cursor.execute("COMMIT")
                sizes = Sizes.closed(cursor)
            cursor = self._database.cursor("given")
            milestones = Milestones(self._marker, told.batch_id, None, found.number)
            self._open = self._opened(
                cursor, told.batch_id, told.frame, sizes, keeper, milestones, start
            )
            return self._open

    # --- writing -----------------------------------------------------------------------------
    def begin(
        self,
        frame: Frame,
        options: ReadOptions,
        door: Door | None = None,
        keeper: TextKeeper | None = None,
        plan: Plan | None = None,
        heads: Mapping[str, str] | None = None,
    ) -> OpenBatch:
        """Open a batch; there is one at a time.

        Args:
            frame: Where its logs come from.
            options: How they are read.
            door: What is left out of what it will be given; None for nothing.
            keeper: Says what is kept of texts, where these are left out.
            plan: What it needs to go on when it is cut short; None where it cannot.
            heads: By the paths of its files the line that says what lies in their columns.

        Raises:
            CaseError: The case is open for reading only, or an import is running, or interrupted.
            StorageError: The disk is full or failing.
        """
        with self._writing:
            self._refuse_if_busy()
            said = written_options(options, door or Door(), heads or {})
            self._open = self._begin(frame, said, keeper, plan)
            return self._open

    def _begin(
        self,
        frame: Frame,
        options: Mapping[str, Any],
        keeper: TextKeeper | None,
        plan: Plan | None,
    ) -> OpenBatch:
        cursor = self._database.cursor("given")
        with translated("given.duckdb of the case", safe=_SAFE):
            with self._database.settling:
                sizes = Sizes.closed(cursor)
                ((batch_id,),) = cursor.execute(
                    "SELECT coalesce(max(batch_id), 0) + 1 FROM batches"
                ).fetchall()
            cursor.execute(
                "INSERT INTO batches (batch_id, state, opened_us, frame, options) "
                "VALUES (?, 'open', ?, ?, ?)",
                [batch_id, now_us(), dump(asdict(frame)), dump(options)],
            )
            milestones = Milestones(self._marker, batch_id, plan) if plan else None
            return self._opened(cursor, batch_id, frame, sizes, keeper, milestones)

    def _opened(
        self,
        cursor: duckdb.DuckDBPyConnection,
        batch_id: int,
        frame: Frame,
        sizes: Sizes,
        keeper: TextKeeper | None,
        milestones: Milestones | None,
        start: Milestone | None = None,
    ) -> OpenBatch:
        # Imported here: it brings numba with it, and only an import needs it.
        from workbench.case.batch import OpenBatch

        self._database.limit(_WHILE_IMPORTING)
        return OpenBatch(
            cursor,
            batch_id=batch_id,
            frame=frame,
            sizes=sizes,
            key=self._mark_key,
            settling=self._database.settling,
            spill=self._halves_spill,
            take_back=lambda: self._take_back(cursor, sizes, batch_id),
            release=self._database.limit,
            keeper=keeper,
            milestones=milestones,
            start=start,
        )

    @property
    def _halves_spill(self) -> Path:
        return self._database.spill.with_name("spill-halves")

    def _take_back(self, cursor: duckdb.DuckDBPyConnection, sizes: Sizes, batch_id: int) -> None:
        # First of all: from here on it does not go on, even if the rest cannot be done.
        self._marker.unlink(missing_ok=True)
        with self._database.settling:
            take_back(cursor, sizes, [batch_id])

    def _refuse_if_busy(self) -> None:
        self._refuse_if_running()
        left = self.interrupted()
        if left is not None:
            raise InterruptedImportError(left.fact, remedy=GO_ON, safe="Nothing was changed.")

    def _refuse_if_running(self) -> None:
        if not self._write:
            raise CaseError(
                "The case is open for reading only, so nothing can be added to it.",
                remedy="Open it for writing.",
            )
        if self._open is not None and self._open.is_open:
            raise CaseError(
                "An import into this case is running.", remedy="Wait until it has ended."
            )

    def check_free(self) -> None:
        """Refuse to begin what could not be written.

        Raises:
            CaseError: The case is open for reading only, or an import is running.
        """
        with self._writing:
            self._refuse_if_busy()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While something else is written: no import begins.

        Raises:
            CaseError: The case is open for reading only, or an import is running.
        """
        with self._writing:
            self._refuse_if_busy()
            yield

    def amend_frame(self, batch_id: int, frame: Frame) -> None:
        """Say later what was not said of an import; what was said before stays on record.

        Raises:
            InputError: No such batch, or ``system`` or ``zone`` would change: they took effect
                when the records were read.
            CaseError: The case is open for reading only, or an import is running.
            StorageError: The disk is full or failing.
        """
        with self._writing:
            self._refuse_if_busy()
            self._amend(batch_id, frame)

    def _amend(self, batch_id: int, frame: Frame) -> None:
        standing = next((b.frame for b in self.batches() if b.batch_id == batch_id), None)
        if standing is None:
            raise InputError(
                f"The case has no import {batch_id}.", remedy="Choose one that info lists."
            )
        for name in ("system", "zone"):
            then = getattr(standing, name)
            if getattr(frame, name) != then:
                raise InputError(
                    f"The {name} of import {batch_id} cannot change: its records were read, named "
                    f"and compared {f'with {then!r}' if then else 'without one'}.",
                    remedy="Import the files into a new case with it.",
                    safe="Nothing was changed.",
                )
        with self._cursor() as cursor:
            cursor.execute(
                "INSERT INTO frames VALUES (?, ?, ?)", [batch_id, now_us(), dump(asdict(frame))]
            )
            with self._database.settling:
                cursor.execute("CHECKPOINT given")

    # --- reading -----------------------------------------------------------------------------
    def sizes(self) -> Sizes:
        """How many exchanges, prompts, ... the closed batches hold."""
        with self._cursor() as cursor, self._database.settling:
            return Sizes.closed(cursor)

    def holds_source(self, sha256: str, system: str | None = None) -> bool:
        """Whether a file with these bytes was imported, by ``system`` or, if None, by any."""
        with self._cursor() as cursor, self._database.settling:
            rows = cursor.execute(
                "SELECT b.frame FROM sources s JOIN batches b USING (batch_id) "
                "WHERE s.sha256 = ? AND b.state = 'closed'",
                [sha256],
            ).fetchall()
        return any(system is None or json.loads(row[0])["system"] == system for row in rows)

    def accounting(self) -> Accounting:
        """Fates of all records of all closed batches."""
        return sum((batch.accounting for batch in self.batches()), Accounting())

    def batches(self) -> list[Batch]:
        """Closed batches with their frames, in order."""
        with self._cursor() as cursor, self._database.settling:
            return closed_batches(cursor)

    def door(self) -> Door | None:
        """What every import so far left out; None where there was none yet."""
        batches = self.batches()
        return Door.of(batches[-1].options.get("door", {})) if batches else None

    def sources(self) -> pa.Table:
        """Files of closed batches: the columns of table ``sources``, in order."""
        return self._table("SELECT * FROM sources WHERE source_id < $sources ORDER BY source_id")

    def rejects(self, *, offset: int = 0, limit: int | None = None) -> pa.Table:
        """Records that could not be read: source_id, path, record_no, byte_offset, reason, raw.

        Args:
            offset: Skip so many.
            limit: At most so many; None for all.
        """
        return self._table(
            "SELECT r.source_id, s.path, r.record_no, r.byte_offset, r.reason, r.raw "
            "FROM rejects r JOIN sources s USING (source_id) WHERE r.source_id < $sources "
            "ORDER BY r.source_id, r.byte_offset, r.record_no LIMIT $limit OFFSET $offset",
            limit=_ALL if limit is None else limit,
            offset=offset,
        )

    def _table(self, text: str, **params: int) -> pa.Table:
        with self._cursor() as cursor:
            with self._database.settling:
                sizes = Sizes.closed(cursor)
            bound = {"sources": sizes.sources, **params}
            return cursor.sql(text, params=bound).to_arrow_table()

    @cached_property
    def _mark_key(self) -> NDArray[np.uint64]:
        with self._cursor() as cursor:
            ((key,),) = cursor.execute("SELECT value FROM secrets").fetchall()
        return np.frombuffer(key, np.uint64)

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._database.cursor("given")
        try:
            with translated("given.duckdb of the case"):
                yield cursor
        finally:
            cursor.close()
