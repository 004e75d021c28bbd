"""Percentiles and shrinking against the plain sums that define them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.hand_made import population
from workbench.analysis.signals.population import (
    percentiles,
    share,
    shrunken_mean,
    shrunken_share,
)

#: Few different values, so that there are ties; NaN = not assessed.
VALUES = st.lists(st.one_of(st.just(math.nan), st.integers(-3, 3).map(float)), max_size=15)
#: Values and their noise.
MEASURED = st.lists(
    st.tuples(
        st.one_of(st.just(math.nan), st.floats(-50, 50)),
        st.floats(1e-6, 100.0),
    ),
    max_size=15,
).map(lambda pairs: np.array(pairs, dtype=np.float64).reshape(-1, 2).T)


@given(VALUES)
def test_percentile_is_the_share_below_and_half_the_share_equal(values: list[float]) -> None:
    found = percentiles(np.array(values, dtype=np.float64))
    known = [value for value in values if not math.isnan(value)]
    for value, percentile in zip(values, found, strict=True):
        if math.isnan(value):
            assert math.isnan(percentile)
        else:
            below = sum(other < value for other in known)
            equal = sum(other == value for other in known)
            assert percentile == pytest.approx(100.0 * (below + 0.5 * equal) / len(known))


def test_zeros_stand_in_the_middle_of_themselves() -> None:
    """Ninety accounts that share nothing are ordinary, not at the top."""
    found = percentiles(np.array([0.0] * 90 + [1.0] * 10))
    assert found[0] == 45.0
    assert found[-1] == 95.0


@given(MEASURED)
def test_shrunken_values_lie_between_their_own_and_one_mean(measured: np.ndarray) -> None:
    value, noise = measured
    found = shrunken_mean(value, noise)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(value))
    known = ~np.isnan(value)
    if not known.any():
        return
    low, high = value[known].min(), value[known].max()
    assert (found[known] >= low - 1e-9).all()
    assert (found[known] <= high + 1e-9).all()
    # Never further from each other than they were, and equal noise keeps the order.
    spread = found[known].max() - found[known].min()
    assert spread <= high - low + 1e-9
    same = shrunken_mean(value, np.ones(len(value)))[known]
    order = np.argsort(value[known], kind="stable")
    assert (np.diff(same[order]) >= -1e-9).all()


def test_shrinking_recovers_the_spread_that_was_planted() -> None:
    """With true spread 2 and noise 1, the best weight of a value is 4 / (4 + 1)."""
    random = np.random.default_rng(4)
    truth = 10.0 + 2.0 * random.standard_normal(20_000)
    value = truth + random.standard_normal(20_000)
    found = shrunken_mean(value, np.ones(20_000))
    slope = np.polyfit(value, found, 1)[0]
    assert slope == pytest.approx(0.8, abs=0.02)
    assert np.mean((found - truth) ** 2) < np.mean((value - truth) ** 2)
    assert found.mean() == pytest.approx(10.0, abs=0.1)


def test_pure_noise_shrinks_to_the_mean_and_exact_values_stay() -> None:
    random = np.random.default_rng(5)
    value = random.standard_normal(2_000)
    assert np.ptp(shrunken_mean(value, np.full(2_000, 4.0))) < 1e-6
    np.testing.assert_allclose(shrunken_mean(value, np.zeros(2_000)), value)


def test_an_uncertain_value_is_drawn_further_than_an_exact_one() -> None:
    value = np.array([0.0, 1.0, 2.0, 9.0, 9.0])
    noise = np.array([0.1, 0.1, 0.1, 0.1, 20.0])
    found = shrunken_mean(value, noise)
    assert found[4] < found[3] <= 9.0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30)), max_size=12))
def test_shares(drawn: list[tuple[int, int]]) -> None:
    """A share counts eight exchanges of the population's beside the account's own."""
    pairs = np.array([(hits, hits + more) for hits, more in drawn], dtype=np.int64).reshape(-1, 2)
    hits, trials = pairs.T
    plain, shrunken = share(hits, trials), shrunken_share(hits, trials)
    whole = sum(hits) / max(sum(trials), 1)
    for row in range(len(drawn)):
        if trials[row] == 0:
            assert math.isnan(plain[row])
            assert math.isnan(shrunken[row])
        else:
            assert plain[row] == hits[row] / trials[row]
            expected = (hits[row] + 8.0 * whole) / (trials[row] + 8.0)
            assert shrunken[row] == pytest.approx(expected)


def test_one_hit_of_one_ranks_below_ninety_of_a_hundred() -> None:
    found = shrunken_share(np.array([1, 90, 0]), np.array([1, 100, 200]))
    assert found[1] > found[0] > found[2]


def test_codes_of_prompts_at_every_exchange() -> None:
    made = population([[(1, 2), (2, None)], [], [(3, 0)]], cell=[5, 6, 7])
    assert made.n_accounts == 3
    assert made.account.tolist() == [0, 0, 2]
    assert made.of_prompt(made.cell).tolist() == [7, -1, 5]
