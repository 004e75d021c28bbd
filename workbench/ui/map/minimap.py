"""The whole map, small, with the part in view outlined; a click or drag moves the view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from workbench.ui.map.camera import Bounds, Camera

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from workbench.ui.map.tiles import Tiles
    from workbench.ui.theme import Theme

_SIZE: Final = QSize(150, 110)
_INSET: Final = 3.0


class MiniMap(QWidget):
    """The whole map, small.

    Args:
        theme: The look.
        tiles: The pictures.
        parent: The map.
    """

    #: The view should be centred here: (x, y) in data units.
    centred = Signal(float, float)

    def __init__(self, theme: Theme, tiles: Tiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tiles = tiles
        self._window: Bounds | None = None
        self._camera: Camera | None = None
        self._picture: QPixmap | None = None
        self.setFixedSize(_SIZE)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAccessibleName("Overview of the map")

    def set_view(self, bounds: Bounds, window: Bounds) -> None:
        """Show all of ``bounds``; ``window`` is what the map shows of it (data units)."""
        camera = Camera.fitted(bounds, self.width(), self.height())
        if camera != self._camera:
            self._picture = None
        if camera != self._camera or window != self._window:
            self._camera, self._window = camera, window
            self.update()

    def refresh(self) -> None:
        """The pictures are better or other ones now."""
        self._picture = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Centre the view here."""
        self._centre(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the view along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._centre(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing more to do; the map behind must not see it."""
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the map and the outline of the part in view."""
        painter = QPainter(self)
        if self._camera is None or self._window is None:
            return
        painter.drawPixmap(0, 0, self._drawn_map(self._camera))
        x0, y0, x1, y1 = self._window
        left, top = self._camera.to_screen(x0, y1)
        right, bottom = self._camera.to_screen(x1, y0)
        outline = QRectF(QPointF(left, top), QPointF(right, bottom)).intersected(
            QRectF(self.rect()).adjusted(_INSET, _INSET, -_INSET, -_INSET)
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("acc"), 1.5))
        painter.drawRoundedRect(outline, 2, 2)

    def _drawn_map(self, camera: Camera) -> QPixmap:
        if self._picture is not None:
            return self._picture
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(box, 8, 8)
        painter.setClipPath(shape)
        painter.fillPath(shape, self._theme.colour("map"))
        self._tiles.draw_whole(painter, QRectF(self.rect()), camera)
        painter.setClipping(False)
        painter.setPen(QPen(self._theme.colour("line2"), 1))
        painter.drawPath(shape)
        painter.end()
        self._picture = picture
        return picture

    def _centre(self, event: QMouseEvent) -> None:
        if self._camera is not None:
            at = event.position()
            self.centred.emit(*self._camera.to_data(at.x(), at.y()))
        event.accept()
