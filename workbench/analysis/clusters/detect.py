"""From evidence to tested clusters: form them, make as many by chance, and compare.

1. Flag entities whose neighbourhoods are extraordinary; grow their components by membership.
2. Do the same in worlds where bundles were dealt out anew: null clusters.
3. Measure all of them; what ordinary groups of like content differ by anyway is taken off.
4. Conformal p an axis, against null clusters of entities that nothing suspects so far.

Sample splitting: content half A and bundles form and grow, content half B tests; bundles that
formed are tested against null clusters that bundles formed in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.calibrate import (
    Effects,
    across_axes,
    cauchy_mean,
    conformal,
    false_discovery,
    robust_spread,
    upper_tail,
)
from workbench.analysis.clusters.communities import (
    Pooled,
    Surprise,
    flagged_components,
    interest_groups,
    pool_neighbourhoods,
)
from workbench.analysis.clusters.measures import Ruler
from workbench.analysis.clusters.membership import Membership
from workbench.domain.finding import MEMBERSHIP_THRESHOLD
from workbench.domain.signal import Axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.evidence import Bundles, Content
    from workbench.analysis.clusters.measures import Statistic
    from workbench.domain.progress import JobContext

#: Worlds from which the surprise of a neighbourhood is learnt.
LEARNING: Final = 8
#: Null clusters asked for a candidate. The best of m reaches q = .05 from 40 m - 1 on when no
#: null cluster is as extreme; twice as many let one be.
NULLS_EACH: Final = 80
#: Most worlds; beyond them p stays coarser, and the finding says how many null clusters it had.
MOST_WORLDS: Final = 400
#: Null clusters of a first look, and the p on automation or coordination at or below which a
#: candidate's members are then no longer taken for ordinary.
FIRST_LOOK: Final = 60
SUSPECT: Final = 0.05
#: Ordinary groups vary in content at least this much (nats a member), however few there are.
_LEAST_SPREAD: Final = 0.25
#: Resolution of interest groups: who somebody else may be; whose spread is ordinary.
_BROAD: Final = 0.3
_NARROW: Final = 4.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """Formed and tested clusters of one run.

    Attributes:
        formed: Entities of each as flagged, ascending.
        members: Entities of each as grown and tested, ascending; none where it came to nothing.
        statistics: Rows of ``z`` and ``effects``.
        effects: Of shape (statistics, clusters).
        z: f64[statistics, clusters], standardised by how ordinary groups differ.
        p: Axis -> f64[clusters]; NaN = not assessed.
        combined: f64[clusters], p of content and one other axis.
        q: f64[clusters], Benjamini-Hochberg.
        n_null: Null clusters behind every p.
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
    n_null: int
    surprise: NDArray[np.float64]
    own_p: NDArray[np.float64]
    groups: tuple[NDArray[np.int64], ...]
    growth: Membership
    membership: Membership


def detect(
    content: Content, bundles: Bundles, random: np.random.Generator, seed: int, job: JobContext
) -> Candidates:
    """Form and test clusters.

    Args:
        content: What accounts asked.
        bundles: Everything else.
        random: For the worlds.
        seed: For the interest groups.
        job: Progress and cancellation.
    """
    everybody = np.arange(bundles.n_entities)
    worlds = _Worlds(content, bundles, random)
    job.report("Forming clusters", done=0.1)
    surprise = Surprise.learn([worlds.make() for _ in range(LEARNING)])
    own = surprise.of(pool_neighbourhoods(content.neighbours, bundles, everybody))
    formed = flagged_components(content.neighbours, own, surprise.threshold)
    job.check()
    broad = interest_groups(content.neighbours, seed, _BROAD)
    growth, membership = (
        Membership(content, bundles, broad, worlds.carriers, profiles)
        for profiles in (content.first, content.whole)
    )
    narrow = interest_groups(content.neighbours, seed, _NARROW)
    ruler = Ruler(content, bundles)
    bench = _Bench(
        worlds, surprise, growth, ruler, ruler.measure(narrow, [everybody] * len(narrow))
    )

    members = [growth.grown(group) for group in formed]
    effects, z = bench.measure(members, everybody)
    everyone = np.ones(bundles.n_entities, dtype=np.bool_)
    learnt = bench.null_clusters(FIRST_LOOK if formed else 0, everyone, job, 0.2)
    first = bench.p(learnt, z)
    suspected = np.fmin(first[Axis.AUTOMATION], first[Axis.COORDINATION]) <= SUSPECT
    trusted = everyone.copy()
    for number in np.flatnonzero(suspected):
        # Those, too, who belong to it but were not flagged: they would pass for ordinary.
        trusted[formed[number]] = False
        trusted[members[number]] = False
        trusted[membership.of(formed[number]) >= MEMBERSHIP_THRESHOLD] = False
    null = bench.null_clusters(NULLS_EACH * len(formed) - 1, trusted, job, 0.4)
    p = bench.p(null, z)
    combined = across_axes(p[Axis.CONTENT], p[Axis.AUTOMATION], p[Axis.COORDINATION])
    flat = np.sort(np.concatenate([surprise.of(world) for world in worlds.first]))
    return Candidates(
        formed=tuple(formed),
        members=tuple(members),
        statistics=ruler.statistics,
        effects=effects,
        z=z,
        p=p,
        combined=combined,
        q=false_discovery(combined),
        n_null=null.shape[1],
        surprise=own,
        own_p=conformal(flat, own),
        groups=tuple(narrow),
        growth=growth,
        membership=membership,
    )


class _Worlds:
    """Worlds in which content and bundles have nothing to do with each other."""

    def __init__(self, content: Content, bundles: Bundles, random: np.random.Generator) -> None:
        self._content = content
        self._bundles = bundles
        self._random = random
        self.first: list[Pooled] = []
        self.carriers: list[NDArray[np.int64]] = []

    def make(self) -> Pooled:
        """One more world; the first few are kept to learn from."""
        carrier, pooled = self.deal()
        self.first.append(pooled)
        self.carriers.append(carrier)
        return pooled

    def deal(self) -> tuple[NDArray[np.int64], Pooled]:
        """Whose bundle each entity carries, and what its neighbourhood then shows."""
        carrier = self._bundles.repaired(self._random)
        return carrier, pool_neighbourhoods(self._content.neighbours, self._bundles, carrier)

    def clusters(
        self, pooled: Pooled, surprise: Surprise, trusted: NDArray[np.bool_] | None
    ) -> list[NDArray[np.int64]]:
        """What clusters there by chance."""
        return flagged_components(
            self._content.neighbours,
            surprise.of(pooled),
            surprise.threshold,
            trusted,
        )


class _Bench:
    """Grows, measures and compares: what is done to candidates is done to null clusters."""

    def __init__(
        self,
        worlds: _Worlds,
        surprise: Surprise,
        growth: Membership,
        ruler: Ruler,
        ordinary: Effects,
    ) -> None:
        self._worlds = worlds
        self._surprise = surprise
        self._growth = growth
        self._ruler = ruler
        self._spreads = [
            robust_spread(
                Effects(ordinary.size[row], ordinary.variance[row]),
                floor=_LEAST_SPREAD**2 if statistic.name == "one_source" else 0.01,
            )
            for row, statistic in enumerate(ruler.statistics)
        ]

    def measure(
        self, groups: Sequence[NDArray[np.int64]], carrier: NDArray[np.int64]
    ) -> tuple[Effects, NDArray[np.float64]]:
        """Effects and z of groups of one world; a group that vanished is extreme in nothing."""
        effects = self._ruler.measure(groups, [carrier] * len(groups))
        z = np.full_like(effects.size, np.nan)
        for row, spread in enumerate(self._spreads):
            z[row] = spread.z(Effects(effects.size[row], effects.variance[row]))
        z[:, [len(group) == 0 for group in groups]] = -np.inf
        return effects, z

    def null_clusters(
        self,
        wanted: int,
        trusted: NDArray[np.bool_],
        job: JobContext,
        done: float,
    ) -> NDArray[np.float64]:
        """f64[S,n] z of what clusters by chance, from as many worlds as it takes."""
        worlds, found, n = self._worlds, [], 0
        for number in range(MOST_WORLDS):
            job.report(
                "Making null clusters", done=done + 0.5 * min(1.0, n / max(wanted, 1)),
                count=n, total=wanted, unit="null clusters",
            )  # fmt: skip
            if number < len(worlds.first):
                carrier, pooled = worlds.carriers[number], worlds.first[number]
            else:
                carrier, pooled = worlds.deal()
            formed = worlds.clusters(pooled, self._surprise, trusted)
            grown = []
            for group in formed:
                job.check()
                grown.append(self._growth.grown(group, carrier, trusted))
            found.append(self.measure(grown, carrier)[1])
            n += len(grown)
            # All of the learning worlds are used, so that their chance enters both sides alike.
            if n >= wanted and number >= LEARNING - 1:
                break
        return np.concatenate(found, axis=1)

    def p(
        self, null: NDArray[np.float64], z: NDArray[np.float64]
    ) -> dict[Axis, NDArray[np.float64]]:
        """Axis -> conformal p of every candidate."""
        found = {}
        for axis in Axis:
            rows = [
                row
                for row, statistic in enumerate(self._ruler.statistics)
                if statistic.axis is axis
            ]
            found[axis] = conformal(_extremity(null[rows]), _extremity(z[rows]))
        return found


def _extremity(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """One number an axis, greater is more extreme: -log of the Cauchy mean of the tails."""
    if z.shape[0] == 0:
        return np.full(z.shape[1], np.nan)
    found: NDArray[np.float64] = -np.log(cauchy_mean(upper_tail(z)))
    return found
