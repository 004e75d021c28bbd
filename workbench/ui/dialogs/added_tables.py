"""Tables beside the logs: those that stand, one more, and taking one out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from workbench.domain.added import AddedKind
from workbench.services.joined import table_lines
from workbench.ui import figures
from workbench.ui.dialogs.files import make_roomy
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.states import EmptyState
from workbench.ui.tokens import TABLE_ROW
from workbench.ui.widgets import Button

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from workbench.domain.added import AddedTable
    from workbench.ui.theme import Theme

_COLUMNS: Final = ("About", "File", "Met", "Not met", "Added (UTC)")
_WIDTHS: Final = (100, 0, 90, 90, 150)
_NUMBERS: Final = (2, 3)
#: Each kind in words, in the order in which they are offered.
_KINDS: Final = {
    AddedKind.ACCOUNTS: "Accounts: sign-up, mail domain, payer, organisation",
    AddedKind.ADDRESSES: "Addresses: country and network (.mmdb)",
    AddedKind.EVENTS: "Events: bans, reinstatements, rate limits, audit logs",
    AddedKind.RELEASES: "Releases of models",
}


class AddedTablesDialog(FormDialog):
    """The added tables, in the order in which they fill.

    Args:
        theme: The look.
        tables: What is listed.
        parent: The window.
    """

    #: Add a file: what it is about, its path, the zone of times that name none.
    wanted = Signal(object, object, str)
    #: Take one out: its number.
    removed = Signal(int)

    def __init__(
        self, theme: Theme, tables: Sequence[AddedTable], parent: QWidget | None = None
    ) -> None:
        super().__init__(
            theme,
            "Tables beside the logs",
            "They fill what the logs leave out, overwrite nothing, and can be taken out again. "
            "The table added first comes first.",
            "Add a table…",
            parent,
        )
        self.cancel_button.setText("Close")
        self._tables: tuple[AddedTable, ...] = ()
        self.table = self._make_table()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(
            EmptyState(
                theme,
                "ph.table",
                "No table yet",
                "CSV, JSON or Parquet with a row an account, event or model; a MaxMind database.",
            )
        )
        self.body.addWidget(self._pages, 1)
        self.kind = QComboBox()
        for kind, words in _KINDS.items():
            self.kind.addItem(words, kind)
        self.zone = QLineEdit()
        self.zone.setPlaceholderText("such as UTC or Europe/Berlin; none leaves such times out")
        form = self.form()
        self.add_row(form, "What it is about", self.kind)
        self.add_row(form, "Zone of times that name none", self.zone)
        self.remove_button = Button(theme, "Take out", kind="quiet", icon="ph.trash")
        self.remove_button.setToolTip("Everything is as if it had not been added")
        self.remove_button.setAutoDefault(False)
        self.remove_button.clicked.connect(self._remove)
        self.footer.insertWidget(0, self.remove_button)
        self.resize(theme.px(760), theme.px(520))
        self.show_tables(tables)

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(_COLUMNS))
        table.setAccessibleName("Tables beside the logs, in the order in which they fill")
        table.setHorizontalHeaderLabels(list(_COLUMNS))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.theme.px(TABLE_ROW))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        for column, width in enumerate(_WIDTHS):
            if width:
                header.resizeSection(column, self.theme.px(width))
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
            title = table.horizontalHeaderItem(column)
            assert title is not None  # set right above
            title.setTextAlignment(_side(column))
        table.itemSelectionChanged.connect(self._check)
        return table

    def show_tables(self, tables: Sequence[AddedTable]) -> None:
        """List other ones."""
        self._tables = tuple(tables)
        self.table.setRowCount(len(self._tables))
        for row, one in enumerate(self._tables):
            told = "\n".join(line.strip() for line in table_lines(one))
            texts = (
                one.kind.value.capitalize(),
                one.path,
                figures.count(one.matched),
                figures.count(one.unmatched),
                figures.moment(one.at_us)[:16],
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(figures.line(text))
                item.setToolTip(figures.tooltip(told))
                item.setTextAlignment(_side(column))
                self.table.setItem(row, column, item)
        self._pages.setCurrentIndex(0 if self._tables else 1)
        if self._tables:
            self.table.selectRow(len(self._tables) - 1)
        self._check()

    def say(self, sentence: str) -> None:
        """What came of the last request, beside the buttons."""
        self.hint.setText(figures.line(sentence))

    def act(self) -> None:
        """Ask for the file."""
        dialog = QFileDialog(self, "Add a table")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Add table")
        make_roomy(dialog, self.theme)
        dialog.fileSelected.connect(lambda name: self.add(Path(name)))
        dialog.open()

    def add(self, path: Path) -> None:
        """Ask that a file be added as what is chosen."""
        self.say("Reading it …")
        # Qt hands a text enumeration back as plain text.
        kind = AddedKind(self.kind.currentData())
        self.wanted.emit(kind, path, self.zone.text().strip())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes the chosen one out."""
        if event.key() == Qt.Key.Key_Delete and self.remove_button.isEnabled():
            self._remove()
            return
        super().keyPressEvent(event)

    def _remove(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        if rows:
            self.say("")
            self.removed.emit(self._tables[rows[0].row()].added_id)

    def _check(self) -> None:
        self.remove_button.setEnabled(bool(self.table.selectionModel().selectedRows()))


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
