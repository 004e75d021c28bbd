"""Random Fourier features: sums that add, from which distances between distributions follow.

Rahimi and Recht (2007): with frequencies w drawn from the kernel's spectrum and pairs
(cos wx, sin wx) / sqrt(F), the inner product of two feature vectors estimates k(x, y), and every
vector has length 1. Sums over any set of points therefore hold all that the unbiased MMD^2 needs.
Knows vectors and group numbers only.
"""

from __future__ import annotations

import numpy as np
from numba import njit


def frequencies(
    dimension: int, pairs: int, bandwidths: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Frequencies of the mean of RBF kernels exp(-|x - y|^2 / (2 s^2)) over several bandwidths s.

    Args:
        dimension: Length of a vector.
        pairs: Frequencies; features = 2 x pairs.
        bandwidths: f64[B]; frequency i belongs to bandwidth i mod B.
        random: Where they are drawn from.

    Returns:
        f32[pairs, dimension].
    """
    drawn = random.standard_normal((pairs, dimension))
    scaled: np.ndarray = drawn / bandwidths[np.arange(pairs) % len(bandwidths), None]
    return scaled.astype(np.float32)


def median_distance(vectors: np.ndarray, pairs: int, random: np.random.Generator) -> float:
    """Median distance between two different rows; 1 where there are none.

    Args:
        vectors: f32[n, D].
        pairs: Pairs to draw.
        random: Where they are drawn from.
    """
    if len(vectors) < 2:
        return 1.0
    left = random.integers(0, len(vectors), pairs)
    right = random.integers(0, len(vectors), pairs)
    apart = np.linalg.norm(vectors[left] - vectors[right], axis=1)[left != right]
    return float(np.median(apart)) or 1.0


def features(vectors: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """f32[n, 2 F] features of f32[n, D] vectors; every row has length 1."""
    angle = vectors @ frequency.T
    scale = np.float32(1.0 / np.sqrt(len(frequency)))
    found: np.ndarray = np.concatenate([np.cos(angle), np.sin(angle)], axis=1) * scale
    return found


@njit(cache=True, nogil=True)
def group_sums(group: np.ndarray, item: np.ndarray, table: np.ndarray, groups: int) -> np.ndarray:
    """Sum of ``table[item[i]]`` over each group: f64[groups, K]; items below 0 are left out.

    Args:
        group: i64[N] group of each entry, in [0, groups).
        item: i64[N] row of ``table``, or -1.
        table: f32[M, K].
        groups: Number of groups.
    """
    width = table.shape[1]
    sums = np.zeros((groups, width))
    for i in range(len(group)):
        row = item[i]
        if row < 0:
            continue
        for j in range(width):
            sums[group[i], j] += table[row, j]
    return sums


def squared_distance(
    left: np.ndarray, n_left: np.ndarray, right: np.ndarray, n_right: np.ndarray
) -> np.ndarray:
    """Unbiased MMD^2 between sets given by their feature sums.

    mean_{i != j} k(x, x') + mean_{i != j} k(y, y') - 2 mean k(x, y) (Gretton et al. 2012, eq. 3);
    features of length 1 make the diagonal n.

    Args:
        left: f64[..., K] sums.
        n_left: Points in each.
        right: f64[..., K] sums.
        n_right: Points in each.

    Returns:
        f64[...]; NaN where a side holds fewer than two points.
    """
    n_left = np.asarray(n_left, dtype=np.float64)
    n_right = np.asarray(n_right, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        own_left = ((left * left).sum(-1) - n_left) / (n_left * (n_left - 1.0))
        own_right = ((right * right).sum(-1) - n_right) / (n_right * (n_right - 1.0))
        cross = (left * right).sum(-1) / (n_left * n_right)
        found = own_left + own_right - 2.0 * cross
    return np.where((n_left > 1) & (n_right > 1), found, np.nan)
