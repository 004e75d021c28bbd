"""Prompts as Qt's table model: pages of 64 rows, fetched when they are drawn, the last few kept."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from workbench.ui import figures
from workbench.ui.table_model import KIND, VALUE, Kind

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from workbench.services.browsing import PromptPage

Index = QModelIndex | QPersistentModelIndex
PAGE: Final = 64
_KEPT: Final = 32
_TITLES: Final = ("Exchanges", "Characters", "Prompt")
_NAMES: Final = ("n_exchanges", "n_characters", "text")
_KINDS: Final = (Kind.COUNT, Kind.COUNT, Kind.MONO)


class PromptModel(QAbstractTableModel):
    """Rows of the prompts of one definition.

    Args:
        parent: Owner.
    """

    #: A page is drawn that is not here yet: its number.
    page_wanted = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._size = 0
        self._pages: OrderedDict[int, dict[str, list[Any]]] = OrderedDict()
        self._asked: set[int] = set()

    def start(self, first: PromptPage | None) -> None:
        """Show the prompts of which this is the first page; None shows none."""
        self.beginResetModel()
        self._pages.clear()
        self._asked.clear()
        self._size = 0
        if first is not None:
            self._size = first.n_prompts
            self._pages[0] = first.table.to_pydict()
        self.endResetModel()

    def add(self, page: PromptPage) -> None:
        """Take a page that was wanted."""
        number = page.offset // PAGE
        self._asked.discard(number)
        self._pages[number] = page.table.to_pydict()
        self._pages.move_to_end(number)
        while len(self._pages) > _KEPT:
            self._pages.popitem(last=False)
        last = min(page.offset + PAGE, self._size) - 1
        if last >= page.offset:
            self.dataChanged.emit(self.index(page.offset, 0), self.index(last, len(_TITLES) - 1))

    def value(self, row: int, name: str) -> Any:
        """A value of a row; None while its page is on its way."""
        number = row // PAGE
        page = self._pages.get(number)
        if page is None:
            if number not in self._asked:
                self._asked.add(number)
                self.page_wanted.emit(number)
            return None
        cells = page[name]
        place = row - number * PAGE
        return cells[place] if place < len(cells) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """All prompts, fetched or not."""
        return 0 if parent.isValid() else self._size

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Exchanges, characters, text."""
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell, its alignment, and the whole beginning as tooltip."""
        if not index.isValid():
            return None
        kind = _KINDS[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if kind is Kind.COUNT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == KIND:
            return kind
        if role not in {
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
            VALUE,
        }:
            return None
        value = self.value(index.row(), _NAMES[index.column()])
        if role == VALUE:
            return value
        if value is None:
            return None if role == Qt.ItemDataRole.ToolTipRole else "…"
        if role == Qt.ItemDataRole.ToolTipRole:
            return figures.tooltip(value) if kind is Kind.MONO else None
        return figures.count(value) if kind is Kind.COUNT else figures.line(value)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == 2 else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return None
