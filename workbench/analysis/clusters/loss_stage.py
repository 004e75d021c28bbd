"""The stage ``loss``: what each cluster was delivered, by capability, model and day.

Gathers what ``loss`` counts. Regions are neighbouring cells taken together, the same for every
cluster, named by words of the prompts that lie there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.analysis.clusters.loss import TOKENS
from workbench.analysis.clusters.loss_reading import count, read_exchanges, read_kinds
from workbench.analysis.space.cells import fit_cells, name_cells
from workbench.analysis.stage import Context, Stage, StageResult
from workbench.analysis.text.vectors import names_of
from workbench.domain.finding import ATTRIBUTED, MEMBERSHIP_THRESHOLD
from workbench.kernels.assign import nearest_centroid, padded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.domain.ports import Artifacts

#: Regions that the cells of a case are taken together to.
REGIONS: Final = 32
#: Words that more than this share of the regions hold do not name one ("the", "does").
_COMMON: Final = 0.4
#: What is counted: every exchange of the accounts; and those that count as the cluster's own.
ALL: Final = "all"
OWN: Final = "attributed"
_SUMS: Final = [("n_exchanges", pa.int64()), *((name, pa.int64()) for name in TOKENS)]
_WHOSE: Final = [("cluster_id", pa.string()), ("part", pa.string())]
_WHAT: Final = [
    ("kind", pa.string()),
    ("place", pa.int32()),
    ("code", pa.int64()),
    ("name", pa.string()),
]
CAPABILITIES: Final = pa.schema([*_WHOSE, *_WHAT, ("n_accounts", pa.int64()), *_SUMS])
LOSS: Final = pa.schema(
    [*_WHOSE, *_WHAT, ("model", pa.string()), ("n_accounts", pa.int64()), *_SUMS]
)
DAYS: Final = pa.schema(
    [
        *_WHOSE,
        ("model", pa.string()),
        ("day", pa.int32()),
        *_SUMS,
        ("n_out", pa.int64()),
        ("n_reasoning_over", pa.int64()),
    ]
)
TOTALS: Final = pa.schema(
    [
        *_WHOSE,
        *_SUMS,
        *(
            (name, pa.int64())
            for name in (
                "n_accounts", "n_prompts", "n_models", "n_in_tok", "n_out_tok", "n_reasoning_tok",
                "n_cached_tok", "n_reasoning_over", "n_judged", "n_refused", "n_refused_read",
                "n_followed", "n_retried", "n_retried_own", "n_retried_other",
                "n_delivered_later", "n_ended", "n_whole", "n_cut", "n_status", "n_failed",
            )
        ),
    ]
)  # fmt: skip
REGIONS_TABLE: Final = pa.schema([("region", pa.int32()), ("name", pa.string())])


def loss_stage() -> Stage:
    """What was delivered to each cluster."""
    return Stage(
        name="loss",
        step="Counting what was delivered",
        run=_run,
        after=(
            "accounts", "exchanges", "text.groups", "text.templates", "space.landmarks",
            "space.place", "answers", "signals", "clusters", "attribution",
        ),
        settings=("seed",),
        libraries=("numpy", "numba", "pyarrow"),
        weight=3.0,
    )  # fmt: skip


def _run(context: Context) -> StageResult:
    artifacts = context.artifacts
    clusters = artifacts.current("clusters")
    info = {"clusters": clusters.digest if clusters is not None else ""}
    ids = artifacts.table("clusters", "clusters").column("cluster_id").to_pylist()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in _TABLES}
    # Also without clusters: whichever accounts a person exports are counted by them.
    region, names = regions(context)
    if ids:
        exchanges = read_exchanges(artifacts, context.engine)
        attribution = artifacts.array("attribution", "attribution")
        kinds = read_kinds(artifacts, exchanges.prompt, region, names)
        for cluster_id, rows in _members(artifacts, ids, exchanges.account):
            context.job.check()
            own = rows[attribution[rows] >= ATTRIBUTED]
            parts = {ALL: rows}
            # Where nothing was weighed (NaN) there is one way to tell it.
            if not np.isnan(attribution[rows]).all():
                parts[OWN] = own
            for part, counted in parts.items():
                whose = {"cluster_id": cluster_id, "part": part}
                for name, told in count(exchanges, kinds, counted).items():
                    found[name] += [whose | row for row in told]
    tables = {name: pa.Table.from_pylist(found[name], schema) for name, schema in _TABLES.items()}
    tables["regions"] = pa.table({"region": range(len(names)), "name": names}, schema=REGIONS_TABLE)
    return StageResult({"region": region}, tables, info)


_TABLES: Final = {"loss": LOSS, "capabilities": CAPABILITIES, "days": DAYS, "totals": TOTALS}


def _members(
    artifacts: Artifacts, ids: list[str], account: NDArray[np.int64]
) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Each cluster and the exchanges of the accounts bound to it."""
    membership = artifacts.array("clusters", "membership")
    bound = np.where(membership >= MEMBERSHIP_THRESHOLD, artifacts.array("clusters", "cluster"), -1)
    of_exchange = bound[account]
    order = np.argsort(of_exchange, kind="stable")
    starts = np.searchsorted(of_exchange[order], np.arange(len(ids) + 1))
    for number, cluster_id in enumerate(ids):
        yield cluster_id, order[starts[number] : starts[number + 1]]


def regions(context: Context) -> tuple[NDArray[np.int64], list[str]]:
    """The region of each cell i64[C], and the name of each region.

    Spherical k-means over the centroids of the cells (Dhillon and Modha 2001); names are the words
    that tell its landmarks' prompts from the others'.
    """
    artifacts = context.artifacts
    centroid = np.asarray(artifacts.array("space.place", "centroid"))
    if len(centroid) == 0:
        return np.zeros(0, np.int64), []
    middles = _fitted(centroid, context)
    region = np.empty(len(centroid), np.int32)
    nearest_centroid(
        centroid, padded(middles), len(middles), region, np.empty(len(centroid), np.float32)
    )
    landmarks = np.asarray(artifacts.array("space.landmarks", "prompt"))
    held = artifacts.array("space.place", "cell")[landmarks]
    order = np.argsort(landmarks, kind="stable")
    texts = names_of(context, landmarks[order])
    known = held[order] >= 0
    names = name_cells(
        [text for text, k in zip(texts, known.tolist(), strict=True) if k],
        region[held[order][known]],
        len(middles),
        common=_COMMON,
    )
    return region.astype(np.int64), names


def _fitted(centroid: NDArray[np.float32], context: Context) -> NDArray[np.float32]:
    """Middles of the regions: as many as there is room for, each cell its own in a small case."""
    if len(centroid) <= REGIONS:
        return centroid
    return fit_cells(centroid, REGIONS, context.random(), context.job, threads=1)
