"""What is seen first is what the compiled kernels make, and is there without them."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.kernels import coarse, raster
from workbench.kernels.morton import build_index, square_around
from workbench.kernels.pyramid import KINDS, MARGIN, TILE, Inks

ORDER = np.arange(1, KINDS)
INNER = (slice(None), slice(MARGIN, MARGIN + TILE), slice(MARGIN, MARGIN + TILE))
INKS = Inks(
    ramp=np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1),
    kinds=np.array([[0, 0, 0]] + [[250, 10 * k, 5] for k in range(1, 8)], np.float32),
    strength=np.array([1, 1, 1, 1, 1, 1, 1, 0.6], np.float32),
)


def clustered(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-3, 3, (12, 2))
    points = centres[rng.integers(0, 12, n)] + rng.normal(size=(n, 2)) * 0.2
    x, y = points.T.astype(np.float32)
    return x, y, rng.choice([0, 0, 0, 0, 0, 1, 3, 7], n).astype(np.uint8)


@given(st.integers(0, 3000), st.integers(0, 9), st.sampled_from([None, (-9.0, -9.0, 2.0, 2.0)]))
@settings(max_examples=25)
def test_counts_and_tone_are_those_of_the_kernels(
    n: int, seed: int, bounds: tuple[float, float, float, float] | None
) -> None:
    x, y, kinds = clustered(n, seed)
    square = coarse.square_around(x, y, bounds)
    assert square == square_around(x, y, bounds)
    index = build_index(x, y, bounds)
    in_order = index.taken(kinds)
    pixel = coarse.pixels_of(x, y, square)
    for level in range(coarse.FINEST + 1):
        ours, theirs = coarse.tone(pixel, kinds, level), raster.tone(index, in_order, level)
        np.testing.assert_array_equal(ours.densest, theirs.densest)
        np.testing.assert_array_equal(ours.inverse, theirs.inverse)
        np.testing.assert_array_equal(ours.curve, theirs.curve)
        counts = coarse.count_level(pixel, kinds, level)
        for column in range(1 << level):
            for row in range(1 << level):
                part = coarse.tile_of(counts, column, row)
                expected = raster.count_tile(index, in_order, level, column, row)
                assert (part is None) == (expected is None)
                if part is not None:
                    np.testing.assert_array_equal(part, expected)


def test_every_point_is_counted_once() -> None:
    x, y, kinds = clustered(20_000, 1)
    pixel = coarse.pixels_of(x, y, coarse.square_around(x, y))
    for level in range(coarse.FINEST + 1):
        counts = coarse.count_level(pixel, kinds, level)
        assert counts.sum(axis=(1, 2)).tolist() == np.bincount(kinds, minlength=8).tolist()


def test_very_full_blocks_have_the_tone_of_the_kernels() -> None:
    x = np.repeat(np.array([0, 1, 2, 3], np.float32), [3, 4097, 9000, 70_000])
    y, kinds = np.zeros_like(x), np.zeros(len(x), np.uint8)
    pixel = coarse.pixels_of(x, y, coarse.square_around(x, y))
    theirs = raster.tone(build_index(x, y), kinds, 1)
    np.testing.assert_array_equal(coarse.tone(pixel, kinds, 1).curve, theirs.curve)


@pytest.mark.parametrize("level", range(coarse.FINEST + 1))
def test_the_picture_is_that_of_the_kernels(level: int) -> None:
    x, y, kinds = clustered(5000, 4)
    pixel = coarse.pixels_of(x, y, coarse.square_around(x, y))
    how = coarse.tone(pixel, kinds, level)
    counts = coarse.count_level(pixel, kinds, level)
    part = coarse.tile_of(counts, 0, (1 << level) - 1)
    assert part is not None
    ours = coarse.shade_tile(part, how, INKS, 1.5, ORDER)
    theirs = raster.shade_tile(np.ascontiguousarray(part), how, INKS, 1.5, ORDER)
    assert np.all(ours >> 24 == 0xFF)
    channels = [
        np.stack([(picture >> s) & 0xFF for s in (16, 8, 0)]).astype(int)
        for picture in (ours, theirs)
    ]
    difference = np.abs(channels[0] - channels[1])
    assert channels[0].max() > 100
    # Single precision may fall on the other side of a step of the look-ups, rarely and by little.
    assert difference.max() <= 3
    assert difference.mean() < 0.01


@given(st.tuples(*[st.floats(-4, 4, width=32)] * 4))
def test_a_window_counts_what_lies_in_it(window: tuple[float, float, float, float]) -> None:
    x, y, kinds = clustered(2000, 2)
    # On the edge, too: a corner of the window is a point.
    window = (float(x[7]), float(y[7]), *window[2:])
    index = build_index(x, y)
    expected = raster.count_window(index, index.taken(kinds), window)
    assert coarse.count_window(x, y, kinds, window).tolist() == expected.tolist()


def test_no_points_are_no_trouble() -> None:
    none, kinds = np.empty(0, np.float32), np.empty(0, np.uint8)
    square = coarse.square_around(none, none)
    assert square == square_around(none, none)
    pixel = coarse.pixels_of(none, none, square)
    assert not coarse.tone(pixel, kinds, 1).curve.any()
    assert coarse.tile_of(coarse.count_level(pixel, kinds, 1), 1, 1) is None
    assert coarse.count_window(none, none, kinds, (0, 0, 1, 1)).tolist() == [0] * KINDS


def test_it_needs_no_compiler() -> None:
    code = "import sys, workbench.kernels.coarse; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
