"""What was found of planted campaigns, counted."""

from __future__ import annotations

import math
from typing import Any

import pytest

from workbench.evaluate.power import Standing, Trial, cells, judge

MULTI, TRIAGE, NOTHING = "multi-axis", "triage", "no-finding"
NONE = Standing(NOTHING)


def test_accounts_are_counted_by_verdict_and_side() -> None:
    before = {"a": Standing(MULTI, "C-1"), "b": Standing(TRIAGE, "C-2"), "c": NONE, "d": NONE}
    after = {
        "a": Standing(MULTI, "C-9"),
        "b": Standing(MULTI, "C-9"),
        "c": Standing(TRIAGE, "C-8"),
        "d": NONE,
        "p1": Standing(MULTI, "C-9"),
        "p2": Standing(MULTI, "C-9"),
        "p3": Standing(TRIAGE, "C-8"),
        "p4": NONE,
    }
    found = judge(before, after, {"p1", "p2", "p3", "p4"})
    assert found == {
        "multi_axis": 2,
        "flagged": 3,
        # b was under triage and is under multi-axis now; a was under multi-axis all the time.
        "new_multi_axis": 1,
        # Neither a nor b is new under a finding.
        "new_flagged": 1,
        "cluster_verdict": MULTI,
        "cluster_accounts": 4,
        "cluster_planted": 2,
    }


def test_the_purer_of_two_clusters_that_hold_as_many_is_told() -> None:
    after = {
        "p1": Standing(NOTHING, "C-1"),
        "x": Standing(NOTHING, "C-1"),
        "p2": Standing(TRIAGE, "C-2"),
    }
    found = judge({"x": NONE}, after, {"p1", "p2"})
    assert (found["cluster_verdict"], found["cluster_accounts"]) == (TRIAGE, 1)


def test_nothing_found_is_no_cluster() -> None:
    found = judge({"x": NONE}, {"x": NONE, "p": NONE}, {"p"})
    assert found["cluster_verdict"] == ""
    assert not trial(**found).held


def trial(**counts: Any) -> Trial:
    plain: dict[str, Any] = {
        "prompts": "grammar", "accounts": 10, "share": 1.0, "seed": 0, "repeat": 0,
        "exchanges": 100, "harvested": 90, "multi_axis": 0, "flagged": 0, "new_multi_axis": 0,
        "new_flagged": 0, "cluster_verdict": MULTI, "cluster_accounts": 10, "cluster_planted": 6,
    }  # fmt: skip
    return Trial(**plain | counts)


def test_a_campaign_is_found_where_a_cluster_under_multi_axis_is_mostly_of_it() -> None:
    assert trial().found
    assert not trial(cluster_planted=5).found
    assert not trial(cluster_verdict=TRIAGE).found
    assert trial(cluster_verdict=TRIAGE).noticed
    assert not trial(cluster_verdict=NOTHING).noticed


def test_trials_of_one_size_and_share_are_one_cell_with_an_exact_interval() -> None:
    (cell,) = cells(
        [
            trial(repeat=1, multi_axis=4, new_multi_axis=2, cluster_planted=1),
            trial(repeat=0, multi_axis=8, flagged=10, new_multi_axis=1),
        ]
    )
    assert [one.repeat for one in cell.trials] == [0, 1]
    assert cell.recall == pytest.approx(12 / 20)
    assert cell.recall_flagged == pytest.approx(10 / 20)
    assert cell.precision == pytest.approx(12 / 15)
    assert cell.found.value == 0.5
    # Clopper and Pearson for 1 of 2: 1 - (1 - .025) ** .5 and its mirror image.
    assert cell.found.low == pytest.approx(1 - 0.975**0.5)
    assert cell.found.high == pytest.approx(0.975**0.5)


def test_nothing_flagged_has_no_precision() -> None:
    (cell,) = cells([trial()])
    assert math.isnan(cell.precision)


def test_cells_stand_by_prompts_size_and_share() -> None:
    shares = [(20, 0.2), (60, 1.0), (20, 1.0)]
    found = cells(
        [trial(accounts=a, share=s) for a, s in shares] + [trial(prompts="real", accounts=2)]
    )
    assert [(c.prompts, c.accounts, c.share) for c in found] == [
        ("grammar", 20, 1.0),
        ("grammar", 20, 0.2),
        ("grammar", 60, 1.0),
        ("real", 2, 1.0),
    ]
