"""The records of a file as a tree, and the table that its fields are put on: by drag or key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QTableWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.domain.text import elide, plural
from workbench.services.log_formats import steps_of
from workbench.ui import figures
from workbench.ui.widgets import Button, Elided, Text

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


class SamplePanel(QWidget):
    """The first records of a file: the first value of each field, or one record after the other.

    Below them what the chosen field holds in all of them.

    Args:
        theme: The look.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.tree = SampleTree(theme)
        self._n_records = 0
        #: Record in view, from 1; 0: of each field the first value.
        self._at = 0
        self.back = Button(theme, kind="quiet", icon="ph.caret-left", tip="Record before")
        self.on = Button(theme, kind="quiet", icon="ph.caret-right", tip="Next record")
        for button, step, key in ((self.back, -1, "Left"), (self.on, 1, "Right")):
            button.setAutoDefault(False)
            button.setToolTip(f"{button.accessibleName()}  (Alt+{key})")
            button.clicked.connect(lambda _=False, step=step: self.step(step))
        self.place = Text(theme, "", "second", "t2")
        self.place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.place.setMinimumWidth(theme.px(88))
        self.said = Elided(theme, "", "second", "t2")
        self.tree.stepped.connect(self.step)
        self.tree.currentItemChanged.connect(lambda *_: self._tell())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(Text(theme, "Records", "head"))
        row.addStretch(1)
        for part in (self.back, self.place, self.on):
            row.addWidget(part)
        column.addLayout(row)
        column.addWidget(self.tree, 1)
        column.addWidget(self.said)
        self._show_place()

    def show_sample(self, fields: Sequence[SourceField], n_records: int) -> None:
        """Show other fields, from so many records; the record in view stays where there is one."""
        self._n_records = n_records
        self._at = min(self._at, n_records)
        self.tree.show_fields(fields)
        self._show_place()

    def step(self, by: int) -> None:
        """Go so many records on; before the first one stand the first values."""
        self._at = max(0, min(self._n_records, self._at + by))
        self._show_place()

    def _show_place(self) -> None:
        self.back.setEnabled(self._at > 0)
        self.on.setEnabled(self._at < self._n_records)
        self.place.setText(f"{self._at} of {self._n_records}" if self._at else "First values")
        self.tree.show_record(self._at - 1 if self._at else None)

    def _tell(self) -> None:
        """What the chosen field holds in all of the records."""
        field = self.tree.current
        if field is None:
            self.said.setText("")
            self.tree.setAccessibleDescription("")
            return
        values = [_written(value) for value in field.values.values()]
        distinct = list(dict.fromkeys(values))
        said = f"In {len(values)} of {plural(self._n_records, 'record', 'records')}"
        if len(distinct) < len(values):
            said += f", {len(distinct):,} distinct"
        self.said.setText(f"{said}: {', '.join(elide(each, 40) for each in distinct)}")
        self.tree.setAccessibleDescription(self.said.text())


class SampleTree(QTreeWidget):
    """The fields of a file, one inside the other, each with a value.

    Args:
        theme: The look.
    """

    #: Return was pressed on a field: its path.
    chosen = Signal(str)
    #: Another record is wanted: so many further.
    stepped = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._fields: dict[str, SourceField] = {}
        self._items: dict[str, QTreeWidgetItem] = {}
        self.setIndentation(theme.px(14))
        self.setColumnCount(2)
        self.setHeaderLabels(["Field", "Value"])
        self.setAccessibleName(
            "Fields of the file. Return puts one into the chosen column, Alt with left and right "
            "shows the records"
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setUniformRowHeights(True)
        self.setColumnWidth(0, theme.px(130))

    @property
    def current(self) -> SourceField | None:
        """The chosen field; None on what holds others."""
        item = self.currentItem()
        return None if item is None else self._fields.get(item.data(0, _PATH) or "")

    def show_fields(self, fields: Iterable[SourceField]) -> None:
        """Show other fields; all of them opened, and the chosen one still chosen if it is there."""
        before = self.current
        self.clear()
        self._fields, self._items = {}, {}
        groups: dict[tuple[str, ...], QTreeWidgetItem] = {}
        for field in fields:
            *above, name = steps_of(field.path)
            parent: QTreeWidgetItem | None = None
            for depth in range(1, len(above) + 1):
                key = tuple(above[:depth])
                if key not in groups:
                    groups[key] = self._item(parent, above[depth - 1])
                    groups[key].setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                parent = groups[key]
            item = self._item(parent, name)
            item.setData(0, _PATH, field.path)
            self._fields[field.path], self._items[field.path] = field, item
        self.expandAll()
        self.show_record(None)
        kept = None if before is None else self._items.get(before.path)
        chosen = kept or next(iter(self._items.values()), None)
        if chosen is not None:
            self.setCurrentItem(chosen)

    def show_record(self, at: int | None) -> None:
        """The values of one record, by its index; None: of each field the first one."""
        for path, item in self._items.items():
            field = self._fields[path]
            there = at is None or at in field.values
            value = field.example if at is None else field.values.get(at)
            text = elide(_written(value), _MOST) if there else "not there"
            item.setText(1, text)
            item.setToolTip(1, figures.tooltip(text))
            # What is no value is told apart by its letters: the style sheet sets the colour.
            font = item.font(1)
            font.setItalic(not there or value is None or value == "")
            item.setFont(1, font)

    def _item(self, parent: QTreeWidgetItem | None, name: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([elide(figures.line(name), 60), ""])
        item.setSizeHint(0, QSize(self._theme.px(60), self._theme.px(_ROW)))
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
        """Return puts the field into the chosen column; the dialog must not take it as Next.

        Alt with left and right goes to the record before and the next one.
        """
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
            return
        item = self.currentItem()
        path = None if item is None else item.data(0, _PATH)
        if path and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.chosen.emit(str(path))
            return
        super().keyPressEvent(event)


def _written(value: Any) -> str:
    """A value as it is shown; what is none says which."""
    if value is None:
        return "null"
    return figures.line(value) or "empty"


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
