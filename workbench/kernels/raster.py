"""From points to pixels: exact counts on tiles, tone by histogram equalisation, colours.

The map is a pyramid: at level L the square is 2^L x 2^L tiles of 256 x 256 pixels. Every point
falls into exactly one pixel of each level and is counted there; nothing is sampled. Counts are
spread over a dot (a Gaussian of peak 1 whose area is 16 pixels) only for the eye. Measures and
colours are in ``pyramid``, the tone in ``tone``; ``coarse`` does the same without numba for what
is seen first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numba
import numpy as np

from workbench.kernels.morton import GRID_BITS, cell_range
from workbench.kernels.pyramid import KINDS, MARGIN, TILE
from workbench.kernels.tone import BINS, BLOCK_BITS, DOT, Tone, tone_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.kernels.morton import PointIndex
    from workbench.kernels.pyramid import Inks

_WIDE: Final = TILE + 2 * MARGIN


def count_tile(
    index: PointIndex, kinds: NDArray[np.uint8], level: int, column: int, row: int
) -> NDArray[np.int32] | None:
    """Exact counts of a tile and a margin around it.

    Args:
        index: Points in Morton order, M of them.
        kinds: u8[M].
        level: 0 to ``DEEPEST``.
        column: Tile from the left, in [0, 2^level).
        row: Tile from below, in [0, 2^level).

    Returns:
        i32[8, 288, 288]: kind, pixel row from below, pixel column, tile at [16:272, 16:272];
        None when no point lies in tile or margin.
    """
    counts = np.zeros((KINDS, _WIDE, _WIDE), np.int32)
    square = index.square
    found = _count_tile(
        index.x, index.y, index.code, kinds, square.x0, square.y0, square.side,
        level, column, row, counts,
    )  # fmt: skip
    return counts if found else None


def count_window(
    index: PointIndex,
    kinds: NDArray[np.uint8],
    window: tuple[float, float, float, float],
) -> NDArray[np.int64]:
    """Points of each kind in a window, exactly.

    Args:
        index: Points in Morton order, M of them.
        kinds: u8[M].
        window: (x0, y0, x1, y1), edges included.

    Returns:
        i64[8].
    """
    totals = np.zeros(KINDS, np.int64)
    square = index.square
    if len(index):
        _count_window(
            index.x, index.y, index.code, kinds, square.x0, square.y0, square.side,
            *window, totals,
        )  # fmt: skip
    return totals


def tone(index: PointIndex, kinds: NDArray[np.uint8], level: int) -> Tone:
    """The tone of one level, from every point.

    Args:
        index: Points in Morton order, M of them.
        kinds: u8[M].
        level: 0 to ``DEEPEST``.
    """
    histogram = np.zeros((KINDS + 1, BINS), np.int64)
    densest = np.zeros(KINDS + 1, np.int64)
    # The grid's finest blocks stand for those of still deeper levels.
    bits = min(level + 8 - BLOCK_BITS, GRID_BITS)
    _block_histogram(index.code, kinds, 2 * (GRID_BITS - bits), histogram, densest)
    return tone_of(histogram, densest)


def shade_tile(
    counts: NDArray[np.int32], how: Tone, inks: Inks, power: float, order: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """The picture of a tile.

    Density is the ramp at ``e ** power``; a category lies over it with
    ``alpha = (.30 + .70 e_c) * sqrt(n_c / (n_c + .15 n_all + .5))``, n = points under the dot.
    On the very pixel of a category's point alpha is at least one half, so that a minority
    never drowns: the rarest is painted last.

    Args:
        counts: As ``count_tile`` returns.
        how: Tone of the tile's level.
        inks: Colours.
        power: Exponent of the equalised density.
        order: Kinds 1 to 7 in painting order (most frequent first).

    Returns:
        u32[256, 256], 0xFFRRGGBB, row 0 on top.
    """
    out = np.empty((TILE, TILE), np.uint32)
    _shade(
        counts, how.curve, how.inverse, inks.ramp, inks.kinds, inks.strength, power, order, DOT,
        out,
    )  # fmt: skip
    return out


@numba.njit(cache=True, nogil=True)
def _count_tile(
    x: Any, y: Any, code: Any, kinds: Any, x0: Any, y0: Any, side: Any,
    level: Any, column: Any, row: Any, counts: Any,
) -> Any:  # fmt: skip
    scale = 256.0 * (1 << level) / side
    left = column * 256 - 16
    low = row * 256 - 16
    # Blocks of 16 x 16 pixels: the margin is a frame of them around the tile. At deep levels
    # the grid is coarser than that, then neighbouring blocks hold more and pixels decide.
    bits = min(level + 4, 16)
    coarser = level + 4 - bits
    first_column = max((column * 16 - 1) >> coarser, 0)
    last_column = min((column * 16 + 16) >> coarser, (1 << bits) - 1)
    first_row = max((row * 16 - 1) >> coarser, 0)
    last_row = min((row * 16 + 16) >> coarser, (1 << bits) - 1)
    found = False
    if coarser == 0:
        first, last = cell_range(code, level, column, row)
        found = _count_range(x, y, kinds, first, last, x0, y0, scale, left, low, counts)
    for r in range(first_row, last_row + 1):
        for c in range(first_column, last_column + 1):
            if coarser == 0 and r >> 4 == row and c >> 4 == column:
                continue
            first, last = cell_range(code, bits, c, r)
            if _count_range(x, y, kinds, first, last, x0, y0, scale, left, low, counts):
                found = True
    return found


@numba.njit(cache=True, nogil=True)
def _count_range(
    x: Any, y: Any, kinds: Any, first: Any, last: Any, x0: Any, y0: Any, scale: Any,
    left: Any, low: Any, counts: Any,
) -> Any:  # fmt: skip
    found = False
    for i in range(first, last):
        column = np.int64((np.float64(x[i]) - x0) * scale) - left
        row = np.int64((np.float64(y[i]) - y0) * scale) - low
        if 0 <= column < 288 and 0 <= row < 288:
            counts[kinds[i], row, column] += 1
            found = True
    return found


@numba.njit(cache=True, nogil=True)
def _count_window(
    x: Any, y: Any, code: Any, kinds: Any, x0: Any, y0: Any, side: Any,
    left: Any, low: Any, right: Any, high: Any, totals: Any,
) -> None:  # fmt: skip
    stack = np.empty((3 * 16 + 8, 3), np.int64)
    stack[0, 0] = stack[0, 1] = stack[0, 2] = 0
    depth = 1
    while depth > 0:
        depth -= 1
        bits, column, row = stack[depth, 0], stack[depth, 1], stack[depth, 2]
        first, last = cell_range(code, bits, column, row)
        size = side / (1 << bits)
        margin = 1e-6 * size + 1e-14 * (abs(x0) + abs(y0) + side)
        block_left, block_low = x0 + column * size - margin, y0 + row * size - margin
        block_right = x0 + (column + 1) * size + margin
        block_high = y0 + (row + 1) * size + margin
        if first == last or (
            block_right < left or block_left > right or block_high < low or block_low > high
        ):
            continue
        if left < block_left and block_right < right and low < block_low and block_high < high:
            for i in range(first, last):
                totals[kinds[i]] += 1
        elif last - first > 512 and bits < 16:
            for child in range(4):
                stack[depth, 0] = bits + 1
                stack[depth, 1] = 2 * column + (child & 1)
                stack[depth, 2] = 2 * row + (child >> 1)
                depth += 1
        else:
            for i in range(first, last):
                if left <= np.float64(x[i]) <= right and low <= np.float64(y[i]) <= high:
                    totals[kinds[i]] += 1


@numba.njit(cache=True, nogil=True)
def _block_histogram(code: Any, kinds: Any, shift: Any, histogram: Any, densest: Any) -> None:
    """Blocks by how many points they hold, of each kind and of all (row 8)."""
    held = np.zeros(9, np.int64)
    n = len(code)
    for i in range(n):
        held[kinds[i]] += 1
        held[8] += 1
        if i + 1 == n or (code[i + 1] >> np.uint32(shift)) != (code[i] >> np.uint32(shift)):
            for kind in range(9):
                if held[kind]:
                    histogram[kind, _bin(held[kind])] += 1
                    densest[kind] = max(densest[kind], held[kind])
                    held[kind] = 0


@numba.njit(cache=True, nogil=True)
def _bin(count: Any) -> Any:
    if count < 4096:
        return count
    return min(4096 + np.int64((np.log2(count) - 12) * 64), 4096 + 21 * 64 - 1)


@numba.njit(cache=True, nogil=True, fastmath=True)
def _spread(plane: Any, dot: Any, rows: Any, out: Any) -> Any:
    """Spread the counts of one plane [288, 288] over dots, tile only; whether any was there."""
    reach = len(dot) // 2
    any_point = False
    for r in range(256 + 2 * reach):
        source = plane[16 - reach + r]
        any_row = False
        for c in range(288):
            any_row |= source[c] != 0
        target = rows[r]
        target[:] = 0
        if any_row:
            any_point = True
            for k in range(len(dot)):
                weight = dot[k]
                shifted = source[16 - reach + k : 272 - reach + k]
                for c in range(256):
                    target[c] += weight * np.float32(shifted[c])
    if not any_point:
        return False
    for r in range(256):
        target = out[r]
        target[:] = 0
        for k in range(len(dot)):
            weight = dot[k]
            source_row = rows[r + k]
            for c in range(256):
                target[c] += weight * source_row[c]
    return True


@numba.njit(cache=True, nogil=True, fastmath=True)
def _shade(
    counts: Any, curve: Any, inverse: Any, ramp: Any, inks: Any, strength: Any, power: Any,
    order: Any, dot: Any, out: Any,
) -> None:  # fmt: skip
    rows = np.empty((256 + 2 * (len(dot) // 2), 256), np.float32)
    # Stays 0 when all points lie in the margin, beyond the reach of a dot.
    density = np.zeros((256, 256), np.float32)
    part = np.empty((256, 256), np.float32)
    colour = np.empty((256, 256, 3), np.float32)
    total = counts.sum(axis=0)
    _spread(total, dot, rows, density)
    brightness = (np.arange(1024) / 1023.0) ** power * 255.0
    for r in range(256):
        for c in range(256):
            n = density[r, c]
            # The rim of a lone dot falls off more slowly, so that one exchange is seen.
            if n < 1:
                n = np.sqrt(n)
            e = curve[8, min(np.int64(np.log2(1 + n) * inverse[8]), 1023)]
            stop = np.int64(brightness[np.int64(e * 1023)])
            for channel in range(3):
                colour[r, c, channel] = ramp[stop, channel]
    for k in range(len(order)):
        kind = order[k]
        if not _spread(counts[kind], dot, rows, part):
            continue
        for r in range(256):
            for c in range(256):
                n = part[r, c]
                if n > 0.02:
                    e = curve[kind, min(np.int64(np.log2(1 + n) * inverse[kind]), 1023)]
                    alpha = (0.30 + 0.70 * e) * np.sqrt(n / (n + 0.15 * density[r, c] + 0.5))
                    if counts[kind, r + 16, c + 16]:
                        alpha = max(alpha, 0.5)
                    alpha *= strength[kind]
                    for channel in range(3):
                        below = colour[r, c, channel]
                        colour[r, c, channel] = below + alpha * (inks[kind, channel] - below)
    for r in range(256):
        for c in range(256):
            out[255 - r, c] = (
                np.uint32(0xFF000000)
                | (np.uint32(colour[r, c, 0] + 0.5) << np.uint32(16))
                | (np.uint32(colour[r, c, 1] + 0.5) << np.uint32(8))
                | np.uint32(colour[r, c, 2] + 0.5)
            )
