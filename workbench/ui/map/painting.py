"""What the worker makes: kinds of points, tiles, counts.

It makes them from a ground: the coarse one at once, in numpy; the fine one (``fine``) as soon as
the compiler is loaded. Runs on the worker's thread only; nothing here knows Qt or numba.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from workbench.kernels import coarse
from workbench.kernels.pyramid import CHOSEN, KINDS, kinds_of_points
from workbench.ui.map.worker import Counted, Painted, Placed, TileMade

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.domain.map_data import MapData
    from workbench.kernels.pyramid import Square
    from workbench.kernels.tone import Tone
    from workbench.ui.map.camera import Bounds, TileKey
    from workbench.ui.map.worker import Paint, Wanted


class Canvas(Protocol):
    """Points of known kinds."""

    def tone(self, level: int) -> Tone:
        """The tone of a level."""

    def tile(
        self, key: TileKey, how: Tone, paint: Paint, order: NDArray[np.int64]
    ) -> NDArray[np.uint32] | None:
        """The picture of a tile, u32[256, 256]; None where no point lies."""


class Ground(Protocol):
    """Points that have a place, M of them, in an order of the ground's own.

    Attributes:
        x: f32[M].
        y: f32[M].
        account: i32[M].
        finest: The finest level that can be painted on it.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    account: NDArray[np.int32]
    finest: int

    def canvas(self, kinds: NDArray[np.uint8]) -> Canvas:
        """The points with their kinds, u8[M]."""

    def count(self, kinds: NDArray[np.uint8], window: Bounds) -> NDArray[np.int64]:
        """Points of each kind in a window, i64[8]."""


class CoarseGround:
    """Points in the pixels of the finest coarse level; a few milliseconds a million.

    Args:
        data: The points; those without a place are left out.
    """

    finest = coarse.FINEST

    def __init__(self, data: MapData) -> None:
        placed = np.isfinite(data.x) & np.isfinite(data.y)
        here = slice(None) if placed.all() else placed
        self.x, self.y, self.account = data.x[here], data.y[here], data.account[here]
        self.square: Square = coarse.square_around(self.x, self.y, data.ground)
        self._pixel = coarse.pixels_of(self.x, self.y, self.square)

    def canvas(self, kinds: NDArray[np.uint8]) -> Canvas:
        """The points with their kinds."""
        return _CoarseCanvas(self._pixel, kinds)

    def count(self, kinds: NDArray[np.uint8], window: Bounds) -> NDArray[np.int64]:
        """Points of each kind in a window."""
        return coarse.count_window(self.x, self.y, kinds, window)


class _CoarseCanvas:
    def __init__(self, pixel: NDArray[np.int32], kinds: NDArray[np.uint8]) -> None:
        self._pixel = pixel
        self._kinds = kinds
        self._counts: dict[int, NDArray[np.int32]] = {}

    def tone(self, level: int) -> Tone:
        return coarse.tone(self._pixel, self._kinds, level)

    def tile(
        self, key: TileKey, how: Tone, paint: Paint, order: NDArray[np.int64]
    ) -> NDArray[np.uint32] | None:
        level, column, row = key
        if level not in self._counts:
            self._counts[level] = coarse.count_level(self._pixel, self._kinds, level)
        counts = coarse.tile_of(self._counts[level], column, row)
        if counts is None:
            return None
        return coarse.shade_tile(counts, how, paint.inks, paint.power, order)


class Painting:
    """The points of one data under one paint.

    Args:
        ground: The points.
        paint: How they are painted.
        before: The painting before on the same ground, whose categories are taken over where
            they are the same.
    """

    def __init__(self, ground: Ground, paint: Paint, before: Painting | None = None) -> None:
        self.ground = ground
        self.paint = paint
        self.made: set[TileKey] = set()
        self._tones: dict[int, Tone] = {}
        same = before is not None and before.ground is ground
        self._categories: NDArray[np.uint8] = (
            before._categories
            if before is not None and same and before.paint.category is paint.category
            else kinds_of_points(ground.account, paint.category)
        )
        kinds = kinds_of_points(ground.account, paint.kind_of_account())
        self._canvas = ground.canvas(kinds)
        self._totals = np.bincount(kinds, minlength=KINDS).astype(np.int64)
        # The rarest last, on top of all others; chosen without a category below them all.
        rarest_last = 1 + np.argsort(-self._totals[1:CHOSEN], kind="stable")
        self._order = np.concatenate([[CHOSEN], rarest_last]).astype(np.int64)

    def moved_to(self, ground: Ground) -> Painting:
        """The same on another ground of the same points: what was made need not be made again."""
        moved = Painting(ground, self.paint)
        moved.made = self.made
        return moved

    def painted(self) -> Painted:
        """How many points there are of each kind, and where the selected ones lie."""
        return Painted(self.paint.version, self._totals, self._extent())

    def first_missing(self, keys: tuple[TileKey, ...]) -> TileKey | None:
        """The first of these tiles that is not made yet and can be on this ground."""
        finest = self.ground.finest
        return next((key for key in keys if key not in self.made and key.level <= finest), None)

    def tile(self, key: TileKey) -> TileMade:
        """Count and shade one tile."""
        how = self._tones.get(key.level)
        if how is None:
            how = self._tones[key.level] = self._canvas.tone(key.level)
        pixels = self._canvas.tile(key, how, self.paint, self._order)
        self.made.add(key)
        return TileMade(self.paint.version, key, pixels, how)

    def counted(self, wanted: Wanted) -> Counted:
        """Count the categories in the wanted window."""
        assert wanted.window is not None
        counts = self.ground.count(self._categories, wanted.window)
        return Counted(wanted.data_version, self.paint.category, wanted.window, counts)

    def _extent(self) -> Bounds | None:
        if self.paint.selected is None:
            return None
        ground = self.ground
        chosen = kinds_of_points(ground.account, self.paint.selected.astype(np.uint8)) == 1
        if not chosen.any():
            return None
        x, y = ground.x[chosen], ground.y[chosen]
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def placed(wanted: Wanted) -> tuple[Placed, CoarseGround]:
    """Find the place of the wanted points."""
    ground = CoarseGround(wanted.data)
    return Placed(wanted.data_version, ground.square, len(ground.x)), ground
