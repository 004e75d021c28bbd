"""From evidence to tested clusters: form them, make null clusters, and compare.

1. Flag entities whose neighbourhoods are extraordinary; grow their components by membership.
2. The axes that form them (coordination, where the log shows any) are tested against clusters
   that form in worlds where bundles were dealt out anew.
3. The other axes are tested against like-minded groups: as many entities that ask as much alike,
   and that nothing suspects. They are real people with their real habits.

Sample splitting: content half A and the forming axes form and grow, content half B tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.bench import Bench
from workbench.analysis.clusters.calibrate import (
    Effects,
    across_axes,
    both_discovered,
    conformal,
    other_axes,
)
from workbench.analysis.clusters.communities import (
    flagged_components,
    interest_groups,
    pool_neighbourhoods,
    tied_groups,
)
from workbench.analysis.clusters.membership import Membership
from workbench.analysis.clusters.tied import tied_clusters
from workbench.analysis.clusters.worlds import Worlds
from workbench.domain.signal import Axis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.evidence import Bundles, Content
    from workbench.analysis.clusters.measures import Statistic
    from workbench.domain.progress import JobContext

#: Worlds from which the surprise of a neighbourhood is learnt.
LEARNING: Final = 8
#: Null clusters asked for a candidate. The best of m reaches q = .05 from 40 m - 1 on when no
#: null cluster is as extreme; twice as many let one be.
NULLS_EACH: Final = 80
#: Like-minded groups asked for each candidate, for every candidate there is.
LIKE_MINDED_EACH: Final = 40
#: Least of them: enough to show each measure's tail, and for one accident among them.
LIKE_MINDED_LEAST: Final = 199
#: At or below this p on an axis that forms, a candidate's members are no longer taken for
#: ordinary.
SUSPECT: Final = 0.05
#: As many times as a suspected cluster has members, those that ask most alike are left out too.
_WITH: Final = 2
#: Share of the smaller of two clusters that the other one has: then they are the same.
SAME: Final = 0.5
#: Resolution of interest groups: who somebody else may be; whose spread is ordinary.
_BROAD: Final = 0.3
_NARROW: Final = 4.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """Formed and tested clusters of one run.

    Attributes:
        formed: Entities of each as flagged, or of the group it grew from, ascending.
        members: Entities of each as grown and tested, ascending.
        statistics: Rows of ``z`` and ``effects``.
        effects: Of shape (statistics, clusters).
        z: f64[statistics, clusters], standardised by how ordinary groups differ.
        p: Axis -> f64[clusters]; NaN = not assessed.
        combined: f64[clusters], p of content and one other axis.
        q: f64[clusters] false discovery rate of the claim, over all looks.
        compared: Null clusters, or groups, behind each p of an axis; the fewest of any candidate.
        n_looks: Looks at components and at groups that share something, those included that came
            to nothing or to the same.
        tied: Whether each grew from a group that shares something, not from what was flagged.
        forms_by: Axes on which they formed, tested against null clusters; others against groups.
        surprise: f64[E] nats, of every entity's neighbourhood.
        own_p: f64[E], how often a neighbourhood surprises as much where content does not matter.
        groups: Narrow interest groups of the whole population.
        growth: Weighs entities by the half that forms.
        membership: Weighs entities by everything.
    """

    formed: tuple[NDArray[np.int64], ...]
    members: tuple[NDArray[np.int64], ...]
    statistics: tuple[Statistic, ...]
    effects: Effects
    z: NDArray[np.float64]
    p: dict[Axis, NDArray[np.float64]]
    combined: NDArray[np.float64]
    q: NDArray[np.float64]
    compared: Mapping[Axis, int]
    n_looks: int
    tied: tuple[bool, ...]
    forms_by: tuple[Axis, ...]
    surprise: NDArray[np.float64]
    own_p: NDArray[np.float64]
    groups: tuple[NDArray[np.int64], ...]
    growth: Membership
    membership: Membership

    @property
    def n_null(self) -> int:
        """The fewest of ``compared``."""
        return min(self.compared.values())


def detect(
    content: Content, bundles: Bundles, random: np.random.Generator, seed: int, job: JobContext
) -> Candidates:
    """Form and test clusters.

    Args:
        content: What accounts asked.
        bundles: Everything else.
        random: For the worlds and the like-minded groups.
        seed: For the interest groups.
        job: Progress and cancellation.
    """
    everybody = np.arange(bundles.n_entities)
    job.report("Forming clusters", done=0.1)
    worlds = Worlds.learn(content.neighbours, bundles, random, LEARNING)
    surprise = worlds.surprise
    surprised = surprise.of(pool_neighbourhoods(content.neighbours, bundles, everybody))
    components = flagged_components(worlds.edges, surprised, surprise.threshold)
    job.check()
    broad = interest_groups(content.neighbours, seed, _BROAD)
    growth, membership = (
        Membership(content, bundles, broad, worlds.carriers, profiles, everything=last)
        for profiles, last in ((content.first, False), (content.whole, True))
    )
    looks = [look for component in components for look in growth.clusters(component, worlds.edges)]
    formed, members = _distinct(looks, bundles.n_entities)
    bench = Bench(content, bundles, broad, interest_groups(content.neighbours, seed, _NARROW))
    forming = bundles.forms_by
    wanted = max(NULLS_EACH * len(looks) - 1, 0)
    compared = dict.fromkeys(Axis, wanted)
    n_flagged = len(members)
    p_flagged = {axis: np.full(n_flagged, np.nan) for axis in forming}
    if members:
        found, n_null = worlds.null_clusters(growth, wanted, job, 0.1)
        null = np.concatenate([bench.measure(one, dealt)[1] for dealt, one in found], axis=1)
        flagged = bench.measure(members, everybody)[1]
        p_flagged = {axis: bench.p(axis, null, flagged, n_null) for axis in forming}
        compared.update(dict.fromkeys(forming, n_null))
    # What was flagged and is suspected already needs no second look.
    known = [
        group
        for number, group in enumerate(members)
        if min(p_flagged[axis][number] for axis in forming) <= SUSPECT
    ]
    tied = tied_clusters(worlds, growth, bench, known, tied_groups(bundles.pairs, seed), job)
    formed, members = [*formed, *tied.formed], [*members, *tied.members]
    if tied.members:
        least = min(n_null, tied.n_null) if n_flagged else tied.n_null
        compared.update(dict.fromkeys(forming, least))
    effects, z = bench.measure(members, everybody)
    p = {axis: np.full(len(members), np.nan) for axis in Axis}
    for axis in forming:
        p[axis] = np.concatenate([p_flagged[axis], tied.p[axis]])
    paid = np.zeros(0)
    if members:
        each = max(LIKE_MINDED_EACH * (len(looks) + len(tied.members)) - 1, LIKE_MINDED_LEAST)
        tested = [axis for axis in Axis if axis not in forming]
        compared.update(dict.fromkeys(tested, each))
        linked = np.fmin.reduce([p[axis] for axis in forming])
        everyone = np.ones(bundles.n_entities, dtype=np.bool_)
        trusted = everyone.copy()
        for number in np.flatnonzero(linked <= SUSPECT).tolist():
            # Who asks most alike is no reference either: it may be the rest of the cluster.
            most = min(_WITH * len(members[number]), bundles.n_entities // 10)
            alike = growth.like_minded(members[number], most, everyone)
            trusted[members[number]] = trusted[alike] = False
        for number, group in enumerate(members):
            # As large as the cluster: the closer a few are chosen, the more they are alike.
            done = 0.6 + 0.3 * number / len(members)
            groups = worlds.like_minded(growth, trusted, len(group), each, job, done)
            ordinary = bench.measure(groups, everybody)[1]
            for axis in tested:
                compared[axis] = min(compared[axis], len(groups))
                own = slice(number, number + 1)
                p[axis][own] = bench.p(axis, ordinary, z[:, own], len(groups))
        if tied.members and tied.others:
            # What did not surprise is not tested on, but it might have been rejected, and is paid.
            size = int(np.median([len(group) for group in tied.others]))
            groups = worlds.like_minded(growth, trusted, size, LIKE_MINDED_LEAST, job, 0.9)
            ordinary = bench.measure(groups, everybody)[1]
            other = bench.measure(tied.others, everybody)[1]
            paid = bench.p(Axis.CONTENT, ordinary, other, len(groups))
    combined = across_axes(p[Axis.CONTENT], p[Axis.AUTOMATION], p[Axis.COORDINATION])
    others = other_axes(p[Axis.AUTOMATION], p[Axis.COORDINATION])
    n_looks = len(looks) + tied.n_looks
    # What came to nothing, or to the same, was looked at all the same.
    nothing = np.ones(n_looks - len(members) - len(paid))
    content_p = np.concatenate([p[Axis.CONTENT], paid, nothing])
    others_p = np.concatenate([others, np.ones(len(paid)), nothing])
    flat = np.sort(np.concatenate([surprise.of(world) for world in worlds.pooled]))
    return Candidates(
        formed=tuple(formed),
        members=tuple(members),
        statistics=bench.statistics,
        effects=effects,
        z=z,
        p=p,
        combined=combined,
        q=both_discovered(content_p, others_p)[: len(members)],
        compared=compared,
        n_looks=n_looks,
        tied=(False,) * n_flagged + (True,) * len(tied.members),
        forms_by=forming,
        surprise=surprised,
        own_p=conformal(flat, surprised),
        groups=bench.groups,
        growth=growth,
        membership=membership,
    )


def _distinct(
    looks: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], n: int
) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """What formed and what it grew to, without what came to nothing or to the same."""
    formed: list[NDArray[np.int64]] = []
    members: list[NDArray[np.int64]] = []
    for component, group in looks:
        held = np.zeros(n, dtype=np.bool_)
        held[group] = True
        same = any(held[other].sum() > SAME * min(len(group), len(other)) for other in members)
        if len(group) and not same:
            formed.append(component)
            members.append(group)
    return formed, members
