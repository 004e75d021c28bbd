"""Dirichlet-multinomial arithmetic on sparse counts: evidence that two profiles share a source.

Counts are compressed rows: row r holds ``cells[indptr[r]:indptr[r + 1]]`` (ascending) with
``counts`` beside them. A profile's counts are Dirichlet-multinomial with prior ``alpha``
(one weight a cell, sum ``a0``). Knows nothing of accounts, prompts or thresholds.
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
def log_evidence(
    indptr: np.ndarray, cells: np.ndarray, counts: np.ndarray, alpha: np.ndarray, table: np.ndarray
) -> np.ndarray:
    """Log DM(row | alpha) of every row, without the multinomial coefficient.

    Args:
        indptr: i64[R + 1].
        cells: i32[nnz], ascending within a row.
        counts: i64[nnz], >= 0.
        alpha: f64[C] prior weights.
        table: ``rising_table(alpha)``.

    Returns:
        f64[R]; 0 for an empty row.
    """
    a0 = alpha.sum()
    found = np.zeros(len(indptr) - 1)
    for row in range(len(found)):
        total = 0
        value = 0.0
        for at in range(indptr[row], indptr[row + 1]):
            value += _rising(table, alpha, cells[at], counts[at])
            total += counts[at]
        found[row] = value + math.lgamma(a0) - math.lgamma(a0 + total)
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
def best_partners(
    first: int,
    last: int,
    indptr: np.ndarray,
    cells: np.ndarray,
    counts: np.ndarray,
    columns: np.ndarray,
    rows: np.ndarray,
    held: np.ndarray,
    alpha: np.ndarray,
    table: np.ndarray,
    entity: np.ndarray,
    k: int,
    floor: float,
) -> tuple[np.ndarray, np.ndarray]:
    """For rows first..last-1 the k rows of other entities with the greatest log Bayes factor.

    BF(a, b) = log DM(a + b) - log DM(a) - log DM(b): one source behind both against one each.
    Only cells that both visited move it, so a row's partners are gathered from the compressed
    columns; rows that share no cell are never touched (their factor is below 0).

    Args:
        first: First row.
        last: One past the last row.
        indptr: i64[R + 1] of all rows.
        cells: i32[nnz], ascending within a row.
        counts: i64[nnz], > 0.
        columns: From ``transpose``, i64[C + 1].
        rows: From ``transpose``, i32[nnz].
        held: From ``transpose``, i64[nnz].
        alpha: f64[C].
        table: ``rising_table(alpha)``.
        entity: i32[R]; rows of one entity are never partners.
        k: Most partners a row.
        floor: Least Bayes factor (nats).

    Returns:
        (partners i32[last - first, k], -1 where there are fewer; factors f64 of that shape),
        best first; ties by row.
    """
    n_rows = len(indptr) - 1
    a0 = alpha.sum()
    totals = np.zeros(n_rows, np.int64)
    for row in range(n_rows):
        for at in range(indptr[row], indptr[row + 1]):
            totals[row] += counts[at]
    alone = np.empty(n_rows)
    for row in range(n_rows):
        alone[row] = math.lgamma(a0 + totals[row])
    base = math.lgamma(a0)
    partners = np.full((last - first, k), -1, np.int32)
    factors = np.full((last - first, k), -np.inf)
    sums = np.zeros(n_rows)
    seen = np.full(n_rows, -1, np.int64)
    touched = np.empty(n_rows, np.int32)
    for row in range(first, last):
        n_touched = 0
        for at in range(indptr[row], indptr[row + 1]):
            cell = cells[at]
            own = counts[at]
            mine = _rising(table, alpha, cell, own)
            for place in range(columns[cell], columns[cell + 1]):
                other = rows[place]
                if seen[other] != row:
                    if entity[other] == entity[row]:
                        continue
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
            factor = (
                sums[other]
                + alone[row]
                + alone[other]
                - base
                - math.lgamma(a0 + totals[row] + totals[other])
            )
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
        alpha: f64[C].
        table: ``rising_table(alpha)``.

    Returns:
        f64[M], nats.
    """
    a0 = alpha.sum()
    base = math.lgamma(a0)
    found = np.empty(len(left))
    for pair in range(len(left)):
        a, b = left[pair], right[pair]
        i, j = indptr[a], indptr[b]
        value = 0.0
        n_a, n_b = 0, 0
        while i < indptr[a + 1] or j < indptr[b + 1]:
            cell_a = cells[i] if i < indptr[a + 1] else 2**31 - 1
            cell_b = cells[j] if j < indptr[b + 1] else 2**31 - 1
            if cell_a == cell_b:
                value += (
                    _rising(table, alpha, cell_a, counts[i] + counts[j])
                    - _rising(table, alpha, cell_a, counts[i])
                    - _rising(table, alpha, cell_a, counts[j])
                )
            if cell_a <= cell_b:
                n_a += counts[i]
                i += 1
            if cell_b <= cell_a:
                n_b += counts[j]
                j += 1
        found[pair] = (
            value
            + math.lgamma(a0 + n_a)
            + math.lgamma(a0 + n_b)
            - base
            - math.lgamma(a0 + n_a + n_b)
        )
    return found


@njit(cache=True, nogil=True)
def predictive_evidence(
    rows: np.ndarray,
    seen_indptr: np.ndarray,
    seen_cells: np.ndarray,
    seen_counts: np.ndarray,
    weight: np.ndarray,
    total: np.ndarray,
    base: np.ndarray,
    indptr: np.ndarray,
    cells: np.ndarray,
    counts: np.ndarray,
    strength: float,
) -> np.ndarray:
    """Log DM(row | strength x profile of the others), for some rows.

    The profile is ``total - weight[row] * seen[row] + base``, scaled to sum 1: what the others
    were seen to do. What is predicted (``indptr``, ``cells``, ``counts``) may be another half
    of the rows than what was seen, or the same.

    Args:
        rows: i64[M] rows to predict.
        seen_indptr: i64[R + 1] compressed rows behind ``total``.
        seen_cells: i32[nnz], ascending within a row.
        seen_counts: i64[nnz].
        weight: f64[R] weight with which each row entered ``total``.
        total: f64[C].
        base: f64[C] pseudo-counts, all > 0.
        indptr: i64[R + 1] compressed rows that are predicted.
        cells: i32[nnz'], ascending within a row.
        counts: i64[nnz'].
        strength: Sum of the prior: small for customers who differ, great for one source.

    Returns:
        f64[M] without the multinomial coefficient; 0 for an empty row.
    """
    whole = total.sum() + base.sum()
    found = np.zeros(len(rows))
    for i in range(len(rows)):
        row = rows[i]
        own = 0.0
        for at in range(seen_indptr[row], seen_indptr[row + 1]):
            own += seen_counts[at]
        scale = strength / max(whole - weight[row] * own, 1e-9)
        n = 0
        value = 0.0
        seen = seen_indptr[row]
        for at in range(indptr[row], indptr[row + 1]):
            cell = cells[at]
            while seen < seen_indptr[row + 1] and seen_cells[seen] < cell:
                seen += 1
            rest = total[cell]
            if seen < seen_indptr[row + 1] and seen_cells[seen] == cell:
                rest -= weight[row] * seen_counts[seen]
            prior = scale * (max(rest, 0.0) + base[cell])
            value += math.lgamma(prior + counts[at]) - math.lgamma(prior)
            n += counts[at]
        found[i] = value + math.lgamma(strength) - math.lgamma(strength + n)
    return found


@njit(cache=True, nogil=True)
def mixed_evidence(
    indptr: np.ndarray,
    cells: np.ndarray,
    counts: np.ndarray,
    base: np.ndarray,
    total: np.ndarray,
    weight: np.ndarray,
    totals: np.ndarray,
    chosen: np.ndarray,
    inside: np.ndarray,
    share: float,
    strength: float,
) -> np.ndarray:
    """Log DM(row | strength x (share x one profile + (1 - share) x another)), own part left out.

    Args:
        indptr: i64[R + 1].
        cells: i32[nnz].
        counts: i64[nnz].
        base: f64[C] pseudo-counts of every profile, all > 0.
        total: f64[C] counts behind the first profile.
        weight: f64[R] weight with which each row entered ``total``.
        totals: f64[K, C] counts behind the second profiles.
        chosen: i64[R], which of ``totals`` goes with each row.
        inside: f64[R] weight with which each row entered ``totals[chosen[row]]``.
        share: Share of the first profile, in [0, 1].
        strength: Sum of the prior.

    Returns:
        f64[R], without the multinomial coefficient; 0 for an empty row.
    """
    found = np.zeros(len(indptr) - 1)
    whole = total.sum() + base.sum()
    wholes = np.empty(len(totals))
    for k in range(len(totals)):
        wholes[k] = totals[k].sum() + base.sum()
    for row in range(len(found)):
        n = 0
        for at in range(indptr[row], indptr[row + 1]):
            n += counts[at]
        other = totals[chosen[row]]
        first = share / max(whole - weight[row] * n, 1e-9)
        second = (1.0 - share) / max(wholes[chosen[row]] - inside[row] * n, 1e-9)
        value = 0.0
        for at in range(indptr[row], indptr[row + 1]):
            cell = cells[at]
            mine = max(total[cell] - weight[row] * counts[at], 0.0) + base[cell]
            theirs = max(other[cell] - inside[row] * counts[at], 0.0) + base[cell]
            prior = strength * (first * mine + second * theirs)
            value += math.lgamma(prior + counts[at]) - math.lgamma(prior)
        found[row] = value + math.lgamma(strength) - math.lgamma(strength + n)
    return found
