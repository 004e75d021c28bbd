"""Hands on the map: what mouse, touchpad and keyboard do to the view and to a drawn shape.

Turns events into moves of the camera, drawn shapes and a hovered point; the view does the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QWheelEvent,
)

from workbench.domain.selection import Combine
from workbench.ui.map.lasso_tool import (
    COMBINE_WORDS,
    Drawing,
    Tool,
    combine_of,
    draw_crosshair,
    draw_hint,
    draw_outline,
)

if TYPE_CHECKING:
    from workbench.ui.map.camera import Camera
    from workbench.ui.map.tiles import Tiles
    from workbench.ui.theme import Theme

#: The pointer finds a point within so many pixels.
REACH: Final = 8.0
#: A press that never gets farther away than this is a click.
_CLICK: Final = 4.0
_HOVER_DELAY_MS: Final = 60
#: One notch of a wheel zooms by this.
_NOTCH: Final = 2 ** (1 / 3)
_KEY_PAN: Final = 0.125
_KEY_STEP: Final = 16.0

_LEFT = Qt.MouseButton.LeftButton
_ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_BY_KEYBOARD: Final = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_MODIFIERS: Final = (Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Control)
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class View(Protocol):
    """What the hands need of the view."""

    @property
    def camera(self) -> Camera:
        """Where it looks."""
        ...

    @property
    def tiles(self) -> Tiles:
        """Its points."""
        ...

    def move_camera(self, camera: Camera, *, animated: bool = False) -> None:
        """Look from there."""
        ...

    def zoom_in(self) -> None:
        """A step closer."""
        ...

    def zoom_out(self) -> None:
        """A step away."""
        ...

    def reset_view(self) -> None:
        """Show all."""
        ...


class MapHand(QObject):
    """Mouse and keyboard on one map.

    Args:
        theme: The look.
        view: The map.
        parent: Owner.
    """

    #: A shape was finished: (Combine, Polygon).
    shape_drawn = Signal(object, object)
    #: The rank of the point under the pointer, or -1.
    hovered = Signal(int)
    #: The rank of a clicked point.
    clicked = Signal(int)
    #: The pointer's shape, the drawing or the hint is another one.
    changed = Signal()
    #: Escape was pressed while nothing was being drawn.
    escaped = Signal()

    def __init__(self, theme: Theme, view: View, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = view
        self.tool = Tool.PAN
        #: How a shape meets the selection while no key is held.
        self.mode = Combine.REPLACE
        #: Whether the focus came by keyboard, so that it is shown.
        self.shows_focus = False
        self._focused = False
        self._pressed: QPointF | None = None
        #: How far from where it was pressed the pointer has been.
        self._reached = 0.0
        self._panned_from: tuple[QPointF, Camera] | None = None
        self._drawing: Drawing | None = None
        self._combine = self.mode
        #: Where the keyboard's crosshair stands, in pixels.
        self._crosshair: QPointF | None = None
        self._pointer = QPointF(-1, -1)
        self._hover_timer = QTimer(self)
        self._hover_timer.setSingleShot(True)
        self._hover_timer.setInterval(_HOVER_DELAY_MS)
        self._hover_timer.timeout.connect(self._look_under_pointer)

    def set_tool(self, tool: Tool) -> None:
        """Dragging now does something else; what was being drawn is dropped."""
        self.tool = tool
        self.cancel()

    def cancel(self) -> None:
        """Drop what is being drawn, and the crosshair."""
        self._drawing = None
        self._crosshair = None
        self._pressed = self._panned_from = None
        self.changed.emit()

    def rest(self) -> None:
        """The pointer left, or the view is hidden."""
        self._hover_timer.stop()
        self.hovered.emit(-1)

    @property
    def cursor(self) -> Qt.CursorShape:
        """The pointer's shape."""
        if self._panned_from is not None:
            return Qt.CursorShape.ClosedHandCursor
        if self.tool is Tool.PAN:
            return Qt.CursorShape.OpenHandCursor
        return Qt.CursorShape.CrossCursor

    @property
    def hint(self) -> str:
        """What the keys do now; "" when there is nothing to say."""
        if self._crosshair is None:
            return ""
        corner = "second" if self._drawing is not None else "first"
        return (
            f"Arrows move, Enter sets the {corner} corner, Esc leaves. "
            "Shift adds, Ctrl subtracts, both intersect."
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the map's input events; all others go their way."""
        kind = event.type()
        if isinstance(event, QMouseEvent):
            if kind is QEvent.Type.MouseMove:
                self.move(event)
            elif kind is QEvent.Type.MouseButtonPress:
                self.press(event)
            elif kind is QEvent.Type.MouseButtonRelease:
                self.release(event)
            elif kind is QEvent.Type.MouseButtonDblClick:
                self.double_click(event)
        elif isinstance(event, QWheelEvent):
            self.wheel(event)
        elif isinstance(event, QKeyEvent):
            return kind is QEvent.Type.KeyPress and self.key(event)
        elif isinstance(event, QNativeGestureEvent):
            return self.gesture(event)
        elif isinstance(event, QFocusEvent):
            by_keyboard = event.reason() in _BY_KEYBOARD
            self._focused = kind is QEvent.Type.FocusIn
            self.shows_focus = self._focused and by_keyboard
            self.changed.emit()
        elif kind in (QEvent.Type.Leave, QEvent.Type.Hide):
            self.rest()
        return super().eventFilter(watched, event)

    def press(self, event: QMouseEvent) -> None:
        """A button went down."""
        self._crosshair = None
        self._reached = 0.0
        self._hover_timer.stop()
        self.hovered.emit(-1)
        middle = event.button() is Qt.MouseButton.MiddleButton
        if middle or (event.button() is _LEFT and self.tool is Tool.PAN):
            self._pressed = event.position()
            self._panned_from = (event.position(), self._view.camera)
        elif event.button() is _LEFT:
            self._pressed = event.position()
            self._drawing = Drawing(self.tool)
            self._combine = combine_of(event.modifiers(), self.mode)
            self._draw_to(event.position())
        self.changed.emit()

    def move(self, event: QMouseEvent) -> None:
        """The pointer moved."""
        self._pointer = event.position()
        self._note_reach(event.position())
        if self._panned_from is not None:
            began, camera = self._panned_from
            by = event.position() - began
            self._view.move_camera(camera.panned(by.x(), by.y()))
        elif self._drawing is not None and self._crosshair is None:
            # Every position that the system reports is a vertex: nothing is thinned out.
            for point in event.points():
                self._draw_to(point.position())
            self._combine = combine_of(event.modifiers(), self.mode)
            self.changed.emit()
        elif event.buttons() == Qt.MouseButton.NoButton:
            self._hover_timer.start()

    def release(self, event: QMouseEvent) -> None:
        """A button went up."""
        pressed = self._pressed
        self._note_reach(event.position())
        drawing, self._drawing = self._drawing, None
        self._pressed = self._panned_from = None
        # A lasso ends where it began, so that only the whole way tells it from a click.
        moved = self._reached >= _CLICK
        if drawing is not None and moved and pressed is not None:
            back = (event.position() - pressed).manhattanLength() < _CLICK
            # A rectangle that was drawn back onto its first corner is taken back.
            if drawing.tool is Tool.LASSO or not back:
                self._finish(drawing, combine_of(event.modifiers(), self.mode))
        elif pressed is not None and not moved and event.button() is _LEFT:
            rank = self.rank_at(event.position())
            if rank >= 0:
                self.clicked.emit(rank)
        self.changed.emit()

    def double_click(self, event: QMouseEvent) -> None:
        """Zoom in where the pointer is."""
        if event.button() is _LEFT and self.tool is Tool.PAN:
            at = event.position()
            self._view.move_camera(self._view.camera.zoomed(2.0, at.x(), at.y()), animated=True)

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom to the pointer; a touchpad's fine steps are taken as they come."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        if not turned:
            return
        at = event.position()
        camera = self._view.camera.zoomed(_NOTCH ** (turned / 120), at.x(), at.y())
        self._view.move_camera(camera, animated=abs(turned) >= 120)
        event.accept()

    def gesture(self, event: QNativeGestureEvent) -> bool:
        """Pinch on a touchpad; whether the event was used."""
        if event.gestureType() is not Qt.NativeGestureType.ZoomNativeGesture:
            return False
        at = event.position()
        self._view.move_camera(self._view.camera.zoomed(1 + event.value(), at.x(), at.y()))
        return True

    def key(self, event: QKeyEvent) -> bool:
        """A key went down; whether it was used."""
        key = Qt.Key(event.key())
        if key in _ARROWS:
            self._move_by_arrow(*_ARROWS[key], event.modifiers())
        elif key in _ENTER and self.tool is not Tool.PAN:
            self._set_corner(combine_of(event.modifiers(), self.mode))
        elif key is Qt.Key.Key_Escape:
            busy = self._drawing is not None or self._crosshair is not None
            self.cancel()
            if not busy:
                self.escaped.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._view.zoom_in()
        elif key is Qt.Key.Key_Minus:
            self._view.zoom_out()
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_0):
            self._view.reset_view()
        elif key in _MODIFIERS and self._drawing is not None:
            self._combine = combine_of(event.modifiers(), self.mode)
            self.changed.emit()
        else:
            return False
        return True

    def rank_at(self, at: QPointF) -> int:
        """The rank of the point nearest to a pixel, within reach, or -1."""
        indexed = self._view.tiles.indexed
        if indexed is None:
            return -1
        # The worker has loaded it by now; at the top it would keep the window waiting for numba.
        from workbench.kernels.nearest import nearest

        camera = self._view.camera
        x, y = camera.to_data(at.x(), at.y())
        return nearest(indexed.index, x, y, REACH / camera.scale)

    def draw(self, painter: QPainter, free: QRectF) -> None:
        """Draw the shape in the making, what it will do, and the crosshair.

        Args:
            painter: On the map.
            free: Where no card hides a hint, in pixels.
        """
        camera = self._view.camera
        if self._drawing is not None:
            outline = self._drawing.outline()
            closed = self._drawing.tool is Tool.RECTANGLE
            draw_outline(painter, self._theme, camera, outline, closed=closed)
            word = COMBINE_WORDS[self._combine]
            if word:
                self._draw_word(painter, word, self._crosshair or self._pointer)
        if self._crosshair is not None and self._focused:
            at = self._crosshair
            draw_crosshair(painter, self._theme, at.x(), at.y(), 14)
            draw_hint(painter, self._theme, free, self.hint)

    def _draw_word(self, painter: QPainter, word: str, at: QPointF) -> None:
        painter.setFont(self._theme.font("group"))
        painter.setPen(self._theme.colour("acc"))
        painter.drawText(at + QPointF(14, -10), word)

    def _look_under_pointer(self) -> None:
        self.hovered.emit(self.rank_at(self._pointer))

    def _note_reach(self, at: QPointF) -> None:
        if self._pressed is not None:
            self._reached = max(self._reached, (at - self._pressed).manhattanLength())

    def _draw_to(self, at: QPointF) -> None:
        assert self._drawing is not None
        self._drawing.add(*self._view.camera.to_data(at.x(), at.y()))

    def _finish(self, drawing: Drawing, combine: Combine) -> None:
        polygon = drawing.polygon()
        if polygon is not None:
            self.shape_drawn.emit(combine, polygon)

    def _move_by_arrow(self, right: int, down: int, modifiers: Qt.KeyboardModifier) -> None:
        camera = self._view.camera
        if self._crosshair is None:
            step = _KEY_PAN * min(camera.width, camera.height)
            self._view.move_camera(camera.panned(-right * step, -down * step), animated=True)
            return
        fine = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        step = 1.0 if fine else _KEY_STEP
        to = self._crosshair + QPointF(right * step, down * step)
        self._crosshair = QPointF(
            min(max(to.x(), 0.0), camera.width), min(max(to.y(), 0.0), camera.height)
        )
        # Ctrl makes the step small here; which corner it sets is said when Enter is pressed.
        held = modifiers & ~Qt.KeyboardModifier.ControlModifier
        self._combine = combine_of(held, self.mode)
        if self._drawing is not None:
            self._draw_to(self._crosshair)
        self.changed.emit()

    def _set_corner(self, combine: Combine) -> None:
        camera = self._view.camera
        if self._crosshair is None:
            # The first Enter brings the crosshair; a lasso needs a hand, so keys draw rectangles.
            self._crosshair = QPointF(round(camera.width / 2), round(camera.height / 2))
        elif self._drawing is None:
            self._drawing = Drawing(Tool.RECTANGLE)
            self._draw_to(self._crosshair)
        else:
            drawing, self._drawing = self._drawing, None
            self._draw_last(drawing)
            self._finish(drawing, combine)
            self._crosshair = None
        self.changed.emit()

    def _draw_last(self, drawing: Drawing) -> None:
        assert self._crosshair is not None
        at = self._crosshair
        drawing.add(*self._view.camera.to_data(at.x(), at.y()))
