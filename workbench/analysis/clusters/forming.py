"""Clusters form: from neighbourhoods of content that surprise, and from groups that share values.

Either way what forms is grown by membership, and either way the same is done in worlds where
bundles were dealt out anew: that says how often chance forms as much. Content is not tested here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.domain.signal import Axis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.bench import Bench
    from workbench.analysis.clusters.membership import Membership
    from workbench.analysis.clusters.worlds import Worlds
    from workbench.domain.progress import JobContext

    #: Entities that formed a cluster, and its members as grown; both ascending.
    Look = tuple[NDArray[np.int64], NDArray[np.int64]]

#: Null clusters asked for a candidate. The best of m reaches q = .05 from 40 m - 1 on when no
#: null cluster is as extreme; twice as many let one be.
NULLS_EACH: Final = 80
#: Looks at null groups at first, the p at or below which more are taken, and how many then. What
#: cannot be claimed may still be ranked, so that more than what could be is tested on.
_FIRST: Final = 120
SURPRISING: Final = 0.1
_NULLS: Final = 600
#: Share of the smaller of two clusters that the other one has: then they are the same.
SAME: Final = 0.5


@dataclass(frozen=True, slots=True)
class Formed:
    """Clusters of one kind of start, and how often chance forms as much.

    Attributes:
        formed: Entities that each started from, ascending.
        members: Entities of each as grown, ascending.
        p: Axis on which clusters form -> f64[K].
        any_p: f64[K], on one of these axes at least.
        others: Members of clusters that did not surprise: looked at, and not tested on.
        n_looks: Starts, those included that came to nothing or to the same.
        n_null: Null clusters behind each p; 0 where there was nothing to compare.
        null: f64[S,N] z of null clusters that came to something, where more may be needed.
        n_worlds: Worlds behind these.
        n_grown: Looks of these worlds.
    """

    formed: tuple[NDArray[np.int64], ...]
    members: tuple[NDArray[np.int64], ...]
    p: Mapping[Axis, NDArray[np.float64]]
    any_p: NDArray[np.float64]
    others: tuple[NDArray[np.int64], ...]
    n_looks: int
    n_null: int
    null: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))
    n_worlds: int = 0
    n_grown: int = 0


def flagged_clusters(
    worlds: Worlds,
    growth: Membership,
    bench: Bench,
    components: Sequence[NDArray[np.int64]],
    job: JobContext,
) -> Formed:
    """Clusters that begin with neighbours of like content.

    Args:
        worlds: Make the null clusters.
        growth: Grows a component.
        bench: Measures what grew.
        components: From ``communities.flagged_components``.
        job: Progress and cancellation.
    """
    looks = [look for component in components for look in growth.clusters(component, worlds.edges)]
    found = _first_of_each(looks)
    members = tuple(members for _, members in found)
    untested = tuple(formed for formed, _ in found), members, *_no_p(worlds)
    formed = Formed(*untested, (), len(looks), 0)
    return with_nulls(formed, len(looks), worlds, growth, bench, job, 0.1)


def with_nulls(
    formed: Formed,
    n_sharing: int,
    worlds: Worlds,
    growth: Membership,
    bench: Bench,
    job: JobContext,
    done: float,
) -> Formed:
    """Clusters of flagged neighbours, tested on as many null clusters as share the level.

    A p from too few null clusters cannot reach a level that several share, however extreme the
    cluster is. How many are taken may depend on what the others show, never on the clusters
    themselves: then p stays exact.

    Args:
        formed: From ``flagged_clusters``, or from here.
        n_sharing: Looks that share the level.
        worlds: Make the null clusters.
        growth: Grows them.
        bench: Measures them.
        job: Progress and cancellation.
        done: Progress so far; this takes .4.
    """
    wanted = NULLS_EACH * n_sharing - 1
    if not formed.members or formed.n_null >= wanted:
        return formed
    forming = worlds.bundles.forms_by
    dealt, n_grown = worlds.null_clusters(
        growth, wanted - formed.n_null, job, done, used=formed.n_worlds
    )
    more = [bench.measure(one, carrier, forming)[1] for carrier, one in dealt]
    null = np.concatenate([formed.null, *more] if formed.n_worlds else more, axis=1)
    n_grown, n_worlds = formed.n_grown + n_grown, formed.n_worlds + len(dealt)
    n_null = max(n_grown, n_worlds)
    z = bench.measure(formed.members, np.arange(worlds.bundles.n_entities))[1]
    return replace(
        formed,
        p={axis: bench.p(axis, null, z, n_null) for axis in forming},
        any_p=bench.p_of_any(forming, null, z, n_null),
        n_null=n_null,
        null=null,
        n_worlds=n_worlds,
        n_grown=n_grown,
    )


def tied_clusters(
    worlds: Worlds,
    growth: Membership,
    bench: Bench,
    known: Sequence[NDArray[np.int64]],
    groups: Sequence[NDArray[np.int64]],
    job: JobContext,
) -> Formed:
    """Clusters that begin with what is shared.

    Where accounts ask little, or hide half of it in ordinary prompts, no neighbourhood surprises.
    What an operator's accounts share still gathers some of them, among strangers who share networks
    and cards by chance and too few to be seen there; but growth from several such groups leads to
    the same cluster where there is one.

    In two steps, as a sequential Monte Carlo test goes on only where it may still reject (Besag and
    Clifford 1991): a few worlds say what may surprise, more say how much. Those whose p stays above
    ``SURPRISING`` at first are never claimed, so that their p needs no second step. Of looks that
    came to the same one is kept, here and in every world, so that each stands for itself.

    Args:
        worlds: Make the null groups.
        growth: Grows a group.
        bench: Measures what grew.
        known: Members of clusters that need no second look.
        groups: From ``communities.tied_groups``.
        job: Progress and cancellation.
    """
    grown = []
    for group in groups:
        job.check()
        grown.append((group, growth.grown(group)))
    found = [
        (group, members)
        for group, members in _likest_of_each(growth, grown)
        if not any(is_same(members, other) for other in known)
    ]
    forming = worlds.bundles.forms_by
    if not found:
        return Formed((), (), *_no_p(worlds), (), len(groups), 0)
    z = bench.measure([members for _, members in found], np.arange(worlds.bundles.n_entities))[1]
    null: list[NDArray[np.float64]] = []

    def nulls(wanted: int) -> tuple[NDArray[np.float64], int]:
        while len(null) * len(groups) < wanted:
            job.report(
                "Growing null clusters", done=0.4, count=len(null) * len(groups), total=wanted,
                unit="null clusters",
            )  # fmt: skip
            carrier, clusters = worlds.null_growth(growth, groups, job)
            # The same choice is made there.
            chosen = _likest_of_each(growth, [(members, members) for members in clusters])
            null.append(bench.measure([members for _, members in chosen], carrier, forming)[1])
        return np.concatenate(null, axis=1), len(null) * len(groups)

    every, n_null = nulls(_FIRST)
    surprising = bench.p(Axis.COORDINATION, every, z, n_null) <= SURPRISING
    if surprising.any():
        every, n_null = nulls(_NULLS)
    return Formed(
        formed=tuple(found[row][0] for row in np.flatnonzero(surprising)),
        members=tuple(found[row][1] for row in np.flatnonzero(surprising)),
        p={axis: bench.p(axis, every, z[:, surprising], n_null) for axis in forming},
        any_p=bench.p_of_any(forming, every, z[:, surprising], n_null),
        others=tuple(found[row][1] for row in np.flatnonzero(~surprising)),
        n_looks=len(groups),
        n_null=n_null,
    )


def _no_p(worlds: Worlds) -> tuple[dict[Axis, NDArray[np.float64]], NDArray[np.float64]]:
    """Fields ``p`` and ``any_p`` of what was not tested."""
    return dict.fromkeys(worlds.bundles.forms_by, np.zeros(0)), np.zeros(0)


def is_same(one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    """Whether two clusters (entities, each once) are two looks at the same."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared > SAME * min(len(one), len(other))


def _first_of_each(looks: Sequence[Look]) -> list[Look]:
    """Without what came to nothing, or to the same as an earlier look."""
    found: list[Look] = []
    for formed, members in looks:
        if len(members) and not any(is_same(members, other) for _, other in found):
            found.append((formed, members))
    return found


def _likest_of_each(growth: Membership, looks: Sequence[Look]) -> list[Look]:
    """Of the looks that came to the same, the one that what is asked speaks for most, likest first.

    Told by the half that forms. Chosen by how extreme it is on the axis that is tested, its p would
    be the least of several.
    """
    grown = [look for look in looks if len(look[1])]
    alike = np.zeros(len(grown))
    for number, (_, members) in enumerate(grown):
        weight = np.zeros(growth.n_entities)
        weight[members] = 1.0
        alike[number] = growth.of_content(members, weight).sum()
    return _first_of_each([grown[number] for number in np.argsort(-alike, kind="stable").tolist()])
