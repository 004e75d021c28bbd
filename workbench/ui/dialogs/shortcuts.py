"""Every action and its key, read from the actions themselves: the list cannot go stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QWidget

from workbench.ui.dialogs.form import FormDialog
from workbench.ui.widgets import KeyCap, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.ui.theme import Theme


class ShortcutsDialog(FormDialog):
    """Lists the keys.

    Args:
        theme: The look.
        groups: Heading -> (what it does, keys) in the order to show.
        parent: The window.
    """

    def __init__(
        self,
        theme: Theme,
        groups: Mapping[str, Sequence[tuple[str, Sequence[QKeySequence | str]]]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "Keyboard shortcuts", "", "Close the list", parent)
        self.cancel_button.hide()
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        row = 0
        for heading, actions in groups.items():
            grid.addWidget(Text(theme, heading, "axis", "t3"), row, 0, 1, 2)
            row += 1
            for what, keys in actions:
                grid.addWidget(Text(theme, what), row, 0)
                grid.addWidget(_caps(theme, keys), row, 1)
                row += 1
        grid.setRowStretch(row, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(page)
        self.body.addWidget(area, 1)
        self.resize(theme.px(560), theme.px(640))


def _caps(theme: Theme, keys: Sequence[QKeySequence | str]) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addStretch(1)
    for key in keys:
        text = (
            key.toString(QKeySequence.SequenceFormat.NativeText)
            if isinstance(key, QKeySequence)
            else key
        )
        row.addWidget(KeyCap(theme, text))
    return holder
