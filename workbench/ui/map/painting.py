"""What the worker makes: points in order, their kinds, tiles, counts. Calls the kernels.

Runs on the worker's thread only; nothing here knows Qt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.kernels.morton import build_index
from workbench.kernels.nearest import nearest
from workbench.kernels.pyramid import CHOSEN, KINDS
from workbench.kernels.raster import count_tile, count_window, kinds_of_points, shade_tile, tone
from workbench.ui.map.worker import Counted, Indexed, Paint, Painted, TileMade, Wanted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.kernels.raster import Tone
    from workbench.ui.map.camera import Bounds, TileKey


class Painting:
    """The points of one data under one paint.

    Args:
        indexed: The points.
        paint: How they are painted.
        before: The painting before, whose categories are taken over where they are the same.
    """

    def __init__(self, indexed: Indexed, paint: Paint, before: Painting | None) -> None:
        self.paint = paint
        self.made: set[TileKey] = set()
        self._index = indexed.index
        self._tones: dict[int, Tone] = {}
        same = before is not None and before.paint.category is paint.category
        self._categories: NDArray[np.uint8] = (
            before._categories
            if before is not None and same
            else kinds_of_points(indexed.account, paint.category)
        )
        self._kinds = kinds_of_points(indexed.account, paint.kind_of_account())
        totals = np.bincount(self._kinds, minlength=KINDS).astype(np.int64)
        # The rarest last, on top of all others; chosen without a category below them all.
        rarest_last = 1 + np.argsort(-totals[1:CHOSEN], kind="stable")
        self._order = np.concatenate([[CHOSEN], rarest_last]).astype(np.int64)
        self.answer = Painted(paint.version, totals, self._extent(indexed))

    def first_missing(self, keys: tuple[TileKey, ...]) -> TileKey | None:
        """The first of these tiles that is not made yet."""
        return next((key for key in keys if key not in self.made), None)

    def tile(self, key: TileKey) -> TileMade:
        """Count and shade one tile."""
        how = self._tones.get(key.level)
        if how is None:
            how = self._tones[key.level] = tone(self._index, self._kinds, key.level)
        counts = count_tile(self._index, self._kinds, key.level, key.column, key.row)
        pixels = None
        if counts is not None:
            pixels = shade_tile(counts, how, self.paint.inks, self.paint.power, self._order)
        self.made.add(key)
        return TileMade(self.paint.version, key, pixels, how)

    def counted(self, wanted: Wanted) -> Counted:
        """Count the categories in the wanted window."""
        assert wanted.window is not None
        counts = count_window(self._index, self._categories, wanted.window)
        return Counted(wanted.data_version, wanted.window, counts)

    def _extent(self, indexed: Indexed) -> Bounds | None:
        if self.paint.selected is None:
            return None
        chosen = kinds_of_points(indexed.account, self.paint.selected.astype(np.uint8)) == 1
        if not chosen.any():
            return None
        x, y = indexed.index.x[chosen], indexed.index.y[chosen]
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def indexed(wanted: Wanted) -> Indexed:
    """Put the wanted points into Morton order."""
    data = wanted.data
    index = build_index(data.x, data.y, data.bounds)
    # The window asks for the nearest point itself: let it find that kernel loaded.
    nearest(index, index.square.x0, index.square.y0, index.square.side * 1e-6)
    return Indexed(
        wanted.data_version, index, index.taken(data.account), index.taken(data.exchange_id)
    )
