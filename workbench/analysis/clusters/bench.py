"""The bench on which clusters, null clusters and like-minded groups are measured alike.

It knows how ordinary groups differ anyway, and turns what it measures into one p an axis. It forms
no cluster and judges none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.calibrate import (
    Effects,
    cauchy_mean,
    conformal,
    robust_spread,
    shares,
    upper_tail,
)
from workbench.analysis.clusters.measures import Ruler
from workbench.domain.signal import Axis

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.evidence import Bundles, Content

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


class Bench:
    """Measures groups of entities of any world.

    Attributes:
        groups: Narrow interest groups: how ordinary groups differ anyway.
        statistics: What is measured, in the order of the rows.

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
        ordinary = self._ruler.measure(groups, np.arange(bundles.n_entities))
        #: How each statistic varies between ordinary groups.
        self.spreads = tuple(
            robust_spread(
                Effects(ordinary.size[row], ordinary.variance[row]),
                floor=_LEAST_SPREAD.get(statistic.name, _LEAST_OTHERS) ** 2,
            )
            for row, statistic in enumerate(self.statistics)
        )

    def measure(
        self,
        groups: Sequence[NDArray[np.int64]],
        carrier: NDArray[np.int64],
        axes: Collection[Axis] = tuple(Axis),
    ) -> tuple[Effects, NDArray[np.float64]]:
        """Effects and z of groups of one world, f64[S,G] each; NaN on other axes."""
        effects = self._ruler.measure(groups, carrier, axes)
        z = np.full_like(effects.size, np.nan)
        for row, spread in enumerate(self.spreads):
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
        return np.array([self._ranks(axis, null, one, n)[0] for one in z.T])

    def p_of_any(
        self, axes: Sequence[Axis], null: NDArray[np.float64], z: NDArray[np.float64], n: int
    ) -> NDArray[np.float64]:
        """Conformal p of every candidate on several axes together: on one of them at least.

        What is ranked is the Cauchy mean of the ranks on each axis. Null clusters have theirs, so
        that p pays nothing for having looked at several axes, however they go together.

        Args:
            axes: Which.
            null: f64[S,N] z of null clusters that came to something.
            z: f64[S,K] of the candidates.
            n: Null clusters that were looked at; the others are extreme in nothing.
        """
        found = np.empty(z.shape[1])
        for number, one in enumerate(z.T):
            ranks = np.array([self._ranks(axis, null, one, n) for axis in axes])
            together = -cauchy_mean(ranks)
            found[number] = conformal(together[1:], together[0])
        return found

    def _ranks(
        self, axis: Axis, null: NDArray[np.float64], z: NDArray[np.float64], n: int
    ) -> NDArray[np.float64]:
        """Share of the groups that are as extreme as each, f64[1+n]; the candidate is the first."""
        rows = [row for row, one in enumerate(self.statistics) if one.axis is axis]
        weight = np.array([_WEIGHTS.get(self.statistics[row].name, 1.0) for row in rows])
        # The candidate helps to say what is usual, as any other group does: p stays exact.
        extreme = _extremity(_by_rank(np.column_stack([z[rows], null[rows]])), weight)
        nothing = np.full(max(n - null.shape[1], 0), -np.inf)
        return shares(np.append(extreme, nothing))


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
