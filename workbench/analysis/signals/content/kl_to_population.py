"""How surprising an account's mixture of regions is, to who expects what everybody asks (KL)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading, shrunken_mean
from workbench.analysis.signals.profiles import count_profiles
from workbench.domain.signal import Axis, SignalSpec

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

LEAST: Final = 10
#: Added to every region of the population, so that none is impossible.
_SMOOTHING: Final = 0.5

SPEC = SignalSpec(
    name="kl_to_population",
    axis=Axis.CONTENT,
    title="Divergence of topics",
    unit="bits",
    formula="sum p_a log2(p_a / p) over regions, less its bias (K - 1) / (2 n ln 2).",
    needs=("prompt",),
    source="Kullback and Leibler 1951, bias by Miller 1955",
    evades="Asking in the proportions in which everybody asks.",
    fewest=f"{LEAST} different prompts",
    tested=False,
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells, and how it is ranked.

    p is the mean over accounts, one vote each, so that no large account is its own baseline.
    """
    n_accounts = population.n_accounts
    held = count_profiles(population.account, population.prompt, [population.cell], n_accounts)
    n = held.totals.astype(np.float64)
    row, part = held.row, held.counts / n[held.row]
    usual = held.pooled(1.0 / np.maximum(n, 1.0)) + _SMOOTHING
    usual /= usual.sum()
    surprise = part * np.log2(part / usual[held.cells])
    kinds = np.bincount(row, minlength=n_accounts)
    bias = (kinds - 1.0) / (2.0 * np.maximum(n, 1.0) * np.log(2.0))
    value = np.bincount(row, weights=surprise, minlength=n_accounts) - bias
    value = np.where(n >= LEAST, value, np.nan)
    # Variance of the mean of n surprises, at the scale of log2 of the regions.
    spread = np.log2(max(held.n_cells, 2)) ** 2 / 4.0
    return Reading(value, shrunken_mean(value, spread / np.maximum(n, 1.0)))
