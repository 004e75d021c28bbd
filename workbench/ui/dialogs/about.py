"""What this program is: its version, what it runs on, its licence."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, qVersion

from workbench import __version__
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from workbench.ui.theme import Theme


class AboutDialog(FormDialog):
    """Says the versions, to be copied into a report.

    Args:
        theme: The look.
        parent: The window.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Distillation Workbench",
            "Finds and documents adversarial distillation in API logs. Works offline: nothing "
            "leaves this computer.",
            "Close",
            parent,
        )
        self.cancel_button.hide()
        self.versions = Text(
            theme,
            f"Version {__version__}  ·  Python {platform.python_version()}  ·  Qt {qVersion()}",
            "second",
            "t2",
        )
        self.versions.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self.versions)
        self.body.addStretch(1)
        self.resize(theme.px(480), self.sizeHint().height())
