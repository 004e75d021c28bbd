"""Sums over the neighbours of every row of a graph with a fixed number of places a row.

Neighbours are given by place (``partner`` i32[A, K], -1 = empty). What each row carries
(ties, a time, a score) is looked up through ``carrier``: row a carries what row carrier[a] was
born with, so that one call serves any reshuffling. Knows nothing of what the sums mean.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def tie_of(
    indptr: np.ndarray, indices: np.ndarray, data: np.ndarray, row: int, column: int
) -> float:
    """One element of a compressed matrix with sorted columns; 0 where nothing is stored."""
    low, high = indptr[row], indptr[row + 1]
    while low < high:
        middle = (low + high) // 2
        if indices[middle] < column:
            low = middle + 1
        else:
            high = middle
    if low < indptr[row + 1] and indices[low] == column:
        return float(data[low])
    return 0.0


@njit(cache=True, nogil=True)
def pooled_ties(
    partner: np.ndarray,
    carrier: np.ndarray,
    indptr: np.ndarray,
    indices: np.ndarray,
    data: np.ndarray,
) -> np.ndarray:
    """Sum of the ties between each row and its neighbours: f64[A]."""
    found = np.zeros(len(partner))
    for row in range(len(partner)):
        own = carrier[row]
        for place in range(partner.shape[1]):
            other = partner[row, place]
            if other >= 0:
                found[row] += tie_of(indptr, indices, data, own, carrier[other])
    return found


@njit(cache=True, nogil=True)
def pooled_near(
    partner: np.ndarray, carrier: np.ndarray, at: np.ndarray, reach: int, unknown: int
) -> tuple[np.ndarray, np.ndarray]:
    """How many neighbours carry a time within ``reach`` of the row's own.

    Args:
        partner: i32[A, K].
        carrier: i64[A].
        at: i64[A] times.
        reach: Greatest distance.
        unknown: The value of ``at`` that stands for no time.

    Returns:
        (near i64[A], neighbours with a known time i64[A]); both 0 where the own time is unknown.
    """
    near = np.zeros(len(partner), np.int64)
    known = np.zeros(len(partner), np.int64)
    for row in range(len(partner)):
        own = at[carrier[row]]
        if own == unknown:
            continue
        for place in range(partner.shape[1]):
            other = partner[row, place]
            if other < 0 or at[carrier[other]] == unknown:
                continue
            known[row] += 1
            if abs(at[carrier[other]] - own) <= reach:
                near[row] += 1
    return near, known


@njit(cache=True, nogil=True)
def pooled_scores(
    partner: np.ndarray, carrier: np.ndarray, score: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the scores (f64[A], NaN = unknown) of each row and its neighbours, and how many."""
    total = np.zeros(len(partner))
    known = np.zeros(len(partner), np.int64)
    for row in range(len(partner)):
        own = score[carrier[row]]
        if not np.isnan(own):
            total[row] += own
            known[row] += 1
        for place in range(partner.shape[1]):
            other = partner[row, place]
            if other < 0:
                continue
            value = score[carrier[other]]
            if not np.isnan(value):
                total[row] += value
                known[row] += 1
    return total, known
