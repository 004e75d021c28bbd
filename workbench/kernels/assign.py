"""Vectors to their nearest centroid, and to their nearest landmark near there.

Each vector is judged by itself, in the same order of operations whatever else is in the block,
so a prompt has the same place however prompts are batched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Reordering sums is what lets them use the processor's wide registers; the order is fixed at
#: compile time. Four rows at a time read each query once.
_FAST: Final = {"reassoc", "contract", "nsz"}


@njit(cache=True, nogil=True, fastmath=_FAST)
def _dots(query, rows, first, last, scores):  # type: ignore[no-untyped-def]
    """Dot products of one query with ``rows[first:last]``, into ``scores[first:last]``.

    Groups of four are counted from row 0 and run past ``last`` where it is no multiple of
    four, so that a product never depends on where a range begins. ``rows`` and ``scores``
    have room for it.
    """
    for j in range(first - first % 4, last, 4):
        a = b = c = d = np.float32(0.0)
        for k in range(query.size):
            v = query[k]
            a += rows[j, k] * v
            b += rows[j + 1, k] * v
            c += rows[j + 2, k] * v
            d += rows[j + 3, k] * v
        scores[j], scores[j + 1], scores[j + 2], scores[j + 3] = a, b, c, d


def padded(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows with zero rows behind them, up to a multiple of four."""
    out = np.zeros((-(-len(rows) // 4) * 4, rows.shape[1]), np.float32)
    out[: len(rows)] = rows
    return out


@njit(cache=True, nogil=True)
def nearest_centroid(
    queries: NDArray[np.float32],
    centroids: NDArray[np.float32],
    count: int,
    nearest: NDArray[np.int32],
    similarity: NDArray[np.float32],
) -> None:
    """The centroid with the largest dot product; the first of equals.

    Args:
        queries: f32[n, D] unit vectors.
        centroids: f32[C', D] unit vectors, ``padded``.
        count: C, centroids that count; at least 1.
        nearest: i32[n], filled.
        similarity: f32[n], filled with the dot product.
    """
    scores = np.empty(centroids.shape[0], np.float32)
    for i in range(queries.shape[0]):
        _dots(queries[i], centroids, 0, count, scores)
        best = 0
        for j in range(1, count):
            if scores[j] > scores[best]:
                best = j
        nearest[i] = best
        similarity[i] = scores[best]


@njit(cache=True, nogil=True, inline="always")
def _rank(index, score, indices, scores, held):  # type: ignore[no-untyped-def]
    """Insert into the best so far, largest score first, ties by smaller index; returns held."""
    size = indices.size
    if held < size:
        at = held
        held += 1
    elif score > scores[size - 1] or (score == scores[size - 1] and index < indices[size - 1]):
        at = size - 1
    else:
        return held
    while at > 0 and (
        scores[at - 1] < score or (scores[at - 1] == score and indices[at - 1] > index)
    ):
        indices[at], scores[at] = indices[at - 1], scores[at - 1]
        at -= 1
    indices[at], scores[at] = index, score
    return held


@njit(cache=True, nogil=True)
def nearest_landmarks(
    queries: NDArray[np.float32],
    centroids: NDArray[np.float32],
    landmarks: NDArray[np.float32],
    offsets: NDArray[np.int64],
    probes: int,
    cell: NDArray[np.int32],
    nearest: NDArray[np.int32],
    similarity: NDArray[np.float32],
) -> None:
    """The nearest centroid, and the nearest landmarks in the ``probes`` nearest cells.

    An inverted-file search (Sivic and Zisserman 2003) with the cells as its lists: exact where
    the landmarks lie in one of the cells that are looked into.

    Args:
        queries: f32[n, D] unit vectors; a row of zeros is near nothing.
        centroids: f32[C', D] unit vectors, ``padded``.
        landmarks: f32[L', D] unit vectors sorted by cell, ``padded``.
        offsets: i64[C + 1], where each cell's landmarks begin.
        probes: Cells to look into; at least 1.
        cell: i32[n], filled with the nearest centroid, -1 for zeros.
        nearest: i32[n, k], filled with rows of ``landmarks``, nearest first, ties by row;
            -1 where fewer were found.
        similarity: f32[n, k], filled with their dot products.
    """
    count = offsets.size - 1
    probes = min(probes, count)
    near = np.empty(centroids.shape[0], np.float32)
    scores = np.empty(landmarks.shape[0], np.float32)
    chosen = np.empty(probes, np.int32)
    chosen_scores = np.empty(probes, np.float32)
    for i in range(queries.shape[0]):
        query = queries[i]
        cell[i] = -1
        nearest[i] = -1
        similarity[i] = np.float32(-1.0)
        if not np.any(query) or count == 0:
            continue
        _dots(query, centroids, 0, count, near)
        looked = 0
        for j in range(count):
            looked = _rank(j, near[j], chosen, chosen_scores, looked)
        cell[i] = chosen[0]
        held = 0
        for p in range(looked):
            first, last = offsets[chosen[p]], offsets[chosen[p] + 1]
            _dots(query, landmarks, first, last, scores)
            for j in range(first, last):
                held = _rank(j, scores[j], nearest[i], similarity[i], held)
