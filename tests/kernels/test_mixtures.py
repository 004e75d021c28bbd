"""Mixtures against a slow reference."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp

from workbench.kernels.mixtures import left_out, mixture_of, parts_of


def _counts(seed: int, rows: int = 7, cells: int = 5) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    dense = random.poisson(1.5, (rows, cells)).astype(np.float64)
    row, cell = np.nonzero(dense)
    return dense, row, cell, dense[row, cell], random.random(rows), random.random(cells) + 0.1


def _left_out(dense: np.ndarray, weight: np.ndarray, base: np.ndarray) -> np.ndarray:
    found = []
    for one in range(len(dense)):
        others = np.arange(len(dense)) != one
        profile = weight[others] @ dense[others] + base
        found.append(float(dense[one] @ np.log(profile / profile.sum())))
    return np.array(found)


@pytest.mark.parametrize("seed", range(5))
def test_each_row_is_weighed_against_the_others(seed: int) -> None:
    dense, row, cell, count, weight, base = _counts(seed)
    found = left_out(row, cell, count, dense.sum(axis=1), weight, base)
    np.testing.assert_allclose(found, _left_out(dense, weight, base), rtol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_parts_are_those_of_a_reference(seed: int) -> None:
    dense, row, cell, count, weight, base = _counts(seed)
    start = np.eye(3)[np.arange(7) % 3]
    part, common = parts_of(row, cell, count, dense.sum(axis=1), weight, base, start, 6)
    expected = start
    for _ in range(6):
        share = weight[:, None] * expected
        usual = (share.sum(axis=0) + 1.0) / (weight.sum() + 3)
        value = np.stack([_left_out(dense, share[:, k], base) for k in range(3)], axis=1)
        value += np.log(usual)
        expected = np.exp(value - logsumexp(value, axis=1, keepdims=True))
    np.testing.assert_allclose(part, expected, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(common, usual, rtol=1e-10)
    assert start.tolist() == np.eye(3)[np.arange(7) % 3].tolist(), "what it is given stays"


@pytest.mark.parametrize("seed", range(5))
def test_kinds_are_as_common_as_a_reference_says(seed: int) -> None:
    random = np.random.default_rng(seed)
    # Far apart, so that one that is out of reach of a float's range is met, too.
    value, weight = random.normal(scale=400.0, size=(4, 9)), random.random(9)
    mix = np.full(4, 0.25)
    for _ in range(12):
        joint = value + np.log(mix)[:, None]
        held = np.exp(joint - logsumexp(joint, axis=0)) @ weight
        mix = (held + 0.25) / (held.sum() + 1.0)
    np.testing.assert_allclose(mixture_of(value, weight, 1.0, 12), mix, rtol=1e-8)
    assert mixture_of(value[:, :0], weight[:0], 1.0, 12).tolist() == [0.25] * 4, "nobody yet"


def test_nothing_counted_is_no_evidence() -> None:
    none = np.empty(0, np.int64)
    found = left_out(none, none, np.empty(0), np.zeros(2), np.ones(2), np.ones(3))
    assert found.tolist() == [0.0, 0.0]
