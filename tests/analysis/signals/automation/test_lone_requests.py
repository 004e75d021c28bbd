"""Requests without a session: single tasks against sittings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.analysis.hand_made import HOUR, MINUTE, MONDAY, SECOND, population
from workbench.analysis.signals.automation.lone_requests import SESSION_US, measure
from workbench.analysis.signals.population import percentiles


def at(*minutes: float) -> list[tuple[int | None, int | None]]:
    return [(MONDAY + round(minute * MINUTE), 0) for minute in minutes]


def test_the_share_counted_by_hand() -> None:
    """Of six: 0 and 10 keep company, so do 100 and 115 (just), 131.1 and 300 stand alone."""
    value = measure(population([at(0, 10, 100, 115, 131.1, 300)])).value[0]
    assert value == pytest.approx(2 / 6)
    assert SESSION_US == 15 * MINUTE


def test_single_tasks_rank_above_sittings() -> None:
    random = np.random.default_rng(6)
    sittings = [
        [
            (MONDAY + int(s) * 11 * HOUR + n * MINUTE, 0)
            for s in random.integers(0, 90, 6)
            for n in range(7)
        ]
        for _ in range(20)
    ]
    tasks = [
        [(MONDAY + n * 50 * MINUTE + int(random.integers(0, 60)) * SECOND, 0) for n in range(40)]
    ]
    reading = measure(population([*sittings, *tasks]))
    place = percentiles(reading.strength)
    assert reading.value[20] == 1.0
    assert place[20] > place[:20].max()


def test_a_few_lone_requests_weigh_less_than_many() -> None:
    few, many = at(*range(0, 500, 100)), at(*range(0, 20_000, 100))
    crowd = [at(*range(0, 60, 2)) for _ in range(5)]
    reading = measure(population([few, many, *crowd]))
    assert reading.value[0] == reading.value[1] == 1.0
    assert reading.strength[1] > reading.strength[0] > reading.strength[2]


def test_fewer_than_five_known_times_are_not_assessed() -> None:
    reading = measure(population([at(0, 100, 200, 300), [*at(0, 100, 200, 300), (None, 0)]]))
    assert [math.isnan(value) for value in reading.value] == [True, True]
