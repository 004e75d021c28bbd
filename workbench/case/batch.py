"""The one writer: an open batch takes blocks of parsed records, file by file.

Chunks of them commit while the next ones come; all of it stays hidden until the batch is closed,
and one checkpoint makes it durable. This room must not read log files.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from workbench.case.chunks import Chunks
from workbench.case.clock import now_us
from workbench.case.columns import content_marks, marks_of, valid_of
from workbench.case.copies import CONFLICT, DUPLICATE, LOADED, counted, positions
from workbench.case.database import translated
from workbench.case.halves import Halves, joined_halves, told_apart
from workbench.case.memory import Memory
from workbench.case.rows import (
    coerced_by_column,
    confirm_joined,
    conformed,
    joined_rows,
    reject_rows,
    source_row,
)
from workbench.case.sizes import Sizes, cut_off
from workbench.case.source import OpenSource, Settled
from workbench.case.statements import statement
from workbench.domain.errors import StorageError
from workbench.domain.exchange import (
    RECORD_SCHEMA,
    REJECT_SCHEMA,
    Accounting,
    Alone,
    Frame,
    SourceReport,
)
from workbench.domain.interrupted import Reached
from workbench.domain.progress import Job

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    from workbench.case.half_rows import HalfBlock
    from workbench.case.milestones import Milestone, Milestones
    from workbench.domain.ports import Parsed, TextKeeper
    from workbench.domain.progress import JobContext

_SAFE: Final = "The case is as it was before the import."


class OpenBatch:
    """An import that runs. As a context manager it is closed on success and aborted on error.

    Args:
        cursor: Its own cursor on given; closed with the batch.
        batch_id: Its id; the row in ``batches`` is there, state "open".
        frame: Where the logs come from; duplicates are judged within ``frame.system``.
        sizes: What the case holds before it.
        key: The secret of the case, shape (2,).
        settling: Held while a checkpoint runs.
        spill: Folder for halves of exchanges that do not fit into memory.
        take_back: Deletes what was committed and the batch itself.
        release: Called once the batch is closed or aborted.
        keeper: Says what is kept of texts, where these are left out.
        milestones: Where the import may go on when it is cut short; None where it may not.
        start: Where it goes on; what lies beyond is cut off already. None for the beginning.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        *,
        batch_id: int,
        frame: Frame,
        sizes: Sizes,
        key: NDArray[np.uint64],
        settling: threading.RLock,
        spill: Path,
        take_back: Callable[[], None],
        release: Callable[[], None],
        keeper: TextKeeper | None = None,
        milestones: Milestones | None = None,
        start: Milestone | None = None,
    ) -> None:
        self._keeper = keeper
        self._milestones = milestones
        self._cursor = cursor
        self._settling = settling
        self._take_back = take_back
        self._release = release
        self._key = key
        self.batch_id = batch_id
        self.frame = frame
        self.is_open = True
        self._before = sizes
        writer = cursor.cursor()
        writer.execute("USE given")
        self._chunks = Chunks(writer, settling)
        self._halves = Halves(spill)
        self._finished = list(start.finished) if start else []
        self._accounting = sum((r.accounting for _, r in self._finished), Accounting())
        #: The file that is being read.
        self.underway = OpenSource.again(self, start.underway) if start else None
        self._settled: Settled | None = None
        self._start_from(start.sizes if start else sizes, start)

    def _start_from(self, sizes: Sizes, start: Milestone | None = None) -> None:
        """Memory as the case is at ``sizes``: dictionaries, marks, nothing pending."""
        self._memory = Memory(self._cursor, self.frame.system, sizes, self._keeper, start)
        self._memory.files |= {report.sha256 for _, report in self._finished if report.sha256}
        if self._milestones:
            self._milestones.begin(self._cursor, self._chunks.given)
        for marks in self._halves.marks():
            self._memory.copies.load(marks, np.ones(len(marks), np.bool_))

    # --- files -------------------------------------------------------------------------------
    def source(
        self, *, path: str, size: int = 0, format: str = "", compression: str = "", reason: str = ""
    ) -> OpenSource:
        """Begin a file; the one before must be finished or discarded."""
        assert self.is_open, "the batch is closed"
        assert self.underway is None, "one file at a time"
        assert self._settled is None, "the batch is settled"
        self._memory.copies.begin_file()
        if self._milestones:
            self._milestones.begin_file()
        self.underway = OpenSource(
            self,
            source_id=self._memory.sources,
            sizes=self.sizes(),
            about=SourceReport(path, size, "", format, compression, reason),
        )
        self._memory.sources += 1
        return self.underway

    @property
    def milestone_due(self) -> bool:
        """Whether so much was read that a milestone should be set."""
        return self._milestones is not None and self._milestones.due

    def milestone(self, notes: Mapping[str, Any], reached: Reached | None = None) -> None:
        """Set one: cut short from here on, the import can go on here.

        Args:
            notes: What whoever reads wants to know again; JSON.
            reached: How far the file that is being read was read; None between two files.

        Raises:
            StorageError: The disk is full or failing; abort the batch.
        """
        assert self._milestones is not None, "the import may not go on"
        underway = self.underway.now(reached or Reached()) if self.underway else None
        with translated("given.duckdb of the case", safe=_SAFE):
            row = self._milestones.set(
                self._memory, self._chunks.given, self._finished, underway, notes
            )
            self._chunks.keep([("milestones", row)])
            self._chunks.begin_all()

    def sizes(self) -> Sizes:
        """What the case holds, the open batch included."""
        return self._memory.sizes()

    @property
    def accounting(self) -> Accounting:
        """Fates of the files finished so far, those that were there already not counted.

        Halves of exchanges have theirs when the batch is settled.
        """
        return self._accounting

    # --- the end -----------------------------------------------------------------------------
    def settle(self, job: JobContext | None = None) -> Settled:
        """Join the halves of exchanges: all files were read, and every record has its fate.

        Raises:
            CancelledError: The job was; abort the batch.
            StorageError: The disk is full or failing; abort the batch.
        """
        assert self.underway is None, "a file is not finished"
        if self._settled is None:
            alone: list[Alone] = []
            with translated("given.duckdb of the case", safe=_SAFE):
                if len(self._halves):
                    alone = self._settle_halves(job or Job())
                for source_id, report in self._finished:
                    row = source_row(report, source_id, self.batch_id)
                    self._chunks.keep([("sources", row)])
            paths = {source_id: report.path for source_id, report in self._finished}
            self._settled = Settled(
                tuple(report for _, report in self._finished),
                tuple((paths[each.source_id], each) for each in alone),
            )
        return self._settled

    def _settle_halves(self, job: JobContext) -> list[Alone]:
        """Store the exchanges that halves make, and give each half its fate."""
        unread = {i: report.accounting.rejected for i, report in self._finished}
        for name, rows in joined_halves(self._halves, unread, self.batch_id, self._put, job):
            self._chunks.keep([(name, rows)])
            self._chunks.write_full()
        fates = self._halves.counts()
        self._finished = [
            (i, replace(report, accounting=report.accounting + fates.get(i, Accounting())))
            for i, report in self._finished
        ]
        self._accounting += sum(fates.values(), Accounting())
        return self._halves.alone()

    def _put(self, block: HalfBlock) -> NDArray[np.int64]:
        """Store a block of exchanges; their ids, (n,)."""
        first = self._memory.exchanges
        self._store(block.records, block.source_ids, block.fates, block.marks)
        self._chunks.write_full()
        return np.arange(first, self._memory.exchanges)

    def close(self) -> None:
        """Make the batch visible and durable. A batch without a new file leaves no trace.

        Raises:
            StorageError: The disk is full or failing; the case is as it was before.
        """
        assert self.is_open, "the batch is closed"
        self.settle()
        if self._memory.sources == self._before.sources:
            self.abort()
            return
        sizes = self.sizes()
        try:
            with translated("given.duckdb of the case", safe=_SAFE):
                self._chunks.write_all()
                with self._settling:
                    self._cursor.execute("BEGIN")
                    self._cursor.execute(
                        statement("close_batch"),
                        {"batch_id": self.batch_id, "closed_us": now_us(), **asdict(sizes)},
                    )
                    self._cursor.execute(
                        "DELETE FROM batches WHERE batch_id = ? AND state = 'open'", [self.batch_id]
                    )
                    if self._milestones:
                        self._milestones.forget(self._cursor)
                    self._cursor.execute("COMMIT")
                    self._cursor.execute("CHECKPOINT given")
        except StorageError:
            # Closed in memory but not on the disk: no reader of this process may see it.
            self._chunks.drop()
            with suppress(duckdb.Error):
                self._take_back()
            raise
        finally:
            self._end()

    def abort(self) -> None:
        """Take everything back: the case is as it was before the import."""
        if not self.is_open:
            return
        self._chunks.drop()
        try:
            with translated("given.duckdb of the case", safe=_SAFE):
                self._take_back()
        finally:
            self._end()

    def _end(self) -> None:
        self.is_open = False
        if self._milestones:
            self._milestones.end()
        self._chunks.close()
        self._halves.close()
        self._cursor.close()
        self._release()

    def __enter__(self) -> OpenBatch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self.is_open:
            return
        if error is None:
            self.close()
            return
        try:
            self.abort()
        except StorageError:
            # The first error is the one to tell. What is left is hidden, and taken back when the
            # case is opened next.
            return

    # --- for the open file -------------------------------------------------------------------
    def _append(self, parsed: Parsed, source_id: int) -> Accounting:
        records = conformed(parsed.records, RECORD_SCHEMA)
        rejects = conformed(parsed.rejects, REJECT_SCHEMA)
        contents = content_marks(records, self._key)
        marks = marks_of(records, contents, self._key)
        has_request = valid_of(records.column("request_id"))
        if parsed.halves is not None:
            has_request = has_request.copy()
            has_request[told_apart(marks, contents, parsed.halves, self._key)] = True
        fates, partners = self._memory.copies.judge(marks, has_request)
        confirm_joined(self._cursor, records, fates, partners)
        with translated("given.duckdb of the case", safe=_SAFE):
            waiting = self._halves.hold(
                records, parsed.halves, source_id=source_id, fates=fates, marks=marks
            )
        if self._milestones:
            self._milestones.read(parsed, marks[(fates == DUPLICATE) & ~has_request])
        kept = positions(fates, LOADED, CONFLICT)
        if len(waiting):
            kept = np.setdiff1d(kept, waiting, assume_unique=True)
        whole = len(kept) == len(fates)
        self._store(
            records if whole else records.take(pa.array(kept)),
            source_id,
            fates[kept],
            marks[kept],
        )
        rows = joined_rows(records, fates, partners, marks, self.batch_id, source_id)
        rows += reject_rows(rejects, self.batch_id, source_id)
        self._chunks.keep(rows)
        with translated("given.duckdb of the case", safe=_SAFE):
            self._chunks.write_full()
        return Accounting(
            **counted(np.delete(fates, waiting)),
            rejected=rejects.num_rows,
            blank=parsed.blank,
            header=parsed.header,
            coerced=int(coerced_by_column(records).sum()),
        )

    def _store(
        self,
        records: pa.RecordBatch,
        source_ids: int | NDArray[np.int32],
        fates: NDArray[np.uint8],
        marks: NDArray[np.uint64],
    ) -> None:
        """Rows of ``exchanges`` for records that are kept."""
        rows = self._memory.encoder.encode(
            records,
            first_id=self._memory.exchanges,
            batch_id=self.batch_id,
            source_ids=source_ids,
            fates=fates,
            marks=marks,
        )
        self._memory.exchanges += records.num_rows
        self._chunks.keep(rows)

    def _finish(self, source: OpenSource, report: SourceReport) -> SourceReport:
        """Record the file, unless the case held it: then everything of it is taken back."""
        self.underway = None
        if report.sha256 and report.sha256 in self._memory.files:
            return report.held_before(self._forget(source))
        if report.sha256:
            self._memory.files.add(report.sha256)
        self._memory.copies.end_file()
        self._finished.append((source.source_id, report))
        self._accounting += report.accounting
        return report

    def _discard(self, source: OpenSource) -> None:
        self.underway = None
        self._forget(source)

    def _forget(self, source: OpenSource) -> int:
        """Take back one file, the last one begun; how many of its records waited as halves."""
        with translated("given.duckdb of the case", safe=_SAFE):
            self._chunks.write_all()
            self._cursor.execute("BEGIN")
            cut_off(self._cursor, source.sizes)
            if self._milestones:
                self._milestones.forget(self._cursor, source.source_id)
            self._cursor.execute("COMMIT")
            waited = self._halves.forget(source.source_id)
            if source.accounting.exchanges or source.accounting.joined or waited:
                self._start_from(source.sizes)
            else:  # nothing was remembered of it
                self._memory.sources = source.sizes.sources
                if self._milestones:
                    self._milestones.begin(self._cursor, self._chunks.given)
        return waited
