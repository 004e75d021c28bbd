"""Second page of the import: which field goes where, and the rows as they would be loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.domain.text import elide, plural
from workbench.ui.dialogs.accounting import AccountingView
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from workbench.formats.preview import Preview
    from workbench.ui.theme import Theme

#: The format that reads by a mapping alone.
MAPPED: Final = "mapped"
#: Shown first: without these most signals are not assessed.
_FIRST: Final = (
    "account_id", "ts", "prompt", "completion", "system", "model", "ip", "payment_hash",
    "account_created_at", "request_id", "org_id", "end_user",
)  # fmt: skip
_SHOWN: Final = ("record_no", "account_id", "ts", "model", "prompt", "completion", "ip")


class FieldsPage(QWidget):
    """A row a canonical column with a combo box of the file's fields; below it the preview."""

    #: The user chose another field for a column: the whole mapping is to be tried.
    mapping_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mapping: dict[str, str] = {}
        self._combos: dict[str, QComboBox] = {}
        self._examples: dict[str, QTableWidgetItem] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        self.verdict = Text(theme, "", "text", "t2", wrap=True)
        layout.addWidget(self.verdict)
        self.accounting = AccountingView(theme)
        layout.addWidget(self.accounting)
        self.coerced = Text(theme, "", "second", "amb", wrap=True)
        self.coerced.hide()
        layout.addWidget(self.coerced)

        self.fields = _table(("Column in the case", "Field in the file", "First value"), theme)
        self.fields.setAccessibleName("Fields")
        self.fields.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.rows = _table((), theme)
        self.rows.setAccessibleName("Preview")
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(
            _headed(theme, "Fields", "Choose a field where the guess is wrong.", self.fields)
        )
        splitter.addWidget(_headed(theme, "Preview", "Records as they would be loaded.", self.rows))
        splitter.setSizes([240, 260])
        layout.addWidget(splitter, 1)
        self._fill_fields()

    @property
    def mapping(self) -> dict[str, str]:
        """Canonical column -> field, for the columns that the user chose."""
        return dict(self._mapping)

    def set_mapping(self, mapping: dict[str, str]) -> None:
        """Take over a mapping, from a profile."""
        self._mapping = dict(mapping)

    def show_preview(self, preview: Preview) -> None:
        """Show what an import of this file would begin with."""
        found = preview.detection
        self.verdict.setText(
            f"{preview.path.rsplit('/', 1)[-1]}: {found.format}, {found.confidence:.0%} sure. "
            f"{elide(found.reason, 300)}"
        )
        listed = ", ".join(f"{name} {n:,}" for name, n in sorted(preview.coerced_columns.items()))
        self.coerced.setText(f"Cannot be read, so empty: {listed}.{_zone_hint(preview)}")
        self.coerced.setVisible(bool(listed))
        part = "" if preview.whole else "first block of the file"
        self.accounting.set_accounting(preview.accounting, note=part)
        self._offer(preview)
        self._fill_preview(preview)

    def _fill_fields(self) -> None:
        names = [*_FIRST, *(n for n in CANONICAL_SCHEMA.names if n not in _FIRST)]
        self.fields.setRowCount(len(names))
        for row, name in enumerate(names):
            self.fields.setItem(row, 0, _cell(name))
            combo = QComboBox()
            combo.setAccessibleName(f"Field for {name}")
            combo.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            combo.setMinimumContentsLength(22)
            # Scrolling the table must not change what lies under the pointer.
            combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            combo.activated.connect(lambda _at, column=name: self._chosen(column))
            self._combos[name] = combo
            holder = QWidget()
            inside = QHBoxLayout(holder)
            inside.setContentsMargins(0, 3, 8, 3)
            inside.addWidget(combo)
            self.fields.setCellWidget(row, 1, holder)
            self._examples[name] = _cell("")
            self.fields.setItem(row, 2, self._examples[name])
        self.fields.resizeColumnToContents(0)
        self.fields.setColumnWidth(1, self._theme.px(260))

    def _offer(self, preview: Preview) -> None:
        """The fields of the file in every combo box, the chosen one or "as detected" shown."""
        mapped_only = preview.detection.format == MAPPED
        for name, combo in self._combos.items():
            combo.clear()
            combo.addItem("Choose a field" if mapped_only else "As detected", "")
            for offered in preview.fields:
                combo.addItem(elide(offered.path, 80), offered.path)
                example = elide(str(offered.example), 200)
                combo.setItemData(combo.count() - 1, example, Qt.ItemDataRole.ToolTipRole)
            chosen = self._mapping.get(name, "")
            at = combo.findData(chosen)
            combo.setCurrentIndex(max(at, 0))
            first = _first(preview, name)
            self._examples[name].setText("" if first is None else elide(str(first), 160))

    def _chosen(self, column: str) -> None:
        path = self._combos[column].currentData()
        if path:
            self._mapping[column] = path
        else:
            self._mapping.pop(column, None)
        self.mapping_changed.emit()

    def _fill_preview(self, preview: Preview) -> None:
        """Loaded and rejected records together, in the order of the file."""
        self.rows.setColumnCount(len(_SHOWN))
        self.rows.setHorizontalHeaderLabels(["record", *_SHOWN[1:]])
        loaded = preview.rows.select(list(_SHOWN)).to_pylist()
        rejected = preview.rejects.select(["record_no", "reason"]).to_pylist()
        records = sorted([*loaded, *rejected], key=lambda record: int(record["record_no"]))
        self.rows.clearContents()
        self.rows.clearSpans()
        self.rows.setRowCount(len(records))
        red = self._theme.colour("red")
        for row, record in enumerate(records):
            self.rows.setItem(row, 0, _cell(f"{record['record_no']:,}"))
            if "reason" in record:
                item = _cell(f"{record['reason']}: kept in rejects")
                item.setForeground(red)
                self.rows.setItem(row, 1, item)
                self.rows.setSpan(row, 1, 1, len(_SHOWN) - 1)
                continue
            for column, name in enumerate(_SHOWN[1:], 1):
                self.rows.setItem(row, column, _cell(_written(record[name])))
        for column, width in enumerate((70, 150, 180, 110, 320, 240, 120)):
            self.rows.setColumnWidth(column, self._theme.px(width))
        self.rows.setAccessibleDescription(plural(len(records), "record", "records"))


def _first(preview: Preview, name: str) -> Any:
    """First value of a canonical column that is not NULL, as it would be loaded."""
    column = preview.rows.column(name).drop_null()
    return column[0].as_py() if len(column) else None


def _written(value: Any) -> str:
    return "" if value is None else elide(str(value), 300)


def _zone_hint(preview: Preview) -> str:
    """What to do about times that cannot be read."""
    if "ts" not in preview.coerced_columns:
        return ""
    return " For times without a zone, name one on the next page."


def _cell(text: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    return item


def _table(headers: tuple[str, ...], theme: Theme) -> QTableWidget:
    table = QTableWidget(0, len(headers))
    table.setHorizontalHeaderLabels(list(headers))
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(theme.px(40))
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.horizontalHeader().setDefaultAlignment(
        Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    )
    return table


def _headed(theme: Theme, title: str, note: str, body: QWidget) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 6, 0, 0)
    column.setSpacing(6)
    row = QHBoxLayout()
    row.setSpacing(10)
    row.addWidget(Text(theme, title, "head"))
    row.addWidget(Text(theme, note, "second", "t3"))
    row.addStretch(1)
    column.addLayout(row)
    column.addWidget(body, 1)
    return holder
