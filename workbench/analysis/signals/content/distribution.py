"""Distribution test: how far an account's prompts lie from everybody else's (MMD)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading, drawn_to, mean_and_between
from workbench.analysis.signals.reference import Reference, settle
from workbench.domain.signal import Axis, SignalSpec
from workbench.kernels.rff import (
    features,
    frequencies,
    group_sums,
    median_distance,
    squared_distance,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.signals.population import Population

#: Frequencies; D = 128 features (a cosine and a sine each).
PAIRS: Final = 64
_BANDWIDTHS: Final = np.array([0.5, 1.0, 2.0, 4.0])
_LEAST = 5
#: Pairs of landmarks from which the median distance is taken.
_PAIRS_FOR_MEDIAN = 20_000

SPEC = SignalSpec(
    name="distribution_shift",
    axis=Axis.CONTENT,
    title="Distance from ordinary prompts",
    unit="MMD squared",
    formula="unbiased MMD^2 between the account's prompts and ordinary ones, kernel: mean of RBF "
    "at .5, 1, 2 and 4 x the median distance; farther is stronger.",
    needs=("prompt",),
    source="Gretton et al. 2012; Rahimi and Recht 2007; arXiv 2606.05725",
    evades="Mixing in ordinary prompts; asking only what many people ask.",
    fewest=f"{_LEAST} exchanges with a prompt",
)


def landmark_features(population: Population) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Random Fourier features of the landmarks, and their frequencies: f32[L, 2 F], f32[F, D].

    Kernel: the mean of RBF kernels at .5, 1, 2 and 4 times the median distance. A prompt stands
    for itself by its nearest landmark: features then cost one lookup an exchange. A saved baseline
    brings the frequencies that its sums were made with.
    """
    vectors, random = population.vectors, population.random
    if population.reference is not None:
        frequency = population.reference.frequency
    else:
        median = median_distance(vectors, _PAIRS_FOR_MEDIAN, random)
        frequency = frequencies(vectors.shape[1], PAIRS, _BANDWIDTHS * median, random)
    return features(vectors, frequency), frequency


def account_sums(
    population: Population, table: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Feature sums and number of placed exchanges of every account: (f64[A, K], i64[A])."""
    item = population.of_prompt(population.landmark)
    sums = group_sums(population.account, item, table, population.n_accounts)
    placed = np.bincount(population.account[item >= 0], minlength=population.n_accounts)
    return sums, placed.astype(np.int64)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells, and how it is ranked.

    Ordinary prompts are a saved baseline's, else those of all other accounts of the case but those
    that stand far out (``reference.settle``). Ranked after drawing noisy values to the mean: under
    equality the estimator's variance is 2 |Cov|_F^2 / (n (n - 1)), with Cov the covariance of the
    features of ordinary prompts.
    """
    table, frequency = landmark_features(population)
    sums, placed = account_sums(population, table)
    pairs = np.maximum(placed * (placed - 1.0), 1.0)
    usual = population.reference
    if usual is not None:
        enough = (placed >= _LEAST) & (usual.n > 1)
        distance = squared_distance(sums, placed, usual.sums, np.array(usual.n))
        value = np.where(enough, distance, np.nan)
        strength = drawn_to(value, usual.spread / pairs, usual.mean, usual.between)
        return Reading(value, strength, reference=usual)

    def against(kept: NDArray[np.bool_]) -> tuple[NDArray[np.float64], Reference]:
        whole, n = sums[kept].sum(axis=0), int(placed[kept].sum())
        own, mine = sums * kept[:, None], placed * kept
        enough = (placed >= _LEAST) & (n - mine > 1)
        distance = squared_distance(sums, placed, whole - own, n - mine)
        value = np.where(enough, distance, np.nan)
        spread = _spread(population, table, kept)
        known = np.where(kept, value, np.nan)
        mean, between = mean_and_between(known, spread / pairs)
        return value, Reference(frequency, whole, n, spread, mean, between)

    def far(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        value, usual = against(kept)
        return drawn_to(value, usual.spread / pairs, usual.mean, usual.between)

    kept, rounds = settle(far, population.n_accounts)
    value, usual = against(kept)
    info = {
        "left_out": int((~kept).sum()),
        "assessed": int((~np.isnan(value)).sum()),
        "rounds": rounds,
    }
    strength = drawn_to(value, usual.spread / pairs, usual.mean, usual.between)
    return Reading(value, strength, info=info, reference=usual)


def _spread(population: Population, table: NDArray[np.float32], kept: NDArray[np.bool_]) -> float:
    """2 |Cov|_F^2 of the features of the kept accounts' prompts."""
    item = population.of_prompt(population.landmark)
    item = item[kept[population.account] & (item >= 0)]
    weight = np.bincount(item, minlength=len(table)) / max(len(item), 1)
    centred = table - (weight @ table)
    covariance = (centred * weight[:, None]).T @ centred
    return 2.0 * float((covariance**2).sum())
