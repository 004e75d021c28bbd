"""What must be reached, against what is: the first table of docs/detection.md.

Each row reads results and says what was measured and whether that is enough. A row whose runs are
missing says so and is neither met nor missed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from benchmarks.evaluation.plan import FIRST_ROW, GRAMMAR, NO_INFRASTRUCTURE, REAL
from benchmarks.evaluation.results import (
    FLEET,
    HIDDEN,
    LOOKALIKES,
    MATCHED,
    NOT_RUN,
    UNFAMILIAR,
    Results,
    average,
    campaigns,
    flagged,
    interval,
    judged,
    kinds,
    ordinary,
    percent,
    pr_auc,
    precision,
    recall,
    spread,
    strangers,
    verdicts,
)
from benchmarks.evaluation.tables import table
from workbench.evaluate.discovery import realised
from workbench.evaluate.intervals import difference
from workbench.evaluate.report import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.evaluation.records import Record

#: Scenarios in which nobody is planted.
_SILENT: Final = ("benign", "lookalikes-only")
#: False-positive rate of the published MMD; the statistics compared there, ours last.
_RATE: Final = 0.003
_COMPARED: Final = ("MMD", "whitened MMD")
_OURS: Final = _COMPARED[-1]
MET, MISSED, WITHIN = "met", "**not met**", "within its interval"
_Q: Final = 0.05


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement.

    Attributes:
        what: What is measured.
        wanted: What must be reached.
        measured: What was.
        state: Met, not met, or not run yet.
    """

    what: str
    wanted: str
    measured: str = NOT_RUN
    state: str = NOT_RUN


def requirements(
    results: Results,
    timing: Sequence[dict[str, Any]] = (),
    baselines: Sequence[dict[str, Any]] = (),
) -> list[str]:
    """The table, as lines of Markdown.

    Args:
        results: Every run of the plan.
        timing: Lines of ``python -m benchmarks.analyse``; none before it was run.
        baselines: Lines of ``python -m benchmarks.baselines``; none before it was run.
    """
    rows = [*_ranking(results), *_found(results), *_benign(results), *_protocol(baselines)]
    rows += [*_further(results), _time(timing)]
    cells = [[row.what, row.wanted, row.measured, row.state] for row in rows]
    return table("| what | must reach | measured | |", cells, words=4)


def _state(met: bool) -> str:
    return MET if met else MISSED


def _ranking(results: Results) -> Iterator[Row]:
    """PR-AUC of the score."""
    wanted = [
        *((name, 0.97) for name in FIRST_ROW),
        *((name, 0.92) for name in ("reasoning", "diluted", "sharded")),
        ("bought", 0.60),
    ]
    for name, least in wanted:
        what = f"account PR-AUC: {name}"
        yield _least(what, least, judged(results.of(REAL, name), pr_auc))
    for name in FIRST_ROW:
        what = f"account PR-AUC without infrastructure columns: {name}"
        found = results.of("ablations", name, ablation=NO_INFRASTRUCTURE)
        yield _least(what, 0.85, judged(found, pr_auc))


def _least(what: str, least: float, values: Sequence[float]) -> Row:
    """A mean over seeds that must reach something."""
    if not values:
        return Row(what, f"{least:.2f}")
    return Row(what, f"{least:.2f}", spread(values), _state(average(values) >= least))


def _found(results: Results) -> Iterator[Row]:
    """Recall at multi-axis where precision is high enough; two operators apart."""
    for name, least in (("hydra", 0.9), ("reasoning", 0.9), ("waves", 0.9), ("diluted", 0.75)):
        row = Row(f"recall at multi-axis: {name}", f"{least:.2f}, precision .98")
        found = results.of(REAL, name)
        if found:
            got, sure = judged(found, recall), judged(found, precision)
            row = Row(
                row.what,
                row.wanted,
                f"{spread(got)}, precision {spread(sure)}",
                _state(average(got) >= least and average(sure) >= 0.98),
            )
        yield row
    row = Row("two operators, each as one cluster", "recall .90, purity .90")
    if found := results.of(REAL, "two-operators"):
        held = campaigns(found)
        got, pure = [c.recall for c in held], [c.purity for c in held]
        one_each = all(
            len({c.cluster_id for c in record.judged.campaigns} - {""}) == 2 for record in found
        )
        row = Row(
            row.what,
            row.wanted,
            f"recall {spread(got)}, purity {spread(pure)}"
            + ("" if one_each else "; not always in two clusters"),
            _state(one_each and average(got) >= 0.9 and average(pure) >= 0.9),
        )
    yield row


def _benign(results: Results) -> Iterator[Row]:
    """Who is flagged and should not be."""
    silent = [results.of(REAL, name) for name in _SILENT]
    everybody = [record for found in silent for record in found] if all(silent) else []
    yield _most(
        "ordinary accounts under multi-axis, no campaign in the log",
        0.0005,
        ordinary(everybody),
        least=10_000,
        beside=f"; fleets {percent(flagged(kinds(everybody, FLEET)))}, "
        f"look-alikes {percent(flagged(kinds(everybody, *LOOKALIKES)))}",
    )
    told = [o for o in results.done(REAL) if o.run["scenario"] != HIDDEN]
    for kind in (*LOOKALIKES, FLEET, *UNFAMILIAR):
        held_out = ", a kind that nothing was tuned on" if kind in UNFAMILIAR else ""
        pair = flagged(kinds(told, kind))
        yield _most(
            f"{kind} under multi-axis, all scenarios but {HIDDEN}{held_out}", 0.01, pair, least=300
        )
    yield _matched(results.of(REAL, MATCHED))
    fleets = results.of(REAL, "fleets")
    pair = flagged(kinds(fleets, FLEET))
    yield _most("twenty firms of ten scripted keys under multi-axis", 0.05, pair)
    pair = strangers(kinds(fleets, *LOOKALIKES))
    yield _most("look-alikes without an organisation, beside them", 0.01, pair)
    yield _discovery([*results.done(REAL), *results.done(GRAMMAR)])


def _most(
    what: str, most: float, pair: tuple[int, int], *, least: int = 1, beside: str = ""
) -> Row:
    """A share of accounts that must not be exceeded, over enough of them."""
    wanted = f"at most {100 * most:g} %" + (f" of {least:,} or more" if least > 1 else "")
    hits, total = pair
    if not total:
        return Row(what, wanted)
    if total < least:
        return Row(what, wanted, percent(pair) + beside, "too few accounts")
    return Row(what, wanted, percent(pair) + beside, _state(hits <= most * total))


def _matched(found: list[Record]) -> Row:
    """Matched people against other people of the same logs."""
    row = Row(
        "benign users matched to the campaign in language, hours and networks",
        "flagged no more than others, within the interval",
    )
    if not found:
        return row
    theirs, others = flagged(kinds(found, MATCHED)), ordinary(found)
    gap = difference(*theirs, *others)
    triage = [sum(k.triage for k in kinds(found, kind)) for kind in (MATCHED, ORDINARY)]
    return Row(
        row.what,
        row.wanted,
        f"{percent(theirs)} against {percent(others)}, difference {interval(gap, 4)}; "
        f"under triage {triage[0]} against {triage[1]}",
        _state(gap.low <= 0),
    )


def _discovery(found: list[Record]) -> Row:
    row = Row("realised false discovery at q = .05, all scenarios", "mean over runs at most .05")
    if not found:
        return row
    every = realised([o.judged.discovery for o in found])
    told = realised([o.judged.discovery for o in found if o.run["scenario"] != HIDDEN])
    state = MET if every.rate.value <= _Q else WITHIN if every.rate.low <= _Q else MISSED
    if not every.clusters:
        state = "nothing found"
    return Row(
        row.what,
        row.wanted,
        f"{interval(every.rate)} (mean over {every.runs} runs); {every.false} of {every.clusters} "
        f"clusters, {interval(every.pooled)}; without {HIDDEN} {interval(told.rate)}",
        state,
    )


def _protocol(lines: Sequence[dict[str, Any]]) -> Iterator[Row]:
    """The window protocol: the published MMD, ours on the same embedding, and linked accounts."""
    for size, least in ((1_500, 0.59), (100, None)):
        what = f"windows of {size:,} queries, 5 % attacker, FPR .003"
        wanted = "reported (published .013)" if least is None else f"{least:.2f}"
        mine = [x for x in lines if x.get("size") == size and x.get("rate") == _RATE]
        value, said = _methods(mine, lambda line: float(line["detected"][0]))
        state = "" if least is None else _state(value >= least)
        yield Row(what, wanted, said, state) if mine else Row(what, wanted)
    for size, least in ((1_500, 0.9), (100, 0.5)):
        what = f"the same, {size:,} queries, linked accounts pooled, errors of linking included"
        mine = [x for x in lines if x.get("size") == size and "linked" in x]
        if not mine:
            yield Row(what, f"{least:.2f}")
            continue
        linked = dict.fromkeys(x["linked"] for x in mine)
        parts = {
            name: _methods([x for x in mine if x["linked"] == name], lambda x: float(x["detected"]))
            for name in linked
        }
        # The last case is diluted as much as the windows are: links and windows of one traffic.
        value = parts[next(reversed(linked))][0]
        said = "; ".join(f"linked by {name}: {text}" for name, (_, text) in parts.items())
        yield Row(what, f"{least:.2f}", said, _state(value >= least))


def _methods(
    lines: Sequence[dict[str, Any]], detected: Callable[[dict[str, Any]], float]
) -> tuple[float, str]:
    """Mean over sets and seeds: of the program's own statistic, and of all that are compared."""
    means = {}
    for method in _COMPARED:
        values = [detected(line) for line in lines if line["method"] == method]
        means[method] = average(values)
    return means[_OURS], ", ".join(f"{method} {value:.3f}" for method, value in means.items())


def _further(results: Results) -> Iterator[Row]:
    replayed = [(run.exchanges, record) for run, record in results.runs if run.replay]
    for size in sorted({size for size, _ in replayed}):
        row = Row(
            f"exchanges before the first alert: hydra, {size:,} exchanges",
            "under 2 % of the campaign",
        )
        records = [record for exchanges, record in replayed if exchanges == size]
        alerts = [o.alert for o in records if o is not None and o.alert is not None]
        if len(alerts) == len(records):
            shares = [alert.share for alert in alerts]
            days = [
                "never" if a.day is None else f"day {a.day} of {a.days}, {a.before:,} exchanges"
                for a in alerts
            ]
            row = Row(
                row.what,
                row.wanted,
                f"{100 * average(shares):.1f} % ({'; '.join(days)})",
                _state(average(shares) < 0.02),
            )
        yield row
    row = Row("all evasions at once: stealth", "says triage or not assessable")
    if found := results.of(REAL, "stealth"):
        said = verdicts(found)
        honest = said.get("triage", 0) + said.get("not-assessed", 0)
        row = Row(
            row.what,
            row.wanted,
            "planted accounts: " + ", ".join(f"{v} {n}" for v, n in sorted(said.items())),
            _state(2 * honest > sum(said.values())),
        )
    yield row


def _time(lines: Sequence[dict[str, Any]]) -> Row:
    row = Row(
        "signals, graph and verdicts, a million exchanges of 10,000 accounts", "under 90 s, 2 cores"
    )
    took = {line["stage"]: float(line["seconds"]) for line in lines if "stage" in line}
    if not took:
        return row
    seconds = sum(took.get(stage, math.inf) for stage in ("signals", "entities", "clusters"))
    after = sum(took.get(stage, 0.0) for stage in ("examine", "attribution", "loss"))
    return Row(
        row.what,
        row.wanted,
        f"{seconds:.0f} s; what looks closer afterwards {after:.0f} s",
        _state(seconds < 90),
    )
