"""Landmarks: the prompts on which the layout of the map is fitted.

The fit is kept: prompts of a later import are placed beside landmarks, and nothing moves. Only
when a case has outgrown its landmarks by far is the map drawn anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.space.cells import fit_cells
from workbench.analysis.space.layout import fit_layout
from workbench.analysis.stage import Context, Stage, StageResult
from workbench.analysis.text.embed import embedder_digests, make_embedder
from workbench.analysis.text.vectors import each_block, prompt_count, vectors_of
from workbench.domain.progress import ScaledJob
from workbench.kernels.assign import nearest_centroid, padded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.domain.settings import AnalysisSettings

#: The layout is fitted anew when the case holds this many times the prompts it was fitted on.
OUTGROWN: Final = 8
#: Regions that share the landmarks, and the prompts that tell where they are.
_STRATA: Final = 64
_STRATA_SAMPLE: Final = 8192
_STEP: Final = "Choosing landmarks"


def landmarks_stage() -> Stage:
    """Landmarks and their layout."""
    return Stage(
        "space.landmarks",
        _STEP,
        landmarks,
        after=("text.groups",),
        settings=("seed", "embedder", "landmarks"),
        libraries=("numpy", "numba", "pyarrow", "scipy"),
        resources=_resources,
        pinned=_serves,
        added=False,
        weight=20.0,
    )


def _resources(settings: AnalysisSettings) -> Mapping[str, str]:
    return embedder_digests(settings.embedder)


def _serves(context: Context) -> bool:
    """Whether the published landmarks can still carry the case."""
    published = context.artifacts.current("space.landmarks")
    if published is None:
        return False
    fitted_on = int(published.info["n_prompts"])
    if prompt_count(context) > OUTGROWN * fitted_on:
        return False
    embedder = make_embedder(context.settings.embedder, context.engine)
    return bool(published.info["dimension"] == embedder.dimension)


def landmarks(context: Context) -> StageResult:
    """Choose landmarks among the leaders of near-duplicate groups and lay them out.

    Leaders are sampled by region: a region gets landmarks by the square root of its leaders,
    so that a small one is not lost beside a large one.

    Returns:
        ``prompt`` i32[L] ascending, ``vector`` f32[L, D], ``xy`` f32[L, 2]. Leaders without a
        vector are no landmarks.
    """
    leader = np.asarray(context.artifacts.array("text.groups", "leader"))
    random = context.random()
    chosen = _sample(context, leader, random)
    vectors = vectors_of(context, chosen)
    there = vectors.any(axis=1)
    chosen, vectors = chosen[there].astype(np.int32), np.ascontiguousarray(vectors[there])
    xy = fit_layout(vectors, random, ScaledJob(context.job, 0.2, 1.0))
    return StageResult(
        {"prompt": chosen, "vector": vectors, "xy": xy},
        info={
            "n_landmarks": len(chosen),
            "n_prompts": prompt_count(context),
            "n_groups": len(leader),
            "dimension": int(vectors.shape[1]),
        },
    )


def _sample(
    context: Context, leader: NDArray[np.int32], random: np.random.Generator
) -> NDArray[np.int32]:
    """At most ``settings.landmarks`` of the leaders, ascending."""
    most = context.settings.landmarks
    if len(leader) <= most:
        return leader
    some = np.sort(random.choice(leader, min(_STRATA_SAMPLE, len(leader)), replace=False))
    vectors = vectors_of(context, some)
    centroids = fit_cells(vectors[vectors.any(axis=1)], _STRATA, random, context.job, rounds=5)
    stratum = _strata(context, leader, centroids)
    counts = np.bincount(stratum)
    shuffled = random.permutation(len(leader))
    order = shuffled[np.argsort(stratum[shuffled], kind="stable")]
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    quota = allot(counts, most)
    taken = [order[s : s + q] for s, q in zip(starts, quota, strict=True)]
    return np.sort(leader[np.concatenate(taken)])


def _strata(
    context: Context, leader: NDArray[np.int32], centroids: NDArray[np.float32]
) -> NDArray[np.int32]:
    """Region of each leader, i32[G]; all in one where no leader has a vector."""
    if len(centroids) == 0:
        return np.zeros(len(leader), np.int32)
    is_leader = np.zeros(prompt_count(context), np.bool_)
    is_leader[leader] = True
    rows = padded(centroids)

    def assign(ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> NDArray[np.int32]:
        queries = vectors[is_leader[ids]]
        nearest = np.empty(len(queries), np.int32)
        similarity = np.empty(len(queries), np.float32)
        nearest_centroid(queries, rows, len(centroids), nearest, similarity)
        return nearest

    found: list[NDArray[np.int32]] = []
    done = 0
    for part in each_block(context, assign):
        found.append(part)
        done += len(part)
        context.job.report(_STEP, done=0.2 * done / len(leader))
    return np.concatenate(found)


def allot(counts: NDArray[np.integer], most: int) -> NDArray[np.int64]:
    """Shares of ``most`` by the square root of each count, none above its count.

    Args:
        counts: Members of each stratum.
        most: What is to be shared out, at most the sum of counts.

    Returns:
        i64 of the same length, summing to ``min(most, counts.sum())``.
    """
    counts = counts.astype(np.int64)
    quota = np.zeros(len(counts), np.int64)
    left = min(most, int(counts.sum()))
    while left > 0:
        open_ = quota < counts
        weight = np.sqrt(counts * open_)
        share = np.floor(left * weight / weight.sum()).astype(np.int64)
        if not share.any():
            # Fewer left than strata: one each, the largest first.
            first = np.argsort(-weight, kind="stable")[:left]
            share[first] = 1
        share = np.minimum(share, counts - quota)
        quota += share
        left -= int(share.sum())
    return quota
