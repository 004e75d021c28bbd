"""Where Qt's own file dialog is shown: wide enough for what its columns say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHeaderView, QTreeView

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFileDialog

    from workbench.ui.theme import Theme


def make_roomy(dialog: QFileDialog, theme: Theme) -> None:
    """Let columns fit their contents; a dialog of the desktop has no such view and stays as is."""
    size = QSize(theme.px(880), theme.px(560))
    dialog.resize(size.boundedTo(dialog.screen().availableGeometry().size()))
    for view in dialog.findChildren(QTreeView):
        view.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
