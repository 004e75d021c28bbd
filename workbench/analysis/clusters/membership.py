"""Membership: how likely each entity belongs to a cluster, from everything that is known of it.

A component as formed is a first guess: it misses members whose neighbourhoods were thin and
holds bystanders of the same interest. Here each entity's own content, sign-up, ties, volume and
pace are weighed as log-likelihood ratios of "one of these" against "somebody else"; members and
what they have in common are estimated in turn (classification EM, Celeux and Govaert 1992: who is
rather not a member teaches nothing, or the many that hardly are would drown the few that are).
Whoever is weighed is left out of what it is weighed against. How much evidence makes a member is
not assumed but counted: against entities whose content and bundle have nothing to do with each
other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.communities import components
from workbench.analysis.clusters.evidence import normal_scores
from workbench.analysis.clusters.measures import core_of
from workbench.analysis.clusters.resemblance import RANGE, Resemblance
from workbench.analysis.clusters.sign_ups import SignUps
from workbench.analysis.clusters.strangers import unrelated
from workbench.analysis.signals.ties import HUB
from workbench.domain.finding import MEMBERSHIP_THRESHOLD
from workbench.domain.signal import Axis
from workbench.kernels.ranks import rising_excess, stable_order
from workbench.kernels.shared import shared_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.evidence import Bundles, Content
    from workbench.analysis.signals.profiles import Profiles
    from workbench.analysis.signals.ties import Held

#: Fewest entities of a cluster that is tested.
TESTED: Final = 8
_ROUNDS: Final = 16
#: Most looks at one component.
_LOOKS: Final = 4
#: Rounds in which like-minded entities are gathered.
_GATHERINGS: Final = 3
#: Ranges of the log-likelihood ratios: no single trait decides alone.
_SCORE_RANGE: Final = (-4.0, 4.0)
_TIE_RANGE: Final = (-3.0, 8.0)
#: Entities expected by chance in every block of evidence, beside those that were counted.
_DOUBT: Final = 0.25
#: Nats below the least member at which an entity leans to a cluster 1/e as much. Evidence is
#: not as independent as its parts are added up, so that a nat counts for less than one.
_LEANING: Final = 8.0
#: What membership is weighed by, in the order of ``Weighed.evidence``, and the nats between which
#: each is held. Content is of two vocabularies.
EVIDENCE: Final[dict[str, tuple[float, float]]] = {
    "content": (2 * RANGE[0], 2 * RANGE[1]),
    "ties": _TIE_RANGE,
    "sign_ups": SignUps.RANGE,
    "pace": _SCORE_RANGE,
    "volume": _SCORE_RANGE,
}
#: Entities whose content is weighed exactly: those that look most like the members at a glance.
_WEIGHED: Final = 0.08
_WEIGHED_LEAST: Final = 500


@dataclass(frozen=True, slots=True)
class Weighed:
    """What everybody is to one cluster. E entities.

    Attributes:
        likely: f64[E], the probability that each belongs.
        leaning: f64[E] in [0, 1/2], an order among those who do not: how near their evidence comes
            to the least that makes a member; no probability.
        evidence: f64[5, E] nats, a row each of ``EVIDENCE``: what speaks for belonging, or against;
            NaN for who was not weighed, 0 for what was not.
    """

    likely: NDArray[np.float64]
    leaning: NDArray[np.float64]
    evidence: NDArray[np.float64]


class Membership:
    """Weighs entities for clusters of one population.

    Attributes:
        n_entities: E.

    Args:
        content: What entities asked.
        bundles: Everything else.
        groups: Interest groups of the population: who somebody else may be.
        carriers: A few worlds in which content does not matter: whose bundle each carries.
        profiles: What is weighed of content: both halves, or the half that forms.
        everything: Whether this is the last reading: volume counts, too, and who is no member is
            counted in a second way. The growth that is tested does without.
    """

    def __init__(
        self,
        content: Content,
        bundles: Bundles,
        groups: Sequence[NDArray[np.int64]],
        carriers: Sequence[NDArray[np.int64]],
        profiles: Profiles,
        *,
        everything: bool = False,
    ) -> None:
        self._everything = everything
        self._content = content
        self._bundles = bundles
        self._carriers = np.stack(carriers)
        self._chances = np.log(bundles.accounts)
        self._forms_by = bundles.forms_by
        self._joined = SignUps(bundles.created)
        self.n_entities = bundles.n_entities
        # Values that few hold, by kind. Without what is common, growth takes a third less time.
        self._few = [
            _of_few(bundles.ties.held[kind], max(HUB, self.n_entities // 20))
            for kind in bundles.tied_kinds
            if kind != "asn"
        ]
        self._volume = normal_scores(bundles.volume.astype(np.float64))
        self._resemblance = Resemblance(profiles, content.prior, groups)

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
        return self.weighed(formed, carrier, allowed).likely

    def weighed(
        self,
        formed: NDArray[np.int64],
        carrier: NDArray[np.int64] | None = None,
        allowed: NDArray[np.bool_] | None = None,
    ) -> Weighed:
        """As ``of``, and how near everybody else comes."""
        carrier = np.arange(self.n_entities) if carrier is None else carrier
        bearer = np.empty_like(carrier)
        bearer[carrier] = np.arange(self.n_entities)
        weight = np.zeros(self.n_entities)
        weight[formed] = MEMBERSHIP_THRESHOLD
        weight[core_of(self._content, formed)] = 0.9
        for _ in range(_ROUNDS):
            carried = weight[bearer]
            parts = self.of_bundles(carried)
            rest = sum(parts.values(), np.zeros(self.n_entities))
            rows = self._worth_weighing(weight)
            content = self._resemblance.of(rows, weight)
            found = np.zeros(self.n_entities)
            found[rows] = self._excess(rows, content, rest[carrier], weight)
            if allowed is not None:
                found[~allowed] = 0.0
            now = np.where(found >= MEMBERSHIP_THRESHOLD, found, 0.0)
            moved = float(np.abs(now - weight).max())
            weight = now
            if moved < 0.02 or (weight > 0).sum() < 2:
                break
        total = np.full(self.n_entities, -np.inf)
        total[rows] = content + rest[carrier[rows]]
        evidence = np.full((len(EVIDENCE), self.n_entities), np.nan)
        evidence[:, rows] = 0.0
        for row, name in enumerate(EVIDENCE):
            if name in parts:
                evidence[row, rows] = parts[name][carrier[rows]]
        evidence[0, rows] = content
        return Weighed(found, _leaning(found, total), evidence)

    def grown(
        self,
        formed: NDArray[np.int64],
        carrier: NDArray[np.int64] | None = None,
        allowed: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.int64]:
        """Members of the cluster formed by these, ascending; none if they are too few to test."""
        members = np.flatnonzero(self.of(formed, carrier, allowed) >= MEMBERSHIP_THRESHOLD)
        return members if len(members) >= TESTED else members[:0]

    def clusters(
        self,
        component: NDArray[np.int64],
        edges: tuple[NDArray[np.int64], NDArray[np.int64]],
        carrier: NDArray[np.int64] | None = None,
        allowed: NDArray[np.bool_] | None = None,
    ) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """What a component grows to: two operators may be each other's neighbours.

        What a cluster leaves of the component, as far as it hangs together, is looked at again
        without that cluster.

        Args:
            component: Entities that were flagged together.
            edges: Pairs of content neighbours.
            carrier: As for ``of``.
            allowed: As for ``of``.

        Returns:
            (entities that formed it, members as ``grown`` gives them) of every look.
        """
        free = np.ones(self.n_entities, dtype=np.bool_) if allowed is None else allowed.copy()
        found: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        parts = [component]
        while parts and len(found) < _LOOKS:
            members = self.grown(parts[0], carrier, free)
            found.append((parts[0], members))
            if not len(members):
                break
            free[members] = False
            parts = components(edges, np.isin(np.arange(self.n_entities), component) & free)
        return found

    def like_minded(
        self, seed: NDArray[np.int64], size: int, allowed: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """The entities that ask most alike around some, ascending, whatever else is known of them.

        Args:
            seed: Where to start.
            size: How many to return.
            allowed: bool[E], entities that may be among them.
        """
        members = seed
        for _ in range(_GATHERINGS):
            weight = np.zeros(self.n_entities)
            weight[members] = 1.0
            rows = self._worth_weighing(weight)
            rows = rows[allowed[rows]]
            alike = self._resemblance.of(rows, weight)
            members = np.sort(rows[np.argsort(-alike, kind="stable")[:size]])
        return members

    def _worth_weighing(self, weight: NDArray[np.float64]) -> NDArray[np.int64]:
        """Members, and those whose prompts look most like theirs, ascending."""
        most = max(_WEIGHED_LEAST, int(_WEIGHED * self.n_entities))
        if self.n_entities <= most:
            return np.arange(self.n_entities)
        alike = self._resemblance.at_a_glance(weight)
        chosen = weight > 0
        chosen[np.argpartition(-alike, most)[:most]] = True
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

        stranger = 1.0 - weight[rows]
        if self._everything:
            # By weight alone, whoever is taken in no longer counts against the next one.
            level = self._bundles.volume_level
            stranger = 0.5 * (stranger + unrelated(rows, content, rest, 1.0 - weight, level))
        dealt = self._carriers[:, rows]
        value = np.concatenate([content + rest[rows], (content + rest[dealt]).ravel()])
        chance = stranger * (1.0 - weight[dealt]) / len(self._carriers)
        mass = np.concatenate([np.ones(len(rows)), chance.ravel()])
        kept = np.flatnonzero(mass > 0)
        order = kept[stable_order(value[kept])]
        level = isotonic_regression((order < len(rows)).astype(np.float64), weights=mass[order]).x
        # A little more is expected than was counted, so that the few who happen to stand alone
        # are no members.
        found: NDArray[np.float64] = rising_excess(level, order, mass, len(rows), _DOUBT)
        return found

    def scripts(self, members: NDArray[np.int64]) -> NDArray[np.int64]:
        """i64[M,G]: of which script each member is, by each vocabulary, if it were a cluster."""
        return self._resemblance.scripts(members)

    def of_content(
        self, rows: NDArray[np.int64], weight: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """f64[M] nats: what entities asked, for the cluster of a weight (f64[E]) or against."""
        return self._resemblance.of(rows, weight)

    def of_bundles(self, weight: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Of ``EVIDENCE``, f64[E] nats: what forms clusters; in the last reading everything."""
        found = {}
        if Axis.COORDINATION in self._forms_by:
            found = {"ties": self.of_ties(weight), "sign_ups": self.of_sign_ups(weight)}
        if Axis.AUTOMATION in self._forms_by:
            found["pace"] = self.of_pace(weight)
        if self._everything:
            found["volume"] = self.of_volume(weight)
        return found

    def of_pace(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[E] nats: the members' distribution of pace against everybody's."""
        return _of_score(self._bundles.pace, weight)

    def of_volume(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[E] nats: the members' distribution of volume against everybody's.

        An operator shares its work out, so that its accounts ask about as much as each other: who
        asked twice, and shares a network with them, is hardly one. No test reads it.
        """
        return _of_score(self._volume, weight)

    def of_ties(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[E] nats: shared values, kind by kind: the other holders' membership against chance.

        Whoever shares nothing of a kind is held against a cluster whose members do. One customer of
        many accounts meets somebody's value by chance as many times as often.
        """
        count = max(float(weight.sum()), 2.0)
        rest = max(self.n_entities - count, 1.0)
        found = np.zeros(self.n_entities)
        for offsets, holder in self._few:
            best, tied = shared_values(offsets, holder, weight, count, rest)
            among = float((weight * tied).sum()) / count
            beyond = float(((1.0 - weight) * tied).sum()) / rest
            without = min(np.log((1.0 - among + 0.05) / (1.0 - beyond + 0.05)), 0.0)
            found += np.where(tied, np.maximum(best - self._chances, without), without)
        return np.clip(found, *_TIE_RANGE)

    def of_sign_ups(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[E] nats: members who joined at about the time against everybody who did."""
        return self._joined.of(weight)


def _of_few(held: Held, most: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """(offsets, holders) of the values that two hold at least, and so many at most."""
    few = (held.sizes >= 2) & (held.sizes <= most)
    offsets = np.concatenate([[0], np.cumsum(held.sizes[few])])
    return offsets, held.holder[np.repeat(few, held.sizes)]


def _of_score(score: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """f64[E] nats: the members' normal distribution of a normal score against the standard one.

    Args:
        score: f64[E]; NaN = not known, which says nothing.
        weight: f64[E] of each entity in the cluster.
    """
    known = ~np.isnan(score)
    count = float(weight[known].sum())
    if count < 2.0:
        return np.zeros(len(score))
    mean = float((weight[known] * score[known]).sum()) / count
    spread = float((weight[known] * (score[known] - mean) ** 2).sum())
    variance = (spread + 2.0) / (count + 2.0)
    ratio = 0.5 * (score**2 - (score - mean) ** 2 / variance - np.log(variance))
    return np.clip(np.where(known, ratio, 0.0), *_SCORE_RANGE)


def _leaning(likely: NDArray[np.float64], evidence: NDArray[np.float64]) -> NDArray[np.float64]:
    """f64[E]: half, and less by how far evidence (f64[E] nats) stays below the least member's."""
    member = likely >= MEMBERSHIP_THRESHOLD
    if not member.any():
        return np.zeros(len(likely))
    short = np.minimum(evidence - evidence[member].min(), 0.0)
    found: NDArray[np.float64] = MEMBERSHIP_THRESHOLD * np.exp(short / _LEANING)
    return found
