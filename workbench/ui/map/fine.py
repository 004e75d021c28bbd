"""The points in Morton order, and painting on them with compiled kernels.

Importing this room loads the compiler, which takes a second: the worker's loader does it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.kernels.lasso import inside
from workbench.kernels.morton import build_index
from workbench.kernels.nearest import nearest
from workbench.kernels.pyramid import DEEPEST
from workbench.kernels.raster import count_tile, count_window, shade_tile, tone
from workbench.ui.map.worker import Indexed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.kernels.morton import PointIndex
    from workbench.kernels.tone import Tone
    from workbench.ui.map.camera import Bounds, TileKey
    from workbench.ui.map.painting import Canvas
    from workbench.ui.map.worker import Paint, Wanted


class FineGround:
    """Points in Morton order.

    Args:
        indexed: The points.
    """

    finest = DEEPEST

    def __init__(self, indexed: Indexed) -> None:
        self._index = indexed.index
        self.x, self.y = indexed.index.x, indexed.index.y
        self.account = indexed.account

    def canvas(self, kinds: NDArray[np.uint8]) -> Canvas:
        """The points with their kinds."""
        return _FineCanvas(self._index, kinds)

    def count(self, kinds: NDArray[np.uint8], window: Bounds) -> NDArray[np.int64]:
        """Points of each kind in a window."""
        return count_window(self._index, kinds, window)


class _FineCanvas:
    def __init__(self, index: PointIndex, kinds: NDArray[np.uint8]) -> None:
        self._index = index
        self._kinds = kinds

    def tone(self, level: int) -> Tone:
        return tone(self._index, self._kinds, level)

    def tile(
        self, key: TileKey, how: Tone, paint: Paint, order: NDArray[np.int64]
    ) -> NDArray[np.uint32] | None:
        counts = count_tile(self._index, self._kinds, *key)
        if counts is None:
            return None
        return shade_tile(counts, how, paint.inks, paint.power, order)


def indexed(wanted: Wanted) -> Indexed:
    """Put the wanted points into Morton order."""
    data = wanted.data
    index = build_index(data.x, data.y, data.ground)
    # The pointer and the lasso will ask for these kernels: let them find them loaded.
    square = index.square
    nearest(index, square.x0, square.y0, square.side * 1e-6)
    corner = [(square.x0, square.y0), (square.x0, square.y0 - 1), (square.x0 - 1, square.y0)]
    inside(index, corner)
    return Indexed(
        wanted.data_version, index, index.taken(data.account), index.taken(data.exchange_id)
    )
