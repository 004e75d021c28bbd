"""Resemblance: what an entity asked, as evidence that it is one of a cluster's members.

A cluster may run several scripts in several waves, so that its members are taken to be of a few
parts, each with a profile of its own. Regions of the prompt space and wordings are weighed
apart: somebody else's wordings (a guide that many follow) need not come from where their interest
lies. Whoever is weighed is left out of what it is weighed against. Says nothing of infrastructure
or time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_matrix

from workbench.kernels.mixtures import mixture_of, parts_of
from workbench.kernels.predictive import mixed_evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.graph import Prior
    from workbench.analysis.signals.profiles import Profiles

_SMOOTHING: Final = 30.0
#: How a member's prompts may come about: which share is the source's, the rest its holder's own
#: (a proxy's customer), and how closely they follow it (times a person's strength).
_MEMBERS: Final = np.array([(1.0, 2.0), (1.0, 8.0), (0.7, 8.0), (0.4, 8.0)])
#: Members imagined beforehand, spread over these kinds, so that none is ruled out.
_IMAGINED: Final = 1.0
#: Most parts of a cluster, members that each part needs, and rounds in which they are found.
_PARTS: Final = 3
_PART_NEEDS: Final = 20
_ROUNDS: Final = 12
#: How much of the whole cluster's profile each part's keeps.
_SHRINK: Final = 0.3
#: How somebody else's come about: the share that is everybody's, the rest their interest's, how
#: closely they follow it, and how common such people are. Some keep very close to an interest.
_STRANGERS: Final = np.array(
    [
        (1.0, 1.0, 0.07),
        (0.5, 1.0, 0.27),
        (0.0, 1.0, 0.30),
        (1.0, 4.0, 0.07),
        (0.5, 4.0, 0.13),
        (0.0, 4.0, 0.13),
    ]
)
#: How common are people who ask what the cluster asks, as loosely as people do.
_BYSTANDERS: Final = 0.03
#: Range of the log-likelihood ratio of each vocabulary: neither decides alone.
RANGE: Final = (-6.0, 6.0)
#: At a glance, this share of a member's prompts is the source's.
_GLANCE: Final = 0.3


class Resemblance:
    """Weighs what entities asked.

    Args:
        profiles: What they asked.
        prior: How people ask.
        groups: Broad interest groups of the population: who somebody else may be.
    """

    def __init__(
        self, profiles: Profiles, prior: Prior, groups: Sequence[NDArray[np.int64]]
    ) -> None:
        self._profiles = profiles
        self._base = _SMOOTHING * prior.share
        self._strengths = prior.strengths
        n = len(profiles.indptr) - 1
        # Interest of each entity; 0 is everybody's.
        self._interest = np.zeros(n, dtype=np.int64)
        for number, group in enumerate(groups):
            self._interest[group] = number + 1
        row = profiles.row
        # What each interest asks, and everybody.
        self._totals = np.zeros((len(groups) + 1, profiles.n_cells))
        np.add.at(self._totals, (self._interest[row], profiles.cells), profiles.counts)
        self._totals[0] = profiles.pooled()
        self._rows = csr_matrix(
            (profiles.counts.astype(np.float64), profiles.cells, profiles.indptr),
            shape=(n, profiles.n_cells),
        )
        self._columns = self._rows.T
        held = np.stack(
            [
                np.bincount(row[(profiles.cells >= begin) & (profiles.cells < end)], minlength=n)
                for begin, end in pairwise(profiles.starts)
            ]
        )
        self._empty = held == 0

    def at_a_glance(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[E]: a cheap order of who looks like the members (mixture of two profiles).

        Args:
            weight: f64[E] of each entity in the cluster.
        """
        inside = self._columns @ weight + self._base
        everybody = self._totals[0] + self._base
        ratio = inside / everybody
        for begin, end in pairwise(self._profiles.starts):
            ratio[begin:end] *= everybody[begin:end].sum() / inside[begin:end].sum()
        found: NDArray[np.float64] = self._rows @ np.log(_GLANCE * ratio + 1.0 - _GLANCE)
        return found

    def of(self, rows: NDArray[np.int64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[M] nats: one source, or one source in part, against everybody else's interests.

        The mix of kinds is the members' own: a cluster whose accounts do nothing but harvest
        forgives no other content, one that hides behind customers does.

        Args:
            rows: i64[M] entities to weigh.
            weight: f64[E] of each entity in the cluster.
        """
        profiles = self._profiles
        asked = _Asked.of(profiles, np.flatnonzero(weight > 0))
        held = weight[asked.members]
        total = asked.pooled(held)
        others = self._totals.copy()
        others[0] -= total
        interest = self._interest[asked.members][asked.row]
        within = interest > 0
        np.subtract.at(
            others,
            (interest[within], asked.cell[within]),
            (held[asked.row] * asked.count)[within],
        )
        belongs, common = self._parts(asked, held)
        n_parts = belongs.shape[2]
        firsts = np.empty((n_parts + 1, profiles.n_cells))
        own = np.zeros((n_parts + 1, len(weight), len(self._empty)))
        firsts[0] = total
        own[0] = weight[:, None]
        for part in range(n_parts):
            share = held[:, None] * (_SHRINK + belongs[:, :, part])
            own[part + 1, asked.members] = share
            for g, (begin, end) in enumerate(pairwise(profiles.starts)):
                firsts[part + 1, begin:end] = asked.pooled(share[:, g])[begin:end]

        inside = self._evidence(
            rows, weight, firsts, own, others,
            source=np.append(0, np.repeat(np.arange(1, n_parts + 1), len(_MEMBERS))),
            shares=np.append(1.0, np.tile(_MEMBERS[:, 0], n_parts)),
            closeness=np.append(1.0, np.tile(_MEMBERS[:, 1], n_parts)),
        )  # fmt: skip
        outside = self._evidence(
            rows, weight, others[:1], (1.0 - weight)[None, :, None] * np.ones(len(self._empty)),
            others,
            source=np.zeros(len(_STRANGERS), dtype=np.int64),
            shares=_STRANGERS[:, 0],
            closeness=_STRANGERS[:, 1],
        )  # fmt: skip
        found = np.zeros(len(rows))
        for g, empty in enumerate(self._empty):
            members_of = _mixed(inside[g, 1:], weight[rows], common[g])
            against = np.logaddexp.reduce(outside[g] + np.log(_STRANGERS[:, 2])[:, None], axis=0)
            against = np.logaddexp(against, inside[g, 0] + np.log(_BYSTANDERS))
            found += np.clip(np.where(empty[rows], 0.0, members_of - against), *RANGE)
        return found

    def scripts(self, members: NDArray[np.int64]) -> NDArray[np.int64]:
        """i64[M,G]: which part of their cluster each member most likely is of, by vocabulary."""
        asked = _Asked.of(self._profiles, members)
        belongs, _ = self._parts(asked, np.ones(len(members)))
        found: NDArray[np.int64] = belongs.argmax(axis=2)
        return found

    def _evidence(
        self,
        rows: NDArray[np.int64],
        weight: NDArray[np.float64],
        firsts: NDArray[np.float64],
        own: NDArray[np.float64],
        others: NDArray[np.float64],
        *,
        source: NDArray[np.int64],
        shares: NDArray[np.float64],
        closeness: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        profiles = self._profiles
        found: NDArray[np.float64] = mixed_evidence(
            rows, profiles.indptr, profiles.cells, profiles.counts, profiles.starts, self._base,
            firsts, own, others, self._interest, 1.0 - weight,
            source, np.ascontiguousarray(shares), closeness[:, None] * self._strengths,
        )  # fmt: skip
        return found

    def _parts(
        self, asked: _Asked, weight: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Which part of the cluster each member is of, one vocabulary at a time.

        EM for a mixture of multinomials, members left out of what they are weighed against;
        starts from members that are least alike.

        Returns:
            (f64[M,G,K] sums to 1 over K, f64[G,K] how common each part is).
        """
        n = len(weight)
        n_parts = int(np.clip(n // _PART_NEEDS, 1, _PARTS))
        starts = self._profiles.starts
        belongs = np.ones((n, len(starts) - 1, n_parts))
        common = np.full((len(starts) - 1, n_parts), 1.0 / n_parts)
        if n_parts == 1:
            return belongs, common
        for g, (begin, end) in enumerate(pairwise(starts)):
            these = (asked.cell >= begin) & (asked.cell < end)
            row, cell, count = asked.row[these], asked.cell[these] - begin, asked.count[these]
            sizes = np.bincount(row, weights=count, minlength=n).astype(np.float64)
            base = _SHRINK * self._base[begin:end]
            start = _furthest(row, cell, count, sizes, n_parts)
            part, common[g] = parts_of(row, cell, count, sizes, weight, base, start, _ROUNDS)
            belongs[:, g] = part
        return belongs, common


@dataclass(frozen=True, slots=True)
class _Asked:
    """What some entities asked, count by count.

    Attributes:
        members: i64[M] entities.
        row: i64[nnz] index into ``members``.
        cell: i64[nnz].
        count: f64[nnz].
        n_cells: C.
    """

    members: NDArray[np.int64]
    row: NDArray[np.int64]
    cell: NDArray[np.int64]
    count: NDArray[np.float64]
    n_cells: int

    @classmethod
    def of(cls, profiles: Profiles, members: NDArray[np.int64]) -> _Asked:
        lengths = profiles.indptr[members + 1] - profiles.indptr[members]
        row = np.repeat(np.arange(len(members)), lengths)
        first = profiles.indptr[members] - np.cumsum(lengths) + lengths
        at = first[row] + np.arange(len(row))
        cell = profiles.cells[at].astype(np.int64)
        return cls(members, row, cell, profiles.counts[at].astype(np.float64), profiles.n_cells)

    def pooled(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[C]: counts summed over the entities, each with its weight (f64[M])."""
        held = weight[self.row] * self.count
        found = np.bincount(self.cell, weights=held, minlength=self.n_cells)
        return found.astype(np.float64)


def _furthest(
    row: NDArray[np.int64],
    cell: NDArray[np.int64],
    count: NDArray[np.float64],
    sizes: NDArray[np.float64],
    n_parts: int,
) -> NDArray[np.float64]:
    """f64[M,K], 1 for the part of each member: nearest of K members that are least alike.

    ``row`` ascends. Alike by the Bhattacharyya coefficient of two profiles.
    """
    root = np.sqrt(count / np.maximum(sizes, 1.0)[row])
    n_cells = int(cell.max(initial=0)) + 1

    def like(one: int) -> NDArray[np.float64]:
        mine = np.zeros(n_cells)
        its = slice(*np.searchsorted(row, [one, one + 1]))
        mine[cell[its]] = root[its]
        found = np.bincount(row, weights=root * mine[cell], minlength=len(sizes))
        return found.astype(np.float64)

    alike = [like(int(sizes.argmax()))]
    # Members who asked little are unlike everybody by chance.
    asked_enough = sizes >= np.median(sizes)
    while len(alike) < n_parts:
        alike.append(like(int(np.where(asked_enough, np.max(alike, axis=0), np.inf).argmin())))
    found: NDArray[np.float64] = np.eye(n_parts)[np.argmax(alike, axis=0)]
    return found


def _mixed(
    evidence: NDArray[np.float64], weight: NDArray[np.float64], common: NDArray[np.float64]
) -> NDArray[np.float64]:
    """f64[M]: log evidence under any part and kind; kinds are as common as members show.

    Args:
        evidence: f64[K x kinds, M], parts first.
        weight: f64[M].
        common: f64[K].
    """
    kinds = len(evidence) // len(common)
    by_kind = np.logaddexp.reduce(
        evidence.reshape(len(common), kinds, -1) + np.log(common)[:, None, None], axis=0
    )
    member = weight > 0
    mix = mixture_of(by_kind[:, member], weight[member], _IMAGINED, _ROUNDS)
    found: NDArray[np.float64] = np.logaddexp.reduce(by_kind + np.log(mix)[:, None], axis=0)
    return found
