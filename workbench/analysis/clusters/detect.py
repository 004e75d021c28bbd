"""From evidence to tested clusters: form them, make null clusters, and compare.

1. Flag entities whose neighbourhoods are extraordinary; grow their components by membership.
2. Grow the groups that share what few hold, too: where accounts ask little, nothing is flagged.
3. The axes that form clusters (coordination and automation, as far as the log shows them) are
   tested against clusters that form in worlds where bundles were dealt out anew.
4. Content is tested against like-minded groups: as many entities that ask as much alike, and that
   nothing suspects. They are real people with their real habits.

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
)
from workbench.analysis.clusters.communities import (
    flagged_components,
    interest_groups,
    pool_neighbourhoods,
    tied_groups,
)
from workbench.analysis.clusters.forming import flagged_clusters, tied_clusters, with_nulls
from workbench.analysis.clusters.membership import Membership
from workbench.analysis.clusters.worlds import Worlds
from workbench.analysis.threads import in_order
from workbench.domain.signal import Axis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.calibrate import Spread
    from workbench.analysis.clusters.evidence import Bundles, Content
    from workbench.analysis.clusters.measures import Statistic
    from workbench.domain.progress import JobContext

#: Worlds from which the surprise of a neighbourhood is learnt.
LEARNING: Final = 8
#: Like-minded groups asked for each candidate, for every candidate there is.
LIKE_MINDED_EACH: Final = 40
#: Least of them: enough to show each measure's tail, and for one accident among them.
LIKE_MINDED_LEAST: Final = 199
#: At or below this p on an axis that forms, a candidate's members are no longer taken for
#: ordinary.
SUSPECT: Final = 0.05
#: As many times as a suspected cluster has members, those that ask most alike are left out too.
_WITH: Final = 2
#: Resolution of interest groups: who somebody else may be; whose spread is ordinary.
_BROAD: Final = 0.3
_NARROW: Final = 4.0
#: Entities from which on clusters grow side by side: of fewer, growing is made of steps so short
#: that two threads take the interpreter from each other, and more time than one.
_SIDE_BY_SIDE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Candidates:
    """Formed and tested clusters of one run.

    Attributes:
        formed: Entities of each as flagged, or of the group it grew from, ascending.
        members: Entities of each as grown and tested, ascending.
        statistics: Rows of ``z`` and ``effects``.
        spreads: Of each statistic, how ordinary groups differ.
        effects: Of shape (statistics, clusters).
        z: f64[statistics, clusters], effects standardised by the spreads.
        p: Axis -> f64[clusters]; NaN = not assessed.
        others: f64[clusters], p of one at least of the axes on which they formed.
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
    spreads: tuple[Spread, ...]
    effects: Effects
    z: NDArray[np.float64]
    p: dict[Axis, NDArray[np.float64]]
    others: NDArray[np.float64]
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
    content: Content,
    bundles: Bundles,
    random: np.random.Generator,
    seed: int,
    job: JobContext,
    *,
    threads: int = 1,
) -> Candidates:
    """Form and test clusters.

    Args:
        content: What accounts asked.
        bundles: Everything else.
        random: For the worlds and the like-minded groups.
        seed: For the interest groups.
        job: Progress and cancellation.
        threads: On which clusters grow side by side; never changes a result.
    """
    everybody = np.arange(bundles.n_entities)
    job.report("Forming clusters", done=0.1)
    threads = threads if bundles.n_entities >= _SIDE_BY_SIDE else 1
    worlds = Worlds.learn(content.neighbours, bundles, random, LEARNING, threads)
    surprise = worlds.surprise
    surprised = surprise.of(pool_neighbourhoods(content.neighbours, bundles, everybody))
    components = flagged_components(worlds.edges, surprised, surprise.threshold)
    job.check()
    broad = interest_groups(content.neighbours, seed, _BROAD)
    growth, membership = (
        Membership(content, bundles, broad, worlds.carriers, profiles, everything=last)
        for profiles, last in ((content.first, False), (content.whole, True))
    )
    bench = Bench(content, bundles, broad, interest_groups(content.neighbours, seed, _NARROW))
    flagged = flagged_clusters(worlds, growth, bench, components, job)
    forming = bundles.forms_by
    # What was flagged and is suspected already needs no second look.
    suspected = np.fmin.reduce([flagged.p[axis] for axis in forming]) <= SUSPECT
    known = [flagged.members[number] for number in np.flatnonzero(suspected)]
    groups = tied_groups(bundles.pairs, seed)
    tied = tied_clusters(worlds, growth, bench, known, groups, job)
    members = flagged.members + tied.members
    effects, z = bench.measure(members, everybody)
    p = {axis: np.full(len(members), np.nan) for axis in Axis}
    for axis in forming:
        p[axis] = np.concatenate([flagged.p[axis], tied.p[axis]])
    tested = [axis for axis in Axis if axis not in forming]
    # As many for every candidate that may share the level.
    wanted = LIKE_MINDED_EACH * (flagged.n_looks + len(tied.members)) - 1
    ordinary = _Ordinary(worlds, growth, bench, max(wanted, LIKE_MINDED_LEAST), job)
    linked = np.fmin.reduce([p[axis] for axis in forming])
    ordinary.distrust([members[number] for number in np.flatnonzero(linked <= SUSPECT)])
    for number, group in enumerate(members):
        found = ordinary.p(tested, [group], len(group), 0.6 + 0.3 * number / len(members))
        for axis in tested:
            p[axis][number] = found[axis][0]
    paid = np.zeros(0)
    if tied.members and tied.others:
        # What did not surprise is not tested on; but it might have been rejected, and is paid for.
        size = int(np.median([len(group) for group in tied.others]))
        paid = ordinary.p([Axis.CONTENT], tied.others, size, 0.9)[Axis.CONTENT]
    # Whatever else shows something shares the level with the flagged ones.
    k = len(flagged.members)
    shown = [*np.fmin(p[Axis.CONTENT][k:], tied.any_p), *paid]
    n_sharing = flagged.n_looks + int((np.array(shown) <= SUSPECT).sum())
    flagged = with_nulls(flagged, n_sharing, worlds, growth, bench, job, 0.5)
    for axis in forming:
        p[axis][:k] = flagged.p[axis]
    others = np.concatenate([flagged.any_p, tied.any_p])
    n_looks = flagged.n_looks + tied.n_looks
    # What came to nothing, or to the same, was looked at all the same.
    nothing = np.ones(n_looks - len(members) - len(paid))
    content_p = np.concatenate([p[Axis.CONTENT], paid, nothing])
    others_p = np.concatenate([others, np.ones(len(paid)), nothing])
    nulls = [one.n_null for one in (flagged, tied) if one.members]
    compared = dict.fromkeys(tested, ordinary.fewest) | dict.fromkeys(
        forming, min(nulls, default=0)
    )
    flat = np.sort(np.concatenate([surprise.of(world) for world in worlds.pooled]))
    return Candidates(
        formed=flagged.formed + tied.formed,
        members=members,
        statistics=bench.statistics,
        spreads=bench.spreads,
        effects=effects,
        z=z,
        p=p,
        others=others,
        combined=across_axes(p[Axis.CONTENT], others),
        q=both_discovered(content_p, others_p)[: len(members)],
        compared=compared,
        n_looks=n_looks,
        tied=(False,) * len(flagged.members) + (True,) * len(tied.members),
        forms_by=forming,
        surprise=surprised,
        own_p=conformal(flat, surprised),
        groups=bench.groups,
        growth=growth,
        membership=membership,
    )


class _Ordinary:
    """Tests groups against like-minded ones that nothing suspects.

    Attributes:
        fewest: Of the groups behind any p so far; 0 before the first.

    Args:
        worlds: Gathers like-minded groups.
        growth: Weighs what entities ask.
        bench: Measures them.
        wanted: Like-minded groups behind each p.
        job: Progress and cancellation.
    """

    def __init__(
        self, worlds: Worlds, growth: Membership, bench: Bench, wanted: int, job: JobContext
    ) -> None:
        self._worlds, self._growth, self._bench, self._job = worlds, growth, bench, job
        self._wanted = wanted
        self._everybody = np.arange(worlds.bundles.n_entities)
        self._trusted = np.ones(len(self._everybody), dtype=np.bool_)
        self.fewest = 0

    def distrust(self, clusters: Sequence[NDArray[np.int64]]) -> None:
        """Leave suspected clusters out of every like-minded group."""
        everyone = np.ones(len(self._everybody), dtype=np.bool_)
        for members in clusters:
            # Who asks most alike is no reference either: it may be the rest of the cluster.
            most = min(_WITH * len(members), len(everyone) // 10)
            alike = self._growth.like_minded(members, most, everyone)
            self._trusted[members] = self._trusted[alike] = False

    def p(
        self, axes: Sequence[Axis], groups: Sequence[NDArray[np.int64]], size: int, done: float
    ) -> dict[Axis, NDArray[np.float64]]:
        """Axis -> f64[G]: conformal p of each group.

        Args:
            axes: Which; none may be one that forms.
            groups: Entities of each, ascending.
            size: Of the like-minded groups: as large as what is tested, for the closer a few are
                chosen, the more they are alike.
            done: Progress so far.
        """
        alike = self._worlds.like_minded(
            self._growth, self._trusted, size, self._wanted, self._job, done
        )
        self.fewest = min(self.fewest or len(alike), len(alike))
        null, z = self._measured(alike, axes), self._measured(groups, axes)
        found = {}
        for axis in axes:
            each = [
                self._bench.p(axis, null, z[:, [one]], len(alike)) for one in range(len(groups))
            ]
            found[axis] = np.concatenate(each)
        return found

    def _measured(
        self, groups: Sequence[NDArray[np.int64]], axes: Sequence[Axis]
    ) -> NDArray[np.float64]:
        """f64[S,G] z of groups of this world, measured side by side."""

        def measured(group: NDArray[np.int64]) -> NDArray[np.float64]:
            return self._bench.measure([group], self._everybody, axes)[1]

        each = in_order(measured, groups, threads=self._worlds.threads, job=self._job)
        return np.concatenate([np.empty((len(self._bench.statistics), 0)), *each], axis=1)
