"""Whom a cluster is compared with: groups of ordinary strangers, of as much volume, of two kinds.

Like-minded ones are gathered around an ordinary account: those who ask most alike. Others are drawn
at random: they cover every interest there is. A cluster that shares an interest is no wonder beside
the one kind, one of people who happen to share an office none beside the other, so that a number
tells only where it stands out beside both. This room draws and compares; it measures nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_matrix

from workbench.analysis.clusters.calibrate import conformal

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population
    from workbench.domain.progress import JobContext

#: Groups of each kind: p cannot fall below 1 / (GROUPS + 1).
GROUPS: Final = 99
#: Most exchanges that are compared; more are thinned at random, on both sides alike.
FOLLOWED: Final = 5_000
#: Fewest exchanges of a cluster, and of an account that may be in a group.
LEAST: Final = 40
LEAST_EACH: Final = 10
#: Ordinary accounts must have sent this many times as much, or all groups would be the same one.
LEAST_POOL: Final = 3
#: At or below this p a number stands out.
SPEAKS: Final = 0.05
#: What numbers of the peers' kind are compared with, in words.
NULL: Final = (
    "groups of ordinary strangers of this log who sent as many prompts: one half like-minded, the "
    "other drawn at random. p: rank among the groups of one kind (conformal); the greater of two"
)


@dataclass(frozen=True, slots=True)
class Beside:
    """A number of the cluster beside the same number of its peers.

    Attributes:
        value: Of the cluster.
        low: 5th percentile of the peers.
        middle: Their median.
        high: 95th percentile.
        p: Share of the groups of a kind, the cluster among them, at least as high (conformal); the
            greater of the two kinds'.
        p_below: The same for groups at most as high.
        n: Groups of the kind that has fewer: neither p can be below 1 / (n + 1).
    """

    value: float
    low: float
    middle: float
    high: float
    p: float
    p_below: float
    n: int

    @property
    def above(self) -> bool:
        """Whether it stands out above both kinds."""
        return self.p <= SPEAKS

    @property
    def below(self) -> bool:
        """Whether it stands out below both kinds."""
        return self.p_below <= SPEAKS


class Peers:
    """Gathers groups.

    Args:
        population: Everybody.
        customer: i32[A], who is openly one customer.
    """

    def __init__(self, population: Population, customer: NDArray[np.int32]) -> None:
        self._population = population
        self._customer = customer
        # Index -1 (no prompt) meets the element appended at the end.
        self.asked = np.append(population.cell, np.int32(-1))[population.prompt] >= 0
        self._volume = np.bincount(
            population.account[self.asked], minlength=population.n_accounts
        ).astype(np.int64)
        self._profile = profiles(population)

    def told(self, rows: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
        """Those of a cluster's exchanges (i64[n], by time) that are compared."""
        return _thinned(rows[self.asked[rows]], FOLLOWED, random)

    def groups(
        self,
        size: int,
        ordinary: NDArray[np.bool_],
        random: np.random.Generator,
        job: JobContext,
    ) -> tuple[NDArray[np.int64], ...]:
        """Groups, like-minded ones first; none where the log holds too few to compare with.

        Args:
            size: Exchanges of each.
            ordinary: bool[A], whom groups are made of.
            random: Draws whom they are gathered around, the others, and thins.
            job: Cancellation.
        """
        pool = np.flatnonzero(ordinary & (self._volume >= LEAST_EACH))
        # One account a customer, or all groups might be parts of one firm.
        strangers = pool[np.unique(self._customer[pool], return_index=True)[1]]
        if size < LEAST or int(self._volume[strangers].sum()) < LEAST_POOL * size:
            return ()
        profile = self._profile[pool]
        found = []
        for centre in random.choice(pool, GROUPS).tolist():
            job.check()
            alike = np.asarray((profile @ self._profile[centre].T).todense()).ravel()
            found.append(self._group(pool[np.argsort(-alike, kind="stable")], size, random))
        for _ in range(GROUPS):
            job.check()
            found.append(self._group(random.permutation(pool), size, random))
        return tuple(found)

    def _group(
        self, order: NDArray[np.int64], size: int, random: np.random.Generator
    ) -> NDArray[np.int64]:
        """Exchanges of the first accounts in an order, one a customer, thinned to a size."""
        order = order[np.sort(np.unique(self._customer[order], return_index=True)[1])]
        sent = np.cumsum(self._volume[order])
        rows = self._rows(np.sort(order[: int(np.searchsorted(sent, size)) + 1]))
        return _thinned(rows, size, random)

    def _rows(self, accounts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Exchanges of these accounts that have a prompt, by time, then index."""
        rows = rows_of(self._population, accounts)
        return rows[self.asked[rows]]


def rows_of(population: Population, accounts: NDArray[np.int64]) -> NDArray[np.int64]:
    """i64[n]: exchanges of these accounts, by time, then index; unknown times last.

    Args:
        population: Everybody.
        accounts: Ascending.
    """
    begin, end = population.offsets[accounts], population.offsets[accounts + 1]
    length = end - begin
    rows = np.repeat(begin - np.cumsum(length) + length, length) + np.arange(int(length.sum()))
    # As unsigned numbers, the least int64 (unknown) is the greatest time: it comes last.
    order = np.argsort(population.ts[rows].view(np.uint64), kind="stable")
    found: NDArray[np.int64] = rows[order].astype(np.int64)
    return found


def beside(subject: Subject, measure: Callable[[NDArray[np.int64]], float]) -> Beside:
    """A number of the cluster and of each of its peers.

    Args:
        subject: With peers.
        measure: i64[k] rows -> the number; greater is more like harvesting.
    """
    value = measure(subject.told)
    return compare(value, np.array([measure(rows) for rows in subject.peers]))


def compare(value: float, null: NDArray[np.float64]) -> Beside:
    """``value`` beside the peers' values.

    Args:
        value: Of the cluster.
        null: f64[2 G] of the groups of either kind; NaN = not assessed, left out.
    """
    kinds = [kind[~np.isnan(kind)] for kind in np.split(null, 2)]
    if np.isnan(value) or any(len(kind) == 0 for kind in kinds):
        nothing = float("nan")
        return Beside(float(value), nothing, nothing, nothing, nothing, nothing, 0)
    low, middle, high = np.quantile(np.concatenate(kinds), (0.05, 0.5, 0.95)).tolist()
    above = max(float(conformal(kind, np.array(value))) for kind in kinds)
    below = max(float(conformal(-kind, np.array(-value))) for kind in kinds)
    n = min(len(kind) for kind in kinds)
    return Beside(float(value), low, middle, high, above, below, n)


def profiles(population: Population) -> csr_matrix:
    """Unit rows over cells, of each account: square roots of its shares of distinct prompts."""
    known = population.prompt >= 0
    pairs = np.unique(population.account[known] * len(population.cell) + population.prompt[known])
    account, cell = np.divmod(pairs, max(len(population.cell), 1))
    cell = population.cell[cell].astype(np.int64)
    account, cell = account[cell >= 0], cell[cell >= 0]
    shape = (population.n_accounts, int(population.cell.max(initial=0)) + 1)
    counts = csr_matrix((np.ones(len(cell)), (account, cell)), shape=shape)
    counts.sum_duplicates()
    # sqrt(n_c / n) is a unit vector; its products are Bhattacharyya's affinity.
    total = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1.0)
    counts.data = np.sqrt(counts.data / np.repeat(total, np.diff(counts.indptr)))
    return counts


def _thinned(rows: NDArray[np.int64], most: int, random: np.random.Generator) -> NDArray[np.int64]:
    """At most so many of the rows, drawn at random, in their order."""
    if len(rows) <= most:
        return rows
    return rows[np.sort(random.choice(len(rows), most, replace=False))]
