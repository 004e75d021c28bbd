"""Selections that are kept: the name of a new one, and the list of those that stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from workbench.services import wording
from workbench.ui import figures
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.states import EmptyState
from workbench.ui.tokens import TABLE_ROW
from workbench.ui.widgets import Button

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from workbench.domain.selection import Selection
    from workbench.services.keeping import KeptSelection
    from workbench.ui.theme import Theme

_COLUMNS: Final = ("Name", "Accounts", "Exchanges", "Saved (UTC)", "By")
_WIDTHS: Final = (0, 90, 100, 150, 120)
_NUMBERS: Final = (1, 2)
_LONGEST: Final = 120


class SaveSelectionDialog(FormDialog):
    """Asks for the name of a selection.

    Args:
        theme: The look.
        selection: What will be kept.
        suggested: A name to begin with.
        parent: The window.
    """

    #: Keep it: the name.
    wanted = Signal(str)

    def __init__(
        self, theme: Theme, selection: Selection, suggested: str, parent: QWidget | None = None
    ) -> None:
        size = wording.accounts(len(selection.accounts))
        super().__init__(
            theme,
            "Save selection",
            f"Keeps the {size} as they are now, with {wording.exchanges(selection.n_exchanges)} "
            "inside. It goes into the journal; undo takes it back.",
            "Save selection",
            parent,
        )
        self.name = QLineEdit(suggested)
        self.name.setMaxLength(_LONGEST)
        self.name.selectAll()
        self.add_row(self.form(), "Name", self.name)
        self.body.addStretch(1)
        self.name.textChanged.connect(lambda _: self._check())
        self.resize(theme.px(520), self.sizeHint().height())
        self.name.setFocus()
        self._check()

    def act(self) -> None:
        """Hand the name over."""
        if self.primary.isEnabled():
            self.wanted.emit(self.name.text().strip())
            self.accept()

    def _check(self) -> None:
        self.primary.setEnabled(bool(self.name.text().strip()))


class SelectionsDialog(FormDialog):
    """The kept selections, the newest first.

    Args:
        theme: The look.
        kept: What is listed.
        fingerprint: Key of the analyst, who may take back what is theirs.
        parent: The window.
    """

    #: Select it again: the entry.
    recalled = Signal(str)
    #: Take it back: the entry.
    forgotten = Signal(str)

    def __init__(
        self,
        theme: Theme,
        kept: Sequence[KeptSelection],
        fingerprint: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            theme,
            "Saved selections",
            "Each holds the accounts that it had when it was saved.",
            "Select again",
            parent,
        )
        self.cancel_button.setText("Close")
        self._fingerprint = fingerprint
        self._kept: tuple[KeptSelection, ...] = ()
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setAccessibleName("Saved selections, newest first")
        self.table.setHorizontalHeaderLabels(list(_COLUMNS))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.px(TABLE_ROW))
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        for column, width in enumerate(_WIDTHS):
            if width:
                header.resizeSection(column, theme.px(width))
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
            side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
            title = self.table.horizontalHeaderItem(column)
            assert title is not None  # set right above
            title.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self.table.itemSelectionChanged.connect(self._check)
        self.table.itemDoubleClicked.connect(lambda _: self.act())
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(
            EmptyState(
                theme,
                "ph.selection",
                "No saved selection",
                "Select something, then save it with Ctrl+S. It survives a restart.",
            )
        )
        self.body.addWidget(self._pages, 1)
        self.forget_button = Button(theme, "Remove from list", kind="quiet", icon="ph.trash")
        self.forget_button.setToolTip("Takes it back; its line stays in the journal")
        self.forget_button.setAutoDefault(False)
        self.forget_button.clicked.connect(self._forget)
        self.footer.insertWidget(0, self.forget_button)
        self.resize(theme.px(720), theme.px(440))
        self.show_kept(kept)

    def show_kept(self, kept: Sequence[KeptSelection]) -> None:
        """List other ones."""
        self._kept = tuple(kept)
        self.table.setRowCount(len(self._kept))
        for row, one in enumerate(self._kept):
            texts = (
                one.name,
                figures.count(len(one.accounts)),
                figures.count(one.n_exchanges),
                figures.moment(one.at_us)[:16],
                one.analyst.name,
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(figures.line(text))
                item.setToolTip(figures.tooltip(text))
                if column in _NUMBERS:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.table.setItem(row, column, item)
        self._pages.setCurrentIndex(0 if self._kept else 1)
        if self._kept:
            self.table.selectRow(0)
            self.table.setFocus()
        self._check()

    def act(self) -> None:
        """Select the chosen one again."""
        chosen = self._chosen()
        if chosen is not None:
            self.recalled.emit(chosen.entry)
            self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes the chosen one."""
        if event.key() == Qt.Key.Key_Delete and self.forget_button.isEnabled():
            self._forget()
            return
        super().keyPressEvent(event)

    def _forget(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self.forgotten.emit(chosen.entry)

    def _chosen(self) -> KeptSelection | None:
        rows = self.table.selectionModel().selectedRows()
        return self._kept[rows[0].row()] if rows else None

    def _check(self) -> None:
        chosen = self._chosen()
        self.primary.setEnabled(chosen is not None)
        mine = chosen is not None and chosen.analyst.fingerprint == self._fingerprint
        self.forget_button.setEnabled(mine)
        self.hint.setText(
            "" if mine or chosen is None else "Only who saved a selection removes it."
        )
