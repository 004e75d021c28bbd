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
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.case.clock import now_us
from workbench.case.database import translated
from workbench.case.sizes import Sizes, take_back
from workbench.case.statements import statement
from workbench.domain.door import Door
from workbench.domain.errors import CaseError, InputError
from workbench.domain.exchange import Accounting, Frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb
    import pyarrow as pa
    from numpy.typing import NDArray

    from workbench.case.batch import OpenBatch
    from workbench.case.database import Database
    from workbench.domain.ports import ReadOptions, TextKeeper

_ALL: Final = 2**62
#: Of the case's databases. An import writes, and reads next to nothing again; what recognises
#: copies and values takes the memory.
_WHILE_IMPORTING: Final = "256MB"
_SAFE: Final = "The case is as it was before the import."


@dataclass(frozen=True, slots=True)
class Batch:
    """One closed import.

    Attributes:
        batch_id: From 1.
        opened_us: UTC microseconds.
        closed_us: UTC microseconds.
        frame: As it now stands, later additions included.
        options: How files were read: zone and mapping; and ``door``, where something was left out.
        accounting: Fates of the records of all its files.
    """

    batch_id: int
    opened_us: int
    closed_us: int
    frame: Frame
    options: Mapping[str, Any]
    accounting: Accounting


class GivenStore:
    """given.duckdb.

    Args:
        database: The open databases of the case.
        write: Whether imports are allowed.
    """

    def __init__(self, database: Database, *, write: bool) -> None:
        self._database = database
        self._write = write
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
            cursor.execute("INSERT INTO secrets VALUES ('marks', ?)", [secrets.token_bytes(16)])
            cursor.execute("COMMIT")
            cursor.execute("CHECKPOINT given")

    def recover(self) -> bool:
        """Take back a batch that was left open by a process that ended. True if there was one."""
        for left in self._halves_spill.parent.glob(f"{self._halves_spill.name}*"):
            shutil.rmtree(left, ignore_errors=True)  # records of a log lie in it
        with self._cursor() as cursor:
            rows = cursor.execute("SELECT batch_id FROM batches WHERE state = 'open'").fetchall()
            if rows:
                take_back(cursor, Sizes.closed(cursor), [row[0] for row in rows])
            return bool(rows)

    # --- writing -----------------------------------------------------------------------------
    def begin(
        self,
        frame: Frame,
        options: ReadOptions,
        door: Door | None = None,
        keeper: TextKeeper | None = None,
    ) -> OpenBatch:
        """Open a batch; there is one at a time.

        Args:
            frame: Where its logs come from.
            options: How they are read.
            door: What is left out of what it will be given; None for nothing.
            keeper: Says what is kept of texts, where these are left out.

        Raises:
            CaseError: The case is open for reading only, or an import is running.
            StorageError: The disk is full or failing.
        """
        with self._writing:
            self._refuse_if_busy()
            self._open = self._begin(frame, options, door or Door(), keeper)
            return self._open

    def _begin(
        self, frame: Frame, options: ReadOptions, door: Door, keeper: TextKeeper | None
    ) -> OpenBatch:
        # Imported here: it brings numba with it, and only an import needs it.
        from workbench.case.batch import OpenBatch

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
                [batch_id, now_us(), _dump(asdict(frame)), _dump(_options(options, door))],
            )
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
            )

    @property
    def _halves_spill(self) -> Path:
        return self._database.spill.with_name("spill-halves")

    def _take_back(self, cursor: duckdb.DuckDBPyConnection, sizes: Sizes, batch_id: int) -> None:
        with self._database.settling:
            take_back(cursor, sizes, [batch_id])

    def _refuse_if_busy(self) -> None:
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
            if getattr(frame, name) != getattr(standing, name):
                raise InputError(
                    f"The {name} of import {batch_id} cannot change: its records were read, "
                    f"named and compared with {getattr(standing, name)!r}.",
                    remedy="Import the files into a new case with it.",
                    safe="Nothing was changed.",
                )
        with self._cursor() as cursor:
            cursor.execute(
                "INSERT INTO frames VALUES (?, ?, ?)", [batch_id, now_us(), _dump(asdict(frame))]
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
            rows = cursor.execute(statement("batches")).fetchall()
        return [
            Batch(
                batch_id,
                opened,
                closed,
                replace(Frame(), **json.loads(frame)),
                json.loads(options),
                Accounting(*counts),
            )
            for batch_id, opened, closed, frame, options, *counts in rows
        ]

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


def _options(options: ReadOptions, door: Door) -> dict[str, Any]:
    said = {"zone": options.zone, "mapping": dict(options.mapping)}
    return said if door.is_open else said | {"door": door.as_dict()}


def _dump(value: Mapping[str, Any]) -> str:
    # What a shell handed over may hold lone surrogates; ASCII escapes carry them.
    return json.dumps(value, sort_keys=True)
