"""Quarantine: which texts nobody is to read any more, and why. It goes into the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QWidget

from workbench.domain.text import elide
from workbench.services import wording
from workbench.ui import figures
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from workbench.services.access import Kept
    from workbench.ui.exhibits import Exhibit
    from workbench.ui.theme import Theme

#: Characters of a prompt by which the exchange is known again.
_BEGINNING: Final = 48


class QuarantineDialog(FormDialog):
    """Asks what nobody is to read any more, and for the reason.

    Args:
        theme: The look.
        reading: The exchange that is read; None where none is.
        n_accounts: Accounts that are selected.
        n_exchanges: Exchanges that these sent.
        kept: What is kept back already.
        parent: The window.
    """

    #: The reason was given: whether all exchanges of the selected accounts are meant, and why.
    wanted = Signal(bool, str)

    def __init__(
        self,
        theme: Theme,
        reading: Exhibit | None,
        n_accounts: int,
        n_exchanges: int,
        kept: Kept,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            theme,
            "Put texts into quarantine",
            "For unlawful or privileged content. Nobody reads the texts any more, and no export "
            "holds them; their exchanges are still counted. Undo takes it back.",
            "Put into quarantine",
            parent,
        )
        self.one = QRadioButton(_said_of(reading))
        self.all = QRadioButton(
            f"All {wording.counted(n_exchanges, 'exchange', 'exchanges')} of the "
            f"{wording.counted(n_accounts, 'selected account', 'selected accounts')}"
            if n_accounts
            else "All exchanges of the selected accounts (none is selected)"
        )
        self._group = QButtonGroup(self)
        for button, there in ((self.one, reading is not None), (self.all, n_accounts > 0)):
            self._group.addButton(button)
            button.setEnabled(there)
            self.body.addWidget(button)
            if there and self._group.checkedButton() is None:
                button.setChecked(True)
        if kept.n_quarantined:
            said = wording.counted(kept.n_quarantined, "exchange is", "exchanges are")
            self.body.addWidget(Text(theme, f"{said} in quarantine already.", "second", "t3"))
        self.body.addStretch(1)
        self.why = QLineEdit()
        self.why.setPlaceholderText("What it is and who says so, for the journal")
        self.why.setEnabled(self._group.checkedButton() is not None)
        self.why.textChanged.connect(lambda _: self._check())
        self.add_row(self.form(), "Why", self.why)
        self.resize(theme.px(600), theme.px(300))
        if self.why.isEnabled():
            self.why.setFocus()
        self._check()

    def act(self) -> None:
        """Hand it over; without a reason nothing happens."""
        if self.primary.isEnabled():
            self.wanted.emit(self.all.isChecked(), self.why.text().strip())

    def say(self, sentence: str) -> None:
        """Why nothing was put there, beside the buttons."""
        self.hint.set_colour("red")
        self.hint.setText(figures.line(sentence))

    def _check(self) -> None:
        self.primary.setEnabled(self.why.isEnabled() and bool(self.why.text().strip()))
        self.hint.set_colour("t3")
        if not self.why.isEnabled():
            self.hint.setText("Read an exchange or select accounts first.")
        else:
            self.hint.setText("" if self.primary.isEnabled() else "Say why.")


def _said_of(reading: Exhibit | None) -> str:
    """The exchange in words; of a button's text an ampersand is half a shortcut."""
    if reading is None:
        return "The exchange that is read, and all that ask the same (none is read)"
    begins = elide(figures.line(reading.begins), _BEGINNING).replace("&", "&&")
    said = f"Exchange {reading.exchange_id}, and all that ask the same"
    return f"{said}: {begins}" if begins else said
