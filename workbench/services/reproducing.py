"""The use case reproduce: a bundle computed again from the source logs, and compared with itself.

A new case is given the same logs in the same way, analysed as the bundle says, and gets the
journals of the bundle: labels are people's and cannot be computed. Then it writes what the bundle
should say, and the two are compared file by file. Nothing of it remains but the answer.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.bundle.bag import write_data
from workbench.bundle.difference import Compared, Difference, compare, files_in
from workbench.bundle.documents import bag_info, verify_txt
from workbench.bundle.layout import BAG_INFO, BUNDLE_VERSION, SIGNATURE_FILES, tag_files
from workbench.bundle.verify import verify
from workbench.case.database import storage_error
from workbench.case.folder import Case
from workbench.case.identity import Signer, config_folder
from workbench.case.pins import PINS, Remembered, journal_files
from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.label import EntryKind
from workbench.domain.progress import ScaledJob
from workbench.domain.settings import AnalysisSettings
from workbench.domain.text import elide, plural
from workbench.services import custody
from workbench.services.given_again import find, make_again
from workbench.services.loss import KEPT
from workbench.services.power import STAGE as POWER
from workbench.services.stated import Stated, read_stated
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.case.casefile import CaseFile
    from workbench.domain.label import JournalEntry
    from workbench.domain.progress import JobContext
    from workbench.services.export_scope import Scope
    from workbench.services.given_again import Restored

#: Names for a recomputation that is over.
SAME: Final = "same"
DIFFERS: Final = "differs"
#: Where the journals say what came out of reading the logs.
_AUDIT: Final = "data/audit/"
#: Written by a program for people: another version writes them otherwise.
_WORDS: Final = (".pdf", ".svg", ".sql", ".md", ".txt")
_OF_A_VERSION: Final = frozenset(
    {*(f"data/method/{n}"
       for n in ("versions.json", "limits.json", "signals.csv", "case-digest.json")),
     "data/statements.jsonl"}
)  # fmt: skip
_STAGES: Final = "data/method/stages.json"


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A bundle computed again.

    Attributes:
        path: The bundle.
        fingerprint: Of the key that signed it.
        logs: Path as the bundle has it and SHA-256 (hex) of each log and table that was read.
        n_records: Records of the logs.
        n_runs: Analyses that were run again.
        compared: What comparing it file by file found.
        read: What came out of reading the logs otherwise than the journals say.
        not_compared: Files that are another version's words.
        warnings: What a person should know, sentences.
    """

    path: Path
    fingerprint: str
    logs: tuple[tuple[str, str], ...]
    n_records: int
    n_runs: int
    compared: Compared
    read: tuple[Difference, ...] = ()
    not_compared: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Those that are told, in order of weight."""
        return (*self.read, *self.compared.differences)

    @property
    def n_differences(self) -> int:
        """All of them."""
        return len(self.read) + sum(self.compared.counted.values())

    @property
    def same(self) -> bool:
        """Whether the bundle says what comes out of the logs."""
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "bundle": str(self.path),
            "signer": self.fingerprint,
            "verdict": SAME if self.same else DIFFERS,
            "same": self.same,
            "logs": [{"path": path, "sha256": digest} for path, digest in self.logs],
            "records": self.n_records,
            "runs": self.n_runs,
            "files_same": len(self.compared.same),
            "files_different": len({one.file for one in self.differences}),
            "n_differences": self.n_differences,
            "differences": [
                {
                    "file": one.file,
                    "field": one.field,
                    "bundle": one.bundle,
                    "recomputed": one.recomputed,
                }
                for one in self.differences
            ],
            "not_compared": list(self.not_compared),
            "warnings": list(self.warnings),
        }


def reproduce(
    bundle: Path,
    job: JobContext,
    *,
    logs: Iterable[str | Path],
    trust: str | None = None,
    key_file: Path | None = None,
    baseline: Path | None = None,
    jobs: int = AnalysisSettings().jobs,
) -> Reproduction:
    """Compute a bundle again from its source logs and compare.

    Args:
        bundle: Its folder; it is verified first.
        job: Progress and cancellation; nothing remains either way.
        logs: Where the logs and tables lie: files, folders, archives.
        trust: Fingerprint of the key that should have signed.
        key_file: The key of pseudonyms, of a case that goes by them.
        baseline: The saved baseline that the analysis ranked accounts among.
        jobs: Threads of the analysis; never changes a result.

    Raises:
        InputError: The bundle does not verify or could not be recomputed, or a log, the key or the
            baseline is not there.
        VersionError: It was written by a newer version.
        StorageError: The disk is full or failing.
        CancelledError: The user cancelled.
    """
    found = verify(bundle, trust, ScaledJob(job, 0.0, 0.05))
    if not found.intact:
        raise InputError(
            f"{bundle} does not verify: {found.problems[0]}.",
            remedy="Only a bundle that is what was signed can be recomputed: workbench verify",
        )
    stated = read_stated(bundle)
    names = list(logs)
    if not names:
        raise InputError(
            "No logs were named to recompute the bundle from.", remedy="Name them with --logs."
        )
    ranked = _baseline(stated, baseline)
    given = [entry for entry in stated.records if entry.kind is not EntryKind.RUN]
    places = find(given, names, ScaledJob(job, 0.05, 0.15), where_they_were=False)
    try:
        with tempfile.TemporaryDirectory(
            prefix="workbench-", ignore_cleanup_errors=True
        ) as temporary:
            again = _Again(stated, Path(temporary), jobs, ranked)
            restored = again.make(places, ScaledJob(job, 0.15, 0.75), key_file)
            compared = again.compared(ScaledJob(job, 0.75, 1.0))
    except OSError as error:
        raise storage_error(error, f"The temporary folder {tempfile.gettempdir()}") from error
    except NotAssessedError as error:
        raise InputError(error.fact, remedy=error.remedy) from error
    files = [f for e in given if e.kind is EntryKind.IMPORT for f in e.body.get("files", ())]
    files += [e.body for e in given if e.kind is EntryKind.JOIN]
    return Reproduction(
        path=bundle,
        fingerprint=found.fingerprint,
        logs=tuple(
            dict.fromkeys((f["path"], f["sha256"]) for f in files if f.get("sha256") in places)
        ),
        n_records=restored.n_records,
        n_runs=len(stated.runs),
        compared=compared,
        read=tuple(again.read),
        not_compared=again.left,
        warnings=(*restored.notices, *_warned(stated, again.changed), *again.warnings),
    )


def _warned(stated: Stated, changed: dict[str, tuple[str, str]]) -> list[str]:
    """What may make the difference without anybody having said anything false."""
    said = []
    if changed:
        versions = ", ".join(f"{name} {was} (here {now})" for name, (was, now) in changed.items())
        said.append(
            f"The bundle was made with other versions: {elide(versions, 400)}. Differences may "
            "come from that; the report and other words of the program are not compared."
        )
    if stated.cut_runs:
        runs = plural(stated.cut_runs, "analysis", "analyses")
        said.append(
            f"{runs} after the last one that ended well did not; what they left in the case is "
            "not made again."
        )
    return said


class _Again:
    """A case that is made again in a temporary folder, and what it would export."""

    def __init__(self, stated: Stated, folder: Path, jobs: int, baseline: Path | None) -> None:
        self._stated = stated
        self._folder = folder
        self._path = folder / "made.case"
        self._jobs = jobs
        self._baseline = baseline
        self.read: list[Difference] = []
        self.warnings: list[str] = []

    # --- the case ----------------------------------------------------------------------------
    def make(self, places: dict[str, Any], job: JobContext, key_file: Path | None) -> Restored:
        """Give it the logs, analyse it, and put the journals of the bundle in."""
        file = self._stated.case
        with closing(Case.create(self._path, name=file.name)) as case:
            made = replace(file, id=case.id)
        made.write(self._path / "case.toml")
        last = list(self._stated.runs)[-1]
        workspace = Workspace.open(self._path)
        try:
            workspace.sign_with(Signer.fleeting("reproduce"))

            def run(entry: JournalEntry, share: JobContext) -> None:
                workspace.analysing.run(self._settings(entry), share)
                if entry.digest == last:
                    self._take_over(workspace)

            restored = make_again(
                workspace,
                self._stated.records,
                places,
                job,
                key_file=key_file,
                differs=self._differs,
                run=run,
            )
        finally:
            workspace.close()
            Remembered(config_folder() / "heads", made.id, self._path).forget()
        self._bring(file)
        return restored

    def _settings(self, entry: JournalEntry) -> AnalysisSettings:
        said = replace(self._stated.runs[entry.digest], jobs=self._jobs)
        # A path of somebody else's computer says nothing here.
        return replace(said, baseline=str(self._baseline) if said.baseline else "")

    def _differs(self, path: str, name: str, was: Any, now: Any) -> None:
        where = f"the import of {elide(path, 80)}, {name}"
        self.read.append(Difference(_AUDIT, where, elide(str(was), 120), elide(str(now), 120)))

    def _take_over(self, workspace: Workspace) -> None:
        """Planted campaigns take hours and are no part of the finding."""
        measured = next((s for s in self._stated.stages if s.stage == POWER), None)
        if measured is None:
            return
        planted = workspace.detectability
        planted.take_over(self._stated.planted, measured.key, measured.info)
        self.warnings.append(
            "What would have been found of planted campaigns was not measured again: it stands as "
            "the bundle says it."
        )

    def _bring(self, file: CaseFile) -> None:
        """Let the closed case be the one of the bundle: its name, its journals, its prices."""
        stated, decided = self._stated, self._path / "decided"
        shutil.rmtree(decided)
        decided.mkdir()
        audit = stated.path / _AUDIT
        for path in (*journal_files(audit), audit / PINS):
            shutil.copyfile(path, decided / path.name)
        if (audit / "stamps").is_dir():
            shutil.copytree(audit / "stamps", decided / "stamps")
        file.write(self._path / "case.toml")
        if stated.prices:
            data = (stated.path / stated.prices).read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            (self._path / f"{KEPT}-{digest[:16]}").write_bytes(data)

    # --- what it says ------------------------------------------------------------------------
    def compared(self, job: JobContext) -> Compared:
        """Write what the bundle should say, and compare the bundle with it."""
        stated, out = self._stated, self._folder / "again"
        (out / "data").mkdir(parents=True)
        try:
            # What the exporter could read, whoever computes it again.
            with Workspace.open(self._path, write=False, reader=stated.reader) as workspace:
                content = workspace.exporting.gathering.content(
                    self._scope(workspace),
                    marking=stated.marking,
                    texts=stated.texts,
                    job=ScaledJob(job, 0.0, 0.3),
                )
                write_data(content, out / "data", ScaledJob(job, 0.3, 0.8))
        except (InputError, NotAssessedError) as error:
            return _nothing(f"none: {error.fact}")
        names = {
            f"data/{name}"
            for folder in (stated.path, out)
            for name in files_in(folder / "data")
            if not self._is_left(f"data/{name}")
        }
        job.report("Comparing", done=0.8)
        found = compare(stated.path, out, names, job.check, passes=self._passes)
        if found.differences or self.changed:
            return found
        n_files = len(names)
        n_bytes = sum((out / name).stat().st_size for name in names)
        n_all = n_files + len(tag_files(BUNDLE_VERSION)) + 1 + len(SIGNATURE_FILES)
        tags = {
            BAG_INFO: bag_info(content, n_bytes=n_bytes, n_files=n_files),
            "VERIFY.txt": verify_txt(content, n_payload=n_files, n_all=n_all),
        }
        for name, text in tags.items():
            (out / name).write_text(text, "utf-8", newline="\n")
        more = compare(stated.path, out, tags, job.check, passes=self._passes)
        return Compared(found.same + more.same, more.differences, more.counted)

    def _scope(self, workspace: Workspace) -> Scope:
        """What was asked for, as far as it is there; what is not is told by the tables."""
        asked = self._stated.scope
        there = set(workspace.browsing.clusters().column("cluster_id").to_pylist())
        found = tuple(one for one in asked.clusters if one in there)
        return replace(asked, clusters=found or asked.clusters)

    @cached_property
    def changed(self) -> dict[str, tuple[str, str]]:
        """Programs and libraries of another version: as the bundle says, and here."""
        there, here = self._stated.versions, custody.versions()
        return {
            name: (there.get(name, "none"), here.get(name, "none"))
            for name in sorted(there.keys() | here.keys())
            if there.get(name) != here.get(name)
        }

    @property
    def left(self) -> tuple[str, ...]:
        """Files that are not compared, because another version wrote them."""
        names = (f"data/{name}" for name in files_in(self._stated.path / "data"))
        return tuple(sorted(name for name in names if self._is_left(name)))

    def _is_left(self, name: str) -> bool:
        return bool(self.changed) and (name.endswith(_WORDS) or name in _OF_A_VERSION)

    def _passes(self, found: Difference) -> bool:
        if not self.changed:
            return True
        of_stage = found.file == _STAGES and found.field.endswith((", key", ", info"))
        return not found.lacking and not of_stage and ", info, " not in found.field


def _nothing(said: str) -> Compared:
    """Of a bundle whose like could not be written."""
    whole = Difference("data/", "what was exported", "it was exported", elide(said, 200))
    return Compared((), (whole,), {"data/": 1})


def _baseline(stated: Stated, path: Path | None) -> Path | None:
    """The saved baseline that the analysis ranked accounts among; None where it did not."""
    if not any(settings.baseline for settings in stated.runs.values()):
        return None
    told = next((s.info.get("baseline") for s in stated.stages if s.stage == "signals"), None)
    digest = str(told.get("digest", "")) if isinstance(told, dict) else ""
    if path is None:
        raise InputError(
            "The bundle's analysis ranked accounts among a saved baseline"
            f"{f' (SHA-256 {digest})' if digest else ''}, which is not in the bundle.",
            remedy="Name its file with --baseline.",
        )
    # Imported here: the analysis brings numba with it.
    from workbench.analysis.signals.baseline import Baseline

    if digest and Baseline.read(path).digest != digest:
        raise InputError(
            f"{path} is another baseline than the bundle's, which has the SHA-256 {digest}.",
            remedy="Name its file with --baseline.",
        )
    return path.absolute()
