"""Mixtures: how common kinds are among rows, and which part of a whole each row is of.

Expectation and maximisation in turn, a fixed number of rounds. What the rows are is not known here.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def mixture_of(value: np.ndarray, weight: np.ndarray, imagined: float, rounds: int) -> np.ndarray:
    """How common each kind is among weighted rows: EM for the shares of a mixture.

    Args:
        value: f64[K, M] log evidence of every row under every kind.
        weight: f64[M] >= 0.
        imagined: Rows imagined beforehand, spread evenly over the kinds.
        rounds: Of EM, from equal shares on.

    Returns:
        f64[K], sum 1.
    """
    kinds, n = value.shape
    likely = np.empty((n, kinds))
    for i in range(n):
        most = value[:, i].max()
        for k in range(kinds):
            likely[i, k] = math.exp(value[k, i] - most)
    mix = np.full(kinds, 1.0 / kinds)
    held = np.empty(kinds)
    joint = np.empty(kinds)
    for _ in range(rounds):
        held[:] = imagined / kinds
        for i in range(n):
            total = 0.0
            for k in range(kinds):
                joint[k] = likely[i, k] * mix[k]
                total += joint[k]
            for k in range(kinds):
                held[k] += weight[i] * joint[k] / total
        mix[:] = held / held.sum()
    return mix


@njit(cache=True, nogil=True)
def left_out(
    row: np.ndarray,
    cell: np.ndarray,
    count: np.ndarray,
    sizes: np.ndarray,
    weight: np.ndarray,
    base: np.ndarray,
) -> np.ndarray:
    """f64[M] nats: what each row counts, under the profile of all rows without itself.

    Args:
        row: i64[nnz], which row each count is of.
        cell: i64[nnz].
        count: f64[nnz].
        sizes: f64[M], counts of each row together.
        weight: f64[M], how much each row is of the profile.
        base: f64[C], what the profile is smoothed with.
    """
    sums = base.copy()
    for at in range(len(row)):
        sums[cell[at]] += weight[row[at]] * count[at]
    whole = sums.sum()
    found = np.zeros(len(sizes))
    for at in range(len(row)):
        one = row[at]
        rest = max(sums[cell[at]] - weight[one] * count[at], 1e-9)
        found[one] += count[at] * math.log(rest / max(whole - weight[one] * sizes[one], 1e-9))
    return found


@njit(cache=True, nogil=True)
def parts_of(
    row: np.ndarray,
    cell: np.ndarray,
    count: np.ndarray,
    sizes: np.ndarray,
    weight: np.ndarray,
    base: np.ndarray,
    start: np.ndarray,
    rounds: int,
) -> tuple[np.ndarray, np.ndarray]:
    """EM for a mixture of multinomials, each row left out of what it is weighed against.

    Args:
        row: i64[nnz], which row each count is of.
        cell: i64[nnz].
        count: f64[nnz].
        sizes: f64[M], counts of each row together.
        weight: f64[M], how much each row counts.
        base: f64[C], what each part's profile is smoothed with.
        start: f64[M,K], part of each row to begin with.
        rounds: Of EM.

    Returns:
        (f64[M,K] part of each row, sum 1; f64[K] how common each is, one row imagined in each).
    """
    n, parts = start.shape
    part = start.copy()
    common = np.full(parts, 1.0 / parts)
    value = np.empty((n, parts))
    for _ in range(rounds):
        for k in range(parts):
            share = weight * part[:, k]
            common[k] = (share.sum() + 1.0) / (weight.sum() + parts)
            value[:, k] = left_out(row, cell, count, sizes, share, base) + math.log(common[k])
        for one in range(n):
            most = value[one].max()
            part[one] = np.exp(value[one] - most)
            part[one] /= part[one].sum()
    return part, common
