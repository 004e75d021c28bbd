"""A lasso of 200 vertices over 1 million points: to the accounts selected, and against brute force.

``python -m benchmarks.lasso [--points N] [--rounds N]`` prints one JSON object a line: a row for
each shape, in milliseconds, with the points inside and whether every one equals brute force.
Exit code 1 when one does not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.points import campaign_map
from workbench.kernels.lasso import inside
from workbench.services.results import Points

if TYPE_CHECKING:
    from numpy.typing import NDArray

VERTICES = 200


def shapes(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Drawn shapes of 200 vertices, f64[200, 2]: around a cluster, a half, everything, itself."""
    angle = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    around = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    wobble = 1 + 0.15 * np.sin(5 * angle) + 0.02 * rng.normal(size=VERTICES)
    return {
        "one cluster": around * wobble[:, None] * 1.4,
        "half the map": around * wobble[:, None] * 4.5,
        "whole map": around * wobble[:, None] * 20,
        "scribble over itself": rng.normal(size=(VERTICES, 2)) * 3,
    }


def brute_force(
    x: NDArray[np.float32], y: NDArray[np.float32], vertices: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Every point against every edge, by the even-odd rule."""
    px, py = x.astype(np.float64), y.astype(np.float64)
    odd = np.zeros(len(x), np.bool_)
    for (xi, yi), (xj, yj) in zip(vertices, np.roll(vertices, -1, axis=0), strict=True):
        spans = np.flatnonzero((yi > py) != (yj > py))
        crossing = (xj - xi) * (py[spans] - yi) / (yj - yi) + xi
        odd[spans] ^= px[spans] < crossing
    return odd


def main(arguments: list[str] | None = None) -> int:
    """Run it; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)
    data = campaign_map(options.points)
    n = len(data.x)
    points = Points(
        data.x,
        data.y,
        data.account,
        prompt=np.zeros(n, np.int32),
        ts=np.zeros(n, np.int64),
        exchange_id=data.exchange_id,
        segment_offsets=data.segment_offsets,
        bounds=data.bounds,
    )
    all_equal = True
    for name, vertices in shapes(np.random.default_rng(11)).items():
        times = []
        # The first round compiles or loads the kernels.
        for _ in range(options.rounds + 1):
            began = time.perf_counter()
            marks = inside(points.index, vertices)
            counts = points.per_account(data.n_accounts, marks)
            times.append(1e3 * (time.perf_counter() - began))
        began = time.perf_counter()
        reference = brute_force(data.x, data.y, vertices)
        brute_ms = 1e3 * (time.perf_counter() - began)
        equal = bool(np.array_equal(marks, reference)) and int(counts.sum()) == int(reference.sum())
        all_equal &= equal
        row = {
            "benchmark": "lasso",
            "shape": name,
            "points": n,
            "vertices": len(vertices),
            "inside": int(marks.sum()),
            "accounts": int((counts > 0).sum()),
            "p50_ms": round(float(np.median(times[1:])), 2),
            "p95_ms": round(float(np.quantile(times[1:], 0.95)), 2),
            "brute_force_ms": round(brute_ms, 1),
            "identical": equal,
        }
        print(json.dumps(row))
    return 0 if all_equal else 1


if __name__ == "__main__":
    sys.exit(main())
