"""The coarse levels of the map in numpy: what is seen first, before the compiler is loaded.

Loading compiled kernels takes a second and a half, longer than a case should take to show itself.
Up to level 2 the whole map is 1,024 pixels wide at most, and numpy counts and shades it in a
fraction of that time. Every point counts: same counts, same tone and, but for rounding, the same
picture as ``raster`` makes. This room must not import numba, nor anything that does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.kernels.pyramid import KINDS, MARGIN, TILE, square_of
from workbench.kernels.tone import BINS, BLOCK_BITS, CURVE, DOT, Tone, bins_of, tone_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.kernels.pyramid import Inks, Square

#: The finest level that is made here.
FINEST: Final = 2
_BITS: Final = 8 + FINEST
_REACH: Final = len(DOT) // 2
_WIDE: Final = TILE + 2 * MARGIN


def square_around(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    bounds: tuple[float, float, float, float] | None = None,
) -> Square:
    """The smallest square, centred, that holds the bounds and every point.

    Args:
        x: f32[M], finite.
        y: f32[M].
        bounds: (x0, y0, x1, y1) that must fit as well; ignored where not finite.
    """
    if not len(x):
        return square_of((np.inf, np.inf, -np.inf, -np.inf), bounds)
    return square_of((float(x.min()), float(y.min()), float(x.max()), float(y.max())), bounds)


def pixels_of(x: NDArray[np.float32], y: NDArray[np.float32], square: Square) -> NDArray[np.int32]:
    """The pixel of each point at level ``FINEST``.

    Args:
        x: f32[M], inside the square.
        y: f32[M].
        square: What level 0 shows on one tile.

    Returns:
        i32[M]: row from below * 1024 + column.
    """
    scale = (1 << _BITS) / square.side
    column = ((x.astype(np.float64) - square.x0) * scale).astype(np.int32)
    row = ((y.astype(np.float64) - square.y0) * scale).astype(np.int32)
    return (row << _BITS) | column


def count_level(
    pixel: NDArray[np.int32], kinds: NDArray[np.uint8], level: int
) -> NDArray[np.int32]:
    """Exact counts of a whole level and a margin around it.

    Args:
        pixel: i32[M], as ``pixels_of`` gives.
        kinds: u8[M].
        level: 0 to ``FINEST``.

    Returns:
        i32[8, W + 32, W + 32], W = 256 * 2^level: kind, pixel row from below, pixel column.
    """
    width = TILE << level
    counts = np.zeros((KINDS, width + 2 * MARGIN, width + 2 * MARGIN), np.int32)
    inner = counts[:, MARGIN : MARGIN + width, MARGIN : MARGIN + width]
    for kind, plane in _planes(pixel, kinds, 8 + level).items():
        inner[kind] = plane
    return counts


def tile_of(counts: NDArray[np.int32], column: int, row: int) -> NDArray[np.int32] | None:
    """The counts of one tile and its margin, as ``raster.count_tile`` returns them; no copy.

    Args:
        counts: As ``count_level`` returns.
        column: Tile from the left.
        row: Tile from below.
    """
    left, low = column * TILE, row * TILE
    part = counts[:, low : low + _WIDE, left : left + _WIDE]
    return part if part.any() else None


def tone(pixel: NDArray[np.int32], kinds: NDArray[np.uint8], level: int) -> Tone:
    """The tone of one level, from every point.

    Args:
        pixel: i32[M], as ``pixels_of`` gives.
        kinds: u8[M].
        level: 0 to ``FINEST``.
    """
    histogram = np.zeros((KINDS + 1, BINS), np.int64)
    densest = np.zeros(KINDS + 1, np.int64)
    planes = _planes(pixel, kinds, 8 + level - BLOCK_BITS)
    if planes:
        planes[KINDS] = np.sum(list(planes.values()), axis=0)
    for row, plane in planes.items():
        held = plane[plane > 0]
        histogram[row] = np.bincount(bins_of(held), minlength=BINS)
        densest[row] = held.max()
    return tone_of(histogram, densest)


def count_window(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    kinds: NDArray[np.uint8],
    window: tuple[float, float, float, float],
) -> NDArray[np.int64]:
    """Points of each kind in a window, exactly.

    Args:
        x: f32[M].
        y: f32[M].
        kinds: u8[M].
        window: (x0, y0, x1, y1), edges included.

    Returns:
        i64[8].
    """
    # As f64 scalars, so that points are widened and the window is not cut to f32.
    x0, y0, x1, y1 = (np.float64(edge) for edge in window)
    held = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    return np.bincount(kinds[held], minlength=KINDS)


def shade_tile(
    counts: NDArray[np.int32], how: Tone, inks: Inks, power: float, order: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """The picture of a tile: arguments, formulas and result as ``raster.shade_tile``.

    Args:
        counts: As ``tile_of`` returns.
        how: Tone of the tile's level.
        inks: Colours.
        power: Exponent of the equalised density.
        order: Kinds 1 to 7 in painting order (most frequent first).

    Returns:
        u32[256, 256], 0xFFRRGGBB, row 0 on top.
    """
    density = _spread(counts.sum(axis=0))
    # The rim of a lone dot falls off more slowly, so that one exchange is seen.
    equal = _equalised(np.where(density < 1, np.sqrt(density), density), how, KINDS)
    brightness = (np.arange(CURVE) / (CURVE - 1)) ** power * 255
    stops = brightness[(equal * (CURVE - 1)).astype(np.int64)].astype(np.int64)
    colour = inks.ramp[stops].astype(np.float32)
    for kind in order:
        if not counts[kind].any():
            continue
        plane = _spread(counts[kind])
        at = np.nonzero(plane > 0.02)
        n = plane[at]
        alpha = (0.30 + 0.70 * _equalised(n, how, int(kind))) * np.sqrt(
            n / (n + 0.15 * density[at] + 0.5)
        )
        here = counts[kind, MARGIN:-MARGIN, MARGIN:-MARGIN][at] > 0
        alpha = np.where(here, np.maximum(alpha, 0.5), alpha) * inks.strength[kind]
        below = colour[at]
        colour[at] = below + alpha[:, None] * (inks.kinds[kind] - below)
    red, green, blue = (colour + 0.5).astype(np.uint32).transpose(2, 0, 1)
    picture: NDArray[np.uint32] = 0xFF000000 | (red << 16) | (green << 8) | blue
    return np.ascontiguousarray(picture[::-1])


def _planes(
    pixel: NDArray[np.int32], kinds: NDArray[np.uint8], bits: int
) -> dict[int, NDArray[np.int64]]:
    """Points in cells of a grid of 2^bits x 2^bits, for each kind that there is."""
    coarser = _BITS - bits
    column = (pixel & ((1 << _BITS) - 1)) >> coarser
    cell = ((pixel >> (_BITS + coarser)) << bits) | column
    width = 1 << bits
    return {
        int(kind): np.bincount(cell[kinds == kind], minlength=width * width).reshape(width, width)
        for kind in np.flatnonzero(np.bincount(kinds, minlength=KINDS))
    }


def _spread(plane: NDArray[np.int32]) -> NDArray[np.float32]:
    """Spread the counts of one plane [288, 288] over dots, tile only."""
    near = plane[MARGIN - _REACH : MARGIN + TILE + _REACH].astype(np.float32)
    rows = np.zeros((TILE + 2 * _REACH, TILE), np.float32)
    for k, weight in enumerate(DOT):
        rows += weight * near[:, MARGIN - _REACH + k : MARGIN - _REACH + k + TILE]
    out = np.zeros((TILE, TILE), np.float32)
    for k, weight in enumerate(DOT):
        out += weight * rows[k : k + TILE]
    return out


def _equalised(n: NDArray[np.float32], how: Tone, row: int) -> NDArray[np.float32]:
    """Equalised density of so many points under a dot."""
    where = np.log2(1 + n.astype(np.float64)) * how.inverse[row]
    equal: NDArray[np.float32] = how.curve[row][np.minimum(where.astype(np.int64), CURVE - 1)]
    return equal
