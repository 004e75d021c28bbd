"""Which points lie inside a drawn shape: by the even-odd rule, exactly, whatever the shape.

A point is inside when a ray to the right crosses the outline an odd number of times:
``(yi > py) != (yj > py) and px < (xj - xi) * (py - yi) / (yj - yi) + xi`` for each edge i, j
(Franklin, W. R., PNPOLY, 1970). The drawn vertices decide; nothing is simplified.

Most points are never tested one by one. For a block (an aligned square of the Morton grid) each
edge is *left* of it, *right* of it, beside it in y, or near. Left edges and those beside in y
never count. Right edges count by their end points' y alone, and along a chain of them all but
the chain's ends cancel; a chain ends only at a near edge. So a block without near edges is
wholly in or wholly out, and points of the others are tested against the few near edges. The
sums are the ones above, so that the result equals testing every point against every edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numba
import numpy as np

from workbench.kernels.morton import GRID_BITS, cell_range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.kernels.morton import PointIndex

#: Blocks with fewer points are not cut further.
_LEAF: Final = 128
#: An edge counts as left or right of a block only with this much to spare, relative to its
#: size: more than the rounding of the crossing's formula.
_SPARE: Final = 1e-9


def inside(
    index: PointIndex, vertices: Sequence[tuple[float, float]] | NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether each point lies inside a polygon.

    Args:
        index: Points in Morton order, M placed of N given.
        vertices: (x, y) in data units, V of them, in drawing order, closed implicitly. It may
            cross itself, repeat vertices or have no area; fewer than three hold nothing.

    Returns:
        bool[N], in the order in which the points were given; unplaced points are outside.

    Raises:
        ValueError: A vertex is not finite.
    """
    drawn = np.asarray(vertices, np.float64).reshape(-1, 2)
    if not np.isfinite(drawn).all():
        raise ValueError("a vertex of the drawn shape is not finite")
    mask = np.zeros(len(index), np.bool_)
    if len(drawn) >= 3 and len(index):
        square = index.square
        vx, vy = np.ascontiguousarray(drawn[:, 0]), np.ascontiguousarray(drawn[:, 1])
        _mark(index.x, index.y, index.code, square.x0, square.y0, square.side, vx, vy, mask)
    result: NDArray[np.bool_] = index.given(mask, fill=False)
    return result


@numba.njit(cache=True, nogil=True)
def _mark(
    x: Any, y: Any, code: Any, x0: Any, y0: Any, side: Any, vx: Any, vy: Any, mask: Any
) -> None:
    n = len(vx)
    # What is known of the block now looked at, at each depth: a block's four children follow it
    # at once, so its own row still stands when they look into it.
    near = np.empty((GRID_BITS + 2, n), np.int64)
    ends = np.empty((GRID_BITS + 2, 2 * n), np.float64)
    known = np.zeros((GRID_BITS + 2, 3), np.int64)
    near[0] = np.arange(n)
    known[0, 0] = n
    # Depth first over squares; a square pushes at most four, one of which is taken at once.
    stack = np.empty((3 * GRID_BITS + 8, 3), np.int64)
    stack[0, 0] = stack[0, 1] = stack[0, 2] = 0
    depth = 1
    # Rounding may put a point a little beside its cell, so the box of a block gets a margin;
    # points beyond the square stand in its outermost cells, so at the rim the box is endless.
    slack = 1e-14 * (abs(x0) + abs(y0) + side)
    while depth > 0:
        depth -= 1
        bits, column, row = stack[depth, 0], stack[depth, 1], stack[depth, 2]
        first, last = cell_range(code, bits, column, row)
        if first == last:
            continue
        size = side / (1 << bits)
        cells = 1 << bits
        margin = 1e-6 * size + slack
        left = -np.inf if column == 0 else x0 + column * size - margin
        right = np.inf if column == cells - 1 else x0 + (column + 1) * size + margin
        low = -np.inf if row == 0 else y0 + row * size - margin
        high = np.inf if row == cells - 1 else y0 + (row + 1) * size + margin
        _classify(vx, vy, left, right, low, high, near, ends, known, bits)
        n_near, n_ends, odd = known[bits + 1, 0], known[bits + 1, 1], known[bits + 1, 2] == 1
        if n_near == 0 and n_ends == 0:
            if odd:
                mask[first:last] = True
            continue
        if last - first > _LEAF and bits < GRID_BITS:
            for child in range(4):
                stack[depth, 0] = bits + 1
                stack[depth, 1] = 2 * column + (child & 1)
                stack[depth, 2] = 2 * row + (child >> 1)
                depth += 1
            continue
        for i in range(first, last):
            mask[i] = _is_inside(
                np.float64(x[i]),
                np.float64(y[i]),
                vx,
                vy,
                near[bits + 1],
                n_near,
                ends[bits + 1],
                n_ends,
                odd,
            )


@numba.njit(cache=True, nogil=True)
def _classify(
    vx: Any,
    vy: Any,
    left: Any,
    right: Any,
    low: Any,
    high: Any,
    near: Any,
    ends: Any,
    known: Any,
    bits: Any,
) -> None:
    """What a block needs to know of the outline, from what its parent knew (row ``bits``).

    Writes row ``bits + 1``: the near edges in ``near``; in ``ends`` the y of the chain ends that
    must be compared with each point; in ``known`` how many there are of each, and whether all
    the rest crosses an odd number of times.
    """
    n = len(vx)
    n_near = n_ends = 0
    odd = known[bits, 2] == 1
    to = bits + 1
    for k in range(known[bits, 1]):
        odd, n_ends = _add_end(ends[bits, k], low, high, odd, ends[to], n_ends)
    for k in range(known[bits, 0]):
        i = near[bits, k]
        j = i + 1 if i + 1 < n else 0
        if (vy[i] > low or vy[j] > low) and (vy[i] <= high or vy[j] <= high):
            # Only the piece of the edge that lies beside the block matters.
            slope = (vx[j] - vx[i]) / (vy[j] - vy[i]) if vy[i] != vy[j] else 0.0
            at_low = vx[i] + slope * (max(low, min(vy[i], vy[j])) - vy[i])
            at_high = vx[i] + slope * (min(high, max(vy[i], vy[j])) - vy[i])
            spare = _SPARE * (abs(vx[i]) + abs(vx[j]))
            if max(at_low, at_high) + spare < left:
                continue
            if min(at_low, at_high) - spare > right:
                odd, n_ends = _add_end(vy[i], low, high, odd, ends[to], n_ends)
                odd, n_ends = _add_end(vy[j], low, high, odd, ends[to], n_ends)
            else:
                near[to, n_near] = i
                n_near += 1
    known[to, 0] = n_near
    known[to, 1] = _without_pairs(ends[to], n_ends)
    known[to, 2] = 1 if odd else 0


@numba.njit(cache=True, nogil=True)
def _add_end(end: Any, low: Any, high: Any, odd: Any, ends: Any, n_ends: Any) -> Any:
    """Note one end of a right edge: constant over the block, or to be compared per point."""
    if end > high:
        return not odd, n_ends
    if end > low:
        # The common vertex of two right edges cancels at once: it was the last one noted.
        if n_ends and ends[n_ends - 1] == end:
            return odd, n_ends - 1
        ends[n_ends] = end
        return odd, n_ends + 1
    return odd, n_ends


@numba.njit(cache=True, nogil=True)
def _without_pairs(ends: Any, n_ends: Any) -> Any:
    """Cancel equal ends that did not stand side by side (the outline's start, a vertex twice)."""
    if n_ends < 2:
        return n_ends
    ordered = np.sort(ends[:n_ends])
    kept = 0
    for k in range(n_ends):
        if kept and ends[kept - 1] == ordered[k]:
            kept -= 1
        else:
            ends[kept] = ordered[k]
            kept += 1
    return kept


@numba.njit(cache=True, nogil=True)
def _is_inside(
    px: Any, py: Any, vx: Any, vy: Any, near: Any, n_near: Any, ends: Any, n_ends: Any, odd: Any
) -> Any:
    n = len(vx)
    for k in range(n_ends):
        if ends[k] > py:
            odd = not odd
    for k in range(n_near):
        i = near[k]
        j = i + 1 if i + 1 < n else 0
        if (vy[i] > py) != (vy[j] > py) and px < (vx[j] - vx[i]) * (py - vy[i]) / (
            vy[j] - vy[i]
        ) + vx[i]:
            odd = not odd
    return odd
