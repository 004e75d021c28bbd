"""What others asked, as a prediction of what one asks: Dirichlet-multinomial of pooled profiles.

Rows are compressed as in ``dirichlet``. Whoever is weighed is left out of the profile that it is
weighed against. Knows nothing of accounts, prompts or thresholds.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from workbench.kernels.dirichlet import vocabulary_of

#: Most counts are small: lgamma(p + c) - lgamma(p) = log p (p + 1) ... (p + c - 1) is cheaper for
#: them by its factors.
_SMALL = 8
#: Rows are mostly small and many are as large as each other: up to here the logarithm of the gamma
#: function, half of the time without this, is computed once for each size.
_REMEMBERED = 512


@njit(cache=True, nogil=True)
def wholes_of(total: np.ndarray, base: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """f64[G]: counts and pseudo-counts of each vocabulary, summed."""
    found = np.empty(len(starts) - 1)
    for g in range(len(found)):
        found[g] = total[starts[g] : starts[g + 1]].sum() + base[starts[g] : starts[g + 1]].sum()
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
    starts: np.ndarray,
    strengths: np.ndarray,
) -> np.ndarray:
    """Log DM(row | strength x profile of the others), for some rows, over all vocabularies.

    The profile is ``total - weight[row] * seen[row] + base``, scaled to sum 1 within each
    vocabulary: what the others were seen to do. What is predicted (``indptr``, ``cells``,
    ``counts``) may be another half of the rows than what was seen, or the same.

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
        starts: i64[G + 1].
        strengths: f64[G] sum of each prior: small for people, who differ, great for one source.

    Returns:
        f64[M] without the multinomial coefficient; 0 for an empty row.
    """
    kind = vocabulary_of(starts)
    wholes = wholes_of(total, base, starts)
    groups = len(wholes)
    scale = np.empty(groups)
    n = np.empty(groups, np.int64)
    found = np.zeros(len(rows))
    for i in range(len(rows)):
        row = rows[i]
        scale[:] = wholes
        n[:] = 0
        for at in range(seen_indptr[row], seen_indptr[row + 1]):
            scale[kind[seen_cells[at]]] -= weight[row] * seen_counts[at]
        for g in range(groups):
            scale[g] = strengths[g] / max(scale[g], 1e-9)
        value = 0.0
        seen = seen_indptr[row]
        for at in range(indptr[row], indptr[row + 1]):
            cell = cells[at]
            while seen < seen_indptr[row + 1] and seen_cells[seen] < cell:
                seen += 1
            rest = total[cell]
            if seen < seen_indptr[row + 1] and seen_cells[seen] == cell:
                rest -= weight[row] * seen_counts[seen]
            prior = scale[kind[cell]] * (max(rest, 0.0) + base[cell])
            value += math.lgamma(prior + counts[at]) - math.lgamma(prior)
            n[kind[cell]] += counts[at]
        for g in range(groups):
            value += math.lgamma(strengths[g]) - math.lgamma(strengths[g] + n[g])
        found[i] = value
    return found


@njit(cache=True, nogil=True)
def mixed_evidence(
    rows: np.ndarray,
    indptr: np.ndarray,
    cells: np.ndarray,
    counts: np.ndarray,
    starts: np.ndarray,
    base: np.ndarray,
    firsts: np.ndarray,
    weights: np.ndarray,
    seconds: np.ndarray,
    chosen: np.ndarray,
    inside: np.ndarray,
    source: np.ndarray,
    shares: np.ndarray,
    strengths: np.ndarray,
) -> np.ndarray:
    """Log DM(row | strength x (share x one profile + (1 - share) x another)), own part left out.

    Args:
        rows: i64[M] rows to weigh.
        indptr: i64[R + 1].
        cells: i32[nnz].
        counts: i64[nnz].
        starts: i64[G + 1].
        base: f64[C] pseudo-counts of every profile, all > 0.
        firsts: f64[S, C] counts behind the first profiles.
        weights: f64[S, R, G] weight with which each row entered each of ``firsts``.
        seconds: f64[K, C] counts behind the second profiles.
        chosen: i64[R], which of ``seconds`` goes with each row.
        inside: f64[R] weight with which each row entered ``seconds[chosen[row]]``.
        source: i64[H], which of ``firsts`` each hypothesis means.
        shares: f64[H] share of the first profile under each hypothesis, in [0, 1].
        strengths: f64[H, G] sum of each prior under each hypothesis.

    Returns:
        f64[G, H, M], without the multinomial coefficient; 0 where a row is empty.
    """
    kind = vocabulary_of(starts)
    groups = len(starts) - 1
    found = np.zeros((groups, len(shares), len(rows)))
    wholes = np.empty((len(firsts), groups))
    for s in range(len(firsts)):
        wholes[s] = wholes_of(firsts[s], base, starts)
    others = np.empty((len(seconds), groups))
    for k in range(len(seconds)):
        others[k] = wholes_of(seconds[k], base, starts)
    # lgamma of each prior's sum, and of that and the size of a row; NaN = not computed yet.
    alone = np.empty((groups, len(shares)))
    for g in range(groups):
        for h in range(len(shares)):
            alone[g, h] = math.lgamma(strengths[h, g])
    together = np.full((groups, len(shares), _REMEMBERED), np.nan)
    n = np.empty(groups, np.int64)
    first = np.empty(len(firsts))
    product = np.empty((groups, len(shares)))
    for i in range(len(rows)):
        row = rows[i]
        n[:] = 0
        for at in range(indptr[row], indptr[row + 1]):
            n[kind[cells[at]]] += counts[at]
        second = seconds[chosen[row]]
        product[:] = 1.0
        for at in range(indptr[row], indptr[row + 1]):
            cell, count = cells[at], counts[at]
            g = kind[cell]
            for s in range(len(firsts)):
                own = weights[s, row, g]
                rest = max(firsts[s, cell] - own * count, 0.0) + base[cell]
                first[s] = rest / max(wholes[s, g] - own * n[g], 1e-9)
            other = max(second[cell] - inside[row] * count, 0.0) + base[cell]
            other /= max(others[chosen[row], g] - inside[row] * n[g], 1e-9)
            for h in range(len(shares)):
                mixed = shares[h] * first[source[h]] + (1.0 - shares[h]) * other
                prior = strengths[h, g] * mixed
                if count <= _SMALL:
                    # One logarithm for many counts, before their product leaves a float's range.
                    for more in range(count):
                        product[g, h] *= prior + more
                    if not 1e-200 < product[g, h] < 1e200:
                        found[g, h, i] += math.log(product[g, h])
                        product[g, h] = 1.0
                else:
                    found[g, h, i] += math.lgamma(prior + count) - math.lgamma(prior)
        for g in range(groups):
            for h in range(len(shares)):
                if n[g] >= _REMEMBERED:
                    whole = math.lgamma(strengths[h, g] + n[g])
                else:
                    whole = together[g, h, n[g]]
                    if math.isnan(whole):
                        whole = math.lgamma(strengths[h, g] + n[g])
                        together[g, h, n[g]] = whole
                found[g, h, i] += math.log(product[g, h]) + alone[g, h] - whole
    return found
