"""The one writer: an open batch takes blocks of parsed records, file by file.

Chunks of them commit while the next ones come; all of it stays hidden until the batch is closed,
and one checkpoint makes it durable. This room must not read log files.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Final

import duckdb
import numpy as np
import pyarrow as pa

from workbench.case.chunks import Chunks
from workbench.case.clock import now_us
from workbench.case.columns import content_marks, marks_of, valid_of
from workbench.case.copies import CONFLICT, JOINED, LOADED, Copies, counted, positions
from workbench.case.database import translated
from workbench.case.encode import Encoder
from workbench.case.halves import Halves, told_apart
from workbench.case.rows import (
    coerced_by_column,
    conformed,
    joined_rows,
    load_copies,
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
from workbench.domain.progress import Job

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    from workbench.domain.ports import Parsed, TextKeeper
    from workbench.domain.progress import JobContext

#: Of a record around others.
WITHOUT_EXCHANGE: Final = "no exchange: a trace, and none of its generations is in this import"
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
    ) -> None:
        self._keeper = keeper
        self._cursor = cursor
        self._settling = settling
        self._take_back = take_back
        self._release = release
        self._key = key
        self.batch_id = batch_id
        self.frame = frame
        self.is_open = True
        self._source: OpenSource | None = None
        self._accounting = Accounting()
        self._before = sizes
        writer = cursor.cursor()
        writer.execute("USE given")
        self._chunks = Chunks(writer, settling)
        self._halves = Halves(spill)
        self._finished: list[tuple[int, SourceReport]] = []
        self._settled: Settled | None = None
        self._start_from(sizes)

    def _start_from(self, sizes: Sizes) -> None:
        """Memory as the case is at ``sizes``: dictionaries, marks, nothing pending."""
        self._exchanges = sizes.exchanges
        self._sources = sizes.sources
        self._encoder = Encoder(self.frame.system, sizes, self._keeper)
        self._encoder.load(self._cursor)
        self._copies = Copies()
        self._known = load_copies(self._copies, self._cursor, self.frame.system)
        self._known |= {report.sha256 for _, report in self._finished if report.sha256}
        for marks in self._halves.marks():
            self._copies.load(marks, np.ones(len(marks), np.bool_))

    # --- files -------------------------------------------------------------------------------
    def source(
        self, *, path: str, size: int = 0, format: str = "", compression: str = "", reason: str = ""
    ) -> OpenSource:
        """Begin a file; the one before must be finished or discarded."""
        assert self.is_open, "the batch is closed"
        assert self._source is None, "one file at a time"
        assert self._settled is None, "the batch is settled"
        self._copies.begin_file()
        self._source = OpenSource(
            self,
            source_id=self._sources,
            sizes=self.sizes(),
            about=SourceReport(path, size, "", format, compression, reason),
        )
        self._sources += 1
        return self._source

    def sizes(self) -> Sizes:
        """What the case holds, the open batch included."""
        return Sizes(exchanges=self._exchanges, sources=self._sources, **self._encoder.counts())

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
        assert self._source is None, "a file is not finished"
        if self._settled is None:
            alone: list[Alone] = []
            with translated("given.duckdb of the case", safe=_SAFE):
                if len(self._halves):
                    alone = self._join_halves(job or Job())
                for source_id, report in self._finished:
                    row = source_row(report, source_id, self.batch_id)
                    self._chunks.keep([("sources", row)])
            paths = {source_id: report.path for source_id, report in self._finished}
            self._settled = Settled(
                tuple(report for _, report in self._finished),
                tuple((paths[each.source_id], each) for each in alone),
            )
        return self._settled

    def _join_halves(self, job: JobContext) -> list[Alone]:
        """Store the exchanges that halves make, and give each half its fate."""
        halves = self._halves
        halves.join({i: report.accounting.rejected for i, report in self._finished})
        numbered: list[pa.Table] = []
        done = 0
        for block in halves.exchanges():
            job.check()
            count = block.records.num_rows
            done += count
            job.report("Joining halves", count=done, unit="exchanges")
            numbered.append(
                pa.table(
                    {"half_id": block.half_ids, "exchange_id": np.arange(count) + self._exchanges}
                )
            )
            self._store(block.records, block.source_ids, block.fates, block.marks)
            self._chunks.write_full()
        if numbered:
            self._keep("joined", halves.joined(pa.concat_tables(numbered), self.batch_id))
        self._keep("rejects", halves.rejects(WITHOUT_EXCHANGE, self.batch_id))
        fates = halves.counts()
        self._finished = [
            (i, replace(report, accounting=report.accounting + fates.get(i, Accounting())))
            for i, report in self._finished
        ]
        self._accounting += sum(fates.values(), Accounting())
        return halves.alone()

    def _keep(self, name: str, blocks: Iterable[pa.RecordBatch]) -> None:
        for block in blocks:
            self._chunks.keep([(name, pa.Table.from_batches([block]))])
            self._chunks.write_full()

    def close(self) -> None:
        """Make the batch visible and durable. A batch without a new file leaves no trace.

        Raises:
            StorageError: The disk is full or failing; the case is as it was before.
        """
        assert self.is_open, "the batch is closed"
        self.settle()
        if self._sources == self._before.sources:
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
        fates, partners = self._copies.judge(marks, has_request)
        self._settle_joined(records, fates, partners)
        with translated("given.duckdb of the case", safe=_SAFE):
            waiting = self._halves.hold(
                records, parsed.halves, source_id=source_id, fates=fates, marks=marks
            )
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
        rows = self._encoder.encode(
            records,
            first_id=self._exchanges,
            batch_id=self.batch_id,
            source_ids=source_ids,
            fates=fates,
            marks=marks,
        )
        self._exchanges += records.num_rows
        self._chunks.keep(rows)

    def _settle_joined(
        self,
        records: pa.RecordBatch,
        fates: NDArray[np.uint8],
        partners: NDArray[np.int64],
    ) -> None:
        """Keep those joins whose request ids are equal, byte for byte; load the others."""
        rows = positions(fates, JOINED)
        if not len(rows):
            return
        asked = pa.table(
            {
                "row": pa.array(rows),
                "exchange_id": pa.array(partners[rows]),
                "request_id": records.column("request_id").take(pa.array(rows)),
            }
        )
        self._cursor.register("asked", asked)
        found = self._cursor.execute(
            'SELECT "row" FROM asked JOIN exchanges USING (exchange_id, request_id)'
        ).fetchnumpy()["row"]
        self._cursor.unregister("asked")
        mistaken = np.setdiff1d(rows, found)
        fates[mistaken] = LOADED
        partners[mistaken] = -1

    def _finish(self, source: OpenSource, report: SourceReport) -> bool:
        """Record the file, unless the case held it: then everything of it is taken back."""
        self._source = None
        if report.sha256 and report.sha256 in self._known:
            self._forget(source)
            return True
        if report.sha256:
            self._known.add(report.sha256)
        self._copies.end_file()
        self._finished.append((source.source_id, report))
        self._accounting += report.accounting
        return False

    def _discard(self, source: OpenSource) -> None:
        self._source = None
        self._forget(source)

    def _forget(self, source: OpenSource) -> None:
        """Take back one file, the last one begun."""
        with translated("given.duckdb of the case", safe=_SAFE):
            self._chunks.write_all()
            self._cursor.execute("BEGIN")
            cut_off(self._cursor, source.sizes)
            self._cursor.execute("COMMIT")
            accounting = source.accounting
            waited = self._halves.forget(source.source_id)
            if accounting.exchanges or accounting.joined or waited:
                self._start_from(source.sizes)
            else:  # nothing was remembered of it
                self._sources = source.sizes.sources
