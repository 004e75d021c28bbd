"""Asks before a running job is cancelled by leaving its case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.ui.dialogs.form import FormDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from workbench.ui.theme import Theme


class LeaveDialog(FormDialog):
    """Accepted when the job may be cancelled; Return and Escape stay.

    Args:
        theme: The look.
        parent: The window.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "A job is running",
            "Leaving the case cancels it. What it has not finished is not kept; logs, labels and "
            "earlier results are.",
            "Cancel the job and leave",
            parent,
        )
        self.body.addStretch(1)
        self.cancel_button.setText("Stay")
        self.primary.setAutoDefault(False)
        self.cancel_button.setAutoDefault(True)
        self.cancel_button.setDefault(True)
        self.cancel_button.setFocus()
        self.resize(theme.px(480), self.sizeHint().height())
