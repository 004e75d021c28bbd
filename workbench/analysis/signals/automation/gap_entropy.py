"""Entropy of the gaps between requests: people's go from seconds to days, a timer's do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading, shrunken_mean
from workbench.domain.signal import Axis, SignalSpec
from workbench.kernels.timing import gap_spread

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

#: Fewest gaps from which an entropy says anything.
LEAST: Final = 8

SPEC = SignalSpec(
    name="gap_entropy",
    axis=Axis.AUTOMATION,
    title="Variety of the pauses",
    unit="bits",
    formula="entropy of the gaps in bins that double from one second; lower is stronger.",
    needs=("ts",),
    source="Shannon 1948 on doubling bins, bias by Miller 1955",
    evades="Drawing pauses from a broad distribution, or replaying human sessions.",
    fewest=f"{LEAST} pauses between exchanges",
    tested=False,
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells of every account."""
    gaps, entropy = gap_spread(population.offsets, population.ts)
    value = np.where(gaps >= LEAST, entropy, np.nan)
    return Reading(value, -shrunken_mean(value, 1.0 / np.maximum(gaps, 1)))
