"""The first records as they would be loaded: what is spoilt or rejected is said where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from workbench.domain.text import elide, plural
from workbench.ui import figures
from workbench.ui.widgets import Elided

if TYPE_CHECKING:
    from collections.abc import Collection

    from workbench.formats.preview import Preview, Spoilt
    from workbench.ui.theme import Theme

#: Of a cell that could not be read: what stands in the file.
SPOILT: Final = Qt.ItemDataRole.UserRole + 1
_ICON: Final = "ph.warning-circle"
_SIDE: Final = 14
_PAD: Final = 8
#: Pixels at 100 % of columns that need more or less than others.
_WIDTHS: Final = {
    "account_id": 150, "ts": 180, "model": 110, "prompt": 320, "completion": 240, "system": 240,
    "reasoning": 240, "user_agent": 180, "account_created_at": 180, "request_id": 150,
}  # fmt: skip
_WIDTH: Final = 120
_NUMBER_WIDTH: Final = 70
_ROW: Final = 30


class RowsTable(QTableWidget):
    """Loaded and rejected records together, in the order of the file.

    A value that its column cannot take is shown as it is written, with a sign before it; that it
    becomes NULL, and why, is its tooltip. A cell without a value stays empty.

    Args:
        theme: The look.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(0, 0)
        self._theme = theme
        self.names: tuple[str, ...] = ()
        plain_table(self, theme)
        self.verticalHeader().setDefaultSectionSize(theme.px(_ROW))
        self.setAccessibleName("Preview")
        self.setItemDelegate(_SpoiltDelegate(theme, self))

    def show_rows(self, preview: Preview, mapped: Collection[str]) -> None:
        """Show the records of a file.

        Args:
            preview: The file.
            mapped: Columns that a person gave a field: shown even where they stay empty.
        """
        before, self.names = self.names, preview.columns(mapped)
        self.clearContents()
        self.clearSpans()
        self.setColumnCount(1 + len(self.names))
        self.setHorizontalHeaderLabels(["record", *self.names])
        loaded = preview.rows.select(["record_no", *self.names]).to_pylist()
        rejected = preview.rejects.select(["record_no", "reason"]).to_pylist()
        records = sorted([*loaded, *rejected], key=lambda record: int(record["record_no"]))
        self.setRowCount(len(records))
        for row, record in enumerate(records):
            number = record["record_no"]
            self.setItem(row, 0, cell(f"{number:,}"))
            if "reason" in record:
                self._reject(row, record["reason"])
                continue
            for at, name in enumerate(self.names, 1):
                spoilt = preview.spoilt.get((number, name))
                self.setItem(
                    row, at, cell(_written(record[name])) if spoilt is None else _spoilt(spoilt)
                )
        if self.names != before:  # what a person made wider stays so
            self.setColumnWidth(0, self._theme.px(_NUMBER_WIDTH))
            for at, name in enumerate(self.names, 1):
                self.setColumnWidth(at, self._theme.px(_WIDTHS.get(name, _WIDTH)))
        self.setAccessibleDescription(plural(len(records), "record", "records"))

    def _reject(self, row: int, reason: str) -> None:
        self.setItem(row, 1, cell(""))
        # Over the item: the style sheet gives all of those one colour.
        said = Elided(self._theme, f"{figures.line(reason)}: kept in rejects", colour="red")
        said.setContentsMargins(8, 0, 8, 0)
        self.setCellWidget(row, 1, said)
        self.setSpan(row, 1, 1, len(self.names))


class _SpoiltDelegate(QStyledItemDelegate):
    """Draws spoilt cells by hand; all others are the style sheet's."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one cell."""
        if index.data(SPOILT) is None:
            super().paint(painter, option, index)
            return
        opt = QStyleOptionViewItem(option)
        self.initStyleOption(opt, index)
        text, opt.text = opt.text, ""
        style = opt.widget.style() if opt.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, opt, painter, opt.widget)
        box = QRectF(opt.rect).adjusted(_PAD, 0, -_PAD, -1)
        side = self._theme.px(_SIDE)
        ratio = painter.device().devicePixelRatio()
        painter.save()
        painter.drawPixmap(
            QPointF(box.left(), box.center().y() - side / 2),
            self._theme.icon_pixmap(_ICON, _SIDE, "red", ratio),
        )
        box.adjust(side + 6, 0, 0, 0)
        font = self._theme.font("text")
        painter.setFont(font)
        painter.setPen(self._theme.colour("red"))
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.restore()


def _spoilt(spoilt: Spoilt) -> QTableWidgetItem:
    """A cell for what could not be read."""
    shown = figures.line(spoilt.written) or "not readable"
    item = cell(shown)
    item.setData(SPOILT, shown)
    why = f"Cannot be read, so it becomes NULL: it {spoilt.why}."
    item.setToolTip(figures.tooltip(f"{shown}\n{why}"))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{shown}. {why}")
    return item


def _written(value: Any) -> str:
    if value is None:
        return ""
    return f"{len(value):,} numbers" if isinstance(value, list) else elide(str(value), 300)


def plain_table(table: QTableWidget, theme: Theme) -> None:
    """The look of a table that is read by rows and edits nothing."""
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(theme.px(40))
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)  # Tab leaves the table
    table.setWordWrap(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.horizontalHeader().setDefaultAlignment(
        Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    )


def cell(text: str) -> QTableWidgetItem:
    """Text that can be chosen and not changed."""
    item = QTableWidgetItem(text)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    return item
