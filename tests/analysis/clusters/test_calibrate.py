"""Error rates: p values by counting, false discovery by its definition, spread as planted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from workbench.analysis.clusters.calibrate import (
    Effects,
    Spread,
    across_axes,
    both_discovered,
    cauchy_mean,
    conformal,
    false_at_least,
    false_discovery,
    robust_spread,
    shares,
    upper_tail,
)

NAN = math.nan
#: Few values, so that there are ties; NaN = not assessed.
TIED = st.lists(st.one_of(st.just(NAN), st.integers(-3, 3).map(float)), max_size=12)
CHANCE = st.floats(0.0, 1.0)
MAYBE = st.one_of(st.just(NAN), CHANCE)


@given(TIED, TIED)
@settings(deadline=None)
def test_conformal_counts_null_values_at_or_above(null: list[float], value: list[float]) -> None:
    found = conformal(np.array(null, dtype=float), np.array(value, dtype=float))
    kept = [v for v in null if not math.isnan(v)]
    for one, p in zip(value, found, strict=True):
        if math.isnan(one):
            assert math.isnan(p)
        else:
            expected = (1 + sum(v >= one for v in kept)) / (len(kept) + 1)
            assert p == pytest.approx(expected)
            assert 0.0 < p <= 1.0


def test_conformal_p_is_valid_with_ties() -> None:
    """Whichever of n + 1 exchangeable values is the one tested: P(p <= a) <= a for every a."""
    drawn = np.random.default_rng(0).integers(0, 4, 40).astype(float)
    p = np.array([conformal(np.delete(drawn, i), drawn[i : i + 1])[0] for i in range(len(drawn))])
    for level in np.unique(p):
        assert (p <= level).mean() <= level + 1e-12


def test_conformal_cannot_fall_below_what_its_null_holds() -> None:
    assert conformal(np.zeros(39), np.array([100.0]))[0] == 1 / 40
    assert conformal(np.zeros(0), np.array([100.0]))[0] == 1.0


def test_false_at_least_is_the_table_of_its_paper() -> None:
    """Sellke, Bayarri and Berger 2001, table 1: the least chance of error at even odds."""
    p = np.array([0.1, 0.05, 0.01, 0.005, 0.001])
    assert false_at_least(p, 0.5) == pytest.approx([0.385, 0.289, 0.111, 0.067, 0.0184], abs=6e-4)


@given(st.floats(1e-6, 1.0), st.floats(1e-6, 1.0), st.floats(0.01, 0.99))
def test_false_at_least_grows_with_p_up_to_what_was_held_before(
    a: float, b: float, prior: float
) -> None:
    low, high = false_at_least(np.sort([a, b]), prior)
    assert 0.0 <= low <= high <= 1.0 - prior + 1e-12


def slow_rejections(p: list[float], q: float) -> set[int]:
    """Benjamini and Hochberg 1995: the k least, with k the greatest such that p(k) <= k q / m."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    passing = [k for k in range(1, len(p) + 1) if p[order[k - 1]] <= k * q / len(p)]
    return set(order[: max(passing, default=0)])


@given(
    st.lists(st.integers(1, 400).map(lambda n: n / 401), max_size=15),
    st.integers(1, 40).map(lambda n: n / 37.3),
)
@settings(deadline=None, max_examples=300)
def test_false_discovery_rejects_as_the_step_up_procedure(p: list[float], q: float) -> None:
    found = false_discovery(np.array(p, dtype=float))
    assert found.shape == (len(p),)
    if q <= 1.0:
        assert set(np.flatnonzero(found <= q)) == slow_rejections(p, q)
    assert all(value >= chance - 1e-12 for value, chance in zip(found, p, strict=True))
    assert all(value <= 1.0 for value in found)


def test_false_discovery_keeps_the_order_given_and_ties_equal() -> None:
    found = false_discovery(np.array([0.9, 0.01, 0.02, 0.01]))
    np.testing.assert_allclose(found, [0.9, 0.02, 0.02 * 4 / 3, 0.02])


def test_false_discovery_holds_its_rate() -> None:
    """Ninety true nulls and ten effects, many times over: the share of false ones stays below q."""
    random = np.random.default_rng(1)
    shares = []
    for _ in range(400):
        p = np.concatenate([random.random(90), random.random(10) * 1e-4])
        rejected = false_discovery(p) <= 0.2
        shares.append(rejected[:90].sum() / max(rejected.sum(), 1))
        assert rejected[90:].all()
    # In expectation 0.2 x 90 / 100.
    assert np.mean(shares) == pytest.approx(0.18, abs=0.03)


def slow_both(first: list[float], second: list[float], q: float) -> set[int]:
    """Wang et al. 2022, AdaFilter-BH: the greatest g with g #{F <= g} <= q #{S <= g}; S <= g."""
    either = [min(pair) for pair in zip(first, second, strict=True)]
    both = [max(pair) for pair in zip(first, second, strict=True)]
    passing = [
        g for g in both if g * sum(f <= g for f in either) <= q * sum(s <= g for s in both) + 1e-12
    ]
    return {i for i, s in enumerate(both) if passing and s <= max(passing)}


@given(
    st.lists(st.tuples(*[st.integers(1, 50).map(lambda n: n / 50)] * 2), max_size=12),
    st.integers(1, 40).map(lambda n: n / 43.3),
)
@settings(deadline=None, max_examples=300)
def test_both_discovered_rejects_as_adaptive_filtering(
    pairs: list[tuple[float, float]], q: float
) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    found = both_discovered(np.array(first), np.array(second))
    assert set(np.flatnonzero(found <= q + 1e-12)) == slow_both(first, second, q)
    worse = false_discovery(np.array([max(pair) for pair in pairs]))
    assert (found <= worse + 1e-12).all()
    assert (found >= np.array([max(pair) for pair in pairs]) - 1e-12).all()


@pytest.mark.parametrize("m", [1, 3, 8, 100])
@pytest.mark.parametrize("one_axis", [0.0, 0.5, 1.0])
def test_both_discovered_holds_its_rate(m: int, one_axis: float) -> None:
    """Candidates that show one axis at most, few or many: a claim is made in .05 of the logs."""
    random = np.random.default_rng(m)
    claimed = 0
    for _ in range(4_000):
        second = np.where(random.random(m) < one_axis, 1e-4, random.random(m))
        claimed += bool((both_discovered(random.random(m), second) <= 0.05).any())
    assert claimed / 4_000 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 4_000)


def test_what_is_not_assessed_is_no_discovery() -> None:
    found = both_discovered(np.array([NAN, 0.001, 0.001]), np.array([0.001, NAN, 0.001]))
    assert found[0] == found[1] == 1.0
    assert found[2] == pytest.approx(0.003)


def effects_of(centre: float, between: float, n: int, seed: int, outliers: float = 0.0) -> Effects:
    """n groups measured with errors of very different sizes; some may be extraordinary."""
    random = np.random.default_rng(seed)
    variance = random.uniform(0.05, 2.0, n)
    size = centre + random.standard_normal(n) * np.sqrt(between + variance)
    far = random.random(n) < outliers
    return Effects(np.where(far, size + 15.0, size), variance)


@pytest.mark.parametrize("between", [0.0, 0.5, 4.0])
def test_a_planted_spread_is_recovered(between: float) -> None:
    found = robust_spread(effects_of(3.0, between, 20_000, seed=2))
    assert found.centre == pytest.approx(3.0, abs=0.05)
    assert found.between == pytest.approx(between, abs=0.06 + 0.05 * between)
    # So that z is standard normal: the tail has the size it says.
    z = found.z(effects_of(3.0, between, 20_000, seed=3))
    for level in (0.5, 0.1, 0.01):
        assert (upper_tail(z) <= level).mean() == pytest.approx(level, rel=0.25)


def test_a_fifth_of_extraordinary_groups_hide_neither_themselves_nor_others() -> None:
    effects = effects_of(0.0, 1.0, 20_000, seed=4, outliers=0.2)
    found = robust_spread(effects)
    plain = float(np.var(effects.size))
    assert abs(found.centre) < 0.6
    assert found.between < 3.0 < plain / 10.0
    z = found.z(effects)
    assert (z[effects.size > 10.0] > 4.0).mean() > 0.9


def test_a_large_group_needs_a_large_effect_and_not_only_many_members() -> None:
    """However exactly it was measured, an effect within the ordinary spread is ordinary."""
    spread = Spread(centre=1.0, between=4.0)
    exact, vague = (
        float(spread.z(Effects(np.array([2.0]), np.array([v])))[0]) for v in (1e-9, 12.0)
    )
    assert exact == pytest.approx(0.5)
    assert vague == pytest.approx(0.25)


def test_few_reference_groups_and_missing_effects_say_little() -> None:
    assert robust_spread(Effects(np.array([5.0, NAN]), np.ones(2))) == Spread(0.0, 1.0)
    size = np.array([1.0, NAN, 2.0, 3.0, NAN, 2.0])
    known = ~np.isnan(size)
    one = robust_spread(Effects(size, np.ones(6)))
    assert one == robust_spread(Effects(size[known], np.ones(4)))
    assert math.isnan(float(one.z(Effects(np.array([NAN]), np.ones(1)))[0]))


def test_the_spread_never_falls_below_its_floor() -> None:
    same = Effects(np.full(9, 2.0), np.ones(9))
    assert robust_spread(same, floor=0.3) == Spread(2.0, 0.3)


def slow_cauchy(p: list[float]) -> float:
    """Liu and Xie 2020, by the formula; an axis that is not assessed is left out."""
    kept = [min(max(value, 1e-15), 0.95) for value in p if not math.isnan(value)]
    if not kept:
        return NAN
    mean = sum(math.tan((0.5 - value) * math.pi) for value in kept) / len(kept)
    return min(max(0.5 - math.atan(mean) / math.pi, 1e-15), 1.0)


@given(st.lists(st.one_of(st.just(NAN), st.floats(1e-7, 1.0)), min_size=1, max_size=8))
@settings(deadline=None)
def test_cauchy_mean_is_the_formula(p: list[float]) -> None:
    found = float(cauchy_mean(np.array(p, dtype=float)[:, None])[0])
    assert found == pytest.approx(slow_cauchy(p), rel=1e-6, nan_ok=True)


@given(st.lists(MAYBE, min_size=1, max_size=6), st.integers(1, 5))
@settings(deadline=None)
def test_what_is_not_assessed_changes_nothing_wherever_it_stands(
    p: list[float], missing: int
) -> None:
    column = np.array(p, dtype=float)
    wider = np.concatenate([column, np.full(missing, NAN)])
    np.random.default_rng(missing).shuffle(wider)
    alone = float(cauchy_mean(column[:, None])[0])
    assert float(cauchy_mean(wider[:, None])[0]) == pytest.approx(alone, nan_ok=True)


@pytest.mark.parametrize("least", [1e-15, 1e-12, 1e-9, 1.0001e-8, 0.9999e-8, 1e-6, 1e-3])
def test_very_small_p_keep_their_digits(least: float) -> None:
    """One small p among n counts n-fold; where tan has lost its digits, too."""
    found = float(cauchy_mean(np.array([[least], [0.5], [0.5]]))[0])
    assert found == pytest.approx(3.0 * least, rel=0.02, abs=0.0)
    assert float(cauchy_mean(np.array([[least]]))[0]) == pytest.approx(least, rel=1e-6, abs=0.0)


def test_cauchy_holds_its_level_for_independent_and_for_equal_p() -> None:
    random = np.random.default_rng(5)
    apart = cauchy_mean(random.random((6, 40_000)))
    same = cauchy_mean(np.tile(random.random(40_000), (6, 1)))
    for level in (0.05, 0.01):
        assert (apart <= level).mean() <= 1.25 * level
        assert (same <= level).mean() == pytest.approx(level, rel=0.15)


@given(MAYBE, MAYBE)
@settings(deadline=None)
def test_content_and_one_other_axis(content: float, others: float) -> None:
    """Intersection-union: the greater of the two, not assessed counts as 1."""
    found = float(across_axes(np.array([content]), np.array([others]))[0])
    assert found == max(1.0 if math.isnan(p) else p for p in (content, others))


def test_shares_are_conformal_p_of_each_among_the_others() -> None:
    value = np.array([2.0, NAN, 5.0, 2.0, -np.inf, 7.0])
    found = shares(value)
    assert math.isnan(found[1])
    for one in (0, 2, 3, 4, 5):
        others = np.delete(value, one)
        assert found[one] == conformal(others, value[one : one + 1])[0]
    assert found[5] == 1 / 5
    assert found[4] == 1.0
    assert len(shares(np.zeros(0))) == 0


def test_upper_tail() -> None:
    found = upper_tail(np.array([0.0, 1.6448536269514722, -8.0, 8.0, NAN]))
    np.testing.assert_allclose(found[:3], [0.5, 0.05, 1.0])
    assert found[3] == pytest.approx(float(ndtr(-8.0)))
    assert 0.0 < found[3] < 1e-14
    assert math.isnan(found[4])
