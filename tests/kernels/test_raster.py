"""Tiles against counting every point in every pixel by hand."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from workbench.kernels.morton import PointIndex, build_index
from workbench.kernels.pyramid import DEEPEST, KINDS, MARGIN, TILE, Inks
from workbench.kernels.raster import count_tile, count_window, shade_tile, tone
from workbench.kernels.tone import DOT, Tone

INNER = (slice(None), slice(MARGIN, MARGIN + TILE), slice(MARGIN, MARGIN + TILE))
ORDER = np.arange(1, KINDS)


def clustered(n: int, seed: int = 0) -> tuple[PointIndex, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-3, 3, (12, 2))
    points = centres[rng.integers(0, 12, n)] + rng.normal(size=(n, 2)) * 0.2
    index = build_index(*points.T.astype(np.float32))
    return index, rng.integers(0, KINDS, len(index)).astype(np.uint8)


def slow_pixels(index: PointIndex, kinds: np.ndarray, level: int) -> Counter:
    pixels: Counter = Counter()
    scale = 256 * 2**level / index.square.side
    for x, y, kind in zip(index.x, index.y, kinds, strict=True):
        column = int((float(x) - index.square.x0) * scale)
        row = int((float(y) - index.square.y0) * scale)
        pixels[int(kind), row, column] += 1
    return pixels


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_the_tiles_of_a_level_hold_every_point_once(level: int) -> None:
    index, kinds = clustered(20_000)
    total = np.zeros(KINDS, np.int64)
    for column in range(1 << level):
        for row in range(1 << level):
            counts = count_tile(index, kinds, level, column, row)
            if counts is not None:
                total += counts[INNER].sum(axis=(1, 2))
    assert total.tolist() == np.bincount(kinds, minlength=KINDS).tolist()


@pytest.mark.parametrize("level", [0, 2, 5, 9, 12, 13, DEEPEST])
def test_a_tile_equals_counting_by_hand(level: int) -> None:
    index, kinds = clustered(600, seed=level)
    pixels = slow_pixels(index, kinds, level)
    for _, row, column in list(pixels)[:: max(1, len(pixels) // 12)]:
        counts = count_tile(index, kinds, level, column // TILE, row // TILE)
        assert counts is not None
        expected = np.zeros_like(counts)
        for (kind, r, c), n in pixels.items():
            i = r - (row // TILE) * TILE + MARGIN
            j = c - (column // TILE) * TILE + MARGIN
            if 0 <= i < expected.shape[1] and 0 <= j < expected.shape[2]:
                expected[kind, i, j] = n
        np.testing.assert_array_equal(counts, expected)


def test_at_the_deepest_level_pixels_decide_not_blocks() -> None:
    """There a block of the grid is wider than the margin: a point in it may lie beyond."""
    pixel = 1.0 / (TILE << DEEPEST)
    tile = 1 << (DEEPEST - 1)
    x = np.array([0.5 + 8 * pixel, 0.5 - 8 * pixel, 0.5 - 40 * pixel], np.float32)
    y = np.full(3, 0.5 + 100 * pixel, np.float32)
    # Two corners, so that the square is the unit square and half of it a tile's edge.
    x, y = np.append(x, [0, 1]).astype(np.float32), np.append(y, [0, 1]).astype(np.float32)
    index = build_index(x, y)
    counts = count_tile(index, np.zeros(5, np.uint8), DEEPEST, tile, tile)
    assert counts is not None
    assert counts.sum() == 2
    assert counts[INNER].sum() == 1


def test_a_tile_without_points_is_none() -> None:
    index = build_index(np.zeros(5, np.float32), np.zeros(5, np.float32), (-1, -1, 1, 1))
    assert count_tile(index, np.zeros(5, np.uint8), 3, 0, 0) is None
    none = build_index(np.empty(0, np.float32), np.empty(0, np.float32))
    assert count_tile(none, np.empty(0, np.uint8), 0, 0, 0) is None
    assert count_window(none, np.empty(0, np.uint8), (-1, -1, 1, 1)).sum() == 0


@given(
    hnp.arrays(
        np.float32, st.tuples(st.integers(1, 900), st.just(2)), elements=st.floats(0, 4, width=32)
    ),
    st.tuples(*[st.floats(-1, 5, width=32)] * 4),
)
@settings(max_examples=150)
def test_a_window_counts_what_lies_in_it(
    points: np.ndarray, window: tuple[float, float, float, float]
) -> None:
    index = build_index(*points.T.copy())
    kinds = (np.arange(len(index)) % KINDS).astype(np.uint8)
    x0, y0, x1, y1 = window
    held = (index.x >= x0) & (index.x <= x1) & (index.y >= y0) & (index.y <= y1)
    expected = np.bincount(kinds[held], minlength=KINDS)
    assert count_window(index, kinds, window).tolist() == expected.tolist()


@pytest.mark.parametrize("window", [(-9, -9, 9, 9), (-2.5, -2, 1.5, 3), (0, 0, 0.3, 9)])
def test_a_window_over_many_blocks_counts_what_lies_in_it(
    window: tuple[float, float, float, float],
) -> None:
    index, kinds = clustered(5000, seed=1)
    x0, y0, x1, y1 = window
    held = (index.x >= x0) & (index.x <= x1) & (index.y >= y0) & (index.y <= y1)
    expected = np.bincount(kinds[held], minlength=KINDS)
    assert expected.sum() > 0
    assert count_window(index, kinds, window).tolist() == expected.tolist()


@pytest.mark.parametrize("level", [0, 3, 8, DEEPEST])
def test_the_tone_knows_every_block(level: int) -> None:
    index, kinds = clustered(5000, seed=3)
    made = tone(index, kinds, level)
    bits = min(level + 6, 16)
    blocks: Counter = Counter()
    for code, kind in zip(index.code.tolist(), kinds.tolist(), strict=True):
        blocks[code >> 2 * (16 - bits), kind] += 1
        blocks[code >> 2 * (16 - bits), 8] += 1
    for row in range(9):
        held = [n for (_, kind), n in blocks.items() if kind == row]
        assert made.densest[row] == max(held)
        assert np.all(np.diff(made.curve[row]) >= 0)
        assert made.curve[row][0] == 0
        assert made.curve[row][-1] == pytest.approx(1)
        # Equalised: the share of blocks that are no fuller.
        for n in set(held):
            share = sum(h <= n for h in held) / len(held)
            assert made.at(row, np.array([float(n)]))[0] == pytest.approx(share, abs=0.02)


def test_the_tone_of_very_full_blocks() -> None:
    """Above 4,096 points a block counts in bins of 1 % width; the curve still ends at 1."""
    x = np.repeat(np.array([0, 1, 2], np.float32), [3, 9000, 70_000])
    index = build_index(x, np.zeros_like(x))
    made = tone(index, np.zeros(len(index), np.uint8), 0)
    assert made.densest.tolist() == [70_000, *[0] * 7, 70_000]
    shares = made.at(8, np.array([0.0, 3.0, 9000.0, 70_000.0]))
    assert shares == pytest.approx([0, 1 / 3, 2 / 3, 1], abs=0.03)


def test_the_tone_of_no_points() -> None:
    none = build_index(np.empty(0, np.float32), np.empty(0, np.float32))
    assert not tone(none, np.empty(0, np.uint8), 0).curve.any()


INKS = Inks(
    ramp=np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1),
    kinds=np.array([[0, 0, 0]] + [[250, 10 * k, 5] for k in range(1, 8)], np.float32),
    strength=np.array([1, 1, 1, 1, 1, 1, 1, 0.6], np.float32),
)


def slow_shade(counts: np.ndarray, how: Tone, power: float) -> np.ndarray:
    """The formulas of the design tokens, plane by plane, in double precision."""
    dot = np.outer(DOT, DOT).astype(float)

    def dots(plane: np.ndarray) -> np.ndarray:
        out = np.zeros((TILE, TILE))
        for r, c in zip(*np.nonzero(plane), strict=True):
            for i in range(11):
                for j in range(11):
                    row, column = r - MARGIN + i - 5, c - MARGIN + j - 5
                    if 0 <= row < TILE and 0 <= column < TILE:
                        out[row, column] += plane[r, c] * dot[i, j]
        return out

    everything = dots(counts.sum(axis=0))
    e = how.at(8, np.where(everything < 1, np.sqrt(everything), everything))
    brightness = (np.arange(1024) / 1023) ** power * 255
    grey = INKS.ramp[brightness[(e * 1023).astype(int)].astype(int)]
    colour = grey.astype(float)
    for kind in ORDER:
        n = dots(counts[kind])
        alpha = (0.3 + 0.7 * how.at(int(kind), n)) * np.sqrt(n / (n + 0.15 * everything + 0.5))
        here = counts[kind, MARGIN:-MARGIN, MARGIN:-MARGIN] > 0
        alpha = np.where(here, np.maximum(alpha, 0.5), np.where(n > 0.02, alpha, 0.0))
        alpha *= INKS.strength[kind]
        colour += alpha[..., None] * (INKS.kinds[kind] - colour)
    picture: np.ndarray = np.floor(colour + 0.5)[::-1]
    return picture


def test_shading_equals_the_formulas() -> None:
    index, kinds = clustered(4000, seed=9)
    made = tone(index, kinds, 0)
    counts = count_tile(index, kinds, 0, 0, 0)
    assert counts is not None
    picture = shade_tile(counts, made, INKS, 1.5, ORDER)
    assert np.all(picture >> 24 == 0xFF)
    channels = np.stack([(picture >> s) & 0xFF for s in (16, 8, 0)], axis=-1).astype(int)
    difference = np.abs(channels - slow_shade(counts, made, 1.5))
    # Single precision may fall on the other side of a step of the look-ups, rarely and by little.
    assert difference.mean() < 0.5
    assert np.quantile(difference, 0.999) <= 3


def test_points_beyond_the_reach_of_a_dot_leave_no_trace() -> None:
    """A tile whose only points lie far out in its margin is plain canvas, not garbage."""
    index = build_index(np.array([0.52], np.float32), np.array([0.25], np.float32), (0, 0, 1, 1))
    kinds = np.zeros(1, np.uint8)
    counts = count_tile(index, kinds, 1, 0, 0)
    assert counts is not None
    assert not (shade_tile(counts, tone(index, kinds, 1), INKS, 1.5, ORDER) & 0xFFFFFF).any()


def test_a_minority_never_drowns() -> None:
    """One point of a category among 100,000 others in its pixel is at least half its colour."""
    x = np.zeros(100_001, np.float32)
    index = build_index(x, x, (-1, -1, 1, 1))
    kinds = np.zeros(len(index), np.uint8)
    kinds[5] = 3
    counts = count_tile(index, kinds, 0, 0, 0)
    assert counts is not None
    picture = shade_tile(counts, tone(index, kinds, 0), INKS, 1.5, ORDER)
    row, column = np.argwhere(counts[3, MARGIN:-MARGIN, MARGIN:-MARGIN])[0]
    pixel = int(picture[TILE - 1 - row, column])
    drowned = int(
        shade_tile(
            count_tile(index, np.zeros_like(kinds), 0, 0, 0),  # type: ignore[arg-type]
            tone(index, np.zeros_like(kinds), 0), INKS, 1.5, ORDER,
        )[TILE - 1 - row, column]
    )  # fmt: skip
    blue, grey = pixel & 0xFF, drowned & 0xFF
    assert blue <= grey - 0.5 * (grey - 5) + 1


def test_neighbouring_tiles_meet_without_a_seam() -> None:
    """A dot on the edge between two tiles is drawn in both, mirrored."""
    # The square is [-1, 1]: tile edges of level 1 run through 0.
    x = np.array([-1, 1, -1e-4], np.float32)
    y = np.array([-1, 1, 0.5], np.float32)
    index = build_index(x, y)
    kinds = np.zeros(3, np.uint8)
    made = tone(index, kinds, 1)
    left, right = (count_tile(index, kinds, 1, column, 1) for column in (0, 1))
    assert left is not None
    assert right is not None
    left_picture = shade_tile(left, made, INKS, 1.5, ORDER)
    right_picture = shade_tile(right, made, INKS, 1.5, ORDER)
    row = int(np.argmax((left_picture[:, -1] & 0xFF).astype(int)))
    # Point in the last column of the left tile: one pixel to its left looks as one to its right.
    assert right_picture[row, 0] & 0xFF > 0
    assert left_picture[row, -2] == right_picture[row, 0]
