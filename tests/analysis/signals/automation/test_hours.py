"""Hours of the week: who never sleeps ranks first, wherever the sleeper lives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.analysis.hand_made import HOUR, MINUTE, MONDAY, population
from workbench.analysis.signals.automation.hours import LEAST_HOURS, measure
from workbench.analysis.signals.population import percentiles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.analysis.signals.population import Population


def awake_at(*rows: Iterable[int]) -> Population:
    """An account a row of hours since Monday, one exchange in each."""
    return population([[(MONDAY + hour * HOUR + 7 * MINUTE, 0) for hour in row] for row in rows])


def person(random: np.random.Generator, zone: int, n: int = 60) -> list[int]:
    """Office hours on working days over eight weeks, in a time zone."""
    days = random.integers(0, 8, n) * 7 + random.integers(0, 5, n)
    hours = (random.integers(8, 19, n) - zone) % 24
    return sorted(set((days * 24 + hours).tolist()))


def test_the_entropy_written_out() -> None:
    """Eight hours: one hour of the week three times, another twice, three once."""
    week = [*(0, 168, 336), *(50, 218), 90, 100, 110]
    shares = np.array([3, 2, 1, 1, 1]) / 8
    plain = -float((shares * np.log2(shares)).sum())
    assert measure(awake_at(week)).value[0] == pytest.approx(plain + 4 / (2 * 8 * math.log(2)))


def test_around_the_clock_ranks_above_office_hours_of_any_zone() -> None:
    random = np.random.default_rng(3)
    people = [person(random, zone) for zone in range(-11, 13)]
    machines = [sorted(random.choice(8 * 168, 50, replace=False).tolist()) for _ in range(3)]
    reading = measure(awake_at(*people, *machines))
    place = percentiles(reading.strength)
    assert place[24:].min() > place[:24].max()
    assert reading.value[24:].min() > reading.value[:24].max()


def test_the_zone_of_a_sleeper_says_nothing() -> None:
    week = person(np.random.default_rng(4), 0)
    same = [[hour + shift for hour in week] for shift in range(24)]
    assert len(set(np.round(measure(awake_at(*same)).strength, 9))) == 1


def test_volume_says_nothing_of_sleep() -> None:
    """Entropy grows with every hour; what is ranked does not favour the diligent person."""
    random = np.random.default_rng(5)
    people = [person(random, 0, n) for n in [15] * 150 + [300] * 150]
    reading = measure(awake_at(*people))
    place, entropy = percentiles(reading.strength), percentiles(reading.value)
    assert abs(place[:150].mean() - place[150:].mean()) < 15.0
    assert entropy[150:].mean() - entropy[:150].mean() > 40.0


def test_few_hours_are_not_assessed_however_many_exchanges_they_hold() -> None:
    few = population([[(MONDAY + n * MINUTE, 0) for n in range(60 * (LEAST_HOURS - 1))]])
    enough = awake_at(range(0, 9 * LEAST_HOURS, 9))
    assert math.isnan(measure(few).value[0])
    assert np.isfinite(measure(enough).value[0])
