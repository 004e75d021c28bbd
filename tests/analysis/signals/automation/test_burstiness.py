"""Burstiness: the finite-size formula, its ends, and which way it points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.hand_made import MINUTE, MONDAY, SECOND, population
from workbench.analysis.signals.automation.burstiness import LEAST_GAPS, measure
from workbench.analysis.signals.population import percentiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.analysis.signals.population import Population


def sent_with(*rows: Sequence[float] | np.ndarray) -> Population:
    """An account a row of gaps in seconds."""
    times = [MONDAY + np.round(np.cumsum([0, *gaps]) * SECOND).astype(np.int64) for gaps in rows]
    return population([[(int(at), 0) for at in row] for row in times])


def slowly(gaps: Sequence[float]) -> float:
    """Kim and Jo 2016, equation 22, with r the coefficient of variation of n gaps."""
    n, r = len(gaps), float(np.std(gaps) / np.mean(gaps))
    return (math.sqrt(n + 1) * r - math.sqrt(n - 1)) / (
        (math.sqrt(n + 1) - 2) * r + math.sqrt(n - 1)
    )


@given(st.lists(st.integers(1, 10**6), min_size=LEAST_GAPS, max_size=40))
def test_the_formula(gaps: list[int]) -> None:
    value = measure(sent_with(gaps)).value[0]
    assert value == pytest.approx(slowly(gaps), abs=1e-9)
    assert -1.0 - 1e-9 <= value <= 1.0 + 1e-9


@pytest.mark.parametrize("n", [4, 5, 20, 400])
def test_the_ends_are_reached_at_any_size(n: int) -> None:
    """That is what the finite-size term is for: plain (r - 1) / (r + 1) never reaches 1.

    n gaps at random (uniform spacings) have r^2 = (n - 1) / (n + 1) in expectation.
    """
    poisson = gaps_with(n, math.sqrt((n - 1) / (n + 1)))
    value = measure(sent_with([60] * n, poisson, [0] * (n - 1) + [1_000_000])).value
    np.testing.assert_allclose(value, [-1.0, 0.0, 1.0], atol=1e-4)


def gaps_with(n: int, r: float) -> list[float]:
    """n gaps, equal but for one of 1 + x: r = x sqrt(n - 1) / (n + x)."""
    x = r * n / (math.sqrt(n - 1) - r)
    return [10.0] * (n - 1) + [10.0 * (1.0 + x)]


def test_steady_pace_ranks_above_human_bursts() -> None:
    random = np.random.default_rng(1)
    people = [
        np.where(
            random.random(60) < 0.8, random.exponential(20, 60), random.exponential(20_000, 60)
        )
        for _ in range(30)
    ]
    queues = [300.0 + 20.0 * random.random(60) for _ in range(3)]
    place = percentiles(measure(sent_with(*people, *queues)).strength)
    assert place[30:].min() > place[:30].max()


def test_few_gaps_are_not_assessed_and_short_rows_are_trusted_less() -> None:
    reading = measure(sent_with([60] * (LEAST_GAPS - 1), [60] * LEAST_GAPS, [60] * 200, *_people()))
    assert math.isnan(reading.value[0])
    assert reading.value[1] == reading.value[2] == -1.0
    assert reading.strength[2] > reading.strength[1]


def _people() -> list[np.ndarray]:
    random = np.random.default_rng(2)
    return [random.exponential(1_000, 40) ** 1.5 for _ in range(10)]


def test_times_that_are_not_known_and_times_that_are_all_one_are_left_out() -> None:
    times: list[tuple[int | None, int | None]] = [(MONDAY + n * MINUTE, 0) for n in range(9)]
    reading = measure(population([times, [*times, (None, 0), (None, 1)], [(MONDAY, 0)] * 9]))
    assert reading.value[0] == reading.value[1] == -1.0
    assert math.isnan(reading.value[2])
