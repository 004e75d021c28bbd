"""The lasso against brute force: every point against every edge."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from workbench.kernels.lasso import inside
from workbench.kernels.morton import build_index


def brute(x: np.ndarray, y: np.ndarray, vertices: list[tuple[float, float]]) -> list[bool]:
    """Even-odd by PNPOLY, a point and an edge at a time, in double precision."""
    out = []
    for px, py in zip(x.astype(float), y.astype(float), strict=True):
        odd = False
        if len(vertices) >= 3 and math.isfinite(px) and math.isfinite(py):
            i = len(vertices) - 1
            for j in range(len(vertices)):
                (xi, yi), (xj, yj) = vertices[i], vertices[j]
                if (yi > py) != (yj > py) and px < (xj - xi) * (py - yi) / (yj - yi) + xi:
                    odd = not odd
                i = j
        out.append(odd)
    return out


#: Few distinct values: vertices on points, on each other, edges along the axes, no area.
GRID = st.integers(-4, 4).map(float)
ODD = st.one_of(GRID, st.floats(-5, 5, width=32), st.sampled_from([1e6, -1e6, 1e-7]))
POINTS = hnp.arrays(np.float32, st.tuples(st.integers(0, 400), st.just(2)), elements=ODD)
POLYGON = st.lists(st.tuples(ODD, ODD), max_size=14)


@given(POINTS, POLYGON)
@settings(max_examples=150)
def test_equals_brute_force(points: np.ndarray, polygon: list[tuple[float, float]]) -> None:
    x, y = points.T.copy()
    assert inside(build_index(x, y), polygon).tolist() == brute(x, y, polygon)


@given(st.integers(0, 2**32 - 1), st.integers(3, 60))
@settings(max_examples=60)
def test_equals_brute_force_on_many_blocks(seed: int, corners: int) -> None:
    """Enough points that blocks are cut several times, and polygons that cross themselves."""
    rng = np.random.default_rng(seed)
    x, y = (rng.integers(0, 64, (2, 4000)) / 8 + rng.normal(size=(2, 4000))).astype(np.float32)
    centre = rng.uniform(0, 8, 2)
    polygon = (centre + rng.normal(size=(corners, 2)) * rng.uniform(0.01, 8)).astype(np.float32)
    drawn = [(float(a), float(b)) for a, b in polygon]
    np.testing.assert_array_equal(inside(build_index(x, y), drawn), vectorised(x, y, drawn))


def vectorised(x: np.ndarray, y: np.ndarray, vertices: list[tuple[float, float]]) -> np.ndarray:
    px, py = x.astype(np.float64), y.astype(np.float64)
    odd = np.zeros(len(x), bool)
    for (xi, yi), (xj, yj) in zip(vertices, vertices[1:] + vertices[:1], strict=True):
        spans = (yi > py) != (yj > py)
        with np.errstate(all="ignore"):
            odd ^= spans & (px < (xj - xi) * (py - yi) / (yj - yi) + xi)
    return odd


def test_the_fast_reference_equals_the_slow_one() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(2, 300)).astype(np.float32)
    # One direction for both: the formula rounds differently when an edge is walked backwards.
    drawn = [(float(a), float(b)) for a, b in rng.normal(size=(9, 2))]
    assert vectorised(x, y, drawn).tolist() == brute(x, y, drawn)


@pytest.mark.parametrize(
    "polygon",
    [
        [],
        [(0.0, 0.0)],
        [(0.0, 0.0), (1.0, 1.0)],
        [(0.0, 0.0)] * 5,
        [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)],
        [(0.0, 0.0), (1.0, 1.0), (0.0, 0.0), (1.0, 1.0)],
    ],
)
def test_a_shape_without_area_holds_nothing(polygon: list[tuple[float, float]]) -> None:
    x, y = np.random.default_rng(3).uniform(-1, 2, (2, 3000)).astype(np.float32)
    assert not inside(build_index(x, y), polygon).any()


def test_a_bow_tie_and_a_shape_drawn_twice_follow_the_even_odd_rule() -> None:
    x, y = np.random.default_rng(4).uniform(-1, 2, (2, 5000)).astype(np.float32)
    index = build_index(x, y)
    square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    once = inside(index, square)
    assert 0 < once.sum() < 5000
    assert not inside(index, [*square, square[0], *square[1:], square[0]]).any()
    bow = [(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)]
    assert 0 < inside(index, bow).sum() < once.sum()


def test_unplaced_points_are_outside_and_order_is_kept() -> None:
    x = np.array([np.nan, 0.5, 9.0, 0.4, np.inf], np.float32)
    y = np.array([0.5, 0.5, 9.0, np.nan, 0.5], np.float32)
    index = build_index(x, y)
    square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    assert inside(index, square).tolist() == [False, True, False, False, False]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_vertex_that_is_no_number_is_refused(bad: float) -> None:
    index = build_index(np.zeros(3, np.float32), np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="not finite"):
        inside(index, [(0, 0), (1, 0), (bad, 1)])
