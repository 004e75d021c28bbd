"""The simulator is honest: no column alone tells planted accounts apart.

The tables are printed: ``pytest -s tests/simulate/test_leaks.py``.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.domain.resources import sample_path
from workbench.evaluate.leaks import Leak, column_leaks
from workbench.evaluate.truth import read_truth
from workbench.formats.read import open_source
from workbench.simulate.scenario import SCENARIOS
from workbench.simulate.traffic import Traffic, simulate

if TYPE_CHECKING:
    from pathlib import Path

Spoiler = Callable[[pa.Array, pa.Array], pa.Array]

#: No column of the sample may reach this (issue 2, section 6).
LIMIT = 0.35
#: Slices of the prompt's text are no columns of a log: how often others who begin alike are
#: planted is a small content detector that was told the truth. Held less tightly in other
#: scenarios than in the sample.
SLICES = 0.5


def show(title: str, leaks: list[Leak]) -> None:
    lines = [title, *(f"  {leak.pr_auc:.3f}  {leak.column}: {leak.use}" for leak in leaks[:25])]
    sys.stdout.write("\n".join(lines) + "\n")


def sample_data() -> tuple[pa.Table, pa.Table]:
    """sample_data/ as an investigator's import reads it, and its truth."""
    logs = sorted(path for path in sample_path().iterdir() if path.name.startswith("log-"))
    batches = []
    for path in logs:
        source = open_source(path, ReadOptions(zone="UTC"))
        batches += [parsed.records for parsed in source.blocks(Job())]
    return pa.Table.from_batches(batches), read_truth(sample_path("truth.csv"))


def hold(leaks: list[Leak], slices: float = SLICES) -> None:
    """Every column stays below ``LIMIT``, slices of the prompt's text below ``slices``."""
    for leak in leaks:
        sliced = leak.column.startswith(("prompt, first", "prompt, last"))
        assert leak.pr_auc < (slices if sliced else LIMIT), leak


def test_no_column_of_the_sample_data_leaks() -> None:
    exchanges, truth = sample_data()
    leaks = column_leaks(
        exchanges.drop_columns(["record_no", "byte_offset", "ts_text", "coerced"]), truth
    )
    show("sample_data", leaks)
    assert len(leaks) > 300
    hold(leaks, slices=LIMIT)


@pytest.mark.parametrize("name", ["hydra", "waves", "slow"])
def test_no_column_of_other_scenarios_leaks(name: str) -> None:
    traffic = simulate(SCENARIOS[name], seed=3)
    leaks = column_leaks(traffic.exchanges, traffic.truth)
    show(name, leaks)
    hold(leaks)


def planted_rows(traffic: Traffic) -> np.ndarray:
    """Whether each exchange belongs to a campaign."""
    planted = {r["account_id"] for r in traffic.truth.to_pylist() if r["campaign_id"]}
    ids = pa.array(sorted(planted))
    return np.asarray(pc.is_in(traffic.exchanges["account_id"], ids))


def no_value(mine: pa.Array, values: pa.Array) -> pa.Array:
    return pc.if_else(mine, pa.scalar(None, values.type), values)


def one_value(value: object) -> Spoiler:
    def spoil(mine: pa.Array, values: pa.Array) -> pa.Array:
        return pc.if_else(mine, pa.scalar(value, values.type), values)

    return spoil


def shorter(mine: pa.Array, values: pa.Array) -> pa.Array:
    return pc.if_else(mine, pa.scalar(1, values.type), pc.add(values, pa.scalar(3, values.type)))


@pytest.mark.parametrize(
    ("column", "spoil", "shown"),
    [
        ("completion", no_value, "completion"),
        ("temperature", one_value(0.31415), "temperature"),
        ("user_agent", one_value("harvester/1.0"), "user_agent"),
        ("account_created_at", one_value(dt.datetime(2026, 3, 9)), "account_created_at"),
        ("n_turns", shorter, "n_turns"),
    ],
)
def test_a_leak_would_be_found(sample: Traffic, column: str, spoil: Spoiler, shown: str) -> None:
    """The tests above can fail: a column that is spoilt is named."""
    table = sample.exchanges
    place = table.schema.get_field_index(column)
    spoilt = spoil(pa.array(planted_rows(sample)), table[column].combine_chunks())
    leaks = column_leaks(table.set_column(place, table.schema.field(place), spoilt), sample.truth)
    assert leaks[0].pr_auc > 0.9
    assert shown in {leak.column for leak in leaks if leak.pr_auc > 0.9}


# --- leaks that simulators are known for, one by one ------------------------------------
def test_prompts_of_the_sides_overlap(sample: Traffic) -> None:
    mine = planted_rows(sample)
    prompts = sample.exchanges["prompt"].to_pylist()
    harvested = [p for p, m in zip(prompts, mine.tolist(), strict=True) if m]
    benign = {p for p, m in zip(prompts, mine.tolist(), strict=True) if not m}
    assert sum(p in benign for p in harvested) / len(harvested) > 0.1
    # No phrase is the campaign's own: nearly every run of four words is also benign.
    runs = lambda p: {tuple(p.split()[i : i + 4]) for i in range(max(1, len(p.split()) - 3))}  # noqa: E731
    known: set[tuple[str, ...]] = set().union(*(runs(p) for p in benign))
    often: dict[tuple[str, ...], int] = {}
    for prompt in set(harvested):
        for run in runs(prompt):
            if run not in known:
                often[run] = often.get(run, 0) + 1
    assert max(often.values(), default=0) < 0.01 * len(harvested)


def test_step_by_step_is_asked_on_both_sides(sample: Traffic) -> None:
    mine = planted_rows(sample)
    asked = np.asarray(pc.match_substring(sample.exchanges["prompt"], "step by step"))
    assert asked[mine].sum() > 20
    assert asked[~mine].sum() > asked[mine].sum()


def test_lengths_are_alike(sample: Traffic) -> None:
    mine = planted_rows(sample)
    for name in ("prompt", "completion"):
        length = np.asarray(pc.fill_null(pc.utf8_length(sample.exchanges[name]), 0))
        ratio = np.median(length[mine]) / np.median(length[~mine])
        assert 0.6 < ratio < 1.7, name
    out = np.asarray(sample.exchanges["out_tok"])
    assert 0.5 < np.median(out[mine]) / np.median(out[~mine]) < 2.0


def test_campaigns_have_second_turns_and_completions(sample: Traffic) -> None:
    mine = planted_rows(sample)
    turns = np.asarray(sample.exchanges["n_turns"])
    assert (turns[mine] > 1).mean() > 0.05
    given = np.asarray(pc.is_valid(sample.exchanges["completion"]))
    assert abs(given[mine].mean() - given[~mine].mean()) < 0.03


def first_lags(traffic: Traffic, planted: bool) -> np.ndarray:
    """Days from sign-up to first use of accounts made inside the span."""
    table = pa.table(
        {
            "account": traffic.exchanges["account_id"],
            "ts": traffic.exchanges["ts"].cast(pa.int64()),
            "created": traffic.exchanges["account_created_at"].cast(pa.int64()),
            "planted": pa.array(planted_rows(traffic)),
        }
    )
    first = table.group_by("account").aggregate(
        [("ts", "min"), ("created", "min"), ("planted", "max"), ("ts", "count")]
    )
    keep = np.asarray(first["planted_max"]) == planted
    begin = int(np.asarray(table["ts"]).min())
    created = np.asarray(first["created_min"])
    keep &= created > begin
    return np.asarray((np.asarray(first["ts_min"]) - created)[keep] / 86.4e9)


def test_lags_to_first_use_have_no_floor_of_their_own(sample: Traffic) -> None:
    ours, theirs = first_lags(sample, True), first_lags(sample, False)
    assert len(ours) > 30
    assert np.quantile(ours, 0.1) < 0.05
    assert 0.2 < np.median(ours) / np.median(theirs) < 5


def test_arrivals_are_no_grid(sample: Traffic) -> None:
    """Fano factor of hourly counts of the whole campaign: bursty, as benign traffic is."""
    mine = planted_rows(sample)
    hours = np.asarray(sample.exchanges["ts"].cast(pa.int64())) // 3_600_000_000
    counts = np.bincount(hours[mine] - hours.min())
    assert counts.var() / counts.mean() > 1.0


def test_strangers_share_networks_cards_and_clients(sample: Traffic) -> None:
    mine = planted_rows(sample)
    table = sample.exchanges.filter(pa.array(~mine))
    strangers = table.filter(pc.is_null(table["org_id"]))
    for name, least in (("ip", 100), ("payment_hash", 60), ("ja4", 60), ("email_domain", 80)):
        pairs = pa.table({"v": strangers[name], "a": strangers["account_id"]}).drop_null()
        users = pairs.group_by("v").aggregate([("a", "count_distinct")])
        shared = pc.sum(pc.greater(users["a_count_distinct"], 1)).as_py()
        assert shared > least, name


def test_operators_live_among_strangers(sample: Traffic) -> None:
    """Most shared addresses and cards of campaign accounts have benign users too."""
    mine = planted_rows(sample)
    for name in ("ip", "ja4", "email_domain"):
        ours = set(sample.exchanges[name].filter(pa.array(mine)).drop_null().to_pylist())
        theirs = set(sample.exchanges[name].filter(pa.array(~mine)).drop_null().to_pylist())
        assert len(ours & theirs) > 20 if name != "email_domain" else len(ours & theirs) > 5


def test_lookalikes_declare_and_do_not(sample: Traffic) -> None:
    kinds = {r["account_id"]: r["lookalike"] for r in sample.truth.to_pylist() if r["lookalike"]}
    declared: dict[str, set[bool]] = {}
    for account, org in zip(
        sample.exchanges["account_id"].to_pylist(),
        sample.exchanges["org_id"].to_pylist(),
        strict=True,
    ):
        if account in kinds:
            declared.setdefault(kinds[account], set()).add(org is not None)
    assert declared.pop("fleet") == {False}
    assert all(both == {True, False} for both in declared.values()), declared


def test_truth_file_is_what_evaluate_reads(tmp_path: Path, sample: Traffic) -> None:
    path = tmp_path / "truth.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(sample.truth.column_names)
        writer.writerows(row.values() for row in sample.truth.to_pylist())
    assert read_truth(path).equals(sample.truth)
