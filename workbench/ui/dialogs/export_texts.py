"""Which texts an export takes: exhibits chosen one by one, or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.services import wording
from workbench.ui import figures
from workbench.ui.tokens import TABLE_ROW
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtGui import QKeyEvent

    from workbench.ui.exhibits import Exhibit
    from workbench.ui.theme import Theme

_COLUMNS: Final = ("Time (UTC)", "Account", "Prompt")
#: Rows that are seen at least, and at most without scrolling.
_ROWS: Final = (3, 6)
_NONE: Final = (
    "To choose one, read an exchange under Prompts (Ctrl+6) and choose Add as exhibit (E): it then "
    "leaves with its texts, numbered in the report."
)


class _List(QTableWidget):
    """The exhibits; Delete asks that the chosen ones be taken out."""

    #: Take out what is chosen.
    delete_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
            return
        super().keyPressEvent(event)


class TextsPart(QWidget):
    """Exhibits with their list, and the choice of all raw text.

    Args:
        theme: The look.
        exhibits: What was chosen in the reading pane.
        senders: Exchange -> ts_us and account of those that the case holds.
    """

    #: The exhibits are others.
    changed = Signal()
    #: An exhibit was taken out: its exchange.
    removed = Signal(int)

    def __init__(
        self,
        theme: Theme,
        exhibits: Sequence[Exhibit],
        senders: Mapping[int, Mapping[str, Any]],
    ) -> None:
        super().__init__()
        self._theme = theme
        self._exhibits = list(exhibits)
        self._senders = senders
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Text(theme, "Texts of prompts and answers", "strong"))
        self.said = Text(theme, "", "second", "t2", wrap=True)
        column.addWidget(self.said)
        self.table = self._make_table()
        column.addWidget(self.table)
        self.none = Text(theme, _NONE, "second", "t3", wrap=True)
        column.addWidget(self.none)
        self.remove_button = Button(theme, "Remove exhibit", icon="ph.trash")
        self.remove_button.setToolTip("It leaves without its texts (Delete)")
        self.remove_button.setAutoDefault(False)
        self.remove_button.clicked.connect(self._remove)
        column.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.raw = QCheckBox("All texts, of every exchange")
        column.addWidget(self.raw)
        self.warning = Text(theme, "", "second", "amb", wrap=True)
        column.addWidget(self.warning)
        column.addStretch(1)
        self._fill()

    @property
    def exhibits(self) -> tuple[int, ...]:
        """Exchanges that leave with their texts."""
        return tuple(one.exchange_id for one in self._exhibits)

    def show_for(self, *, share: bool, n_accounts: int, n_exchanges: int) -> None:
        """Say what the choice means in an edition, for so many accounts and exchanges."""
        n = len(self._exhibits)
        if share:
            self.raw.setChecked(False)
        self.raw.setEnabled(not share)
        self.raw.setToolTip("A share edition holds no whole texts" if share else "")
        whole = self.raw.isChecked()
        self.warning.setVisible(whole)
        self.warning.setText(
            f"Everything that {wording.accounts(n_accounts)} asked and were answered leaves, "
            f"{wording.exchanges(n_exchanges)}: prompts, answers, reasoning, system prompts, and "
            "the bytes of every rejected record. The journal says so."
        )
        exhibits = wording.counted(n, "exhibit", "exhibits")
        if whole:
            self.said.setText("All of them leave.")
        elif share:
            self.said.setText(
                f"The prompts of {exhibits}, scrubbed; of all else templates. Read them in the "
                "bundle before it leaves."
                if n
                else "None but templates that several accounts share, scrubbed."
            )
        else:
            self.said.setText(
                f"The texts of {exhibits}; of all else digests."
                if n
                else "None: the evidence holds digests in their place."
            )

    def _make_table(self) -> _List:
        table = _List(0, len(_COLUMNS))
        table.setAccessibleName("Exhibits, in the order in which they were chosen")
        table.setHorizontalHeaderLabels(list(_COLUMNS))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self._theme.px(TABLE_ROW))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        for place in range(len(_COLUMNS)):
            title = table.horizontalHeaderItem(place)
            assert title is not None  # set right above
            title.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.itemSelectionChanged.connect(self._check)
        table.delete_wanted.connect(self._remove)
        return table

    def _fill(self) -> None:
        self.table.setRowCount(len(self._exhibits))
        for row, one in enumerate(self._exhibits):
            sender = self._senders.get(one.exchange_id, {})
            texts = (
                figures.moment(sender.get("ts_us"))[:16],
                str(sender.get("account") or "not recorded"),
                one.begins or "not recorded",
            )
            for place, text in enumerate(texts):
                item = QTableWidgetItem(figures.line(text))
                item.setToolTip(figures.tooltip(f"Exchange {one.exchange_id:,}: {text}"))
                self.table.setItem(row, place, item)
        rows = min(max(len(self._exhibits), _ROWS[0]), _ROWS[1])
        self.table.setFixedHeight(self._theme.px(TABLE_ROW * (rows + 1)) + 4)
        some = bool(self._exhibits)
        self.table.setVisible(some)
        self.remove_button.setVisible(some)
        self.none.setVisible(not some)
        if some:
            self.table.selectRow(0)
        self._check()

    def _remove(self) -> None:
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        taken = [one for row, one in enumerate(self._exhibits) if row in rows]
        self._exhibits = [one for row, one in enumerate(self._exhibits) if row not in rows]
        self._fill()
        for one in taken:
            self.removed.emit(one.exchange_id)
        if taken:
            self.changed.emit()

    def _check(self) -> None:
        self.remove_button.setEnabled(bool(self.table.selectionModel().selectedRows()))
