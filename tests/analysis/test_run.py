"""Stage keys, skipping, resuming, progress and cancel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.run import analyse
from workbench.analysis.stage import Context, Stage, StageResult, code_digest, seed_sequence
from workbench.domain.errors import CancelledError
from workbench.domain.ports import Statement
from workbench.domain.settings import AnalysisSettings

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS = AnalysisSettings(seed=3)
COUNT = Statement("count", "SELECT COUNT(*) AS n FROM exchange")


def count(context: Context) -> StageResult:
    n = context.engine.table(COUNT)["n"][0].as_py()
    return StageResult({"n": np.array([n])}, info={"n": n})


def parity(context: Context) -> StageResult:
    return StageResult({"odd": context.artifacts.array("count", "n") % 2})


def draw(context: Context) -> StageResult:
    return StageResult({"x": context.random().random(3)})


def plan(after_count: Callable[[Context], StageResult] = parity) -> tuple[Stage, ...]:
    return (
        Stage("count", "Counting", count, weight=3.0),
        Stage("parity", "Halving", after_count, after=("count",), weight=1.0),
        Stage("draw", "Drawing", draw, settings=("seed",)),
    )


@pytest.fixture
def case() -> FakeCase:
    return FakeCase([{"account_id": "a", "prompt": "one"}, {"account_id": "b", "prompt": "two"}])


def names(report: object, *, skipped: bool) -> list[str]:
    return [run.name for run in report.stages if run.skipped is skipped]  # type: ignore[attr-defined]


def test_a_rerun_skips_what_is_current(case: FakeCase) -> None:
    artifacts = FakeArtifacts()
    first = analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=plan())
    assert names(first, skipped=False) == ["count", "parity", "draw"]
    assert first.changed
    second = analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=plan())
    assert names(second, skipped=True) == ["count", "parity", "draw"]
    assert not second.changed
    assert [run.digest for run in first.stages] == [run.digest for run in second.stages]
    assert artifacts.published == {"count": 1, "parity": 1, "draw": 1}


def test_only_what_a_setting_touches_runs_again(case: FakeCase) -> None:
    artifacts = FakeArtifacts()
    analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=plan())
    changed = replace(SETTINGS, seed=4, jobs=1)
    report = analyse(case.engine, artifacts, changed, RecordingJob(), plan=plan())
    assert names(report, skipped=False) == ["draw"]


def test_jobs_is_no_part_of_a_key(case: FakeCase) -> None:
    artifacts = FakeArtifacts()
    analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=plan())
    more = replace(SETTINGS, jobs=7)
    report = analyse(case.engine, artifacts, more, RecordingJob(), plan=plan())
    assert names(report, skipped=False) == []


def test_an_import_makes_every_stage_stale(case: FakeCase) -> None:
    artifacts = FakeArtifacts()
    analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=plan())
    case.add([{"account_id": "c", "prompt": "three"}])
    report = analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=plan())
    assert names(report, skipped=False) == ["count", "parity", "draw"]
    assert artifacts.array("count", "n")[0] == 3
    assert artifacts.array("parity", "odd")[0] == 1


def test_a_pinned_stage_outlives_imports_until_it_no_longer_serves(case: FakeCase) -> None:
    serves = [True]
    stages = (Stage("count", "Counting", count, pinned=lambda _: serves[0]),)
    artifacts = FakeArtifacts()
    analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=stages)
    case.add([{"account_id": "c", "prompt": "three"}])
    analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=stages)
    assert artifacts.array("count", "n")[0] == 2
    serves[0] = False
    report = analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=stages)
    assert names(report, skipped=False) == ["count"]
    assert artifacts.array("count", "n")[0] == 3


def test_a_run_that_died_goes_on_where_it_stopped(case: FakeCase) -> None:
    def broken(_: Context) -> StageResult:
        raise OSError("the disk went away")

    artifacts = FakeArtifacts()
    with pytest.raises(OSError, match="disk"):
        analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=plan(broken))
    assert artifacts.published == {"count": 1}
    report = analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=plan())
    assert names(report, skipped=True) == ["count"]


def test_cancel_leaves_the_stage_unpublished_and_closes_the_engine(case: FakeCase) -> None:
    artifacts = FakeArtifacts()
    opened = []

    def engine() -> object:
        opened.append(case.engine())
        return opened[-1]

    with pytest.raises(CancelledError):
        analyse(engine, artifacts, SETTINGS, RecordingJob(cancel_at="Halving"), plan=plan())  # type: ignore[arg-type]
    assert artifacts.published == {"count": 1}
    assert opened[0].closed


def test_decisions_enter_only_the_keys_that_read_them(case: FakeCase) -> None:
    stages = (Stage("count", "Counting", count), Stage("draw", "Drawing", draw, decisions=True))
    artifacts = FakeArtifacts()
    for digest, expected in (("x", ["count", "draw"]), ("x", []), ("y", ["draw"])):
        report = analyse(
            case.engine, artifacts, SETTINGS, RecordingJob(), decisions_digest=digest, plan=stages
        )
        assert names(report, skipped=False) == expected


def test_resources_and_version_enter_the_key() -> None:
    plain = Stage("count", "Counting", count)
    keys = {
        stage.key(SETTINGS, batches="b", inputs={})
        for stage in (
            plain,
            replace(plain, version=2),
            replace(plain, resources=lambda _: {"table": "1"}),
            replace(plain, resources=lambda _: {"table": "2"}),
            replace(plain, libraries=("numpy",)),
            replace(plain, name="other"),
        )
    }
    assert len(keys) == 6


def test_progress_rises_over_the_stages_that_run(case: FakeCase) -> None:
    artifacts = FakeArtifacts()
    analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=plan()[:1])
    job = RecordingJob()
    analyse(case.engine, artifacts, SETTINGS, job, plan=plan())
    shares = [done for _, done in job.reports if done is not None]
    assert shares == sorted(shares)
    assert shares[0] >= 0.0
    assert shares[-1] <= 1.0
    # Counting is current: halving begins at nothing and ends at half (equal weights).
    assert ("Halving", 0.0) in job.reports
    assert ("Drawing", 0.5) in job.reports


def test_a_plan_out_of_order_is_our_bug_and_says_so(case: FakeCase) -> None:
    with pytest.raises(LookupError, match="parity needs count"):
        analyse(case.engine, FakeArtifacts(), SETTINGS, RecordingJob(), plan=plan()[1:])


def test_random_numbers_are_the_stages_own() -> None:
    def states(seed: int, stage: str) -> tuple[int, ...]:
        return tuple(int(word) for word in seed_sequence(seed, stage).generate_state(4))

    assert states(0, "a") == states(0, "a")
    assert len({states(0, "a"), states(0, "b"), states(1, "a"), states(-1, "a")}) == 4


def test_code_digest_follows_imports_and_statements() -> None:
    assert code_digest("workbench.analysis.threads") == code_digest("workbench.analysis.threads")
    assert code_digest("workbench.analysis.threads") != code_digest("workbench.analysis.text")
