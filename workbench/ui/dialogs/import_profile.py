"""Profiles in the import dialog: choosing one that was saved, saving what is mapped now.

A profile is a file, read and written on a lane; the command line takes the same files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QWidget

from workbench.domain.errors import KnownError
from workbench.domain.text import elide, plural
from workbench.services import log_formats
from workbench.ui import figures
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.services.log_formats import Profile, SavedProfile
    from workbench.ui.session import Session
    from workbench.ui.theme import Theme

_ENDING: Final = ".toml"
_FILES: Final = f"Profiles (*{_ENDING})"
#: What stands in the list beside the saved profiles.
_NONE, _OTHER = "", "\0other"


class ProfileBar(QWidget):
    """A list of the saved profiles, a way to any other file, and what the chosen one says.

    Args:
        theme: The look.
        session: Reads and writes off the UI thread.
        parent: Owner.
    """

    #: ``Profile``: read the files by it; an empty one for none.
    chosen = Signal(object)

    def __init__(self, theme: Theme, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._path: Path | None = None
        #: Whether a person chose or saved one: then none is offered any more.
        self.decided = False
        #: Whether the chosen one was chosen because it fits.
        self.preselected = False
        self.choice = QComboBox()
        self.choice.setAccessibleName("Profile")
        self.choice.setMinimumWidth(theme.px(220))
        self.choice.activated.connect(self._on_activated)
        self.note = Text(theme, "", "second", "t3")
        self.save_button = Button(theme, "Save as profile", icon="ph.floppy-disk")
        self.save_button.setAutoDefault(False)
        self.save_button.setToolTip("Keep this mapping, its format and its zone for other files")
        self.save_button.setEnabled(False)
        name = Text(theme, "Profile", "strong")
        name.setBuddy(self.choice)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(name)
        row.addWidget(self.choice)
        row.addWidget(self.note, 1)
        row.addWidget(self.save_button)
        self._fill(())
        session.ask("import.profiles", lambda _: log_formats.saved_profiles(), self._fill)

    @property
    def name(self) -> str:
        """Of the chosen profile; empty without one."""
        return "" if self._path is None else elide(figures.line(self._path.stem), 60)

    def preselect(self, fitting: Sequence[SavedProfile]) -> None:
        """Choose the first of some saved profiles that fit the files, and say so.

        Args:
            fitting: One at least.
        """
        first, *others = fitting
        self.preselected = True
        self._choose(first.path)
        fields = plural(len(first.profile.mapping), "field is", "fields are")
        also = f"; {plural(len(others), 'other fits', 'others fit')}, too" if others else ""
        self._say(f"Saved profile that fits: its {fields} there{also}", "teal", str(first.path))

    def clear(self) -> None:
        """Choose none: what was preselected need not fit other files."""
        self.preselected, self._path = False, None
        self._show_chosen()
        self._say("", "t3")

    def save(self, profile: Profile) -> None:
        """Ask for a file and keep what is mapped now."""
        folder = log_formats.profiles_folder()
        dialog = QFileDialog(self, "Save as profile", "", _FILES)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(_ENDING[1:])
        if folder.is_dir():
            dialog.setDirectory(str(folder))
        dialog.fileSelected.connect(lambda name: self._write(profile, Path(name)))
        dialog.open()

    def _write(self, profile: Profile, path: Path) -> None:
        named = log_formats.Profile(path.stem, profile.format, profile.zone, profile.mapping)

        def work(_workspace: object) -> tuple[Path, ...]:
            log_formats.save_profile(named, path)
            return log_formats.saved_profiles()

        def done(saved: tuple[Path, ...]) -> None:
            self._path, self.decided, self.preselected = path, True, False
            self._fill(saved)
            self._say(f"Saved in {figures.line(path)}", "teal", str(path))

        self._session.ask("import.profile", work, done, self._refuse)

    def _fill(self, saved: tuple[Path, ...]) -> None:
        """The saved profiles in the list, and the chosen one, wherever it lies."""
        paths = [*saved]
        if self._path is not None and self._path not in paths:
            paths.append(self._path)
        self.choice.clear()
        self.choice.addItem("None: as detected", _NONE)
        for path in paths:
            self.choice.addItem(elide(figures.line(path.stem), 60), str(path))
        self.choice.addItem("Choose a file…", _OTHER)
        self._show_chosen()

    def _show_chosen(self) -> None:
        wanted = _NONE if self._path is None else str(self._path)
        self.choice.setCurrentIndex(max(0, self.choice.findData(wanted)))

    def _on_activated(self, _at: int) -> None:
        data = self.choice.currentData()
        self.decided = self.decided or data != _OTHER
        if data == _NONE:
            self._path, self.preselected = None, False
            self._say("", "t3")
            self.chosen.emit(log_formats.Profile(""))
        elif data == _OTHER:
            self._show_chosen()
            dialog = QFileDialog(self, "Choose a profile", "", _FILES)
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            dialog.fileSelected.connect(lambda name: self._read(Path(name)))
            dialog.open()
        else:
            self._read(Path(data))

    def _read(self, path: Path) -> None:
        def done(profile: Profile) -> None:
            self.decided, self.preselected = True, False
            self._choose(path)
            self._say(_about(profile), "t3", str(path))
            self.chosen.emit(profile)

        self._session.ask(
            "import.profile", lambda _: log_formats.load_profile(path), done, self._refuse
        )

    def _choose(self, path: Path) -> None:
        self._path = path
        if self.choice.findData(str(path)) < 0:
            at = self.choice.count() - 1
            self.choice.insertItem(at, elide(figures.line(path.stem), 60), str(path))
        self._show_chosen()

    def _refuse(self, error: BaseException) -> None:
        """What was chosen before still holds."""
        self._show_chosen()
        text = str(error) if isinstance(error, KnownError) else f"Cannot be read: {error}"
        self._say(text, "red", text)

    def _say(self, text: str, colour: str, tip: str = "") -> None:
        self.note.setText(elide(figures.line(text), 90))
        self.note.setToolTip(figures.tooltip(tip))
        self.note.set_colour(colour)


def _about(profile: Profile) -> str:
    """A profile in few words."""
    parts = [f"{plural(len(profile.mapping), 'column', 'columns')} mapped"]
    if profile.format:
        parts.append(f"format {profile.format}")
    if profile.zone:
        parts.append(f"zone {profile.zone}")
    return ", ".join(parts)
