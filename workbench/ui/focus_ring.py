"""The focus ring: 2 px in the accent, outside the part that has the keyboard.

A style sheet cannot draw outside a widget, so one small overlay follows the focus. It shows
only for focus that came by keyboard; fields show their own outline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
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
        application.focusChanged.connect(self._on_focus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the part that has the focus; never consumes an event."""
        shown = self._still_there()
        if shown is not None and watched is shown[0]:
            if event.type() in _FOLLOWED:
                _place(*shown)
            elif event.type() is QEvent.Type.Hide:
                shown[1].hide()
        return False

    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        shown = self._still_there()
        if shown is not None:
            target, ring = shown
            target.removeEventFilter(self)
            ring.hide()
            ring.deleteLater()
        self._shown = None
        by_mouse = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        parent = None if new is None else new.parentWidget()
        if new is None or parent is None or by_mouse or not _wants_ring(new):
            return
        self._shown = new, _Ring(self._theme, parent)
        new.installEventFilter(self)
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
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("acc"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)


def _place(target: QWidget, ring: _Ring) -> None:
    ring.setGeometry(target.geometry().adjusted(-_OUTSIDE, -_OUTSIDE, _OUTSIDE, _OUTSIDE))
    ring.setVisible(target.isVisible())
    ring.raise_()


def _wants_ring(widget: QWidget) -> bool:
    return isinstance(widget, QAbstractButton) or bool(widget.property("ring"))
