"""The pictures of the map: what is made, what is still missing, and a frame from what is there.

Lives on the window's thread and never computes a pixel itself: it posts what it wants to the
worker and keeps the answers. A frame only copies pictures; where a tile is missing, the next
coarser one is drawn larger, so that a frame is always instant.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from workbench.kernels.pyramid import KINDS, TILE
from workbench.ui.map.camera import Bounds, Camera, TileKey, best_level, visible_tiles
from workbench.ui.map.frame import Frame
from workbench.ui.map.worker import (
    Answer,
    Counted,
    Failed,
    Indexed,
    MapWorker,
    Paint,
    Painted,
    Placed,
    TileMade,
    Wanted,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.domain.map_data import MapData
    from workbench.kernels.pyramid import Square
    from workbench.kernels.tone import Tone
    from workbench.ui.map.colouring import Colouring

#: Tiles kept, 256 KiB each: four screens of 1600 x 1000 and the coarse levels.
_KEPT: Final = 400
#: Levels that are made in full as soon as there is time, so that there is always a coarser tile.
_COARSE: Final = 3
#: What ``draw_whole`` draws.
_OVERVIEW: Final = tuple(TileKey(1, column, row) for column in (0, 1) for row in (0, 1))
_WHOLE: Final = QRectF(0, 0, TILE, TILE)
_SMOOTH: Final = QPainter.RenderHint.SmoothPixmapTransform
#: A zoom that rests this long is drawn smooth.
_REST_MS: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class _Tile:
    version: int
    picture: QPixmap | None


class Tiles(QObject):
    """All tiles of one map, and the worker that makes them.

    Args:
        background: The colour of the canvas now.
        parent: Owner; ``stop`` must be called before it goes.
    """

    #: A better frame can be drawn.
    changed = Signal()
    #: A better overview can be drawn.
    overview_changed = Signal()
    #: The points have their place: ``placed`` tells.
    ready = Signal()
    #: Every point has its kind: ``extent`` tells.
    painted = Signal()
    #: ``counts`` are those of the view.
    counted = Signal()
    #: All that is in view is drawn at its best, and counted.
    sharp = Signal()
    #: Our bug, raised in the worker.
    failed = Signal(object)
    _answered = Signal(object)

    def __init__(self, background: Callable[[], QColor], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answered.connect(self._on_answer, Qt.ConnectionType.QueuedConnection)
        self._worker: MapWorker | None = None
        self._data: MapData | None = None
        self._data_version = 0
        self._paint: Paint | None = None
        self._tiles: OrderedDict[TileKey, _Tile] = OrderedDict()
        self._frame = Frame(background)
        self._tones: dict[int, tuple[int, Tone]] = {}
        self._painted_version = -1
        self._visible: tuple[TileKey, ...] = ()
        self._window: Bounds | None = None
        self._counted_window: Bounds | None = None
        self._was_sharp = False
        self._posted: Wanted | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._on_rest)
        self.placed: Placed | None = None
        self.indexed: Indexed | None = None
        self.extent: Bounds | None = None
        self.totals: NDArray[np.int64] = np.zeros(KINDS, np.int64)
        self.counts: NDArray[np.int64] = np.zeros(KINDS, np.int64)

    def set_data(self, data: MapData | None) -> None:
        """Show other points; all pictures are dropped."""
        self._data = data if data is not None and len(data) else None
        self._data_version += 1
        self.placed = None
        self.indexed = None
        self.extent = None
        self.totals = np.zeros(KINDS, np.int64)
        self.counts = np.zeros(KINDS, np.int64)
        self._counted_window = None
        self._painted_version = -1
        self._visible = ()
        self.drop_pictures()
        if self._data is None and self._worker is not None:
            self._posted = None
            self._worker.want(None)

    def set_paint(self, colouring: Colouring) -> None:
        """Paint the points otherwise; old pictures stay until better ones are there."""
        if self._paint is not None and self._paint.category is not colouring.category:
            self._counted_window = None
        version = 0 if self._paint is None else self._paint.version + 1
        self._paint = Paint(
            version,
            colouring.category,
            colouring.hidden,
            colouring.selected,
            colouring.inks,
            colouring.power,
        )
        self._was_sharp = False

    def drop_pictures(self) -> None:
        """Forget all pictures (another theme, other points)."""
        if self._worker is not None and self._paint is not None:
            self._worker.forget(self._paint.version, self._tiles.keys())
        self._tiles.clear()
        self._tones.clear()
        self._frame.spoil()
        self._was_sharp = False

    def look(self, camera: Camera, ratio: float) -> None:
        """Want what this view needs; ``ratio`` is device pixels for a logical one."""
        if self._data is None or self._paint is None:
            return
        later: tuple[TileKey, ...] = ()
        if self.placed is not None:
            square = self.placed.square
            level = best_level(camera, square, ratio)
            self._visible = (*visible_tiles(camera, square, level), *_OVERVIEW)
            self._window = camera.window()
            later = _later(camera, square, level)
        wanted = Wanted(
            self._data, self._data_version, self._paint, self._visible, self._window, later
        )
        last = self._posted
        if (
            last is None
            or last.data is not wanted.data
            or last.paint is not wanted.paint
            or last.tiles != wanted.tiles
            or last.window != wanted.window
        ):
            self._was_sharp = False
            self._posted = wanted
            self._started_worker().want(wanted)

    @property
    def is_sharp(self) -> bool:
        """Whether all that is in view is drawn at its best, and counted."""
        if self._data is None or self._paint is None:
            return False
        if self.placed is None or self._painted_version != self._paint.version:
            return False
        if self._frame.is_rough:
            return False
        return self._counted_window == self._window and all(
            key in self._tiles and self._tiles[key].version == self._paint.version
            for key in self._visible
        )

    def tone(self, level: int) -> Tone | None:
        """The tone of a level, once a tile of it was made."""
        known = self._tones.get(level)
        return None if known is None else known[1]

    @property
    def level(self) -> int:
        """The level in view."""
        return self._visible[0].level if self._visible else 0

    def draw(self, painter: QPainter, camera: Camera, ratio: float) -> None:
        """Draw the view from the pictures that are there."""
        if self.placed is not None:
            square = self.placed.square
            if self._frame.draw(painter, camera, ratio, square, self.draw_tile):
                self._rest.start()

    def draw_whole(self, painter: QPainter, target: QRectF, camera: Camera) -> None:
        """Draw the whole map small, from the coarsest levels, as that camera sees it."""
        if self.placed is None:
            return
        square = self.placed.square
        for key in _OVERVIEW:
            x0, y0, x1, y1 = key.bounds(square)
            left, top = camera.to_screen(x0, y1)
            right, bottom = camera.to_screen(x1, y0)
            box = QRectF(left, top, right - left, bottom - top)
            self.draw_tile(painter, key, box.translated(target.topLeft()))

    def stop(self) -> None:
        """End the worker and wait for it (milliseconds)."""
        if self._worker is not None:
            self._worker.stop()
            self._worker = None
        self._posted = None

    def draw_tile(
        self, painter: QPainter, key: TileKey, target: QRectF, rough: bool = False
    ) -> None:
        """Draw a tile, or what of a coarser one lies there, or nothing.

        Args:
            painter: Draws.
            key: Which tile.
            target: Where.
            rough: By the nearest pixel.
        """
        ancestor, source = key, QRectF(_WHOLE)
        while True:
            tile = self._tiles.get(ancestor)
            if tile is not None:
                self._tiles.move_to_end(ancestor)
                if tile.picture is not None:
                    # Enlarged more than that the nearest pixel would show as a block.
                    rough = rough and ancestor.level >= key.level - 1
                    painter.setRenderHint(_SMOOTH, not rough)
                    painter.drawPixmap(target, tile.picture, source)
                return
            if ancestor.level == 0:
                return
            right, upper = ancestor.column & 1, ancestor.row & 1
            source = QRectF(
                (source.left() + right * TILE) / 2,
                (source.top() + (1 - upper) * TILE) / 2,
                source.width() / 2,
                source.height() / 2,
            )
            ancestor = ancestor.parent()

    def _started_worker(self) -> MapWorker:
        if self._worker is None:
            self._worker = MapWorker(self._answered.emit)
            self._worker.start()
        return self._worker

    def _on_answer(self, answer: Answer) -> None:
        if isinstance(answer, TileMade):
            self._keep(answer)
        elif isinstance(answer, Placed):
            if answer.data_version == self._data_version:
                self.placed = answer
                self.ready.emit()
        elif isinstance(answer, Indexed):
            if answer.data_version == self._data_version:
                self.indexed = answer
        elif isinstance(answer, Painted):
            if self._paint is not None and answer.version == self._paint.version:
                self._painted_version = answer.version
                self.totals, self.extent = answer.totals, answer.extent
                self.painted.emit()
        elif isinstance(answer, Counted):
            # Counts of the categories before would stand beside the names of those now.
            known = self._paint is not None and answer.category is self._paint.category
            if known and answer.data_version == self._data_version:
                self.counts, self._counted_window = answer.counts, answer.window
                self.counted.emit()
        elif isinstance(answer, Failed):
            self.failed.emit(answer.error)
        self._tell_if_sharp()

    def _on_rest(self) -> None:
        self._frame.refine()
        self.changed.emit()
        self._tell_if_sharp()

    def _tell_if_sharp(self) -> None:
        if not self._was_sharp and self.is_sharp:
            self._was_sharp = True
            self.sharp.emit()

    def _keep(self, made: TileMade) -> None:
        if self._paint is None or made.version > self._paint.version or self.placed is None:
            return
        held = self._tiles.get(made.key)
        if held is not None and held.version > made.version:
            return
        self._tiles[made.key] = _Tile(made.version, _picture(made.pixels))
        self._tiles.move_to_end(made.key)
        self._tones[made.key.level] = (made.version, made.tone)
        dropped = []
        while len(self._tiles) > _KEPT:
            key, _ = self._tiles.popitem(last=False)
            dropped.append(key)
        if dropped and self._worker is not None:
            self._worker.forget(self._paint.version, dropped)
        self._frame.spoil_tile(made.key)
        if made.key in _OVERVIEW:
            self.overview_changed.emit()
        # While it zooms each frame is drawn anew anyway, and so is the one after it.
        if made.key in self._visible and not self._rest.isActive():
            self.changed.emit()


def _later(camera: Camera, square: Square, level: int) -> tuple[TileKey, ...]:
    """Coarse levels in full, then what lies around the view and one level coarser."""
    coarse = [
        TileKey(low, column, row)
        for low in range(_COARSE)
        for column in range(1 << low)
        for row in range(1 << low)
    ]
    around = Camera(camera.x, camera.y, camera.scale, camera.width * 1.5, camera.height * 1.5)
    near = visible_tiles(around, square, level)
    if level > _COARSE:
        near += visible_tiles(around, square, level - 1)
    # More than is kept would drive out what is in view.
    return tuple(coarse + near[: _KEPT // 2])


def _picture(pixels: NDArray[np.uint32] | None) -> QPixmap | None:
    if pixels is None:
        return None
    # RGB32 without alpha is copied to the screen as it is; the pixmap takes its own copy.
    image = QImage(pixels.data, TILE, TILE, 4 * TILE, QImage.Format.Format_RGB32)
    return QPixmap.fromImage(image)
