"""Membership: how likely each entity belongs to a cluster, from everything that is known of it.

A cluster as formed is a first guess: it misses members whose neighbourhoods were thin and holds
bystanders of the same interest. Here each entity's own content, sign-up, ties and pace are
weighed, as log-likelihood ratios of "one of these" against "somebody else"; members and what they
have in common are estimated in turn (EM). Whoever is weighed is left out of what it is weighed
against. Verdicts are not touched: they belong to the cluster as it was tested.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.measures import ONE_SOURCE, core_of
from workbench.analysis.signals.ties import HUB
from workbench.kernels.dirichlet import mixed_evidence, predictive_evidence
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.evidence import Bundles, Content

_ROUNDS: Final = 12
_SMOOTHING: Final = 30.0
#: Ranges of the log-likelihood ratios: no single trait decides alone.
_CONTENT_RANGE: Final = (-8.0, 8.0)
_PACE_RANGE: Final = (-4.0, 4.0)
_TIE_RANGE: Final = (-2.0, 7.0)
_SIGN_UP_RANGE: Final = (-2.0, 5.0)
_SIGN_UP_US: Final = 3 * 86_400_000_000
#: How a member's prompts may come about: all from the source; half from it, half its holder's
#: (a proxy's customer); loosely from it.
_MEMBER_KINDS: Final = (0.6, 0.25, 0.15)
#: Share of people who ask half what their interest asks and half what everybody does.
_MIXED: Final = 0.5
#: Share of a cluster's interest that ordinary people are taken to have.
_BYSTANDERS: Final = 0.05


class Membership:
    """Weighs entities for clusters of one population.

    Args:
        content: What entities asked.
        bundles: Everything else.
        groups: Interest groups of the population: who somebody else may be.
    """

    def __init__(
        self, content: Content, bundles: Bundles, groups: Sequence[NDArray[np.int64]]
    ) -> None:
        self._content = content
        self._bundles = bundles
        self._strength = content.prior.strength
        self._base = _SMOOTHING * content.prior.share
        self._groups = [group for group in groups if len(group) >= 8]
        self._n = bundles.n_entities

    def of(self, formed: NDArray[np.int64]) -> NDArray[np.float64]:
        """f64[E]: the probability that each entity belongs to the cluster formed by these."""
        weight = np.zeros(self._n)
        core = core_of(self._content, formed)
        weight[formed] = 0.5
        weight[core] = 0.9
        # Fixed, so that a cluster cannot talk itself into growing without end.
        prior = np.log(len(core) / self._n)
        for _ in range(_ROUNDS):
            odds = (
                prior
                + np.clip(self._of_content(weight), *_CONTENT_RANGE)
                + self._of_pace(weight)
                + self._of_ties(weight)
                + self._of_sign_ups(weight)
            )
            found = 1.0 / (1.0 + np.exp(-odds))
            moved = float(np.abs(found - weight).max())
            weight = found
            if moved < 0.01 or weight.sum() < 1.5:
                break
        return weight

    def _of_content(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """One source, or one source in part, against the interests of everybody else."""
        whole = self._content.whole
        rows = np.arange(self._n)
        totals, chosen, inside, elsewhere = self._elsewhere(weight)
        total = whole.pooled(weight)

        def followed(strength: float) -> NDArray[np.float64]:
            return predictive_evidence(
                rows, whole.indptr, whole.cells, whole.counts, weight, total, self._base,
                whole.indptr, whole.cells, whole.counts, strength,
            )  # fmt: skip

        halved = mixed_evidence(
            whole.indptr, whole.cells, whole.counts, self._base, total, weight, totals, chosen,
            inside, 0.5, self._strength,
        )  # fmt: skip
        loosely = followed(self._strength)
        closely = followed(ONE_SOURCE * self._strength)
        members = np.logaddexp.reduce(
            np.stack([closely, halved, loosely]) + np.log(_MEMBER_KINDS)[:, None], axis=0
        )
        strangers = np.logaddexp(elsewhere, loosely + np.log(_BYSTANDERS))
        found: NDArray[np.float64] = np.where(whole.totals > 0, members - strangers, 0.0)
        return found

    def _elsewhere(
        self, weight: NDArray[np.float64]
    ) -> tuple[
        NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]
    ]:
        """Everybody else by interest: counts of each, each one's nearest, its own part, evidence.

        Members weigh nothing here, and nobody is compared with itself.
        """
        whole, rest = self._content.whole, 1.0 - weight
        rows = np.arange(self._n)
        totals, parts, evidence = [], [], []
        for number, members in enumerate([rows, *self._groups]):
            part = np.zeros(self._n)
            part[members] = rest[members]
            total = whole.pooled(part)
            share = 0.2 if number == 0 else 0.8 * max(float(part.sum()), 0.5) / self._n
            evidence.append(
                np.log(share)
                + predictive_evidence(
                    rows, whole.indptr, whole.cells, whole.counts, part, total, self._base,
                    whole.indptr, whole.cells, whole.counts, self._strength,
                )
            )  # fmt: skip
            totals.append(total)
            parts.append(part)
        stacked = np.stack(evidence)
        chosen = stacked.argmax(axis=0)
        inside = np.stack(parts)[chosen, rows]
        # People, too, ask in part what everybody asks: the same freedom as a member has.
        mixed = np.log(_MIXED) + mixed_evidence(
            whole.indptr, whole.cells, whole.counts, self._base, totals[0], parts[0],
            np.stack(totals), chosen, inside, 0.5, self._strength,
        )  # fmt: skip
        return (
            np.stack(totals), chosen, inside,
            np.logaddexp(np.logaddexp.reduce(stacked, axis=0) + np.log(1.0 - _MIXED), mixed),
        )  # fmt: skip

    def _of_pace(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """The members' normal distribution of pace against the population's standard one."""
        pace = self._bundles.pace
        known = ~np.isnan(pace)
        count = float(weight[known].sum())
        if count < 2.0:
            return np.zeros(self._n)
        mean = float((weight[known] * pace[known]).sum()) / count
        spread = float((weight[known] * (pace[known] - mean) ** 2).sum())
        variance = (spread + 2.0) / (count + 2.0)
        ratio = 0.5 * (pace**2 - (pace - mean) ** 2 / variance - np.log(variance))
        found: NDArray[np.float64] = np.clip(np.where(known, ratio, 0.0), *_PACE_RANGE)
        return found

    def _of_ties(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """The strongest shared value: members who hold it against others who do.

        Whoever shares nothing is held against a cluster whose members share.
        """
        bundles = self._bundles
        count = max(float(weight.sum()), 2.0)
        best, tied = np.zeros(self._n), np.zeros(self._n, dtype=np.bool_)
        for kind in bundles.tied_kinds:
            if kind == "asn":
                continue
            held = bundles.ties.held[kind]
            few = (held.sizes >= 2) & (held.sizes <= max(HUB, self._n // 20))
            value, holder = held.value, held.holder
            inside = np.bincount(value, weights=weight[holder], minlength=len(held.sizes))
            # What the others of the cluster hold, without the one that is weighed.
            share = np.maximum(inside[value] - weight[holder], 0.0) / count
            outside = (held.sizes[value] - inside[value] + 1.0) / (self._n - count + 1.0)
            counts = few[value] & (share * count > 0.7)
            ratio = np.where(counts, np.log((share + 0.02 * outside) / outside), 0.0)
            np.maximum.at(best, holder, ratio)
            np.logical_or.at(tied, holder, counts)
        among = float((weight * tied).sum()) / count
        beyond = float(((1.0 - weight) * tied).sum()) / max(self._n - count, 1.0)
        without = np.log((1.0 - among + 0.05) / (1.0 - beyond + 0.05))
        return np.clip(np.where(tied, best, min(without, 0.0)), *_TIE_RANGE)

    def _of_sign_ups(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Members who joined within three days against everybody who did; half may join alone."""
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
