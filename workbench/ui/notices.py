"""What went wrong, said above the work and not in its way: fact, what is safe, what to do.

A known error is told with its remedy. Anything else is our bug: its report is written to a file,
and the line names the file.
"""

from __future__ import annotations

import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench import __version__
from workbench.domain.errors import KnownError
from workbench.ui import figures
from workbench.ui.states import Icon
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.ui.theme import Theme

#: Notices shown at once; older ones go.
_MOST: Final = 3


class Notices(QWidget):
    """Lines that stay until they are dismissed.

    Args:
        theme: The look.
        reports: Folder for reports of bugs; made when first needed.
    """

    def __init__(self, theme: Theme, reports: Path) -> None:
        super().__init__()
        self._theme = theme
        self._reports = reports
        self._lines: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.hide()

    @property
    def texts(self) -> list[str]:
        """What is shown, the newest last."""
        return [line.accessibleName() for line in self._lines]

    def tell(self, error: BaseException) -> None:
        """Show an error."""
        if isinstance(error, KnownError):
            self._add(
                "ph.warning-circle", "red", error.fact, f"{error.safe} {error.remedy}".strip()
            )
            return
        path = write_report(error, self._reports)
        where = f"The report is in {path}." if path else "No report could be written."
        self._add(
            "ph.bug",
            "red",
            f"This is a bug in workbench ({type(error).__name__}).",
            f"The case is unharmed. {where}",
        )

    def say(self, fact: str, more: str = "") -> None:
        """Show something good to know."""
        self._add("ph.info", "acc", fact, more)

    def clear(self) -> None:
        """Dismiss all."""
        for line in list(self._lines):
            self._dismiss(line)

    def _add(self, icon: str, colour: str, fact: str, more: str) -> None:
        said = figures.line(f"{fact} {more}".strip())
        if said in self.texts:
            return
        line = QWidget()
        line.setProperty("bar", "top")
        line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line.setAccessibleName(said)
        row = QHBoxLayout(line)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(Icon(self._theme, icon, 16, colour), 0, Qt.AlignmentFlag.AlignVCenter)
        words = Text(self._theme, said, "text", "t1", wrap=True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(words, 1)
        close = Button(self._theme, kind="quiet", icon="ph.x", tip="Dismiss")
        close.setProperty("square", "true")
        close.clicked.connect(lambda: self._dismiss(line))
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignVCenter)
        self._lines.append(line)
        self._column.addWidget(line)
        for old in self._lines[:-_MOST]:
            self._dismiss(old)
        self.show()

    def _dismiss(self, line: QWidget) -> None:
        if line in self._lines:
            self._lines.remove(line)
            self._column.removeWidget(line)
            line.deleteLater()
        self.setVisible(bool(self._lines))


def write_report(error: BaseException, folder: Path) -> Path | None:
    """Write what we know of a bug to a file; None when even that fails."""
    now = datetime.now(UTC)
    told = "".join(traceback.format_exception(error))
    text = (
        f"workbench {__version__}\nPython {sys.version}\nplatform {sys.platform}\n"
        f"at {now:%Y-%m-%dT%H:%M:%SZ}\n\n{told}"
    )
    path = folder / f"workbench-bug-{now:%Y%m%dT%H%M%S%f}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", errors="backslashreplace")
    except OSError:
        return None
    return path
