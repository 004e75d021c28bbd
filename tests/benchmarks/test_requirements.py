"""What is said to be met, on results made by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks.evaluation.plan import Run, plan
from benchmarks.evaluation.requirements import MET, MISSED, WITHIN, requirements
from benchmarks.evaluation.results import NOT_RUN, Results
from benchmarks.evaluation.tables import tables
from tests.benchmarks.outcomes import HYDRA, found, only, outcome, said

if TYPE_CHECKING:
    from benchmarks.evaluation.runs import Outcome


def test_nothing_is_met_before_it_was_run() -> None:
    results = Results([(run, None) for run in plan(2)])
    lines = requirements(results)[2:]
    assert len(lines) > 30
    assert all(line.endswith(f"| {NOT_RUN} | {NOT_RUN} |") for line in lines)
    assert all(lines for lines in tables(results).values())


def test_a_seed_that_is_missing_leaves_a_row_open() -> None:
    results = only((HYDRA, found(HYDRA)), (replace(HYDRA, seed=301), None))
    assert said(results, "account PR-AUC: hydra") == (NOT_RUN, NOT_RUN)


@pytest.mark.parametrize(("caught", "state"), [(10, MET), (9, MISSED)])
def test_ranking(caught: int, state: str) -> None:
    """9 of 10 first, the tenth among 90 others that score alike: .9 + .1 x 10/100 = .91."""
    measured, what = said(only((HYDRA, found(HYDRA, caught))), "account PR-AUC: hydra")
    assert what == state
    assert measured == {10: "1.000", 9: "0.910"}[caught]


def test_recall_counts_only_beside_precision() -> None:
    row = "recall at multi-axis: hydra"
    assert said(only((HYDRA, found(HYDRA, 9))), row)[1] == MET
    assert said(only((HYDRA, found(HYDRA, 8))), row)[1] == MISSED
    assert said(only((HYDRA, found(HYDRA, 10, benign=1))), row)[1] == MISSED


def test_two_operators_in_one_cluster_are_not_two() -> None:
    run = Run("real", "two-operators", 300)
    apart = [(f"campaign-{n}", "", f"C-{n}", "multi-axis") for n in (1, 2) for _ in range(5)]
    together = [(row[0], "", "C-1", "multi-axis") for row in apart]
    row = "two operators, each as one cluster"
    assert said(only((run, outcome(run, apart))), row)[1] == MET
    measured, state = said(only((run, outcome(run, together))), row)
    assert state == MISSED
    assert "not always in two" in measured


def test_silence_asks_for_enough_accounts() -> None:
    runs = [Run("real", name, 300) for name in ("benign", "lookalikes-only")]
    row = "ordinary accounts under multi-axis, no campaign in the log"
    few = [(run, outcome(run, [("", "", "", "no-finding")] * 10)) for run in runs]
    assert said(only(*few), row)[1] == "too few accounts"
    for flagged, state in ((5, MET), (6, MISSED)):
        rows = [("", "", "C-1", "multi-axis")] * flagged
        rows += [("", "", "", "no-finding")] * (10_000 - flagged)
        many = [(runs[0], outcome(runs[0], rows)), few[1]]
        measured, what = said(only(*many), row)
        assert what == state
        assert measured.startswith(f"{flagged} of 10,010")


def test_a_kind_of_lookalike_and_those_without_an_organisation() -> None:
    run = Run("real", "fleets", 300)
    rows = [("labelling", "", "C-1", "multi-axis")] * 2
    rows += [("labelling", "", "", "no-finding")] * 98
    rows += [("labelling", "firm", "", "no-finding")] * 200
    results = only((run, outcome(run, rows)))
    assert said(results, "labelling under multi-axis, all scenarios but hidden-fleets") == (
        "2 of 300 (0.67 %)",
        MET,
    )
    measured, state = said(results, "look-alikes without an organisation, beside them")
    assert (measured, state) == ("2 of 100 (2.00 %)", MISSED)


@pytest.mark.parametrize(("flagged", "state"), [(0, MET), (3, MET), (4, MISSED)])
def test_matched_people_against_others(flagged: int, state: str) -> None:
    """Against 10 of 1,000 three of 100 are within chance, and four are not."""
    run = Run("real", "matched", 300)
    rows = [("matched", "", "C-1", "multi-axis")] * flagged
    rows += [("matched", "", "", "no-finding")] * (100 - flagged)
    rows += [("", "", "C-1", "multi-axis")] * 10 + [("", "", "", "no-finding")] * 990
    row = "benign users matched to the campaign in language, hours and networks"
    assert said(only((run, outcome(run, rows))), row)[1] == state


def test_false_discovery_within_its_interval() -> None:
    row = "realised false discovery at q = .05, all scenarios"
    clean, dirty = found(HYDRA), found(HYDRA, benign=3)

    def runs(*outcomes: Outcome) -> Results:
        return only(*((replace(HYDRA, seed=n), o) for n, o in enumerate(outcomes)))

    assert said(runs(*[clean] * 10), row)[1] == MET
    # A tenth of ten runs has a false cluster beside the true one: .05 is the mean.
    assert said(runs(*[clean] * 8, dirty, dirty), row)[1] == WITHIN
    assert said(runs(*[dirty] * 10), row)[1] == MISSED
    # Where nothing is ever found, nothing false is: that meets no requirement.
    assert said(runs(found(HYDRA, caught=0)), row)[1] == "nothing found"


def test_first_alert_of_each_size() -> None:
    small = Run("alerts", "hydra", 300, replay=True)
    large = replace(small, exchanges=1_000_000)
    row = "exchanges before the first alert: hydra, 50,000 exchanges"
    never = {"day": None, "days": 42, "before": 1000, "campaign": 1000}
    late = (large, found(large, first_alert=never))
    for before, state in ((19, MET), (20, MISSED)):
        alert = {"day": 3, "days": 42, "before": before, "campaign": 1000}
        results = only((small, found(small, first_alert=alert)), late)
        assert said(results, row)[1] == state
        assert said(results, row.replace("50,000", "1,000,000")) == ("100.0 % (never)", MISSED)
    assert said(only((small, None), late), row)[1] == NOT_RUN


def test_all_evasions_must_be_told_as_doubt() -> None:
    run = Run("real", "stealth", 300)
    row = "all evasions at once: stealth"
    doubt = [("campaign-1", "", "C-1", "triage")] * 6 + [("campaign-1", "", "", "no-finding")] * 4
    assert said(only((run, outcome(run, doubt))), row)[1] == MET
    silent = [("campaign-1", "", "", "no-finding")] * 10
    assert said(only((run, outcome(run, silent))), row) == (
        "planted accounts: no-finding 10",
        MISSED,
    )


def test_time_at_a_million_exchanges() -> None:
    row = "signals, graph and verdicts, a million exchanges of 10,000 accounts"
    stages = {"signals": 20.0, "entities": 1.0, "clusters": 60.0, "space.place": 500.0}

    def timed(**took: float) -> str:
        lines = [{"stage": s, "seconds": t} for s, t in (stages | took).items()]
        return said(Results([]), row, timing=lines)[1]

    assert timed() == MET
    assert timed(clusters=70.0) == MISSED
    assert said(Results([]), row, timing=[{"stage": "signals", "seconds": 1.0}])[1] == MISSED


def test_windows_and_linked_accounts() -> None:
    """Ours decides, at the published rate; of links those of a case as diluted as the windows."""
    base = {"size": 1500, "method": "whitened MMD", "rate": 0.003}
    windows = [
        base | {"detected": [0.5, 1.0]},
        base | {"detected": [0.7, 1.0]},
        base | {"method": "MMD", "detected": [0.2, 1.0]},
        base | {"rate": 0.05, "detected": [1.0, 1.0]},
    ]
    row = "windows of 1,500 queries, 5 % attacker, FPR .003"
    found = said(Results([]), row, baselines=windows)
    assert found == ("MMD 0.200, whitened MMD 0.600", MET)
    assert said(Results([]), row, baselines=windows[:1])[1] == MISSED
    row = "the same, 1,500 queries, linked accounts pooled, errors of linking included"
    base = {"size": 1500, "method": "whitened MMD"}
    links = [
        base | {"linked": "the truth", "detected": 1.0},
        base | {"linked": "clusters, 95 % diluted", "detected": 0.8},
    ]
    measured, state = said(Results([]), row, baselines=links)
    assert state == MISSED
    assert "the truth: MMD nan, whitened MMD 1.000" in measured


def test_tables_show_what_was_run() -> None:
    results = only((HYDRA, found(HYDRA, 9, benign=1)))
    (line,) = (line for line in tables(results)["real"] if line.startswith("| hydra |"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1:3] == ["1", "10"]
    assert cells[5:8] == ["0.900", "0.900", "1 of 90"]
    assert cells[12] == "2, 1"
    assert not math.isnan(float(cells[3]))
