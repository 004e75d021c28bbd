"""Dirichlet-multinomial arithmetic on sparse counts: evidence that two profiles share a source.

Counts are compressed rows: row r holds ``cells[indptr[r]:indptr[r + 1]]`` (ascending) with
``counts`` beside them. Columns fall into one or more vocabularies, ``starts[g]`` to
``starts[g + 1]``: a row is one Dirichlet-multinomial draw from each, independent of the others.
``alpha`` gives every column its prior weight. Knows nothing of accounts, prompts or thresholds.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

#: Counts up to this are looked up; beyond it the gamma function is called.
TABLE = 256


def rising_table(alpha: np.ndarray) -> np.ndarray:
    """Log of the rising factorial: ``lgamma(alpha_c + j) - lgamma(alpha_c)``.

    Args:
        alpha: f64[C], all > 0.

    Returns:
        f64[C, TABLE] for j = 0 .. TABLE - 1.
    """
    steps = np.log(alpha[:, None] + np.arange(TABLE - 1)[None, :])
    table = np.zeros((len(alpha), TABLE))
    np.cumsum(steps, axis=1, out=table[:, 1:])
    return table


@njit(cache=True, nogil=True, inline="always")
def _rising(table: np.ndarray, alpha: np.ndarray, cell: int, count: int) -> float:
    if count < TABLE:
        return float(table[cell, count])
    return math.lgamma(alpha[cell] + count) - math.lgamma(alpha[cell])


@njit(cache=True, nogil=True)
def vocabulary_of(starts: np.ndarray) -> np.ndarray:
    """i64[C]: the vocabulary of each column."""
    found = np.zeros(starts[-1], np.int64)
    for g in range(len(starts) - 1):
        found[starts[g] : starts[g + 1]] = g
    return found


@njit(cache=True, nogil=True)
def row_totals(
    indptr: np.ndarray, cells: np.ndarray, counts: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    """i64[R, G]: counts of each row in each vocabulary."""
    kind = vocabulary_of(starts)
    found = np.zeros((len(indptr) - 1, len(starts) - 1), np.int64)
    for row in range(len(found)):
        for at in range(indptr[row], indptr[row + 1]):
            found[row, kind[cells[at]]] += counts[at]
    return found


@njit(cache=True, nogil=True)
def log_evidence(
    indptr: np.ndarray,
    cells: np.ndarray,
    counts: np.ndarray,
    starts: np.ndarray,
    alpha: np.ndarray,
    table: np.ndarray,
) -> np.ndarray:
    """Log DM(row | alpha) of every row and vocabulary, without the multinomial coefficient.

    Args:
        indptr: i64[R + 1].
        cells: i32[nnz], ascending within a row.
        counts: i64[nnz], >= 0.
        starts: i64[G + 1].
        alpha: f64[C] prior weights.
        table: ``rising_table(alpha)``.

    Returns:
        f64[R, G]; 0 where a row is empty.
    """
    kind = vocabulary_of(starts)
    totals = row_totals(indptr, cells, counts, starts)
    found = np.zeros(totals.shape)
    for g in range(totals.shape[1]):
        strength = alpha[starts[g] : starts[g + 1]].sum()
        for row in range(len(found)):
            found[row, g] = math.lgamma(strength) - math.lgamma(strength + totals[row, g])
    for row in range(len(found)):
        for at in range(indptr[row], indptr[row + 1]):
            found[row, kind[cells[at]]] += _rising(table, alpha, cells[at], counts[at])
    return found


@njit(cache=True, nogil=True)
def transpose(
    indptr: np.ndarray, cells: np.ndarray, counts: np.ndarray, n_cells: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compressed columns of compressed rows: (i64[C + 1], rows i32[nnz], counts i64[nnz])."""
    columns = np.zeros(n_cells + 1, np.int64)
    for at in range(len(cells)):
        columns[cells[at] + 1] += 1
    for cell in range(n_cells):
        columns[cell + 1] += columns[cell]
    fill = columns[:-1].copy()
    rows = np.empty(len(cells), np.int32)
    held = np.empty(len(cells), np.int64)
    for row in range(len(indptr) - 1):
        for at in range(indptr[row], indptr[row + 1]):
            place = fill[cells[at]]
            rows[place] = row
            held[place] = counts[at]
            fill[cells[at]] += 1
    return columns, rows, held


@njit(cache=True, nogil=True)
def _strengths(alpha: np.ndarray, starts: np.ndarray) -> np.ndarray:
    found = np.empty(len(starts) - 1)
    for g in range(len(found)):
        found[g] = alpha[starts[g] : starts[g + 1]].sum()
    return found


@njit(cache=True, nogil=True, inline="always")
def _together(strengths: np.ndarray, left: np.ndarray, right: np.ndarray) -> float:
    """What the totals of two rows add to their factor, over all vocabularies."""
    found = 0.0
    for g in range(len(strengths)):
        found += (
            math.lgamma(strengths[g] + left[g])
            + math.lgamma(strengths[g] + right[g])
            - math.lgamma(strengths[g])
            - math.lgamma(strengths[g] + left[g] + right[g])
        )
    return found


@njit(cache=True, nogil=True)
def best_partners(
    first: int,
    last: int,
    indptr: np.ndarray,
    cells: np.ndarray,
    counts: np.ndarray,
    starts: np.ndarray,
    columns: np.ndarray,
    rows: np.ndarray,
    held: np.ndarray,
    alpha: np.ndarray,
    table: np.ndarray,
    k: int,
    floor: float,
) -> tuple[np.ndarray, np.ndarray]:
    """For rows first..last-1 the k other rows with the greatest log Bayes factor.

    BF(a, b) = log DM(a + b) - log DM(a) - log DM(b): one source behind both against one each.
    Only columns that both hold move it, so a row's partners are gathered from the compressed
    columns; rows that share none are never touched (their factor is below 0).

    Args:
        first: First row.
        last: One past the last row.
        indptr: i64[R + 1] of all rows.
        cells: i32[nnz], ascending within a row.
        counts: i64[nnz], > 0.
        starts: i64[G + 1].
        columns: From ``transpose``, i64[C + 1].
        rows: From ``transpose``, i32[nnz].
        held: From ``transpose``, i64[nnz].
        alpha: f64[C].
        table: ``rising_table(alpha)``.
        k: Most partners a row.
        floor: Least Bayes factor (nats).

    Returns:
        (partners i32[last - first, k], -1 where there are fewer; factors f64 of that shape),
        best first; ties by row.
    """
    n_rows = len(indptr) - 1
    totals = row_totals(indptr, cells, counts, starts)
    strengths = _strengths(alpha, starts)
    partners = np.full((last - first, k), -1, np.int32)
    factors = np.full((last - first, k), -np.inf)
    sums = np.zeros(n_rows)
    seen = np.full(n_rows, -1, np.int64)
    touched = np.empty(n_rows, np.int32)
    for row in range(first, last):
        n_touched = 0
        seen[row] = row
        for at in range(indptr[row], indptr[row + 1]):
            cell = cells[at]
            own = counts[at]
            mine = _rising(table, alpha, cell, own)
            for place in range(columns[cell], columns[cell + 1]):
                other = rows[place]
                if seen[other] != row:
                    seen[other] = row
                    sums[other] = 0.0
                    touched[n_touched] = other
                    n_touched += 1
                theirs = held[place]
                sums[other] += (
                    _rising(table, alpha, cell, own + theirs)
                    - mine
                    - _rising(table, alpha, cell, theirs)
                )
        out = row - first
        kept = 0
        for i in range(n_touched):
            other = touched[i]
            factor = sums[other] + _together(strengths, totals[row], totals[other])
            if factor < floor:
                continue
            if kept == k and (
                factor < factors[out, k - 1]
                or (factor == factors[out, k - 1] and other > partners[out, k - 1])
            ):
                continue
            place = min(kept, k - 1)
            while place > 0 and (
                factor > factors[out, place - 1]
                or (factor == factors[out, place - 1] and other < partners[out, place - 1])
            ):
                factors[out, place] = factors[out, place - 1]
                partners[out, place] = partners[out, place - 1]
                place -= 1
            factors[out, place] = factor
            partners[out, place] = other
            kept = min(kept + 1, k)
    return partners, factors


@njit(cache=True, nogil=True)
def pair_factors(
    left: np.ndarray,
    right: np.ndarray,
    indptr: np.ndarray,
    cells: np.ndarray,
    counts: np.ndarray,
    starts: np.ndarray,
    alpha: np.ndarray,
    table: np.ndarray,
) -> np.ndarray:
    """The log Bayes factor of given pairs of rows.

    Args:
        left: i64[M] rows.
        right: i64[M] rows.
        indptr: i64[R + 1].
        cells: i32[nnz], ascending within a row.
        counts: i64[nnz].
        starts: i64[G + 1].
        alpha: f64[C].
        table: ``rising_table(alpha)``.

    Returns:
        f64[M], nats.
    """
    totals = row_totals(indptr, cells, counts, starts)
    strengths = _strengths(alpha, starts)
    found = np.empty(len(left))
    for pair in range(len(left)):
        a, b = left[pair], right[pair]
        i, j = indptr[a], indptr[b]
        value = 0.0
        while i < indptr[a + 1] and j < indptr[b + 1]:
            if cells[i] == cells[j]:
                value += (
                    _rising(table, alpha, cells[i], counts[i] + counts[j])
                    - _rising(table, alpha, cells[i], counts[i])
                    - _rising(table, alpha, cells[i], counts[j])
                )
                i += 1
                j += 1
            elif cells[i] < cells[j]:
                i += 1
            else:
                j += 1
        found[pair] = value + _together(strengths, totals[a], totals[b])
    return found
