"""A new case: its name, and the folder that it goes into."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from workbench.ui import figures
from workbench.ui.dialogs.files import make_roomy
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from workbench.ui.theme import Theme

ENDING = ".case"


class NewCaseDialog(FormDialog):
    """Asks for name and place, and says what will be made.

    Args:
        theme: The look.
        folder: Place to begin with.
        parent: The window.
    """

    #: Make a case there: the path as text.
    wanted = Signal(str)

    def __init__(self, theme: Theme, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "New case",
            "A case is one folder with everything about one investigation.",
            "Create case",
            parent,
        )
        form = self.form()
        self.name = QLineEdit()
        self.name.setPlaceholderText("harbour-lantern")
        self.add_row(form, "Name", self.name)
        place = QWidget()
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.folder = QLineEdit(str(folder))
        self.folder.setAccessibleName("Folder")
        browse = Button(theme, "Choose")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._choose)
        row.addWidget(self.folder, 1)
        row.addWidget(browse)
        self.add_row(form, "In folder", place)
        self.verdict = Text(theme, "", "second", "t2", wrap=True)
        self.body.addWidget(self.verdict)
        self.body.addStretch(1)
        self.name.textChanged.connect(lambda _: self._check())
        self.folder.textChanged.connect(lambda _: self._check())
        self.resize(theme.px(560), self.sizeHint().height())
        self.name.setFocus()
        self._check()

    @property
    def path(self) -> Path | None:
        """Where the case would be made; None while that is not possible."""
        name = self.name.text().strip()
        if not name or name in {".", ".."} or "/" in name or "\\" in name or "\0" in name:
            return None
        name = name if name.endswith(ENDING) else name + ENDING
        return Path(self.folder.text().strip()).expanduser() / name

    def act(self) -> None:
        """Hand the path over."""
        path = self.path
        if path is not None and self.primary.isEnabled():
            self.wanted.emit(str(path))
            self.accept()

    def _check(self) -> None:
        path = self.path
        taken = path is not None and path.exists()
        self.primary.setEnabled(path is not None and not taken)
        if path is None:
            self.verdict.setText("Type a name without slashes.")
        elif taken:
            self.verdict.setText(f"{figures.line(path)} is there already. Choose another name.")
        else:
            self.verdict.setText(f"Makes {figures.line(path)}")
        self.verdict.set_colour("red" if taken else "t3")

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Folder for the case", self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        make_roomy(dialog, self.theme)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()
