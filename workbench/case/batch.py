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
from workbench.case.columns import marks_of, valid_of
from workbench.case.copies import CONFLICT, JOINED, LOADED, Copies, counted, positions
from workbench.case.database import translated
from workbench.case.encode import Encoder
from workbench.case.rows import (
    coerced_by_column,
    conformed,
    joined_rows,
    load_copies,
    reject_rows,
    source_row,
)
from workbench.case.sizes import Sizes, cut_off
from workbench.case.statements import statement
from workbench.domain.errors import StorageError
from workbench.domain.exchange import (
    CANONICAL_SCHEMA,
    RECORD_SCHEMA,
    REJECT_SCHEMA,
    Accounting,
    Frame,
    SourceReport,
)

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from types import TracebackType

    from numpy.typing import NDArray

    from workbench.domain.ports import Parsed

_SAFE: Final = "The case is as it was before the import."


class OpenBatch:
    """An import that runs. As a context manager it is closed on success and aborted on error.

    Args:
        cursor: Its own cursor on given; closed with the batch.
        batch_id: Its id; the row in ``batches`` is there, state "open".
        frame: Where the logs come from; duplicates are judged within ``frame.system``.
        sizes: What the case holds before it.
        key: The secret of the case, shape (2,).
        take_back: Deletes what was committed and the batch itself.
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
        take_back: Callable[[], None],
    ) -> None:
        self._cursor = cursor
        self._settling = settling
        self._take_back = take_back
        self._key = key
        self.batch_id = batch_id
        self.frame = frame
        self.is_open = True
        self._source: OpenSource | None = None
        self._accounting = Accounting()
        self._known: set[str] = set()
        self._before = sizes
        writer = cursor.cursor()
        writer.execute("USE given")
        self._chunks = Chunks(writer, settling)
        self._start_from(sizes)

    def _start_from(self, sizes: Sizes) -> None:
        """Memory as the case is at ``sizes``: dictionaries, marks, nothing pending."""
        self._exchanges = sizes.exchanges
        self._sources = sizes.sources
        self._encoder = Encoder(self.frame.system, sizes)
        self._encoder.load(self._cursor)
        self._copies = Copies()
        self._known = load_copies(self._copies, self._cursor, self.frame.system)

    # --- files -------------------------------------------------------------------------------
    def source(
        self, *, path: str, size: int = 0, format: str = "", compression: str = "", reason: str = ""
    ) -> OpenSource:
        """Begin a file; the one before must be finished or discarded."""
        assert self.is_open, "the batch is closed"
        assert self._source is None, "one file at a time"
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
        """Fates of the files finished so far, those that were there already not counted."""
        return self._accounting

    @property
    def nbytes(self) -> int:
        """Memory held by dictionaries and marks, bytes."""
        return self._encoder.nbytes + self._copies.nbytes

    # --- the end -----------------------------------------------------------------------------
    def close(self) -> None:
        """Make the batch visible and durable. A batch without a new file leaves no trace.

        Raises:
            StorageError: The disk is full or failing; the case is as it was before.
        """
        assert self.is_open, "the batch is closed"
        assert self._source is None, "a file is not finished"
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
        self._cursor.close()

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
        marks = marks_of(records, self._key)
        has_request = valid_of(records.column("request_id"))
        fates, partners = self._copies.judge(marks, has_request)
        self._settle_joined(records, fates, partners)
        kept = positions(fates, LOADED, CONFLICT)
        whole = len(kept) == len(fates)
        rows = self._encoder.encode(
            records if whole else records.take(pa.array(kept)),
            first_id=self._exchanges,
            batch_id=self.batch_id,
            source_id=source_id,
            fates=fates[kept],
            marks=marks[kept],
        )
        self._exchanges += len(kept)
        rows += joined_rows(records, fates, partners, marks, self.batch_id, source_id)
        rows += reject_rows(rejects, self.batch_id, source_id)
        self._chunks.keep(rows)
        with translated("given.duckdb of the case", safe=_SAFE):
            self._chunks.write_full()
        return Accounting(
            **counted(fates),
            rejected=rejects.num_rows,
            blank=parsed.blank,
            header=parsed.header,
            coerced=int(coerced_by_column(records).sum()),
        )

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
        self._chunks.keep([("sources", source_row(report, source.source_id, self.batch_id))])
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
            if accounting.exchanges or accounting.joined:
                self._start_from(source.sizes)
            else:  # nothing was remembered of it
                self._sources = source.sizes.sources


class OpenSource:
    """One file of an open batch.

    Args:
        batch: The batch.
        source_id: Its id.
        sizes: What the case held before it.
        about: What is known of the file so far.
    """

    def __init__(
        self, batch: OpenBatch, *, source_id: int, sizes: Sizes, about: SourceReport
    ) -> None:
        self._batch = batch
        self._about = about
        self._coerced = np.zeros(len(CANONICAL_SCHEMA), np.int64)
        self.source_id = source_id
        self.sizes = sizes
        self.accounting = Accounting()

    def append(self, parsed: Parsed) -> Accounting:
        """Store a block of records; the blocks come in the order of the file.

        Returns:
            The fates of this block.

        Raises:
            StorageError: The disk is full or failing; abort the batch.
        """
        accounting = self._batch._append(parsed, self.source_id)
        self._coerced += coerced_by_column(parsed.records)
        self.accounting += accounting
        return accounting

    def finish(
        self,
        *,
        sha256: str,
        size: int | None = None,
        compression: str | None = None,
        reason: str | None = None,
    ) -> SourceReport:
        """Record the file: what became known while reading replaces what was said before.

        Returns:
            The report; ``already`` when this system's file with these bytes was imported before.
            Then nothing of it was stored, and its fates say what this reading met.

        Raises:
            StorageError: The disk is full or failing; abort the batch.
        """
        about = self._about
        names = CANONICAL_SCHEMA.names
        report = replace(
            about,
            sha256=sha256,
            size=about.size if size is None else size,
            compression=about.compression if compression is None else compression,
            reason=about.reason if reason is None else reason,
            accounting=self.accounting,
            coerced_columns={names[i]: int(self._coerced[i]) for i in self._coerced.nonzero()[0]},
        )
        return replace(report, already=self._batch._finish(self, report))

    def discard(self) -> None:
        """Take back everything of this file, as if it had not been begun."""
        self._batch._discard(self)
