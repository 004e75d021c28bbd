"""Erasing for good: which exchanges, and why. It goes into the journal; nothing takes it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QButtonGroup, QDateEdit, QLineEdit, QRadioButton, QWidget

from workbench.services import wording
from workbench.ui import figures
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from workbench.services.purging import Outlook
    from workbench.ui.theme import Theme

_US_A_DAY: Final = 86_400_000_000
_EPOCH: Final = QDate(1970, 1, 1)


class PurgeDialog(FormDialog):
    """Asks what is to be erased, and for the reason.

    Args:
        theme: The look.
        n_accounts: Accounts that are selected.
        n_sent: Exchanges that these sent.
        outlook: What the case holds, and whether anything may be erased.
        parent: The window.
    """

    #: What was sent before this instant (UTC microseconds) is to be counted.
    day_chosen = Signal(object)
    #: The reason was given: the instant, None where the selected accounts are meant; and why.
    wanted = Signal(object, str)

    def __init__(
        self,
        theme: Theme,
        n_accounts: int,
        n_sent: int,
        outlook: Outlook,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            theme,
            "Erase exchanges",
            "For erasure requests and retention. The exchanges leave every file of this case, for "
            "good, and what was computed goes with them. The journal keeps how many they were, "
            "a digest over them, and why. Copies, bundles and the logs stay as they are.",
            "Erase exchanges",
            parent,
        )
        self.primary.setProperty("kind", "danger")
        self._n_sent, self._refused = n_sent, outlook.refused
        self._n_before: int | None = None
        self.chosen = QRadioButton(
            f"All {wording.counted(n_sent, 'exchange', 'exchanges')} of the "
            f"{wording.counted(n_accounts, 'selected account', 'selected accounts')}"
            if n_accounts
            else "All exchanges of the selected accounts (none is selected)"
        )
        self.chosen.setEnabled(n_accounts > 0)
        dated = outlook.first_us is not None
        self.early = QRadioButton(
            "Everything sent before a day" if dated else "Everything sent before a day (no times)"
        )
        self.early.setEnabled(dated)
        self._group = QButtonGroup(self)
        for button in (self.chosen, self.early):
            self._group.addButton(button)
            self.body.addWidget(button)
            if button.isEnabled() and self._group.checkedButton() is None:
                button.setChecked(True)
            button.toggled.connect(lambda _: self._check())
        self.counted = Text(theme, "", "second", "t3", wrap=True)
        self.body.addWidget(self.counted)
        self.body.addStretch(1)
        form = self.form()
        self.day = QDateEdit(_day_of(outlook))
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.day.dateChanged.connect(lambda _: self.ask_count())
        self.add_row(form, "Before", self.day, "From midnight UTC of this day on exchanges stay.")
        self.why = QLineEdit()
        self.why.setPlaceholderText("Who asks for it and on what ground, for the journal")
        self.why.textChanged.connect(lambda _: self._check())
        self.add_row(form, "Why", self.why)
        self.resize(theme.px(600), theme.px(420))
        self.why.setFocus()
        self._check()

    def ask_count(self) -> None:
        """How many exchanges were sent before the day is asked for."""
        if self.early.isEnabled():
            self._n_before = None
            self.counted.setText("")
            self.day_chosen.emit(self._before_us())
        self._check()

    def show_count(self, outlook: Outlook) -> None:
        """Say how many exchanges were sent before the day."""
        self._n_before = outlook.n_before
        sent = wording.counted(outlook.n_before, "exchange was", "exchanges were")
        undated = wording.counted(
            outlook.n_undated, "says no time and stays", "say no time and stay"
        )
        self.counted.setText(
            f"{sent} sent before {self.day.date().toString('yyyy-MM-dd')}, of "
            f"{outlook.n_exchanges:,}." + (f" {undated}." if outlook.n_undated else "")
        )
        self._check()

    def act(self) -> None:
        """Hand it over; without a reason nothing happens."""
        if self.primary.isEnabled():
            before = self._before_us() if self.early.isChecked() else None
            self.wanted.emit(before, self.why.text().strip())

    def say(self, sentence: str) -> None:
        """Why nothing was erased, beside the buttons."""
        self.hint.set_colour("red")
        self.hint.setText(figures.line(sentence))

    def _before_us(self) -> int:
        return _EPOCH.daysTo(self.day.date()) * _US_A_DAY

    def _check(self) -> None:
        early = self.early.isChecked()
        self.day.setEnabled(early)
        count = self._n_before if early else self._n_sent
        if self._group.checkedButton() is None:
            count = 0
        self.primary.setText(
            f"Erase {wording.counted(count, 'exchange', 'exchanges')}"
            if count
            else "Erase exchanges"
        )
        said = bool(self.why.text().strip())
        self.primary.setEnabled(bool(count) and said and not self._refused)
        if self._refused:
            self.say(self._refused)
            return
        self.hint.set_colour("t3")
        if self._group.checkedButton() is None:
            self.hint.setText("Select accounts first: no exchange says when it was sent.")
        elif count == 0:
            self.hint.setText("There is nothing to erase.")
        else:
            self.hint.setText("Nothing takes it back." if said else "Say why.")


def _day_of(outlook: Outlook) -> QDate:
    """The day to begin with: the first that retention allows to keep, or that of the log."""
    if outlook.retention_days:
        day = datetime.now(UTC) - timedelta(days=outlook.retention_days)
        return QDate(day.year, day.month, day.day)
    return _EPOCH.addDays((outlook.first_us or 0) // _US_A_DAY)
