"""Conflicting labels: which accounts, who decided what and why, and one of them chosen again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QFrame,
    QHeaderView,
    QLineEdit,
    QRadioButton,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.domain.label import Label
from workbench.services import wording
from workbench.ui import figures
from workbench.ui.dialogs.form import FormDialog, scrolled
from workbench.ui.states import EmptyState
from workbench.ui.tokens import LABELS, TABLE_ROW
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.services.reviewing import Conflict
    from workbench.ui.theme import Theme

_COLUMNS: Final = ("Accounts", "Labels", "Which")
#: Accounts that are named in a row; the tooltip names more.
_NAMED, _IN_TIP = 3, 60


class ConflictsDialog(FormDialog):
    """Lists accounts on which labels stand against each other, and decides.

    Args:
        theme: The look.
        found: The conflicts, those of most accounts first.
        parent: The window.
    """

    #: Label again: the label, why, and the keys of the accounts.
    decided = Signal(object, str, object)

    def __init__(
        self, theme: Theme, found: Sequence[Conflict], parent: QWidget | None = None
    ) -> None:
        super().__init__(
            theme,
            "Conflicting labels",
            "Two analysts labelled the same accounts differently, and neither had seen the other's "
            "label. Choose one: whoever labels again has seen both, and decides.",
            "Label accounts",
            parent,
        )
        self.cancel_button.setText("Close")
        self._found: tuple[Conflict, ...] = ()
        self.table = self._make_table()
        self._labels = QVBoxLayout()
        self._labels.setContentsMargins(0, 0, 12, 0)
        self._labels.setSpacing(4)
        page = QWidget()
        page.setLayout(self._labels)
        self._group = QButtonGroup(self)
        self._group.buttonToggled.connect(lambda _button, _on: self._check())
        self.why = QLineEdit()
        self.why.setPlaceholderText("What you saw, for the journal")
        self.why.textChanged.connect(lambda _: self._check())
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.table, 2)
        column.addWidget(Text(theme, "What each decided", "strong"))
        column.addWidget(scrolled(page), 3)
        head = Text(theme, "Why", "strong")
        head.setBuddy(self.why)
        self.why.setAccessibleName("Why")
        column.addWidget(head)
        column.addWidget(self.why)
        self._pages = QStackedWidget()
        self._pages.addWidget(work)
        self._pages.addWidget(
            EmptyState(
                theme,
                "ph.check-circle",
                "No labels stand against each other",
                "Conflicts come with a merged copy in which somebody decided otherwise.",
            )
        )
        self.body.addWidget(self._pages, 1)
        self.resize(theme.px(840), theme.px(560))
        self.show_found(found)

    def show_found(self, found: Sequence[Conflict]) -> None:
        """List other ones."""
        self._found = tuple(found)
        self.table.setRowCount(len(self._found))
        for row, one in enumerate(self._found):
            names = [figures.line(_value(key)) for key in one.accounts[:_IN_TIP]]
            more = len(one.accounts) - _NAMED
            texts = (
                figures.count(len(one.accounts)),
                ", ".join(dict.fromkeys(_word(e.body.get("label")) for e in one.labels)),
                ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else ""),
            )
            for place, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(figures.tooltip("\n".join(names)))
                if place == 0:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.table.setItem(row, place, item)
        self._pages.setCurrentIndex(0 if self._found else 1)
        self.primary.setVisible(bool(self._found))
        self.why.clear()
        if self._found:
            self.table.selectRow(0)
            self.table.setFocus()
        self._show_labels()

    def say(self, sentence: str) -> None:
        """Why it was not decided, beside the buttons."""
        self.hint.set_colour("red")
        self.hint.setText(figures.line(sentence))

    def act(self) -> None:
        """Label again as was chosen."""
        one, button = self._chosen(), self._group.checkedButton()
        if one is not None and button is not None and self.primary.isEnabled():
            label = Label(button.property("label"))
            self.decided.emit(label, self.why.text().strip(), one.accounts)

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(_COLUMNS))
        table.setAccessibleName("Conflicts, those of most accounts first")
        table.setHorizontalHeaderLabels(list(_COLUMNS))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.theme.px(TABLE_ROW))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        for place in range(len(_COLUMNS)):
            side = Qt.AlignmentFlag.AlignRight if place == 0 else Qt.AlignmentFlag.AlignLeft
            title = table.horizontalHeaderItem(place)
            assert title is not None  # set right above
            title.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        table.itemSelectionChanged.connect(self._show_labels)
        return table

    def _chosen(self) -> Conflict | None:
        rows = self.table.selectionModel().selectedRows()
        return self._found[rows[0].row()] if rows and rows[0].row() < len(self._found) else None

    def _show_labels(self) -> None:
        """What stands against each other on the chosen accounts, the one that is shown last."""
        for button in self._group.buttons():
            self._group.removeButton(button)
        while (item := self._labels.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        one = self._chosen()
        for entry in () if one is None else one.labels:
            label = Label(str(entry.body["label"]))
            who = f"{figures.line(entry.analyst.name)} ({entry.analyst.short})"
            now = ", shown now" if one is not None and entry is one.labels[-1] else ""
            # An ampersand in a name is no key of ours.
            said = f"{LABELS[label].word}, by {who}, {figures.moment(entry.at_us)[:16]} UTC{now}"
            button = QRadioButton(said.replace("&", "&&"))
            button.setProperty("label", label.value)
            self._group.addButton(button)
            self._labels.addWidget(button)
            why = str(entry.body.get("why", "")) or "No reason was given."
            words = Text(self.theme, figures.line(why), "second", "t2", wrap=True)
            words.setContentsMargins(self.theme.px(24), 0, 0, 8)
            self._labels.addWidget(words)
        rest = QFrame()
        self._labels.addWidget(rest, 1)
        self._check()

    def _check(self) -> None:
        one, chosen = self._chosen(), self._group.checkedButton()
        why = bool(self.why.text().strip())
        self.primary.setEnabled(one is not None and chosen is not None and why)
        self.hint.set_colour("t3")
        if one is None:
            self.hint.setText("")
            return
        self.primary.setText(f"Label {wording.accounts(len(one.accounts))}")
        self.hint.setText("" if self.primary.isEnabled() else "Choose a label and say why.")


def _value(key: str) -> str:
    """The name of an account, as its log has it."""
    return key.split(":", 2)[-1]


def _word(value: object) -> str:
    return LABELS[Label(str(value))].word
