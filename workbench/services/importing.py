"""The use case import: log files into the case, every record with one fate.

Joins the formats with the case: the reader gives blocks in the order of the file, the one writer
takes them. All or nothing: whatever stops an import leaves the case as it was before.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.changes import Changes
from workbench.domain.errors import InputError
from workbench.domain.exchange import Accounting, Frame, SourceReport
from workbench.domain.label import EntryKind
from workbench.domain.progress import ScaledJob
from workbench.formats.known import third_party
from workbench.formats.mapping import Mapped, check_mapping
from workbench.formats.preview import Preview, preview
from workbench.formats.read import open_source
from workbench.formats.stream import CHUNK, ByteStream
from workbench.formats.text import without_surrogates
from workbench.formats.times import zone_named
from workbench.formats.workers import WorkerPool
from workbench.services.door import Doorkeeper, Privacy
from workbench.services.halves import not_joined, with_fates
from workbench.services.import_checks import (
    Doubt,
    Suspicions,
    refuse_absent_fields,
    refuse_naive_times,
    refuse_nothing,
    twice,
)
from workbench.services.joining import not_looked_up
from workbench.services.provenance import Provenance
from workbench.services.sources import expand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from workbench.case.batch import OpenBatch
    from workbench.case.identity import Signer
    from workbench.domain.door import Door
    from workbench.domain.ports import ReadOptions
    from workbench.domain.progress import JobContext
    from workbench.formats.place import Place
    from workbench.formats.read import SourceReader
    from workbench.services.open_case import OpenCase
    from workbench.services.sources import LogFile

_SAFE: Final = "Nothing was imported."
_MEND: Final = "Update the package, or remove it."
_FINISHING: Final = 0.97
_MOST_WORKERS: Final = 8


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        files: One report a file, in the order in which they were named.
        total: Fates of all their records.
        changes: What views must refresh; nothing where every file was there before.
        doubts: What a person should look at.
    """

    files: tuple[SourceReport, ...]
    total: Accounting
    changes: Changes
    doubts: tuple[Doubt, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The contract's JSON: files, total, warnings."""
        return {
            "files": [file_dict(report) for report in self.files],
            "total": self.total.as_dict(),
            "warnings": [doubt.typed for doubt in self.doubts],
        }


def file_dict(report: SourceReport) -> dict[str, Any]:
    """A file as the command line and the journal write it."""
    about = {
        "path": without_surrogates(report.path),
        "size": report.size,
        "sha256": report.sha256,
        "format": report.format,
        "compression": report.compression,
        "reason": report.reason,
        "already": report.already,
        "coerced_columns": dict(sorted(report.coerced_columns.items())),
    }
    return about | report.accounting.as_dict()


class Importing:
    """Imports into one case.

    Args:
        held: The open case.
        signer: Gives the analyst's key, which signs the journal's record of the import.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer
        #: What the case was given before.
        self.provenance = Provenance(held)

    def door(self) -> Door | None:
        """What the case's imports left out; None where there was none, so that a person chooses."""
        return self._held.case.given.door()

    def pseudonyms(
        self, column: str, names: Iterable[str], key_file: Path | None = None
    ) -> list[str]:
        """What names of a column are called in the case.

        Raises:
            InputError: The column goes by no pseudonyms, or their key is not there.
        """
        return Doorkeeper.standing(self._held.case, key_file, "").names(column, names)

    def preview(
        self,
        paths: Iterable[str | Path | Place],
        options: ReadOptions,
        *,
        format_name: str = "",
        rows: int = 100,
        unknown_too: bool = False,
    ) -> tuple[Preview, ...]:
        """The first records of each file as an import would load them. Loads nothing.

        Args:
            paths: Files, folders, globs, places.
            options: Zone and mapping.
            format_name: For all files; empty to find it for each.
            rows: How many records of each to show.
            unknown_too: Show also a named file whose records no format knows, to be mapped.

        Raises:
            InputError: A file that cannot be used; files of a folder that are no logs are
                passed over.
        """
        _check(options)
        previews: list[Preview] = []
        refused: InputError | None = None
        for file in expand(paths):
            try:
                previews.append(preview(file.place, options, format_name, rows))
            except InputError as error:
                unknown = unknown_too and not format_name and not file.found
                shown = _preview_unknown(file.place, options, rows) if unknown else None
                if shown is not None:
                    previews.append(shown)
                elif not file.found:
                    raise
                else:
                    refused = refused or error
        if not previews and refused is not None:
            raise refused
        return tuple(previews)

    def run(
        self,
        paths: Iterable[str | Path | Place],
        frame: Frame,
        options: ReadOptions,
        job: JobContext,
        *,
        format_name: str = "",
        workers: int = 0,
        privacy: Privacy | None = None,
    ) -> ImportReport:
        """Import files as one batch: all of them, or none.

        Every file is looked at before the first record is loaded.

        Args:
            paths: Files, folders, globs, places.
            frame: Where they come from. Its zone serves where the options name none.
            options: Zone and mapping.
            job: Progress and cancellation.
            format_name: For all files; empty to find it for each.
            workers: Processes that read large files; 0 for one less than the processors. Never
                changes the result.
            privacy: What is left out; None for what the case's first import left out.

        Raises:
            InputError: A file that cannot be used, or nothing could be loaded; the case was given
                names in another way, or their key is not there.
            StorageError: The disk is full or failing.
            CancelledError: The user cancelled.
        """
        options = replace(options, zone=options.zone or frame.zone)
        frame = replace(frame, zone=options.zone)
        sources, passed_over = look_at(expand(paths), options, format_name)
        keeper = Doorkeeper.ask(self._held.case, privacy or Privacy())
        doubts = [Doubt(f"Passed over, no log: {e.fact}", command=e.remedy) for e in passed_over]
        doubts += [Doubt(unused, command=_MEND) for unused in third_party().failures]
        doubts += keeper.notices
        given = self._held.case.given
        known = {row["sha256"] for row in given.sources().to_pylist()}
        reports: list[SourceReport] = []
        suspected: list[Suspicions] = []
        whole = sum(source.size for source in sources) or 1
        done = 0
        with (
            WorkerPool(workers or _processors()) as pool,
            given.begin(frame, options, keeper.door, keeper.texts) as batch,
        ):
            for source in sources:
                job.check()
                share = ScaledJob(
                    job, _FINISHING * done / whole, _FINISHING * (done + source.size) / whole
                )
                report = self._held_before(source, frame, share)
                suspicions = Suspicions(without_surrogates(str(source.place)), options.zone)
                if report is None:
                    source.use(pool)
                    report = _load(source, batch, keeper, suspicions, share)
                reports.append(report)
                suspected.append(suspicions)
                done += source.size
            job.check()
            settled = batch.settle(job)
            reports = with_fates(reports, settled.reports)
            for report, suspicions in zip(reports, suspected, strict=True):
                doubts += [] if report.already else suspicions.doubts(report)
            doubts += not_joined(settled.alone)
            total = sum((report.accounting for report in reports), Accounting())
            refuse_nothing(reports, total)
            job.report("Making it durable", done=_FINISHING)
            job.check()
            batch_id = batch.batch_id
        new = [report for report in reports if not report.already]
        doubts += [
            Doubt(f"{r.path} was imported before: nothing changed.") for r in reports if r.already
        ]
        doubts += [twice(r) for r in new if r.sha256 in known and r.accounting.loaded]
        if new:
            self._record(batch_id, new, frame, options, keeper.door, total)
            doubts += not_looked_up(self._held)
        return ImportReport(tuple(reports), total, Changes(given=bool(new)), tuple(doubts))

    def _held_before(
        self, source: SourceReader, frame: Frame, job: JobContext
    ) -> SourceReport | None:
        """The report of a file that the case holds already, told by its digest alone.

        Worth hashing only where the case holds a file of the same size, or a table of the same
        name. Each record that was kept then is a duplicate now.
        """
        given = self._held.case.given
        held = given.sources().to_pylist()
        rows = [row for row in held if source.may_be(row["path"], row["size"])]
        if not rows:
            return None
        with ByteStream(source.place) as stream:
            while stream.read(CHUNK):
                job.check()
                job.report(f"Comparing {source.place.short}", done=stream.share)
            digest = stream.sha256
        row = next((row for row in rows if row["sha256"] == digest), None)
        if row is None or not given.holds_source(digest, frame.system):
            return None
        return SourceReport(
            path=without_surrogates(str(source.place)),
            size=row["size"],
            sha256=digest,
            format=row["format"],
            compression=row["compression"],
            reason=row["reason"],
            already=True,
            accounting=Accounting(
                duplicate=row["loaded"] + row["joined"] + row["duplicate"] + row["conflict"],
                rejected=row["rejected"],
                blank=row["blank"],
                header=row["header"],
                coerced=row["coerced"],
            ),
        )

    def _record(
        self,
        batch_id: int,
        files: list[SourceReport],
        frame: Frame,
        options: ReadOptions,
        door: Door,
        total: Accounting,
    ) -> None:
        body = {
            "batch": batch_id,
            "files": [file_dict(report) for report in files],
            "frame": {key: _plain(value) for key, value in asdict(frame).items()},
            "mapping": {key: _plain(value) for key, value in sorted(options.mapping.items())},
            "total": total.as_dict(),
        }
        if not door.is_open:
            body["door"] = door.as_dict()
        self._held.case.journals.append(EntryKind.IMPORT, body, self._signer())
        self._held.renew(decisions=True)


def _plain(value: Any) -> Any:
    """A value that the journal's JSON can hold: a shell may hand over half characters."""
    return without_surrogates(value) if isinstance(value, str) else value


def _preview_unknown(place: Place, options: ReadOptions, rows: int) -> Preview | None:
    """A file that only a mapping can read; None where something else is wrong with it too."""
    try:
        return preview(place, options, Mapped.name, rows)
    except InputError:
        return None


def _check(options: ReadOptions) -> None:
    zone_named(options.zone)
    check_mapping(options.mapping)


def look_at(
    files: Iterable[LogFile], options: ReadOptions, format_name: str
) -> tuple[list[SourceReader], list[InputError]]:
    """Look at every file before the first one is read.

    Returns:
        The files, ready to be read, and why others that were found in folders are no logs.

    Raises:
        InputError: A file that was named cannot be used, or none of a folder can; a mapped field
            is not there; times name no zone and nobody said what to do with them.
    """
    _check(options)
    if format_name == Mapped.name and not options.mapping:
        # A preview may do without: it is where a person finds out what to map.
        raise InputError(
            "The format mapped needs a mapping.",
            remedy="Give --map CANONICAL=SOURCE or --profile FILE.",
        )
    sources: list[SourceReader] = []
    passed_over: list[InputError] = []
    for file in files:
        try:
            sources.append(open_source(file.place, options, format_name))
        except InputError as error:
            if not file.found:
                raise InputError(error.fact, remedy=error.remedy, safe=_SAFE) from error
            passed_over.append(error)
    if not sources:
        raise passed_over[0]
    refuse_absent_fields(sources)
    refuse_naive_times(sources, options)
    return sources, passed_over


def _load(
    source: SourceReader,
    batch: OpenBatch,
    keeper: Doorkeeper,
    suspicions: Suspicions,
    job: JobContext,
) -> SourceReport:
    """One file into the open batch."""
    name = without_surrogates(str(source.place))
    target = batch.source(
        path=name,
        size=source.size,
        format=source.detection.format,
        compression=source.compression,
        reason=source.detection.reason,
    )
    with closing(source.blocks(job)) as blocks:
        for parsed in blocks:
            target.append(keeper.records(parsed))
            suspicions.look_at(parsed)
    return target.finish(sha256=source.sha256, size=source.read_size, reason=source.reason(job))


def _processors() -> int:
    """Workers for this machine: one processor is left to the writer."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        count = os.cpu_count() or 1
    return max(1, min(count - 1, _MOST_WORKERS))
