"""Hardness: are an account's answers as long as everybody's, or does it ask for the hard ones?

HODA compares how hard a client's inputs are with how hard benign ones are; a language model has no
epochs to look at, so that the tokens of the answer stand for how hard it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading, shrunken_mean
from workbench.domain.signal import Axis, SignalSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.signals.population import Population

LEAST: Final = 5
_DECILES: Final = 10

SPEC = SignalSpec(
    name="hardness",
    axis=Axis.CONTENT,
    title="Length of the answers",
    unit="deciles",
    formula="earth mover's distance between the deciles of the account's answers and everybody's.",
    needs=("out_tok",),
    source="HODA, Sadeghzadeh et al. 2021, on output tokens; earth mover's distance",
    evades="Limiting answers to the usual lengths, or asking easy questions too.",
    fewest=f"{LEAST} answers of known length",
    tested=False,
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells, and how it is ranked.

    Deciles are of the population with one vote an account; 1 = each answer one decile away on
    average. Ranked by the unbiased Cramer distance sum_k (F_a - F)^2 - F_a (1 - F_a) / (n - 1),
    drawn to the mean by its noise under equality: 2 sum_jk (min(F_j, F_k) - F_j F_k)^2 over
    n (n - 1).
    """
    account, tokens = population.account, population.recorded.numbers["out_tok"]
    known = ~np.isnan(tokens)
    account, tokens = account[known], tokens[known]
    n = np.bincount(account, minlength=population.n_accounts).astype(np.float64)
    enough = n >= LEAST
    if not enough.any():
        nothing = np.full(population.n_accounts, np.nan)
        return Reading(nothing, nothing)
    bins = _deciles(tokens, 1.0 / n[account])
    held = np.bincount(account * _DECILES + bins, minlength=population.n_accounts * _DECILES)
    share = held.reshape(-1, _DECILES) / np.maximum(n, 1.0)[:, None]
    below = np.cumsum(share, axis=1)[:, :-1]
    usual = np.cumsum(share[n > 0].mean(axis=0))[:-1]
    apart = np.abs(below - usual).sum(axis=1)
    rest = np.maximum(n - 1.0, 1.0)
    cramer = ((below - usual) ** 2 - below * (1.0 - below) / rest[:, None]).sum(axis=1)
    spread = 2.0 * ((np.minimum.outer(usual, usual) - np.outer(usual, usual)) ** 2).sum()
    strength = shrunken_mean(np.where(enough, cramer, np.nan), spread / np.maximum(n * rest, 1.0))
    return Reading(np.where(enough, apart, np.nan), strength)


def _deciles(tokens: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.int64]:
    """i64[n] in 0..9: the decile that each value lies in, by weight; equal values share one."""
    order = np.argsort(tokens, kind="stable")
    # A hair less, so that rounding of the sums never moves a cut to the next value.
    reached = np.cumsum(weight[order]) * (1.0 + 1e-9)
    cuts = tokens[order][np.searchsorted(reached, weight.sum() * np.arange(1, _DECILES) / _DECILES)]
    return np.searchsorted(cuts, tokens, side="left")
