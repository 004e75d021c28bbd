"""Dealt-out worlds: only who carries what changes, and what clusters in them is chance."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analysis.clusters.planted import Planted, plant
from tests.analysis.fakes import RecordingJob
from workbench.analysis.clusters.communities import (
    FLAGGED,
    flagged_components,
    interest_groups,
    pool_neighbourhoods,
)
from workbench.analysis.clusters.membership import TESTED, Membership
from workbench.analysis.clusters.worlds import Worlds
from workbench.domain.errors import CancelledError


def learnt(made: Planted, seed: int = 0, number: int = 8) -> Worlds:
    random = np.random.default_rng([seed, 5])
    return Worlds.learn(made.content.neighbours, made.bundles, random, number)


def growth_of(made: Planted, worlds: Worlds) -> Membership:
    broad = interest_groups(made.content.neighbours, 0, 0.3)
    return Membership(made.content, made.bundles, broad, worlds.carriers, made.content.first)


@pytest.fixture(scope="module")
def made() -> Planted:
    return plant(seed=1)


@pytest.fixture(scope="module")
def worlds(made: Planted) -> Worlds:
    return learnt(made)


def test_a_dealt_world_keeps_every_bundle_whole(made: Planted, worlds: Worlds) -> None:
    """Sign-ups, ties and pace are those of the log, in other hands of like volume."""
    bundles = made.bundles
    level = np.log2(np.maximum(bundles.volume, 1)).astype(np.int64)
    assert len(worlds.carriers) == len(worlds.pooled) == 8
    for carrier in worlds.carriers:
        assert sorted(carrier.tolist()) == list(range(made.n))
        assert (level[carrier] == level).all()
        assert (carrier == np.arange(made.n)).mean() < 0.1
        moved = bundles.pairs[carrier][:, carrier]
        assert moved.nnz == bundles.pairs.nnz
        assert moved.sum() == pytest.approx(bundles.pairs.sum())
        assert np.sort(bundles.created[carrier]).tolist() == np.sort(bundles.created).tolist()
    edges = made.content.neighbours.edges()[:2]
    assert all((a == b).all() for a, b in zip(worlds.edges, edges, strict=True))


def test_worlds_flag_the_share_they_promise(worlds: Worlds) -> None:
    flagged = [
        (worlds.surprise.of(pooled) > worlds.surprise.threshold).mean() for pooled in worlds.pooled
    ]
    assert np.mean(flagged) == pytest.approx(FLAGGED, abs=0.005)


def test_the_same_seed_makes_the_same_worlds(made: Planted, worlds: Worlds) -> None:
    again, other = learnt(made), learnt(made, seed=1)
    assert [c.tobytes() for c in again.carriers] == [c.tobytes() for c in worlds.carriers]
    assert [c.tobytes() for c in other.carriers] != [c.tobytes() for c in worlds.carriers]
    assert again.surprise.threshold == worlds.surprise.threshold


def largest(worlds: Worlds, carrier: np.ndarray) -> int:
    surprise = worlds.surprise.of(pool_neighbourhoods(worlds.neighbours, worlds.bundles, carrier))
    parts = flagged_components(worlds.edges, surprise, worlds.surprise.threshold)
    return max(map(len, parts), default=0)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_planted_is_no_larger_than_chance_and_a_campaign_is(seed: int) -> None:
    for harvesters in (0, 40):
        made = plant(people=400 - harvesters, harvesters=harvesters, seed=seed)
        worlds, random = learnt(made, seed), np.random.default_rng([seed, 6])
        by_chance = [largest(worlds, made.bundles.repaired(random)) for _ in range(40)]
        found = largest(worlds, np.arange(made.n))
        assert max(by_chance) <= 0.1 * made.n
        if harvesters:
            assert found > max(by_chance)
        else:
            assert found <= max(max(by_chance), TESTED)


def test_null_clusters_use_every_kept_world_and_count_every_look(
    made: Planted, worlds: Worlds
) -> None:
    job = RecordingJob()
    found, looks = worlds.null_clusters(growth_of(made, worlds), 1, job, 0.2)
    assert len(found) >= len(worlds.carriers)
    for (carrier, groups), kept in zip(found, worlds.carriers, strict=False):
        assert carrier.tobytes() == kept.tobytes()
        assert all(len(members) >= TESTED for members in groups)
    assert looks >= sum(len(groups) for _, groups in found)
    shares = [done for _, done in job.reports if done is not None]
    assert shares == sorted(shares)
    assert min(shares) >= 0.2
    assert max(shares) <= 0.6 + 1e-9


def test_like_minded_groups_are_of_the_trusted(made: Planted, worlds: Worlds) -> None:
    trusted = ~made.harvester
    found = worlds.like_minded(growth_of(made, worlds), trusted, 25, 12, RecordingJob(), 0.6)
    assert len(found) == 12
    for group in found:
        assert len(group) == len(set(group.tolist())) == 25
        assert trusted[group].all()


def test_nobody_to_trust_gives_no_groups(made: Planted, worlds: Worlds) -> None:
    growth, nobody = growth_of(made, worlds), np.zeros(made.n, dtype=np.bool_)
    assert worlds.like_minded(growth, nobody, 10, 5, RecordingJob(), 0.6) == []


def test_neighbours_who_are_not_trusted_do_not_count(made: Planted, worlds: Worlds) -> None:
    """Five trusted have at most four trusted neighbours, however many others they have."""
    trusted = np.zeros(made.n, dtype=np.bool_)
    trusted[made.campaign[:5]] = True
    assert (worlds.neighbours.degree[trusted] >= 5).all()
    growth = growth_of(made, worlds)
    assert worlds.like_minded(growth, trusted, 5, 5, RecordingJob(), 0.6) == []


def test_people_unlike_anybody_make_no_reference() -> None:
    """Where nobody has five like-minded neighbours there is nothing to compare with."""
    made = plant(people=150, harvesters=0, interests=0, seed=2)
    worlds, everyone = learnt(made), np.ones(150, dtype=np.bool_)
    assert worlds.like_minded(growth_of(made, worlds), everyone, 10, 5, RecordingJob(), 0.6) == []


def test_making_worlds_can_be_cancelled(made: Planted, worlds: Worlds) -> None:
    growth = growth_of(made, worlds)
    everyone = np.ones(made.n, dtype=np.bool_)
    job = RecordingJob(cancel_at="Gathering like-minded groups")
    with pytest.raises(CancelledError):
        worlds.like_minded(growth, everyone, 10, 5, job, 0.6)
