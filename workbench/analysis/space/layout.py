"""The layout of landmarks in the plane: neighbours in the embedding space stay neighbours.

Deterministic for a seed and a machine, and stopped between two epochs. Conclusions never come
from coordinates: they are for looking at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import coo_array

from workbench.analysis.space.cells import Lists, fit_cells
from workbench.kernels.umap import NEGATIVES, memberships, pull_and_push

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.domain.progress import JobContext

#: With fewer different vectors than this the plane of the first two principal axes shows all.
FEWEST: Final = 50
NEIGHBOURS: Final = 15
EPOCHS: Final = 200
#: Half the width of the map.
RADIUS: Final = 10.0
#: Vectors a list of the neighbour search, and lists that each vector looks into.
_LIST, _PROBES = 128, 16
_STEP: Final = "Drawing the map"


def fit_layout(
    vectors: NDArray[np.float32], random: np.random.Generator, job: JobContext
) -> NDArray[np.float32]:
    """Coordinates of landmarks: near where vectors are near (UMAP).

    Args:
        vectors: f32[L, D] unit vectors.
        random: Same generator, same vectors, same machine: same coordinates.
        job: Progress, and cancellation after every epoch.

    Returns:
        f32[L, 2], centred; nearly all within ``RADIUS`` of the origin.

    Raises:
        CancelledError: The job was cancelled.
    """
    if len(vectors) == 0:
        return np.zeros((0, 2), np.float32)
    plane = principal_plane(vectors)
    if len(np.unique(vectors, axis=0)) < FEWEST:
        return fitted_to_map(plane)
    job.report(_STEP, done=0.0)
    indices, distances = neighbours(vectors, NEIGHBOURS, random, job)
    return fitted_to_map(_descend(_spread(plane), indices, distances, random, job))


def principal_plane(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Coordinates on the first two principal axes, f64[L, 2]; signs are fixed."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :2]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
    plane = np.zeros((len(vectors), 2))
    plane[:, : axes.shape[1]] = centred @ axes
    return plane


def neighbours(
    vectors: NDArray[np.float32], count: int, random: np.random.Generator, job: JobContext
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The nearest ``count`` of each unit vector and their Euclidean distances.

    A few rounds of k-means make lists, and each vector looks into the nearest 16 of them:
    exact up to 2,048 vectors, 95 % of the true neighbours at 20,000.

    Returns:
        i32[L, count], -1 where a vector found fewer; f32[L, count].
    """
    centroids = fit_cells(vectors, -(-len(vectors) // _LIST), random, job, rounds=4)
    lists = Lists.of(vectors, centroids)
    indices = np.empty((len(vectors), count), np.int32)
    similar = np.empty((len(vectors), count), np.float32)
    for first in range(0, len(vectors), 2048):
        job.check()
        part = slice(first, first + 2048)
        _, indices[part], similar[part] = lists.search(vectors[part], probes=_PROBES, count=count)
    return indices, np.sqrt(np.maximum(0.0, 2.0 - 2.0 * similar))


def fitted_to_map(plane: NDArray[Any]) -> NDArray[np.float32]:
    """Centred, outlying islands drawn in, scaled to ``RADIUS``.

    UMAP drives groups that share no neighbour apart for as long as it runs: how far says
    nothing, and left as it is the rest would be a spot in a desert. Beyond the radius that
    holds nine tenths distances grow by their logarithm; order and direction stay.
    """
    centred = plane - np.median(plane, axis=0)
    radius = np.sqrt((centred * centred).sum(axis=1))
    inner = float(np.quantile(radius, 0.9))
    if inner > 0.0:
        beyond = np.maximum(1.0, radius / inner)
        centred = centred * ((1.0 + 0.5 * np.log(beyond)) / beyond)[:, None]
    reach = float(np.quantile(np.abs(centred), 0.995))
    scale = RADIUS / reach if reach > 1e-9 else 0.0
    scaled: NDArray[np.float32] = (centred * scale).astype(np.float32)
    return scaled


def _spread(plane: NDArray[np.float64]) -> NDArray[np.float32]:
    """Each axis by rank, 0 to 10.

    A language far from all others starts beside them, and no two points start in one place.
    """
    ranks = plane.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    spread: NDArray[np.float32] = (10.0 * ranks / max(1, len(plane) - 1)).astype(np.float32)
    return spread


def _descend(
    xy: NDArray[np.float32],
    indices: NDArray[np.int32],
    distances: NDArray[np.float32],
    random: np.random.Generator,
    job: JobContext,
) -> NDArray[np.float32]:
    """The layout that balances pulls between neighbours and pushes between all."""
    heads, tails, weights = edges(indices, memberships(indices, distances))
    every = weights.max() / weights
    due, due_negative = every.copy(), every / NEGATIVES
    state = random.integers(2**63, size=1).astype(np.uint64)
    for epoch in range(EPOCHS):
        job.check()
        pull_and_push(xy, heads, tails, every, due, due_negative, epoch, epoch + 1, EPOCHS, state)
        job.report(_STEP, done=(epoch + 1) / EPOCHS)
    return xy


def edges(
    indices: NDArray[np.int32], strength: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """The symmetric graph a + b - a b of memberships, without edges too weak to be drawn once.

    Returns:
        heads i32[m], tails i32[m], weights f64[m], sorted by head and tail.
    """
    n, k = indices.shape
    there = strength > 0.0
    heads = np.repeat(np.arange(n, dtype=np.int32), k).reshape(n, k)[there]
    one_way = coo_array(
        (strength[there].astype(np.float64), (heads, indices[there])), shape=(n, n)
    ).tocsr()
    other_way = one_way.T.tocsr()
    union = (one_way + other_way - one_way.multiply(other_way)).tocoo()
    keep = union.data >= union.data.max(initial=0.0) / EPOCHS
    heads, tails = union.row[keep].astype(np.int32), union.col[keep].astype(np.int32)
    order = np.lexsort((tails, heads))
    return heads[order], tails[order], union.data[keep][order]
