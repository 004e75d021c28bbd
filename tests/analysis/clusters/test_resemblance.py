"""Resemblance: one source is told from an interest, however closely people keep to it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analysis.hand_made import profiles_of
from workbench.analysis.clusters import resemblance
from workbench.analysis.clusters.graph import fit_prior
from workbench.analysis.clusters.resemblance import Resemblance

CELLS, WORDINGS = 30, 12
SOURCE, CLOSE, PEOPLE = 30, 40, 150
N = SOURCE + CLOSE + PEOPLE
MEMBERS, STRANGERS = np.arange(SOURCE), np.arange(SOURCE, SOURCE + CLOSE)
ORDINARY = np.arange(SOURCE + CLOSE, N)


def counts(seed: int) -> np.ndarray:
    """One source; strangers who keep close to an interest of their own; ordinary people."""
    random = np.random.default_rng(seed)
    rows = []
    source, interest, common = (
        [random.dirichlet(np.full(width, spread)) for width in (CELLS, WORDINGS)]
        for spread in (0.4, 0.4, 2.0)
    )

    def one(profiles: list[np.ndarray], strength: float) -> np.ndarray:
        own = [random.dirichlet(strength * profile + 1e-3) for profile in profiles]
        return np.concatenate([random.multinomial(30, profile) for profile in own])

    rows += [one(source, 400.0) for _ in range(SOURCE)]
    rows += [one(interest, 60.0) for _ in range(CLOSE)]
    rows += [one(common, 8.0) for _ in range(PEOPLE)]
    return np.array(rows)


def weighed(dense: np.ndarray, groups: list[np.ndarray]) -> Resemblance:
    profiles = profiles_of(dense, CELLS, WORDINGS)
    return Resemblance(profiles, fit_prior(profiles), groups)


def weights(members: np.ndarray) -> np.ndarray:
    found = np.zeros(N)
    found[members] = 1.0
    return found


@pytest.mark.parametrize("seed", range(3))
def test_one_source_resembles_itself_and_nobody_else_does(seed: int) -> None:
    found = weighed(counts(seed), [STRANGERS]).of(np.arange(N), weights(MEMBERS))
    assert np.median(found[MEMBERS]) > 2.0
    assert (found[MEMBERS] > 0).mean() >= 0.9
    assert (found[ORDINARY] < 0).mean() >= 0.95
    assert (found[STRANGERS] < 0).mean() >= 0.95, "close to an interest, but not to this source"


def test_a_member_is_found_though_it_was_not_named() -> None:
    """Whoever is weighed is left out, so that being named is no evidence of its own."""
    dense = counts(4)
    asked = weighed(dense, [STRANGERS])
    with_it = asked.of(np.arange(N), weights(MEMBERS))[0]
    without = asked.of(np.arange(N), weights(MEMBERS[1:]))[0]
    assert without > 0
    assert with_it == pytest.approx(without, abs=1.0)
    stranger = ORDINARY[0]
    named = asked.of(np.arange(N), weights(np.append(MEMBERS, stranger)))[stranger]
    assert named < 0


def test_a_glance_orders_as_the_exact_weighing_does() -> None:
    asked = weighed(counts(5), [STRANGERS])
    glance = asked.at_a_glance(weights(MEMBERS))
    assert glance.shape == (N,)
    nearest = np.argsort(-glance, kind="stable")[:SOURCE]
    assert np.isin(nearest, MEMBERS).mean() >= 0.9


def test_an_interest_explains_what_would_else_look_like_a_source() -> None:
    """Half of an interest, taken for members: the other half's interest is why they are alike."""
    dense = counts(6)
    half = STRANGERS[: CLOSE // 2]
    told = weighed(dense, [STRANGERS]).of(half, weights(half))
    untold = weighed(dense, []).of(half, weights(half))
    assert told.mean() < untold.mean()


@pytest.mark.parametrize("seed", range(3))
def test_bystanders_are_another_reason_to_ask_what_the_cluster_asks(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who follows the source as loosely as people do: less like a member, for there are such."""
    dense, random = counts(seed), np.random.default_rng([seed, 1])
    for at in (slice(0, CELLS), slice(CELLS, CELLS + WORDINGS)):
        source = dense[MEMBERS, at].sum(axis=0) / dense[MEMBERS, at].sum()
        for row in STRANGERS:
            dense[row, at] = random.multinomial(30, random.dirichlet(6.0 * source + 1e-3))
    asked = weighed(dense, [])
    found = asked.of(np.arange(N), weights(MEMBERS))
    assert (found[MEMBERS] > 0).mean() >= 0.9
    assert np.median(found[STRANGERS]) < np.median(found[MEMBERS])
    monkeypatch.setattr(resemblance, "_BYSTANDERS", 1e-9)
    alone = asked.of(np.arange(N), weights(MEMBERS))
    assert np.median(alone[STRANGERS] - found[STRANGERS]) > 0.1
    assert (alone >= found - 1e-9).all()


def test_evidence_is_bounded_in_each_vocabulary() -> None:
    dense = counts(7)
    dense[MEMBERS] *= 50
    found = weighed(dense, []).of(np.arange(N), weights(MEMBERS))
    assert np.abs(found).max() <= 12.0
    assert np.isfinite(found).all()


def test_who_has_nothing_in_a_vocabulary_says_nothing_in_it() -> None:
    dense = counts(8)
    dense[0], dense[1, CELLS:] = 0, 0
    found = weighed(dense, [STRANGERS]).of(np.array([0, 1]), weights(MEMBERS))
    assert found[0] == 0.0
    assert 0.0 < found[1] <= 6.0


def test_an_empty_vocabulary_changes_nothing_for_anybody() -> None:
    dense = counts(9)
    dense[:, CELLS:] = 0
    found = weighed(dense, [STRANGERS]).of(np.arange(N), weights(MEMBERS))
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 6.0, "only one vocabulary can speak"
    assert np.median(found[MEMBERS]) > 0 > np.median(found[ORDINARY])


def test_the_same_again() -> None:
    dense = counts(10)
    first, second = (
        weighed(dense, [STRANGERS]).of(np.arange(N), weights(MEMBERS)) for _ in range(2)
    )
    assert first.tobytes() == second.tobytes()
