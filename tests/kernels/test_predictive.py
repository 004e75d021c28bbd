"""Pooled profiles as predictions, against the formulas written out on dense counts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernels.test_dirichlet import compress, slow_evidence, tables
from workbench.kernels.predictive import mixed_evidence, predictive_evidence


def slow_prediction(
    seen: np.ndarray,
    judged: np.ndarray,
    weight: np.ndarray,
    total: np.ndarray,
    base: np.ndarray,
    starts: np.ndarray,
    strengths: np.ndarray,
) -> np.ndarray:
    """Log DM of each row of ``judged`` under what all rows but its own were seen to do."""
    found = []
    for row in range(len(judged)):
        rest = total - weight[row] * seen[row] + base
        value = 0.0
        for (begin, end), strength in zip(pairwise(starts), strengths, strict=True):
            profile = rest[begin:end] / rest[begin:end].sum()
            value += slow_evidence(judged[row, begin:end], strength * profile)
        found.append(value)
    return np.array(found)


@given(tables(), st.data())
def test_predictive_evidence(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray], data: st.DataObject
) -> None:
    """Seen and predicted may be other halves, and rows enter the profile with any weight."""
    seen, starts, base = drawn
    n = len(seen)
    judged = seen[data.draw(st.permutations(range(n)))]
    weights = st.lists(st.sampled_from([0.0, 0.25, 1.0]), min_size=n, max_size=n)
    weight = np.array(data.draw(weights))
    sizes = st.lists(st.floats(0.5, 400.0), min_size=len(starts) - 1, max_size=len(starts) - 1)
    strengths = np.array(data.draw(sizes))
    total = (weight[:, None] * seen).sum(axis=0)
    rows = np.array(data.draw(st.lists(st.integers(0, n - 1), max_size=n)), dtype=np.int64)
    found = predictive_evidence(
        rows,
        *compress(seen),
        weight,
        total,
        base,
        *compress(judged),
        starts,
        strengths,
    )
    expected = slow_prediction(seen, judged, weight, total, base, starts, strengths)[rows]
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-6)


def test_a_row_does_not_predict_itself() -> None:
    """What only the row itself was seen to do is as surprising as if nobody ever had."""
    seen = np.array([[0, 9], [9, 0], [9, 0]])
    starts, base, weight = np.array([0, 2]), np.ones(2), np.ones(3)
    everybody = (np.arange(3), *compress(seen), weight)
    found = predictive_evidence(
        *everybody, seen.sum(axis=0).astype(float), base, *compress(seen), starts, np.array([20.0])
    )
    alone = slow_evidence(seen[0], 20.0 * np.array([19.0, 1.0]) / 20.0)
    assert found[0] == pytest.approx(alone)
    assert found[1] > found[0]


@given(tables(), st.data())
def test_mixed_evidence(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray], data: st.DataObject
) -> None:
    """Any share of any of several first profiles, the rest one's second; own parts left out."""
    seen, starts, base = drawn
    n, n_cells = seen.shape
    groups = len(starts) - 1
    random = np.random.default_rng(data.draw(st.integers(0, 1_000)))
    weights = random.choice([0.0, 0.4, 1.0], (2, n, groups))
    wide = np.repeat(weights, np.diff(starts), axis=2)
    firsts = (wide * seen).sum(axis=1)
    chosen = random.integers(0, 3, size=(n,))
    inside = random.choice([0.0, 0.5, 1.0], n)
    seconds = np.zeros((3, n_cells))
    np.add.at(seconds, chosen, inside[:, None] * seen)
    source, shares = np.array([0, 1, 1]), np.array([1.0, 0.5, 0.0])
    strengths = random.uniform(0.5, 300.0, (3, groups))
    rows = np.flatnonzero(random.random(n) < 0.8)
    found = mixed_evidence(
        rows, *compress(seen), starts, base, firsts, weights, seconds, chosen, inside,
        source, shares, strengths,
    )  # fmt: skip
    assert found.shape == (groups, 3, len(rows))
    for at, row in enumerate(rows.tolist()):
        for h, of in enumerate(source.tolist()):
            first = firsts[of] - wide[of, row] * seen[row] + base
            second = seconds[chosen[row]] - inside[row] * seen[row] + base
            for g, (begin, end) in enumerate(pairwise(starts)):
                part = slice(begin, end)
                mixed = shares[h] * first[part] / first[part].sum()
                mixed += (1.0 - shares[h]) * second[part] / second[part].sum()
                expected = slow_evidence(seen[row, part], strengths[h, g] * mixed)
                assert found[g, h, at] == pytest.approx(expected, rel=1e-8, abs=1e-6)
