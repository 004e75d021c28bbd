"""The journal: every decision and record, the newest first, with what still stands.

The history of undo is this list; undo and redo add to it and never take away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLineEdit

from workbench.domain.label import short_fingerprint
from workbench.ui.panels.panel import Panel, ToolRow, column
from workbench.ui.table_model import ArrowModel, Column, Kind
from workbench.ui.table_view import SortedTable
from workbench.ui.tokens import FILTER_ROW
from workbench.ui.widgets import Button

if TYPE_CHECKING:
    import pyarrow as pa
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QAction

    from workbench.domain.changes import Changes
    from workbench.ui.desk import Desk

NAME: Final = "journal"
_COLUMNS: Final = (
    Column("at", "When (UTC)", Kind.TIME, 142),
    Column("what", "What", Kind.NAME, 240),
    Column("why", "Why", Kind.TEXT, 200),
    Column("state", "Stands", Kind.TEXT, 96),
    Column("analyst", "Who (key)", Kind.TEXT, 150),
    Column("place", "Line", Kind.TEXT, 0, stretch=True),
)
#: No column takes more than this, so that what was decided and why stand side by side.
_WIDEST: Final = 280


class _JournalModel(ArrowModel):
    """Rows of the journal; what was taken back is struck out."""

    def value(self, row: int, name: str) -> Any:
        if name == "analyst":
            # The name is a caption: two people may go by the same, never by the same key.
            key = short_fingerprint(super().value(row, "fingerprint"))
            return f"{super().value(row, name)} ({key.removeprefix('SHA256:')})"
        if name == "place":
            return f"{super().value(row, 'journal')[:8]} {super().value(row, 'line')}"
        if name != "state":
            return super().value(row, name)
        stands = "stands" if super().value(row, "stands") else "taken back"
        state = stands if super().value(row, "decision") else "record"
        clock = super().value(row, "clock")
        return f"{state}; clock {clock}" if clock else state

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.FontRole and index.isValid():
            if self.columns[index.column()].name != "what":
                return None
            font = QFont()
            font.setStrikeOut(super().value(index.row(), "stands") is False)
            return font
        return super().data(index, role)


class JournalPanel(Panel):
    """The list, and a line to write a note.

    Args:
        desk: What views share.
        undo: The action that takes back.
        redo: The action that takes the undo back.
    """

    #: How many entries there are, for the tab.
    counted = Signal(int)

    def __init__(self, desk: Desk, undo: QAction, redo: QAction) -> None:
        theme = desk.theme
        self.model = _JournalModel(_COLUMNS)
        self.table = SortedTable(theme, self.model)
        self.table.horizontalHeader().setSectionsClickable(False)
        self.table.setAccessibleName("Journal, newest first")
        self.note = QLineEdit()
        self.note.setPlaceholderText("Write a note into the journal")
        self.note.setAccessibleName("Note")
        self.note_button = Button(theme, "Add note")
        self.note_button.setEnabled(False)
        tools = ToolRow(theme, FILTER_ROW)
        row = tools.row
        for action, icon in ((undo, "ph.arrow-u-up-left"), (redo, "ph.arrow-u-up-right")):
            button = Button(theme, action.text(), kind="quiet", icon=icon, tip=action.toolTip())
            button.clicked.connect(action.trigger)
            action.enabledChanged.connect(button.setEnabled)
            button.setEnabled(action.isEnabled())
            row.addWidget(button)
        row.addWidget(self.note, 1)
        row.addWidget(self.note_button)
        super().__init__(desk, column(tools, self.table))
        self.setFocusProxy(self.table)
        self.model.setParent(self)
        self.note.textChanged.connect(lambda t: self.note_button.setEnabled(bool(t.strip())))
        self.note.returnPressed.connect(self._add_note)
        self.note_button.clicked.connect(self._add_note)
        desk.session.opened.connect(lambda _: self.refresh())
        desk.session.closed.connect(self._clear)
        desk.session.changed.connect(self._on_changed)
        self._clear()

    def refresh(self) -> None:
        """Read the journal anew."""
        self.desk.session.ask(NAME, lambda w: w.browsing.journal(), self._take, self.show_error)

    def write_note(self) -> None:
        """Give the note's line the keyboard."""
        self.show_body()
        self.note.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _take(self, table: pa.Table) -> None:
        self.model.set_table(table)
        self.table.fit(_WIDEST)
        self.counted.emit(table.num_rows)
        # The line for notes is part of the body, so the body stays also when nothing was written.
        self.show_body()

    def _add_note(self) -> None:
        text = self.note.text().strip()
        if not text:
            return
        self.note.clear()
        self.desk.session.change(lambda w: w.labelling.note(text, initiator=NAME))

    def _on_changed(self, _changes: Changes) -> None:
        self.refresh()

    def _clear(self) -> None:
        self.model.set_table(None)
        self.note.clear()
        self.counted.emit(0)
        self.show_empty("ph.notebook", "No case is open", "Open a case to read its journal.")
