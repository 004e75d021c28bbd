"""How far an import that runs is durable, so that it can go on where a process was killed.

A milestone stands at the end of a block of a file, or between two files. It is written in one
transaction with the last of the rows that it speaks of; what lies beyond the last one is cut off
when the import goes on. That a case may go on says a file beside given.duckdb: whoever takes an
import back removes that first, which works on a full disk, too. This room must not read log files.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.case.casefile import fsync_folder
from workbench.case.clock import moment, now_us
from workbench.case.sizes import Sizes, cut_off
from workbench.domain.door import Door
from workbench.domain.exchange import Accounting, Frame, SourceReport
from workbench.domain.interrupted import Interrupted, Plan, PlannedFile, Reached, WentOn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import duckdb
    from numpy.typing import NDArray

    from workbench.case.memory import Memory
    from workbench.domain.ports import Parsed

#: Records between two milestones: what a kill costs at the most. docs/performance.md says what
#: they cost.
EVERY: Final = 500_000
#: Tables whose rows have no number of their own: a milestone says how many there are.
_COUNTED: Final = {
    "joined": "SELECT count(*) FROM joined",
    "rejects": "SELECT count(*) FROM rejects",
    "embeddings": "SELECT count(*) FROM embeddings",
}
#: What cuts them off: appended by one writer and only ever cut off at the end, they lie in their
#: order.
_CUT_OFF: Final = {
    "joined": "DELETE FROM joined WHERE rowid IN "
    "(SELECT rowid FROM joined ORDER BY rowid OFFSET ?)",
    "rejects": "DELETE FROM rejects WHERE rowid IN "
    "(SELECT rowid FROM rejects ORDER BY rowid OFFSET ?)",
    "embeddings": "DELETE FROM embeddings WHERE rowid IN "
    "(SELECT rowid FROM embeddings ORDER BY rowid OFFSET ?)",
}
#: The milestone that only holds the plan; written with the first one.
_PLAN: Final = 0


@dataclass(frozen=True, slots=True)
class Underway:
    """The file in which a milestone stands.

    Attributes:
        source_id: Its id.
        sizes: What the case held before it.
        about: What is known of it.
        accounting: Fates of its records so far.
        coerced: Of each canonical column, how often it could not be read.
        reached: How far it was read.
    """

    source_id: int
    sizes: Sizes
    about: SourceReport
    accounting: Accounting
    coerced: tuple[int, ...]
    reached: Reached


@dataclass(frozen=True, slots=True)
class Milestone:
    """All that an import is made of at one moment, beside the rows in the case.

    Attributes:
        sizes: What the case holds.
        rows: Of each table whose rows have no number, how many there are.
        finished: Files that are read whole, with their ids.
        underway: The file in between; None between two files.
        notes: What whoever reads wants to know again.
        counted: What the keeper of texts has counted.
        again: Marks of the records without request id of this file that were copies, (n, 2).
    """

    sizes: Sizes
    rows: Mapping[str, int]
    finished: tuple[tuple[int, SourceReport], ...]
    underway: Underway | None
    notes: Mapping[str, Any]
    counted: bytes = b""
    again: NDArray[np.uint64] = field(default_factory=lambda: np.zeros((0, 2), np.uint64))

    @property
    def records(self) -> int:
        """Of all files so far."""
        read = sum(report.accounting.records for _, report in self.finished)
        return read + (self.underway.reached.records if self.underway else 0)

    def cut_off(self, cursor: duckdb.DuckDBPyConnection, batch_id: int) -> None:
        """Delete everything of the import beyond it; inside the caller's transaction."""
        cut_off(cursor, self.sizes)
        # The last thing that an import writes, all files together.
        cursor.execute("DELETE FROM sources WHERE batch_id = ?", [batch_id])
        for table, count in self.rows.items():
            cursor.execute(_CUT_OFF[table], [count])


class Milestones:
    """Those of one import, as it runs.

    Args:
        marker: The file that says that an import may go on.
        batch_id: The import.
        plan: What the import needs to go on; None where that is there already.
        number: Of the last one that is there.
    """

    def __init__(self, marker: Path, batch_id: int, plan: Plan | None, number: int = _PLAN) -> None:
        self._marker = marker
        self._batch_id = batch_id
        self._plan = plan
        self._number = number
        self._since = 0
        self._again: list[NDArray[np.uint64]] = []
        self._before: dict[str, int] = {}
        self._ended = False

    @property
    def due(self) -> bool:
        """Whether enough was read since the last one."""
        return self._since >= EVERY and not self._ended

    def read(self, parsed: Parsed, again: NDArray[np.uint64]) -> None:
        """A block was stored.

        Args:
            parsed: The block.
            again: Marks of the copies among its records without request id, (n, 2).
        """
        if parsed.halves is not None:
            # Halves wait beside the case until all files are read: no milestone can hold them.
            self._ended = True
            self._again.clear()
        self._since += parsed.records.num_rows + parsed.rejects.num_rows
        self._since += parsed.blank + parsed.header
        if len(again) and not self._ended:
            self._again.append(again)

    def begin_file(self) -> None:
        """Copies are counted anew."""
        self._again.clear()

    def end(self) -> None:
        """The import is closed or taken back."""
        self._marker.unlink(missing_ok=True)

    def begin(self, cursor: duckdb.DuckDBPyConnection, given: Mapping[str, int]) -> None:
        """Count the rows that are there, so many having been given by now; none is waiting."""
        for table, text in _COUNTED.items():
            ((count,),) = cursor.execute(text).fetchall()
            self._before[table] = count - given.get(table, 0)

    def set(
        self,
        memory: Memory,
        given: Mapping[str, int],
        finished: Iterable[tuple[int, SourceReport]],
        underway: Underway | None,
        notes: Mapping[str, Any],
    ) -> pa.Table:
        """Rows of ``milestones`` for the next one, to be written with all rows given so far.

        Args:
            memory: What the import remembers.
            given: How many rows of each table were given.
            finished: Files that are read whole.
            underway: The file in between.
            notes: What whoever reads wants to know again.

        Raises:
            OSError: The disk is full or failing.
        """
        if not self._marker.exists():
            self._marker.touch()
            fsync_folder(self._marker.parent)
        self._number += 1
        self._since = 0
        again, self._again = self._again, []
        marks = np.concatenate(again) if again else np.zeros((0, 2), np.uint64)
        milestone = Milestone(
            sizes=memory.sizes(),
            rows={table: n + given.get(table, 0) for table, n in self._before.items()},
            finished=tuple(finished),
            underway=underway,
            notes=notes,
        )
        row = _row(
            self._batch_id,
            self._number,
            None if underway is None else underway.source_id,
            _state(milestone),
            again=np.ascontiguousarray(marks).tobytes(),
            counted=memory.encoder.counted(),
        )
        plan, self._plan = self._plan, None
        if plan is None:
            return row
        return pa.concat_tables([_row(self._batch_id, _PLAN, None, json.dumps(asdict(plan))), row])

    def forget(self, cursor: duckdb.DuckDBPyConnection, source_id: int | None = None) -> None:
        """Delete those of a file, or all of them; inside the caller's transaction."""
        cursor.execute(
            "DELETE FROM milestones WHERE batch_id = $batch "
            "AND ($file IS NULL OR source_id = $file)",
            {"batch": self._batch_id, "file": source_id},
        )


def _row(
    batch_id: int,
    number: int,
    source_id: int | None,
    state: str,
    *,
    again: bytes = b"",
    counted: bytes = b"",
) -> pa.Table:
    columns = {
        "batch_id": pa.array([batch_id], pa.int32()),
        "number": pa.array([number], pa.int32()),
        "source_id": pa.array([source_id], pa.int32()),
        "state": pa.array([state]),
        "again": pa.array([again], pa.binary()),
        "counted": pa.array([counted], pa.binary()),
    }
    return pa.table(columns)


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """An import that was cut short and may go on.

    Attributes:
        batch: batch_id, opened_us, frame and options of its row.
        number: Of its last milestone.
        plan: What it was to read.
        milestone: The last one.
    """

    batch: tuple[int, int, str, str]
    number: int
    plan: Plan
    milestone: Milestone

    def told(self, went_on: tuple[WentOn, ...] = ()) -> Interrupted:
        """What a person and the services want to know of it.

        Args:
            went_on: Each time that it went on before.
        """
        batch_id, opened_us, frame, options = self.batch
        at, said = self.milestone.underway, json.loads(options)
        return Interrupted(
            batch_id=batch_id,
            began=moment(opened_us),
            frame=Frame(**json.loads(frame)),
            zone=said["zone"],
            mapping=said["mapping"],
            door=Door.of(said.get("door", {})),
            plan=self.plan,
            records=self.milestone.records,
            file=at.about.path if at else "",
            reached=at.reached if at else None,
            notes=self.milestone.notes,
            went_on=went_on,
        )


def went_on(marker: Path) -> tuple[WentOn, ...]:
    """Each time that the import went on, by the file that says that it may; a line each."""
    times = []
    for line in marker.read_bytes().split(b"\n"):
        # A kill may have cut one off while it was written.
        with suppress(ValueError, TypeError):
            times.append(WentOn(**json.loads(line)))
    return tuple(times)


def note_going_on(marker: Path, records: int) -> None:
    """Write down that the import goes on now, so many records having been read.

    Raises:
        OSError: The disk is full or failing.
    """
    line = json.dumps(asdict(WentOn(moment(now_us()), records)))
    with marker.open("ab") as file:
        file.write(b"\n" + line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def left_behind(cursor: duckdb.DuckDBPyConnection) -> LeftBehind | None:
    """The open batch and its last milestone; None where there is none."""
    batch = cursor.execute(
        "SELECT batch_id, opened_us, frame, options FROM batches WHERE state = 'open'"
    ).fetchone()
    if batch is None:
        return None
    rows = cursor.execute(
        "SELECT number, source_id, state, counted FROM milestones WHERE batch_id = $batch AND "
        "number IN (0, (SELECT max(number) FROM milestones WHERE batch_id = $batch)) "
        "ORDER BY number",
        {"batch": batch[0]},
    ).fetchall()
    if len(rows) < 2:
        return None
    (_, _, plan, _), (number, source_id, state, counted) = rows
    milestone = replace(_milestone(json.loads(state)), counted=counted)
    if source_id is not None:
        again = cursor.execute(
            "SELECT again FROM milestones WHERE batch_id = ? AND source_id = ? ORDER BY number",
            [batch[0], source_id],
        ).fetchall()
        marks = np.frombuffer(b"".join(part for (part,) in again), np.uint64)
        milestone = replace(milestone, again=marks.reshape(-1, 2))
    return LeftBehind(batch, number, _plan(json.loads(plan)), milestone)


def _state(milestone: Milestone) -> str:
    underway = milestone.underway
    return json.dumps(
        {
            "sizes": asdict(milestone.sizes),
            "rows": dict(milestone.rows),
            "finished": [[source_id, asdict(report)] for source_id, report in milestone.finished],
            "underway": None if underway is None else asdict(underway),
            "notes": dict(milestone.notes),
        }
    )


def _milestone(state: dict[str, Any]) -> Milestone:
    underway = state["underway"]
    if underway is not None:
        underway = Underway(
            source_id=underway["source_id"],
            sizes=Sizes(**underway["sizes"]),
            about=SourceReport.of(underway["about"]),
            accounting=Accounting(**underway["accounting"]),
            coerced=tuple(underway["coerced"]),
            reached=Reached(**underway["reached"]),
        )
    return Milestone(
        sizes=Sizes(**state["sizes"]),
        rows=state["rows"],
        finished=tuple((source_id, SourceReport.of(of)) for source_id, of in state["finished"]),
        underway=underway,
        notes=state["notes"],
    )


def _plan(said: dict[str, Any]) -> Plan:
    return Plan(
        files=tuple(PlannedFile(**file) for file in said["files"]),
        format_name=said["format_name"],
        made_by=said["made_by"],
        said=tuple((fact, command, control) for fact, command, control in said["said"]),
    )
