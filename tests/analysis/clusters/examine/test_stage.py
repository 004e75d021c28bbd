"""The stage: every cluster gets every examination, told or said why not."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from tests.analysis.clusters.examine.worlds import HARVESTERS, PEOPLE
from tests.analysis.clusters.examine.worlds import world as make
from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.answers.stage import Answers
from workbench.analysis.clusters.examine.stage import EXAMINATIONS, FACTS, examine_stage
from workbench.analysis.run import analyse
from workbench.analysis.stage import Context, StageResult
from workbench.domain.errors import CancelledError
from workbench.domain.settings import AnalysisSettings
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from tests.analysis.clusters.examine.worlds import World

NAMES = [one.NAME for one in EXAMINATIONS]


@pytest.fixture(scope="module")
def made() -> World:
    return make()


def case_of(made: World, *, timed: bool = True) -> FakeCase:
    population = made.population
    return FakeCase(
        {
            "account_id": f"a{account:04d}",
            "prompt": f"p{prompt}",
            "ts": int(ts) if timed and ts != UNKNOWN else None,
        }
        for account, prompt, ts in zip(
            population.account.tolist(), population.prompt, population.ts, strict=True
        )
    )


def published(made: World, verdicts: list[str]) -> FakeArtifacts:
    """As earlier stages publish it; harvesters are the first cluster, others make up the rest."""
    population, artifacts = made.population, FakeArtifacts()
    n = population.n_accounts
    cluster = np.full(n, -1, np.int32)
    cluster[PEOPLE:] = 0
    for number in range(1, len(verdicts)):
        cluster[number * 10 : number * 10 + 3] = number
    if not verdicts:
        cluster[:] = -1

    def publish(
        stage: str, tables: dict[str, pa.Table] | None = None, **arrays: np.ndarray
    ) -> None:
        artifacts.publish(stage, stage, arrays=arrays, tables=tables or {}, info={})

    publish("accounts", code=np.arange(n, dtype=np.int32))
    publish(
        "exchanges",
        offsets=population.offsets,
        ts=population.ts,
        prompt=population.prompt,
        exchange_id=np.arange(1, len(population.prompt) + 1),
    )
    publish("text.groups", group=population.group)
    publish("text.templates", template=population.template)
    publish("space.landmarks", vector=population.vectors)
    publish("space.place", cell=population.cell, landmark=population.landmark)
    publish("answers", **asdict(silent(len(population.prompt))))
    publish("conversations", again=population.again)
    publish("signals")
    publish("entities")
    ids = [f"C-{number + 1:03d}" for number in range(len(verdicts))]
    table = pa.table({"cluster_id": pa.array(ids, pa.string()), "verdict": verdicts})
    publish(
        "clusters",
        {"clusters": table},
        cluster=cluster,
        membership=np.where(cluster >= 0, 0.9, 0.0),
    )
    return artifacts


def silent(n: int) -> Answers:
    """Of a log that tells nothing of what came back."""
    answers = {field.name: np.full(n, -1, np.int64) for field in fields(Answers)}
    return Answers(**answers | {"form": np.zeros(n, np.uint64)})  # type: ignore[arg-type]


def run(made: World, artifacts: FakeArtifacts, job: RecordingJob | None = None) -> StageResult:
    engine = case_of(made).engine()
    context = Context("examine", AnalysisSettings(), engine, artifacts, job or RecordingJob())
    return examine_stage().run(context)


def test_every_cluster_gets_every_examination(made: World) -> None:
    artifacts = published(made, ["multi-axis", "no-finding"])
    found = run(made, artifacts)
    table = found.tables["facts"]
    assert table.schema == FACTS
    rows = table.to_pylist()
    assert [(row["cluster_id"], row["name"]) for row in rows] == [
        (cluster, name) for cluster in ("C-001", "C-002") for name in NAMES
    ]
    of = {row["name"]: row for row in rows[: len(NAMES)]}
    assert of["depth"]["speaks"] == "for"
    assert json.loads(of["depth"]["message"])["key"] == "fact.depth"
    assert json.loads(of["coverage_curve"]["curve"])["exchanges"][0] == 0
    assert all((row["message"] is None) != (row["reason"] is None) for row in rows)
    assert found.info == {"clusters": artifacts.entries["clusters"].digest}


def test_no_cluster_no_facts(made: World) -> None:
    found = run(made, published(made, []))
    assert found.tables["facts"].schema == FACTS
    assert found.tables["facts"].num_rows == 0


def test_the_same_case_gives_the_same_facts(made: World) -> None:
    one, two = (run(made, published(made, ["triage"])).tables["facts"] for _ in range(2))
    assert one.equals(two)


def test_what_the_log_lacks_is_named() -> None:
    timeless = make(timed=False)
    engine = case_of(timeless, timed=False).engine()
    context = Context(
        "examine", AnalysisSettings(), engine, published(timeless, ["triage"]), RecordingJob()
    )
    rows = {row["name"]: row for row in examine_stage().run(context).tables["facts"].to_pylist()}
    assert rows["gap_filling"]["reason"] == "ts"
    assert rows["coverage_curve"]["reason"] is None


def test_another_cluster_moves_no_fact(made: World) -> None:
    alone = run(made, published(made, ["triage"])).tables["facts"]
    beside = run(made, published(made, ["triage", "no-finding"])).tables["facts"]
    assert beside.slice(0, len(NAMES)).to_pylist() == alone.to_pylist()


def test_members_of_a_finding_are_nobodys_peers(made: World) -> None:
    plain = run(made, published(made, ["no-finding", "no-finding"])).tables["facts"].to_pylist()
    found = run(made, published(made, ["no-finding", "triage"])).tables["facts"].to_pylist()
    p = [next(row["value"] for row in rows if row["name"] == "depth") for rows in (plain, found)]
    assert p[0] == p[1]
    assert plain != found


def test_it_can_be_cancelled_and_is_skipped_when_current(made: World) -> None:
    artifacts = published(made, ["triage"])
    with pytest.raises(CancelledError):
        run(made, artifacts, RecordingJob(cancel_at="Looking at clusters more closely"))
    stage = examine_stage()
    for expected in (False, True):
        report = analyse(
            case_of(made).engine, artifacts, AnalysisSettings(), RecordingJob(), plan=[stage]
        )
        assert [one.skipped for one in report.stages] == [expected]
    assert len(made.subject.accounts) == HARVESTERS
