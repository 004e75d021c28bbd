"""The focus ring: 2 px in the accent, outside the part that has the keyboard.

A style sheet cannot draw outside a widget, so one small overlay follows the focus. It shows
only for focus that came by keyboard; fields show their own outline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

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
        self._ring: _Ring | None = None
        self._target: QWidget | None = None
        application.focusChanged.connect(self._on_focus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the part that has the focus; never consumes an event."""
        if watched is self._target and self._ring is not None:
            if event.type() in _FOLLOWED:
                self._place()
            elif event.type() is QEvent.Type.Hide:
                self._ring.hide()
        return False

    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._target is not None and self._ring is not None:
            self._target.removeEventFilter(self)
            self._ring.hide()
            self._ring.deleteLater()
        self._target = self._ring = None
        by_mouse = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        parent = None if new is None else new.parentWidget()
        if new is None or parent is None or by_mouse or not _wants_ring(new):
            return
        self._target = new
        self._ring = _Ring(self._theme, parent)
        # The target may be deleted while it has the focus; its ring goes with its parent.
        new.destroyed.connect(self._forget)
        new.installEventFilter(self)
        self._place()

    def _place(self) -> None:
        assert self._target is not None
        assert self._ring is not None
        self._ring.setGeometry(
            self._target.geometry().adjusted(-_OUTSIDE, -_OUTSIDE, _OUTSIDE, _OUTSIDE)
        )
        self._ring.setVisible(self._target.isVisible())
        self._ring.raise_()

    def _forget(self, gone: QObject) -> None:
        if self._target is gone:
            self._target = self._ring = None


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


def _wants_ring(widget: QWidget) -> bool:
    return isinstance(widget, QAbstractButton) or bool(widget.property("ring"))
