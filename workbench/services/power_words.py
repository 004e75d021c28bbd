"""What would have been found, in words and table rows: the same in terminal, window and report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from workbench.bundle.content import PlantedTable
from workbench.domain.text import elide, plural
from workbench.services.measure_words import day

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.evaluate.power import Cell
    from workbench.services.power import Power

TITLE: Final = "What would have been found"
COMMAND: Final = "workbench power CASE"
NOT_RUN: Final = (
    "What this log would show of a campaign was not measured, so that nothing found says little. "
    f"Run: {COMMAND}"
)
IN_CASE: Final = f"The whole table: {COMMAND} --show"
IN_REPORT: Final = f"The table stands under: {TITLE}."
STALE: Final = (
    "The case has changed since (what it holds, how it was analysed, or the program): the table "
    "speaks of what was then. "
    f"Run again: {COMMAND}"
)
HEAD: Final = (
    "Accounts", "Share", "Exchanges", "Harvested", "Multi-axis", "Or triage", "Precision",
    "Others named", "Found", "Prompts",
)  # fmt: skip
#: A campaign of more than this share of the log's accounts is no small part of it.
_PART: Final = 0.1
#: From this column on they are words.
WORDS: Final = HEAD.index("Found")
NOTES: Final = (
    "Planted in copies of this case, one campaign at a time, and analysed as the case was: "
    "accounts like those of the scenario hydra of workbench simulate, living where accounts "
    "without a finding live, the rest of their traffic being such accounts' own requests. A column "
    "that the log lacks is empty in what is planted.",
    "Share: of the planted accounts' exchanges that harvest, as asked for. Multi-axis, or triage: "
    "share of the planted accounts under that verdict, or one of the two. Precision: planted among "
    "planted and others named. Others named: accounts of the log that multi-axis names only "
    "since, over all campaigns of the row. Found: a cluster under multi-axis holds mostly planted "
    "accounts.",
    "It does not say what a real operator would do, who differs from any simulated one; nor that "
    "nobody harvested. Diluted campaigns that were simulated together with their traffic were "
    "found less often than planted ones: read it as what is found at best. One who asks what "
    "people ask, shares nothing and keeps people's hours is not planted here, and is not found.",
)
_GRAMMAR: Final = (
    "Harvesting prompts were written by grammars: a language of their own, easier to tell from "
    "people's than real ones. With --prompts FOLDER they are real."
)


def step(number: int, of: int, accounts: int, share: float, each_s: float | None) -> str:
    """What is being planted; how long the rest takes, once one was."""
    said = f"Campaign {number + 1} of {of}: {accounts:,} accounts, share {share:g}"
    if each_s is None:
        return said
    left = each_s * (of - number)
    return f"{said}; about {left / 60:.0f} min left" if left >= 90 else f"{said}; {left:.0f} s left"


def rows(found: Power) -> list[tuple[str, ...]]:
    """One row a size and share, in the order of ``HEAD``."""
    return [_row(cell) for cell in found.cells]


def _row(cell: Cell) -> tuple[str, ...]:
    hits, count = sum(one.found for one in cell.trials), len(cell.trials)
    told = f"{hits} of {count} [{cell.found.low:.2f}, {cell.found.high:.2f}]"
    seen = sum(one.noticed and not one.found for one in cell.trials)
    told += f", {seen} at triage" if seen else ""
    return (
        f"{cell.accounts:,}",
        f"{cell.share:g}",
        f"{cell.mean('exchanges'):,.0f}",
        f"{cell.mean('harvested'):,.0f}",
        f"{cell.recall:.2f}",
        f"{cell.recall_flagged:.2f}",
        "-" if math.isnan(cell.precision) else f"{cell.precision:.2f}",
        f"{sum(one.new_multi_axis for one in cell.trials):,}",
        told,
        elide(cell.prompts, 40),
    )


def made(found: Power) -> str:
    """When, and with which parameters."""
    planted = plural(len(found.trials), "campaign", "campaigns")
    prompts = ", ".join(dict.fromkeys(cell.prompts for cell in found.cells))
    seeds = ", ".join(str(seed) for seed in sorted({one.seed for one in found.trials}))
    return (
        f"{planted} planted, the last on {day(found.at_us)}; prompts: {elide(prompts, 120)}; "
        f"seed {seeds}."
    )


def notes(found: Power) -> tuple[str, ...]:
    """What must be known to read the table, the warnings first."""
    said = [STALE] if found.stale else []
    if found.left:
        campaigns = plural(found.left, "campaign was", "campaigns were")
        said.append(f"{campaigns} not come to: the same command goes on.")
    said += too_large([cell.accounts for cell in found.cells], found.log_accounts)
    said.append(made(found))
    said += _others(found)
    if any(cell.prompts == "grammar" for cell in found.cells):
        said.append(_GRAMMAR)
    said.append("In brackets the exact 95 % interval over campaigns (Clopper and Pearson).")
    return (*said, *NOTES)


def too_large(planted: Iterable[int], log_accounts: int | None) -> list[str]:
    """That campaigns of some sizes are no small part of the log; nothing where all are.

    Args:
        planted: Accounts of each campaign.
        log_accounts: Accounts of the log; None or 0 where it is not known.
    """
    if not log_accounts:
        return []
    sizes = sorted({size for size in planted if size > log_accounts * _PART})
    if not sizes:
        return []
    listed = " and ".join(f"{size:,}" for size in sizes)
    whole = plural(log_accounts, "account", "accounts")
    return [
        f"Campaigns of {listed} accounts are more than a tenth of the log's {whole}: they change "
        "what is ordinary in it, so that what is found of them says little of it as it is."
    ]


def _others(found: Power) -> list[str]:
    """Who is named only beside a campaign; nothing where nobody is."""
    named = [one.new_multi_axis for one in found.trials if one.new_multi_axis]
    if not named:
        return []
    who = plural(sum(named), "other account is", "other accounts are")
    return [
        f"{who} named multi-axis only beside a planted campaign, in {len(named):,} of "
        f"{plural(len(found.trials), 'campaign', 'campaigns')}: a finding can take in bystanders."
    ]


def planted_table(found: Power | None) -> PlantedTable:
    """The table as the report shows it; without one, that there is none."""
    if found is None:
        return PlantedTable(HEAD, (), (NOT_RUN,))
    return PlantedTable(HEAD, tuple(rows(found)), notes(found), found.as_dict())


def told_of_nothing(found: Power | None, table: str = IN_CASE) -> str:
    """What a sentence about nothing found must say besides.

    Args:
        found: What would have been found; None where it was not measured.
        table: Where the whole table is, a sentence.
    """
    if found is None:
        return NOT_RUN
    if found.stale:
        return f"What would have been found was measured, but the case has changed since: {COMMAND}"
    seen = [cell for cell in found.cells if all(one.found for one in cell.trials)]
    if not seen:
        return f"None of the planted campaigns was found every time. {table}"
    least = min(seen, key=lambda cell: (cell.mean("harvested"), cell.accounts))
    n, rate = len(least.trials), least.found
    sure = f" (95 % interval {rate.low:.2f} to {rate.high:.2f})"
    return (
        "Of the campaigns planted, the smallest that was found whenever it was planted had "
        f"{least.accounts:,} accounts and harvested {least.mean('harvested'):,.0f} exchanges: "
        f"found in {n:,} of {n:,}{sure}. {table}"
    )
