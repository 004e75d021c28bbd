"""The stage ``attribution`` on a small log: members with customers of their own, and strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.accounts import accounts_stage, exchanges_stage
from workbench.analysis.answers.stage import answers_stage
from workbench.analysis.clusters.attribution_stage import SHOWN, attribution_stage
from workbench.analysis.conversations.stage import conversations_stage
from workbench.analysis.stage import Context, StageResult
from workbench.domain.errors import CancelledError
from workbench.domain.settings import AnalysisSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAN, REGIONS, MEMBERS, STRANGERS, EACH = 4, 12, 10, 60, 24
HARVEST = 16


def sent(*, members: int = MEMBERS, strangers: int = STRANGERS) -> list[dict[str, Any]]:
    """Members ask sixteen times off four regions, then eight of everybody's; strangers all."""
    random = np.random.default_rng(4)
    rows: list[dict[str, Any]] = []
    for account in range(members + strangers):
        for k in range(EACH):
            harvest = account < members and k < HARVEST
            region = int(random.integers(0, PLAN) if harvest else random.integers(PLAN, REGIONS))
            rows.append(
                {
                    "account_id": f"{account:03}",
                    "ts": 1_000_000 * len(rows),
                    "prompt": f"{region} {account} {k}",
                }
            )
    return rows


def published(
    rows: list[dict[str, Any]],
    members: int = MEMBERS,
    *,
    verdict: str = "multi-axis",
    template: Mapping[str, int] | None = None,
) -> tuple[FakeCase, FakeArtifacts]:
    """The log, and what the stages before would have published."""
    case, artifacts = FakeCase(rows), FakeArtifacts()
    for stage in (accounts_stage(), exchanges_stage(), answers_stage(), conversations_stage()):
        context = Context(stage.name, AnalysisSettings(), case.engine(), artifacts, RecordingJob())
        result = stage.run(context)
        artifacts.publish(
            stage.name, "", arrays=result.arrays, tables=result.tables, info=result.info
        )
    prompts = list(dict.fromkeys(row["prompt"] for row in rows if row["prompt"] is not None))
    region = np.array([int(text.split()[0]) for text in prompts], dtype=np.int32)
    kinds = template or {}
    vectors = np.eye(REGIONS, dtype=np.float32)
    n_accounts = len(artifacts.array("accounts", "code"))
    values = artifacts.table("accounts", "accounts").column("value").to_pylist()
    member = np.array([int(value) < members for value in values], dtype=np.bool_)
    made: tuple[tuple[str, dict[str, Any]], ...] = (
        ("text.groups", {"group": np.arange(len(prompts), dtype=np.int32)}),
        (
            "text.templates",
            {"template": np.array([kinds.get(p, -1) for p in prompts], dtype=np.int32)},
        ),
        ("space.landmarks", {"vector": vectors}),
        ("space.place", {"cell": region, "landmark": region}),
        ("entities", {"entity": np.arange(n_accounts, dtype=np.int32)}),
        (
            "clusters",
            {
                "cluster": np.where(member, 0, -1).astype(np.int32),
                "membership": member.astype(np.float64),
            },
        ),
    )
    for stage_name, arrays in made:
        table = pa.table({"cluster_id": ["C-001"], "verdict": [verdict]})
        tables = {"clusters": table.slice(0, int(member.any()))} if stage_name == "clusters" else {}
        artifacts.publish(stage_name, "", arrays=arrays, tables=tables, info={})
    return case, artifacts


def run(case: FakeCase, artifacts: FakeArtifacts, job: RecordingJob | None = None) -> StageResult:
    stage = attribution_stage()
    return stage.run(
        Context(stage.name, AnalysisSettings(), case.engine(), artifacts, job or RecordingJob())
    )


def test_the_harvest_is_told_from_what_the_holders_ask() -> None:
    result = run(*published(sent()))
    attribution = result.arrays["attribution"]
    of_members = attribution[: MEMBERS * EACH].reshape(MEMBERS, EACH)
    assert (of_members[:, :HARVEST] >= 0.5).mean() > 0.97
    assert (of_members[:, HARVEST:] < 0.5).mean() > 0.93
    assert np.isnan(attribution[MEMBERS * EACH :]).all()
    witness = result.arrays["witness"][: MEMBERS * EACH].reshape(MEMBERS, EACH)
    assert witness[:, :HARVEST].min() > witness[:, HARVEST:].max()
    rows = result.tables["accounts"].to_pylist()
    assert [row["account"] for row in rows] == list(range(MEMBERS))
    for row, own in zip(rows, of_members, strict=True):
        assert row["n_exchanges"] == row["n_assessed"] == EACH
        assert row["n_attributed"] == (own >= 0.5).sum()
        assert row["expected"] == pytest.approx(float(own.sum()), abs=1e-4)
    (cluster,) = result.tables["clusters"].to_pylist()
    assert cluster["n_attributed"] == sum(row["n_attributed"] for row in rows)
    assert cluster["own_share"] == pytest.approx(1 - HARVEST / EACH, abs=0.1)


def test_what_shows_it_best_is_spread_and_in_order() -> None:
    result = run(*published(sent()))
    shown = result.tables["shown"].to_pylist()
    assert [row["rank"] for row in shown] == list(range(1, SHOWN + 1))
    counts = np.bincount([row["account"] for row in shown])
    assert counts.tolist() == [2] * MEMBERS
    assert len({row["prompt_id"] for row in shown}) == SHOWN
    for half in (shown[:MEMBERS], shown[MEMBERS:]):
        witness = [round(row["witness"], 6) for row in half]
        assert witness == sorted(witness, reverse=True)
    assert all(row["attribution"] >= 0.5 for row in shown)


def test_a_later_turn_goes_with_its_conversation() -> None:
    rows = sent()
    plain = run(*published(rows)).arrays["attribution"]
    # The first member's last exchange asks what everybody asks, and goes on with its first one.
    last = EACH - 1
    rows[last - 1] |= {"session_id": "s", "n_turns": 1, "prompt": "0 again"}
    rows[last] |= {"session_id": "s", "n_turns": 2}
    linked = run(*published(rows)).arrays["attribution"]
    assert plain[last] < 0.5 <= linked[last]


def test_the_same_log_gives_the_same_bytes() -> None:
    first, second = (run(*published(sent())) for _ in range(2))
    for name, array in first.arrays.items():
        assert array.tobytes() == second.arrays[name].tobytes()
    for name, table in first.tables.items():
        assert table == second.tables[name]


def test_too_few_strangers_or_no_prompt_is_not_assessed() -> None:
    result = run(*published(sent(strangers=29)))
    assert np.isnan(result.arrays["attribution"]).all()
    (cluster,) = result.tables["clusters"].to_pylist()
    assert cluster["n_attributed"] is None
    assert cluster["n_assessed"] == 0
    rows = sent()
    rows[0]["prompt"] = None
    found = run(*published(rows))
    assert np.isnan(found.arrays["attribution"][0])
    assert found.tables["accounts"].to_pylist()[0]["n_assessed"] == EACH - 1


def test_members_of_another_finding_are_nobodys_comparison() -> None:
    case, artifacts = published(sent())
    usual = run(case, artifacts).tables["clusters"].to_pylist()[0]["n_compared"]
    assert usual == STRANGERS * EACH
    cluster = artifacts.arrays["clusters", "cluster"].copy()
    cluster[-20:] = 1
    artifacts.arrays["clusters", "cluster"] = cluster
    for verdict, compared in (("triage", usual - 20 * EACH), ("no-finding", usual)):
        artifacts.tables["clusters", "clusters"] = pa.table(
            {"cluster_id": ["C-001", "C-002"], "verdict": ["multi-axis", verdict]}
        )
        found = run(case, artifacts).tables["clusters"].to_pylist()[0]["n_compared"]
        assert found == compared


def test_nothing_and_one_row() -> None:
    result = run(*published([]))
    assert result.arrays["attribution"].shape == (0,)
    assert all(table.num_rows == 0 for table in result.tables.values())
    one = [{"account_id": "000", "ts": 1, "prompt": "1 a"}]
    assert np.isnan(run(*published(one, 0)).arrays["attribution"]).all()
    alone = run(*published(one, 1))
    assert np.isnan(alone.arrays["attribution"]).all()
    assert alone.tables["shown"].num_rows == 0


def test_a_cancelled_run_stops_between_clusters() -> None:
    case, artifacts = published(sent())
    cluster = artifacts.arrays["clusters", "cluster"].copy()
    cluster[-20:] = 1
    artifacts.arrays["clusters", "cluster"] = cluster
    artifacts.tables["clusters", "clusters"] = pa.table(
        {"cluster_id": ["C-001", "C-002"], "verdict": ["multi-axis", "triage"]}
    )
    with pytest.raises(CancelledError):
        run(case, artifacts, RecordingJob(cancel_at="Attributing exchanges"))
