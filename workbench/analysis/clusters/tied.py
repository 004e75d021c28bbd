"""Clusters that begin with what is shared: growth from groups that hold the same few values.

Where accounts ask little, or keep half of their content ordinary, a neighbourhood of content shows
nothing, and nothing is flagged. What they share still gathers some of an operator's accounts among
strangers who share networks and cards by chance, too few in each group to be seen there; growth
from any such group leads to the same cluster where there is one, and nowhere where there is none.
Every group is grown, here and in worlds where bundles were dealt out anew.
"""

from __future__ import annotations

from dataclasses import dataclass
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

#: Looks at null groups at first, the p at or below which more are taken, and how many then.
_FIRST: Final = 120
SURPRISING: Final = 0.02
_NULLS: Final = 600
#: Share of the smaller of two clusters that the other one has: then they are the same.
_SAME: Final = 0.5


@dataclass(frozen=True, slots=True)
class Tied:
    """What grew from groups that share something.

    Attributes:
        formed: Entities of the group from which each surprising cluster grew, ascending.
        members: Its entities as grown, ascending.
        p: Axis on which clusters form -> f64[K].
        others: Members of the clusters that did not surprise: looked at, and not tested on.
        n_looks: Groups that were grown.
        n_null: Null groups behind each p.
    """

    formed: tuple[NDArray[np.int64], ...]
    members: tuple[NDArray[np.int64], ...]
    p: Mapping[Axis, NDArray[np.float64]]
    others: tuple[NDArray[np.int64], ...]
    n_looks: int
    n_null: int


def tied_clusters(
    worlds: Worlds,
    growth: Membership,
    bench: Bench,
    known: Sequence[NDArray[np.int64]],
    groups: Sequence[NDArray[np.int64]],
    job: JobContext,
) -> Tied:
    """Grow every group and keep what surprises.

    In two steps, as a sequential Monte Carlo test goes on only where it may still reject (Besag and
    Clifford 1991): a few worlds say what may surprise, more say how much. A p of the second step is
    never below what all worlds would have given to everybody.

    Args:
        worlds: Make the null groups.
        growth: Grows a group.
        bench: Measures what grew.
        known: Members of clusters that need no second look.
        groups: From ``communities.tied_groups``.
        job: Progress and cancellation.
    """
    looks = []
    for group in groups:
        job.check()
        looks.append((group, growth.grown(group)))
    grown = [look for look in looks if len(look[1])]
    found = [
        (group, members)
        for group, members in _distinct(grown)
        if not any(_same(members, other) for other in known)
    ]
    forming = worlds.bundles.forms_by
    if not found:
        return Tied((), (), dict.fromkeys(forming, np.zeros(0)), (), len(groups), 0)
    z = bench.measure([members for _, members in found], np.arange(worlds.bundles.n_entities))[1]
    null: list[NDArray[np.float64]] = []
    per_world = len(groups)

    def p_after(n_looks: int) -> dict[Axis, NDArray[np.float64]]:
        while len(null) * per_world < n_looks:
            job.report(
                "Growing null clusters", done=0.4, count=len(null) * per_world, total=n_looks,
                unit="null clusters",
            )  # fmt: skip
            carrier, clusters = worlds.null_growth(growth, groups, job)
            null.append(bench.measure(clusters, carrier)[1])
        every = np.concatenate(null, axis=1)
        return {axis: bench.p(axis, every, z, len(null) * per_world) for axis in forming}

    p = p_after(_FIRST)
    surprising = p[Axis.COORDINATION] <= SURPRISING
    if surprising.any():
        p = p_after(_NULLS)
    return Tied(
        formed=tuple(found[row][0] for row in np.flatnonzero(surprising)),
        members=tuple(found[row][1] for row in np.flatnonzero(surprising)),
        p={axis: value[surprising] for axis, value in p.items()},
        others=tuple(found[row][1] for row in np.flatnonzero(~surprising)),
        n_looks=len(groups),
        n_null=len(null) * per_world,
    )


def _distinct(
    looks: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """One look for every cluster: the one that most others came to as well, never the most extreme.

    Chosen by how extreme it is, its p would be the least of several.
    """
    n = len(looks)
    same = np.array([[_same(one, other) for _, other in looks] for _, one in looks]).reshape(n, n)
    found, free = [], np.ones(n, dtype=np.bool_)
    for number in np.argsort(-same.sum(axis=1), kind="stable").tolist():
        if free[number]:
            found.append(looks[number])
            free &= ~same[number]
    return found


def _same(one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared > _SAME * min(len(one), len(other))
