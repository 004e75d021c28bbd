"""Findings: the table of verdicts, whom they are handed to, and how firmly a cluster stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.analysis.clusters.planted import detected
from tests.analysis.fakes import RecordingJob
from workbench.analysis.clusters.calibrate import (
    Effects,
    across_axes,
    both_discovered,
    false_at_least,
)
from workbench.analysis.clusters.detect import Candidates
from workbench.analysis.clusters.findings import NEAR, PRIOR, Judged, judge
from workbench.analysis.clusters.graph import Neighbours
from workbench.analysis.clusters.membership import EVIDENCE, Membership, Weighed
from workbench.domain.finding import MEMBERSHIP_THRESHOLD, Verdict
from workbench.domain.signal import Axis

if TYPE_CHECKING:
    from collections.abc import Sequence

NAN, N = float("nan"), 60
P = tuple[float, float, float]


class Settled(Membership):
    """Membership that is known beforehand, so that judging is tested and not weighing."""

    def __init__(self, weight: Sequence[np.ndarray], members: Sequence[np.ndarray]) -> None:
        self._weight = {m.tobytes(): w for m, w in zip(members, weight, strict=True)}
        self.n_entities = N

    def of_content(self, rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Nobody is told from anybody: rivals keep what they have."""
        return np.zeros(len(rows))

    def of_bundles(self, weight: np.ndarray) -> dict[str, np.ndarray]:
        return {"ties": np.zeros(N)}

    def scripts(self, members: np.ndarray) -> np.ndarray:
        return np.zeros((len(members), 1), np.int64)

    def weighed(
        self,
        formed: np.ndarray,
        carrier: np.ndarray | None = None,
        allowed: np.ndarray | None = None,
    ) -> Weighed:
        """Whoever follows the last member leans to it."""
        likely = self._weight[formed.tobytes()]
        leaning = np.zeros(N)
        leaning[np.flatnonzero(likely)[-1:] + 1] = 0.25
        return Weighed(likely, leaning, np.tile(likely, (len(EVIDENCE), 1)))

    def clusters(
        self,
        component: np.ndarray,
        edges: tuple[np.ndarray, np.ndarray],
        carrier: np.ndarray | None = None,
        allowed: np.ndarray | None = None,
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(component, component)]


def candidates(
    ps: Sequence[P],
    members: Sequence[np.ndarray] | None = None,
    weights: Sequence[np.ndarray] | None = None,
) -> Candidates:
    """Clusters of ten entities each with given p of content, automation and coordination."""
    groups = members or [np.arange(10 * k, 10 * k + 10) for k in range(len(ps))]
    given = weights or [np.isin(np.arange(N), group) * 0.9 for group in groups]
    # The half that tests weighs nobody here: to ask it who belongs is a KeyError.
    growth, whole = Settled([], []), Settled(given, groups)
    of_axis = np.array(ps, dtype=np.float64).reshape(len(ps), 3).T
    p = dict(zip((Axis.CONTENT, Axis.AUTOMATION, Axis.COORDINATION), of_axis, strict=True))
    others = np.fmin(p[Axis.AUTOMATION], p[Axis.COORDINATION])
    nothing = np.zeros((0, len(ps)))
    return Candidates(
        formed=tuple(groups),
        members=tuple(groups),
        statistics=(),
        spreads=(),
        effects=Effects(nothing, nothing),
        z=nothing,
        p=p,
        others=others,
        combined=across_axes(p[Axis.CONTENT], others),
        q=both_discovered(p[Axis.CONTENT], others),
        compared=dict.fromkeys(Axis, 79),
        forms_by=(Axis.COORDINATION,),
        n_looks=max(3, len(ps)),
        tied=(False,) * len(ps),
        surprise=np.where(np.arange(N) < 10 * max(len(ps), 1), 5.0, 0.0),
        own_p=np.linspace(0.01, 1.0, N),
        groups=(),
        growth=growth,
        membership=whole,
    )


def path() -> Neighbours:
    """Everybody next to the one that follows, blocks of ten apart."""
    partner = np.arange(1, N + 1, dtype=np.int32)[:, None]
    partner[9::10] = -1
    return Neighbours(partner, np.where(partner >= 0, 5.0, -np.inf))


def judged(found: Candidates, q: float = 0.05) -> Judged:
    return judge(found, path(), q, np.random.default_rng(1), RecordingJob())


@pytest.mark.parametrize(
    ("p", "verdict"),
    [
        ((0.001, 0.001, 0.001), Verdict.MULTI_AXIS),
        ((0.001, 0.001, 0.9), Verdict.MULTI_AXIS),
        ((0.001, 0.9, 0.001), Verdict.MULTI_AXIS),
        ((0.001, NAN, 0.001), Verdict.MULTI_AXIS),
        ((0.001, 0.001, NAN), Verdict.MULTI_AXIS),
        ((0.001, 0.9, 0.9), Verdict.TRIAGE),
        ((0.9, 0.001, 0.001), Verdict.TRIAGE),
        ((0.9, 0.9, 0.001), Verdict.TRIAGE),
        ((NAN, 0.001, 0.001), Verdict.TRIAGE),
        ((0.001, NAN, NAN), Verdict.TRIAGE),
        ((0.2, 0.2, 0.2), Verdict.NO_FINDING),
        ((0.9, NAN, 0.9), Verdict.NO_FINDING),
        ((NAN, 0.9, 0.9), Verdict.NOT_ASSESSED),
        ((0.9, NAN, NAN), Verdict.NOT_ASSESSED),
        ((NAN, NAN, NAN), Verdict.NOT_ASSESSED),
    ],
)
def test_the_table_of_verdicts(p: P, verdict: Verdict) -> None:
    """Content and one other axis; one axis; none; and what could not be looked at."""
    assert judged(candidates([p])).verdict == (verdict,)


def test_the_claim_is_judged_by_one_p_of_both_other_axes() -> None:
    """.03 on one of them may be .06 of the two together: the better of two was looked at."""
    found = candidates([(0.001, 0.03, 0.9)])
    assert judged(found).verdict == (Verdict.MULTI_AXIS,)
    content, both = found.p[Axis.CONTENT], np.array([0.06])
    chosen = replace(
        found,
        others=both,
        combined=across_axes(content, both),
        q=both_discovered(content, both),
    )
    assert judged(chosen).verdict == (Verdict.TRIAGE,)


def test_candidates_that_show_one_axis_are_paid_for() -> None:
    claim = (0.02, 0.02, NAN)
    assert judged(candidates([claim])).verdict == (Verdict.MULTI_AXIS,)
    one_axis = judged(candidates([claim, *[(0.9, 0.01, NAN)] * 3]))
    assert Verdict.MULTI_AXIS not in one_axis.verdict
    nothing = judged(candidates([claim, *[(0.9, 0.9, NAN)] * 3]))
    assert nothing.verdict[0] is Verdict.MULTI_AXIS, "those that show nothing could not be chosen"


def test_the_best_comes_first() -> None:
    found = judged(candidates([(0.5, 0.5, 0.5), (0.001, 0.001, 0.001), (0.01, 0.01, 0.01)]))
    assert found.row.tolist() == [1, 2, 0]
    assert (np.diff(found.cluster_score) < 0).all()
    assert found.cluster[10:20].tolist() == [0] * 10


def test_membership_is_weighed_by_the_whole() -> None:
    """Whom the whole adds is handed the verdict, though the half that tests did not hold them."""
    members, weight = np.arange(10), np.zeros(N)
    weight[2:14] = 0.8
    weight[20], weight[21] = NEAR, NEAR - 0.01
    found = judged(candidates([(0.001, 0.001, 0.001)], [members], [weight]))
    held = np.flatnonzero(found.membership >= MEMBERSHIP_THRESHOLD)
    assert held.tolist() == list(range(2, 14))
    assert found.cluster[20] == 0, "near, but no member"
    assert found.cluster[21] == -1
    assert found.membership[21] == 0.0


def test_each_entity_goes_where_it_belongs_most_and_a_tie_to_the_better() -> None:
    groups = [np.arange(10), np.arange(10, 20)]
    weights = [np.zeros(N), np.zeros(N)]
    weights[0][:12], weights[1][9:20] = 0.7, 0.7
    weights[1][9] = 0.8
    found = judged(candidates([(0.01, 0.01, 0.01), (0.02, 0.02, 0.02)], groups, weights))
    assert found.cluster[:12].tolist() == [0] * 9 + [1] + [0] * 2
    assert found.membership[9] == 0.8


def test_the_same_cluster_found_twice_stays_once() -> None:
    twice = [np.arange(10), np.arange(3, 12)]
    found = judged(candidates([(0.02, 0.02, 0.02), (0.001, 0.001, 0.001)], twice))
    assert found.row.tolist() == [1]


def test_a_cluster_that_the_whole_does_not_confirm_is_dropped() -> None:
    found = judged(candidates([(0.001, 0.001, 0.001)], [np.arange(10)], [np.zeros(N)]))
    assert len(found.row) == 0
    assert (found.cluster == -1).all()


def test_most_of_what_was_tested_must_be_left_when_everything_is_weighed() -> None:
    members, weight = np.arange(10), np.zeros(N)
    weight[6:30] = 0.9
    assert len(judged(candidates([(0.001, 0.001, 0.001)], [members], [weight])).row) == 0
    weight[5] = 0.9
    assert len(judged(candidates([(0.001, 0.001, 0.001)], [members], [weight])).row) == 1


def test_no_candidate_no_finding() -> None:
    found = judged(candidates([]))
    assert found.verdict == ()
    assert found.row.shape == found.stability.shape == found.cluster_score.shape == (0,)
    assert (found.cluster == -1).all()
    assert (found.membership == 0.0).all()
    likely = PRIOR * (1.0 - np.linspace(0.01, 1.0, N))
    lift = likely / (1.0 - likely) / (PRIOR / (1.0 - PRIOR))
    assert found.score == pytest.approx(lift / (1.0 + lift))
    assert found.score.max() < 0.5, "who stands alone has shown nothing of the claim"


def test_members_score_above_who_leans_to_them_and_these_above_who_stands_alone() -> None:
    found = judged(candidates([(0.001, 0.001, 0.001)]))
    member, leaning, alone = found.score[:10], found.score[10], found.score[11:]
    assert (member == member[0]).all()
    assert alone.max() < 0.5 < leaning < member[0] < found.cluster_score[0]
    assert found.membership[10] == 0.0, "who leans to a cluster is not in it"
    assert found.score.min() >= 0.0
    assert found.score.max() <= 1.0


def test_a_claim_that_cannot_be_made_scores_what_one_does_that_shows_nothing() -> None:
    shown, idle, nothing = (
        judged(candidates([p])).cluster_score[0]
        for p in ((0.001, 0.001, 0.001), (0.9, 0.4, 0.9), (NAN, 0.001, 0.001))
    )
    assert shown == pytest.approx(1.0 - false_at_least(np.array(0.001), 0.5))
    assert idle == pytest.approx(0.5)
    assert 0.49 < nothing < 0.5


def test_stability_is_the_share_that_comes_back() -> None:
    """A path of ten breaks when one is left out, a clique does not."""
    found = candidates([(0.001, 0.001, 0.001)])
    full = np.array([[b for b in range(10) if b != a] for a in range(10)], dtype=np.int32)
    partner = np.full((N, 9), -1, dtype=np.int32)
    partner[:10] = full
    clique = Neighbours(partner, np.where(partner >= 0, 5.0, -np.inf))
    broken = judged(found).stability[0]
    whole = judge(found, clique, 0.05, np.random.default_rng(1), RecordingJob()).stability[0]
    assert 0.0 <= broken < whole <= 1.0
    assert whole >= 0.9


def test_a_planted_campaign_is_judged_and_handed_to_its_members() -> None:
    made, found = detected(1)
    first, second = (
        judge(found, made.content.neighbours, 0.05, np.random.default_rng(5), RecordingJob())
        for _ in range(2)
    )
    assert first.verdict[0] is Verdict.MULTI_AXIS
    held = (first.cluster == 0) & (first.membership >= MEMBERSHIP_THRESHOLD)
    assert made.harvester[held].mean() >= 0.95
    assert held[made.harvester].mean() >= 0.9
    assert ((first.stability >= 0) & (first.stability <= 1)).all()
    assert first.stability[0] >= 0.8
    assert first.score[made.harvester].min() > np.median(first.score[~made.harvester])
    for name in ("cluster", "membership", "score", "stability"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()
