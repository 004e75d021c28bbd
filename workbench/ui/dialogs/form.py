"""The frame that every dialog shares: heading, one line of purpose, body, actions below.

Dialogs are opened with ``open()`` (window-modal, never blocking): jobs and the map go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QKeyEvent

    from workbench.ui.theme import Theme


class FormDialog(QDialog):
    """A dialog with a heading, a body to fill, and a bar with its actions.

    Args:
        theme: The look.
        heading: What it does, a verb with its object; also the window's title.
        purpose: One plain sentence below the heading; may be empty.
        action: Text of the primary button, a verb with its object.
        parent: The window it belongs to.
    """

    def __init__(
        self, theme: Theme, heading: str, purpose: str, action: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setWindowTitle(heading)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)

        page = QWidget()
        self.body = QVBoxLayout(page)
        self.body.setContentsMargins(24, 20, 24, 20)
        self.body.setSpacing(12)
        self.body.addWidget(Text(theme, heading, "title"))
        self.purpose = Text(theme, purpose, "text", "t2", wrap=True)
        self.body.addWidget(self.purpose)
        self.purpose.setVisible(bool(purpose))
        outer.addWidget(page, 1)

        footer = QWidget()
        footer.setProperty("bar", "bottom")
        footer.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.footer = QHBoxLayout(footer)
        self.footer.setContentsMargins(24, 12, 24, 12)
        self.footer.setSpacing(8)
        self.hint = Text(theme, "", "second", "t3", wrap=True)
        self.footer.addWidget(self.hint, 1)
        self.cancel_button = Button(theme, "Cancel")
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.clicked.connect(self.reject)
        self.footer.addWidget(self.cancel_button)
        self.primary = Button(theme, action, kind="primary")
        self.primary.clicked.connect(self.act)
        self.footer.addWidget(self.primary)
        outer.addWidget(footer)
        # Only now: a button learns of its dialog when it is part of it.
        self.primary.setDefault(True)

    def act(self) -> None:
        """What the primary button does; dialogs with a check override it."""
        self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return presses the button that has the keyboard where nothing else is to be pressed."""
        focused = self.focusWidget()
        if (
            event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
            and not self.primary.isEnabled()
            and isinstance(focused, QAbstractButton)
        ):
            focused.click()
            return
        super().keyPressEvent(event)

    def form(self) -> QFormLayout:
        """A form at the end of the body: labels left, fields growing."""
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(form)
        return form

    def add_row(self, form: QFormLayout, label: str, field: QWidget, hint: str = "") -> None:
        """A field with its label and, below it, what it means."""
        name = Text(self.theme, label, "strong")
        name.setBuddy(field)
        field.setAccessibleName(label)
        form.addRow(name, field)
        if hint:
            # One line, close below its field: wrapped text in a form layout is clipped.
            below = QWidget()
            column = QVBoxLayout(below)
            column.setContentsMargins(0, 0, 0, 6)
            column.addWidget(Text(self.theme, hint, "second", "t3"))
            form.addRow(QWidget(), below)

    def line(self) -> None:
        """A separator at the end of the body."""
        rule = QFrame()
        rule.setFrameShape(QFrame.Shape.HLine)
        self.body.addWidget(rule)


def scrolled(page: QWidget) -> QScrollArea:
    """A page that scrolls where the dialog is too low for it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(page)
    return area


def hold_width(button: QAbstractButton, texts: Iterable[str]) -> None:
    """As wide as the longest of its texts; the last one stands in it."""
    button.ensurePolished()
    widths = []
    for text in texts:
        button.setText(text)
        widths.append(button.sizeHint().width())
    button.setMinimumWidth(max(widths))
