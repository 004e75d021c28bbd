"""What all panels have in common: a body that gives way to an empty or an error state.

Old content stays readable while new content is on its way; an error of one panel stays in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from workbench.domain.errors import KnownError
from workbench.ui import figures
from workbench.ui.states import EmptyState, ErrorState
from workbench.ui.tokens import PANEL_HEAD
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from workbench.ui.desk import Desk
    from workbench.ui.theme import Theme


class Panel(QWidget):
    """A panel: its body, or one state in its place.

    Args:
        desk: What views share.
        body: The content.
        parent: Owner.
    """

    def __init__(self, desk: Desk, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.theme = desk.theme
        self.setProperty("surface", "bg1")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._body = body
        self._state: QWidget | None = None
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(body)

    @property
    def showing_state(self) -> bool:
        """Whether a state is shown in place of the content."""
        return self._stack.currentWidget() is not self._body

    def show_body(self) -> None:
        """Show the content."""
        self._put(None)

    def show_empty(
        self, icon: str, title: str, text: str, *, action: str = "", key: str = ""
    ) -> EmptyState:
        """Show that there is nothing, and what to do; returns the state, for its button."""
        state = EmptyState(self.theme, icon, title, text, action=action, key=key)
        self._put(state)
        return state

    def show_error(self, error: BaseException) -> None:
        """Show what went wrong: a known error with its remedy, anything else as our bug."""
        if isinstance(error, KnownError):
            state = ErrorState.of(self.theme, error)
        else:
            state = ErrorState(
                self.theme,
                "This view failed",
                f"{type(error).__name__}: {figures.line(error)} The case is unharmed. This is a "
                "bug in workbench; the line at the top of the window names the report file.",
            )
            self.desk.session.failed.emit(error)
        self._put(state)

    def _put(self, state: QWidget | None) -> None:
        before, self._state = self._state, state
        if state is not None:
            self._stack.addWidget(state)
        self._stack.setCurrentWidget(self._body if state is None else state)
        if before is not None:
            self._stack.removeWidget(before)
            before.deleteLater()


class ToolRow(QWidget):
    """A row of tools: as high as TOKENS.md says, and higher where its text is larger.

    Args:
        theme: The look.
        height: Least height in pixels at 100 %.
        bar: Where it lies, for its background and line: "top", "bottom", or "" for neither.
    """

    def __init__(self, theme: Theme, height: int, bar: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._height = height
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if bar:
            self.setProperty("bar", bar)
            self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(12, 4, 12, 4)
        self.row.setSpacing(8)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Room for its parts, and no less than its height."""
        hint = super().sizeHint()
        return QSize(hint.width(), max(hint.height(), self._theme.px(self._height)))

    def minimumSizeHint(self) -> QSize:
        """As narrow as its parts allow, never lower."""
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())


class Head(QWidget):
    """The head of a panel: title, a count beside it, and room for tools at the right.

    Args:
        theme: The look.
        title: Of the panel.
        parent: Owner.
    """

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("bar", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(14, 0, 8, 0)
        self.row.setSpacing(8)
        self.title = Text(theme, title, "head")
        self.note = Text(theme, "", "second", "t2")
        self.row.addWidget(self.title)
        self.row.addWidget(self.note)
        self.row.addStretch(1)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """As high as a head is; a dock asks for nothing else."""
        hint = super().sizeHint()
        return QSize(hint.width(), max(hint.height(), self._theme.px(PANEL_HEAD)))

    def minimumSizeHint(self) -> QSize:
        """The same height, and narrow."""
        return QSize(self._theme.px(120), self.sizeHint().height())


def column(*widgets: QWidget, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QWidget:
    """Widgets in a column without gaps."""
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(*margins)
    layout.setSpacing(0)
    for widget in widgets:
        layout.addWidget(widget)
    return holder
