"""From tested candidates to clusters: who belongs where, which verdict, which score.

A candidate that is the same cluster found twice is dropped. A verdict belongs to the cluster as
it was tested, on one half; membership, weighed by everything, says to whom it is handed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.apart import compete, operators
from workbench.analysis.clusters.calibrate import false_at_least, false_discovery
from workbench.analysis.clusters.communities import flagged_components
from workbench.analysis.clusters.forming import SAME
from workbench.analysis.clusters.membership import EVIDENCE
from workbench.domain.finding import MEMBERSHIP_THRESHOLD, Verdict
from workbench.domain.signal import Axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.detect import Candidates
    from workbench.analysis.clusters.graph import Neighbours
    from workbench.analysis.clusters.membership import Weighed
    from workbench.domain.progress import JobContext

#: Below this an entity is not said to stand near a cluster at all.
NEAR: Final = 0.25
#: Resamples for the stability of a cluster, and the share of entities that each keeps.
RESAMPLES: Final = 20
KEPT: Final = 0.8
#: How likely a candidate is held to be one operator before it is looked at.
PRIOR: Final = 0.1


@dataclass(frozen=True, slots=True)
class Judged:
    """Clusters that stay, best first. K clusters, E entities.

    Attributes:
        row: Candidate of each cluster, i64[K].
        cluster: i32[E], -1 for none.
        membership: f64[E] in [0, 1]; 0 for none.
        score: f64[E] in [0, 1]; .5 = as likely as before anything was looked at.
        evidence: f64[5, E] nats, rows as ``membership.EVIDENCE``: what speaks for belonging to the
            cluster, or against; NaN for who is in none.
        verdict: Of each cluster.
        cluster_score: f64[K] likewise.
        stability: f64[K] in [0, 1].
    """

    row: NDArray[np.int64]
    cluster: NDArray[np.int32]
    membership: NDArray[np.float64]
    score: NDArray[np.float64]
    evidence: NDArray[np.float64]
    verdict: tuple[Verdict, ...]
    cluster_score: NDArray[np.float64]
    stability: NDArray[np.float64]


def judge(
    found: Candidates,
    neighbours: Neighbours,
    q: float,
    random: np.random.Generator,
    job: JobContext,
    *,
    threads: int = 1,
) -> Judged:
    """Keep, judge and score the candidates.

    Args:
        found: Formed and tested.
        neighbours: From which they were formed.
        q: Level of false discovery.
        random: For the deals and the resamples.
        job: Cancellation.
        threads: On which deals are divided side by side; never changes a result.
    """
    n = len(found.surprise)
    least = np.array([_least_p(found, number) for number in range(len(found.members))])
    order = np.lexsort((np.arange(len(least)), -_sizes(found), least, _or_one(found.combined)))
    taken = np.zeros(n, dtype=np.bool_)
    kept: list[_Look] = []
    weights: list[Weighed] = []
    looks = _told_apart(found, order, _owners(found, order, q), random, job, threads)
    owner = np.full(n, -1, dtype=np.int64)
    for at, look in enumerate(looks):
        owner[look.owned] = at
    verdicts = _verdicts(found, q)
    for at, look in enumerate(looks):
        members = look.members
        better = {one.number for one in kept} - {look.number}
        if taken[members].mean() > SAME or any(_holds(found, look.number, one) for one in better):
            continue
        weighed = found.membership.weighed(members, allowed=(owner < 0) | (owner == at))
        bound = weighed.likely >= MEMBERSHIP_THRESHOLD
        # What was tested must still be there when everything is weighed, or nothing was; and what
        # was another look at a better cluster is that cluster once everything is weighed.
        if bound[members].mean() < SAME or taken[bound].mean() > SAME:
            continue
        kept.append(look)
        weights.append(weighed)
        taken[members] = True
        taken |= bound
    row = np.array([look.number for look in kept], dtype=np.int64)
    cluster_score = np.array([_score_of(found, number) for number in row.tolist()])
    cluster = np.full(n, -1, dtype=np.int32)
    membership, handed = np.zeros(n), np.zeros(n)
    evidence = np.full((len(EVIDENCE), n), np.nan)
    for number, weighed in enumerate(weights):
        # The better cluster comes first: a tie stays with it.
        nearer = (weighed.likely >= NEAR) & (weighed.likely > membership)
        cluster[nearer], membership[nearer] = number, weighed.likely[nearer]
        evidence[:, nearer] = weighed.evidence[:, nearer]
        share = np.maximum(weighed.likely, weighed.leaning)
        handed = np.maximum(handed, cluster_score[number] * share)
    # Who stands alone has nobody to act as one with: no more than a cluster that shows nothing.
    own = PRIOR * (1.0 - found.own_p)
    return Judged(
        row,
        cluster,
        membership,
        _lifted(np.fmax(own, handed)),
        evidence,
        tuple(verdicts[number] for number in row.tolist()),
        _lifted(cluster_score),
        _stability(found, kept, neighbours, random, job),
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """A candidate, or one operator of it.

    Attributes:
        number: Of the candidate.
        members: Entities to begin with, ascending.
        owned: Those of them that no other look gets.
    """

    number: int
    members: NDArray[np.int64]
    owned: NDArray[np.int64]


def _told_apart(
    found: Candidates,
    order: NDArray[np.int64],
    owner: NDArray[np.int64],
    random: np.random.Generator,
    job: JobContext,
    threads: int,
) -> list[_Look]:
    """The candidates, best first; those that own their members compete and are divided.

    A candidate that turns out to be two operators was tested as one, and its verdict is of both.
    """
    owned = {
        number: np.flatnonzero(owner == number)
        for number in order.tolist()
        if (owner == number).any()
    }
    rivals = compete(found.membership, list(owned.values())) if len(owned) > 1 else []
    settled = dict(zip(owned, rivals, strict=True)) if rivals else owned
    looks = []
    for number in order.tolist():
        members = found.members[number]
        if number not in owned:
            looks.append(_Look(number, members, members[:0]))
            continue
        mine = settled[number]
        if not np.array_equal(mine, owned[number]):
            members = mine
        others = [settled[one] for one in owned if one != number]
        free = ~np.isin(np.arange(len(owner)), np.concatenate([members[:0], *others]))
        likely = found.membership.of(members, allowed=free)
        bound = np.flatnonzero(likely >= MEMBERSHIP_THRESHOLD)
        parts = operators(found.membership, bound, random, job, threads=threads)
        if len(parts) == 1:
            looks.append(_Look(number, members, mine))
        else:
            looks += [_Look(number, part, part) for part in parts]
    return looks


def _owners(found: Candidates, order: NDArray[np.int64], q: float) -> NDArray[np.int64]:
    """i64[E]: the multi-axis candidate that was tested with each entity, -1 for none.

    Two operators at work at once are alike in much: whom one was tested with, the other does not
    get, or its traits would be learnt from both. The better candidate comes first.
    """
    owner = np.full(len(found.surprise), -1, dtype=np.int64)
    for number in order.tolist():
        members = found.members[number]
        free = owner[members] < 0
        better = np.unique(owner[members[~free]]).tolist()
        again = any(_holds(found, number, one) for one in better)
        if found.q[number] <= q and free.mean() >= SAME and not again:
            owner[members[free]] = number
    return owner


def _holds(found: Candidates, number: int, better: int) -> bool:
    """Whether most of a better candidate is part of this one: then it is the same, less sharply."""
    return bool(np.isin(found.members[better], found.members[number]).mean() > SAME)


def _verdicts(found: Candidates, q: float) -> tuple[Verdict, ...]:
    """Multi-axis where content and one other axis pass at q; triage where one does.

    What came to nothing was looked at all the same.
    """
    n = len(found.members)
    nothing = np.ones(found.n_looks - n)
    alone = np.full(n, np.inf)
    for axis in Axis:
        p = np.concatenate([_or_one(found.p[axis]), nothing])
        alone = np.fmin(alone, false_discovery(p)[:n])
    others = (Axis.AUTOMATION, Axis.COORDINATION)
    verdicts = []
    for number in range(n):
        known = not np.isnan(found.p[Axis.CONTENT][number]) and not all(
            np.isnan(found.p[axis][number]) for axis in others
        )
        if known and found.q[number] <= q:
            verdicts.append(Verdict.MULTI_AXIS)
        elif alone[number] <= q:
            verdicts.append(Verdict.TRIAGE)
        else:
            verdicts.append(Verdict.NO_FINDING if known else Verdict.NOT_ASSESSED)
    return tuple(verdicts)


def _stability(
    found: Candidates,
    kept: Sequence[_Look],
    neighbours: Neighbours,
    random: np.random.Generator,
    job: JobContext,
) -> NDArray[np.float64]:
    """How much of each cluster comes back when entities are left out at random, f64[K].

    Bootstrap co-membership without replacement: in each resample of 80 % of the entities the
    cluster is formed and grown anew, and the share of its remaining members that are found again
    is taken; the mean over the resamples.
    """
    n = len(found.surprise)
    if not kept:
        return np.zeros(0)
    # Strictly above the threshold: the least surprising formed member must stay in.
    least = [
        found.surprise[found.formed[one.number]].min() for one in kept if not found.tied[one.number]
    ]
    threshold = np.nextafter(min(least, default=np.inf), -1)
    edges = neighbours.edges()[:2]
    again = np.zeros((RESAMPLES, len(kept)))
    for turn in range(RESAMPLES):
        chosen = random.random(n) < KEPT
        parts = flagged_components(edges, found.surprise, threshold, chosen)
        for at, look in enumerate(kept):
            job.check()
            number, members, formed = look.number, look.members, np.zeros(n, dtype=np.bool_)
            formed[found.formed[number]] = True
            left = members[chosen[members]]
            if found.tied[number]:
                group = np.flatnonzero(formed & chosen)
                looks = [(group, found.growth.grown(group, allowed=chosen))]
            else:
                part = max(parts, key=lambda part: int(formed[part].sum()), default=members[:0])
                looks = (
                    found.growth.clusters(part, edges, allowed=chosen) if formed[part].any() else []
                )
            if len(left):
                again[turn, at] = max(
                    (np.isin(left, grown).mean() for _, grown in looks), default=0
                )
    stability: NDArray[np.float64] = again.mean(axis=0)
    return stability


def _score_of(found: Candidates, number: int) -> float:
    """How likely the claim is at most; where it cannot be made, what the best axis leaves."""
    combined = _or_one(found.combined)[number]
    if combined < 1.0:
        return 1.0 - float(false_at_least(combined, PRIOR))
    return PRIOR * (1.0 - _least_p(found, number))


def _lifted(likely: NDArray[np.float64]) -> NDArray[np.float64]:
    """B / (1 + B), B the odds over those before: the order stays, .5 is nothing learnt."""
    gained = likely * (1.0 - PRIOR)
    found: NDArray[np.float64] = gained / (gained + (1.0 - likely) * PRIOR)
    return found


def _least_p(found: Candidates, number: int) -> float:
    return float(min(_or_one(found.p[axis])[number] for axis in Axis))


def _or_one(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """An axis that is not assessed counts as 1."""
    return np.where(np.isnan(p), 1.0, p)


def _sizes(found: Candidates) -> NDArray[np.int64]:
    return np.array([len(members) for members in found.members], dtype=np.int64)
