"""Tables beside the logs: connects the action with its dialog, and the dialog with the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.domain.changes import Changes

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from workbench.domain.added import AddedKind, AddedTable
    from workbench.domain.progress import JobContext
    from workbench.services.joining import JoinReport
    from workbench.services.workspace import Workspace
    from workbench.ui.actions import Actions
    from workbench.ui.desk import Desk
    from workbench.ui.dialogs.added_tables import AddedTablesDialog


class Joining(QObject):
    """Connects the action for added tables.

    Args:
        window: Owner of the dialog.
        desk: What views share.
        actions: The actions of the window.
    """

    def __init__(self, window: QWidget, desk: Desk, actions: Actions) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._dialog: AddedTablesDialog | None = None
        actions["tables"].triggered.connect(lambda: self.show_tables())
        desk.session.changed.connect(lambda _: self._renew())

    def show_tables(self) -> None:
        """Show what was added."""
        self._desk.session.ask("added tables", read, self._open)

    def add(self, kind: AddedKind, path: Path, zone: str) -> None:
        """Add a table as a job."""

        def work(workspace: Workspace, job: JobContext) -> JoinReport:
            return workspace.joining.add(kind, path, job, zone=zone)

        def done(report: JoinReport) -> None:
            # Of what was counted the sums: the command line tells where it differs.
            said = [*report.told[:1], *(doubt.shown for doubt in report.doubts)]
            self._say(" ".join(said) or "Added.")

        self._desk.session.run(
            f"Adding a table of {kind.value}", work, done, lambda error: self._fail(error)
        )

    def remove(self, added_id: int) -> None:
        """Take a table out."""

        def work(workspace: Workspace) -> Changes:
            workspace.joining.remove(added_id)
            return Changes(given=True)

        self._desk.session.change(work, lambda error: self._fail(error))

    def _open(self, tables: tuple[AddedTable, ...]) -> None:
        from workbench.ui.dialogs.added_tables import AddedTablesDialog

        dialog = AddedTablesDialog(self._desk.theme, tables, self._window)
        dialog.wanted.connect(self.add)
        dialog.removed.connect(self.remove)
        dialog.finished.connect(lambda _: self._closed())
        self._dialog = dialog
        dialog.open()

    def _closed(self) -> None:
        self._dialog = None

    def _renew(self) -> None:
        def show(tables: tuple[AddedTable, ...]) -> None:
            if self._dialog is not None:
                self._dialog.show_tables(tables)

        if self._dialog is not None:
            self._desk.session.ask("added tables", read, show)

    def _fail(self, error: BaseException) -> None:
        """Beside the buttons while the dialog is open, else as every error; bugs always so."""
        from workbench.domain.errors import KnownError

        if self._dialog is not None and isinstance(error, KnownError):
            self._dialog.say(str(error))
        else:
            self._desk.session.failed.emit(error)

    def _say(self, sentence: str) -> None:
        if self._dialog is not None:
            self._dialog.say(sentence)


def read(workspace: Workspace) -> tuple[AddedTable, ...]:
    """What was added; runs on a lane."""
    return workspace.joining.tables()
