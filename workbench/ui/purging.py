"""Erasing from the window: which exchanges, the dialog that asks why, and the case opened anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.services import purging, wording
from workbench.ui.answering import Answering

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.domain.progress import JobContext
    from workbench.services.purging import Outlook, Purged
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk
    from workbench.ui.dialogs.purge import PurgeDialog
    from workbench.ui.main_window import MainWindow


class Purging(QObject):
    """Connects the action.

    Args:
        window: Owner of the dialog.
        desk: What views share.
    """

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        window.actions_["purge"].triggered.connect(lambda: window.cases.leave(self.ask))

    def ask(self) -> None:
        """Say what may be meant, and ask for the reason."""
        from workbench.ui.dialogs.purge import PurgeDialog

        selection = self._desk.hub.selection
        accounts = () if selection is None else tuple(str(key) for key in selection.accounts)

        def read(workspace: Workspace) -> tuple[int, Outlook]:
            chosen = set(accounts)
            rows = workspace.browsing.accounts().to_pylist() if chosen else []
            sent = sum(row["n_exchanges"] for row in rows if row["account_key"] in chosen)
            return sent, purging.outlook(workspace)

        def show(found: tuple[int, Outlook]) -> None:
            dialog = PurgeDialog(self._desk.theme, len(accounts), *found, self._window)
            dialog.day_chosen.connect(lambda before: self._count(dialog, before))
            dialog.wanted.connect(lambda before, why: self._erase(dialog, accounts, before, why))
            dialog.open()
            dialog.ask_count()

        self._desk.session.ask("purge", read, show)

    def _count(self, dialog: PurgeDialog, before_us: int) -> None:
        self._desk.session.ask(
            "purge.count",
            lambda workspace: purging.outlook(workspace, before_us),
            dialog.show_count,
            lambda error: dialog.say(str(error)),
        )

    def _erase(
        self, dialog: PurgeDialog, accounts: tuple[str, ...], before_us: int | None, why: str
    ) -> None:
        session = self._desk.session

        def work(path: Path, job: JobContext) -> Purged:
            if before_us is None:
                return purging.purge(path, job, why, accounts=accounts)
            return purging.purge(path, job, why, before_us=before_us)

        def done(purged: Purged) -> None:
            gone = wording.counted(purged.n_exchanges, "exchange is", "exchanges are")
            self._window.notices.say(
                f"{gone} erased; the journal keeps the digest and the reason. What was computed "
                "is gone with them: analyse the case again."
            )

        def cancelled() -> None:
            self._window.notices.say("Cancelled before the journal was told: nothing was erased.")

        answer = Answering(session, dialog)
        answer.close()
        session.run_closed("Erasing exchanges", work, done, answer.fail, cancelled)
