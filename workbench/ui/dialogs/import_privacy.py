"""A part of the import's third page: what is left out at the door. Closed until it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from workbench.domain.door import PSEUDONYMS, Door
from workbench.services.door import Privacy
from workbench.services.door_words import in_short, told
from workbench.ui.dialogs.files import make_roomy
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from workbench.ui.theme import Theme

#: What each column is called, in the order in which they are offered; those that name somebody
#: first.
_NAMES: Final = {
    "account_id": "Accounts",
    "end_user": "End users",
    "org_id": "Organisations",
    "ip": "Addresses",
    "email_domain": "Mail domains",
    "payment_hash": "Payers",
    "session_id": "Sessions",
    "request_id": "Requests",
    "user_agent": "Clients",
    "ja3": "JA3 of clients",
    "ja4": "JA4 of clients",
}
assert _NAMES.keys() == PSEUDONYMS.keys()
_COLUMNS: Final = 4
#: What is said where nothing is left out.
_EVERYTHING: Final = "Names and texts enter as they are"
_CLOSED: Final = "ph.caret-right"
_OPEN: Final = "ph.caret-down"


class PrivacySection(QWidget):
    """What enters the case under another name, or not at all.

    Args:
        theme: The look.
        parent: Owner.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._standing: Door | None = None
        self.heading = Button(theme, "Privacy", kind="quiet", icon=_CLOSED)
        self.heading.setAutoDefault(False)
        self.heading.setProperty("slim", "true")
        self.heading.clicked.connect(lambda: self.open(shown=not self.is_open))
        self.summary = Text(theme, "", "second", "t2")
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.heading)
        head.addWidget(self.summary, 1)
        self._body = QWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._body)
        self._fill(QVBoxLayout(self._body))
        self.open(shown=False)
        self._tell()

    def _fill(self, column: QVBoxLayout) -> None:
        column.setContentsMargins(self._theme.px(26), 0, 0, 0)
        column.setSpacing(8)
        self.note = Text(self._theme, "", "text", "t2", wrap=True)
        column.addWidget(self.note)
        column.addWidget(Text(self._theme, "Pseudonyms in place of", "strong"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        self.names: dict[str, QCheckBox] = {}
        for place, (name, title) in enumerate(_NAMES.items()):
            box = QCheckBox(title)
            box.setToolTip(f"Column {name}")
            box.toggled.connect(self._tell)
            grid.addWidget(box, place // _COLUMNS, place % _COLUMNS)
            self.names[name] = box
        column.addLayout(grid)
        column.addSpacing(4)
        column.addWidget(Text(self._theme, "Texts", "strong"))
        self.texts = QCheckBox("Leave texts out: keep hashes, templates and vectors of them")
        self.texts.toggled.connect(self._tell)
        column.addWidget(self.texts)
        column.addSpacing(4)
        self.key = QLineEdit()
        self.key.setPlaceholderText("The one in your configuration folder, made on first use")
        self.key.setAccessibleName("Key file, outside the case")
        self._browse = Button(self._theme, "Choose")
        self._browse.setAutoDefault(False)
        self._browse.clicked.connect(self._choose)
        label = Text(self._theme, "Key file", "strong")
        label.setBuddy(self.key)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.key, 1)
        row.addWidget(self._browse)
        column.addLayout(row)
        self.effect = Text(self._theme, "", "second", "t2", wrap=True)
        column.addWidget(self.effect)

    @property
    def is_open(self) -> bool:
        """Whether more than the heading is shown."""
        return not self._body.isHidden()

    def open(self, *, shown: bool) -> None:
        """Show all of it, or the heading alone."""
        self._body.setVisible(shown)
        self.heading.set_glyph(_OPEN if shown else _CLOSED)
        self.heading.setAccessibleName(
            f"Privacy, {'opened' if shown else 'closed'}: {self.summary.text()}"
        )

    @property
    def privacy(self) -> Privacy:
        """What is asked for."""
        names = tuple(name for name in PSEUDONYMS if self.names[name].isChecked())
        path = self.key.text().strip()
        return Privacy(names, Path(path) if path else None, self.texts.isChecked())

    def hold(self, door: Door | None) -> None:
        """Show what the case's first import chose, which holds for all; None: there was none."""
        self._standing = door
        free = door is None
        for name, box in self.names.items():
            box.setEnabled(free)
            box.setChecked(box.isChecked() if door is None else name in door.pseudonymised)
        self.texts.setEnabled(free)
        if door is not None:
            self.texts.setChecked(bool(door.text))
        needs_key = door is None or not door.is_open
        self.key.setEnabled(needs_key)
        self._browse.setEnabled(needs_key)
        self._tell()

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Choose the key file")
        # A key that is not there yet is made; one that is there is never written over.
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Use as key")
        make_roomy(dialog, self._theme)
        dialog.fileSelected.connect(self.key.setText)
        dialog.open()

    def _tell(self) -> None:
        asked = self.privacy
        door = self._standing or Door(asked.pseudonymise, "", "asked" if asked.drop_text else "")
        short = in_short(door)
        short = short[:1].upper() + short[1:] if short else _EVERYTHING
        if self._standing is None:
            self.note.setText(
                "Replaced or left out before anything is written to the case. What the first "
                "import chooses holds for every later one."
            )
            self.summary.setText(short)
        else:
            self.note.setText("Chosen at the case's first import; it holds for every later one.")
            self.summary.setText(f"{short}, as before")
        self.effect.setText("\n\n".join(told(door)))
        self.effect.setVisible(not door.is_open)
        self.open(shown=self.is_open)
