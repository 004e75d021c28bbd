"""The point nearest to the pointer: looked for in the nine cells around it only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from workbench.kernels.morton import GRID_BITS, cell_range

if TYPE_CHECKING:
    from workbench.kernels.morton import PointIndex


def nearest(index: PointIndex, x: float, y: float, radius: float) -> int:
    """The point nearest to a place.

    Args:
        index: Points in Morton order.
        x: Place, data units.
        y: Place, data units.
        radius: Points farther than this do not count, data units.

    Returns:
        Its rank in the index (the first in Morton order among equally near ones), or -1.
    """
    if not len(index) or not radius > 0 or not (math.isfinite(x) and math.isfinite(y)):
        return -1
    square = index.square
    bits = 0 if radius >= square.side else math.floor(math.log2(square.side / radius))
    return int(
        _nearest(
            index.x,
            index.y,
            index.code,
            square.x0,
            square.y0,
            square.side,
            # One less, so that rounding never leaves a point within reach beyond the nine cells.
            min(max(bits - 1, 0), GRID_BITS),
            x,
            y,
            radius,
        )
    )


@numba.njit(cache=True, nogil=True)
def _nearest(
    x: Any, y: Any, code: Any, x0: Any, y0: Any, side: Any, bits: Any, px: Any, py: Any, reach: Any
) -> Any:
    cells = 1 << bits
    # A place outside the square looks into the outermost cells.
    column = np.int64(min(max((px - x0) / side * cells, 0.0), cells - 1.0))
    row = np.int64(min(max((py - y0) / side * cells, 0.0), cells - 1.0))
    best = np.int64(-1)
    best_square = reach * reach
    for k in range(9):
        c, r = column + k % 3 - 1, row + k // 3 - 1
        if 0 <= c < cells and 0 <= r < cells:
            first, last = cell_range(code, bits, c, r)
            for i in range(first, last):
                square = (np.float64(x[i]) - px) ** 2 + (np.float64(y[i]) - py) ** 2
                if square < best_square or (square == best_square and (best < 0 or i < best)):
                    best = np.int64(i)
                    best_square = square
    return best
