"""Evaluation: what is planned, kept, done and shown, on results made by hand."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from benchmarks import document
from benchmarks.evaluation import work
from benchmarks.evaluation.__main__ import STEPS
from benchmarks.evaluation.plan import GROUPS, SEEDS, Run, chosen, plan
from benchmarks.evaluation.records import judge
from benchmarks.evaluation.results import NOT_RUN, Results
from benchmarks.evaluation.store import Store
from benchmarks.evaluation.tables import bounds, draws, membership
from tests.benchmarks.outcomes import HYDRA, found, only, outcome

if TYPE_CHECKING:
    from pathlib import Path


def test_what_membership_says_is_held_against_who_is_planted() -> None:
    """Accounts of two clusters, one of them under multi-axis: ten of its twelve are planted."""
    rows = [("campaign-1", "", "C-1", "multi-axis")] * 9
    rows += [("campaign-1", "", "C-1", "no-finding"), ("", "", "C-1", "multi-axis")]
    rows += [("", "", "C-1", "no-finding"), ("", "", "C-2", "triage"), ("", "", "", "no-finding")]
    made = outcome(HYDRA, rows)
    share = pa.array([0.95] * 9 + [0.45, 0.85, 0.45, 0.95, None])
    place = made.accounts.column_names.index("membership")
    record = judge(replace(made, accounts=made.accounts.set_column(place, "membership", share)))
    assert [(n, planted) for n, planted, _ in record.members] == [
        (0, 0), (0, 0), (0, 0), (0, 0), (2, 1), (0, 0), (0, 0), (0, 0), (1, 0), (9, 9),
    ]  # fmt: skip
    assert record.members[4][2] == pytest.approx(0.9)
    results = Results([(HYDRA, record)])
    assert membership(results)[2:] == [
        "| 0.4 to 0.5 | 2 | 0.45 | 0.50 | 0 | - | - |",
        "| 0.8 to 0.9 | 1 | 0.85 | 0.00 | 0 | - | - |",
        "| 0.9 to 1.0 | 9 | 0.95 | 1.00 | 0 | - | - |",
    ]
    assert bounds(results)[2] == (
        "| hydra | 0.900 / 0.900 | 0.900 / 0.900 | 0.900 / 0.900 | 0.900 / 0.900 | 0.900 / 1.000 |"
    )


# --- the plan ----------------------------------------------------------------------------
def test_another_seed_of_the_analysis_is_another_run_and_none_keeps_its_name(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, "code")
    drawn = replace(HYDRA, group="draws", draw=2)
    assert "draw" not in HYDRA.as_dict()
    assert drawn.as_dict()["draw"] == 2
    assert store.path(drawn) != store.path(HYDRA)
    assert "draw2" in drawn.label
    lines = draws(only((HYDRA, found(HYDRA)), (drawn, found(drawn, caught=5))))
    assert lines[2].startswith("| hydra | 0 | ")
    assert NOT_RUN in lines[3]
    assert lines[4].startswith("| hydra | 2 | ")
    assert "| 0.500 | 0 of 90 " in lines[4]


def test_every_group_is_planned_with_seeds_that_nothing_was_tuned_on() -> None:
    runs = plan(SEEDS)
    assert {run.group for run in runs} == set(GROUPS)
    assert min(run.seed for run in runs) == 390
    assert len({run.label for run in runs if run.group == "real"}) == len(
        [run for run in runs if run.group == "real"]
    )
    silent = [run for run in runs if run.group == "real" and run.scenario == "benign"]
    assert sum(run.accounts for run in silent) > 12_000
    assert all(
        run.traffic().operators or run.scenario in ("benign", "lookalikes-only") for run in runs
    )


def test_a_part_of_the_plan() -> None:
    runs = plan(1)
    assert {run.scenario for run in chosen(runs, "real:hydra,alerts")} == {"hydra"}
    assert len(chosen(runs, "ablations")) == 30
    with pytest.raises(ValueError, match="nothing is planned as 'reel'"):
        chosen(runs, "reel")


def test_changes_reach_the_traffic() -> None:
    run = next(run for run in plan(1) if run.group == "fractions" and run.point == 0.1)
    assert run.traffic().operators[0].dilution == pytest.approx(0.9)


# --- what is kept ------------------------------------------------------------------------
def test_a_result_comes_back_as_it_was(tmp_path: Path) -> None:
    store = Store(tmp_path, "abc")
    absent = pa.table({"account_id": ["gone"], "campaign_id": ["campaign-9"], "lookalike": [""]})
    before = found(HYDRA, caught=7)
    before = replace(before, truth=pa.concat_tables([before.truth, absent]))
    assert store.load(HYDRA) is None
    store.save(HYDRA, before)
    again = store.load(HYDRA)
    assert again is not None
    assert again.accounts.equals(before.accounts)
    assert again.truth.equals(before.truth)
    assert again.facts == before.facts
    assert again.judged.absent == 1
    assert Store(tmp_path, "other").load(HYDRA) is None
    assert store.load(replace(HYDRA, exchanges=7)) is None
    # The same traffic in another group is the same result.
    assert store.load(replace(HYDRA, group="rare")) is not None


def test_a_published_run_need_not_be_done_again(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "results/runs.jsonl"
    silent = Run("real", "benign", 300)
    alert = {"day": 3, "days": 9, "before": 20, "campaign": 200}
    kept = {
        HYDRA: found(HYDRA, caught=7, first_alert=alert),
        silent: outcome(silent, [("", "", "", "no-finding")] * 30),
    }
    store = Store(here, "abc")
    for run, result in kept.items():
        store.save(run, result)
    store.keep("timing", [{"seconds": 3}])
    missing = replace(HYDRA, seed=1)
    store.publish(there, [*((run, store.record(run)) for run in kept), (missing, None)])

    elsewhere = Store(tmp_path / "elsewhere", "abc", there)
    # repr: NaN, the measure of a population without a campaign, is equal to nothing.
    for run in kept:
        assert elsewhere.has(run)
        assert repr(elsewhere.record(run)) == repr(store.record(run))
    assert elsewhere.kept("timing") == [{"seconds": 3}]
    rare = elsewhere.record(replace(HYDRA, group="rare"))
    assert rare is not None
    assert rare.run["group"] == "rare"
    assert not elsewhere.has(missing)
    assert not Store(tmp_path / "elsewhere", "other", there).has(HYDRA)

    elsewhere.publish(there, [(HYDRA, elsewhere.record(HYDRA))])
    left = Store(tmp_path / "elsewhere", "abc", there)
    assert left.has(HYDRA)
    assert not left.has(silent)
    assert left.kept("timing") == [{"seconds": 3}]


def test_a_place_in_a_document(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("head\n<!-- x: begin -->\nold\n<!-- x: end -->\ntail\n")
    document.fill("x", ["| new |"], path)
    assert path.read_text() == "head\n<!-- x: begin -->\n| new |\n<!-- x: end -->\ntail\n"
    with pytest.raises(ValueError, match="no place for y"):
        document.fill("y", [], path)


# --- what is done ------------------------------------------------------------------------
def test_a_run_that_fails_is_told_and_leaves_no_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, run = Store(tmp_path, "abc"), replace(HYDRA, scenario="no such scenario")
    assert work.do([run], store, jobs=1) == 1
    assert "KeyError" in capsys.readouterr().out
    assert store.load(run) is None


def test_other_benchmarks_are_listened_to(capsys: pytest.CaptureFixture[str]) -> None:
    found = work.lines_of("tests.benchmarks.speaks")
    assert found == [{"stage": "signals", "seconds": 2.5}, {"benchmark": "speaks"}]
    assert capsys.readouterr().out == "# a remark\n"
    assert work.lines_of("tests.benchmarks.absent") is None


def test_every_step_is_there() -> None:
    assert all(find_spec(module) for module, *_ in STEPS.values())


def test_what_is_left_is_estimated_from_what_was_done(tmp_path: Path) -> None:
    store = Store(tmp_path, "abc")
    before = work.expected_seconds([HYDRA], store)
    for seed in range(3):
        done = replace(HYDRA, seed=seed)
        store.save(done, found(done, exchanges=1000, processor_seconds=10.0))
    assert work.expected_seconds([HYDRA], store) == pytest.approx(500.0)
    assert before < 100
    replay = replace(HYDRA, replay=True)
    assert work.expected_seconds([replay, HYDRA], store) > 1500
