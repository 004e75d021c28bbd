"""Reads a log file: detection, then canonical blocks in the order of the file.

    with open_source(path, options) as source:
        for parsed in source.blocks(job): ...
    source.sha256

Every record of the file is in exactly one block, once: as a row, a reject, a blank or a header.
The result does not depend on the number of workers.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

from workbench.domain.errors import InputError
from workbench.domain.interrupted import Reached
from workbench.formats.adapter import Adapter
from workbench.formats.archive import Member
from workbench.formats.attendant import Attendant, Wait
from workbench.formats.batch import moved, rejected, renumbered
from workbench.formats.blocks import BLOCK, cut_blocks
from workbench.formats.databases import MARK, Table
from workbench.formats.detect import detect
from workbench.formats.heads import head_of
from workbench.formats.known import came_from
from workbench.formats.parquet import read_columns
from workbench.formats.place import Place, check_same, placed
from workbench.formats.pump import Pump
from workbench.formats.stream import SoFar, attended

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from workbench.domain.ports import Detection, Parsed, ReadOptions
    from workbench.domain.progress import JobContext
    from workbench.formats.adapter import Recipe
    from workbench.formats.blocks import Block
    from workbench.formats.columnar import Kind
    from workbench.formats.detect import Layout
    from workbench.formats.stream import ByteStream
    from workbench.formats.workers import WorkerPool

#: Files below this many bytes are read in the process itself: starting a worker costs more.
SMALL: Final = BLOCK
#: How much larger logs are, about, than what gzip, zstd and bzip2 make of them.
_SWELLS: Final = 8


def open_source(
    where: Path | Place,
    options: ReadOptions,
    format_name: str = "",
    *,
    pool: WorkerPool | None = None,
) -> SourceReader:
    """Look at a file and make ready to read it.

    Args:
        where: The file.
        options: Zone and mapping.
        format_name: Asked for by the user; empty to find it.
        pool: Workers for large files; None to read in this process. Not closed here.

    Raises:
        InputError: Missing, empty, binary, wrong encoding, or nothing recognisable.
    """
    place = placed(where)
    state = place.state
    return SourceReader(place, state, detect(place, options, format_name), pool)


def look(
    where: Path | Place,
    options: ReadOptions,
    format_name: str,
    attendant: Attendant,
    job: JobContext,
) -> SourceReader:
    """The same, done by an attendant: a file that hangs can be left.

    Raises:
        InputError: As ``open_source``, or nothing came for too long.
        CancelledError: The user cancelled.
    """
    job.check()
    place = placed(where)
    wait = Wait(job, place, f"Looking at {place.short}")
    return attendant.do(wait, lambda: open_source(place, options, format_name))


class SourceReader:
    """One file, to be read once.

    Args:
        place: Where it lies.
        state: Of the place, before it was looked at.
        layout: What was found in it.
        pool: Workers, or None.
    """

    def __init__(
        self, place: Place, state: object, layout: Layout, pool: WorkerPool | None
    ) -> None:
        self.place = place
        self._state = state
        self.layout = layout
        self.size = place.size
        self._pool = pool
        self._sha256 = ""
        self._read_size = 0
        self._records = 0
        self._blocks = 0
        self._so_far = SoFar(0.0, 0, "")

    @property
    def detection(self) -> Detection:
        """The format, and why."""
        return self.layout.detection

    @property
    def head(self) -> str:
        """The line that says what lies in its columns; empty where its records say it."""
        return head_of(self.layout.recipe)

    @property
    def compression(self) -> str:
        """Empty, "gzip", "zstd" or "bzip2"."""
        return self.layout.compression

    @property
    def sha256(self) -> str:
        """Hex digest of the file as it lies on disk; empty before the last block.

        Of a member of an archive: of its own bytes, as they lie on disk once it is unpacked.
        """
        return self._sha256

    def reason(self, job: JobContext) -> str:
        """Why this format, which packages had a part, and which archive or database held it.

        Reads the archive, or the SQLite file, once, whole: for its digest.

        Raises:
            InputError: The disk failed, or the archive changed.
            CancelledError: The user cancelled.
        """
        parts = [self.detection.reason, came_from(self.detection.format)]
        if isinstance(self.place, Member | Table):
            with Attendant() as attendant:
                parts.append(attendant.do(Wait(job, self.place), lambda: self._held_by(job)))
        return ", ".join(filter(None, parts))

    def _held_by(self, job: JobContext) -> str:
        if isinstance(self.place, Member):
            digest = self.place.archive.digest(job)
            self._check_same()  # the digest may be of bytes that came later
            return f"in a zip archive of SHA-256 {digest}"
        return self.place.told(job) if isinstance(self.place, Table) else ""

    @property
    def read_size(self) -> int:
        """Bytes of the file that were read: those that the digest covers."""
        return self._read_size

    def may_be(self, path: str, size: int) -> bool:
        """Whether what once was read under a name, so many bytes of it, may be this very log.

        How many bytes a table gives is known only when it was read: there the name decides.
        """
        if isinstance(self.place, Table):
            return path.endswith(f"{MARK}{self.place.name}")
        return size == self.size

    def use(self, pool: WorkerPool) -> None:
        """Have large files read by these workers. Not closed here."""
        self._pool = pool

    @property
    def records(self) -> int:
        """Records in the blocks given so far."""
        return self._records

    @property
    def reached(self) -> Reached:
        """How far the blocks given so far reach."""
        return Reached(self._blocks, self._records, self._so_far.size, self._so_far.sha256)

    def blocks(
        self, job: JobContext, after: Reached | None = None
    ) -> Generator[Parsed, None, None]:
        """The whole file; record numbers count from 1, offsets from its first plain byte.

        Reports the share of the file's bytes that has been read, and the records.

        Args:
            job: Progress and cancellation.
            after: Go on after what another reader of this file had reached: what is before it is
                compared by its digest, and not read again.

        Raises:
            InputError: The disk failed or gives nothing any more, the file changed, one kept by
                column is damaged, data is a bomb, or the file is not the one that was read before
                (then no block was given).
            CancelledError: The user cancelled.
        """
        columnar = self.layout.columnar
        if after is not None:
            self._blocks, self._records = after.blocks, after.records
        read = self._columns(columnar, job, after) if columnar else self._text(job, after)
        for so_far, parsed in read:
            job.check()
            before, self._records = self._records, self._records + _count(parsed)
            self._blocks += 1
            self._so_far = so_far
            job.report(self._step, done=so_far.share, count=self._records, unit="records")
            yield renumbered(parsed, before)

    @property
    def _step(self) -> str:
        return f"Reading {self.place.short}"

    def _columns(
        self, kind: Kind, job: JobContext, after: Reached | None
    ) -> Iterator[tuple[SoFar, Parsed]]:
        recipe = self.layout.recipe
        with attended(self.place, job) as (stream, attendant):
            # The digest first: columns are not read in the order in which they lie.
            attendant.do(Wait(job, self.place, share=lambda: stream.share), stream.read_through)
            whole = stream.so_far
            self._refuse_another(whole, after)
            passed = after.blocks if after else 0
            found = read_columns(self.place, kind, recipe, Adapter(recipe), after=passed)
            wait = Wait(job, self.place, self._step, lambda: self._so_far.share)
            attendant.enter(wait, lambda: closing(found))
            while (part := attendant.do(wait, lambda: next(found, None))) is not None:
                share, parsed = part
                yield whole._replace(share=share), parsed
            self._finish(stream, attendant, job)

    def _text(self, job: JobContext, after: Reached | None) -> Iterator[tuple[SoFar, Parsed]]:
        recipe = self.layout.recipe
        with attended(self.place, job) as (stream, attendant):
            container = recipe.open_container()
            blocks = cut_blocks(stream, container, opening=self.layout.opening)
            step = f"Comparing {self.place.short}"
            comparing = Wait(job, self.place, step, lambda: stream.share)
            for _ in range(after.blocks if after else 0):
                job.check()
                job.report(step, done=stream.share)
                attendant.do(comparing, lambda: next(blocks, None))
            self._refuse_another(stream.so_far, after)
            first = after is None
            wait = Wait(job, self.place, self._step, lambda: stream.share, lambda: self._records)
            plain_size = self.size * (_SWELLS if self.compression else 1)
            if self._pool is None or plain_size < SMALL:
                taken = iter(lambda: attendant.do(wait, lambda: next(blocks, None)), None)
                yield from _read_here(taken, stream, recipe, job, first=first)
            else:
                pump = Pump(blocks, stream, recipe, self._pool, attendant, first=first)
                yield from pump.results(job, wait)
            self._finish(stream, attendant, job)

    def _check_same(self) -> None:
        check_same(
            self.place,
            self._state,
            "Import it when nothing writes to it any more, or import a copy.",
            "Nothing of it was loaded.",
        )

    def _refuse_another(self, so_far: SoFar, after: Reached | None) -> None:
        if after is not None and (so_far.size, so_far.sha256) != (after.size, after.sha256):
            raise InputError(
                f"{self.place} is not the file any more that was read up to record "
                f"{after.records:,}.",
                remedy="Put it back as it was.",
            )

    def _finish(self, stream: ByteStream, attendant: Attendant, job: JobContext) -> None:
        attendant.do(Wait(job, self.place), self._check_same)
        self._sha256 = stream.sha256
        self._read_size = stream.position


def _read_here(
    blocks: Iterator[Block], stream: ByteStream, recipe: Recipe, job: JobContext, *, first: bool
) -> Iterator[tuple[SoFar, Parsed]]:
    """Read the blocks in this process."""
    adapter = Adapter(recipe)
    for block in blocks:
        job.check()
        if block.reason:
            parsed = rejected(block.offset, block.reason, bytes(block.data))
        else:
            parsed = moved(adapter.read(bytes(block.data), first=first), block.offset)
        first = False
        yield stream.so_far, parsed


def _count(parsed: Parsed) -> int:
    rows: int = parsed.records.num_rows + parsed.rejects.num_rows
    return rows + parsed.blank + parsed.header
