"""Coverage curve: how many different prompts were collected with how many exchanges.

Near-duplicates count once. Told beside it: regions of the map, and how few accounts would have
seen nine tenths of them (Kesarwani et al. 2018).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.examine.coverage import (
    accounts_needed,
    completeness,
    tally,
    unseen,
    visited,
)
from workbench.analysis.clusters.examine.peers import NULL, beside, compare
from workbench.analysis.clusters.examine.subject import AGAINST, FOR, NEITHER, Fact
from workbench.domain.finding import How
from workbench.domain.signal import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

NAME: Final = "coverage_curve"
NEEDS: Final = ("prompt",)
HOW: Final = How(
    formula="different prompts (near-duplicates once) among the exchanges compared; beside it f1 "
    "/ n (Good), Chao's coverage, and the fewest accounts that see nine tenths of its regions",
    unit="prompts",
    null=NULL,
    source="Good 1953; Chao and Jost 2012; Kesarwani et al. 2018",
    evades="Asking again what was asked.",
)
#: Points of the curve.
_STEPS: Final = 60


def examine(subject: Subject, population: Population) -> Fact | None:
    """Different prompts among the exchanges told; p against the peers, greater is more."""
    if not subject.peers:
        return None
    told = subject.told
    steps = np.unique(np.linspace(0, len(told), _STEPS + 1).astype(np.int64))
    group, cell = population.of_prompt(population.group), population.of_prompt(population.cell)
    account = population.account
    prompts, prompts_of_peers = _curves(group, subject, steps)
    cells, cells_of_peers = _curves(cell, subject, steps)
    found = compare(float(prompts[-1]), prompts_of_peers[:, -1].astype(np.float64))
    regions = compare(float(cells[-1]), cells_of_peers[:, -1].astype(np.float64))
    needed = beside(subject, lambda rows: accounts_needed(account[rows], cell[rows]))
    counts = tally(group[told])
    return Fact(
        NAME,
        found.value,
        found.p,
        # Planted campaigns repeat themselves no more than their peers: much repetition tells.
        FOR if found.above else AGAINST if found.below else NEITHER,
        Message(
            "fact.coverage_curve",
            {
                "n": len(told),
                "n_all": len(subject.rows),
                "n_groups": len(subject.peers),
                "prompts": int(found.value),
                "low": found.low,
                "high": found.high,
                "cells": int(regions.value),
                "cells_low": regions.low,
                "cells_high": regions.high,
                "n_accounts": len(subject.accounts),
                "needed": int(needed.value),
                "needed_low": needed.low,
                "needed_high": needed.high,
                "unseen": unseen(counts),
                "completeness": completeness(counts),
            },
        ),
        n_null=found.n,
        curve={
            "exchanges": steps.tolist(),
            **_band("prompts", prompts, prompts_of_peers),
            **_band("cells", cells, cells_of_peers),
        },
    )


def _curves(
    code: NDArray[np.int64], subject: Subject, steps: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """i64[k] of the cluster and i64[G,k] of its peers."""
    peers = np.stack([visited(code[rows], steps) for rows in subject.peers])
    return visited(code[subject.told], steps), peers


def _band(name: str, own: NDArray[np.int64], peers: NDArray[np.int64]) -> dict[str, list[float]]:
    low, middle, high = np.quantile(peers, (0.05, 0.5, 0.95), axis=0)
    return {
        name: own.tolist(),
        f"{name}_low": low.tolist(),
        f"{name}_middle": middle.tolist(),
        f"{name}_high": high.tolist(),
    }
