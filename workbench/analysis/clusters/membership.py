"""Membership: how likely each entity belongs to a cluster, from everything that is known of it.

A component as formed is a first guess: it misses members whose neighbourhoods were thin and
holds bystanders of the same interest. Here each entity's own content, sign-up, ties and pace are
weighed as log-likelihood ratios of "one of these" against "somebody else"; members and what they
have in common are estimated in turn (classification EM, Celeux and Govaert 1992: who is rather
not a member teaches nothing, or the many that hardly are would drown the few that are). Whoever
is weighed is left out of what it is weighed against. How much evidence makes a member is not
assumed but counted: against entities whose content and bundle have nothing to do with each other.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_matrix

from workbench.analysis.clusters.communities import LEAST
from workbench.analysis.clusters.measures import core_of
from workbench.analysis.signals.ties import HUB
from workbench.domain.finding import MEMBERSHIP_THRESHOLD
from workbench.kernels.dirichlet import mixed_evidence
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.evidence import Bundles, Content
    from workbench.analysis.signals.profiles import Profiles

_ROUNDS: Final = 12
_SMOOTHING: Final = 30.0
#: How a member's prompts may come about: which share is the source's, the rest its holder's own
#: (a proxy's customer), and how closely they follow it (times a person's strength).
_MEMBERS: Final = np.array([(1.0, 2.0), (1.0, 8.0), (0.7, 8.0), (0.4, 8.0)])
#: Members imagined beforehand, spread over these kinds, so that none is ruled out.
_IMAGINED: Final = 1.0
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
#: Ranges of the log-likelihood ratios: no single trait decides alone. Content has one range for
#: each vocabulary (regions of the prompt space, wordings).
_CONTENT_RANGE: Final = (-6.0, 6.0)
_PACE_RANGE: Final = (-4.0, 4.0)
_TIE_RANGE: Final = (-3.0, 8.0)
_SIGN_UP_RANGE: Final = (-2.0, 5.0)
_SIGN_UP_US: Final = 3 * 86_400_000_000
#: Entities whose content is weighed exactly: those that look most like the members at a glance.
_WEIGHED: Final = 0.15
_WEIGHED_LEAST: Final = 1_000
#: At a glance, this share of a member's prompts is the source's.
_GLANCE: Final = 0.3


class Membership:
    """Weighs entities for clusters of one population.

    Args:
        content: What entities asked.
        bundles: Everything else.
        groups: Interest groups of the population: who somebody else may be.
        carriers: A few worlds in which content does not matter: whose bundle each carries.
        profiles: What is weighed of content: both halves, or the half that forms.
    """

    def __init__(
        self,
        content: Content,
        bundles: Bundles,
        groups: Sequence[NDArray[np.int64]],
        carriers: Sequence[NDArray[np.int64]],
        profiles: Profiles,
    ) -> None:
        self._content = content
        self._bundles = bundles
        self._profiles = profiles
        self._carriers = carriers
        self._n = bundles.n_entities
        self._base = _SMOOTHING * content.prior.share
        strengths = content.prior.strengths
        self._closely = np.append(1.0, _MEMBERS[:, 1])[:, None] * strengths
        self._loosely = _STRANGERS[:, 1][:, None] * strengths
        # Interest of each entity; 0 is everybody's.
        self._interest = np.zeros(self._n, dtype=np.int64)
        for number, group in enumerate(groups):
            self._interest[group] = number + 1
        row = profiles.row
        # What each interest asks, and everybody, members and all.
        self._totals = np.zeros((len(groups) + 1, profiles.n_cells))
        np.add.at(self._totals, (self._interest[row], profiles.cells), profiles.counts)
        self._totals[0] = profiles.pooled()
        self._rows = csr_matrix(
            (profiles.counts.astype(np.float64), profiles.cells, profiles.indptr),
            shape=(self._n, profiles.n_cells),
        )
        self._empty = _empty(profiles)

    def of(
        self,
        formed: NDArray[np.int64],
        carrier: NDArray[np.int64] | None = None,
        allowed: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.float64]:
        """f64[E]: the probability that each entity belongs to the cluster formed by these.

        Args:
            formed: Entities of the first guess.
            carrier: i64[E], whose bundle each carries, in a world dealt anew; None = its own.
            allowed: bool[E], entities that may belong; all by default.
        """
        carrier = np.arange(self._n) if carrier is None else carrier
        bearer = np.empty_like(carrier)
        bearer[carrier] = np.arange(self._n)
        weight = np.zeros(self._n)
        weight[formed] = MEMBERSHIP_THRESHOLD
        weight[core_of(self._content, formed)] = 0.9
        for _ in range(_ROUNDS):
            carried = weight[bearer]
            rest = self.of_pace(carried) + self.of_ties(carried) + self.of_sign_ups(carried)
            rows = self._worth_weighing(weight)
            found = np.zeros(self._n)
            found[rows] = self._excess(rows, self.of_content(rows, weight), rest[carrier], weight)
            if allowed is not None:
                found[~allowed] = 0.0
            now = np.where(found >= MEMBERSHIP_THRESHOLD, found, 0.0)
            moved = float(np.abs(now - weight).max())
            weight = now
            if moved < 0.02 or (weight > 0).sum() < 2:
                break
        return found

    def grown(
        self,
        formed: NDArray[np.int64],
        carrier: NDArray[np.int64] | None = None,
        allowed: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.int64]:
        """Members of the cluster formed by these, ascending; none if they are too few to test."""
        members = np.flatnonzero(self.of(formed, carrier, allowed) >= MEMBERSHIP_THRESHOLD)
        return members if len(members) >= LEAST else members[:0]

    def _worth_weighing(self, weight: NDArray[np.float64]) -> NDArray[np.int64]:
        """Members, and those whose prompts look most like theirs, ascending."""
        most = max(_WEIGHED_LEAST, int(_WEIGHED * self._n))
        if self._n <= most:
            return np.arange(self._n)
        starts = self._profiles.starts
        inside = self._rows.T @ weight + self._base
        everybody = self._totals[0] + self._base
        ratio = inside / everybody
        for begin, end in pairwise(starts):
            ratio[begin:end] *= everybody[begin:end].sum() / inside[begin:end].sum()
        alike = self._rows @ np.log(_GLANCE * ratio + 1.0 - _GLANCE)
        chosen = weight > 0
        chosen[np.argsort(-alike, kind="stable")[:most]] = True
        return np.flatnonzero(chosen)

    def _excess(
        self,
        rows: NDArray[np.int64],
        content: NDArray[np.float64],
        rest: NDArray[np.float64],
        weight: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """How many more entities reach a sum of evidence than would if its parts were unrelated.

        Who is no member has content that has nothing to do with the rest: dealing bundles out
        anew among those says how many of them reach any sum. The probability of membership is
        1 - expected / seen, made monotone (local false discovery rate, Efron 2004, by isotonic
        regression); it needs no prior and no likelihood to be exact.
        """
        from scipy.optimize import isotonic_regression

        sums, masses = [content + rest[rows]], [np.ones(len(rows))]
        for carrier in self._carriers:
            dealt = carrier[rows]
            sums.append(content + rest[dealt])
            masses.append((1.0 - weight[rows]) * (1.0 - weight[dealt]) / len(self._carriers))
        value, mass = np.concatenate(sums), np.concatenate(masses)
        real = np.concatenate([np.ones(len(rows)), np.zeros(len(value) - len(rows))])
        kept = np.flatnonzero(mass > 0)
        order = kept[np.argsort(value[kept], kind="stable")]
        part = np.zeros(len(value))
        part[order] = isotonic_regression(real[order], weights=mass[order]).x
        share = np.clip(part[: len(rows)], 0.5, 1.0)
        found: NDArray[np.float64] = 2.0 - 1.0 / share
        return found

    def of_content(
        self, rows: NDArray[np.int64], weight: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """f64[M] nats: one source, or one source in part, against everybody else's interests.

        Regions and wordings are weighed apart, for somebody else's wordings (a guide that many
        follow) may come from elsewhere than their interest. The mix of kinds is the members'
        own: a cluster whose accounts do nothing but harvest forgives no other content, one that
        hides behind customers does.
        """
        profiles = self._profiles
        member = np.flatnonzero(weight > 0)
        total, totals = np.zeros(profiles.n_cells), self._totals.copy()
        for one in member.tolist():
            held = slice(profiles.indptr[one], profiles.indptr[one + 1])
            cells, counted = profiles.cells[held], weight[one] * profiles.counts[held]
            total[cells] += counted
            totals[0, cells] -= counted
            if self._interest[one]:
                totals[self._interest[one], cells] -= counted

        def log_evidence(
            one: NDArray[np.float64],
            own: NDArray[np.float64],
            shares: NDArray[np.float64],
            strengths: NDArray[np.float64],
        ) -> NDArray[np.float64]:
            found: NDArray[np.float64] = mixed_evidence(
                rows, profiles.indptr, profiles.cells, profiles.counts, profiles.starts,
                self._base, one, own, totals, self._interest, 1.0 - weight, shares, strengths,
            )  # fmt: skip
            return found.transpose(2, 1, 0)

        inside = log_evidence(total, weight, np.append(1.0, _MEMBERS[:, 0]), self._closely)
        outside = log_evidence(totals[0], 1.0 - weight, _STRANGERS[:, 0], self._loosely)
        found = np.zeros(len(rows))
        for close, loose, empty in zip(inside, outside, self._empty, strict=True):
            kinds = close[1:]
            mix = np.full(len(kinds), 1.0 / len(kinds))
            for _ in range(20):
                joint = kinds + np.log(mix)[:, None]
                held = np.exp(joint - np.logaddexp.reduce(joint, axis=0)) @ weight[rows]
                mix = (held + _IMAGINED / len(kinds)) / (held.sum() + _IMAGINED)
            members = np.logaddexp.reduce(kinds + np.log(mix)[:, None], axis=0)
            against = np.logaddexp.reduce(loose + np.log(_STRANGERS[:, 2])[:, None], axis=0)
            against = np.logaddexp(against, close[0] + np.log(_BYSTANDERS))
            found += np.clip(np.where(empty[rows], 0.0, members - against), *_CONTENT_RANGE)
        return found

    def of_pace(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[E] nats: the members' normal distribution of pace against the standard one."""
        pace = self._bundles.pace
        known = ~np.isnan(pace)
        count = float(weight[known].sum())
        if count < 2.0:
            return np.zeros(self._n)
        mean = float((weight[known] * pace[known]).sum()) / count
        spread = float((weight[known] * (pace[known] - mean) ** 2).sum())
        variance = (spread + 2.0) / (count + 2.0)
        ratio = 0.5 * (pace**2 - (pace - mean) ** 2 / variance - np.log(variance))
        return np.clip(np.where(known, ratio, 0.0), *_PACE_RANGE)

    def of_ties(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[E] nats: shared values, kind by kind: the other holders' membership against chance.

        Whoever shares nothing of a kind is held against a cluster whose members do.
        """
        bundles = self._bundles
        count = max(float(weight.sum()), 2.0)
        rest = max(self._n - count, 1.0)
        found = np.zeros(self._n)
        for kind in bundles.tied_kinds:
            if kind == "asn":
                continue
            held = bundles.ties.held[kind]
            value, holder = held.value, held.holder
            few = (held.sizes >= 2) & (held.sizes <= max(HUB, self._n // 20))
            inside = np.bincount(value, weights=weight[holder], minlength=len(held.sizes))
            # The one that is weighed is taken out of both sides.
            share = np.maximum(inside[value] - weight[holder], 0.0) / count
            outside = held.sizes[value] - inside[value] - (1.0 - weight[holder])
            chance = np.maximum(outside + 0.5, 0.5) / rest
            counts = few[value] & (share * count > 0.5)
            best, tied = np.full(self._n, -np.inf), np.zeros(self._n, dtype=np.bool_)
            np.maximum.at(best, holder, np.where(counts, np.log(share / chance + 0.02), -np.inf))
            np.logical_or.at(tied, holder, counts)
            among = float((weight * tied).sum()) / count
            beyond = float(((1.0 - weight) * tied).sum()) / rest
            without = np.log((1.0 - among + 0.05) / (1.0 - beyond + 0.05))
            found += np.where(tied, best, min(without, 0.0))
        return np.clip(found, *_TIE_RANGE)

    def of_sign_ups(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[E] nats: members who joined within three days against everybody who did."""
        created = self._bundles.created
        known = np.flatnonzero(created != UNKNOWN)
        found = np.zeros(self._n)
        if len(known) < 2:
            return found
        order = known[np.argsort(created[known], kind="stable")]
        at = created[order]
        low = np.searchsorted(at, at - _SIGN_UP_US, side="left")
        high = np.searchsorted(at, at + _SIGN_UP_US, side="right")
        running = np.concatenate([[0.0], np.cumsum(weight[order])])
        count = max(float(weight[order].sum()), 2.0)
        members = np.maximum(running[high] - running[low] - weight[order], 0.0) / count
        everybody = (high - low) / len(order)
        ratio = np.log((0.8 * members + 0.2 * everybody) / everybody)
        found[order] = np.clip(ratio, *_SIGN_UP_RANGE)
        return found


def _empty(profiles: Profiles) -> NDArray[np.bool_]:
    """bool[G,E]: entities without anything in a vocabulary."""
    row = profiles.row
    n = len(profiles.indptr) - 1
    return np.stack(
        [
            np.bincount(row[(profiles.cells >= begin) & (profiles.cells < end)], minlength=n) == 0
            for begin, end in pairwise(profiles.starts)
        ]
    )
