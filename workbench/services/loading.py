"""The files of one import into its open batch, one after the other, from wherever it stands.

What is known of each file is kept in a form that can be written down: an import that was killed
goes on with it. Must not decide which files there are, nor write the journal.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.exchange import Accounting, SourceReport
from workbench.domain.progress import ScaledJob
from workbench.formats.attendant import Wait
from workbench.formats.stream import attended
from workbench.formats.text import without_surrogates
from workbench.services.halves import not_joined, with_fates
from workbench.services.import_checks import Suspicions

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from workbench.case.batch import OpenBatch
    from workbench.case.given import GivenStore
    from workbench.domain.exchange import Frame
    from workbench.domain.ports import Parsed
    from workbench.domain.progress import JobContext
    from workbench.formats.place import Place
    from workbench.formats.read import SourceReader
    from workbench.services.door import Doorkeeper
    from workbench.services.import_checks import Doubt

#: Share of an import when all files are read.
FINISHING: Final = 0.97
_MOST_WORKERS: Final = 8


class Loading:
    """One import as it runs.

    Args:
        given: What the case was given before.
        keeper: Lets records in as the door says.
        frame: Where the files come from; its zone is the one in which they are read.
        job: Progress and cancellation.
        whole: Bytes of all files.
        notes: What another process noted of the files that it began; empty for the beginning.
    """

    def __init__(
        self,
        given: GivenStore,
        keeper: Doorkeeper,
        frame: Frame,
        job: JobContext,
        whole: int,
        notes: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._given = given
        self._keeper = keeper
        self._frame = frame
        self._job = job
        self._whole = whole or 1
        #: Of each file that was begun: what is suspicious.
        self._suspected = [self._suspicions(note["name"], note["doubts"]) for note in notes]
        #: Of each file that was read whole, in their order.
        self.reports = [SourceReport.of(note["report"]) for note in notes if note["report"]]
        self._done = sum(report.size for report in self.reports)

    def _suspicions(self, name: str, noted: Mapping[str, Any] | None = None) -> Suspicions:
        return Suspicions(name, self._frame.zone, noted, texts=self._keeper.texts is None)

    def share(self, size: int) -> ScaledJob:
        """The part of the job in which a file of so many bytes is read next."""
        low, high = self._done, self._done + size
        return ScaledJob(self._job, FINISHING * low / self._whole, FINISHING * high / self._whole)

    def load(self, source: SourceReader, batch: OpenBatch) -> None:
        """One file, unless the case holds it already."""
        self._job.check()
        share = self.share(source.size)
        report = self._held_before(source, share)
        name = without_surrogates(str(source.place))
        self._suspected.append(self._suspicions(name))
        if report is None:
            batch.source(
                path=name,
                size=source.size,
                format=source.detection.format,
                compression=source.compression,
                reason=source.detection.reason,
            )
            report = self._read(source, batch, source.blocks(share), share)
        self._end_file(report, source.size, batch)

    def load_rest(
        self, source: SourceReader, batch: OpenBatch, blocks: Generator[Parsed, None, None]
    ) -> None:
        """The rest of the file in which the batch goes on: the blocks that are left of it."""
        report = self._read(source, batch, blocks, self.share(source.size))
        self._end_file(report, source.size, batch)

    def _read(
        self,
        source: SourceReader,
        batch: OpenBatch,
        blocks: Generator[Parsed, None, None],
        job: JobContext,
    ) -> SourceReport:
        target = batch.underway
        assert target is not None, "no file was begun"
        with closing(blocks):
            for parsed in blocks:
                kept = self._keeper.records(parsed)
                target.append(kept)
                self._suspected[-1].look_at(kept)
                if batch.milestone_due:
                    batch.milestone(self._notes(), source.reached)
        return target.finish(sha256=source.sha256, size=source.read_size, reason=source.reason(job))

    def _end_file(self, report: SourceReport, size: int, batch: OpenBatch) -> None:
        self.reports.append(report)
        self._done += size
        if batch.milestone_due:
            batch.milestone(self._notes())

    def _notes(self) -> dict[str, Any]:
        """What another process needs that goes on: of each file its report, and what is odd."""
        reports = [*map(asdict, self.reports), None]
        return {
            "files": [
                {"name": suspicions.name, "report": report, "doubts": suspicions.noted()}
                for report, suspicions in zip(reports, self._suspected, strict=False)
            ]
        }

    def settle(self, batch: OpenBatch) -> tuple[tuple[SourceReport, ...], Accounting, list[Doubt]]:
        """All files were read: their reports, the sum of their fates, and what is odd."""
        self._job.check()
        settled = batch.settle(self._job)
        reports = with_fates(self.reports, settled.reports)
        doubts: list[Doubt] = []
        for report, suspicions in zip(reports, self._suspected, strict=True):
            doubts += [] if report.already else suspicions.doubts(report)
        doubts += not_joined(settled.alone)
        total = sum((report.accounting for report in reports), Accounting())
        return tuple(reports), total, doubts

    def _held_before(self, source: SourceReader, job: JobContext) -> SourceReport | None:
        """The report of a file that the case holds already, told by its digest alone.

        Worth hashing only where the case holds a file of the same size, or a table of the same
        name. Each record that was kept then is a duplicate now.
        """
        held = self._given.sources().to_pylist()
        rows = [row for row in held if source.may_be(row["path"], row["size"])]
        if not rows:
            return None
        _, digest = digest_of(source.place, job)
        row = next((row for row in rows if row["sha256"] == digest), None)
        if row is None or not self._given.holds_source(digest, self._frame.system):
            return None
        return SourceReport(
            path=without_surrogates(str(source.place)),
            size=row["size"],
            sha256=digest,
            format=row["format"],
            compression=row["compression"],
            reason=row["reason"],
            accounting=Accounting(**{each.name: row[each.name] for each in fields(Accounting)}),
        ).held_before()


def heads_of(sources: Sequence[SourceReader]) -> dict[str, str]:
    """By the paths of files the line that says what lies in their columns."""
    return {without_surrogates(str(each.place)): each.head for each in sources if each.head}


def digest_of(place: Place, job: JobContext) -> tuple[int, str]:
    """Size and SHA-256 of a file as it lies there.

    Raises:
        InputError: It is gone, or the disk failed or gives nothing any more.
        CancelledError: The user cancelled.
    """
    step = f"Comparing {place.short}"
    job.report(step, done=0.0)
    with attended(place, job) as (stream, attendant):
        attendant.do(Wait(job, place, step, lambda: stream.share), stream.read_through)
        return stream.position, stream.sha256


def processors() -> int:
    """Workers for this machine: one processor is left to the writer."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        count = os.cpu_count() or 1
    return max(1, min(count - 1, _MOST_WORKERS))
