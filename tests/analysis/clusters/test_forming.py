"""Where clusters begin: from neighbourhoods that surprise, and from what is shared."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
import pytest

from tests.analysis.clusters.planted import Planted, plant
from tests.analysis.clusters.test_worlds import growth_of, learnt
from tests.analysis.fakes import RecordingJob
from workbench.analysis.clusters.bench import Bench
from workbench.analysis.clusters.communities import (
    flagged_components,
    interest_groups,
    pool_neighbourhoods,
    tied_groups,
)
from workbench.analysis.clusters.forming import (
    SURPRISING,
    Formed,
    _likest_of_each,
    flagged_clusters,
    is_same,
    tied_clusters,
    with_nulls,
)
from workbench.analysis.clusters.membership import Membership
from workbench.domain.errors import CancelledError
from workbench.domain.signal import Axis

if TYPE_CHECKING:
    from workbench.analysis.clusters.worlds import Worlds

#: Looks at null groups in the second step: fewer than in earnest, and twice those of the first.
NULLS = 240


@lru_cache(maxsize=4)
def begun(seed: int, harvesters: int = 40) -> tuple[Planted, Worlds, Membership, Bench]:
    made = plant(people=400 - harvesters, harvesters=harvesters, scattered=True, seed=seed)
    worlds = learnt(made, seed)
    broad, narrow = (interest_groups(made.content.neighbours, 0, fine) for fine in (0.3, 4.0))
    return made, worlds, growth_of(made, worlds), Bench(made.content, made.bundles, broad, narrow)


def from_ties(
    seed: int, harvesters: int = 40, known: tuple[np.ndarray, ...] = ()
) -> tuple[Planted, Formed]:
    made, worlds, growth, bench = begun(seed, harvesters)
    groups = tied_groups(made.bundles.pairs, 0)
    with patch("workbench.analysis.clusters.forming._NULLS", NULLS):
        return made, tied_clusters(worlds, growth, bench, known, groups, RecordingJob())


@pytest.mark.parametrize("seed", range(2))
def test_what_is_shared_leads_to_the_campaign_without_anything_flagged(seed: int) -> None:
    made, found = from_ties(seed)
    best = int(np.argmin(found.p[Axis.COORDINATION]))
    assert made.harvester[found.members[best]].mean() >= 0.95
    assert np.isin(made.campaign, found.members[best]).mean() >= 0.9
    assert found.p[Axis.COORDINATION][best] <= SURPRISING
    # The second step was taken, and what it rests on is told.
    assert found.n_null >= NULLS
    assert found.p[Axis.COORDINATION][best] >= 1 / (found.n_null + 1)
    assert set(found.p) == set(made.bundles.forms_by)


def test_without_a_campaign_hardly_anything_surprises() -> None:
    """Each of a log's groups surprises at most as often as its level says."""
    surprising = looks = 0
    for seed in range(3):
        _, found = from_ties(seed, harvesters=0)
        surprising, looks = surprising + len(found.members), looks + found.n_looks
    assert looks > 30
    assert surprising <= 3


def test_what_is_known_is_not_looked_at_again() -> None:
    made, first = from_ties(0)
    _, again = from_ties(0, known=(made.campaign,))
    assert not any(is_same(members, made.campaign) for members in again.members)
    assert not any(is_same(members, made.campaign) for members in again.others)
    assert again.n_looks == first.n_looks


def test_groups_are_of_those_who_share_and_nobody_else() -> None:
    made = plant(seed=3)
    groups = tied_groups(made.bundles.pairs, 0)
    alone = np.asarray(made.bundles.pairs.sum(axis=1)).ravel() == 0
    together = np.concatenate(groups)
    assert len(np.unique(together)) == len(together), "everybody is in one group at most"
    assert not alone[together].any()
    bare = plant(seed=3, drop=("payment", "network"))
    assert tied_groups(bare.bundles.pairs, 0) == []


def test_a_null_world_has_the_same_groups_of_other_people() -> None:
    made, worlds, _, _ = begun(0)
    groups = tied_groups(made.bundles.pairs, 0)

    class Watched(Membership):
        def __init__(self) -> None:
            self.starts: list[tuple[np.ndarray, np.ndarray]] = []

        def grown(
            self,
            formed: np.ndarray,
            carrier: np.ndarray | None = None,
            allowed: np.ndarray | None = None,
        ) -> np.ndarray:
            assert carrier is not None
            self.starts.append((formed, carrier))
            return formed[:0]

    watched = Watched()
    _, clusters = worlds.null_growth(watched, groups, RecordingJob())
    assert clusters == []
    assert len(watched.starts) == len(groups)
    for (start, carrier), group in zip(watched.starts, groups, strict=True):
        assert np.sort(carrier[start]).tolist() == group.tolist(), "they carry what it shares"
        assert start.tolist() != group.tolist()


class Asked(Membership):
    """What each entity asked speaks so much for any cluster."""

    def __init__(self, nats: np.ndarray) -> None:
        self.n_entities = len(nats)
        self.nats = nats

    def of_content(self, rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
        assert np.flatnonzero(weight).tolist() == rows.tolist()
        return np.take(self.nats, rows)


def test_one_look_stands_for_its_like_the_one_that_content_speaks_for() -> None:
    early, middle, late = np.arange(3, 13), np.arange(5, 15), np.arange(9, 19)
    other = np.arange(30, 40)
    looks = [(np.array([n]), members) for n, members in enumerate((early, middle, late, other))]
    assert not is_same(early, late)
    nothing = (early, early[:0])

    def likest(nats: np.ndarray) -> list[list[int]]:
        found = _likest_of_each(Asked(nats), [nothing, *looks])
        return [formed.tolist() for formed, _ in found]

    # The middle one is the same as the first and as the third, which are not the same.
    ramp = np.arange(50.0)
    assert likest(ramp) == [[3], [2], [0]]
    hill = -np.abs(ramp - 9.5)
    assert likest(hill) == [[1], [3]]
    assert _likest_of_each(Asked(ramp), []) == []
    assert _likest_of_each(Asked(ramp), [nothing]) == []


def test_nothing_flagged_is_nothing_formed_and_nothing_compared() -> None:
    made, worlds, growth, bench = begun(0)
    found = flagged_clusters(worlds, growth, bench, [], RecordingJob())
    assert (found.formed, found.members, found.others) == ((), (), ())
    assert (found.n_looks, found.n_null) == (0, 0)
    assert all(len(found.p[axis]) == 0 for axis in made.bundles.forms_by)


def test_a_level_that_several_share_is_reached_with_more_null_clusters() -> None:
    made = plant(seed=1)
    worlds = learnt(made)
    growth = growth_of(made, worlds)
    broad, narrow = (interest_groups(made.content.neighbours, 0, fine) for fine in (0.3, 4.0))
    bench, job = Bench(made.content, made.bundles, broad, narrow), RecordingJob()
    pooled = pool_neighbourhoods(made.content.neighbours, made.bundles, np.arange(made.n))
    surprised = worlds.surprise.of(pooled)
    components = flagged_components(worlds.edges, surprised, worlds.surprise.threshold)
    with patch("workbench.analysis.clusters.forming.NULLS_EACH", 10):
        found = flagged_clusters(worlds, growth, bench, components, job)
        again = with_nulls(found, found.n_looks, worlds, growth, bench, job, 0.5)
        more = with_nulls(found, found.n_looks + 4, worlds, growth, bench, job, 0.5)
    assert again is found
    assert found.n_null >= 10 * found.n_looks - 1
    assert more.n_null >= 10 * (found.n_looks + 4) - 1
    assert (more.members, more.n_looks) == (found.members, found.n_looks)
    # What was there counts still, and no world counts twice.
    assert more.n_worlds > found.n_worlds
    before = found.null.shape[1]
    assert np.array_equal(more.null[:, :before], found.null, equal_nan=True)
    assert len(np.unique(np.nan_to_num(more.null), axis=1).T) == more.null.shape[1]
    assert more.n_null == max(more.n_grown, more.n_worlds)
    for axis in made.bundles.forms_by:  # every p is a rank among all of them
        rank = more.p[axis] * (more.n_null + 1)
        assert rank == pytest.approx(rank.round())
        assert rank.min() >= 1
        assert more.p[axis].min() <= found.p[axis].min()


def test_cancelling_stops_it() -> None:
    made, worlds, growth, bench = begun(0)
    job = RecordingJob(cancel_at="Growing null clusters")
    with pytest.raises(CancelledError):
        tied_clusters(worlds, growth, bench, (), tied_groups(made.bundles.pairs, 0), job)
