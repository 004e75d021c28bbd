"""Evidence: right by hand, bounded, and calibrated where nothing is to be found."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gammaln

from workbench.analysis.fingerprint import likeness
from workbench.analysis.fingerprint.compare import discovery, tail
from workbench.analysis.fingerprint.counting import Counts, octaves

UNKNOWN = np.iinfo(np.int64).min


def of(rows: list[list[int]]) -> Counts:
    """Counts of dense rows."""
    pairs = [
        (account, word)
        for account, row in enumerate(rows)
        for word, n in enumerate(row)
        for _ in range(n)
    ]
    account, word = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
    return Counts.of(account, word, len(rows[0]), len(rows))


def drawn(random: np.random.Generator, share: np.ndarray, strength: float, n: int) -> list[int]:
    found: list[int] = random.multinomial(n, random.dirichlet(strength * share)).tolist()
    return found


def test_counts_of_pairs() -> None:
    counts = of([[2, 0, 1], [0, 0, 0], [0, 3, 0]])
    assert counts.totals.tolist() == [3, 0, 3]
    assert counts.holders(np.array([True, True, False])).tolist() == [1, 0, 1]
    assert counts.pooled(np.array([1.0, 1.0, 2.0])).tolist() == [2.0, 6.0, 1.0]
    kept = counts.rows(np.array([False, True, True]))
    assert kept.totals.tolist() == [0, 0, 3]


def test_gaps_double_and_unknown_times_have_none() -> None:
    s = 1_000_000
    ts = np.array([UNKNOWN, 0, s // 2, 2 * s, 2 * s + 3 * s, 10**15, 5, 5 + 60 * s])
    offsets = np.array([0, 6, 8, 8])
    account, octave = octaves(offsets, ts, 21)
    assert account.tolist() == [0, 0, 0, 0, 1]
    assert octave.tolist() == [0, 1, 2, 20, 6]
    assert octaves(np.array([0, 0]), np.empty(0, np.int64), 21)[0].size == 0


def test_a_member_is_weighed_as_the_formula_says() -> None:
    counts = of([[3, 1, 0], [0, 2, 2], [1, 1, 1]])
    ordinary = np.array([False, True, True])
    everybody = likeness.Everybody.of(counts, ordinary)
    profile = np.array([9.0, 3.0, 0.0])
    value = likeness.as_members(counts, profile, everybody)
    source = profile + 30.0 * everybody.share
    alpha = likeness.KINDS[1][1] * source / source.sum()
    mine = np.array([3, 1, 0])
    by_hand = (
        gammaln(alpha.sum())
        - gammaln(alpha.sum() + 4)
        + (gammaln(alpha + mine) - gammaln(alpha)).sum()
    )
    assert value[1, 0] == pytest.approx(by_hand)


def test_members_stand_out_and_others_do_not() -> None:
    random = np.random.default_rng(5)
    everybody_share = random.dirichlet(np.full(40, 0.7))
    campaign = random.dirichlet(np.full(40, 0.7))
    rows = [drawn(random, everybody_share, 4.0, int(n)) for n in random.integers(2, 80, 400)]
    members = [drawn(random, campaign, 60.0, int(n)) for n in random.integers(15, 60, 30)]
    counts = of(rows + members)
    ordinary = np.arange(430) < 400
    everybody = likeness.Everybody.of(counts, ordinary)
    taken = of([drawn(random, campaign, 60.0, 40) for _ in range(30)])
    value = likeness.as_members(counts, taken.pooled(np.ones(30)), everybody)
    mix = likeness.common_kinds(value, ~ordinary)
    found = likeness.ratio(counts, value, mix, everybody)
    assert np.abs(found).max() <= likeness.CAP
    assert (found[~ordinary] > likeness.CLEAR).mean() > 0.9
    assert (found[ordinary] > likeness.CLEAR).mean() < 0.05


def test_whoever_shows_nothing_is_neither_for_nor_against() -> None:
    counts = of([[0, 0], [3, 1], [1, 3]])
    everybody = likeness.Everybody.of(counts, np.array([True, True, True]))
    value = likeness.as_members(counts, np.array([5.0, 0.0]), everybody)
    mix = likeness.common_kinds(value, np.array([False, False, False]))
    assert mix.sum() == pytest.approx(1.0)
    assert likeness.ratio(counts, value, mix, everybody)[0] == 0.0


def test_the_rarest_value_counts() -> None:
    counts = of([[1, 0, 0], [1, 1, 0], [1, 0, 1], [0, 0, 0]])
    ordinary = np.array([True, False, True, True])
    found = likeness.rarest(counts, np.array([0, 1]), ordinary)
    assert found.tolist() == pytest.approx([math.log(4 / 3), math.log(4), math.log(4 / 3), 0.0])


def test_false_discovery_is_benjamini_and_hochbergs() -> None:
    p = np.array([0.01, 0.04, 0.03, 0.5])
    assert discovery(p).tolist() == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert discovery(np.empty(0)).size == 0


def test_the_slope_tells_how_many_have_more() -> None:
    random = np.random.default_rng(2)
    total = random.exponential(2.0, 20_000)
    above = tail(total, np.ones(len(total), np.bool_))
    assert above is not None
    level = np.array([8.0, 12.0])
    assert above(level) == pytest.approx(np.exp(-level / 2.0), rel=0.2)
    # A campaign among them, not found by anybody, moves it little.
    mixed = np.concatenate((total, np.full(400, 15.0)))
    again = tail(mixed, np.ones(len(mixed), np.bool_))
    assert again is not None
    assert again(level)[0] < 2.5 * float(above(level)[0])
    assert tail(np.zeros(500), np.ones(500, np.bool_)) is None
    assert tail(total[:50], np.ones(50, np.bool_)) is None
