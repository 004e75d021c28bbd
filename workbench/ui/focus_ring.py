"""The focus ring: 2 px in the accent, outside the part that has the keyboard.

A style sheet cannot draw outside a widget, so one small overlay follows the focus. It shows
only for focus that came by keyboard; fields show their own outline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QWidget
from shiboken6 import isValid

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from workbench.ui.theme import Theme

_OUTSIDE: Final = 4
_FOLLOWED: Final = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show)


class FocusRing(QObject):
    """Shows the ring around buttons, and around any widget with the property ``ring``.

    Args:
        theme: The look.
        application: The one QApplication.
        parent: Owner.
    """

    def __init__(
        self, theme: Theme, application: QApplication, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[QWidget, _Ring] | None = None
        #: What moves the ring when it moves: the part, and what lies between it and the host.
        self._watched: list[QWidget] = []
        application.focusChanged.connect(self._on_focus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the part that has the focus; never consumes an event."""
        # Most events are none of these: they go their way first.
        if event.type() in _FOLLOWED or event.type() is QEvent.Type.Hide:
            shown = self._still_there()
            if shown is not None and watched in self._watched:
                _place(*shown)
        return False

    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        shown = self._still_there()
        if shown is not None:
            ring = shown[1]
            ring.hide()
            ring.deleteLater()
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._shown, self._watched = None, []
        by_mouse = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        parent = None if new is None else new.parentWidget()
        if new is None or parent is None or by_mouse or not _wants_ring(new):
            return
        self._watched, host = _up_to_room(new, parent)
        ring = _Ring(self._theme, host)
        # What is between may be deleted with the button while the host stays.
        new.destroyed.connect(ring.deleteLater)
        self._shown = new, ring
        for widget in self._watched:
            widget.installEventFilter(self)
        _place(*self._shown)

    def _still_there(self) -> tuple[QWidget, _Ring] | None:
        """Target and ring; a dialog is deleted with the button that has the focus."""
        if self._shown is None or not all(isValid(part) for part in self._shown):
            return None
        return self._shown


class _Ring(QWidget):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.host = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("acc"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)


def _place(target: QWidget, ring: _Ring) -> None:
    ring.setGeometry(_around(target, ring.host))
    ring.setVisible(target.isVisible())
    ring.raise_()


def _around(target: QWidget, host: QWidget) -> QRect:
    """Where the ring lies in one of the target's ancestors."""
    box = QRect(target.mapTo(host, QPoint(0, 0)), target.size())
    return box.adjusted(-_OUTSIDE, -_OUTSIDE, _OUTSIDE, _OUTSIDE)


def _up_to_room(target: QWidget, host: QWidget) -> tuple[list[QWidget], QWidget]:
    """The nearest ancestor in which the ring is whole, and the parts below it.

    Not beyond what scrolls: there the ring is cut together with its part.
    """
    below = [target]
    while not host.isWindow() and not host.rect().contains(_around(target, host)):
        parent = host.parentWidget()
        if parent is None or isinstance(parent, QAbstractScrollArea):
            break
        below.append(host)
        host = parent
    return below, host


def _wants_ring(widget: QWidget) -> bool:
    return isinstance(widget, QAbstractButton) or bool(widget.property("ring"))
