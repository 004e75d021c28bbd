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

from workbench.analysis.clusters.calibrate import (
    Effects,
    across_axes,
    both_discovered,
    cauchy_mean,
    conformal,
    other_axes,
    robust_spread,
    upper_tail,
)
from workbench.analysis.clusters.communities import (
    flagged_components,
    interest_groups,
    pool_neighbourhoods,
)
from workbench.analysis.clusters.measures import Ruler
from workbench.analysis.clusters.membership import Membership
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
#: Ordinary groups vary at least this much (standard deviation), however few there are.
_LEAST_SPREAD: Final = {"one_source": 0.25, "interchange": 0.02}
_LEAST_OTHERS: Final = 0.1
#: The tail by which measures are made comparable (the quantile, what a standard normal has there),
#: and how many groups show it.
_TAIL, _TAIL_Z, _TAIL_NEEDS = 0.98, 2.054, 50
#: Those that measure the claim itself, that prompts come off one list, weigh more than those that
#: measure what may go with it (the same wordings, kinds of elicitation).
_WEIGHTS: Final = {"one_source": 4.0, "source_in_part": 4.0, "interchange": 4.0}
#: Least width of a tail, in z: what hardly varies is not blown up.
_SHORTEST: Final = 0.3
#: Resolution of interest groups: who somebody else may be; whose spread is ordinary.
_BROAD: Final = 0.3
_NARROW: Final = 4.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """Formed and tested clusters of one run.

    Attributes:
        formed: Entities of each as flagged, ascending.
        members: Entities of each as grown and tested, ascending.
        statistics: Rows of ``z`` and ``effects``.
        effects: Of shape (statistics, clusters).
        z: f64[statistics, clusters], standardised by how ordinary groups differ.
        p: Axis -> f64[clusters]; NaN = not assessed.
        combined: f64[clusters], p of content and one other axis.
        q: f64[clusters] false discovery rate of the claim, over all looks.
        compared: Null clusters, or groups, behind each p of an axis; the fewest of any candidate.
        n_looks: Looks at components, those included that came to nothing or to the same.
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
    bench = _Bench(content, bundles, broad, interest_groups(content.neighbours, seed, _NARROW))
    effects, z = bench.measure(members, everybody)
    p = {axis: np.full(len(members), np.nan) for axis in Axis}

    forming = bundles.forms_by
    wanted = max(NULLS_EACH * len(looks) - 1, 0)
    compared = dict.fromkeys(Axis, wanted)
    if members:
        found, n_null = worlds.null_clusters(growth, wanted, job, 0.2)
        null = [bench.measure(groups, carrier)[1] for carrier, groups in found]
        compared = dict.fromkeys(Axis, max(LIKE_MINDED_EACH * len(looks) - 1, LIKE_MINDED_LEAST))
        for axis in forming:
            compared[axis] = n_null
            p[axis] = bench.p(axis, np.concatenate(null, axis=1), z, n_null)
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
            each = max(LIKE_MINDED_EACH * len(looks) - 1, LIKE_MINDED_LEAST)
            groups = worlds.like_minded(growth, trusted, len(group), each, job, done)
            ordinary = bench.measure(groups, everybody)[1]
            for axis in Axis:
                if axis not in forming:
                    compared[axis] = min(compared[axis], len(groups))
                    own = slice(number, number + 1)
                    p[axis][own] = bench.p(axis, ordinary, z[:, own], len(groups))
    combined = across_axes(p[Axis.CONTENT], p[Axis.AUTOMATION], p[Axis.COORDINATION])
    others = other_axes(p[Axis.AUTOMATION], p[Axis.COORDINATION])
    # What came to nothing, or to the same, was looked at all the same.
    nothing = np.ones(len(looks) - len(members))
    flat = np.sort(np.concatenate([surprise.of(world) for world in worlds.pooled]))
    return Candidates(
        formed=tuple(formed),
        members=tuple(members),
        statistics=bench.statistics,
        effects=effects,
        z=z,
        p=p,
        combined=combined,
        q=both_discovered(np.append(p[Axis.CONTENT], nothing), np.append(others, nothing))[
            : len(members)
        ],
        compared=compared,
        n_looks=len(looks),
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


class _Bench:
    """Measures clusters, null clusters and like-minded groups alike.

    Args:
        content: What entities asked.
        bundles: Everything else.
        interests: Broad interest groups: who somebody else may be.
        groups: Narrow interest groups: how ordinary groups differ anyway.
    """

    def __init__(
        self,
        content: Content,
        bundles: Bundles,
        interests: Sequence[NDArray[np.int64]],
        groups: Sequence[NDArray[np.int64]],
    ) -> None:
        self.groups = tuple(groups)
        self._ruler = Ruler(content, bundles, interests)
        self.statistics = self._ruler.statistics
        ordinary = self._ruler.measure(groups, [np.arange(bundles.n_entities)] * len(groups))
        self._spreads = [
            robust_spread(
                Effects(ordinary.size[row], ordinary.variance[row]),
                floor=_LEAST_SPREAD.get(statistic.name, _LEAST_OTHERS) ** 2,
            )
            for row, statistic in enumerate(self.statistics)
        ]

    def measure(
        self, groups: Sequence[NDArray[np.int64]], carrier: NDArray[np.int64]
    ) -> tuple[Effects, NDArray[np.float64]]:
        """Effects and z of groups of one world, f64[S,G] each."""
        effects = self._ruler.measure(groups, [carrier] * len(groups))
        z = np.full_like(effects.size, np.nan)
        for row, spread in enumerate(self._spreads):
            z[row] = spread.z(Effects(effects.size[row], effects.variance[row]))
        return effects, z

    def p(
        self, axis: Axis, null: NDArray[np.float64], z: NDArray[np.float64], n: int
    ) -> NDArray[np.float64]:
        """Conformal p of every candidate on one axis.

        Args:
            axis: Which.
            null: f64[S,N] z of null clusters that came to something.
            z: f64[S,K] of the candidates.
            n: Null clusters that were looked at; the others are extreme in nothing.
        """
        rows = [row for row, one in enumerate(self.statistics) if one.axis is axis]
        weight = np.array([_WEIGHTS.get(self.statistics[row].name, 1.0) for row in rows])
        found = np.empty(z.shape[1])
        for number in range(z.shape[1]):
            # The candidate helps to say what is usual, as any other group does: p stays exact.
            extreme = _extremity(_by_rank(np.column_stack([z[rows, number], null[rows]])), weight)
            nothing = np.full(max(n - null.shape[1], 0), -np.inf)
            found[number] = conformal(np.append(extreme[1:], nothing), extreme[0])
        return found


def _by_rank(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row centred and scaled so that its upper half is as wide as a standard normal's.

    Groups that were chosen for being alike are alike in many ways, and some ways (grading, a
    guide that many follow) spread further than others: each measure is taken by its own middle
    and its own tail, or those that are large anyway would drown the ones that tell.
    """
    if z.shape[1] < _TAIL_NEEDS:
        return z
    # A row that was not assessed anywhere is NaN and stays it.
    known = np.where(np.isnan(z), -np.inf, z)
    middle, tail = np.quantile(known, [0.5, _TAIL], axis=1, keepdims=True, method="lower")
    with np.errstate(invalid="ignore"):
        found: NDArray[np.float64] = (z - middle) * (_TAIL_Z / np.maximum(tail - middle, _SHORTEST))
    return found


def _extremity(z: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """One number a group, greater is more extreme: -log of the Cauchy mean of the tails."""
    if z.shape[0] == 0:
        return np.full(z.shape[1], np.nan)
    found: NDArray[np.float64] = -np.log(cauchy_mean(upper_tail(z), weight))
    return found
