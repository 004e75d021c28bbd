"""A record of the file as a tree, and the table that its fields are put on: by drag or by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QTableWidget,
    QTreeWidget,
    QTreeWidgetItem,
)

from workbench.domain.text import elide
from workbench.services.log_formats import steps_of
from workbench.ui import figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent

    from workbench.formats.preview import SourceField
    from workbench.ui.theme import Theme

#: What is dragged: the path of a field, as ``--map`` takes it.
FIELD: Final = "application/x-workbench-field"
_PATH: Final = Qt.ItemDataRole.UserRole
_MOST: Final = 200
_ROW: Final = 28


class SampleTree(QTreeWidget):
    """The fields of a file, one inside the other, each with the first value that was found.

    Args:
        theme: The look.
    """

    #: Return was pressed on a field: its path.
    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setIndentation(theme.px(14))
        self.setColumnCount(2)
        self.setHeaderLabels(["Field", "Value"])
        self.setAccessibleName("Fields of the file. Return puts one into the chosen column")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setUniformRowHeights(True)
        self.setColumnWidth(0, theme.px(130))

    def show_fields(self, fields: Iterable[SourceField]) -> None:
        """Show other fields; all of them opened."""
        self.clear()
        groups: dict[tuple[str, ...], QTreeWidgetItem] = {}
        for field in fields:
            *above, name = steps_of(field.path)
            parent: QTreeWidgetItem | None = None
            for depth in range(1, len(above) + 1):
                key = tuple(above[:depth])
                if key not in groups:
                    groups[key] = self._item(parent, above[depth - 1], "")
                    groups[key].setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                parent = groups[key]
            item = self._item(parent, name, figures.line(field.example))
            item.setData(0, _PATH, field.path)
        self.expandAll()
        first = self.topLevelItem(0)
        if first is not None:
            self.setCurrentItem(first)

    def _item(self, parent: QTreeWidgetItem | None, name: str, value: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([elide(figures.line(name), 60), elide(value, _MOST)])
        item.setSizeHint(0, QSize(self._theme.px(60), self._theme.px(_ROW)))
        item.setToolTip(1, figures.tooltip(elide(value, _MOST)))
        if parent is None:
            self.addTopLevelItem(item)
        else:
            parent.addChild(item)
        return item

    def mimeTypes(self) -> list[str]:
        """Fields, and nothing else."""
        return [FIELD]

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:
        """The path of the field that is dragged."""
        data = QMimeData()
        for item in items:
            path = item.data(0, _PATH)
            if path:
                data.setData(FIELD, str(path).encode("utf-8", "surrogatepass"))
        return data

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return puts the field into the chosen column; the dialog must not take it as Next."""
        item = self.currentItem()
        path = None if item is None else item.data(0, _PATH)
        if path and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.chosen.emit(str(path))
            return
        super().keyPressEvent(event)


class FieldTable(QTableWidget):
    """The columns of a case, on which fields are dropped.

    Args:
        columns: Columns of the table.
    """

    #: A field was dropped: row, path.
    dropped = Signal(int, str)

    def __init__(self, columns: int) -> None:
        super().__init__(0, columns)
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Fields may be dropped; files go to the dialog."""
        event.setAccepted(event.mimeData().hasFormat(FIELD))

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """The row under the pointer is the one that would take it."""
        row = self.rowAt(round(event.position().y()))
        event.setAccepted(event.mimeData().hasFormat(FIELD) and row >= 0)
        if event.isAccepted():
            self.selectRow(row)

    def dropEvent(self, event: QDropEvent) -> None:
        """Put the field into the column of that row."""
        row = self.rowAt(round(event.position().y()))
        if row < 0 or not event.mimeData().hasFormat(FIELD):
            event.ignore()
            return
        path = bytes(event.mimeData().data(FIELD).data()).decode("utf-8", "surrogatepass")
        event.acceptProposedAction()
        self.dropped.emit(row, path)
