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

    _Lines = Sequence[tuple[str, Sequence[QKeySequence | str]]]


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
        groups: Mapping[str, _Lines],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "Keyboard shortcuts", "", "Close the list", parent)
        self.cancel_button.hide()
        page = QWidget()
        columns = QHBoxLayout(page)
        columns.setContentsMargins(0, 0, 12, 0)
        columns.setSpacing(40)
        for part in _halves(groups):
            columns.addLayout(_column(theme, part), 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(page)
        self.body.addWidget(area, 1)
        self.resize(theme.px(900), theme.px(780))


def _halves(groups: Mapping[str, _Lines]) -> list[list[tuple[str, _Lines]]]:
    """The groups in two columns of about one height, in their order."""
    sizes = [len(lines) + 2 for lines in groups.values()]
    parts: list[list[tuple[str, _Lines]]] = [[], []]
    so_far = 0
    for (heading, lines), size in zip(groups.items(), sizes, strict=True):
        parts[so_far + size / 2 > sum(sizes) / 2].append((heading, lines))
        so_far += size
    return parts


def _column(theme: Theme, groups: list[tuple[str, _Lines]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(0, 1)
    row = 0
    for heading, lines in groups:
        if row:
            grid.setRowMinimumHeight(row, theme.px(10))
            row += 1
        grid.addWidget(Text(theme, heading, "head"), row, 0, 1, 2)
        row += 1
        for what, keys in lines:
            grid.addWidget(Text(theme, what, "text", "t2"), row, 0)
            grid.addWidget(_caps(theme, keys), row, 1)
            row += 1
    grid.setRowStretch(row, 1)
    return grid


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
