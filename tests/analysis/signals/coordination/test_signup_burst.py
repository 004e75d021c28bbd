"""Sign-up burst: strangers who joined in one day, against the weeks around it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.hand_made import DAY, HOUR, MONDAY, population
from workbench.analysis.signals.coordination.signup_burst import measure
from workbench.analysis.signals.population import percentiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.analysis.signals.population import Reading


def joined(
    created: Sequence[int | None] | np.ndarray, customer: Sequence[int] | None = None
) -> Reading:
    times = [None if at is None else int(at) for at in created]
    return measure(population([[]] * len(times), created=times, customer=customer))


def slowly(created: list[int], customer: list[int], account: int) -> tuple[float, float]:
    """(value, strength) of one account by counting customers, each by its first sign-up."""
    firsts = {
        c: min(at for at, who in zip(created, customer, strict=True) if who == c) for c in customer
    }
    others = [at for who, at in firsts.items() if who != customer[account]]
    near = sum(abs(at - created[account]) <= DAY for at in others)
    around = sum(abs(at - created[account]) <= 21 * DAY for at in others)
    # Two days in the middle, forty days around them.
    expected = max(around - near, 0.5) * 2 / 40
    ratio = (near * math.log(near / expected) if near else 0.0) - (near - expected)
    return near / expected, ratio if near > expected else -ratio


@given(
    st.lists(
        st.tuples(
            st.integers(0, 60 * 24).map(lambda hour: MONDAY + hour * HOUR), st.integers(0, 5)
        ),
        min_size=1,
        max_size=20,
    )
)
def test_counting_customers(drawn: list[tuple[int, int]]) -> None:
    created = [at for at, _ in drawn]
    customer = np.unique([who for _, who in drawn], return_inverse=True)[1].tolist()
    reading = joined(created, customer)
    for account in range(len(created)):
        value, strength = slowly(created, customer, account)
        assert reading.value[account] == pytest.approx(value)
        assert reading.strength[account] == pytest.approx(strength)


def test_a_burst_ranks_above_steady_growth() -> None:
    random = np.random.default_rng(14)
    people = MONDAY + random.integers(0, 120 * DAY, 200)
    burst = MONDAY + 60 * DAY + random.integers(0, 8 * HOUR, 25)
    reading = joined(np.concatenate([people, burst]))
    place = percentiles(reading.strength)
    beside = np.abs(people - burst.mean()) < 2 * DAY
    assert place[200:].min() > place[:200][~beside].max()
    assert reading.value[200:].min() > 4.0


def test_a_busy_season_is_no_burst() -> None:
    """Where everybody joins at one steady rate, nobody stands out, however high the rate."""
    value = joined(MONDAY + np.arange(0, 120 * DAY, HOUR)).value
    middle = value[len(value) // 3 : -len(value) // 3]
    assert middle.min() > 0.8
    assert middle.max() < 1.2


def test_keys_of_one_customer_made_in_one_afternoon_are_no_burst() -> None:
    firm = [MONDAY + 30 * DAY + n * HOUR for n in range(8)]
    people = [MONDAY + n * 5 * DAY for n in range(13)]
    reading = joined([*firm, *people], [0] * 8 + list(range(1, 14)))
    strangers = joined([*firm, *people])
    one_key = joined([firm[0], *people])
    assert (reading.value[:8] == one_key.value[0]).all()
    assert strangers.value[:8].min() > 5.0 * one_key.value[0]


def test_unknown_sign_ups_are_not_assessed_and_a_lonely_one_is_ordinary() -> None:
    reading = joined([None, MONDAY, None])
    assert [math.isnan(value) for value in reading.value] == [True, False, True]
    assert reading.value[1] == 0.0
    assert reading.strength[1] < 0.0
    assert np.isnan(joined([None, None]).value).all()
