"""Random Fourier features against the kernel they stand for, and MMD^2 against all pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.kernels import rff

BANDWIDTHS = np.array([0.5, 1.0, 2.0, 4.0])


def slow_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Unbiased MMD^2 with the inner product as kernel, pair by pair (Gretton 2012, eq. 3)."""
    if len(x) < 2 or len(y) < 2:
        return math.nan
    within_x = [float(a @ b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j]
    within_y = [float(a @ b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j]
    across = [float(a @ b) for a in x for b in y]
    return float(np.mean(within_x) + np.mean(within_y) - 2.0 * np.mean(across))


def sample(seed: int, n: int, centre: float = 0.0, dimension: int = 3) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((n, dimension)) + centre
    return drawn.astype(np.float32)


def test_features_have_length_one_and_estimate_the_mean_of_the_kernels() -> None:
    random = np.random.default_rng(1)
    points = sample(2, 12)
    frequency = rff.frequencies(3, 20_000, BANDWIDTHS, random)
    found = rff.features(points, frequency)
    assert found.shape == (12, 40_000)
    assert found.dtype == np.float32
    np.testing.assert_allclose((found.astype(float) ** 2).sum(axis=1), 1.0, atol=1e-5)
    squares = ((points[:, None] - points[None]) ** 2).sum(axis=-1)
    kernel = np.mean([np.exp(-squares / (2.0 * s * s)) for s in BANDWIDTHS], axis=0)
    # Each of 20,000 cosines varies by at most 1: five standard errors.
    np.testing.assert_allclose(found @ found.T, kernel, atol=5.0 / math.sqrt(20_000))


def test_bandwidths_take_turns() -> None:
    """Frequency i belongs to bandwidth i mod B, and a narrow kernel has high frequencies."""
    one = rff.frequencies(4, 8, np.ones(1), np.random.default_rng(3))
    four = rff.frequencies(4, 8, BANDWIDTHS, np.random.default_rng(3))
    np.testing.assert_allclose(four, one / np.tile(BANDWIDTHS, 2)[:, None], rtol=1e-6)
    again = rff.frequencies(4, 8, BANDWIDTHS, np.random.default_rng(3))
    np.testing.assert_array_equal(four, again)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 4)), max_size=40))
def test_group_sums(entries: list[tuple[int, int]]) -> None:
    table = sample(4, 5, dimension=6)
    pairs = np.array(entries, dtype=np.int64).reshape(-1, 2)
    found = rff.group_sums(pairs[:, 0], pairs[:, 1], table, 4)
    expected = np.zeros((4, 6))
    for group, item in entries:
        if item >= 0:
            expected[group] += table[item].astype(float)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 2**20))
def test_squared_distance_equals_all_pairs(n: int, m: int, seed: int) -> None:
    frequency = rff.frequencies(3, 16, BANDWIDTHS, np.random.default_rng(seed))
    x = rff.features(sample(seed + 1, n), frequency).astype(float)
    y = rff.features(sample(seed + 2, m, 1.0), frequency).astype(float)
    found = rff.squared_distance(x.sum(axis=0), np.array(n), y.sum(axis=0), np.array(m))
    if n < 2 or m < 2:
        assert math.isnan(found)
    else:
        assert float(found) == pytest.approx(slow_distance(x, y), abs=1e-6)


def test_sums_add_and_many_groups_are_measured_at_once() -> None:
    frequency = rff.frequencies(3, 16, BANDWIDTHS, np.random.default_rng(0))
    x = rff.features(sample(1, 20), frequency)
    y = rff.features(sample(2, 30, 2.0), frequency)
    group = np.repeat([0, 1, 2], [8, 12, 30])
    sums = rff.group_sums(group, np.arange(50), np.concatenate([x, y]), 3)
    pooled = rff.squared_distance(sums[0] + sums[1], np.array(20), sums[2], np.array(30))
    assert float(pooled) == pytest.approx(slow_distance(x, y), abs=1e-5)
    stacked = rff.squared_distance(sums[:2], np.array([8, 12]), sums[2], np.array(30))
    single = [
        float(rff.squared_distance(sums[i], np.array(n), sums[2], np.array(30)))
        for i, n in ((0, 8), (1, 12))
    ]
    np.testing.assert_allclose(stacked, single)


def test_unbiased_under_equality_and_far_under_difference() -> None:
    """Over many draws from one distribution the mean is 0: negative values are part of it."""
    frequency = rff.frequencies(3, 64, BANDWIDTHS, np.random.default_rng(0))

    def drawn_distance(seed: int, apart: float) -> float:
        x = rff.features(sample(2 * seed, 12), frequency).astype(float)
        y = rff.features(sample(2 * seed + 1, 12, apart), frequency).astype(float)
        return float(rff.squared_distance(x.sum(0), np.array(12), y.sum(0), np.array(12)))

    equal, apart = (
        np.array([drawn_distance(seed, shift) for seed in range(100, 400)]) for shift in (0.0, 1.5)
    )
    error = equal.std() / math.sqrt(300)
    assert abs(equal.mean()) < 4.0 * error
    assert (equal < 0).any()
    assert apart.mean() > 20.0 * error
