"""Communities: what is planted hangs together, what is not flagged or not tied does not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analysis.clusters.planted import plant
from workbench.analysis.clusters.communities import (
    LEAST,
    Pooled,
    Surprise,
    components,
    flagged_components,
    interest_groups,
    pool_neighbourhoods,
)
from workbench.analysis.clusters.graph import Neighbours

Edges = tuple[np.ndarray, np.ndarray]


def blocks(*sizes: int) -> Edges:
    """A path through each block."""
    left, start = [], 0
    for size in sizes:
        left += list(range(start, start + size - 1))
        start += size
    low = np.array(left, dtype=np.int64)
    return low, low + 1


def test_blocks_are_found_largest_first_and_small_ones_left() -> None:
    sizes = (LEAST, LEAST + 3, LEAST - 1, LEAST)
    found = components(blocks(*sizes), np.ones(sum(sizes), dtype=np.bool_))
    second, last = LEAST + LEAST + 3, sum(sizes)
    assert [part.tolist() for part in found] == [
        list(range(LEAST, second)),
        list(range(LEAST)),
        list(range(last - LEAST, last)),
    ]


def test_who_is_not_chosen_cuts_a_block_in_two() -> None:
    chosen = np.ones(2 * LEAST + 1, dtype=np.bool_)
    chosen[LEAST] = False
    found = components(blocks(2 * LEAST + 1), chosen)
    assert [len(part) for part in found] == [LEAST, LEAST]
    assert LEAST not in np.concatenate(found)


def test_nothing_connected_gives_none() -> None:
    nothing = np.empty(0, dtype=np.int64)
    assert components((nothing, nothing), np.ones(50, dtype=np.bool_)) == []
    assert components(blocks(50), np.zeros(50, dtype=np.bool_)) == []
    assert components((nothing, nothing), np.zeros(0, dtype=np.bool_)) == []


def test_flagged_are_above_the_threshold_and_allowed() -> None:
    edges, surprise = blocks(20), np.full(20, 2.0)
    assert flagged_components(edges, surprise, 2.0) == [], "at the threshold is not above it"
    assert [len(part) for part in flagged_components(edges, surprise, 1.9)] == [20]
    allowed = np.arange(20) < 12
    assert [len(p) for p in flagged_components(edges, surprise, 1.9, allowed)] == [12]


def test_the_order_of_edges_does_not_matter() -> None:
    left, right = blocks(9, 7, 8)
    everyone, mixed = np.ones(24, dtype=np.bool_), np.random.default_rng(3).permutation(len(left))
    usual = components((left, right), everyone)
    turned = components((right[mixed], left[mixed]), everyone)
    assert [part.tolist() for part in usual] == [part.tolist() for part in turned]


def test_surprise_is_the_sum_of_log_tails() -> None:
    """By hand: -log((1 + null values at or above) / (all + 1)), over the sources."""
    null = [Pooled(np.array([[1.0, 2.0], [5.0, 5.0]])), Pooled(np.array([[3.0, 4.0], [6.0, 7.0]]))]
    learnt = Surprise.learn(null, flagged=0.25)
    found = learnt.of(Pooled(np.array([[3.0, 9.0], [7.0, 0.0]])))
    assert found == pytest.approx([-np.log(3 / 5 * 2 / 5), -np.log(1 / 5)])
    nothing = Surprise.learn([Pooled(np.zeros((0, 4)))])
    assert nothing.threshold == np.inf
    assert nothing.of(Pooled(np.zeros((0, 4)))).tolist() == [0.0] * 4


def test_a_planted_campaign_is_one_component() -> None:
    made = plant(seed=1)
    everybody = np.arange(made.n)
    random = np.random.default_rng(1)
    neighbours = made.content.neighbours
    worlds = [
        pool_neighbourhoods(neighbours, made.bundles, made.bundles.repaired(random))
        for _ in range(8)
    ]
    learnt = Surprise.learn(worlds)
    surprise = learnt.of(pool_neighbourhoods(neighbours, made.bundles, everybody))
    found = flagged_components(neighbours.edges()[:2], surprise, learnt.threshold)
    assert len(found) >= 1
    assert made.harvester[found[0]].mean() >= 0.9
    assert np.isin(made.campaign, found[0]).mean() >= 0.9
    dealt = learnt.of(worlds[0])
    assert (dealt > learnt.threshold).mean() < 0.06 < (surprise > learnt.threshold).mean()


def test_interest_groups_follow_content_and_repeat_for_a_seed() -> None:
    made = plant(seed=2)
    narrow = interest_groups(made.content.neighbours, 5, 4.0)
    broad = interest_groups(made.content.neighbours, 5, 0.3)
    again = interest_groups(made.content.neighbours, 5, 0.3)
    assert [group.tolist() for group in broad] == [group.tolist() for group in again]
    assert len(narrow) > len(broad) >= 2
    for groups in (narrow, broad):
        everyone = np.concatenate(groups)
        assert len(everyone) == len(set(everyone.tolist())), "nobody is in two groups"
        assert min(map(len, groups)) >= LEAST
        assert all((np.diff(group) > 0).all() for group in groups)
    most = max(broad, key=lambda group: int(made.harvester[group].sum()))
    assert np.isin(made.campaign, most).mean() >= 0.9


def test_no_neighbours_no_interest_groups() -> None:
    alone = Neighbours(np.full((30, 2), -1, dtype=np.int32), np.full((30, 2), -np.inf))
    assert interest_groups(alone, 1, 1.0) == []
