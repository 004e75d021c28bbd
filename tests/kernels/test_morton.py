"""Morton order against a bit-by-bit reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from workbench.kernels.morton import (
    build_index,
    cell_range,
    is_sorted,
    morton_codes,
    morton_order,
    square_around,
)
from workbench.kernels.pyramid import Square

ANY_F32 = st.floats(width=32, allow_nan=True, allow_infinity=True)
POINTS = hnp.arrays(np.float32, st.tuples(st.integers(0, 60), st.just(2)), elements=ANY_F32)


def slow_code(x: float, y: float, square: Square) -> int:
    column = min(max(int((x - square.x0) * (65536 / square.side)), 0), 65535)
    row = min(max(int((y - square.y0) * (65536 / square.side)), 0), 65535)
    code = 0
    for bit in range(16):
        code |= ((column >> bit) & 1) << (2 * bit)
        code |= ((row >> bit) & 1) << (2 * bit + 1)
    return code


@given(POINTS)
def test_codes_equal_the_reference(points: np.ndarray) -> None:
    x, y = points.T.copy()
    placed = np.isfinite(x) & np.isfinite(y)
    x, y = x[placed], y[placed]
    square = square_around(x, y)
    codes = morton_codes(x, y, square)
    assert codes.tolist() == [
        slow_code(float(a), float(b), square) for a, b in zip(x, y, strict=True)
    ]


@given(POINTS)
def test_index_holds_every_placed_point_once_in_order(points: np.ndarray) -> None:
    x, y = points.T.copy()
    index = build_index(x, y)
    placed = np.isfinite(x) & np.isfinite(y)
    assert len(index) == placed.sum()
    assert index.n_given == len(x)
    assert is_sorted(index.code)
    position = np.arange(len(x)) if index.position is None else index.position
    assert sorted(position.tolist()) == np.flatnonzero(placed).tolist()
    np.testing.assert_array_equal(index.x, x[position])
    np.testing.assert_array_equal(index.taken(y), y[position])
    # Values that go through the index and back stand where they stood.
    numbers = np.arange(len(x))
    back = index.given(index.taken(numbers), -1)
    assert back.tolist() == [i if ok else -1 for i, ok in enumerate(placed)]


@given(POINTS)
def test_the_order_needs_no_second_sorting(points: np.ndarray) -> None:
    x, y = points.T.copy()
    order = morton_order(x, y)
    assert sorted(order.tolist()) == list(range(len(x)))
    index = build_index(x[order], y[order])
    n_placed = int((np.isfinite(x) & np.isfinite(y)).sum())
    if index.position is not None:
        assert index.position.tolist() == list(range(n_placed))


def test_ordered_points_are_not_copied() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 1000)).astype(np.float32)
    order = morton_order(x, y)
    x, y = x[order], y[order]
    index = build_index(x, y)
    assert index.position is None
    assert index.x is x
    assert index.taken(y) is y


@given(POINTS, st.integers(0, 6), st.data())
@settings(max_examples=60)
def test_a_range_is_exactly_the_points_of_its_cell(
    points: np.ndarray, bits: int, data: st.DataObject
) -> None:
    x, y = points.T.copy()
    index = build_index(x, y)
    column = data.draw(st.integers(0, (1 << bits) - 1))
    row = data.draw(st.integers(0, (1 << bits) - 1))
    first, last = cell_range(index.code, bits, column, row)
    cells = (1 << bits) / index.square.side
    inside = [
        i
        for i in range(len(index))
        if min(int((float(index.x[i]) - index.square.x0) * cells), (1 << bits) - 1) == column
        and min(int((float(index.y[i]) - index.square.y0) * cells), (1 << bits) - 1) == row
    ]
    assert list(range(first, last)) == inside


def test_ranges_of_one_level_hold_every_point_once() -> None:
    rng = np.random.default_rng(2)
    index = build_index(*rng.normal(size=(2, 5000)).astype(np.float32))
    total = sum(
        last - first
        for c in range(8)
        for r in range(8)
        for first, last in [cell_range(index.code, 3, c, r)]
    )
    assert total == 5000


@pytest.mark.parametrize("bounds", [None, (0.0, 0.0, 0.0, 0.0), (float("nan"), 0.0, 1.0, 1.0)])
def test_a_square_always_has_a_side(bounds: tuple[float, float, float, float] | None) -> None:
    none = np.empty(0, np.float32)
    assert square_around(none, none, bounds).side > 0
    lost = np.array([np.nan, np.inf], np.float32)
    assert square_around(lost, lost, bounds).side > 0
    one = np.array([3.5e6], np.float32)
    square = square_around(one, one, bounds)
    assert square.x0 < 3.5e6 < square.x0 + square.side


def test_the_square_holds_bounds_and_points() -> None:
    x = np.array([0, 10], np.float32)
    y = np.array([0, 2], np.float32)
    square = square_around(x, y, (-5.0, 0.0, 3.0, 1.0))
    assert square.x0 <= -5
    assert square.x0 + square.side > 10
    assert square.y0 <= 0
    assert square.y0 + square.side > 2
