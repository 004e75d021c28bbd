"""The tables of docs/detection.md below the requirements, as lines of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.evaluation.plan import (
    ABLATIONS,
    ALIKE,
    DRAWN,
    DRAWS,
    FIRST_ROW,
    FRACTIONS,
    HELD_OUT,
    REAL,
    SIZES,
    VOLUMES,
)
from benchmarks.evaluation.records import TENTHS
from benchmarks.evaluation.results import (
    FLEET,
    HIDDEN,
    LOOKALIKES,
    MATCHED,
    NOT_RUN,
    NOTHING,
    UNFAMILIAR,
    Results,
    campaigns,
    flagged,
    hits,
    judged,
    kinds,
    ordinary,
    pr_auc,
    precision,
    recall,
    spread,
)
from workbench.simulate.scenario import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.evaluation.records import Record


def tables(results: Results) -> dict[str, list[str]]:
    """Marker of docs/detection.md -> lines of its table."""
    return {
        "grammar": scenarios(results, "grammar"),
        "real": scenarios(results, REAL),
        "ablations": ablations(results),
        "style": style(results),
        "draws": draws(results),
        "grids": grids(results),
        "membership": membership(results),
        "bounds": bounds(results),
    }


def table(head: str, rows: Sequence[Sequence[str]], *, words: int = 1) -> list[str]:
    """Markdown: columns of numbers to the right, the first ``words`` columns to the left."""
    columns = head.count("|") - 1
    lines = [head, "|" + "---|" * words + "--:|" * (columns - words)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def scenarios(results: Results, group: str) -> list[str]:
    """A line for each scenario, numbers averaged over its seeds."""
    head = (
        "| scenario | seeds | planted | PR-AUC | recall at FPR .001 | precision | recall "
        "| ordinary flagged | fleets flagged | look-alikes flagged | largest cluster: recall "
        "| purity | clusters, false | best single column |"
    )
    rows = []
    for name in SCENARIOS:
        found = results.of(group, name)
        rows.append([name, *(_scenario(found) if found else [NOT_RUN] + [""] * 12)])
    return table(head, rows)


def _scenario(found: list[Record]) -> list[str]:
    held = campaigns(found)
    total = [record.judged.discovery for record in found]
    return [
        str(len(found)),
        str(found[0].judged.planted),
        spread(judged(found, pr_auc)),
        spread(judged(found, lambda e: e.recall_at_fpr)),
        spread(judged(found, precision)),
        spread(judged(found, recall)),
        hits(ordinary(found)),
        hits(flagged(kinds(found, FLEET))),
        hits(flagged(kinds(found, *LOOKALIKES, *UNFAMILIAR, MATCHED))),
        spread(c.recall for c in held),
        spread(c.purity for c in held),
        f"{sum(d.clusters for d in total)}, {sum(d.false for d in total)}",
        spread(o.facts["best_column"] for o in found) if held else NOTHING,
    ]


def ablations(results: Results) -> list[str]:
    """PR-AUC and recall at multi-axis of the first row's scenarios, a part of the log away."""
    head = "| scenario | whole log | " + " | ".join(a.replace("-", " ") for a in ABLATIONS) + " |"
    rows = []
    for name in FIRST_ROW:
        parts = [
            results.of(REAL, name),
            *(results.of("ablations", name, ablation=part) for part in ABLATIONS),
        ]
        rows.append([name, *map(_both, parts)])
    return table(head, rows)


def _both(found: list[Record]) -> str:
    """PR-AUC / recall."""
    if not found:
        return NOT_RUN
    return f"{spread(judged(found, pr_auc))} / {spread(judged(found, recall))}"


def style(results: Results) -> list[str]:
    """Held-out prompts, prompts alike in length, uneven volumes, beside everything as it is."""
    head = "| scenario | runs | PR-AUC | precision | recall | benign flagged | best single column |"
    rows = []
    for name, others in (
        ("hydra", (HELD_OUT, ALIKE, "uneven")),
        ("waves", (HELD_OUT,)),
        ("natural", (ALIKE,)),
        ("benign", (ALIKE,)),
    ):
        for group in (REAL, *others):
            found = results.of(group, name)
            known = (o.facts["best_column"] for o in found)
            column = spread(known) if campaigns(found) else NOTHING if found else ""
            rows.append([name, group, *_plain(found), column])
    return table(head, rows, words=2)


def membership(results: Results) -> list[str]:
    """What membership says, and how many of these accounts are planted, at and near clusters."""
    head = (
        "| membership | real prompts: accounts | said | planted "
        "| by grammar: accounts | said | planted |"
    )
    sides = [
        [
            record
            for name in SCENARIOS
            if name != HIDDEN
            for record in results.of(group, name)
            if record.members
        ]
        for group in (REAL, "grammar")
    ]
    rows = []
    for k in range(TENTHS):
        cells = [f"{k / TENTHS:.1f} to {(k + 1) / TENTHS:.1f}"]
        for found in sides:
            n, planted, said = (sum(one.members[k][i] for one in found) for i in range(3))
            shares = (f"{said / n:.2f}", f"{planted / n:.2f}") if n else (NOTHING, NOTHING)
            cells += [f"{n:,}", *shares]
        rows.append(cells)
    # Nobody is told to be near a cluster below the first of these.
    return table(head, [row for row in rows if row[1] != "0" or row[4] != "0"])


def bounds(results: Results) -> list[str]:
    """Recall and precision were only accounts named whose membership is this or above."""
    at = (5, 6, 7, 8, 9)
    head = "| scenario | " + " | ".join(f"membership {k / TENTHS:.1f}" for k in at) + " |"
    rows = []
    for name in SCENARIOS:
        found = [one for one in results.of(REAL, name) if one.members and one.judged.planted]
        if not found or name == HIDDEN:
            continue
        cells = []
        for k in at:
            named = [sum(one.members[j][0] for j in range(k, TENTHS)) for one in found]
            right = [sum(one.members[j][1] for j in range(k, TENTHS)) for one in found]
            got = spread(r / one.judged.planted for r, one in zip(right, found, strict=True))
            pure = spread(r / n for r, n in zip(right, named, strict=True) if n)
            cells.append(f"{got} / {pure or NOTHING}")
        rows.append([name, *cells])
    return table(head, rows)


def draws(results: Results) -> list[str]:
    """The same traffic, analysed with other seeds: PR-AUC, precision, recall, benign flagged."""
    head = "| scenario | seed of the analysis | PR-AUC | precision | recall | benign flagged |"
    rows = []
    for name in DRAWN:
        first = results.of(REAL, name)[:1]
        for draw, found in ((0, first), *((d, results.of("draws", name, draw=d)) for d in DRAWS)):
            rows.append([name, str(draw), *_plain(found)])
    return table(head, rows)


def _plain(found: list[Record]) -> list[str]:
    """PR-AUC, precision, recall, benign accounts under multi-axis."""
    if not found:
        return [NOT_RUN, *[""] * 3]
    return [
        spread(judged(found, pr_auc)),
        spread(judged(found, precision)),
        spread(judged(found, recall)),
        hits(flagged([k for o in found for k in o.judged.kinds])),
    ]


def grids(results: Results) -> list[str]:
    """Campaigns of other sizes, volumes and dilutions: where they stop being seen."""
    head = (
        "| what | planted accounts | of all | exchanges an account | harvested | PR-AUC "
        "| precision | recall | verdict of the largest cluster |"
    )
    points: list[tuple[str, list[Record]]] = [
        *(
            (f"{100 * share:g} % harvest", results.of("fractions", point=share))
            for share in FRACTIONS
        ),
        *((f"{count:,} accounts", results.of("sizes", point=count)) for count in SIZES),
        *(
            (f"{each:,} exchanges an account", results.of("volumes", point=each))
            for each in VOLUMES
        ),
        ("under 1 % of 10,000 accounts", results.of("rare")),
    ]
    return table(head, [[what, *_point(found)] for what, found in points])


def _point(found: list[Record]) -> list[str]:
    if not found:
        return [NOT_RUN, *[""] * 7]
    planted = sum(o.judged.planted for o in found)
    exchanges = sum(o.facts["planted_exchanges"] for o in found)
    return [
        str(planted // len(found)),
        f"{100 * planted / sum(o.judged.accounts for o in found):.1f} %",
        f"{exchanges / planted:.0f}",
        f"{100 * sum(o.facts['harvested'] for o in found) / exchanges:.0f} %",
        spread(judged(found, pr_auc)),
        spread(judged(found, precision)),
        spread(judged(found, recall)),
        ", ".join(sorted({record.largest for record in found})),
    ]
