"""Shared values against a slow reference."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workbench.kernels.shared import shared_values


def _reference(
    held: list[list[int]], weight: np.ndarray, count: float, rest: float
) -> tuple[list[float], list[bool]]:
    best, tied = [-np.inf] * len(weight), [False] * len(weight)
    for rows in held:
        for row in rows:
            others = [other for other in rows if other != row]
            inside = sum(weight[other] for other in others)
            outside = sum(1.0 - weight[other] for other in others)
            if inside > 0.5:
                ratio = (inside / count) / (max(outside + 0.5, 0.5) / rest)
                best[row] = max(best[row], float(np.log(ratio + 0.02)))
                tied[row] = True
    return best, tied


@given(
    st.lists(st.sets(st.integers(0, 11), max_size=6), max_size=8),
    # Quarters add up exactly, so that nobody is at the half by rounding alone.
    st.lists(st.integers(0, 4), min_size=12, max_size=12),
)
def test_as_counted_by_hand(values: list[set[int]], quarters: list[int]) -> None:
    held = [sorted(rows) for rows in values]
    weight = np.array(quarters) / 4.0
    offsets = np.cumsum([0, *(len(rows) for rows in held)])
    holder = np.array([row for rows in held for row in rows], dtype=np.int32)
    count, rest = max(weight.sum(), 2.0), max(12 - weight.sum(), 1.0)
    best, tied = shared_values(offsets, holder, weight, count, rest)
    expected, expected_tied = _reference(held, weight, count, rest)
    np.testing.assert_allclose(best, expected, rtol=1e-12)
    assert tied.tolist() == expected_tied


def test_nobody_holds_anything() -> None:
    best, tied = shared_values(np.zeros(1, np.int64), np.empty(0, np.int32), np.ones(3), 3.0, 1.0)
    assert (best == -np.inf).all()
    assert not tied.any()
