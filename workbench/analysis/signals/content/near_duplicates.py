"""Near-duplicates: how much of what an account asks is a variant of something else it asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading, shrunken_mean
from workbench.analysis.signals.profiles import count_profiles
from workbench.domain.signal import Axis, SignalSpec

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

#: Fewest distinct prompts.
LEAST: Final = 5

SPEC = SignalSpec(
    name="near_duplicates",
    axis=Axis.CONTENT,
    title="Near-duplicates",
    unit="share",
    formula="share of the account's distinct prompts that have a near-duplicate among them.",
    needs=("prompt",),
    source="SEAT, Zhang et al. 2021, as a rate of pairs; MinHash groups, Jaccard .7",
    evades="Rewording a prompt beyond seven tenths of its five-letter pieces.",
    fewest=f"{LEAST} different prompts",
    tested=False,
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells, and how it is ranked.

    That share grows with volume, so that accounts are ranked by SEAT's own count as a rate: pairs
    of distinct prompts that are near-duplicates, of all n (n - 1) / 2 pairs. Exact repeats are one
    prompt.
    """
    n_accounts = population.n_accounts
    held = count_profiles(population.account, population.prompt, [population.group], n_accounts)
    n = held.totals.astype(np.float64)
    near = np.bincount(
        held.row, weights=np.where(held.counts > 1, held.counts, 0), minlength=n_accounts
    )
    pairs = np.bincount(
        held.row, weights=held.counts * (held.counts - 1.0), minlength=n_accounts
    ) / np.maximum(n * (n - 1.0), 1.0)
    rate = np.where(n >= LEAST, pairs, np.nan)
    # As for templates: binomial in about n / 2 independent pairs.
    noise = np.nan_to_num(rate * (1.0 - rate)) * 2.0 / np.maximum(n, 1.0) + 0.25 / np.maximum(
        n**2, 1.0
    )
    return Reading(
        np.where(n >= LEAST, near / np.maximum(n, 1.0), np.nan), shrunken_mean(rate, noise)
    )
