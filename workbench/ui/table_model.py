"""An Arrow table as Qt's table model: cells are read when they are drawn, never before.

Sorting and filtering are done to the Arrow table, off the UI thread, by whoever owns the model.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from workbench.domain.finding import Verdict
from workbench.domain.label import Label
from workbench.ui import figures
from workbench.ui.tokens import LABELS, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QObject

Index = QModelIndex | QPersistentModelIndex
#: The value itself, as Python gives it.
VALUE: Final = Qt.ItemDataRole.UserRole
#: The column's ``Kind``.
KIND: Final = Qt.ItemDataRole.UserRole + 1
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Kind(StrEnum):
    """What a column holds, which says how it is written, aligned and drawn."""

    NAME = "name"
    TEXT = "text"
    MONO = "mono"
    COUNT = "count"
    SCORE = "score"
    LEVEL = "level"
    TIME = "time"
    VERDICT = "verdict"
    LABEL = "label"
    CLUSTER = "cluster"
    ACTIVITY = "activity"


#: In place of a label: no label binds it though one binds others of its cluster.
UNREVIEWED: Final = "unreviewed"
_NUMBERS: Final = frozenset({Kind.COUNT, Kind.SCORE, Kind.LEVEL})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the screen.

    Attributes:
        name: Column of the Arrow table.
        title: As shown in the header.
        kind: How cells are written.
        width: Pixels at 100 %.
        stretch: Takes the room that is left.
    """

    name: str
    title: str
    kind: Kind
    width: int
    stretch: bool = False


class ArrowModel(QAbstractTableModel):
    """Shows some columns of an Arrow table.

    Args:
        columns: What is shown, in order.
        parent: Owner.
    """

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._table: pa.Table | None = None
        self._cells: dict[str, pa.Array] = {}

    @property
    def table(self) -> pa.Table | None:
        """The rows that are shown, in the order in which they are shown."""
        return self._table

    def set_table(self, table: pa.Table | None) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._table = table
        self._cells = {}
        if table is not None:
            shown = {column.name for column in self.columns} & set(table.column_names)
            self._cells = {name: table.column(name).combine_chunks() for name in shown}
        self.endResetModel()

    def value(self, row: int, name: str) -> Any:
        """One value of the Arrow table, also of a column that is not shown."""
        cells = self._cells.get(name)
        if cells is None:
            return None if self._table is None else self._table.column(name)[row].as_py()
        return cells[row].as_py()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Rows of the table."""
        return 0 if parent.isValid() or self._table is None else int(self._table.num_rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Columns that are shown."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, value, alignment and tooltip of a cell."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.kind in _NUMBERS else _LEFT
        if role == KIND:
            return column.kind
        if role not in {
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
            VALUE,
        }:
            return None
        value = self.value(index.row(), column.name)
        if role == VALUE:
            return value
        text = written(value, column.kind)
        if role == Qt.ItemDataRole.ToolTipRole:
            wide = column.kind in {Kind.NAME, Kind.TEXT, Kind.MONO}
            return figures.tooltip(str(value)) if wide and value is not None else None
        return text

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Titles of the columns, aligned as their cells."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.kind in _NUMBERS else _LEFT
        return None


def written(value: Any, kind: Kind) -> str:
    """A value as the screen shows it; a dash for what is not there."""
    if kind is Kind.LABEL:
        return label_word(value)
    if kind is Kind.CLUSTER and value is None:
        return "none"
    if kind is Kind.ACTIVITY:
        return ""
    if value is None:
        return "-"
    if kind is Kind.COUNT:
        return figures.count(int(value))
    if kind is Kind.SCORE:
        return figures.share(value)
    if kind is Kind.LEVEL:
        return figures.level(value)
    if kind is Kind.TIME:
        return (
            f"{value:%Y-%m-%d %H:%M}" if isinstance(value, dt.datetime) else figures.moment(value)
        )
    if kind is Kind.VERDICT:
        return VERDICTS[Verdict(value)].word
    return figures.line(value)


def label_word(value: str | None) -> str:
    """The word of a label, "not labelled", "unreviewed", or "mixed labels"."""
    if value is None:
        return "not labelled"
    if value == UNREVIEWED:
        return UNREVIEWED
    known = {label.value for label in Label}
    return LABELS[Label(value)].word if value in known else "mixed labels"


def matching(table: pa.Table, text: str, columns: Sequence[str]) -> pa.Table:
    """Rows in which any of the columns holds the text, whatever its case."""
    if not text:
        return table
    found = None
    for name in columns:
        hit = pc.match_substring(table.column(name).cast(pa.string()), text, ignore_case=True)
        hit = pc.fill_null(hit, False)
        found = hit if found is None else pc.or_(found, hit)
    return table.filter(found)


def sorted_by(table: pa.Table, name: str, *, descending: bool) -> pa.Table:
    """Rows by one column, empty values last, equal ones in the order in which they were."""
    order = "descending" if descending else "ascending"
    place = table.append_column("_place", pa.array(range(table.num_rows), pa.int64()))
    keys = [(name, order), ("_place", "ascending")]
    return table.take(pc.sort_indices(place, sort_keys=keys))
