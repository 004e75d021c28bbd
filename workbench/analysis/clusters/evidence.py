"""What clusters are formed from and tested on: content in two halves, and each entity's bundle.

The node of everything here is the entity: what is openly one customer speaks once, however many
keys it holds. An entity's bundle is everything about it but content: sign-up, ties, timing.
Content and bundle are kept apart so that a world can be made in which they have nothing to do
with each other (``repaired``): what still clusters there is chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.domain.signal import Axis
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from workbench.analysis.clusters.graph import Neighbours, Prior
    from workbench.analysis.clusters.interchange import Sketch
    from workbench.analysis.signals.profiles import Profiles
    from workbench.analysis.signals.ties import Ties

#: Entities of a level of volume: at least so many, and this share of all.
_LEVEL_LEAST: Final = 100
_LEVEL_SHARE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Content:
    """What entities asked. E entities.

    Attributes:
        first: Profiles of half A, which forms clusters.
        second: Profiles of half B, which tests them.
        whole: Both halves.
        prior: Fitted on half A.
        neighbours: From half A.
        sketch: Distinct wordings of half B.
        worded: Kind ("group", "template") -> wordings of half B and who used them.
        elicits: Signal -> f64[E] normal score.
    """

    first: Profiles
    second: Profiles
    whole: Profiles
    prior: Prior
    neighbours: Neighbours
    sketch: Sketch
    worded: Ties
    elicits: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Bundles:
    """Everything about entities but content.

    Attributes:
        accounts: i64[E] accounts of each entity.
        customer: i32[E]; end users of one reseller share a number, others have their own.
        created: i64[E] first sign-up in microseconds, ``UNKNOWN`` = not known.
        ties: What entities show of themselves.
        pairs: f64[E,E] sparse, from ``graph.tie_matrix``.
        density: f64[E] from ``graph.sign_up_density``.
        timing: Signal -> f64[E] normal score of automation signals; assessed ones only.
        pace: f64[E] one score of automation: the mean of ``timing``, ranked again.
        volume: i64[E] exchanges.
    """

    accounts: NDArray[np.int64]
    customer: NDArray[np.int32]
    created: NDArray[np.int64]
    ties: Ties
    pairs: csr_matrix
    density: NDArray[np.float64]
    timing: Mapping[str, NDArray[np.float64]]
    pace: NDArray[np.float64]
    volume: NDArray[np.int64]

    @property
    def n_entities(self) -> int:
        """E."""
        return len(self.created)

    @property
    def volume_level(self) -> NDArray[np.int64]:
        """i64[E]: exchanges in powers of two."""
        level: NDArray[np.int64] = np.log2(np.maximum(self.volume, 1)).astype(np.int64)
        return level

    @property
    def has_sign_ups(self) -> bool:
        """Whether any sign-up time is known."""
        return bool((self.created != UNKNOWN).any())

    @property
    def forms_by(self) -> tuple[Axis, ...]:
        """The axes on which strangers are linked: those of which the log shows anything."""
        linked = self.pairs.nnz > 0 or self.has_sign_ups
        known = {Axis.AUTOMATION: bool(self.timing), Axis.COORDINATION: linked}
        return tuple(axis for axis in Axis if known.get(axis)) or (Axis.COORDINATION,)

    @property
    def tied_kinds(self) -> tuple[str, ...]:
        """Kinds of values that the log holds and that may tie strangers, sorted."""
        return tuple(kind for kind in sorted(self.ties.held) if kind != "organisation")

    def repaired(self, random: np.random.Generator) -> NDArray[np.int64]:
        """i64[E]: whose bundle each entity carries in a world where content does not matter.

        Entities of one account swap bundles with others of their volume (powers of two, the loudest
        together); larger ones keep theirs, for one customer's keys do belong together.
        """
        level = merged_levels(self.volume_level)
        carrier = np.arange(self.n_entities)
        for step in np.unique(level):
            swapped = np.flatnonzero((self.accounts == 1) & (level == step))
            carrier[swapped] = random.permutation(swapped)
        return carrier


def merged_levels(level: NDArray[np.int64]) -> NDArray[np.int64]:
    """i64[E]: levels (i64[E] >= 0) that few reach are made one with the next below.

    Where a campaign's accounts are most of those who ask as much, it would else be dealt to itself.
    """
    sizes = np.bincount(level)
    least = max(_LEVEL_LEAST, int(_LEVEL_SHARE * len(level)))
    merged = np.arange(len(sizes))
    held = 0
    for step in range(len(sizes) - 1, 0, -1):
        held += int(sizes[step])
        if held < least:
            merged[merged == step] = step - 1
        else:
            held = 0
    found: NDArray[np.int64] = merged[level]
    return found


def normal_scores(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Percentiles (0..100, NaN = not assessed) or any values as normal scores of their ranks."""
    from scipy.special import ndtri

    found = np.full(len(value), np.nan)
    known = ~np.isnan(value)
    if known.any():
        ordered = np.sort(value[known])
        # Mean rank of equal values; scipy.stats would hold the interpreter while it loads.
        low = np.searchsorted(ordered, value[known], side="left")
        high = np.searchsorted(ordered, value[known], side="right")
        found[known] = ndtri(0.5 * (low + high) / len(ordered))
    return found


def mean_score(scores: Mapping[str, NDArray[np.float64]], n: int) -> NDArray[np.float64]:
    """One normal score from several: the mean of those assessed, ranked again; NaN without any."""
    if not scores:
        return np.full(n, np.nan)
    stacked = np.stack([scores[name] for name in sorted(scores)])
    known = ~np.isnan(stacked)
    count = known.sum(axis=0)
    mean = np.where(known, stacked, 0.0).sum(axis=0) / np.maximum(count, 1)
    return normal_scores(np.where(count > 0, mean, np.nan))
