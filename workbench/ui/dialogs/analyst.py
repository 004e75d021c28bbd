"""The name beside what this analyst decides: a caption of the key, which stays the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from workbench.ui.dialogs.form import FormDialog
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from workbench.ui.theme import Theme


class AnalystDialog(FormDialog):
    """Asks for the analyst's name.

    Args:
        theme: The look.
        name: The one that holds.
        fingerprint: Of the key that the name stands for.
        parent: The window.
    """

    #: Another name is wanted.
    named = Signal(str)

    def __init__(
        self, theme: Theme, name: str, fingerprint: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            theme,
            "Your name in the journal",
            "Stands beside every decision from now on, also in other cases. Entries so far keep "
            "the name they have.",
            "Save name",
            parent,
        )
        form = self.form()
        self.name = QLineEdit(name)
        self.name.selectAll()
        self.name.setMaxLength(80)
        self.add_row(form, "Name", self.name)
        self.body.addWidget(Text(theme, f"Your key: {fingerprint}", "second", "t3"))
        self.body.addStretch(1)
        self.name.textChanged.connect(lambda text: self.primary.setEnabled(bool(text.strip())))
        self.primary.setEnabled(bool(name.strip()))
        self.resize(theme.px(520), self.sizeHint().height())
        self.name.setFocus()

    def act(self) -> None:
        """Hand the name over."""
        self.named.emit(self.name.text().strip())
        self.accept()
