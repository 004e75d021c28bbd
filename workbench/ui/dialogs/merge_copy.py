"""Merge a copy: which copy of the case, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from workbench.ui import figures
from workbench.ui.dialogs.files import make_roomy
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.widgets import Button

if TYPE_CHECKING:
    from workbench.ui.theme import Theme


class MergeDialog(FormDialog):
    """Asks for the copy whose decisions are brought in.

    Args:
        theme: The look.
        beside: Where copies probably are.
        parent: The window.
    """

    #: Merge it: the folder, and why.
    wanted = Signal(object, str)

    def __init__(self, theme: Theme, beside: Path, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Merge a copy",
            "Brings in what analysts decided in another copy of this case. Nobody's decision is "
            "lost, the copy is only read, and merging again brings nothing.",
            "Merge copy",
            parent,
        )
        self._beside = beside
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.copy = QLineEdit()
        self.copy.setPlaceholderText("A folder such as from-mara/harbour.case")
        self.copy.setAccessibleName("Copy of the case")
        self.copy.textChanged.connect(lambda _: self._check())
        row.addWidget(self.copy, 1)
        choose = Button(theme, "Choose copy", icon="ph.folder-open")
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        row.addWidget(choose)
        self.why = QLineEdit()
        self.why.setPlaceholderText("For the journal; may be empty")
        form = self.form()
        self.add_row(form, "Copy of the case", holder)
        self.add_row(form, "Reason", self.why)
        self.body.addStretch(1)
        self.resize(theme.px(640), self.sizeHint().height())
        self.copy.setFocus()
        self._check()

    def act(self) -> None:
        """Ask that it be merged."""
        if self.primary.isEnabled():
            self.primary.setEnabled(False)
            self.hint.set_colour("t3")
            self.hint.setText("Checking the journals of the copy …")
            self.wanted.emit(Path(self.copy.text().strip()), self.why.text().strip())

    def say(self, sentence: str) -> None:
        """Why it was not merged, beside the buttons."""
        self.hint.set_colour("red")
        self.hint.setText(figures.line(sentence))
        self.primary.setEnabled(True)

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Choose a copy of the case", str(self._beside))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Choose copy")
        make_roomy(dialog, self.theme)
        dialog.fileSelected.connect(self.copy.setText)
        dialog.open()

    def _check(self) -> None:
        self.hint.setText("")
        self.primary.setEnabled(bool(self.copy.text().strip()))
