"""What would have been found: the table of campaigns planted in copies of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.services import power_words
from workbench.ui import figures
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.states import EmptyState
from workbench.ui.tokens import TABLE_ROW
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from workbench.services.power import Power
    from workbench.ui.theme import Theme


class PlantedDialog(FormDialog):
    """Shows what would have been found, and plants what is missing.

    Args:
        theme: The look.
        found: What was planted; None before the first campaign.
        parent: The window.
    """

    #: Plant campaigns, as ``workbench power CASE`` does.
    wanted = Signal()

    def __init__(self, theme: Theme, found: Power | None, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            power_words.TITLE,
            "Campaigns of several sizes and dilutions are planted in copies of this case, one at a "
            "time, and the copy is analysed as the case was: so that nothing found says something.",
            "Plant campaigns",
            parent,
        )
        self.cancel_button.setText("Close")
        self.table: QTableWidget | None = None
        self.hint.setText("Takes an analysis for each of nine campaigns; done ones are kept.")
        if found is None:
            empty = EmptyState(
                theme,
                "ph.flask",
                "Not measured yet",
                "Plant campaigns here, or run workbench power CASE, which can also take your own "
                "sizes, shares and real prompts.",
            )
            self.body.addWidget(empty, 1)
        else:
            self._show(found)
        self.resize(theme.px(1120), theme.px(720))

    def act(self) -> None:
        """Plant what is missing."""
        self.wanted.emit()
        self.accept()

    def _show(self, found: Power) -> None:
        rows = power_words.rows(found)
        self.table = table = QTableWidget(len(rows), len(power_words.HEAD))
        table.setAccessibleName(power_words.TITLE)
        table.setHorizontalHeaderLabels(list(power_words.HEAD))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.theme.px(TABLE_ROW))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        # As wide as what it holds; where the prompts come from takes what is left.
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        for column in range(len(power_words.HEAD)):
            title = table.horizontalHeaderItem(column)
            assert title is not None  # set right above
            title.setTextAlignment(_side(column))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(figures.line(text))
                item.setTextAlignment(_side(column))
                table.setItem(row, column, item)
        self.body.addWidget(table, 3)
        page = QWidget()
        lines = QVBoxLayout(page)
        lines.setContentsMargins(0, 0, 12, 0)
        for note in power_words.notes(found):
            warns = note == power_words.STALE
            lines.addWidget(
                Text(self.theme, figures.line(note), "second", "amb" if warns else "t2", wrap=True)
            )
        lines.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(page)
        self.body.addWidget(area, 2)


def _side(column: int) -> Qt.AlignmentFlag:
    """Numbers right, words left."""
    words = column >= power_words.WORDS
    side = Qt.AlignmentFlag.AlignLeft if words else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
