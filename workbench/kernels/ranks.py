"""Ranks: stable orders, and levels that rise with them. What is ranked is not known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


def stable_order(value: NDArray[np.float64]) -> NDArray[np.int64]:
    """i64[N]: what ``np.argsort(value, kind="stable")`` gives, in a third of its time.

    numpy sorts unstably by vector instructions; equal values are put back in order after it.

    Args:
        value: f64[N] without NaN.
    """
    order = np.argsort(value)
    _in_order_where_equal(value, order)
    return order


@njit(cache=True, nogil=True)
def _in_order_where_equal(value: np.ndarray, order: np.ndarray) -> None:
    begin = 0
    for at in range(1, len(order) + 1):
        if at == len(order) or value[order[at]] != value[order[begin]]:
            if at - begin > 1:
                order[begin:at] = np.sort(order[begin:at])
            begin = at


@njit(cache=True, nogil=True)
def rising_excess(
    level: np.ndarray, order: np.ndarray, mass: np.ndarray, n_seen: int, doubt: float
) -> np.ndarray:
    """1 - expected / seen in blocks of equal level, never falling, for what was seen.

    Args:
        level: f64[K], fitted by isotonic regression, ascending.
        order: i64[K], which of N each level is of.
        mass: f64[N], 1 for what was seen, the weight of the rest.
        n_seen: The first so many of N were seen; the rest are expected.
        doubt: Expected in every block, beside what was counted.

    Returns:
        f64[n_seen] in [0, 1]; 0 for what has no level.
    """
    found = np.zeros(n_seen)
    highest = 0.0
    begin = 0
    while begin < len(level):
        end = begin
        seen = 0.0
        expected = 0.0
        while end < len(level) and level[end] == level[begin]:
            one = order[end]
            if one < n_seen:
                seen += 1.0
            else:
                expected += mass[one]
            end += 1
        likely = 1.0 - (expected + doubt) / max(seen, 1e-9)
        highest = max(highest, min(max(likely, 0.0), 1.0))
        for at in range(begin, end):
            if order[at] < n_seen:
                found[order[at]] = highest
        begin = end
    return found
