"""Benign look-alikes: plain features counted out, and a nearest one only where one is near."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.hand_made import DAY, HOUR, MONDAY, population
from workbench.analysis.clusters.lookalikes import KINDS, NEAR, compare, features_of, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.analysis.signals.population import Population

NAN = math.nan
FEATURES = sorted({name for traits in KINDS.values() for name in traits})


def usual(kind: str, **other: float) -> dict[str, float]:
    """Exactly what a look-alike usually is; features that say nothing of it are not assessed."""
    features = dict.fromkeys(FEATURES, NAN) | {n: t.usual for n, t in KINDS[kind].items()}
    return features | other


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_nearest_to_itself(kind: str) -> None:
    found = compare(usual(kind))
    mine = next(likeness for likeness in found if likeness.kind == kind)
    assert mine.distance == 0.0
    assert set(mine.alike) == set(KINDS[kind])
    assert mine.unlike == ()
    assert nearest(found) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_a_distance_is_the_mean_number_of_steps(kind: str) -> None:
    for off in (0.5, 1.0, 3.0):
        features = {n: t.usual + off * t.step for n, t in KINDS[kind].items()}
        mine = next(one for one in compare(features) if one.kind == kind)
        assert mine.distance == pytest.approx(off)
    one_off = usual(kind)
    name, trait = next(iter(KINDS[kind].items()))
    one_off[name] = trait.usual - 4.0 * trait.step
    mine = next(one for one in compare(one_off) if one.kind == kind)
    assert mine.distance == pytest.approx(4.0 / len(KINDS[kind]))
    assert mine.unlike == (name,)
    assert name not in mine.alike


def test_none_is_near_is_an_answer() -> None:
    """The least bad match of something unlike all of them is not named."""
    odd = {
        "customers": 1.0, "distinct": 1.0, "top_template": 0.5, "out_per_in": 5.0,
        "out_tokens": 12.0, "days": 9.0, "around_the_clock": 0.2, "breadth": 0.5, "repeats": 40.0,
    }  # fmt: skip
    found = compare(odd)
    assert len(found) == len(KINDS)
    assert found[0].distance > NEAR
    assert nearest(found) is None
    assert nearest([]) is None


def test_nothing_assessed_is_near_nothing() -> None:
    for features in ({}, dict.fromkeys(FEATURES, NAN)):
        found = compare(features)
        assert all(math.isinf(one.distance) for one in found)
        assert all(one.alike == one.unlike == () for one in found)
        assert nearest(found) is None


@given(
    st.fixed_dictionaries(
        {name: st.one_of(st.just(NAN), st.floats(-5.0, 20.0)) for name in FEATURES}
    )
)
@settings(deadline=None)
def test_nearest_first_each_kind_once_and_every_known_feature_on_one_side(
    features: Mapping[str, float],
) -> None:
    found = compare(features)
    assert sorted(one.kind for one in found) == sorted(KINDS)
    assert [one.distance for one in found] == sorted(one.distance for one in found)
    for one in found:
        known = {name for name in KINDS[one.kind] if not math.isnan(features[name])}
        assert set(one.alike) | set(one.unlike) == known
        assert not set(one.alike) & set(one.unlike)


def tokens(n: int, sent: float = NAN, got: float = NAN) -> dict[str, np.ndarray]:
    return {"in_tok": np.full(n, sent), "out_tok": np.full(n, got)}


def features(made: Population, *accounts: int, **kinds: np.ndarray) -> dict[str, float]:
    known = tokens(made.n_accounts) | kinds
    return features_of(np.array(accounts, dtype=np.int64), made, made.ties.customer, known)


def test_features_counted_by_hand() -> None:
    """Two of three accounts; prompts 0 to 2 lie in cells 0, 0, 1 and follow template 0, 0, none."""
    made = population(
        [
            [(MONDAY, 0), (MONDAY + HOUR, 0), (MONDAY + 4 * DAY, 1), (None, None)],
            [(MONDAY + 2 * HOUR, 0), (MONDAY + 3 * HOUR, 2)],
            [(MONDAY + 99 * DAY, 2)] * 50,
        ],
        cell=[0, 0, 1],
        template=[0, 0, -1],
        customer=[0, 0, 1],
    )
    found = features(
        made, 0, 1, in_tok=np.array([100.0, 60.0, 9e9]), out_tok=np.array([500.0, 100.0, 9e9])
    )
    assert found["customers"] == 1 / 2
    assert found["out_per_in"] == pytest.approx(math.log2(600 / 160))
    assert found["out_tokens"] == pytest.approx(math.log2(600 / 6))
    # Five prompts were sent, three different ones; prompt 0 by both accounts.
    assert found["distinct"] == 3 / 5
    assert found["repeats"] == pytest.approx(4 / 3)
    assert found["top_template"] == 4 / 5
    cells = np.array([4, 1]) / 5
    assert found["breadth"] == pytest.approx(math.exp(-(cells * np.log(cells)).sum()) / 2)
    assert found["days"] == pytest.approx(2.0)
    hours = np.array([2, 1, 1, 1]) / 5
    assert found["around_the_clock"] == pytest.approx(-(hours * np.log(hours)).sum() / math.log(24))


def test_what_the_log_does_not_hold_is_not_assessed() -> None:
    made = population([[(None, None)] * 5, [(None, None)] * 3])
    found = features(made, 0, 1)
    assert found.pop("customers") == 1.0
    assert all(math.isnan(value) for value in found.values())
    assert features(population([[], []]), 0, 1) == {}


def test_a_translation_pipeline_is_told_from_a_harvest() -> None:
    """One template around the clock either way; answers as long as the questions, one customer."""
    sent = [[(MONDAY + n * HOUR, n) for n in range(a, 240, 4)] for a in range(4)]
    same = [0] * 240
    firm = population(sent, customer=[0, 0, 0, 0], cell=same, template=same)
    strangers = population(sent, cell=same, template=same)
    pipeline = compare(features(firm, 0, 1, 2, 3, **tokens(4, 6e3, 6.2e3)))
    harvest = compare(features(strangers, 0, 1, 2, 3, **tokens(4, 6e3, 90e3)))
    near = nearest(pipeline)
    assert near is not None
    assert near.kind == "translation"
    assert next(one for one in harvest if one.kind == "translation").distance > NEAR


def test_the_order_of_accounts_says_nothing() -> None:
    made = population(
        [[(MONDAY + a * HOUR + n * DAY, n % (a + 2)) for n in range(9)] for a in range(4)],
        cell=range(6),
        template=[0, 1, 0, -1, 2, 2],
    )
    known = tokens(4, 40.0, 90.0)
    assert features(made, 0, 1, 3, **known) == features(made, 3, 0, 1, **known)


def test_the_numbering_of_cells_says_nothing() -> None:
    """A bot that never leaves one of forty regions is narrow, whichever region it is."""
    everywhere = [(MONDAY, 30 + cell) for cell in range(40)]
    sent = [[(MONDAY + n * HOUR, n) for n in range(30)], everywhere]
    breadth = [
        features(population(sent, cell=[c] * 30 + list(range(40))), 0)["breadth"]
        for c in (0, 7, 39)
    ]
    assert breadth == pytest.approx([1 / 30] * 3)


def test_few_exchanges_could_not_visit_more_cells_than_they_are() -> None:
    """Three prompts in three of forty cells are as broad as three prompts can be."""
    made = population([[(MONDAY, 0), (MONDAY, 1), (MONDAY, 2)]], cell=[0, 20, 39])
    assert features(made, 0)["breadth"] == pytest.approx(1.0)
