"""The last frame of tiles, kept: panning moves it and draws only what came into view.

Tiles stand on whole device pixels: the corner of the map is rounded once, and each tile's edges
are rounded from it. So a frame depends on the scale and two whole numbers, neighbours meet
without gap or overlap, and panning is a copy. Zooming can copy nothing: such a frame is drawn
rough, by the nearest pixel, which takes a quarter of the time, and ``refine`` draws it smooth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap, QRegion

from workbench.ui.map.camera import Camera, TileKey, best_level

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QColor

    from workbench.kernels.pyramid import Square

    #: Draws one tile into a box of device pixels; True: rough, by the nearest pixel.
    DrawTile = Callable[[QPainter, TileKey, QRectF, bool], None]


@dataclass(frozen=True, slots=True)
class _Grid:
    """How the tiles of a level lie on device pixels.

    Attributes:
        level: Of the tiles.
        size: Device pixels across a tile, not whole.
        left: Of the map's left edge.
        bottom: Of the map's lower edge.
        width: Of the frame.
        height: Of the frame.
    """

    level: int
    size: float
    left: int
    bottom: int
    width: int
    height: int

    def box(self, key: TileKey) -> QRect:
        """Where a tile of this level lies."""
        left = self.left + round(key.column * self.size)
        right = self.left + round((key.column + 1) * self.size)
        bottom = self.bottom - round(key.row * self.size)
        top = self.bottom - round((key.row + 1) * self.size)
        return QRect(left, top, right - left, bottom - top)

    def keys_in(self, area: QRect) -> list[TileKey]:
        """The tiles that touch an area."""
        last = 2**self.level - 1
        # One more on each side: rounding may move an edge by a pixel.
        first_column = max(int((area.left() - 1 - self.left) // self.size), 0)
        last_column = min(int((area.right() + 2 - self.left) // self.size), last)
        first_row = max(int((self.bottom - area.bottom() - 2) // self.size), 0)
        last_row = min(int((self.bottom - area.top() + 1) // self.size), last)
        return [
            TileKey(self.level, column, row)
            for column in range(first_column, last_column + 1)
            for row in range(first_row, last_row + 1)
        ]


class Frame:
    """The kept frame of one map.

    Args:
        background: The colour of the canvas now.
    """

    def __init__(self, background: Callable[[], QColor]) -> None:
        self._background = background
        self._grid: _Grid | None = None
        self._picture = QPixmap()
        self._spoilt: set[TileKey] = set()
        #: Whether the last frame was drawn by the nearest pixel.
        self.is_rough = False

    def spoil(self) -> None:
        """Draw all anew next time."""
        self._grid = None

    def refine(self) -> None:
        """Draw all anew next time, and smooth."""
        self.spoil()
        self.is_rough = False

    def spoil_tile(self, key: TileKey) -> None:
        """Draw anew next time what this tile covers."""
        self._spoilt.add(key)

    def draw(
        self,
        painter: QPainter,
        camera: Camera,
        ratio: float,
        square: Square,
        draw_tile: DrawTile,
    ) -> bool:
        """Draw the view.

        Returns:
            Whether the scale is another than it was, so that the frame is rough.
        """
        grid = _grid(camera, ratio, square)
        old = self._grid
        zoomed = old is not None and (old.level, old.size) != (grid.level, grid.size)
        self.is_rough |= zoomed
        spoilt = self._carried_over(grid)
        if not spoilt.isEmpty():
            self._redraw(grid, spoilt, draw_tile)
        self._grid = grid
        self._spoilt.clear()
        self._picture.setDevicePixelRatio(ratio)
        painter.drawPixmap(0, 0, self._picture)
        return zoomed

    def _carried_over(self, grid: _Grid) -> QRegion:
        """Move what can be kept from the last frame; the region that must be drawn."""
        whole = QRect(0, 0, grid.width, grid.height)
        old = self._grid
        self._picture.setDevicePixelRatio(1)
        if (
            old is None
            or (old.level, old.size) != (grid.level, grid.size)
            or (old.width, old.height) != (grid.width, grid.height)
        ):
            if self._picture.size() != whole.size():
                self._picture = QPixmap(whole.size())
            return QRegion(whole)
        spoilt = QRegion()
        right, down = grid.left - old.left, grid.bottom - old.bottom
        if right or down:
            if abs(right) >= grid.width or abs(down) >= grid.height:
                return QRegion(whole)
            self._picture.scroll(right, down, whole)
            spoilt += QRegion(whole) - QRegion(whole.translated(right, down))
        for key in self._spoilt:
            if key.level > grid.level:
                continue
            box = grid.box(key)
            if key.level < grid.level:
                # A coarser tile: what of it shows through where finer ones are missing.
                finer = grid.level - key.level
                first = grid.box(TileKey(grid.level, key.column << finer, key.row << finer))
                last_key = TileKey(
                    grid.level, ((key.column + 1) << finer) - 1, ((key.row + 1) << finer) - 1
                )
                box = first.united(grid.box(last_key))
            spoilt += QRegion(box & whole)
        return spoilt

    def _redraw(self, grid: _Grid, spoilt: QRegion, draw_tile: DrawTile) -> None:
        painter = QPainter(self._picture)
        painter.setClipRegion(spoilt)
        painter.fillRect(spoilt.boundingRect(), self._background())
        for key in grid.keys_in(spoilt.boundingRect()):
            box = grid.box(key)
            if spoilt.intersects(box):
                draw_tile(painter, key, QRectF(box), self.is_rough)
        painter.end()


def _grid(camera: Camera, ratio: float, square: Square) -> _Grid:
    level = best_level(camera, square, ratio)
    left, bottom = camera.to_screen(square.x0, square.y0)
    return _Grid(
        level,
        square.side / 2**level * camera.scale * ratio,
        round(left * ratio),
        round(bottom * ratio),
        round(camera.width * ratio),
        round(camera.height * ratio),
    )
