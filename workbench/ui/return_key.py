"""Return presses the button that has the keyboard, as Space does.

Qt lets Return press buttons of dialogs only. One filter follows the focus, so that no other event
passes through Python. Dialogs keep their own rule: Return there may mean the default button.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QDialog, QWidget
from shiboken6 import isValid

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

_RETURN: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ReturnKey(QObject):
    """Lets Return press whatever button outside dialogs has the focus.

    Args:
        application: The one QApplication.
        parent: Owner.
    """

    def __init__(self, application: QApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._button: QAbstractButton | None = None
        application.focusChanged.connect(self._on_focus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Press the button; all other events go their way."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and Qt.Key(event.key()) in _RETURN
            and not event.isAutoRepeat()
            and watched is self._button
        ):
            self._button.click()
            return True
        return False

    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._button is not None and isValid(self._button):
            self._button.removeEventFilter(self)
        self._button = None
        if isinstance(new, QAbstractButton) and not isinstance(new.window(), QDialog):
            self._button = new
            new.installEventFilter(self)
