"""The numbers behind a finding, for a statistician: to read, and to copy whole.

Shows what ``services.numbers`` says and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from workbench.services.numbers import as_lines
from workbench.ui import figures
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.services.numbers import Entry, Part
    from workbench.ui.theme import Theme

_COPY, _COPIED = "Copy", "Copied"


class NumbersDialog(FormDialog):
    """Lists the numbers of one cluster or account.

    Args:
        theme: The look.
        subject: What they are of.
        parts: The numbers.
        parent: The window.
    """

    def __init__(
        self, theme: Theme, subject: str, parts: Sequence[Part], parent: QWidget | None = None
    ) -> None:
        purpose = "Each number with what it is compared with, its formula and its source."
        super().__init__(theme, f"Numbers of {subject}", purpose, "Close", parent)
        self.cancel_button.hide()
        self._text = "\n".join([subject, *map(figures.line, as_lines(parts))])
        self.copy_button = Button(theme, _COPY, icon="ph.copy")
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(self._copy)
        self.footer.insertWidget(1, self.copy_button)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(10)
        for part in parts:
            column.addWidget(Text(theme, part.title, "head"))
            for entry in part.entries:
                column.addLayout(_entry(theme, entry))
        column.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setAccessibleName("Numbers")
        self.area.setWidget(page)
        self.body.addWidget(self.area, 1)
        self.resize(theme.px(820), theme.px(720))
        self.area.setFocus()

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._text)
        self.copy_button.setText(_COPIED)


def _entry(theme: Theme, entry: Entry) -> QGridLayout:
    """A number's name, and its rows below it."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(2)
    grid.setColumnMinimumWidth(0, theme.px(130))
    grid.setColumnStretch(1, 1)
    grid.addWidget(Text(theme, figures.line(entry.title), "strong"), 0, 0, 1, 2)
    for row, (name, text) in enumerate(entry.rows, 1):
        grid.addWidget(Text(theme, name, "second", "t3"), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(Text(theme, figures.line(text), "second", "t1", wrap=True), row, 1)
    return grid
