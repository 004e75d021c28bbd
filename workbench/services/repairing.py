"""The use case repair: a case whose databases or computed files are gone or damaged.

Nothing damaged is deleted: it is moved aside. What was given is made again from the journals and
the logs, what was computed is computed again, and each is held against what the journals say came
out then. Whatever stops it leaves the case as it was, or repaired.
"""

from __future__ import annotations

import shutil
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from workbench.case.casefile import CaseFile
from workbench.case.entrance import refuse_links, require_case
from workbench.case.folder import REPAIRING, Case
from workbench.case.identity import config_folder
from workbench.case.journal import Journals
from workbench.case.lock import CaseLock
from workbench.case.migrate import refuse_newer
from workbench.case.pins import Remembered
from workbench.case.purging import carry_out, known_to_be_carried_out, purges
from workbench.case.records import own
from workbench.case.restored import asides, new_aside, set_aside, swap
from workbench.case.soundness import Damage, damage_of_computed, damage_of_given
from workbench.domain.label import EntryKind
from workbench.domain.progress import ScaledJob
from workbench.domain.settings import AnalysisSettings
from workbench.services.analysing import DONE
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from workbench.domain.label import JournalEntry
    from workbench.domain.progress import JobContext
    from workbench.services.given_again import Restored

_WITH_PINS: Final = 2
#: The share of the work that making given.duckdb again has, and computing.
_GIVEN: Final = 0.5
_SETTINGS: Final = frozenset(AnalysisSettings.__dataclass_fields__) - {"jobs"}


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last analysis that ended well.

    Attributes:
        settings: Its parameters.
        stages: Stage -> digest of what it published.
        latest: Whether nothing was given, and no other run begun, since it began.
    """

    settings: AnalysisSettings
    stages: dict[str, str]
    latest: bool


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What a repair found and did.

    Attributes:
        given: What was wrong with given.duckdb, a sentence without full stop; empty: nothing.
        computed: What was wrong with what was computed; empty: nothing.
        restored: What was made again of what was given; None where nothing was wrong.
        stages: Stages that were computed again.
        compared: Stages whose digests were compared with those of the last analysis.
        different: Those of them that are not the same.
        not_again: Stages that were damaged and that the analysis does not make.
        aside: Where the damaged files lie now, within the case; empty where there are none.
        notices: What a person should know.
    """

    given: str = ""
    computed: str = ""
    restored: Restored | None = None
    stages: tuple[str, ...] = ()
    compared: int = 0
    different: tuple[str, ...] = ()
    not_again: tuple[str, ...] = ()
    aside: str = ""
    notices: tuple[str, ...] = field(default=())

    @property
    def sound(self) -> bool:
        """Whether nothing had to be repaired."""
        return not (self.given or self.computed)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json`` and the journal."""
        restored = self.restored
        return {
            "given": self.given or None,
            "computed": self.computed or None,
            "restored": restored
            and {
                "imports": restored.n_imports,
                "tables": restored.n_tables,
                "records": restored.n_records,
            },
            "stages": list(self.stages),
            "compared": self.compared,
            "different": list(self.different),
            "not_again": list(self.not_again),
            "aside": self.aside or None,
        }


def repair(
    path: Path,
    job: JobContext,
    *,
    logs: Iterable[str | Path] = (),
    key_file: Path | None = None,
    analyst: str | None = None,
) -> RepairReport:
    """Look at every byte of a case that counts, and mend what is wrong.

    Args:
        path: The case folder.
        job: Progress and cancellation.
        logs: Where its logs lie now, besides where they lay.
        key_file: The key of pseudonyms, where it is not on this computer.
        analyst: Caption of the analyst's key; None for the one it has.

    Raises:
        InputError: A log is not found or cannot be read.
        CaseError: It is no case, another process holds it, its journals lack something, or what
            comes out is not what the journals say.
        StorageError: The disk is full or failing.
        CancelledError: The user cancelled.
    """
    with _held(path) as (file, journals):
        entries = journals.entries()
        known = {
            str(e.body.get("aside", "")).rpartition("/")[2]
            for e in entries
            if e.kind is EntryKind.REPAIR
        }
        unrecorded = [name for name in asides(path) if name not in known]
        last = last_run(entries, repeated=bool(unrecorded))
        work = path / REPAIRING
        shutil.rmtree(work, ignore_errors=True)  # of a repair that was killed
        spill = work / "spill"
        try:
            given, restored, aside = _mend_given(
                path, file, entries, list(logs), ScaledJob(job, 0.0, _GIVEN), key_file, analyst
            )
            job.report("Looking through what was computed", done=_GIVEN)
            recorded = last.stages if last and last.latest else {}
            damage = damage_of_computed(path, spill, recorded, job.check)
            if damage.fact:
                aside = aside or new_aside(path)
                set_aside(path, _files(path, damage), aside)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    if aside is None and not unrecorded:
        return RepairReport()
    return _computed_again(
        path,
        RepairReport(
            given=given,
            computed=damage.fact,
            restored=restored,
            aside="" if aside is None else str(aside.relative_to(path)),
            notices=restored.notices if restored else (),
        ),
        damage,
        last,
        unrecorded,
        ScaledJob(job, _GIVEN, 1.0),
        analyst,
    )


def last_run(entries: Sequence[JournalEntry], *, repeated: bool = False) -> LastRun | None:
    """The last analysis that ended well; None where none did.

    Args:
        entries: The journals.
        repeated: A repair was cut short: a run that began later with the same settings is its own,
            which had to compute the same again and did not come to an end.
    """
    begun = {e.digest: (n, e) for n, e in enumerate(entries) if e.kind is EntryKind.RUN}
    for entry in reversed(entries):
        body = entry.body
        if entry.kind is not EntryKind.RUN or body.get("state") != DONE or "stages" not in body:
            continue
        number, start = begun.get(body.get("run", ""), (0, None))
        if start is None:
            continue
        said = {k: v for k, v in start.body["settings"].items() if k in _SETTINGS}
        later = entries[number + 1 :]
        latest = not any(
            e.kind in {EntryKind.IMPORT, EntryKind.JOIN}
            or (
                e.kind is EntryKind.RUN
                and "settings" in e.body
                and not (repeated and e.body["settings"] == start.body["settings"])
            )
            for e in later
        )
        return LastRun(AnalysisSettings(**said), dict(body["stages"]), latest)
    return None


@contextmanager
def _held(path: Path) -> Iterator[tuple[CaseFile, Journals]]:
    """The case folder, held alone, and its journals: nothing else of it need be sound."""
    require_case(path)
    refuse_links(path)
    lock = CaseLock(path / "lock", write=True)
    try:
        file = CaseFile.read(path / "case.toml")
        refuse_newer(path, file)
        journals = Journals(
            path / "decided",
            case_id=file.id,
            write=True,
            pinned=file.versions["decided"] >= _WITH_PINS,
            remembered=Remembered(config_folder() / "heads", file.id, path),
        )
        journals.check()
        yield file, journals
    finally:
        lock.release()


def _mend_given(
    path: Path,
    file: CaseFile,
    entries: Sequence[JournalEntry],
    logs: list[str | Path],
    job: JobContext,
    key_file: Path | None,
    analyst: str | None,
) -> tuple[str, Restored | None, Path | None]:
    """Make given.duckdb again where it is damaged: what was wrong, what was made, what is aside."""
    # Imported here: formats are many, and most repairs need none.
    from workbench.services.given_again import find, make_again

    job.report("Looking through what was given", done=0.0)
    work = path / REPAIRING
    wrong = damage_of_given(path, work / "spill", entries, job.check)
    if not wrong:
        return "", None, None
    records = own(entries)
    places = find(records, logs, job)
    made = work / "made.case"
    with closing(Case.create(made, name=file.name)) as case:
        new = CaseFile(case.id, file.name, case.created, settings=file.settings)
    try:
        new.write(made / "case.toml")
        with Workspace.open(made, analyst=analyst) as workspace:
            restored = make_again(workspace, records, places, job, key_file=key_file)
        keep = True
        if erased := purges(entries):
            # What was purged is in the logs, and stays out of the case.
            carry_out(made, erased)
            old = path / "given.duckdb"
            keep = known_to_be_carried_out(old, work / "spill", erased)
        job.check()
        aside = new_aside(path)
        swap(path, made / "given.duckdb", aside, keep=keep)
        if not keep:
            wrong += "; it may have held what was purged, and was not kept"
    finally:
        Remembered(config_folder() / "heads", new.id, made).forget()
    return wrong, restored, aside


def _files(path: Path, damage: Damage) -> list[str]:
    """Files of computed/ that go aside: all, or those of stages with a damaged one."""
    names = [p.name for p in (path / "computed").iterdir() if p.is_file()]
    if damage.whole:
        return sorted(names)
    starts = tuple(f"{stage}." for stage in damage.stages)
    return sorted(name for name in names if name.startswith(starts) and ".duckdb" not in name)


def _computed_again(
    path: Path,
    report: RepairReport,
    damage: Damage,
    last: LastRun | None,
    unrecorded: list[str],
    job: JobContext,
    analyst: str | None,
) -> RepairReport:
    """Compute again what was damaged, compare, and enter the repair into the journal."""
    with Workspace.open(path, analyst=analyst) as workspace:
        journals = workspace._case.journals
        if damage.fact and last is not None:
            done = workspace.analysing.run(last.settings, job).stages
            again = tuple(stage.stage for stage in done if not stage.skipped)
            now = {stage.stage: stage.digest for stage in done}
            both = sorted(last.stages.keys() & now.keys()) if last.latest else []
            report = replace(
                report,
                stages=again,
                compared=len(both),
                different=tuple(name for name in both if now[name] != last.stages[name]),
                not_again=tuple(s for s in damage.stages if s not in now),
            )
        # Last: until then the next repair knows by them that this one was cut short.
        for name in unrecorded:
            body = {"aside": f"damaged/{name}", "why": "A repair was cut short after this."}
            journals.append(EntryKind.REPAIR, body, workspace.signer())
        if not report.sound:
            journals.append(EntryKind.REPAIR, report.as_dict(), workspace.signer())
    return report
