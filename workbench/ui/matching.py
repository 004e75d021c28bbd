"""A campaign of another log, looked for in this case: the dialog, the job, the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from workbench.domain.account import AccountKey
from workbench.domain.selection import AccountSet, Combine
from workbench.services.jobs import JobEvent

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from workbench.domain.progress import JobContext
    from workbench.services.matches import Matched
    from workbench.services.workspace import Workspace
    from workbench.ui.actions import Actions
    from workbench.ui.desk import Desk
    from workbench.ui.dialogs.match import MatchDialog

NAME: Final = "matching"


class Matching(QObject):
    """Connects the action.

    Args:
        window: Owner of the dialog.
        desk: What views share.
        actions: The actions of the window.
    """

    def __init__(self, window: QWidget, desk: Desk, actions: Actions) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._job = 0
        self._dialog: MatchDialog | None = None
        actions["match"].triggered.connect(lambda: self.ask())
        desk.session.bridge.told.connect(self._hear)

    def ask(self) -> None:
        """Ask for the files."""
        from workbench.ui.dialogs.match import MatchDialog

        dialog = MatchDialog(self._desk.theme, self._desk.colours.rank, self._window)
        dialog.wanted.connect(self.look)
        dialog.chosen.connect(self.select)
        dialog.cancelled.connect(self._cancel)
        dialog.finished.connect(lambda _: self._closed())
        self._dialog = dialog
        dialog.open()

    def look(self, paths: tuple[Path, ...]) -> None:
        """Look for what the files hold, as a job."""
        dialog = self._dialog

        def work(workspace: Workspace, job: JobContext) -> list[Matched]:
            return workspace.fingerprinting.match(paths, job)

        if dialog is not None:
            self._job = self._desk.session.run(
                "Looking for fingerprints",
                work,
                dialog.show_found,
                dialog.show_error,
                lambda: dialog.show_error(None),
            )

    def select(self, keys: tuple[str, ...]) -> None:
        """Select accounts on the map."""
        accounts = AccountSet(tuple(AccountKey.parse(key) for key in keys))
        self._desk.hub.select(Combine.REPLACE, accounts, NAME)

    def _hear(self, event: object) -> None:
        if (
            self._dialog is not None
            and isinstance(event, JobEvent)
            and event.job_id == self._job
            and event.progress is not None
        ):
            self._dialog.show_progress(event.progress)

    def _cancel(self) -> None:
        self._desk.session.bridge.cancel(self._job)

    def _closed(self) -> None:
        # Who closes it no longer waits for the answer.
        self._dialog = None
        self._cancel()
