"""Sign off: the labels that stand on what is selected, whose they are, and why they hold."""

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

from workbench.domain.label import Label
from workbench.services import wording
from workbench.ui import figures
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.states import EmptyState
from workbench.ui.tokens import LABELS, TABLE_ROW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.services.reviewing import Standing
    from workbench.ui.theme import Theme

_COLUMNS: Final = ("Accounts", "Label", "By", "Given (UTC)", "Sign-off", "Why")


class SignOffDialog(FormDialog):
    """Asks a second analyst for the reason of a sign-off.

    Args:
        theme: The look.
        subject: What is selected, in words.
        standing: The labels that stand on it.
        parent: The window.
    """

    #: Sign off what can be: why.
    wanted = Signal(str)

    def __init__(
        self,
        theme: Theme,
        subject: str,
        standing: Sequence[Standing],
        parent: QWidget | None = None,
    ) -> None:
        self._n = sum(one.wants for one in standing)
        super().__init__(
            theme,
            f"Sign off {subject}",
            "Says, with your key, that you looked at labels of others and stand by them as they "
            "are now. Nobody signs off their own; a label that is given later needs another look.",
            f"Sign off {wording.counted(self._n, 'label', 'labels')}"
            if self._n
            else "Sign off labels",
            parent,
        )
        self._pages = QStackedWidget()
        self.table = self._make_table(standing)
        self._pages.addWidget(self.table)
        self._pages.addWidget(
            EmptyState(
                theme,
                "ph.shield-check",
                "Nothing to sign off",
                "No label stands on these accounts. Somebody labels them first, another signs off.",
            )
        )
        self._pages.setCurrentIndex(0 if standing else 1)
        self.body.addWidget(self._pages, 1)
        self.why = QLineEdit()
        self.why.setPlaceholderText("What you looked at, for the journal")
        self.why.setEnabled(self._n > 0)
        self.why.textChanged.connect(lambda _: self._check())
        self.add_row(self.form(), "Why", self.why)
        self.resize(theme.px(980), theme.px(380))
        if self._n:
            self.why.setFocus()
        self._check()

    def act(self) -> None:
        """Hand the reason over."""
        if self.primary.isEnabled():
            self.wanted.emit(self.why.text().strip())

    def say(self, sentence: str) -> None:
        """Why it was not signed off, beside the buttons."""
        self.hint.set_colour("red")
        self.hint.setText(figures.line(sentence))

    def _make_table(self, standing: Sequence[Standing]) -> QTableWidget:
        table = QTableWidget(len(standing), len(_COLUMNS))
        table.setAccessibleName("Labels that stand, those on most accounts first")
        table.setHorizontalHeaderLabels(list(_COLUMNS))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
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
            title = table.horizontalHeaderItem(place)
            assert title is not None  # set right above
            title.setTextAlignment(_side(place))
        for row, one in enumerate(standing):
            entry = one.entry
            texts = (
                figures.count(one.n_accounts),
                LABELS[Label(str(entry.body["label"]))].word,
                f"{entry.analyst.name} ({entry.analyst.short.removeprefix('SHA256:')})",
                figures.moment(entry.at_us)[:16],
                state(one),
                str(entry.body.get("why", "")) or "no reason was given",
            )
            for place, text in enumerate(texts):
                item = QTableWidgetItem(figures.line(text))
                item.setToolTip(figures.tooltip(text))
                item.setTextAlignment(_side(place))
                table.setItem(row, place, item)
        return table

    def _check(self) -> None:
        self.primary.setEnabled(self._n > 0 and bool(self.why.text().strip()))
        self.hint.set_colour("t3")
        if not self._n:
            said = "Nothing here is yours to sign off."
        else:
            said = "" if self.primary.isEnabled() else "Say why, then sign off."
        self.hint.setText(said)


def state(one: Standing) -> str:
    """How far the sign-off of a label is, for who asks."""
    if one.signed_by_me:
        return "by you"
    by = f"by {', '.join(dict.fromkeys(one.signed_by))}" if one.signed_by else ""
    if one.mine:
        return by or "lacks; this label is yours"
    return f"{by}; yours lacks" if by else "lacks"


def _side(place: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if place == 0 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
