"""An import that was cut short: said above the map, with the choice to go on or to take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from workbench.domain.changes import Changes
from workbench.domain.text import plural, visible_text
from workbench.ui.states import OfferLine

if TYPE_CHECKING:
    from workbench.domain.interrupted import Interrupted
    from workbench.domain.progress import JobContext
    from workbench.services.importing import ImportReport
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk
    from workbench.ui.main_window import MainWindow

GO_ON: Final = "Go on"
TAKE_BACK: Final = "Take back"
#: Doubts that are said; of more there is a count.
_MOST: Final = 3


class Unfinished(QObject):
    """Connects an interrupted import with the window.

    Args:
        window: Where it is said.
        desk: What views share.
    """

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._busy = False
        #: What is said; None while there is nothing to choose.
        self.line: OfferLine | None = None
        desk.session.opened.connect(lambda _: self._opened())
        desk.session.closed.connect(self._drop)
        desk.session.changed.connect(self._on_changed)

    def go_on(self) -> None:
        """Go on with the import, as a job."""

        def work(workspace: Workspace, job: JobContext) -> ImportReport:
            return workspace.importing.resume(job)

        def done(report: ImportReport) -> None:
            self._busy = False
            doubts = [doubt.shown for doubt in report.doubts[:_MOST]]
            if more := len(report.doubts) - _MOST:
                doubts += [f"{plural(more, 'more thing', 'more things')} to look at."] * (more > 0)
            self._window.notices.say(
                f"The import is complete: {report.total.loaded:,} of "
                f"{plural(report.total.records, 'record', 'records')} loaded.",
                " ".join(doubts),
            )

        self._begin()
        self._desk.session.run("Going on with the import", work, done, self._fail, self._ended)

    def take_back(self) -> None:
        """Take the import back, as a job: what it left may be much."""

        def work(workspace: Workspace, _: JobContext) -> Changes:
            workspace.importing.roll_back()
            return Changes()

        def done(_: Changes) -> None:
            self._busy = False
            self._window.notices.say("The interrupted import was taken back.")

        self._begin()
        self._desk.session.run("Taking the import back", work, done, self._fail, self._ended)

    def _begin(self) -> None:
        self._busy = True
        self._drop()

    def _ended(self) -> None:
        self._busy = False
        self._look()

    def _fail(self, error: BaseException) -> None:
        self._desk.session.failed.emit(error)
        self._ended()

    def _opened(self) -> None:
        self._busy = False
        self._drop()
        self._look()
        self._desk.session.ask("lost import", lambda w: w.importing.lost, self._say_lost)

    def _say_lost(self, fact: str) -> None:
        if fact:
            self._window.notices.say(fact, "Import the files again.")

    def _on_changed(self, changes: Changes) -> None:
        if changes.given:
            self._look()

    def _look(self) -> None:
        self._desk.session.ask("interrupted", read, self._show)

    def _show(self, left: Interrupted | None) -> None:
        self._drop()
        if left is None or self._busy:
            return
        self.line = OfferLine(
            self._desk.theme,
            visible_text(left.fact, keep_newlines=False),
            (GO_ON, TAKE_BACK),
        )
        self.line.chosen.connect(self._choose)
        self._window.stale_place.addWidget(self.line)

    def _choose(self, action: str) -> None:
        if action == GO_ON:
            self.go_on()
        else:
            self.take_back()

    def _drop(self) -> None:
        if self.line is not None:
            self.line.hide()
            self.line.deleteLater()
            self.line = None


def read(workspace: Workspace) -> Interrupted | None:
    """What was cut short; runs on a lane."""
    return workspace.importing.interrupted()
