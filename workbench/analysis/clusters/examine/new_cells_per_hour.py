"""New cells an hour: how fast regions are visited for the first time, by hour of activity.

It speaks for nothing: measured, a quarter of benign firms are fast and no planted campaign is,
which spreads its work over more hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.examine.peers import NULL, beside
from workbench.analysis.clusters.examine.subject import NEITHER, Fact
from workbench.domain.finding import How
from workbench.domain.signal import Message
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

NAME: Final = "new_cells_per_hour"
NEEDS: Final = ("ts", "prompt")
HOW: Final = How(
    formula="regions reached / hours in which any account asked",
    unit="regions an hour",
    null=NULL,
    source="Own proposal",
    evades="It speaks for nothing: a quarter of benign firms are fast.",
)
_HOUR_US: Final = 3_600_000_000


def examine(subject: Subject, population: Population) -> Fact | None:
    """Regions visited / hours in which any of the accounts asked; p against the peers."""
    ts, cell = population.ts, population.of_prompt(population.cell)
    compared = (subject.told, *subject.peers)
    if not subject.peers or not all((ts[rows] != UNKNOWN).any() for rows in compared):
        return None

    def rate(code: NDArray[np.int64], rows: NDArray[np.int64]) -> float:
        timed = rows[ts[rows] != UNKNOWN]
        return len(np.unique(code[timed])) / _hours(ts[timed])

    group = population.of_prompt(population.group)
    found = beside(subject, lambda rows: rate(cell, rows))
    prompts = beside(subject, lambda rows: rate(group, rows))
    timed = subject.told[ts[subject.told] != UNKNOWN]
    return Fact(
        NAME,
        found.value,
        found.p,
        NEITHER,
        Message(
            "fact.new_cells_per_hour",
            {
                "rate": found.value,
                "low": found.low,
                "high": found.high,
                "hours": _hours(ts[timed]),
                "prompts": prompts.value,
                "prompts_low": prompts.low,
                "prompts_high": prompts.high,
            },
        ),
        n_null=found.n,
    )


def _hours(ts: NDArray[np.int64]) -> int:
    """Hours of the clock in which something was asked."""
    return len(np.unique(ts // _HOUR_US))
