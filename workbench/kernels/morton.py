"""Points in Morton (Z) order: what makes tiles, lasso and hover fast.

A square around all points is cut into 65,536 x 65,536 cells; a point's code interleaves the bits
of its cell (x in the even bits, y in the odd ones), so every aligned square of cells is one
contiguous range of codes. Nothing persistent names a position in this order.

Source: Morton, G. M., A computer oriented geodetic data base and a new technique in file
sequencing, IBM, 1966.

Here and in its sisters coordinates are widened to f64 before anything is computed of them, so
that a point falls into the same cell, pixel and shape everywhere, compiled or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numba
import numpy as np

from workbench.kernels.pyramid import square_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.kernels.pyramid import Square

#: Bits a axis; a code has twice as many.
GRID_BITS: Final = 16
_CELLS: Final = 1 << GRID_BITS


@dataclass(frozen=True, slots=True, eq=False)
class PointIndex:
    """Points in Morton order. N points given, M of them placed (both coordinates finite).

    Attributes:
        square: The square that was cut.
        x: f32[M] in Morton order.
        y: f32[M].
        code: u32[M], ascending.
        position: i64[M], where each stood in the arrays given; None when nothing had to move
            (all placed and already in order).
        n_given: N.
    """

    square: Square
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    code: NDArray[np.uint32]
    position: NDArray[np.int64] | None
    n_given: int

    def __len__(self) -> int:
        return len(self.x)

    def taken(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of the points given [N], in this order [M]; not copied if nothing moved."""
        return values if self.position is None else values[self.position]

    def given(self, values: NDArray[Any], fill: Any) -> NDArray[Any]:
        """Values in this order [M], as the points were given [N]; ``fill`` for the unplaced."""
        if self.position is None:
            return values
        out = np.full(self.n_given, fill, values.dtype)
        out[self.position] = values
        return out


def square_around(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    bounds: tuple[float, float, float, float] | None = None,
) -> Square:
    """The smallest square, centred, that holds the bounds and every placed point.

    Args:
        x: f32[N], may hold NaN and infinities: those points are not placed.
        y: f32[N].
        bounds: (x0, y0, x1, y1) that must fit as well; ignored where not finite.
    """
    return square_of(_extent(x, y), bounds)


def morton_codes(
    x: NDArray[np.float32], y: NDArray[np.float32], square: Square
) -> NDArray[np.uint32]:
    """Morton code of each point.

    Args:
        x: f32[N], finite; a point outside the square takes the nearest cell.
        y: f32[N].
        square: What is cut.

    Returns:
        u32[N].
    """
    out = np.empty(len(x), np.uint32)
    _encode(x, y, square.x0, square.y0, _CELLS / square.side, out)
    return out


def morton_order(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    bounds: tuple[float, float, float, float] | None = None,
) -> NDArray[np.int64]:
    """The permutation that puts points into Morton order, stable; unplaced ones come last.

    Args:
        x: f32[N].
        y: f32[N].
        bounds: As for ``square_around``.

    Returns:
        i64[N].
    """
    placed = np.isfinite(x) & np.isfinite(y)
    where = np.flatnonzero(placed)
    codes = morton_codes(x[where], y[where], square_around(x, y, bounds))
    return np.concatenate([where[np.argsort(codes, kind="stable")], np.flatnonzero(~placed)])


def build_index(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    bounds: tuple[float, float, float, float] | None = None,
) -> PointIndex:
    """Index points; points that are already in order are not copied.

    Args:
        x: f32[N], in any order, NaN allowed.
        y: f32[N].
        bounds: Extent that the square must hold besides the points.
    """
    square = square_around(x, y, bounds)
    placed = np.isfinite(x) & np.isfinite(y)
    position: NDArray[np.int64] | None = None
    if not placed.all():
        position = np.flatnonzero(placed)
        x, y = x[position], y[position]
    codes = morton_codes(x, y, square)
    if not is_sorted(codes):
        # Timsort: merging segments that are each in order costs little more than reading them.
        order = np.argsort(codes, kind="stable")
        x, y, codes = x[order], y[order], codes[order]
        position = order if position is None else position[order]
    return PointIndex(square, x, y, codes, position, len(placed))


def _extent(x: NDArray[np.float32], y: NDArray[np.float32]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = _extent_of_placed(x, y)
    return float(x0), float(y0), float(x1), float(y1)


@numba.njit(cache=True, nogil=True)
def _extent_of_placed(x: Any, y: Any) -> Any:
    x0 = y0 = np.inf
    x1 = y1 = -np.inf
    for i in range(len(x)):
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            x0, x1 = min(x0, x[i]), max(x1, x[i])
            y0, y1 = min(y0, y[i]), max(y1, y[i])
    return x0, y0, x1, y1


@numba.njit(cache=True, nogil=True)
def is_sorted(codes: Any) -> bool:
    """Whether codes ascend (equal neighbours allowed)."""
    for i in range(1, len(codes)):  # noqa: SIM110 - numba compiles the loop, not the generator
        if codes[i] < codes[i - 1]:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def spread(value: Any) -> Any:
    """The 16 low bits of a u32, each moved to the even bit of its rank."""
    v = np.uint32(value) & np.uint32(0x0000FFFF)
    v = (v | (v << np.uint32(8))) & np.uint32(0x00FF00FF)
    v = (v | (v << np.uint32(4))) & np.uint32(0x0F0F0F0F)
    v = (v | (v << np.uint32(2))) & np.uint32(0x33333333)
    return (v | (v << np.uint32(1))) & np.uint32(0x55555555)


@numba.njit(cache=True, nogil=True)
def cell_range(code: Any, bits: Any, column: Any, row: Any) -> Any:
    """Where the points of one aligned square stand: [first, last) in Morton order.

    Args:
        code: u32[M], ascending.
        bits: The square is one of 2^bits x 2^bits, 0 to 16.
        column: From the left, in [0, 2^bits).
        row: From below, in [0, 2^bits).
    """
    prefix = np.int64(spread(column)) | (np.int64(spread(row)) << 1)
    shift = 2 * (16 - bits)
    return _first_at_least(code, prefix << shift), _first_at_least(code, (prefix + 1) << shift)


@numba.njit(cache=True, nogil=True)
def _first_at_least(code: Any, wanted: Any) -> Any:
    low, high = 0, len(code)
    while low < high:
        middle = (low + high) >> 1
        if np.int64(code[middle]) < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@numba.njit(cache=True, nogil=True)
def _encode(x: Any, y: Any, x0: Any, y0: Any, scale: Any, out: Any) -> None:
    last = 65535.0
    for i in range(len(x)):
        column = np.int64(min(max((np.float64(x[i]) - x0) * scale, 0.0), last))
        row = np.int64(min(max((np.float64(y[i]) - y0) * scale, 0.0), last))
        out[i] = spread(column) | (spread(row) << np.uint32(1))
