"""Reads a log file: detection, then canonical blocks in the order of the file.

    with open_source(path, options) as source:
        for parsed in source.blocks(job): ...
    source.sha256

Every record of the file is in exactly one block, once: as a row, a reject, a blank or a header.
The result does not depend on the number of workers.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.exchange import REJECT_SCHEMA
from workbench.domain.ports import Parsed
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.batch import BatchBuilder
from workbench.formats.blocks import BLOCK, Block, cut_blocks
from workbench.formats.detect import Layout, detect
from workbench.formats.parquet import read_parquet
from workbench.formats.stream import CHUNK, ByteStream

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from workbench.domain.ports import Detection, ReadOptions
    from workbench.domain.progress import JobContext
    from workbench.formats.workers import WorkerPool

#: Files below this size are read in the process itself: starting a worker costs more.
SMALL: Final = BLOCK
#: How often a wait for a worker looks whether the user cancelled.
_LOOK_S: Final = 0.1


def open_source(
    path: Path,
    options: ReadOptions,
    format_name: str = "",
    *,
    pool: WorkerPool | None = None,
) -> SourceReader:
    """Look at a file and make ready to read it.

    Args:
        path: The file.
        options: Zone and mapping.
        format_name: Asked for by the user; empty to find it.
        pool: Workers for large files; None to read in this process. Not closed here.

    Raises:
        InputError: Missing, empty, binary, wrong encoding, or nothing recognisable.
    """
    return SourceReader(path, detect(path, options, format_name), pool)


class SourceReader:
    """One file, to be read once.

    Args:
        path: The file.
        layout: What was found in it.
        pool: Workers, or None.
    """

    def __init__(self, path: Path, layout: Layout, pool: WorkerPool | None) -> None:
        self.path = path
        self.layout = layout
        self.size = path.stat().st_size
        self._pool = pool
        self._sha256 = ""
        self._read_size = 0
        self._records = 0

    @property
    def detection(self) -> Detection:
        """The format, and why."""
        return self.layout.detection

    @property
    def compression(self) -> str:
        """Empty, "gzip" or "zstd"."""
        return self.layout.compression

    @property
    def sha256(self) -> str:
        """Hex digest of the file as it lies on disk; empty before the last block."""
        return self._sha256

    @property
    def read_size(self) -> int:
        """Bytes of the file that were read: those that the digest covers."""
        return self._read_size

    def use(self, pool: WorkerPool) -> None:
        """Have large files read by these workers. Not closed here."""
        self._pool = pool

    @property
    def records(self) -> int:
        """Records in the blocks given so far."""
        return self._records

    def blocks(self, job: JobContext) -> Generator[Parsed, None, None]:
        """The whole file; record numbers count from 1, offsets from its first plain byte.

        Reports the share of the file's bytes that has been read, and the records.

        Raises:
            InputError: The disk failed, or a Parquet file is damaged.
            CancelledError: The user cancelled.
        """
        name = self.path.name
        for share, parsed in self._parquet(job) if self.layout.parquet else self._text(job):
            job.check()
            count = _count(parsed)
            job.report(f"Reading {name}", done=share, count=self._records + count, unit="records")
            yield _renumbered(parsed, self._records)
            self._records += count

    def _parquet(self, job: JobContext) -> Iterator[tuple[float, Parsed]]:
        recipe = self.layout.recipe
        # The digest first: row groups are not read in the order in which they lie.
        with ByteStream(self.path) as stream:
            while stream.read(CHUNK):
                job.check()
        for done, total, parsed in read_parquet(self.path, recipe, Adapter(recipe)):
            yield done / max(total, 1), parsed
        self._finish(stream)

    def _text(self, job: JobContext) -> Iterator[tuple[float, Parsed]]:
        recipe = self.layout.recipe
        with ByteStream(self.path) as stream:
            container = recipe.open_container()
            blocks = cut_blocks(stream, container, opening=self.layout.opening)
            if self._pool is None or self.size < SMALL:
                yield from _read_here(blocks, recipe, stream, job)
            else:
                yield from _read_apart(blocks, recipe, stream, self._pool, job)
            self._finish(stream)

    def _finish(self, stream: ByteStream) -> None:
        self._sha256 = stream.sha256
        self._read_size = stream.position


def _read_here(
    blocks: Iterator[Block], recipe: Recipe, stream: ByteStream, job: JobContext
) -> Iterator[tuple[float, Parsed]]:
    adapter = Adapter(recipe)
    first = True
    for block in blocks:
        job.check()
        if block.reason:
            parsed = _rejected(block)
        else:
            parsed = _moved(adapter.read(block.data, first=first), block.offset)
        first = False
        yield stream.position / stream.size, parsed


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A block that a worker has, or one that needs none."""

    answer: Future[Parsed] | Parsed
    offset: int
    share: float

    def wait(self, job: JobContext) -> Parsed:
        if isinstance(self.answer, Parsed):
            return self.answer
        while True:
            job.check()
            try:
                return _moved(self.answer.result(timeout=_LOOK_S), self.offset)
            except NotYetError:
                if self.answer.done():  # the worker itself ran into a timeout
                    raise


def _read_apart(
    blocks: Iterator[Block],
    recipe: Recipe,
    stream: ByteStream,
    pool: WorkerPool,
    job: JobContext,
) -> Iterator[tuple[float, Parsed]]:
    """Keep every worker busy and one block waiting for each; give blocks in their order."""
    waiting: deque[_Waiting] = deque()
    first = True
    for block in blocks:
        job.check()
        share = stream.position / stream.size
        if block.reason:
            waiting.append(_Waiting(_rejected(block), 0, share))
        else:
            answer = pool.read(recipe, block.data, first=first)
            waiting.append(_Waiting(answer, block.offset, share))
        first = False
        if len(waiting) > 2 * pool.count:
            ready = waiting.popleft()
            yield ready.share, ready.wait(job)
    while waiting:
        ready = waiting.popleft()
        yield ready.share, ready.wait(job)


def _rejected(block: Block) -> Parsed:
    """A block that is one record, rejected before it was read."""
    empty = BatchBuilder(None).build(np.zeros(0, np.int64), lambda _: b"").records
    columns = [[1], [block.offset], [block.reason], [block.data]]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, REJECT_SCHEMA, strict=True)]
    return Parsed(empty, pa.RecordBatch.from_arrays(arrays, schema=REJECT_SCHEMA))


def _count(parsed: Parsed) -> int:
    rows: int = parsed.records.num_rows + parsed.rejects.num_rows
    return rows + parsed.blank + parsed.header


def _moved(parsed: Parsed, offset: int) -> Parsed:
    """The block with its byte offsets counted from the beginning of the file."""
    return _shifted(parsed, "byte_offset", offset)


def _renumbered(parsed: Parsed, before: int) -> Parsed:
    """The block with its record numbers counted from the beginning of the file."""
    return _shifted(parsed, "record_no", before)


def _shifted(parsed: Parsed, column: str, by: int) -> Parsed:
    if not by:
        return parsed

    def shift(batch: pa.RecordBatch) -> pa.RecordBatch:
        index = batch.schema.get_field_index(column)
        return batch.set_column(index, column, pc.add(batch.column(index), by))

    return replace(parsed, records=shift(parsed.records), rejects=shift(parsed.rejects))
