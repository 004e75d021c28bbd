"""Beginning and ending with cases: new, open, recent, sample, close."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog

from workbench.services.jobs import Lane
from workbench.ui.dialogs.files import make_roomy

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.ui.main_window import MainWindow
    from workbench.ui.memory import Memory
    from workbench.ui.session import Session
    from workbench.ui.start_page import StartPage


class Cases(QObject):
    """Connects the actions that begin and end with a case.

    Args:
        window: Owner of dialogs.
        session: Opens and closes.
        memory: Recent cases, and where the sample case lies.
        start: The start page.
    """

    #: A case was made to bring logs into.
    logs_wanted = Signal()
    #: The sample case was made; it is still empty.
    sample_made = Signal()

    def __init__(
        self, window: MainWindow, session: Session, memory: Memory, start: StartPage
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._memory = memory
        self._start = start
        actions = window.actions_
        actions["new"].triggered.connect(lambda: self.new())
        actions["open"].triggered.connect(lambda: self.choose())
        actions["close"].triggered.connect(lambda: self.leave(session.close_case))
        start.new_wanted.connect(lambda: self.new())
        start.open_wanted.connect(lambda: self.choose())
        start.import_wanted.connect(lambda: self.new(then=self.logs_wanted.emit))
        start.sample_wanted.connect(self.sample)
        start.recent_wanted.connect(lambda path: self.open(Path(path)))
        session.failed.connect(lambda _: start.set_busy(busy=False))
        session.opened.connect(lambda _: start.set_busy(busy=False))

    def open(self, path: Path) -> None:
        """Open a case, after asking if a job would be lost."""
        self.leave(lambda: self._open(path))

    def choose(self) -> None:
        """Ask which case to open."""
        dialog = QFileDialog(self._window, "Open a case", str(self._beside()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Open case")
        make_roomy(dialog, self._window.theme)
        dialog.fileSelected.connect(lambda name: self.open(Path(name)))
        dialog.open()

    def new(self, *, then: Callable[[], None] | None = None) -> None:
        """Ask where a new case goes, and make it."""
        from workbench.ui.dialogs.new_case import NewCaseDialog

        dialog = NewCaseDialog(self._window.theme, self._beside(), self._window)
        dialog.wanted.connect(
            lambda path: self.leave(lambda: self._open(Path(path), create=True, then=then))
        )
        dialog.open()

    def sample(self) -> None:
        """Open the sample case; the first time it is made and filled."""
        path = self._memory.folder / "sample.case"
        exists = (path / "case.toml").exists()
        then = None if exists else self.sample_made.emit
        self.leave(lambda: self._open(path, create=not exists, then=then))

    def leave(self, go_on: Callable[[], None]) -> None:
        """Go on, after asking when a long job would be cancelled by it."""
        if not self._session.bridge.busy(Lane.HEAVY):
            go_on()
            return
        from workbench.ui.dialogs.leaving import LeaveDialog

        dialog = LeaveDialog(self._window.theme, self._window)
        dialog.accepted.connect(go_on)
        dialog.open()

    def _open(
        self, path: Path, *, create: bool = False, then: Callable[[], None] | None = None
    ) -> None:
        self._window.notices.clear()
        self._start.set_busy(busy=True)
        self._session.open(path, create=create, then=then)

    def _beside(self) -> Path:
        """Where cases probably are: beside the last one."""
        recent = self._memory.recent_cases()
        if recent:
            return recent[0].parent
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(home) if home and Path(home).is_dir() else Path.home()
