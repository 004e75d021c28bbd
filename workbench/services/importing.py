"""The use case import: log files into the case, every record with one fate.

Joins the formats with the case: the reader gives blocks in the order of the file, the one writer
takes them. All or nothing: whatever stops an import leaves the case as it was before; one whose
process was killed may go on.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.changes import Changes
from workbench.domain.errors import CancelledError, InputError
from workbench.domain.exchange import Accounting, Frame, SourceReport
from workbench.domain.interrupted import NOTHING_WAITS, TOO_EARLY
from workbench.domain.label import EntryKind
from workbench.domain.ports import ReadOptions
from workbench.formats.known import third_party
from workbench.formats.workers import WorkerPool
from workbench.services.door import Doorkeeper, Privacy
from workbench.services.going_on import begun, planned, rest_of
from workbench.services.held_before import files_held, other_systems
from workbench.services.import_checks import (
    Doubt,
    refuse_nothing,
    told_as_passed_over,
    twice,
)
from workbench.services.import_records import file_dict, going_on, imported, taken_back
from workbench.services.joining import not_looked_up
from workbench.services.loading import FINISHING, Loading, heads_of, processors
from workbench.services.looking import look_at
from workbench.services.previewing import ROWS, preview_files
from workbench.services.provenance import Provenance
from workbench.services.sources import expand
from workbench.services.whole_files import odd_files

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from pathlib import Path

    from workbench.case.batch import OpenBatch
    from workbench.case.identity import Signer
    from workbench.domain.door import Door
    from workbench.domain.interrupted import Interrupted
    from workbench.domain.ports import Parsed
    from workbench.domain.progress import JobContext
    from workbench.formats.place import Place
    from workbench.formats.preview import Preview
    from workbench.formats.read import SourceReader
    from workbench.services.open_case import OpenCase

_Settled = tuple[tuple[SourceReport, ...], Accounting, list[Doubt]]

_AGAIN: Final = "Import again: name the files."
_MEND: Final = "Update the package, or remove it."


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        files: One report a file, in the order in which they were named.
        total: Fates of all their records.
        changes: What views must refresh; nothing where every file was there before.
        doubts: What a person should look at.
        confidence: How sure the format of each file was, in [0, 1], by path; without the files
            that were read before the import was cut short.
    """

    files: tuple[SourceReport, ...]
    total: Accounting
    changes: Changes
    doubts: tuple[Doubt, ...] = ()
    confidence: Mapping[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The contract's JSON: files, total, warnings."""
        return {
            "files": [
                file_dict(report) | {"confidence": self.confidence.get(report.path)}
                for report in self.files
            ],
            "total": self.total.as_dict(),
            "warnings": [doubt.typed for doubt in self.doubts],
        }


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
        self.provenance = Provenance(held, signer)

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
        rows: int = ROWS,
        unknown_too: bool = False,
        job: JobContext | None = None,
    ) -> tuple[Preview, ...]:
        """The first records of each file as an import would load them. Loads nothing.

        Args:
            paths: Files, folders, globs, places.
            options: Zone and mapping.
            format_name: For all files; empty to find it for each.
            rows: How many records of each to show.
            unknown_too: Show also a named file whose records no format knows, to be mapped.
            job: Progress and cancellation; None for nobody.

        Raises:
            InputError: A file that cannot be used; files of a folder that are no logs are
                passed over.
            CancelledError: The user cancelled.
        """
        found, _ = preview_files(
            paths, options, format_name=format_name, rows=rows, unknown_too=unknown_too, job=job
        )
        return found

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
        keeper: Doorkeeper | None = None,
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
            keeper: Who leaves it out, where that is known already.

        Raises:
            InputError: A file that cannot be used, or nothing could be loaded; the case was given
                names in another way, or their key is not there.
            InterruptedImportError: An import before was cut short: it goes on, or is taken back.
            StorageError: The disk is full or failing.
            CancelledError: The user cancelled.
        """
        given = self._held.case.given
        given.check_free()
        self._held.case.journals.check()
        options = replace(options, zone=options.zone or frame.zone)
        frame = replace(frame, zone=options.zone)
        sources, passed_over = look_at(expand(paths, job), options, format_name, job)
        keeper = keeper or Doorkeeper.ask(self._held.case, privacy or Privacy())
        doubts = list(map(told_as_passed_over, passed_over))
        doubts += [Doubt(unused, command=_MEND) for unused in third_party().failures]
        doubts += keeper.notices
        plan = planned(sources, format_name, doubts)
        # Of use to rejects that have their bytes.
        heads = heads_of(sources) if keeper.door.is_open else {}
        loading = Loading(given, keeper, frame, job, sum(source.size for source in sources))
        with (
            WorkerPool(workers or processors()) as pool,
            given.begin(frame, options, keeper.door, keeper.texts, plan, heads) as batch,
        ):
            for source in sources:
                source.use(pool)
                loading.load(source, batch)
            settled = self._settle(loading, batch, job, options, format_name)
        report = self._told(
            batch.batch_id, frame, options, keeper.door, doubts, settled, format_name
        )
        return replace(report, confidence=_confidence(sources))

    # --- what was cut short ------------------------------------------------------------------
    def interrupted(self) -> Interrupted | None:
        """The import that a process left behind and that may go on; None where there is none."""
        return self._held.case.given.interrupted()

    @property
    def lost(self) -> str:
        """What was cut short and taken back as the case was opened, a sentence; else empty."""
        began = self._held.case.given.taken_back
        return began and f"An import that began at {began} was cut short {TOO_EARLY}: taken back."

    def resume(
        self, job: JobContext, *, workers: int = 0, key_file: Path | None = None
    ) -> ImportReport:
        """Go on with the import that was cut short; what it ends with is what it would have been.

        Args:
            job: Progress and cancellation, which takes back all of it once it has gone on.
            workers: As in ``run``.
            key_file: The key of the pseudonyms, where it is not found by itself.

        Raises:
            InputError: No import was cut short; or a file, the program or the key is not what it
                was, and the import stays as it is.
            StorageError: The disk is full or failing.
            CancelledError: The user cancelled.
        """
        given = self._held.case.given
        left = self._waiting()
        options = ReadOptions(left.zone, left.mapping)
        keeper = Doorkeeper.again(left.door, key_file)
        rest = rest_of(left, options, job)
        notes = left.notes["files"]
        loading = Loading(given, keeper, left.frame, job, rest.whole, notes)
        sources = list(rest.sources)
        with WorkerPool(workers or processors()) as pool, ExitStack() as reading:
            for source in sources:
                source.use(pool)
            blocks: Generator[Parsed, None, None] | None = None
            if left.reached is not None:
                blocks = sources[0].blocks(loading.share(sources[0].size), left.reached)
                blocks = begun(reading.enter_context(closing(blocks)))
            try:
                with given.go_on(keeper.texts) as batch:
                    left = replace(left, went_on=given.went_on())
                    if blocks is not None:
                        loading.load_rest(sources.pop(0), batch, blocks)
                    for source in sources:
                        loading.load(source, batch)
                    settled = self._settle(loading, batch, job, options, left.plan.format_name)
            except CancelledError:
                self._record(taken_back(left))
                raise
        doubts = list(rest.doubts)
        report = self._told(
            left.batch_id,
            left.frame,
            options,
            keeper.door,
            doubts,
            settled,
            left.plan.format_name,
            going_on(left),
        )
        return replace(report, confidence=_confidence(rest.sources))

    def roll_back(self) -> Interrupted:
        """Take the import back that was cut short; what it was.

        Raises:
            InputError: No import was cut short.
            StorageError: The disk is full or failing.
        """
        left = self._waiting()
        self._held.case.given.roll_back()
        self._record(taken_back(left))
        return left

    def _waiting(self) -> Interrupted:
        """The import that was cut short.

        Raises:
            InputError: There is none.
        """
        left = self.interrupted()
        if left is None and self.lost:
            raise InputError(self.lost, remedy=_AGAIN)
        if left is None:
            by_itself = f"One that was cut short {TOO_EARLY} is taken back by itself."
            raise InputError(NOTHING_WAITS, safe=by_itself, remedy=_AGAIN)
        self._held.case.journals.check()
        return left

    def _settle(
        self,
        loading: Loading,
        batch: OpenBatch,
        job: JobContext,
        options: ReadOptions,
        format_name: str,
    ) -> _Settled:
        """All files are read: their reports, unless nothing came of them."""
        reports, total, odd = loading.settle(batch)
        refuse_nothing(reports, total)
        given = self._held.case.given
        odd += files_held(given, reports, batch.frame.system, options, format_name)
        job.report("Making it durable", done=FINISHING)
        job.check()
        return reports, total, odd

    def _told(
        self,
        batch_id: int,
        frame: Frame,
        options: ReadOptions,
        door: Door,
        doubts: list[Doubt],
        settled: _Settled,
        format_name: str,
        also: dict[str, Any] | None = None,
    ) -> ImportReport:
        """What the import did, and its line in the journal."""
        reports, total, odd = settled
        doubts = [*doubts, *odd]
        new = [report for report in reports if not report.already]
        if new:
            batches = self._held.case.given.batches()
            own = next(b for b in batches if b.batch_id == batch_id)
            doubts += other_systems([b for b in batches if b.batch_id != batch_id], frame.system)
            before = {
                row["sha256"]
                for row in self._held.case.given.sources().to_pylist()
                if row["batch_id"] != batch_id
            }
            doubts += [twice(r) for r in new if r.sha256 in before and r.accounting.loaded]
            body = imported(own, new, options.mapping, door, total, format_name)
            self._record(body | (also or {}))
            doubts += not_looked_up(self._held)
            doubts += odd_files(self._held, batch_id, new)
        return ImportReport(reports, total, Changes(given=bool(new)), tuple(doubts))

    def _record(self, body: dict[str, Any]) -> None:
        self._held.case.journals.append(EntryKind.IMPORT, body, self._signer())
        self._held.renew(decisions=True)


def _confidence(sources: Iterable[SourceReader]) -> dict[str, float]:
    return {str(source.place): source.detection.confidence for source in sources}
