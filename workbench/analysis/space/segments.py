"""Exchanges as points: one segment per import, in Morton order, for tiles, lasso and hover.

An exchange lies where its prompt lies. Every exchange is in its segment, also one without a
prompt: it has no place (NaN), stands last, and is counted, so that the points of all segments
are what COUNT(*) says. Nothing persistent names a position in this order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.analysis.accounts import NO_TIME
from workbench.analysis.stage import Context, Stage, StageResult
from workbench.domain.ports import Statement
from workbench.kernels.morton import morton_order

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_IDS = Statement.read(__file__, "batch_ids")
_EXCHANGES = Statement.read(__file__, "batch_exchanges")


def segments_stage() -> Stage:
    """Exchanges as points in Morton order."""
    return Stage(
        "space.segments",
        "Laying out the map",
        segments,
        after=("accounts", "space.place"),
        added=False,
        weight=2.0,
    )


def segments(context: Context) -> StageResult:
    """Lay out every import as a segment.

    Reads:
        ``accounts`` (code), ``space.place`` (xy).

    Returns:
        x, y f32[N]; exchange_id i64[N]; account i32[N], dense index or -1; prompt i32[N], -1
        for NULL; ts i64[N] UTC microseconds, INT64_MIN for NULL; segment_offsets i64[S+1];
        bounds f32[4] (x0, y0, x1, y1).
    """
    codes = context.artifacts.array("accounts", "code")
    xy = context.artifacts.array("space.place", "xy")
    bounds = bounds_of(xy)
    imports = context.engine.table(_IDS)
    batch_ids = imports.column("batch_id").to_pylist()
    offsets = np.zeros(len(batch_ids) + 1, np.int64)
    np.cumsum(imports.column("n_exchanges").to_numpy(), out=offsets[1:])
    out = {
        "x": np.empty(offsets[-1], np.float32),
        "y": np.empty(offsets[-1], np.float32),
        "exchange_id": np.empty(offsets[-1], np.int64),
        "account": np.empty(offsets[-1], np.int32),
        "prompt": np.empty(offsets[-1], np.int32),
        "ts": np.empty(offsets[-1], np.int64),
    }
    for number, batch_id in enumerate(batch_ids):
        context.job.check()
        rows = context.engine.table(_EXCHANGES, batch_id=batch_id)
        segment = _segment(rows, codes, xy, bounds)
        for name, values in segment.items():
            out[name][offsets[number] : offsets[number + 1]] = values
        context.job.report("Laying out the map", count=number + 1, total=len(batch_ids))
    unplaced = int(np.isnan(out["x"]).sum())
    return StageResult(
        arrays={**out, "segment_offsets": offsets, "bounds": np.array(bounds, np.float32)},
        info={"n_exchanges": int(offsets[-1]), "n_unplaced": unplaced},
    )


def bounds_of(xy: NDArray[np.float32]) -> tuple[float, float, float, float]:
    """(x0, y0, x1, y1) of the placed prompts; the unit square when there are none."""
    placed = xy[np.isfinite(xy).all(axis=1)]
    if len(placed) == 0:
        return 0.0, 0.0, 1.0, 1.0
    (x0, y0), (x1, y1) = placed.min(axis=0), placed.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _segment(
    rows: pa.Table,
    codes: NDArray[np.int32],
    xy: NDArray[np.float32],
    bounds: tuple[float, float, float, float],
) -> dict[str, NDArray[Any]]:
    prompt = _filled(rows, "prompt_id", -1).astype(np.int32)
    place = np.full((len(prompt), 2), np.nan, np.float32)
    known = prompt >= 0
    place[known] = xy[prompt[known]]
    # One without place has none at all: half a coordinate would be drawn by nobody.
    place[~np.isfinite(place).all(axis=1)] = np.nan
    order = morton_order(place[:, 0].copy(), place[:, 1].copy(), bounds)
    return {
        "x": place[order, 0],
        "y": place[order, 1],
        "exchange_id": rows.column("exchange_id").to_numpy()[order],
        "account": dense_index(_filled(rows, "account_id", -1), codes)[order],
        "prompt": prompt[order],
        "ts": _filled(rows, "ts_us", NO_TIME).astype(np.int64)[order],
    }


def dense_index(account_ids: NDArray[Any], codes: NDArray[np.int32]) -> NDArray[np.int32]:
    """Position of each account code in ``codes`` (ascending); -1 where it is not there."""
    if len(codes) == 0:
        return np.full(len(account_ids), -1, np.int32)
    found = np.minimum(np.searchsorted(codes, account_ids), len(codes) - 1)
    return np.where(codes[found] == account_ids, found, -1).astype(np.int32)


def _filled(rows: pa.Table, name: str, fill: int) -> NDArray[Any]:
    values: NDArray[Any] = rows.column(name).fill_null(fill).to_numpy()
    return values
