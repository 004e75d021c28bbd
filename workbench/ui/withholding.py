"""Quarantine from the window: what is read or selected, and the dialog that asks why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.services import wording
from workbench.services.jobs import Lane
from workbench.ui.answering import Answering

if TYPE_CHECKING:
    from workbench.services.access import Kept, Opened
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk
    from workbench.ui.dialogs.quarantine import QuarantineDialog
    from workbench.ui.exhibits import Exhibit
    from workbench.ui.main_window import MainWindow


class Withholding(QObject):
    """Connects the action.

    Args:
        window: Owner of the dialog.
        desk: What views share.
    """

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._reading: Exhibit | None = None
        #: What the open dialog is about: exchanges, and accounts.
        self._named: tuple[tuple[int, ...], tuple[str, ...]] = ((), ())
        window.actions_["quarantine"].triggered.connect(lambda: self.ask())
        window.prompts.reading.connect(self._read)

    def ask(self) -> None:
        """Say what may be meant, and ask for the reason."""
        from workbench.ui.dialogs.quarantine import QuarantineDialog

        selection, reading = self._desk.hub.selection, self._reading
        accounts = () if selection is None else tuple(str(key) for key in selection.accounts)

        def read(workspace: Workspace) -> tuple[int, Kept]:
            chosen = set(accounts)
            rows = workspace.browsing.accounts().to_pylist() if chosen else []
            sent = sum(row["n_exchanges"] for row in rows if row["account_key"] in chosen)
            return sent, workspace.access.kept()

        def show(found: tuple[int, Kept]) -> None:
            dialog = QuarantineDialog(
                self._desk.theme, reading, len(accounts), *found, self._window
            )
            dialog.wanted.connect(lambda whole, why: self._put(dialog, whole, why))
            dialog.open()

        exchanges = () if reading is None else (reading.exchange_id,)
        self._named = exchanges, accounts
        self._desk.session.ask("quarantine", read, show)

    def _put(self, dialog: QuarantineDialog, whole: bool, why: str) -> None:
        exchanges, accounts = self._named

        def work(workspace: Workspace) -> Opened:
            if whole:
                return workspace.access.quarantine(why, accounts=accounts)
            return workspace.access.quarantine(why, exchanges=exchanges)

        answer = Answering(self._desk.session, dialog)

        def done(opened: Opened) -> None:
            answer.changed(opened.changes)
            put = wording.counted(opened.n_exchanges, "exchange", "exchanges")
            self._window.notices.say(f"Put {put} into quarantine. Undo takes it back.")

        self._desk.session.ask("quarantine.put", work, done, answer.fail, lane=Lane.WRITE)

    def _read(self, exhibit: Exhibit | None) -> None:
        self._reading = exhibit
