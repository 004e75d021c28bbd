"""Rows of any number as Qt's table model: pages fetched when drawn, the last few kept."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QModelIndex, Qt, Signal

from workbench.ui.table_model import VALUE, ArrowModel, Index

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from PySide6.QtCore import QObject

    from workbench.ui.table_model import Column

#: Rows of a page.
PAGE: Final = 64
_KEPT: Final = 32


class PagedModel(ArrowModel):
    """Shows some columns of a table of which pages are at hand.

    Args:
        columns: What is shown, in order.
        parent: Owner.
    """

    #: A page is drawn that is not here yet: its number.
    page_wanted = Signal(int)

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(columns, parent)
        self._size = 0
        self._pages: OrderedDict[int, dict[str, list[Any]]] = OrderedDict()
        self._asked: set[int] = set()

    def start(self, first: pa.Table | None, size: int = 0) -> None:
        """Show ``size`` rows of which this is the first page; None shows none."""
        self.beginResetModel()
        self._pages.clear()
        self._asked.clear()
        self._size = 0
        if first is not None:
            self._size = size
            self._pages[0] = first.to_pydict()
        self.endResetModel()

    def add(self, offset: int, page: pa.Table) -> None:
        """Take a page that was wanted."""
        number = offset // PAGE
        self._asked.discard(number)
        self._pages[number] = page.to_pydict()
        self._pages.move_to_end(number)
        while len(self._pages) > _KEPT:
            self._pages.popitem(last=False)
        last = min(offset + PAGE, self._size) - 1
        if last >= offset:
            self.dataChanged.emit(self.index(offset, 0), self.index(last, len(self.columns) - 1))

    def holds(self, row: int) -> bool:
        """Whether a row's page is here; if not, it is asked for."""
        number = row // PAGE
        if number in self._pages:
            return True
        if number not in self._asked:
            self._asked.add(number)
            self.page_wanted.emit(number)
        return False

    def value(self, row: int, name: str) -> Any:
        """A value of a row; None also while its page is on its way."""
        if not self.holds(row):
            return None
        cells = self._pages[row // PAGE][name]
        place = row % PAGE
        return cells[place] if place < len(cells) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """All rows, fetched or not."""
        return 0 if parent.isValid() else self._size

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As of any table; an ellipsis while a page is on its way."""
        words = {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}
        if role not in words | {Qt.ItemDataRole.ToolTipRole, VALUE} or not index.isValid():
            return super().data(index, role)
        if not self.holds(index.row()):
            return "…" if role in words else None
        return super().data(index, role)

    def place_of(self, name: str, value: Any) -> int:
        """The row of the first page that holds the value; -1 where none does."""
        held = self._pages.get(0, {}).get(name, [])
        return held.index(value) if value in held else -1
