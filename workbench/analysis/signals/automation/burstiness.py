"""Burstiness of the gaps between an account's exchanges: people come in bursts, queues do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.signals.population import Reading, shrunken_mean
from workbench.domain.signal import Axis, SignalSpec
from workbench.kernels.timing import gap_moments

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

#: Fewest gaps from which a deviation says anything.
LEAST_GAPS = 4

SPEC = SignalSpec(
    name="burstiness",
    axis=Axis.AUTOMATION,
    title="Burstiness",
    unit="",
    formula="[sqrt(n + 1) r - sqrt(n - 1)] / [(sqrt(n + 1) - 2) r + sqrt(n - 1)], with r the "
    "deviation of n pauses over their mean: -1 regular, 0 Poisson, 1 bursty; steadier is stronger.",
    needs=("ts",),
    source="Goh and Barabasi 2008, finite size by Kim and Jo 2016",
    evades="Replaying recorded human sessions, or sending in bursts.",
    fewest=f"{LEAST_GAPS} pauses between exchanges",
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells of every account."""
    gaps, mean, deviation = gap_moments(population.offsets, population.ts)
    enough = (gaps >= LEAST_GAPS) & (mean > 0)
    value = np.full(population.n_accounts, np.nan)
    n = gaps[enough].astype(np.float64)
    r = deviation[enough] / mean[enough]
    value[enough] = (np.sqrt(n + 1) * r - np.sqrt(n - 1)) / (
        (np.sqrt(n + 1) - 2) * r + np.sqrt(n - 1)
    )
    # The coefficient of variation of n gaps has a standard error of about 1 / sqrt(2 n).
    noise = 1.0 / (2.0 * np.maximum(gaps, 1))
    return Reading(value, -shrunken_mean(value, noise))
