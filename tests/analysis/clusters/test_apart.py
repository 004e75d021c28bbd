"""Operators told apart: two in one cluster, one with several scripts, and rivals for a member."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analysis.clusters.planted import Planted, plant, run
from tests.analysis.fakes import RecordingJob
from workbench.analysis.clusters import apart
from workbench.analysis.clusters.apart import compete, operators
from workbench.analysis.clusters.communities import interest_groups
from workbench.analysis.clusters.findings import judge
from workbench.analysis.clusters.membership import TESTED, Membership
from workbench.domain.errors import CancelledError
from workbench.domain.finding import MEMBERSHIP_THRESHOLD, Verdict

SEEDS = range(4)


def weighing(made: Planted, seed: int) -> Membership:
    groups = interest_groups(made.content.neighbours, seed, 0.3)
    random = np.random.default_rng([seed, 7])
    carriers = [made.bundles.repaired(random) for _ in range(8)]
    return Membership(
        made.content, made.bundles, groups, carriers, made.content.whole, everything=True
    )


def told(membership: Membership, members: np.ndarray, seed: int) -> list[np.ndarray]:
    return operators(membership, members, np.random.default_rng(seed), RecordingJob())


@pytest.mark.parametrize("seed", SEEDS)
def test_two_operators_in_one_cluster_are_told_apart(seed: int) -> None:
    made = plant(harvesters=60, operators=2, seed=seed)
    parts = told(weighing(made, seed), made.campaign, seed)
    assert len(parts) == 2
    for part in parts:
        assert len(set(made.operator[part].tolist())) == 1
    together = np.sort(np.concatenate(parts))
    assert together.tolist() == made.campaign.tolist(), "everybody is in one of them"


@pytest.mark.parametrize("seed", SEEDS)
def test_one_operator_stays_one(seed: int) -> None:
    made = plant(harvesters=60, seed=seed)
    parts = told(weighing(made, seed), made.campaign, seed)
    assert [part.tolist() for part in parts] == [made.campaign.tolist()]


def test_bystanders_may_be_told_from_one_operator_who_stays_one() -> None:
    for seed in SEEDS:
        made = plant(harvesters=60, seed=seed)
        people = np.flatnonzero(~made.harvester)[:10]
        members = np.sort(np.concatenate([made.campaign, people]))
        parts = told(weighing(made, seed), members, seed)
        assert sum(made.harvester[part].any() for part in parts) == 1


def test_lists_that_accounts_follow_at_random_make_no_operators() -> None:
    """Who follows which of two lists has nothing to do with which accounts share anything."""
    divided = 0
    for seed in range(12):
        made = plant(harvesters=60, operators=2, mixed=True, seed=seed)
        divided += len(told(weighing(made, seed), made.campaign, seed)) > 1
    # One in sixty by chance: three of twelve would be one in a thousand.
    assert divided < 3


@pytest.mark.parametrize(("everything", "parts"), [(-0.5, 1), (0.5, 2)])
def test_parts_that_fit_worse_than_the_whole_are_none(
    everything: float, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch with cards of its own is no operator where its prompts are better told by the whole.

    However much bundles gain: here no deal gains anything.
    """
    made = plant(harvesters=60, seed=1)
    membership, half = weighing(made, 1), 30

    def division(
        _: Membership, members: np.ndarray, starts: object, carrier: np.ndarray | None
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        if carrier is not None or len(members) < 60:
            return np.full(2, -np.inf), []
        return np.array([70.0, everything]), [members[:half], members[half:]]

    monkeypatch.setattr(apart, "_division", division)
    assert len(told(membership, made.campaign, 1)) == parts


def test_rivals_get_back_who_is_theirs() -> None:
    made = plant(harvesters=60, operators=2, seed=1)
    membership = weighing(made, 1)
    one, other = (np.flatnonzero(made.operator == number) for number in (0, 1))
    mixed = np.sort(np.concatenate([one, other[:10]])), other[10:]
    assert [found.tolist() for found in compete(membership, mixed)] == [
        one.tolist(),
        other.tolist(),
    ]


def test_two_looks_at_one_operator_are_no_rivals() -> None:
    made = plant(harvesters=60, seed=1)
    few = made.campaign[:TESTED], made.campaign[TESTED:]
    assert compete(weighing(made, 1), few) == []


def test_few_are_never_divided() -> None:
    made = plant(harvesters=60, operators=2, seed=1)
    membership = weighing(made, 1)
    for size in (0, 1, 2 * TESTED - 1):
        members = made.campaign[:size]
        assert [part.tolist() for part in told(membership, members, 1)] == [members.tolist()]


def test_three_operators_are_told_apart() -> None:
    made = plant(harvesters=90, operators=3, seed=2)
    parts = told(weighing(made, 2), made.campaign, 2)
    assert sorted(sorted(set(made.operator[part].tolist())) for part in parts) == [[0], [1], [2]]


def test_a_verdict_of_two_operators_is_told_of_each() -> None:
    """Tested as one or as two, each is a cluster of its own in the end."""
    for seed in (1, 2):
        made = plant(harvesters=60, operators=2, seed=seed)
        found = run(made, seed)
        judged = judge(
            found, made.content.neighbours, 0.05, np.random.default_rng(seed), RecordingJob()
        )
        bound = np.where(judged.membership >= MEMBERSHIP_THRESHOLD, judged.cluster, -1)
        both = []
        for number in (0, 1):
            mine = bound[made.operator == number]
            cluster = int(np.bincount(mine[mine >= 0]).argmax())
            both.append(cluster)
            assert judged.verdict[cluster] is Verdict.MULTI_AXIS
            assert (mine == cluster).mean() >= 0.9
            assert not (made.operator[bound == cluster] == 1 - number).any()
        assert both[0] != both[1]


def test_dividing_can_be_cancelled() -> None:
    made = plant(harvesters=60, operators=2, seed=1)
    job = RecordingJob(cancel_at="now")
    job.report("now")
    with pytest.raises(CancelledError):
        operators(weighing(made, 1), made.campaign, np.random.default_rng(1), job)
