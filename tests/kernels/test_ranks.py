"""Stable orders and rising levels, against what numpy does in more steps."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workbench.kernels.ranks import rising_excess, stable_order

#: Few values, so that many are equal; both zeros are.
values = st.lists(st.sampled_from([-np.inf, -2.5, -0.0, 0.0, 1e-300, 3.0]), max_size=200)


@given(values)
def test_equal_values_stay_in_order(drawn: list[float]) -> None:
    value = np.array(drawn)
    np.testing.assert_array_equal(stable_order(value), np.argsort(value, kind="stable"))


def test_many_values_are_ordered_stably() -> None:
    """So many that numpy sorts by vector instructions, where the machine has them."""
    value = np.random.default_rng(5).normal(size=20_000).round(2)
    np.testing.assert_array_equal(stable_order(value), np.argsort(value, kind="stable"))


@given(st.data())
def test_excess_is_that_of_the_best_block_so_far(data: st.DataObject) -> None:
    n_seen, n_expected = data.draw(st.integers(0, 12)), data.draw(st.integers(0, 40))
    random = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    mass = np.concatenate([np.ones(n_seen), random.uniform(0.01, 1.0, n_expected)])
    kept = random.random(n_seen + n_expected) < 0.8
    order = random.permutation(np.flatnonzero(kept))
    level = np.sort(random.choice([0.1, 0.2, 0.7, 1.0], len(order)))
    found = rising_excess(level, order, mass, n_seen, 0.25)
    expected = np.zeros(n_seen)
    best = 0.0
    for one in np.unique(level):
        block = order[level == one]
        seen = block[block < n_seen]
        chance = mass[block[block >= n_seen]].sum() + 0.25
        best = max(best, 1.0 - chance / len(seen) if len(seen) else 0.0)
        expected[seen] = best
    np.testing.assert_allclose(found, expected, atol=1e-12)
