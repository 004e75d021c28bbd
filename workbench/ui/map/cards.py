"""The floating cards of the map: zoom buttons, selection, hover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from workbench.domain.text import plural
from workbench.ui.states import Icon
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction

    from workbench.ui.theme import Theme


class Card(QFrame):
    """A card that floats on the map: bg1, outlined, no shadow; stops the pointer.

    Args:
        theme: The look.
        parent: The map.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setProperty("card", "floating")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)


class ZoomBar(Card):
    """Zoom in, zoom out, show all.

    Args:
        theme: The look.
        parent: The map.
    """

    #: A step closer is wanted.
    zoomed_in = Signal()
    #: A step away is wanted.
    zoomed_out = Signal()
    #: The whole map is wanted.
    reset = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(0)
        for icon, tip, signal in (
            ("ph.plus", "Zoom in (+)", self.zoomed_in),
            ("ph.minus", "Zoom out (-)", self.zoomed_out),
            ("ph.corners-out", "Show the whole map (0)", self.reset),
        ):
            button = Button(theme, kind="quiet", icon=icon, tip=tip)
            button.setProperty("square", "true")
            button.clicked.connect(signal)
            column.addWidget(button)


class ResultCard(Card):
    """What a selection holds, and what can be done with it.

    Args:
        theme: The look.
        parent: The map.
    """

    #: The selection should go.
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setAccessibleName("Selection")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 12)
        column.setSpacing(2)
        self._head = QHBoxLayout()
        self._head.setSpacing(8)
        self._icon = Icon(theme, "mdi6.lasso", 16, "acc")
        self._title = Text(theme, "Selection", "strong")
        close = Button(theme, kind="quiet", icon="ph.x", tip="Clear the selection (Esc)")
        close.setProperty("square", "true")
        close.clicked.connect(self.closed)
        self._head.addWidget(self._icon)
        self._head.addWidget(self._title)
        self._head.addStretch(1)
        self._head.addWidget(close)
        column.addLayout(self._head)
        counts = QHBoxLayout()
        counts.setSpacing(6)
        self._accounts = Text(theme, "", "strong")
        self._exchanges = Text(theme, "", "text", "t2")
        counts.addWidget(self._accounts)
        counts.addWidget(Text(theme, "·", "text", "t3"))
        counts.addWidget(self._exchanges)
        counts.addStretch(1)
        column.addLayout(counts)
        self._note = Text(theme, "", "second", "t2")
        column.addWidget(self._note)
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(0, 6, 4, 0)
        self._buttons.setSpacing(8)
        column.addLayout(self._buttons)

    def show_result(
        self,
        n_accounts: int,
        n_exchanges: int,
        *,
        title: str,
        note: str,
        actions: Sequence[QAction],
    ) -> None:
        """Show what a selection holds; the first action is the primary one."""
        self._title.setText(title)
        self._accounts.setText(plural(n_accounts, "account", "accounts"))
        self._exchanges.setText(plural(n_exchanges, "exchange", "exchanges"))
        self._note.setText(note)
        self._note.setVisible(bool(note))
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for i, action in enumerate(actions):
            button = Button(
                self.theme,
                action.iconText(),
                kind="" if i else "primary",
                tip=action.toolTip(),
                parent=self,
            )
            button.setEnabled(action.isEnabled())
            button.clicked.connect(action.trigger)
            self._buttons.addWidget(button)
            # A layout shows what it was given only later, and counts nothing hidden until then.
            button.show()
        self.setAccessibleName(
            f"{title}: {self._accounts.text()}, {self._exchanges.text()}. {note}".strip()
        )
        self.adjustSize()


class HoverCard(Card):
    """What the exchange under the pointer is, in plain text; the pointer passes through it.

    Args:
        theme: The look.
        parent: The map.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        self._text = Text(theme, "", "second")
        row.addWidget(self._text)
        self.hide()

    def show_at(self, text: str, x: float, y: float) -> None:
        """Show beside a pixel of the map, inside it."""
        self._text.setText(text)
        self.adjustSize()
        parent = self.parentWidget()
        assert parent is not None
        left = x + 14 if x + 14 + self.width() < parent.width() else x - 14 - self.width()
        top = y + 14 if y + 14 + self.height() < parent.height() else y - 14 - self.height()
        self.move(max(0, round(left)), max(0, round(top)))
        self.show()
        self.raise_()
