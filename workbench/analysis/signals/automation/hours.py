"""Entropy over the hours of the week: who sleeps shows it, whatever the time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.signals.population import Reading, shrunken_mean
from workbench.domain.signal import Axis, SignalSpec
from workbench.kernels.timing import hour_spread

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

#: Fewest active hours; below it every profile looks peaked.
LEAST_HOURS = 5

SPEC = SignalSpec(
    name="hour_entropy",
    axis=Axis.AUTOMATION,
    title="Hours of the week",
    unit="bits",
    formula="entropy of active hours over the week, Miller-Madow corrected; flatter is stronger.",
    needs=("ts",),
    source="Miller 1955, Simpson 1949",
    evades="Sending only in one region's working hours.",
    fewest=f"{LEAST_HOURS} different hours with an exchange",
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells, and how it is ranked.

    Entropy grows with the number of hours however it is corrected, so that accounts are ranked
    by Simpson's unbiased diversity over the hours of the day, which does not.
    """
    active, entropy, diversity = hour_spread(population.offsets, population.ts)
    enough = active >= LEAST_HOURS
    noise = 0.1 / np.maximum(active, 1)
    strength = shrunken_mean(np.where(enough, diversity, np.nan), noise)
    return Reading(np.where(enough, entropy, np.nan), strength)
