"""The use case analyse: one run over the case, recorded whether it ends well or not.

A run is entered into the journal when it starts and when it ends, so that one that was killed
shows as abandoned. Knows no stage: the analysis does.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench import __version__
from workbench.domain.changes import Changes
from workbench.domain.errors import CancelledError
from workbench.domain.label import DECISIONS, EntryKind
from workbench.domain.settings import AnalysisSettings
from workbench.services.info import info

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from workbench.analysis.run import RunReport
    from workbench.case.identity import Signer
    from workbench.domain.label import JournalEntry
    from workbench.domain.progress import JobContext
    from workbench.services.open_case import OpenCase

STARTED: Final = "started"
DONE: Final = "done"
CANCELLED: Final = "cancelled"
FAILED: Final = "failed"
#: What a run is called that has no end in the journal and is not the one that runs now.
ABANDONED: Final = "abandoned"

RUNS_SCHEMA: Final = pa.schema(
    [
        ("run", pa.string()),
        ("started", pa.timestamp("us")),
        ("analyst", pa.string()),
        ("state", pa.string()),
        ("seconds", pa.float64()),
        ("computed", pa.int64()),
        ("skipped", pa.int64()),
        *((name, pa.int64()) for name in ("seed", "landmarks", "cells")),
        ("embedder", pa.string()),
        ("q", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class StageDone:
    """What became of one stage.

    Attributes:
        stage: Its name.
        key: Digest of everything that it depends on.
        digest: Logical digest of what it published.
        skipped: It was current.
        seconds: Time it took; 0 when skipped.
    """

    stage: str
    key: str
    digest: str
    skipped: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class AnalysisReport:
    """What a run did.

    Attributes:
        settings: Its parameters.
        stages: Every stage, in order.
        seconds: The whole run.
        changes: What views must refresh.
    """

    settings: AnalysisSettings
    stages: tuple[StageDone, ...]
    seconds: float
    changes: Changes

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "settings": asdict(self.settings),
            "stages": [asdict(stage) for stage in self.stages],
            "seconds": round(self.seconds, 3),
        }


class Analysing:
    """Runs the analysis of an open case.

    Args:
        held: The open case.
        signer: Gives the analyst's key, for the journal.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer

    def run(self, settings: AnalysisSettings, job: JobContext) -> AnalysisReport:
        """Run every stage that is not current.

        Stages that were finished stay published when the run ends early.

        Raises:
            CancelledError: The job was cancelled.
            KnownError: The case is empty or cannot be written, or a setting cannot be met.
        """
        # Imported here: the analysis brings numba with it.
        from workbench.analysis.run import analyse, program_digest

        case = self._held.case
        began = time.perf_counter()
        body = {key: value for key, value in asdict(settings).items() if key != "jobs"}
        program = {"version": __version__, "code": program_digest()}
        entry = self._note({"state": STARTED, "settings": body, "program": program})
        state = FAILED
        report: RunReport | None = None
        try:
            report = analyse(
                case.engine,
                case.artifacts,
                settings,
                job,
                decisions_digest=decisions_digest(case.journals.entries()),
            )
            state = DONE
        except CancelledError:
            state = CANCELLED
            raise
        finally:
            # Also after a cancel: finished stages are published, and the reading is of before.
            self._held.renew(results=True)
            seconds = round(time.perf_counter() - began, 3)
            self._note({"run": entry.digest, "state": state, "seconds": seconds, **_counts(report)})
        stages = tuple(
            StageDone(stage.name, stage.key, stage.digest, stage.skipped, stage.seconds)
            for stage in report.stages
        )
        return AnalysisReport(settings, stages, report.seconds, Changes(computed=True))

    def last_settings(self) -> AnalysisSettings:
        """Parameters of the last run that was started; the defaults before the first."""
        for entry in reversed(self._held.case.journals.entries()):
            if entry.kind is EntryKind.RUN and "settings" in entry.body:
                known = {f: v for f, v in entry.body["settings"].items() if f in _FIELDS}
                return AnalysisSettings(**known)
        return AnalysisSettings()

    def overtaken(self) -> str:
        """What results do not speak of, a sentence; empty where they are current, or none."""
        points = self._held.results().points
        if points is None:
            return ""
        held, seen = info(self._held).n_exchanges, len(points.exchange_id)
        if held != seen:
            return f"The case holds {held:,} exchanges, but the analysis has seen {seen:,}."
        if self._tables_since():
            return "Tables beside the logs were added or taken out since the analysis."
        return ""

    def _tables_since(self) -> bool:
        """Whether a table beside the logs was added or taken out since the last run began."""
        last = next((e for e in reversed(self._held.book().entries) if e.kind in _TOUCHING), None)
        return last is not None and last.kind is EntryKind.JOIN

    def _note(self, body: dict[str, Any]) -> JournalEntry:
        entry: JournalEntry = self._held.case.journals.append(EntryKind.RUN, body, self._signer())
        self._held.renew(decisions=True)
        return entry


#: What makes results current, and what may make them old.
_TOUCHING: Final = frozenset({EntryKind.RUN, EntryKind.JOIN})
_FIELDS: Final = frozenset(AnalysisSettings.__dataclass_fields__) - {"jobs"}


def _counts(report: RunReport | None) -> dict[str, Any]:
    if report is None:
        return {}
    skipped = sum(stage.skipped for stage in report.stages)
    return {
        "computed": len(report.stages) - skipped,
        "skipped": skipped,
        "stages": {stage.name: stage.digest for stage in report.stages},
    }


def decisions_digest(entries: Iterable[JournalEntry]) -> str:
    """SHA-256 (hex) over the digests of all decisions, in order: what stage keys see of them."""
    decisions = [entry.digest for entry in entries if entry.kind in DECISIONS]
    return hashlib.sha256("\n".join(decisions).encode()).hexdigest()


def runs_table(entries: Iterable[JournalEntry]) -> pa.Table:
    """Runs from the journal, the newest first (``RUNS_SCHEMA``); one without an end: abandoned."""
    ends: dict[str, dict[str, Any]] = {}
    starts: list[JournalEntry] = []
    for entry in entries:
        if entry.kind is not EntryKind.RUN:
            continue
        if "run" in entry.body:
            ends[entry.body["run"]] = entry.body
        else:
            starts.append(entry)
    rows = []
    for entry in reversed(starts):
        end = ends.get(entry.digest, {})
        settings = entry.body.get("settings", {})
        rows.append(
            {
                "run": entry.digest,
                "started": entry.at_us,
                "analyst": entry.analyst.name,
                "state": end.get("state", ABANDONED),
                "seconds": end.get("seconds"),
                "computed": end.get("computed"),
                "skipped": end.get("skipped"),
                **{name: settings.get(name) for name in ("seed", "landmarks", "cells", "q")},
                "embedder": settings.get("embedder"),
            }
        )
    return pa.Table.from_pylist(rows, schema=RUNS_SCHEMA)
