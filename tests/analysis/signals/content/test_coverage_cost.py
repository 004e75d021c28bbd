"""Coverage cost: the published formula, of twenty prompts whatever the volume."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from tests.analysis.hand_made import MONDAY, population
from workbench.analysis.signals.content.coverage_cost import DRAWS, cost, measure, spread
from workbench.evaluate.baselines.cap import cost as published

RANDOM = np.random.default_rng(11)


def vectors(n: int, width: float) -> list[list[float]]:
    """Directions around one of them, the farther the wider."""
    middle = np.zeros(24)
    middle[0] = 1.0
    return [list(row) for row in middle + width * RANDOM.standard_normal((n, 24))]


def test_the_cost_is_the_published_one() -> None:
    parts = RANDOM.random((3, 40)) * np.array([[0.05], [1.0], [1.4]])
    found = cost(*parts)
    assert found == pytest.approx([published(*one) for one in parts.T.tolist()])
    assert np.isnan(cost(np.array([np.nan]), np.array([0.1]), np.array([0.1]))).all()


def test_whoever_spreads_costs_more_and_volume_does_not_count() -> None:
    narrow, wide = vectors(40, 0.02), vectors(40, 1.0)
    sent = [
        [(MONDAY + k, k) for k in range(40)],
        [(MONDAY + k, 40 + k) for k in range(40)],
        [(MONDAY + k, 40 + k % 40) for k in range(400)],
        [(MONDAY + k, 40 + k) for k in range(DRAWS - 1)],
    ]
    whole = population(sent, landmark=range(80), vectors=[*narrow, *wide])
    found = measure(whole).value
    assert found[1] > found[0]
    assert found[2] == found[1]
    assert np.isnan(found[3])


def test_spread_is_one_less_the_mean_likeness_of_pairs() -> None:
    rows = np.array(vectors(6, 0.5))
    rows /= np.sqrt((rows**2).sum(axis=1, keepdims=True))
    sent: list[list[tuple[int | None, int | None]]] = [
        [(MONDAY + k, k % 6) for k in range(9)],
        [(MONDAY, 0)],
        [(MONDAY, None)],
    ]
    whole = population(sent, landmark=range(6), vectors=rows.tolist())
    alike = np.mean([rows[a] @ rows[b] for a, b in combinations(range(6), 2)])
    found = spread(whole, rows)
    assert found[0] == pytest.approx(np.sqrt(1.0 - alike))
    assert np.isnan(found[1:]).all()


def test_it_draws_from_a_stream_of_its_own() -> None:
    sent = [[(MONDAY + k, k) for k in range(30)]]
    one, other = (population(sent, landmark=range(30), vectors=vectors(30, 0.5)) for _ in range(2))
    measure(one)
    assert one.random.random() == other.random.random()
