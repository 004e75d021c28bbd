"""Where the map is looked at: pure arithmetic between data units and pixels, no Qt.

Data y grows upwards, pixels downwards. Pixels are logical ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from workbench.kernels.pyramid import DEEPEST, TILE

if TYPE_CHECKING:
    from workbench.kernels.pyramid import Square

Bounds = tuple[float, float, float, float]

#: Share of the view left free around what is fitted into it.
_AIR: Final = 0.05
#: An extent that is none, data units: its scale would be beyond what a float holds.
_LEAST: Final = 1e-30


@dataclass(frozen=True, slots=True)
class Camera:
    """A view of the map.

    Attributes:
        x: Data x at the centre of the view.
        y: Data y at the centre of the view.
        scale: Pixels for one data unit, above 0.
        width: Of the view, pixels, at least 1.
        height: Of the view, pixels, at least 1.
    """

    x: float
    y: float
    scale: float
    width: float
    height: float

    @staticmethod
    def fitted(bounds: Bounds, width: float, height: float) -> Camera:
        """The view that shows all of some bounds (x0, y0, x1, y1)."""
        width, height = max(width, 1.0), max(height, 1.0)
        x0, y0, x1, y1 = bounds
        across, up = x1 - x0, y1 - y0
        if across <= _LEAST and up <= _LEAST:
            across = up = 1.0
        scales = [
            free * (1 - 2 * _AIR) / extent
            for free, extent in ((width, across), (height, up))
            if extent > _LEAST
        ]
        return Camera((x0 + x1) / 2, (y0 + y1) / 2, min(scales), width, height)

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a place."""
        return (
            self.width / 2 + (x - self.x) * self.scale,
            self.height / 2 - (y - self.y) * self.scale,
        )

    def to_data(self, left: float, top: float) -> tuple[float, float]:
        """The place under a pixel."""
        return (
            self.x + (left - self.width / 2) / self.scale,
            self.y - (top - self.height / 2) / self.scale,
        )

    def window(self) -> Bounds:
        """What is seen: (x0, y0, x1, y1) in data units."""
        x0, y1 = self.to_data(0, 0)
        x1, y0 = self.to_data(self.width, self.height)
        return x0, y0, x1, y1

    def panned(self, right: float, down: float) -> Camera:
        """The view after the map was dragged by so many pixels."""
        return replace(self, x=self.x - right / self.scale, y=self.y + down / self.scale)

    def zoomed(self, factor: float, left: float, top: float) -> Camera:
        """The view after zooming; the place under that pixel stays where it is."""
        return self.with_scale_at(self.scale * factor, left, top)

    def with_scale_at(self, scale: float, left: float, top: float) -> Camera:
        """The view at another scale; the place under that pixel stays where it is."""
        x, y = self.to_data(left, top)
        return replace(
            self,
            scale=scale,
            x=x - (left - self.width / 2) / scale,
            y=y + (top - self.height / 2) / scale,
        )

    def resized(self, width: float, height: float) -> Camera:
        """The same centre and scale in a view of another size."""
        return replace(self, width=max(width, 1.0), height=max(height, 1.0))

    def clamped(self, square: Square, home: Camera) -> Camera:
        """The nearest view that is allowed.

        From half of home's scale down to the deepest level, with its centre on the map.
        """
        deepest = TILE * 2**DEEPEST / square.side
        scale = min(max(self.scale, home.scale / 2), max(deepest, home.scale))
        return replace(
            self,
            scale=scale,
            x=min(max(self.x, square.x0), square.x0 + square.side),
            y=min(max(self.y, square.y0), square.y0 + square.side),
        )

    def between(self, other: Camera, share: float) -> Camera:
        """A view on the way to another: scale in ratio, place so that nothing swings."""
        if share >= 1:
            return other
        scale = self.scale * (other.scale / self.scale) ** share
        # The pixel of a place moves in a straight line when centre / scale does.
        if abs(other.scale - self.scale) < 1e-9 * self.scale:
            along = share
        else:
            along = (1 / scale - 1 / self.scale) / (1 / other.scale - 1 / self.scale)
        return replace(
            self,
            scale=scale,
            x=self.x + (other.x - self.x) * along,
            y=self.y + (other.y - self.y) * along,
        )


class TileKey(NamedTuple):
    """A tile: level, column from the left, row from below."""

    level: int
    column: int
    row: int

    def parent(self) -> TileKey:
        """The tile of the next coarser level that holds it."""
        return TileKey(self.level - 1, self.column >> 1, self.row >> 1)

    def bounds(self, square: Square) -> Bounds:
        """(x0, y0, x1, y1) in data units."""
        size = square.side / 2**self.level
        x0, y0 = square.x0 + self.column * size, square.y0 + self.row * size
        return x0, y0, x0 + size, y0 + size


def best_level(camera: Camera, square: Square, ratio: float) -> int:
    """The level whose pixels are nearest in size to the device's.

    Args:
        camera: The view.
        square: The square that level 0 shows on one tile.
        ratio: Device pixels for a logical one.
    """
    wanted = camera.scale * ratio * square.side / TILE
    level = 0
    # Up to 1.41 times larger than drawn, down to 0.71 times smaller.
    while level < DEEPEST and wanted > 2 ** (level + 0.5):
        level += 1
    return level


def visible_tiles(camera: Camera, square: Square, level: int) -> list[TileKey]:
    """The tiles of a level that touch the view, nearest to its centre first."""
    size = square.side / 2**level
    last = 2**level - 1
    x0, y0, x1, y1 = camera.window()
    first_column = max(int((x0 - square.x0) // size), 0)
    last_column = min(int((x1 - square.x0) // size), last)
    first_row = max(int((y0 - square.y0) // size), 0)
    last_row = min(int((y1 - square.y0) // size), last)
    middle = ((camera.x - square.x0) / size - 0.5, (camera.y - square.y0) / size - 0.5)
    keys = [
        TileKey(level, column, row)
        for column in range(first_column, last_column + 1)
        for row in range(first_row, last_row + 1)
    ]
    keys.sort(key=lambda k: ((k.column - middle[0]) ** 2 + (k.row - middle[1]) ** 2, k))
    return keys
