"""Communities: components of entities whose neighbourhoods are extraordinary.

Every entity is looked at together with its content neighbours: do they share values that few
hold, did they sign up together, do they keep machine hours? What counts as extraordinary is read
off worlds in which bundles were dealt out anew. Flagged entities that are content neighbours form
a community; modularity is not asked, for it shatters campaigns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.graph import SIGN_UP_US
from workbench.domain.signal import Axis
from workbench.kernels.neighbours import pooled_near, pooled_scores, pooled_ties
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from workbench.analysis.clusters.evidence import Bundles
    from workbench.analysis.clusters.graph import Neighbours

#: Share of entities flagged in worlds where content does not matter.
FLAGGED: Final = 0.02
#: Fewest entities of a component that is looked at.
LEAST: Final = 6


@dataclass(frozen=True, slots=True)
class Pooled:
    """Evidence of every entity's neighbourhood in one world.

    Attributes:
        parts: f64[J,E], one row a source of evidence; greater is more extraordinary.
    """

    parts: NDArray[np.float64]


def pool_neighbourhoods(
    neighbours: Neighbours, bundles: Bundles, carrier: NDArray[np.int64]
) -> Pooled:
    """Ties, sign-ups and pace of every entity and its content neighbours.

    Where nothing is tied, when accounts were made is left to growth: by itself it shows no more
    than a firm that made its keys on one day.

    Args:
        neighbours: Content neighbours.
        bundles: What entities carry.
        carrier: i64[E], whose bundle each entity carries.
    """
    partner, degree = neighbours.partner, neighbours.degree
    parts = []
    pairs = bundles.pairs
    if pairs.nnz:
        sums = pooled_ties(partner, carrier, pairs.indptr, pairs.indices, pairs.data)
        # What random neighbours would share: a carrier's customer meets others everywhere.
        everywhere = np.asarray(pairs.sum(axis=1)).ravel() / max(bundles.n_entities - 1, 1)
        parts.append(sums - degree * everywhere[carrier])
    paced = Axis.AUTOMATION in bundles.forms_by
    if bundles.has_sign_ups and (pairs.nnz or not paced):
        near, known = pooled_near(partner, carrier, bundles.created, SIGN_UP_US, int(UNKNOWN))
        expected = np.nan_to_num(known * bundles.density[carrier])
        over = (near > expected) & (expected > 0)
        ratio = np.where(over, near, 1.0) / np.where(over, expected, 1.0)
        parts.append(np.where(over, near * np.log(ratio) - (near - expected), 0.0))
    if paced:
        total, count = pooled_scores(partner, carrier, bundles.pace)
        parts.append(np.where(count > 1, total / np.sqrt(np.maximum(count, 1)), 0.0))
    if not parts:
        return Pooled(np.zeros((0, bundles.n_entities)))
    return Pooled(np.stack(parts))


@dataclass(frozen=True, slots=True)
class Surprise:
    """How surprising pooled evidence is, learnt from worlds where content does not matter.

    Attributes:
        null: f64[J, worlds x E], each row sorted.
        threshold: Least combined surprise of a flagged entity.
    """

    null: NDArray[np.float64]
    threshold: float

    @classmethod
    def learn(cls, worlds: Sequence[Pooled], flagged: float = FLAGGED) -> Surprise:
        """From a few re-paired worlds."""
        null = np.sort(np.concatenate([world.parts for world in worlds], axis=1), axis=1)
        learnt = cls(null, np.inf)
        combined = np.concatenate([learnt.of(world) for world in worlds])
        if null.shape[0] == 0:
            return learnt
        return cls(null, float(np.quantile(combined, 1.0 - flagged)))

    def of(self, pooled: Pooled) -> NDArray[np.float64]:
        """f64[E] nats: sum of -log survival over the sources (Fisher)."""
        total = np.zeros(pooled.parts.shape[1])
        for null, part in zip(self.null, pooled.parts, strict=True):
            above = len(null) - np.searchsorted(null, part, side="left")
            total -= np.log((1.0 + above) / (len(null) + 1.0))
        return total


def flagged_components(
    edges: tuple[NDArray[np.int64], NDArray[np.int64]],
    surprise: NDArray[np.float64],
    threshold: float,
    allowed: NDArray[np.bool_] | None = None,
) -> list[NDArray[np.int64]]:
    """Components of flagged entities over content neighbours, those of enough members.

    Args:
        edges: Pairs of content neighbours, from ``Neighbours.edges``.
        surprise: f64[E].
        threshold: Flagged are entities above it.
        allowed: bool[E], entities that may take part; all by default.

    Returns:
        Members of each component, ascending; largest component first, ties by first member.
    """
    flagged = surprise > threshold
    return components(edges, flagged if allowed is None else flagged & allowed)


def components(
    edges: tuple[NDArray[np.int64], NDArray[np.int64]], chosen: NDArray[np.bool_]
) -> list[NDArray[np.int64]]:
    """Connected components of some entities, those of enough members.

    Args:
        edges: Pairs of entities.
        chosen: bool[E], who takes part.

    Returns:
        Members of each component, ascending; largest component first, ties by first member.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(chosen)
    left, right = edges
    use = chosen[left] & chosen[right]
    graph = csr_matrix((np.ones(use.sum(), dtype=np.int8), (left[use], right[use])), shape=(n, n))
    component = connected_components(graph, directed=False)[1]
    members = np.flatnonzero(chosen)
    order = members[np.argsort(component[members], kind="stable")]
    cuts = np.flatnonzero(np.diff(component[order])) + 1
    found = [part for part in np.split(order, cuts) if len(part) >= LEAST]
    return sorted(found, key=lambda part: (-len(part), int(part[0])))


def interest_groups(
    neighbours: Neighbours, seed: int, resolution: float
) -> list[NDArray[np.int64]]:
    """Groups of entities with like content, over the whole population (Louvain).

    Narrow ones are the reference of how much ordinary groups differ from each other, broad ones
    say who somebody else may be. Nobody is suspected by them, so that modularity may shatter
    what it likes.
    """
    from scipy.sparse import csr_matrix

    n = len(neighbours.partner)
    left, right, factor = neighbours.edges()
    graph = csr_matrix((factor, (left, right)), shape=(n, n))
    return _by_modularity(graph + graph.T, seed, resolution)


def tied_groups(pairs: csr_matrix, seed: int) -> list[NDArray[np.int64]]:
    """Groups of entities that share what few hold, whatever they ask (Louvain).

    Nobody is suspected by them either: strangers share networks and cards, so that what an operator
    holds lies scattered among them. They are where growth starts.

    Args:
        pairs: f64[E,E] sparse, symmetric, from ``graph.tie_matrix``.
        seed: Of Louvain.
    """
    return _by_modularity(pairs, seed, 1.0)


def _by_modularity(graph: csr_matrix, seed: int, resolution: float) -> list[NDArray[np.int64]]:
    """Members of each group of enough members, ascending."""
    from sknetwork.clustering import Louvain

    if graph.nnz == 0:
        return []
    # Leiden of the same library draws from a generator that no seed reaches (0.33.5).
    label = Louvain(resolution=resolution, random_state=seed).fit_predict(graph)
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [np.sort(part) for part in np.split(order, cuts) if len(part) >= LEAST]
