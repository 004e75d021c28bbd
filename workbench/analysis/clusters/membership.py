"""Membership: how likely each entity belongs to a cluster, from everything that is known of it.

A component as formed is a first guess: it misses members whose neighbourhoods were thin and
holds bystanders of the same interest. Here each entity's own content, sign-up, ties and pace are
weighed as log-likelihood ratios of "one of these" against "somebody else"; members and what they
have in common are estimated in turn. Whoever is weighed is left out of what it is weighed
against. How much evidence makes a member is not assumed but counted: against entities whose
content and bundle have nothing to do with each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.measures import core_of
from workbench.analysis.signals.ties import HUB
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
_KINDS: Final = (
    (1.0, 2.0),
    (1.0, 8.0),
    (1.0, 32.0),
    (0.9, 8.0),
    (0.7, 8.0),
    (0.5, 8.0),
    (0.3, 8.0),
)
#: Members imagined beforehand, spread over these kinds, so that none is ruled out.
_IMAGINED: Final = 1.0
#: Ranges of the log-likelihood ratios: no single trait decides alone.
_CONTENT_RANGE: Final = (-8.0, 8.0)
_PACE_RANGE: Final = (-4.0, 4.0)
_TIE_RANGE: Final = (-3.0, 8.0)
_SIGN_UP_RANGE: Final = (-2.0, 5.0)
_SIGN_UP_US: Final = 3 * 86_400_000_000
#: Prior shares of what somebody else asks: what everybody does, what their interest does, half
#: of each, and what the cluster's bystanders do.
_STRANGERS: Final = (0.1, 0.45, 0.4, 0.05)


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
        self._strengths = content.prior.strengths
        self._base = _SMOOTHING * content.prior.share
        # Interest of each entity; 0 is everybody's.
        self._interest = np.zeros(self._n, dtype=np.int64)
        for number, group in enumerate(groups):
            self._interest[group] = number + 1
        self._n_interests = len(groups) + 1

    def of(
        self,
        formed: NDArray[np.int64],
        carrier: NDArray[np.int64] | None = None,
        rounds: int = _ROUNDS,
    ) -> NDArray[np.float64]:
        """f64[E]: the probability that each entity belongs to the cluster formed by these.

        Args:
            formed: Entities of the first guess.
            carrier: i64[E], whose bundle each carries, in a world dealt anew; None = its own.
            rounds: Most rounds of estimation.
        """
        carrier = np.arange(self._n) if carrier is None else carrier
        bearer = np.empty_like(carrier)
        bearer[carrier] = np.arange(self._n)
        weight = np.zeros(self._n)
        weight[formed] = 0.5
        weight[core_of(self._content, formed)] = 0.9
        for _ in range(rounds):
            carried = weight[bearer]
            rest = self.of_pace(carried) + self.of_ties(carried) + self.of_sign_ups(carried)
            found = self._excess(self.of_content(weight), rest[carrier], weight)
            moved = float(np.abs(found - weight).max())
            weight = found
            if moved < 0.02 or weight.sum() < 1.5:
                break
        return weight

    def _excess(
        self,
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

        sums, masses = [content + rest], [np.ones(self._n)]
        for carrier in self._carriers:
            sums.append(content + rest[carrier])
            masses.append((1.0 - weight) * (1.0 - weight[carrier]) / len(self._carriers))
        value, mass = np.concatenate(sums), np.concatenate(masses)
        real = np.concatenate([np.ones(self._n), np.zeros(len(value) - self._n)])
        kept = np.flatnonzero(mass > 0)
        order = kept[np.argsort(value[kept], kind="stable")]
        part = np.zeros(len(value))
        part[order] = isotonic_regression(real[order], weights=mass[order]).x
        share = np.clip(part[: self._n], 0.5, 1.0)
        return 2.0 - 1.0 / share

    def of_content(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[E] nats: one source, or one source in part, against everybody else's interests.

        The mix of kinds is the members' own: a cluster whose accounts do nothing but harvest
        forgives no other content, one that hides behind customers does.
        """
        profiles = self._profiles
        total = profiles.pooled(weight)
        rest = 1.0 - weight
        totals = np.zeros((self._n_interests, profiles.n_cells))
        np.add.at(
            totals,
            (self._interest[profiles.row], profiles.cells),
            profiles.counts * rest[profiles.row],
        )
        totals[0] = profiles.pooled(rest)

        def log_evidence(
            one: NDArray[np.float64],
            own: NDArray[np.float64],
            share: float,
            closeness: float,
        ) -> NDArray[np.float64]:
            found: NDArray[np.float64] = mixed_evidence(
                profiles.indptr, profiles.cells, profiles.counts, profiles.starts, self._base,
                one, own, totals, self._interest, rest, share, closeness * self._strengths,
            )  # fmt: skip
            return found

        kinds = np.stack([log_evidence(total, weight, *kind) for kind in _KINDS])
        mix = np.full(len(_KINDS), 1.0 / len(_KINDS))
        for _ in range(20):
            joint = kinds + np.log(mix)[:, None]
            held = np.exp(joint - np.logaddexp.reduce(joint, axis=0)) @ weight
            mix = (held + _IMAGINED / len(_KINDS)) / (held.sum() + _IMAGINED)
        members = np.logaddexp.reduce(kinds + np.log(mix)[:, None], axis=0)
        strangers = np.stack(
            [
                log_evidence(totals[0], rest, 1.0, 1.0),
                log_evidence(totals[0], rest, 0.0, 1.0),
                log_evidence(totals[0], rest, 0.5, 1.0),
                log_evidence(total, weight, 1.0, 1.0),
            ]
        )
        against = np.logaddexp.reduce(strangers + np.log(_STRANGERS)[:, None], axis=0)
        empty = np.diff(profiles.indptr) == 0
        return np.clip(np.where(empty, 0.0, members - against), *_CONTENT_RANGE)

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
