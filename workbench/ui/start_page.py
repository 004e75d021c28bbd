"""The first thing one sees without a case: recent cases, new, open, sample data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workbench.ui import figures
from workbench.ui.states import Icon
from workbench.ui.widgets import Button, Elided, KeyCap, Text

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.ui.theme import Theme


class StartPage(QWidget):
    """Ways to begin.

    Args:
        theme: The look.
    """

    #: Make a case.
    new_wanted = Signal()
    #: Choose a case to open.
    open_wanted = Signal()
    #: Make a case and bring logs in.
    import_wanted = Signal()
    #: Make the sample case, or open it again.
    sample_wanted = Signal()
    #: Open this case: its path as text.
    recent_wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("surface", "bg0")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        page = QWidget()
        page.setMaximumWidth(880)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addWidget(Text(theme, "Distillation Workbench", "cluster"))
        column.addWidget(
            Text(
                theme,
                "Open API logs, see where each account and group of accounts has been, find groups "
                "that act as one operator harvesting a model, and export evidence that a stranger "
                "verifies offline.",
                "story",
                "t2",
                wrap=True,
            )
        )
        column.addSpacing(20)
        halves = QHBoxLayout()
        halves.setSpacing(40)
        halves.addLayout(self._ways(theme), 0)
        halves.addLayout(self._recent(theme), 1)
        column.addLayout(halves)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(page, 6)
        row.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(3)

    def _ways(self, theme: Theme) -> QVBoxLayout:
        ways = QVBoxLayout()
        ways.setSpacing(8)
        ways.addWidget(Text(theme, "Begin", "head"))
        self.buttons: dict[str, Button] = {}
        for name, text, icon, key, wanted in (
            (
                "import",
                "Import logs into a new case",
                "ph.download-simple",
                "Ctrl+I",
                self.import_wanted,
            ),
            ("new", "New empty case", "ph.plus", "Ctrl+N", self.new_wanted),
            ("open", "Open a case", "ph.folder-open", "Ctrl+O", self.open_wanted),
            (
                "sample",
                "Open the sample case",
                "ph.flask",
                "Ctrl+Shift+D",
                self.sample_wanted,
            ),
        ):
            button = Button(theme, text, kind="primary" if name == "import" else "", icon=icon)
            button.setProperty("align", "left")
            button.setMinimumWidth(theme.px(250))
            button.clicked.connect(wanted)
            self.buttons[name] = button
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(button)
            row.addWidget(KeyCap(theme, key))
            row.addStretch(1)
            ways.addLayout(row)
        ways.addWidget(
            Text(
                theme,
                "The sample case holds simulated traffic: one planted campaign, look-alikes and "
                "ordinary accounts.",
                "second",
                "t3",
                wrap=True,
            )
        )
        ways.addStretch(1)
        return ways

    def _recent(self, theme: Theme) -> QVBoxLayout:
        recent = QVBoxLayout()
        recent.setSpacing(4)
        recent.addWidget(Text(theme, "Recent cases", "head"))
        self._none = Text(
            theme, "None yet. Cases that you open are listed here.", "second", "t3", wrap=True
        )
        recent.addWidget(self._none)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        recent.addLayout(self._list)
        recent.addStretch(1)
        return recent

    def show_recent(self, paths: list[Path]) -> None:
        """List the cases that were opened, the last one first."""
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._none.setVisible(not paths)
        for path in paths:
            self._list.addWidget(_CaseButton(self._theme, path, self))

    def set_busy(self, *, busy: bool) -> None:
        """While a case is being opened nothing else can be begun."""
        for button in self.findChildren(QPushButton):
            button.setEnabled(not busy)


class _CaseButton(QPushButton):
    """One recent case: its name, and where it lies."""

    def __init__(self, theme: Theme, path: Path, page: StartPage) -> None:
        super().__init__()
        self.setProperty("kind", "row")
        name = figures.line(path.name)
        self.setAccessibleName(f"Open {name}")
        self.setToolTip(figures.tooltip(str(path)))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(10)
        row.addWidget(Icon(theme, "ph.folder-open", 16, "t2"))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Elided(theme, name, "strong"))
        words.addWidget(Elided(theme, figures.line(path.parent), "second", "t3"))
        row.addLayout(words, 1)
        self.clicked.connect(lambda: page.recent_wanted.emit(str(path)))
