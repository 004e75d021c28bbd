"""Distribution test: how far an account's prompts lie from everybody else's (MMD)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading, shrunken_mean
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
    needs=("prompt",),
    source="Gretton et al. 2012; Rahimi and Recht 2007; arXiv 2606.05725",
    evades="Mixing in ordinary prompts; asking only what many people ask.",
)


def landmark_features(population: Population) -> NDArray[np.float32]:
    """f32[L, 2 PAIRS]: random Fourier features of the landmarks.

    Kernel: the mean of RBF kernels at .5, 1, 2 and 4 times the median distance. A prompt stands
    for itself by its nearest landmark: features then cost one lookup an exchange.
    """
    vectors, random = population.vectors, population.random
    median = median_distance(vectors, _PAIRS_FOR_MEDIAN, random)
    frequency = frequencies(vectors.shape[1], PAIRS, _BANDWIDTHS * median, random)
    return features(vectors, frequency)


def account_sums(
    population: Population, table: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Feature sums and number of placed exchanges of every account: (f64[A, K], i64[A])."""
    item = population.of_prompt(population.landmark)
    sums = group_sums(population.account, item, table, population.n_accounts)
    placed = np.bincount(population.account[item >= 0], minlength=population.n_accounts)
    return sums, placed.astype(np.int64)


def measure(population: Population) -> Reading:
    """Value: unbiased MMD^2 between the account's prompts and all others'; farther is stronger.

    Ranked after drawing noisy values to the mean: under equality the estimator's variance is
    2 |Cov|_F^2 / (n (n - 1)), with Cov the features' covariance in the population.
    """
    table = landmark_features(population)
    sums, placed = account_sums(population, table)
    whole, n = sums.sum(axis=0), int(placed.sum())
    enough = (placed >= _LEAST) & (n - placed > 1)
    value = np.where(enough, squared_distance(sums, placed, whole - sums, n - placed), np.nan)
    item = population.of_prompt(population.landmark)
    weight = np.bincount(item[item >= 0], minlength=len(table)) / max(n, 1)
    centred = table - (weight @ table)
    covariance = (centred * weight[:, None]).T @ centred
    spread = 2.0 * float((covariance**2).sum())
    noise = spread / np.maximum(placed * (placed - 1.0), 1.0)
    return Reading(value, shrunken_mean(value, noise))
