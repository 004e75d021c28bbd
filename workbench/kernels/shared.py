"""Who shares values with a weighted set of rows: one kind of value, held by few.

Values are compressed rows: ``holder[offsets[v] : offsets[v + 1]]`` hold value v. Knows nothing of
what the values are.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def shared_values(
    offsets: np.ndarray, holder: np.ndarray, weight: np.ndarray, count: float, rest: float
) -> tuple[np.ndarray, np.ndarray]:
    """The best log ratio of a value's holders inside to those outside, for every holder.

    The ratio is (weight of the other holders inside / count) over (other holders outside + 1/2,
    at least 1/2, / rest), plus .02. Whoever is weighed is left out of both sides.

    Args:
        offsets: i64[V + 1].
        holder: i32[nnz] rows.
        weight: f64[R] in [0, 1], how much each row is inside.
        count: Weight of everything inside, > 0.
        rest: Weight of everything outside, > 0.

    Returns:
        (f64[R] nats, -inf without such a value; bool[R], whether any other holder counts: weights
        of more than a half inside).
    """
    best = np.full(len(weight), -np.inf)
    tied = np.zeros(len(weight), np.bool_)
    for v in range(len(offsets) - 1):
        inside = 0.0
        for at in range(offsets[v], offsets[v + 1]):
            inside += weight[holder[at]]
        if inside <= 0.5:
            continue
        size = offsets[v + 1] - offsets[v]
        for at in range(offsets[v], offsets[v + 1]):
            row = holder[at]
            others = inside - weight[row]
            if others > 0.5:
                outside = size - inside - (1.0 - weight[row])
                chance = max(outside + 0.5, 0.5) / rest
                ratio = math.log(others / count / chance + 0.02)
                best[row] = max(best[row], ratio)
                tied[row] = True
    return best, tied
