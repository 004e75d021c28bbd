"""Concentration over the day (Rayleigh): a person's hours lie together, a queue's go round."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.signals.automation.hours import LEAST_HOURS
from workbench.analysis.signals.population import Reading, shrunken_mean
from workbench.domain.signal import Axis, SignalSpec
from workbench.kernels.timing import day_resultant

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

SPEC = SignalSpec(
    name="hour_concentration",
    axis=Axis.AUTOMATION,
    title="Concentration over the day",
    unit="R",
    formula="mean resultant length R of the active hours; which hours they are is never read.",
    needs=("ts",),
    source="Rayleigh; Mardia and Jupp 2000, 2.3",
    evades="Sending only in one region's working hours.",
    fewest=f"{LEAST_HOURS} different hours with an exchange",
    tested=False,
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells, and how it is ranked.

    R is above 0 by chance where hours are few: ranked by the unbiased (n R^2 - 1) / (n - 1), low
    first.
    """
    active, length = day_resultant(population.offsets, population.ts)
    n = active.astype(np.float64)
    enough = active >= LEAST_HOURS
    square = (n * length**2 - 1.0) / np.maximum(n - 1.0, 1.0)
    strength = shrunken_mean(np.where(enough, square, np.nan), 1.0 / np.maximum(n, 1.0))
    return Reading(np.where(enough, length, np.nan), -strength)
