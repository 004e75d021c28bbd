"""One analysis run: the stages in order, those that are current skipped.

Knows the order and nothing of what a stage does. Each stage is published as one atomic step,
so a run that was cancelled or killed goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import platform
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from workbench.analysis.stage import Context, Stage, code_digest
from workbench.domain.ports import Statement
from workbench.domain.progress import Job, ScaledJob

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from workbench.domain.ports import Artifacts, Engine
    from workbench.domain.progress import JobContext
    from workbench.domain.settings import AnalysisSettings

_BATCHES = Statement.read(__file__, "batches")
_ADDED = Statement.read(__file__, "added")


@dataclass(frozen=True, slots=True)
class StageRun:
    """What became of one stage.

    Attributes:
        name: The stage.
        key: Digest of everything it depends on.
        digest: Logical digest of what it published.
        skipped: It was current, so nothing was computed.
        seconds: Time it took; 0 when skipped.
    """

    name: str
    key: str
    digest: str
    skipped: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class RunReport:
    """What an analysis run did.

    Attributes:
        settings: Its parameters.
        batches: Digest of the batch set that it read.
        stages: Every stage, in order.
        seconds: The whole run.
    """

    settings: AnalysisSettings
    batches: str
    stages: tuple[StageRun, ...]
    seconds: float

    @property
    def changed(self) -> bool:
        """Whether anything was computed."""
        return any(not stage.skipped for stage in self.stages)


def stages() -> tuple[Stage, ...]:
    """Every stage of the analysis, in order: each reads only stages before it."""
    # Imported here: numba and faiss take a second that the start of the window cannot spare.
    from workbench.analysis.accounts import accounts_stage, exchanges_stage
    from workbench.analysis.answers.stage import answers_stage
    from workbench.analysis.clusters.attribution_stage import attribution_stage
    from workbench.analysis.clusters.examine.stage import examine_stage
    from workbench.analysis.clusters.loss_stage import loss_stage
    from workbench.analysis.clusters.stage import clusters_stage, entities_stage
    from workbench.analysis.conversations.stage import conversations_stage
    from workbench.analysis.signals.stage import signals_stage
    from workbench.analysis.space.landmarks import landmarks_stage
    from workbench.analysis.space.place import place_stage
    from workbench.analysis.space.segments import segments_stage
    from workbench.analysis.text.groups import groups_stage
    from workbench.analysis.text.templates import templates_stage

    return (
        accounts_stage(),
        exchanges_stage(),
        groups_stage(),
        templates_stage(),
        landmarks_stage(),
        place_stage(),
        segments_stage(),
        answers_stage(),
        conversations_stage(),
        signals_stage(),
        entities_stage(),
        clusters_stage(),
        attribution_stage(),
        loss_stage(),
        examine_stage(),
    )


def plan_for(name: str) -> tuple[Stage, ...]:
    """What of ``stages()`` a stage needs, and the stage itself, in order.

    Raises:
        KeyError: There is no such stage.
    """
    known = {stage.name: stage for stage in stages()}
    wanted, waiting = set[str](), [name]
    while waiting:
        wanted.add(one := waiting.pop())
        waiting.extend(known[one].after)
    return tuple(stage for stage in known.values() if stage.name in wanted)


def stale(
    engine_factory: Callable[[], Engine],
    artifacts: Artifacts,
    settings: AnalysisSettings,
    plan: Sequence[Stage],
    *,
    decisions_digest: str = "",
) -> tuple[str, ...]:
    """Stages of a plan that a run would compute: what they published is not current.

    Raises:
        KnownError: As ``analyse``, of a setting that cannot be met.
    """
    engine = engine_factory()
    try:
        return _Run(plan, engine, artifacts, settings, decisions_digest).stale(Job())
    finally:
        engine.close()


def batch_set(engine_factory: Callable[[], Engine]) -> str:
    """SHA-256 (hex) over all that was given: another one after each import or added table."""
    engine = engine_factory()
    try:
        return _with_added(_batch_set(engine), engine)
    finally:
        engine.close()


def program_digest() -> str:
    """SHA-256 (hex) of all code that results depend on: of every stage, and of its libraries.

    Whoever has other code, another library or another Python has another digest.
    """
    parts = [
        (
            stage.name,
            stage.version,
            code_digest(stage.run.__module__),
            [(name, version(name)) for name in stage.libraries],
        )
        for stage in stages()
    ]
    return hashlib.sha256(repr((platform.python_version(), parts)).encode()).hexdigest()


def analyse(
    engine_factory: Callable[[], Engine],
    artifacts: Artifacts,
    settings: AnalysisSettings,
    job: JobContext,
    *,
    decisions_digest: str = "",
    plan: Sequence[Stage] | None = None,
) -> RunReport:
    """Run every stage that is not current.

    Args:
        engine_factory: Opens an engine for the calling thread; it is closed at the end.
        artifacts: Where stages publish, and where later stages read.
        settings: Parameters.
        job: Progress over the whole run, and cancellation.
        decisions_digest: Digest of the decision entries, for stages that read them.
        plan: The stages in order; all of ``stages()`` by default.

    Returns:
        What was done, stage by stage.

    Raises:
        CancelledError: The job was cancelled. Stages that were finished stay published.
        KnownError: A setting that cannot be met (an embedder that is not there, a baseline that
            does not serve).
    """
    from workbench.analysis.text.embed import check_embedder

    began = time.perf_counter()
    engine = engine_factory()
    try:
        check_embedder(settings.embedder, engine)
        if settings.baseline:
            from workbench.analysis.signals.stage import baseline_of

            baseline_of(settings)
        job.report("Looking for what is current", done=0.0)
        run = _Run(
            stages() if plan is None else plan, engine, artifacts, settings, decisions_digest
        )
        shares = run.shares(job)
        done = 0.0
        finished: list[StageRun] = []
        for stage in run.plan:
            job.check()
            share = shares[stage.name]
            finished.append(run.step(stage, ScaledJob(job, done, done + share)))
            done += share
    finally:
        engine.close()
    return RunReport(settings, run.batches, tuple(finished), time.perf_counter() - began)


class _Run:
    """What stays the same over one run."""

    def __init__(
        self,
        plan: Sequence[Stage],
        engine: Engine,
        artifacts: Artifacts,
        settings: AnalysisSettings,
        decisions: str,
    ) -> None:
        self.plan = tuple(plan)
        self.batches = _batch_set(engine)
        self._given = _with_added(self.batches, engine)
        self._engine = engine
        self._artifacts = artifacts
        self._settings = settings
        self._decisions = decisions

    def step(self, stage: Stage, job: JobContext) -> StageRun:
        """Run a stage and publish it, or skip it."""
        context = self._context(stage, job)
        key = self._key(stage)
        published = self._artifacts.current(stage.name)
        if published is not None and published.key == key and _holds(stage, context):
            job.report(stage.step, done=1.0)
            return StageRun(stage.name, key, published.digest, skipped=True, seconds=0.0)
        began = time.perf_counter()
        job.report(stage.step, done=0.0)
        result = stage.run(context)
        job.check()
        published = self._artifacts.publish(
            stage.name, key, arrays=result.arrays, tables=result.tables, info=result.info
        )
        seconds = time.perf_counter() - began
        return StageRun(stage.name, key, published.digest, skipped=False, seconds=seconds)

    def stale(self, job: JobContext) -> tuple[str, ...]:
        """Stages that are not current, or behind one that is not."""
        names: list[str] = []
        for stage in self.plan:
            published = self._artifacts.current(stage.name)
            behind = stage.pinned is None and any(name in names for name in stage.after)
            if (
                published is None
                or behind
                or published.key != self._key(stage)
                or not _holds(stage, self._context(stage, job))
            ):
                names.append(stage.name)
        return tuple(names)

    def shares(self, job: JobContext) -> Mapping[str, float]:
        """Each stage's share of the run's progress; stages that are current take none."""
        waiting = set(self.stale(job))
        whole = sum(stage.weight for stage in self.plan if stage.name in waiting) or 1.0
        return {
            stage.name: stage.weight / whole if stage.name in waiting else 0.0
            for stage in self.plan
        }

    def _context(self, stage: Stage, job: JobContext) -> Context:
        return Context(stage.name, self._settings, self._engine, self._artifacts, job)

    def _key(self, stage: Stage) -> str:
        """The stage's key, given what its inputs have published; a pinned one's has none of them.

        Raises:
            LookupError: An input was never published: the plan is out of order.
        """
        inputs: dict[str, str] = {}
        for name in stage.after if stage.pinned is None else ():
            published = self._artifacts.current(name)
            if published is None:
                raise LookupError(f"stage {stage.name} needs {name}, which has not run")
            inputs[name] = published.digest
        return stage.key(
            self._settings,
            batches=self._given if stage.added else self.batches,
            inputs=inputs,
            decisions=self._decisions,
        )


def _holds(stage: Stage, context: Context) -> bool:
    return stage.pinned is None or stage.pinned(context)


def _batch_set(engine: Engine) -> str:
    """SHA-256 (hex) over what every closed batch holds."""
    rows = engine.table(_BATCHES).to_pylist()
    return hashlib.sha256(repr([sorted(row.items()) for row in rows]).encode()).hexdigest()


def _with_added(batches: str, engine: Engine) -> str:
    """The digest with what was added beside the logs; the same where nothing was."""
    rows = engine.table(_ADDED).to_pylist()
    if not rows:
        return batches
    added = repr([sorted(row.items()) for row in rows])
    return hashlib.sha256(f"{batches}\n{added}".encode()).hexdigest()
