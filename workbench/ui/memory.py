"""What the window remembers between runs: recent cases, layout, theme, text scale.

A file of its own in the user's config folder; a case never holds any of it. A damaged file is
as good as none.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QSettings

from workbench.ui.theme import ThemeChoice

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

_RECENT: Final = 8
#: Raised when docks change so much that an old layout would be wrong.
_LAYOUT_VERSION: Final = 1


class Memory:
    """The file ``window.ini``.

    Args:
        folder: The user's config folder; made when first written.

    Attributes:
        folder: The same.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)

    def recent_cases(self) -> list[Path]:
        """Cases that were opened, the last one first, as far as they are still there."""
        stored = self._settings.value("recent", [])
        names = stored if isinstance(stored, list) else [stored]
        paths = [Path(str(name)) for name in names if name]
        return [path for path in paths if (path / "case.toml").exists()]

    def note_case(self, path: Path) -> None:
        """Put a case first in the list."""
        path = path.resolve()
        others = [other for other in self.recent_cases() if other != path]
        self._settings.setValue("recent", [str(p) for p in [path, *others][:_RECENT]])
        self._settings.sync()

    def keep_layout(self, window: QMainWindow) -> None:
        """Remember size, place and docks."""
        self._settings.setValue("geometry", window.saveGeometry())
        self._settings.setValue("docks", window.saveState(_LAYOUT_VERSION))
        self._settings.sync()

    def restore_layout(self, window: QMainWindow) -> bool:
        """Bring size, place and docks back; False when there is nothing to bring back."""
        geometry, docks = self._settings.value("geometry"), self._settings.value("docks")
        if not isinstance(geometry, QByteArray) or not isinstance(docks, QByteArray):
            return False
        return window.restoreGeometry(geometry) and window.restoreState(docks, _LAYOUT_VERSION)

    @property
    def theme(self) -> ThemeChoice:
        """What the user chose; the system's by default."""
        stored = str(self._settings.value("theme", ThemeChoice.SYSTEM.value))
        known = {choice.value for choice in ThemeChoice}
        return ThemeChoice(stored) if stored in known else ThemeChoice.SYSTEM

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._settings.setValue("theme", choice.value)

    @property
    def text_scale(self) -> float:
        """1.0 to 2.0."""
        try:
            return float(str(self._settings.value("text_scale", 1.0)))
        except ValueError:
            return 1.0

    @text_scale.setter
    def text_scale(self, scale: float) -> None:
        self._settings.setValue("text_scale", scale)
