"""Resemblance: what an entity asked, as evidence that it is one of a cluster's members.

A cluster may run several scripts in several waves, so that its members are taken to be of a few
parts, each with a profile of its own. Regions of the prompt space and wordings are weighed
apart: somebody else's wordings (a guide that many follow) need not come from where their interest
lies. Whoever is weighed is left out of what it is weighed against. Says nothing of infrastructure
or time.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_matrix

from workbench.kernels.dirichlet import mixed_evidence

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
_RANGE: Final = (-6.0, 6.0)
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
        inside = self._rows.T @ weight + self._base
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
        members = np.flatnonzero(weight > 0)
        asked = self._rows[members]
        total = asked.T @ weight[members]
        others = self._totals.copy()
        others[0] -= total
        for interest in np.unique(self._interest[members]):
            if interest:
                mine = self._interest[members] == interest
                others[interest] -= asked[mine].T @ weight[members][mine]
        belongs, common = self._parts(asked, weight[members])
        n_parts = belongs.shape[2]
        firsts = np.empty((n_parts + 1, profiles.n_cells))
        own = np.zeros((n_parts + 1, len(weight), len(self._empty)))
        firsts[0] = total
        own[0] = weight[:, None]
        for part in range(n_parts):
            for g, (begin, end) in enumerate(pairwise(profiles.starts)):
                share = weight[members] * (_SHRINK + belongs[:, g, part])
                firsts[part + 1, begin:end] = asked[:, begin:end].T @ share
                own[part + 1, members, g] = share

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
            found += np.clip(np.where(empty[rows], 0.0, members_of - against), *_RANGE)
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
        self, asked: csr_matrix, weight: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Which part of the cluster each member is of, one vocabulary at a time.

        EM for a mixture of multinomials, members left out of what they are weighed against;
        starts from members that are least alike.

        Returns:
            (f64[M,G,K] sums to 1 over K, f64[G,K] how common each part is).
        """
        n_parts = int(np.clip(len(weight) // _PART_NEEDS, 1, _PARTS))
        starts = self._profiles.starts
        belongs = np.ones((len(weight), len(starts) - 1, n_parts))
        common = np.full((len(starts) - 1, n_parts), 1.0 / n_parts)
        if n_parts == 1:
            return belongs, common
        for g, (begin, end) in enumerate(pairwise(starts)):
            held = asked[:, begin:end].tocsr()
            base = _SHRINK * self._base[begin:end]
            belongs[:, g] = part = _furthest(held, n_parts)
            row = np.repeat(np.arange(len(weight)), np.diff(held.indptr))
            counts = held.data
            sizes = np.bincount(row, weights=counts, minlength=len(weight))
            for _ in range(_ROUNDS):
                share = weight[:, None] * part
                sums = held.T @ share + base[:, None]
                wholes = sums.sum(axis=0) - share * sizes[:, None]
                left_out = np.maximum(sums[held.indices] - share[row] * counts[:, None], 1e-9)
                log = counts[:, None] * np.log(left_out / np.maximum(wholes, 1e-9)[row])
                common[g] = (share.sum(axis=0) + 1.0) / (weight.sum() + n_parts)
                value = np.log(common[g]) + np.stack(
                    [
                        np.bincount(row, weights=log[:, k], minlength=len(weight))
                        for k in range(n_parts)
                    ],
                    axis=1,
                )
                part = np.exp(value - np.logaddexp.reduce(value, axis=1)[:, None])
            belongs[:, g] = part
        return belongs, common


def _furthest(held: csr_matrix, n_parts: int) -> NDArray[np.float64]:
    """f64[M,K], 1 for the part of each member: nearest of K members that are least alike."""
    root = held.sqrt()
    sizes = np.asarray(held.sum(axis=1)).ravel()
    norm = np.sqrt(np.maximum(sizes, 1.0))
    first = int(sizes.argmax())
    alike = [np.asarray((root @ root[first].T).todense()).ravel() / norm / norm[first]]
    while len(alike) < n_parts:
        # Members who asked little are unlike everybody by chance.
        far = np.where(sizes >= np.median(sizes), np.max(alike, axis=0), np.inf)
        at = int(far.argmin())
        alike.append(np.asarray((root @ root[at].T).todense()).ravel() / norm / norm[at])
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
    mix = np.full(kinds, 1.0 / kinds)
    by_kind = np.logaddexp.reduce(
        evidence.reshape(len(common), kinds, -1) + np.log(common)[:, None, None], axis=0
    )
    for _ in range(20):
        joint = by_kind + np.log(mix)[:, None]
        held = np.exp(joint - np.logaddexp.reduce(joint, axis=0)) @ weight
        mix = (held + _IMAGINED / kinds) / (held.sum() + _IMAGINED)
    found: NDArray[np.float64] = np.logaddexp.reduce(by_kind + np.log(mix)[:, None], axis=0)
    return found
