"""Depth: different prompts for each region visited. A harvest goes over few regions thoroughly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workbench.analysis.clusters.examine.coverage import effective, tally
from workbench.analysis.clusters.examine.peers import NULL, beside
from workbench.analysis.clusters.examine.subject import AGAINST, FOR, NEITHER, Fact
from workbench.domain.finding import How
from workbench.domain.signal import Message

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

NAME: Final = "depth"
NEEDS: Final = ("prompt",)
HOW: Final = How(
    formula="different prompts (near-duplicates once) / e^H of the regions",
    unit="prompts a region",
    null=NULL,
    source="Hill 1973; own proposal",
    evades="Spreading over what people ask.",
)


def examine(subject: Subject, population: Population) -> Fact | None:
    """Different prompts (near-duplicates once) / effective regions (Hill 1973); own proposal."""
    if not subject.peers:
        return None
    group, cell = population.of_prompt(population.group), population.of_prompt(population.cell)

    def depth(rows: NDArray[np.int64]) -> float:
        return len(tally(group[rows])) / effective(tally(cell[rows]))

    found = beside(subject, depth)
    return Fact(
        NAME,
        found.value,
        found.p,
        FOR if found.above else AGAINST if found.below else NEITHER,
        Message(
            "fact.depth",
            {
                "depth": found.value,
                "low": found.low,
                "high": found.high,
                "regions": effective(tally(cell[subject.told])),
            },
        ),
        n_null=found.n,
    )
