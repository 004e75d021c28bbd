"""Chance: stateless hashes, shares that add up, generators by stage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.simulate.chance import below, generator, hexes, pick, salt, scramble, split_total

_MASK = (1 << 64) - 1


def slow_scramble(seed: int, by: int) -> int:
    """splitmix64's finaliser in whole numbers."""
    z = (seed * 0x9E3779B97F4A7C15 + by) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


@given(st.lists(st.integers(0, _MASK), min_size=1, max_size=20), st.integers(0, _MASK))
def test_scramble_is_splitmix64(seeds: list[int], by: int) -> None:
    got = scramble(np.array(seeds, dtype=np.uint64), np.uint64(by))
    assert got.tolist() == [slow_scramble(seed, by) for seed in seeds]


@given(st.integers(1, 1000), st.text(max_size=8))
def test_below_stays_below(count: int, name: str) -> None:
    drawn = below(np.arange(50, dtype=np.uint64), salt(name), count)
    assert drawn.min() >= 0
    assert drawn.max() < count


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=40), st.integers(0, 500))
def test_split_total_adds_up_and_leaves_nobody_out(weights: list[float], more: int) -> None:
    total = len(weights) + more
    parts = split_total(total, np.array(weights))
    assert int(parts.sum()) == total
    assert parts.min() >= 1
    # Nobody is more than one away from the exact share.
    exact = 1 + np.array(weights) / sum(weights) * more
    assert np.abs(parts - exact).max() < 1 + 1e-9


def test_split_total_refuses_too_few() -> None:
    with pytest.raises(ValueError, match="fewer"):
        split_total(2, np.ones(3))


def test_pick_follows_the_weights() -> None:
    drawn = pick(generator(0, "test"), np.array([1.0, 0.0, 3.0]), 40_000)
    shares = np.bincount(drawn, minlength=3) / 40_000
    assert shares[1] == 0
    assert shares[2] == pytest.approx(0.75, abs=0.02)


def test_stages_are_independent_and_repeatable() -> None:
    assert generator(1, "a").integers(1 << 30) == generator(1, "a").integers(1 << 30)
    assert generator(1, "a").integers(1 << 30) != generator(1, "b").integers(1 << 30)
    assert generator(1, "a").integers(1 << 30) != generator(2, "a").integers(1 << 30)


def test_names_do_not_depend_on_how_many_are_asked_for() -> None:
    assert hexes(3, "x", 5, 20).tolist() == hexes(3, "x", 50, 20)[:5].tolist()
    assert len(set(hexes(3, "x", 2000, 12).tolist())) == 2000
