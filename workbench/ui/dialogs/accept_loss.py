"""Go on without lines that a journal lost: what is missing, and why it is gone on without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from workbench.ui import figures
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.states import EmptyState
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.ui.theme import Theme


class AcceptLossDialog(FormDialog):
    """Asks for the reason.

    Args:
        theme: The look.
        facts: What is said of the journals; empty where nothing is missing.
        parent: The window.
    """

    #: Go on: why.
    wanted = Signal(str)

    def __init__(self, theme: Theme, facts: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Go on without lost lines",
            "First look for a copy of the case and put its decided folder back: then nothing is "
            "lost. Going on writes an entry that names what is missing; it cannot be undone.",
            "Go on without them",
            parent,
        )
        self.why = QLineEdit()
        self.why.setPlaceholderText("How they were lost, and that no copy has them")
        self.why.textChanged.connect(lambda _: self._check())
        if facts:
            for fact in facts:
                self.body.addWidget(Text(theme, figures.line(fact), "text", "amb", wrap=True))
            self.add_row(self.form(), "Why", self.why)
            self.body.addStretch(1)
            self.why.setFocus()
        else:
            nothing = "Every line that was written is there."
            self.body.addWidget(EmptyState(theme, "ph.check-circle", "Nothing is missing", nothing))
        self.resize(theme.px(640), theme.px(280))
        self._check()

    def act(self) -> None:
        """Hand the reason over."""
        if self.primary.isEnabled():
            self.wanted.emit(self.why.text().strip())

    def say(self, sentence: str) -> None:
        """Why it was not done, beside the buttons."""
        self.hint.set_colour("red")
        self.hint.setText(figures.line(sentence))

    def _check(self) -> None:
        self.primary.setEnabled(bool(self.why.text().strip()))
