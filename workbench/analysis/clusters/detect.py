"""From evidence to tested clusters: form them, make as many by chance, and compare.

1. Flag entities whose neighbourhoods are extraordinary; their components are the candidates.
2. Do the same in worlds where bundles were dealt out anew: null clusters.
3. Measure all of them; what ordinary groups of like content differ by anyway is taken off.
4. Conformal p an axis; content against null clusters of entities that no other axis suspects.

Sample splitting: content half A and bundles form, content half B tests; bundles that formed are
tested against null clusters that bundles formed in the same way.
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
from workbench.analysis.clusters.measures import Ruler, Statistic
from workbench.analysis.clusters.membership import Membership
from workbench.domain.finding import MEMBERSHIP_THRESHOLD
from workbench.domain.signal import Axis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.clusters.evidence import Bundles, Content
    from workbench.domain.progress import JobContext

#: Worlds from which the surprise of a neighbourhood is learnt.
LEARNING: Final = 8
#: Null clusters asked for a candidate. The best of m reaches q = .05 from 40 m - 1 on when no
#: null cluster is as extreme; twice as many let one be.
NULLS_EACH: Final = 80
#: Most worlds; beyond them p stays coarser, and the finding says how many null clusters it had.
MOST_WORLDS: Final = 400
#: Below this p on automation or coordination a candidate's members are no longer taken for
#: ordinary when content is calibrated.
SUSPECT: Final = 0.01
#: Ordinary groups vary in content at least this much (nats a member), however few there are.
_LEAST_SPREAD: Final = 0.25


@dataclass(frozen=True, slots=True)
class Candidates:
    """Formed and tested clusters of one run.

    Attributes:
        members: Entities of each, ascending.
        statistics: Rows of ``z`` and ``effects``.
        effects: Of shape (statistics, clusters).
        z: f64[statistics, clusters], standardised by how ordinary groups differ.
        p: Axis -> f64[clusters]; NaN = not assessed.
        combined: f64[clusters], p of content and one other axis.
        q: f64[clusters], Benjamini-Hochberg.
        n_null: Null clusters behind automation and coordination, and behind content.
        surprise: f64[E] nats, of every entity's neighbourhood.
        own_p: f64[E], how often a neighbourhood surprises as much where content does not matter.
        groups: Interest groups of the whole population.
        membership: Weighs entities for any of them.
    """

    members: tuple[NDArray[np.int64], ...]
    statistics: tuple[Statistic, ...]
    effects: Effects
    z: NDArray[np.float64]
    p: dict[Axis, NDArray[np.float64]]
    combined: NDArray[np.float64]
    q: NDArray[np.float64]
    n_null: tuple[int, int]
    surprise: NDArray[np.float64]
    own_p: NDArray[np.float64]
    groups: tuple[NDArray[np.int64], ...]
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
    worlds = _Worlds(content, bundles, random)
    everybody = np.arange(bundles.n_entities)
    job.report("Forming clusters", done=0.1)
    surprise = Surprise.learn([worlds.make() for _ in range(LEARNING)])
    own = surprise.of(pool_neighbourhoods(content.neighbours, bundles, everybody))
    members = flagged_components(content.neighbours, own, surprise.threshold)
    job.check()
    ruler = Ruler(content, bundles)
    groups = interest_groups(content.neighbours, seed)
    ordinary = ruler.measure(groups, [everybody] * len(groups))
    effects = ruler.measure(members, [everybody] * len(members))
    z = _standardised(ruler, ordinary, effects)

    wanted = NULLS_EACH * max(len(members), 1) - 1
    null_z = _null_statistics(worlds, surprise, ruler, ordinary, wanted, None, job, 0.2)
    rows = {axis: _rows(ruler, axis) for axis in Axis}
    p = {
        axis: conformal(_extremity(null_z[rows[axis]]), _extremity(z[rows[axis]]))
        for axis in (Axis.AUTOMATION, Axis.COORDINATION)
    }
    suspected = np.fmin(p[Axis.AUTOMATION], p[Axis.COORDINATION]) <= SUSPECT
    trusted = np.ones(bundles.n_entities, dtype=np.bool_)
    membership = Membership(content, bundles, groups, worlds.carriers, content.whole)
    for number in np.flatnonzero(suspected):
        # Those, too, who belong to it but were not flagged: they would pass for ordinary.
        trusted[members[number]] = False
        trusted[membership.of(members[number]) >= MEMBERSHIP_THRESHOLD] = False
    clean_z = (
        null_z
        if trusted.all()
        else _null_statistics(worlds, surprise, ruler, ordinary, wanted, trusted, job, 0.6)
    )
    content_rows = rows[Axis.CONTENT]
    p[Axis.CONTENT] = conformal(_extremity(clean_z[content_rows]), _extremity(z[content_rows]))
    combined = across_axes(p[Axis.CONTENT], p[Axis.AUTOMATION], p[Axis.COORDINATION])
    flat = np.sort(np.concatenate([surprise.of(world) for world in worlds.first]))
    return Candidates(
        members=tuple(members),
        statistics=ruler.statistics,
        effects=effects,
        z=z,
        p=p,
        combined=combined,
        q=false_discovery(combined),
        n_null=(null_z.shape[1], clean_z.shape[1]),
        surprise=own,
        own_p=conformal(flat, own),
        groups=tuple(groups),
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


def _null_statistics(
    worlds: _Worlds,
    surprise: Surprise,
    ruler: Ruler,
    ordinary: Effects,
    wanted: int,
    trusted: NDArray[np.bool_] | None,
    job: JobContext,
    done: float,
) -> NDArray[np.float64]:
    """Standardised statistics of null clusters, from as many worlds as it takes."""
    sizes, variances = [], []
    found = 0
    for number in range(MOST_WORLDS):
        job.check()
        job.report(
            "Making null clusters", done=done + 0.3 * min(1.0, found / max(wanted, 1)),
            count=found, total=wanted, unit="null clusters",
        )  # fmt: skip
        if number < len(worlds.first):
            carrier, pooled = worlds.carriers[number], worlds.first[number]
        else:
            carrier, pooled = worlds.deal()
        groups = worlds.clusters(pooled, surprise, trusted)
        effects = ruler.measure(groups, [carrier] * len(groups))
        sizes.append(effects.size)
        variances.append(effects.variance)
        found += len(groups)
        # All of the learning worlds are used, so that their chance enters both sides alike.
        if found >= wanted and number >= LEARNING - 1:
            break
    effects = Effects(np.concatenate(sizes, axis=1), np.concatenate(variances, axis=1))
    return _standardised(ruler, ordinary, effects)


def _standardised(ruler: Ruler, ordinary: Effects, effects: Effects) -> NDArray[np.float64]:
    """Z of every effect against how ordinary groups of like content differ."""
    z = np.full_like(effects.size, np.nan)
    for row, statistic in enumerate(ruler.statistics):
        floor = _LEAST_SPREAD**2 if statistic.name == "one_source" else 0.01
        spread = robust_spread(Effects(ordinary.size[row], ordinary.variance[row]), floor=floor)
        z[row] = spread.z(Effects(effects.size[row], effects.variance[row]))
    return z


def _rows(ruler: Ruler, axis: Axis) -> list[int]:
    return [row for row, statistic in enumerate(ruler.statistics) if statistic.axis is axis]


def _extremity(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """One number an axis, greater is more extreme: -log of the Cauchy mean of the tails."""
    if z.shape[0] == 0:
        return np.full(z.shape[1], np.nan)
    found: NDArray[np.float64] = -np.log(cauchy_mean(upper_tail(z)))
    return found
