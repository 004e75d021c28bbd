"""Every prompt's place: beside its nearest landmark, and in a cell.

The nearest landmark with a little jitter keeps neighbourhoods better than a mean of several,
which falls between them. A prompt's place follows from the prompt, the landmarks and the seed
alone, so a later import moves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
from scipy.spatial import cKDTree

from workbench.analysis.space.cells import Lists, fit_cells, name_cells
from workbench.analysis.space.layout import RADIUS
from workbench.analysis.stage import Context, Stage, StageResult, seed_sequence
from workbench.analysis.text.embed import embedder_digests
from workbench.analysis.text.vectors import each_block, names_of, prompt_count
from workbench.domain.progress import ScaledJob

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.domain.settings import AnalysisSettings

#: Cells whose landmarks a prompt is compared with.
_PROBES: Final = 8
#: Landmarks around one that say how much room it has.
_AROUND: Final = 3
#: A map unit's share that is left to a landmark on top of others.
_LEAST_ROOM: Final = 1e-3 * RADIUS
_STEP: Final = "Placing prompts"

CELLS_TABLE: Final = pa.schema(
    [
        ("cell", pa.int32()),
        ("x", pa.float32()),
        ("y", pa.float32()),
        ("n_prompts", pa.int64()),
        ("n_exchanges", pa.int64()),
        ("name", pa.string()),
    ]
)


def place_stage() -> Stage:
    """Places and cells of all prompts."""
    return Stage(
        "space.place",
        _STEP,
        place,
        after=("exchanges", "space.landmarks"),
        settings=("seed", "embedder", "cells"),
        libraries=("numpy", "numba", "pyarrow", "scipy"),
        resources=_resources,
        added=False,
        weight=15.0,
    )


def _resources(settings: AnalysisSettings) -> Mapping[str, str]:
    return embedder_digests(settings.embedder)


def place(context: Context) -> StageResult:
    """Place all prompts.

    Returns:
        ``xy`` f32[P, 2] (NaN for a prompt without a vector), ``landmark`` i32[P] row in
        space.landmarks (-1 none), ``cell`` i32[P] (-1 none), ``centroid`` f32[C, D]; table
        ``cells``: x and y are those of the landmark in its middle.
    """
    prompts = np.asarray(context.artifacts.array("space.landmarks", "prompt"))
    vectors = np.asarray(context.artifacts.array("space.landmarks", "vector"))
    xy_landmark = np.asarray(context.artifacts.array("space.landmarks", "xy"))
    centroids = fit_cells(
        vectors,
        context.settings.cells,
        context.random(),
        context.job,
        threads=context.settings.jobs,
    )
    lists = Lists.of(vectors, centroids)

    total = prompt_count(context)
    cell = np.full(total, -1, np.int32)
    landmark = np.full(total, -1, np.int32)
    job = ScaledJob(context.job, 0.15, 0.95)
    done = 0
    for ids, cells, nearest in each_block(
        context, lambda ids, queries: (ids, *lists.search(queries, probes=_PROBES, count=1)[:2])
    ):
        cell[ids] = cells
        landmark[ids] = nearest[:, 0]
        done += len(ids)
        job.report(_STEP, count=done, total=total, unit="prompts")

    xy = _places(landmark, prompts, xy_landmark, context.settings.seed)
    table = _cells(context, cell, cell[prompts], centroids, vectors, xy_landmark)
    return StageResult(
        {"xy": xy, "landmark": landmark, "cell": cell, "centroid": centroids},
        {"cells": table},
        {
            "n_prompts": total,
            "n_without_vector": int((landmark < 0).sum()),
            "n_cells": len(centroids),
        },
    )


def _places(
    landmark: NDArray[np.int32],
    prompts: NDArray[np.int32],
    xy_landmark: NDArray[np.float32],
    seed: int,
) -> NDArray[np.float32]:
    """Coordinates f32[P, 2]: the landmark's own, and around it for the others."""
    xy = np.full((len(landmark), 2), np.nan, np.float32)
    placed = np.flatnonzero(landmark >= 0)
    nearest = landmark[placed]
    offset = jitter(placed, seed) * room(xy_landmark)[nearest][:, None]
    xy[placed] = xy_landmark[nearest] + offset.astype(np.float32)
    xy[prompts] = xy_landmark
    return xy


def room(xy_landmark: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far around each landmark its prompts may lie: half the way to the third nearest.

    Returns:
        f64[L]; bounded by four times the median, so that an outlier's prompts stay together.
    """
    count = len(xy_landmark)
    if count <= _AROUND:
        return np.full(count, 0.1 * RADIUS)
    distance, _ = cKDTree(xy_landmark.astype(np.float64)).query(xy_landmark, k=_AROUND + 1)
    half = 0.5 * distance[:, -1]
    bounded: NDArray[np.float64] = np.clip(
        half, _LEAST_ROOM, max(4.0 * np.median(half), _LEAST_ROOM)
    )
    return bounded


def jitter(prompts: NDArray[np.integer], seed: int) -> NDArray[np.float64]:
    """A fixed point of the unit disc for each prompt_id, f64[n, 2]; denser in the middle."""
    key = seed_sequence(seed, "space.jitter").generate_state(2, np.uint64)
    with np.errstate(over="ignore"):
        angle = _uniform(prompts.astype(np.uint64) + key[0]) * (2.0 * np.pi)
        radius = _uniform(prompts.astype(np.uint64) + key[1])
    return np.column_stack((radius * np.cos(angle), radius * np.sin(angle)))


def _uniform(state: NDArray[np.uint64]) -> NDArray[np.float64]:
    """The finaliser of splitmix64 (Steele, Lea, Flood 2014), as numbers in [0, 1)."""
    z = state * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    uniform: NDArray[np.float64] = (z >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return uniform


def _cells(
    context: Context,
    cell: NDArray[np.int32],
    cell_of_landmark: NDArray[np.int32],
    centroids: NDArray[np.float32],
    vectors: NDArray[np.float32],
    xy_landmark: NDArray[np.float32],
) -> pa.Table:
    """The table ``cells``."""
    count = len(centroids)
    asked = np.asarray(context.artifacts.array("exchanges", "prompt"))
    asked_cell = cell[asked[asked >= 0]]
    similar = np.einsum("ld,ld->l", vectors, centroids[cell_of_landmark])
    # The most similar landmark of each cell comes first in this order.
    order = np.lexsort((-similar, cell_of_landmark))
    at, first = np.unique(cell_of_landmark[order], return_index=True)
    middle = np.full((count, 2), np.nan, np.float32)
    middle[at] = xy_landmark[order[first]]
    prompts = np.asarray(context.artifacts.array("space.landmarks", "prompt"))
    texts = names_of(context, prompts)
    return pa.table(
        {
            "cell": np.arange(count, dtype=np.int32),
            "x": middle[:, 0],
            "y": middle[:, 1],
            "n_prompts": np.bincount(cell[cell >= 0], minlength=count),
            "n_exchanges": np.bincount(asked_cell[asked_cell >= 0], minlength=count),
            "name": name_cells(texts, cell_of_landmark, count),
        }
    ).cast(CELLS_TABLE)
