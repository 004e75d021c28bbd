"""Interchange: whose prompt is it? Where one source feeds many accounts, nobody could tell.

A person's prompts resemble each other more than they resemble other people's, also where all share
an interest: everybody has corners of their own. Prompts that come off one list do not. Knows
content only; each wording counts once an entity, and a wording that two entities share is left
out, so that copying one another is not what is measured here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.kernels.rff import features, frequencies, group_sums, median_distance

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Frequencies of the sketch; features = twice as many.
_FREQUENCIES: Final = 256
#: Bandwidth, in median distances between prompts: the finest of the distribution test's.
_BANDWIDTH: Final = 0.5
#: Pairs of landmarks from which the median distance is taken.
_PAIRS: Final = 20_000
#: Wordings of one member that count: a large account must not speak for all.
_MOST: Final = 40.0
#: Fewest members of whom two wordings are known.
_LEAST: Final = 3
#: Least mean similarity that is told from none.
_FLOOR: Final = 2e-4


@dataclass(frozen=True, slots=True)
class Sketch:
    """Distinct wordings of each entity, and the sums of their features. E entities, K features.

    Attributes:
        indptr: i64[E+1].
        wording: i64[W] near-duplicate groups of each entity, ascending.
        sums: f64[E, K] random Fourier features (Rahimi and Recht 2007), summed.
    """

    indptr: NDArray[np.int64]
    wording: NDArray[np.int64]
    sums: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        entity: NDArray[np.int64],
        wording: NDArray[np.int64],
        landmark: NDArray[np.int64],
        vectors: NDArray[np.float32],
        n_entities: int,
        random: np.random.Generator,
    ) -> Sketch:
        """From exchanges.

        Args:
            entity: i64[N] who asked.
            wording: i64[N] near-duplicate group.
            landmark: i64[N] nearest landmark of the prompt; below 0 = left out.
            vectors: f32[L, D] of the landmarks.
            n_entities: E.
            random: For the frequencies.
        """
        placed = landmark >= 0
        entity, wording, landmark = entity[placed], wording[placed], landmark[placed]
        # A wording has one place, so that the same wording is at distance 0 from itself.
        words, first = np.unique(wording, return_index=True)
        place = landmark[first]
        width = len(words) or 1
        pairs = np.unique(entity * width + np.searchsorted(words, wording))
        who, which = pairs // width, pairs % width
        indptr = np.zeros(n_entities + 1, dtype=np.int64)
        np.cumsum(np.bincount(who, minlength=n_entities), out=indptr[1:])
        if len(place) == 0:
            return cls(indptr, which, np.zeros((n_entities, 2 * _FREQUENCIES)))
        bandwidth = np.array([_BANDWIDTH * median_distance(vectors, _PAIRS, random)])
        frequency = frequencies(vectors.shape[1], _FREQUENCIES, bandwidth, random)
        sums = group_sums(who, place[which], features(vectors, frequency), n_entities)
        return cls(indptr, which, sums)

    def interchange(self, members: NDArray[np.int64]) -> tuple[float, float]:
        """Log ratio of how alike prompts of different members are to those of one, and variance.

        log mean k(x, y) over pairs of different members - log mean k(x, x') over pairs of one: 0
        where nobody could tell whose a prompt is, below 0 for people. The two means are those of
        the analysis of dispersion by a kernel (DISCO, Rizzo and Szekely 2010; Gretton et al.
        2012, eq. 3). Variance by the jackknife over members; both NaN with too few of them.
        """
        count = np.diff(self.indptr)[members]
        members, count = members[count >= 2], count[count >= 2].astype(np.float64)
        n = len(members)
        if n < _LEAST:
            return np.nan, np.nan
        held = np.minimum(count, _MOST)
        mean = self.sums[members] / count[:, None]
        square = (mean * mean).sum(axis=1)
        own_pairs = held * (held - 1.0)
        own = own_pairs * (square * count - 1.0) / (count - 1.0)
        pooled = held @ mean
        cross = held * (mean @ pooled) - held**2 * square
        cross_pairs = held * (held.sum() - held)
        shared = self._shared(members, held / count)
        cross, cross_pairs = cross - shared, cross_pairs - shared
        # What each member takes part in, and what is left without it.
        whole = _log_ratio(cross.sum(), cross_pairs.sum(), own.sum(), own_pairs.sum())
        without = _log_ratio(
            cross.sum() - 2.0 * cross,
            cross_pairs.sum() - 2.0 * cross_pairs,
            own.sum() - own,
            own_pairs.sum() - own_pairs,
        )
        variance = (n - 1.0) / n * float(((without - without.mean()) ** 2).sum())
        return float(whole), variance

    def _shared(
        self, members: NDArray[np.int64], weight: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """f64[M]: weighted pairs of one wording between each member and the others; each k = 1."""
        lengths = self.indptr[members + 1] - self.indptr[members]
        start = np.repeat(self.indptr[members] - np.cumsum(lengths) + lengths, lengths)
        wording = self.wording[start + np.arange(int(lengths.sum()))]
        row = np.repeat(np.arange(len(members)), lengths)
        _, at = np.unique(wording, return_inverse=True)
        total = np.bincount(at, weights=weight[row])
        held = weight[row] * (total[at] - weight[row])
        return np.bincount(row, weights=held, minlength=len(members)).astype(np.float64)


def _log_ratio(
    cross: NDArray[np.float64],
    cross_pairs: NDArray[np.float64],
    own: NDArray[np.float64],
    own_pairs: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Log of mean similarity between members / within them, both at least a little."""
    between = np.maximum(cross, 0.0) / np.maximum(cross_pairs, 1e-9)
    within = np.maximum(own, 0.0) / np.maximum(own_pairs, 1e-9)
    found: NDArray[np.float64] = np.log((between + _FLOOR) / (within + _FLOOR))
    return found
