"""Nearest point against looking at all of them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from workbench.kernels.morton import build_index
from workbench.kernels.nearest import nearest

VALUE = st.one_of(st.integers(-3, 3).map(float), st.floats(-3, 3, width=32))
POINTS = hnp.arrays(np.float32, st.tuples(st.integers(0, 200), st.just(2)), elements=VALUE)


@given(POINTS, st.floats(-9, 9), st.floats(-9, 9), st.floats(1e-9, 20))
@settings(max_examples=300)
def test_equals_looking_at_all(points: np.ndarray, x: float, y: float, radius: float) -> None:
    index = build_index(*points.T.copy())
    found = nearest(index, x, y, radius)
    squares = (index.x.astype(float) - x) ** 2 + (index.y.astype(float) - y) ** 2
    within = squares <= radius * radius
    if found < 0:
        assert not within.any()
    else:
        assert within[found]
        assert squares[found] == squares.min()
        assert found == np.flatnonzero(squares == squares.min())[0]


def test_nothing_to_find() -> None:
    index = build_index(np.zeros(1, np.float32), np.zeros(1, np.float32))
    assert nearest(index, 0.0, 0.0, 1.0) == 0
    assert nearest(index, float("nan"), 0.0, 1.0) == -1
    assert nearest(index, 0.0, 0.0, 0.0) == -1
    none = np.empty(0, np.float32)
    assert nearest(build_index(none, none), 0.0, 0.0, 1.0) == -1
