"""A reveal needs a reason: which texts, and why. It goes into the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPlainTextEdit, QRadioButton, QWidget

from workbench.ui import figures
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from workbench.ui.theme import Theme


class RevealDialog(FormDialog):
    """Asks what is to be revealed, and for the reason.

    Args:
        theme: The look.
        account: Value of the account that sent the exchange; empty where it has none.
        parent: The window.
    """

    #: The reason was given: whether all exchanges of the account are meant, and the reason.
    decided = Signal(bool, str)

    def __init__(self, theme: Theme, account: str, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Reveal prompts and answers",
            "The journal keeps what you revealed, when and why. It holds for you alone.",
            "Reveal",
            parent,
        )
        self.one = QRadioButton("This exchange")
        self.all = QRadioButton(f"All exchanges of account {figures.line(account)[:60]}")
        self._group = QButtonGroup(self)
        for button in (self.one, self.all):
            self._group.addButton(button)
            self.body.addWidget(button)
        self.one.setChecked(True)
        self.all.setVisible(bool(account))
        self.body.addWidget(Text(theme, "Why", "strong"))
        self.reason = QPlainTextEdit()
        self.reason.setAccessibleName("Why")
        self.reason.setPlaceholderText("Why you must read it, in your own words.")
        self.reason.setTabChangesFocus(True)
        self.reason.setMinimumHeight(theme.px(84))
        self.reason.textChanged.connect(self._check)
        self.body.addWidget(self.reason)
        self.resize(theme.px(520), theme.px(320))
        self.reason.setFocus()
        self._check()

    def act(self) -> None:
        """Hand the reveal over; without a reason nothing happens."""
        why = self.reason.toPlainText().strip()
        if why:
            self.decided.emit(self.all.isChecked(), why)
            self.accept()

    def _check(self) -> None:
        self.primary.setEnabled(bool(self.reason.toPlainText().strip()))
