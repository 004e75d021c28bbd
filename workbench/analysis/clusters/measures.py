"""What is measured of a cluster, statistic by statistic, each with its sampling error.

A statistic is an effect a member, so that clusters of any size compare; a member is an entity.
Content is measured on half B, which had no part in forming the cluster. Coordination counts only
what members share beyond what as many strangers, each with as many values, would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.calibrate import Effects
from workbench.analysis.clusters.graph import SIGN_UP_US
from workbench.analysis.clusters.resemblance import Resemblance
from workbench.domain.signal import Axis
from workbench.kernels.predictive import predictive_evidence
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.evidence import Bundles, Content
    from workbench.analysis.signals.ties import Ties

#: One source behind all members: their profiles follow the cluster's this much more closely
#: than a person follows the population.
ONE_SOURCE: Final = 8.0
#: Evidence of one member is capped, so that one large account cannot speak for all.
MEMBER_CAP: Final = 8.0
_SMOOTHING = 40.0
#: Rounds in which a core is freed of those who do not follow it.
_ROUNDS = 4
#: Least sampling variance of a member's mean.
_LEAST_VARIANCE = 0.05


@dataclass(frozen=True, slots=True)
class Statistic:
    """Name and axis of one row of a table of effects."""

    name: str
    axis: Axis


class Ruler:
    """Measures groups of accounts.

    Args:
        content: What entities asked.
        bundles: Everything else.
        interests: Broad interest groups of the population: who somebody else may be.
    """

    def __init__(
        self, content: Content, bundles: Bundles, interests: Sequence[NDArray[np.int64]] = ()
    ) -> None:
        self._content = content
        self._bundles = bundles
        self._resemblance = Resemblance(content.second, content.prior, interests)
        self._ties = {
            kind: _Repeats(bundles.ties, kind) for kind in bundles.tied_kinds if kind != "asn"
        }
        self._words = {kind: _Repeats(content.worded, kind) for kind in sorted(content.worded.held)}
        self.statistics: tuple[Statistic, ...] = (
            Statistic("one_source", Axis.CONTENT),
            Statistic("source_in_part", Axis.CONTENT),
            Statistic("interchange", Axis.CONTENT),
            *(Statistic(f"same_{kind}", Axis.CONTENT) for kind in self._words),
            *(Statistic(name, Axis.CONTENT) for name in sorted(content.elicits)),
            *(Statistic(name, Axis.AUTOMATION) for name in sorted(bundles.timing)),
            *(Statistic(f"shared_{kind}", Axis.COORDINATION) for kind in self._ties),
            *(
                (Statistic("signed_up_together", Axis.COORDINATION),)
                if bundles.has_sign_ups
                else ()
            ),
        )

    def measure(
        self,
        groups: Sequence[NDArray[np.int64]],
        carrier: NDArray[np.int64],
        axes: Collection[Axis] = tuple(Axis),
    ) -> Effects:
        """Statistics of groups of one world.

        Args:
            groups: Members of each group.
            carrier: i64[E], the world: whose bundle each entity carries.
            axes: What is measured; statistics of other axes are NaN.

        Returns:
            Effects of shape (statistics, groups).
        """
        size = np.full((len(self.statistics), len(groups)), np.nan)
        variance = np.full_like(size, np.nan)
        content = [row for row, one in enumerate(self.statistics) if one.axis is Axis.CONTENT]
        others = [row for row, one in enumerate(self.statistics) if one.axis is not Axis.CONTENT]
        for number, members in enumerate(groups):
            if Axis.CONTENT in axes:
                found = np.array(self._of_content(members))
                size[content, number], variance[content, number] = found.T
            if len(others) and not set(axes) <= {Axis.CONTENT}:
                found = np.array(self._of_bundles(carrier[members]))
                size[others, number], variance[others, number] = found.T
        return Effects(size, variance)

    def _of_content(self, members: NDArray[np.int64]) -> list[tuple[float, float]]:
        content = self._content
        return [
            _by_member(one_source(content, core_of(content, members))),
            _by_member(self._source_in_part(members)),
            content.sketch.interchange(members),
            *(repeats.excess(content.worded.customer[members]) for repeats in self._words.values()),
            *(_by_member(content.elicits[name][members]) for name in sorted(content.elicits)),
        ]

    def _of_bundles(self, carried: NDArray[np.int64]) -> list[tuple[float, float]]:
        bundles = self._bundles
        found = [_by_member(bundles.timing[name][carried]) for name in sorted(bundles.timing)]
        customers = bundles.customer[carried]
        found.extend(repeats.excess(customers) for repeats in self._ties.values())
        if bundles.has_sign_ups:
            found.append(_signed_up_together(bundles, carried))
        return found

    def _source_in_part(self, members: NDArray[np.int64]) -> NDArray[np.float64]:
        """f64[M] nats: what members are likely to have from one source, whole or in part.

        The evidence that membership weighs, here of half B alone: an account that harvests beside
        what its customers ask follows a source in part only. Whoever is weighed is left out.
        """
        content = self._content
        weight = np.zeros(self._bundles.n_entities)
        weight[members] = 1.0
        second = content.second.indptr
        empty = second[members + 1] == second[members]
        return np.where(empty, np.nan, self._resemblance.of(members, weight))


def _by_member(value: NDArray[np.float64]) -> tuple[float, float]:
    """Mean over members and its sampling variance; NaN with fewer than two assessed."""
    known = value[~np.isnan(value)]
    n = len(known)
    if n < 2:
        return np.nan, np.nan
    spread = float(np.var(known, ddof=1))
    # A few members that happen to agree must not look exact: shrink to a unit variance.
    return float(known.mean()), ((n - 1) * spread + 3.0) / (n + 2) / n + _LEAST_VARIANCE / n


def one_source(
    content: Content, members: NDArray[np.int64], *, tested: bool = True
) -> NDArray[np.float64]:
    """f64[M] nats: does each member follow what the others asked in half A closely?

    log DM(h | 8 a0 x profile of the others) - log DM(h | a0 x the same profile): people of one
    interest scatter around it (a0 is fitted to people), one source behind many accounts does
    not. Capped at +-8. The profile is the members' own, so no topic and no language scores.

    Args:
        content: What entities asked.
        members: The group.
        tested: Judge each member by half B; otherwise by half A.
    """
    first, judged = content.first, content.second if tested else content.first
    weight = np.zeros(len(first.indptr) - 1)
    weight[members] = 1.0
    total = first.pooled_rows(members)
    base = _SMOOTHING * content.prior.share
    closely, loosely = (
        predictive_evidence(
            members, first.indptr, first.cells, first.counts, weight, total, base,
            judged.indptr, judged.cells, judged.counts, judged.starts, strengths,
        )
        for strengths in (ONE_SOURCE * content.prior.strengths, content.prior.strengths)
    )  # fmt: skip
    empty = judged.indptr[members + 1] == judged.indptr[members]
    found = np.clip(closely - loosely, -MEMBER_CAP, MEMBER_CAP)
    return np.where(empty, np.nan, found)


def core_of(content: Content, members: NDArray[np.int64]) -> NDArray[np.int64]:
    """Members that, by half A, follow the others more closely than people do.

    A community picks up people of the same interest; they would blur the test on half B. The
    core is chosen by half A alone, in null clusters as in any other. All members where fewer
    than three are left.
    """
    core = members
    for _ in range(_ROUNDS):
        close = one_source(content, core, tested=False) > 0
        if close.all() or close.sum() < 3:
            break
        core = core[close]
    return core


class _Repeats:
    """How often customers of a group show the same value of one kind, against chance.

    Args:
        ties: Values and who holds them.
        kind: Which values.
    """

    def __init__(self, ties: Ties, kind: str) -> None:
        held = ties.held[kind]
        n = max(ties.n_customers, 1)
        pairs = np.unique(held.value * n + ties.customer[held.holder])
        value, customer = pairs // n, pairs % n
        holders = np.bincount(value, minlength=len(held.offsets) - 1)
        # What a twentieth holds is a hub; what one holds tells how rare sharing is.
        usual = (holders <= max(60, n // 20))[value]
        self._shown = np.bincount(customer[usual], minlength=n)
        keep = usual & (holders >= 2)[value]
        order = np.argsort(customer[keep], kind="stable")
        self._value = value[keep][order]
        self._indptr = np.zeros(n + 1, dtype=np.int64)
        np.cumsum(np.bincount(customer[keep], minlength=n), out=self._indptr[1:])
        sizes = holders[np.unique(value[keep])]
        self._sizes, self._times = np.unique(sizes, return_counts=True)
        self._all = int(self._shown.sum())
        self._assessed = np.zeros(n, dtype=np.bool_)
        self._assessed[customer] = True

    def excess(self, customers: NDArray[np.int32]) -> tuple[float, float]:
        """Log ratio of repeats seen to repeats expected, and its sampling variance.

        A repeat is a holder of a value beyond its first in the group: sum of (k - 1). Strangers
        with as many values as these would show sum over values of L - 1 + exp(-L), with
        L = holders x (values of the group / values of all): Poisson occupancy.
        """
        mine = np.unique(customers[self._assessed[customers]])
        if len(mine) < 2:
            return np.nan, np.nan
        rows = [self._value[self._indptr[c] : self._indptr[c + 1]] for c in mine]
        shown = np.concatenate(rows)
        seen = len(shown) - len(np.unique(shown))
        rate = self._sizes * (int(self._shown[mine].sum()) / max(self._all, 1))
        expected = float((self._times * (rate - 1.0 + np.exp(-rate))).sum())
        return (
            float(np.log((seen + 0.5) / (expected + 0.5))),
            1.0 / (seen + 0.5) + 1.0 / (expected + 0.5) / 4.0,
        )


def _signed_up_together(bundles: Bundles, carried: NDArray[np.int64]) -> tuple[float, float]:
    """Log ratio of pairs created within five days to pairs expected, and its variance.

    The expectation follows each one's own days, so that joining when everybody joined is no
    evidence.
    """
    ours = carried[bundles.created[carried] != UNKNOWN]
    n = len(ours)
    if n < 2:
        return np.nan, np.nan
    times = np.sort(bundles.created[ours])
    reach = np.searchsorted(times, times + SIGN_UP_US, side="right")
    seen = float((reach - np.arange(n) - 1).sum())
    expected = float(bundles.density[ours].sum() * (n - 1) / 2.0)
    return (
        float(np.log((seen + 0.5) / (expected + 0.5))),
        # Pairs that share a member are not independent: as exact as members, not as pairs.
        1.0 / (min(seen, n) + 0.5) + 1.0 / (expected + 0.5) / 4.0,
    )
