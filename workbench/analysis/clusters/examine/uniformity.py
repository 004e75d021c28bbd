"""Uniformity: how evenly the regions that hold nine tenths of the exchanges are visited.

A sweep off a list visits them alike; people come back to what is popular. Told beside it: how far
the cluster's regions are from the population's (Kullback-Leibler). It speaks for nothing: measured,
benchmark runs and graders are even more often than planted campaigns are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.examine.coverage import core, effective, tally
from workbench.analysis.clusters.examine.peers import NULL, beside
from workbench.analysis.clusters.examine.subject import NEITHER, Fact
from workbench.domain.finding import How
from workbench.domain.signal import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

NAME: Final = "uniformity"
NEEDS: Final = ("prompt",)
HOW: Final = How(
    formula="e^H / S over the S fewest regions that hold nine tenths of the prompts",
    unit="share",
    null=NULL,
    source="Hill 1973; Hurlbert 1971; Kullback and Leibler 1951 for the bits",
    evades="It speaks for nothing: benign benchmark runs are more even.",
)


def examine(subject: Subject, population: Population) -> Fact | None:
    """Evenness e^H / S of the S regions of the core; p against the peers, greater is evener.

    As many exchanges on both sides, so that no rarefaction is needed (Hurlbert 1971).
    """
    if not subject.peers:
        return None
    cell = population.of_prompt(population.cell)

    def evenness(rows: NDArray[np.int64]) -> float:
        held = core(tally(cell[rows]))
        return effective(held) / len(held)

    def distance(rows: NDArray[np.int64]) -> float:
        counts = np.bincount(cell[rows], minlength=len(share))
        part = counts / counts.sum()
        seen = part > 0
        return float((part[seen] * np.log2(part[seen] / share[seen])).sum())

    known = cell[(cell >= 0) & subject.ordinary[population.account]]
    whole = np.bincount(known, minlength=int(cell.max()) + 1)
    share = (whole + 0.5) / (whole + 0.5).sum()
    found, far = beside(subject, evenness), beside(subject, distance)
    return Fact(
        NAME,
        found.value,
        found.p,
        NEITHER,
        Message(
            "fact.uniformity",
            {
                "evenness": found.value,
                "low": found.low,
                "high": found.high,
                "regions": len(core(tally(cell[subject.told]))),
                "bits": far.value,
                "bits_low": far.low,
                "bits_high": far.high,
            },
        ),
        n_null=found.n,
    )
