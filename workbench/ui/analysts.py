"""Several analysts on one case: copies merged, conflicts decided, labels of others signed off.

Conflicts are said above the map for as long as there are any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from workbench.services import wording
from workbench.services.export_scope import Scope
from workbench.services.jobs import Lane
from workbench.ui.answering import Answering
from workbench.ui.deciding import target_of
from workbench.ui.states import OfferLine

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.domain.changes import Changes
    from workbench.domain.label import Label
    from workbench.domain.progress import JobContext
    from workbench.services.merging import Merged
    from workbench.services.reviewing import Conflict, Standing
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk
    from workbench.ui.dialogs.conflicts import ConflictsDialog
    from workbench.ui.dialogs.merge_copy import MergeDialog
    from workbench.ui.dialogs.sign_off import SignOffDialog
    from workbench.ui.main_window import MainWindow

SHOW: Final = "Show conflicts"


class Analysts(QObject):
    """Connects the actions for merging, conflicts and sign-off.

    Args:
        window: Owner of dialogs, and where conflicts are said.
        desk: What views share.
    """

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._dialog: ConflictsDialog | None = None
        #: What is said above the map; None without conflicts.
        self.line: OfferLine | None = None
        window.actions_["merge"].triggered.connect(lambda: self.ask_copy())
        window.actions_["conflicts"].triggered.connect(lambda: self.show_conflicts())
        window.actions_["sign-off"].triggered.connect(lambda: self.ask_sign_off())
        desk.session.opened.connect(lambda _: self._look())
        desk.session.closed.connect(self._drop)
        desk.session.changed.connect(self._on_changed)

    # --- merging -----------------------------------------------------------------------------
    def ask_copy(self) -> None:
        """Ask which copy is merged."""
        from workbench.ui.dialogs.merge_copy import MergeDialog

        if self._desk.session.path is None:
            return
        beside = self._desk.session.path.resolve().parent
        dialog = MergeDialog(self._desk.theme, beside, self._window)
        dialog.wanted.connect(lambda copy, why: self.merge(dialog, copy, why))
        dialog.open()

    def merge(self, dialog: MergeDialog, copy: Path, why: str) -> None:
        """Merge a copy, as a job: its journals are checked first."""

        def work(workspace: Workspace, _: JobContext) -> Merged:
            return workspace.merging.merge(copy, why)

        answer = Answering(self._desk.session, dialog)

        def done(merged: Merged) -> None:
            answer.close()
            self._window.notices.say(merged.told())

        self._desk.session.run("Merging a copy", work, done, answer.fail)

    # --- conflicts ---------------------------------------------------------------------------
    def show_conflicts(self) -> None:
        """Show what stands against each other, for decision."""
        self._desk.session.ask("conflicts.show", read, self._open)

    def _open(self, found: list[Conflict]) -> None:
        from workbench.ui.dialogs.conflicts import ConflictsDialog

        dialog = ConflictsDialog(self._desk.theme, found, self._window)
        dialog.decided.connect(
            lambda label, why, accounts: self._decide(dialog, label, why, accounts)
        )
        dialog.finished.connect(lambda _: self._closed())
        self._dialog = dialog
        dialog.open()

    def _closed(self) -> None:
        self._dialog = None

    def _decide(
        self, dialog: ConflictsDialog, label: Label, why: str, accounts: tuple[str, ...]
    ) -> None:
        def work(workspace: Workspace) -> Changes:
            return workspace.labelling.label(label, why, accounts=accounts)

        self._desk.session.change(work, Answering(self._desk.session, dialog).fail)

    def _on_changed(self, changes: Changes) -> None:
        if changes.decided or changes.frame:
            self._look()

    def _look(self) -> None:
        self._desk.session.ask("conflicts", read, self._show)

    def _show(self, found: list[Conflict]) -> None:
        if self._dialog is not None:
            self._dialog.show_found(found)
        self._drop()
        n = sum(len(one.accounts) for one in found)
        if not n:
            return
        self.line = OfferLine(
            self._desk.theme,
            f"Analysts labelled {wording.accounts(n)} differently, without having seen each "
            "other's labels.",
            (SHOW,),
        )
        self.line.chosen.connect(lambda _: self.show_conflicts())
        self._window.stale_place.addWidget(self.line)

    def _drop(self) -> None:
        if self.line is not None:
            self.line.hide()
            self.line.deleteLater()
            self.line = None

    # --- sign-off ----------------------------------------------------------------------------
    def ask_sign_off(self) -> None:
        """Show the labels that stand on what is selected, and ask for the reason."""
        from workbench.ui.dialogs.sign_off import SignOffDialog

        selection = self._desk.hub.selection
        if selection is None or not selection.accounts:
            return
        target = target_of(selection)
        scope = (
            Scope(clusters=(target.cluster_id,))
            if target.cluster_id
            else Scope(accounts=tuple(str(key) for key in target.accounts))
        )

        def show(standing: list[Standing]) -> None:
            dialog = SignOffDialog(self._desk.theme, target.words, standing, self._window)
            dialog.wanted.connect(lambda why: self._sign_off(dialog, scope, why))
            dialog.open()

        self._desk.session.ask("sign-off", lambda w: w.reviewing.standing(scope), show)

    def _sign_off(self, dialog: SignOffDialog, scope: Scope, why: str) -> None:
        answer = Answering(self._desk.session, dialog)
        self._desk.session.ask(
            "sign-off.write",
            lambda w: w.reviewing.sign_off(scope, why),
            answer.changed,
            answer.fail,
            lane=Lane.WRITE,
        )


def read(workspace: Workspace) -> list[Conflict]:
    """What stands against each other; runs on a lane."""
    return workspace.reviewing.conflicts()
