"""What the coarse ground promises: every dot whole, also that of the outermost point."""

import numpy as np

from workbench.domain.map_data import MapData
from workbench.kernels.pyramid import TILE
from workbench.kernels.tone import DOT
from workbench.ui.map.painting import CoarseGround


def test_the_dots_of_the_outermost_points_are_not_cut() -> None:
    x, y = np.array([[-1, 5, 2, 2], [0, 0, -3, 3]], np.float32)
    data = MapData(
        x, y, np.zeros(4, np.int32), np.arange(4), np.array([0, 4]), (-1.0, -3.0, 5.0, 3.0), 1
    )
    square = CoarseGround(data).square
    pixel = square.side / TILE
    room = [x.min() - square.x0, y.min() - square.y0]
    room += [square.x0 + square.side - x.max(), square.y0 + square.side - y.max()]
    assert min(room) >= len(DOT) // 2 * pixel
