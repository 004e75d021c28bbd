"""Saving the selection and selecting it again: connects the two actions with their dialogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.domain.selection import ClusterSet
from workbench.services import wording
from workbench.ui import figures

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from workbench.domain.selection import Selection
    from workbench.services.keeping import KeptSelection, Recalled
    from workbench.services.workspace import Workspace
    from workbench.ui.actions import Actions
    from workbench.ui.desk import Desk
    from workbench.ui.dialogs.selections import SelectionsDialog
    from workbench.ui.notices import Notices

NAME = "kept selection"


class Recalling(QObject):
    """Connects the actions that keep selections.

    Args:
        window: Owner of dialogs.
        desk: What views share.
        actions: The actions of the window.
        notices: Where it is said that what was recalled is not what the shapes find now.
    """

    def __init__(self, window: QWidget, desk: Desk, actions: Actions, notices: Notices) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._notices = notices
        self._dialog: SelectionsDialog | None = None
        actions["save-selection"].triggered.connect(lambda: self.save())
        actions["selections"].triggered.connect(lambda: self.show_kept())
        desk.session.changed.connect(lambda _: self._renew())

    def save(self) -> None:
        """Ask for a name and keep what is selected now."""
        from workbench.ui.dialogs.selections import SaveSelectionDialog

        selection = self._desk.hub.selection
        if selection is None or not selection.accounts:
            return
        dialog = SaveSelectionDialog(
            self._desk.theme, selection, suggestion(selection), self._window
        )
        dialog.wanted.connect(
            lambda name: self._desk.session.change(lambda w: w.keeping.keep(name, selection))
        )
        dialog.open()

    def show_kept(self) -> None:
        """Show what is kept."""
        self._desk.session.ask("kept selections", read, self._open)

    def _open(self, answer: tuple[list[KeptSelection], str]) -> None:
        from workbench.ui.dialogs.selections import SelectionsDialog

        dialog = SelectionsDialog(self._desk.theme, *answer, self._window)
        dialog.recalled.connect(self.recall)
        dialog.forgotten.connect(
            lambda entry: self._desk.session.change(lambda w: w.keeping.forget(entry))
        )
        dialog.finished.connect(lambda _: self._closed())
        self._dialog = dialog
        dialog.open()

    def _closed(self) -> None:
        self._dialog = None

    def _renew(self) -> None:
        def show(answer: tuple[list[KeptSelection], str]) -> None:
            if self._dialog is not None:
                self._dialog.show_kept(answer[0])

        if self._dialog is not None:
            self._desk.session.ask("kept selections", read, show)

    def recall(self, entry: str) -> None:
        """Select what is kept under an entry."""
        self._desk.session.ask(NAME, lambda w: w.keeping.recall(entry), self._select)

    def _select(self, recalled: Recalled) -> None:
        self._desk.hub.restore(recalled.definition, NAME)
        if recalled.frozen and recalled.kept.definition is not None:
            more = ""
            if recalled.n_missing:
                are = "is" if recalled.n_missing == 1 else "are"
                more = f"{wording.accounts(recalled.n_missing)} {are} not in these results."
            self._notices.say(
                f"{figures.line(recalled.kept.name)}: its shapes find other accounts by now, so "
                f"the {wording.accounts(len(recalled.kept.accounts))} that were saved are "
                "selected.",
                more,
            )


def suggestion(selection: Selection) -> str:
    """A name to begin with; empty where none offers itself."""
    steps = selection.definition.steps
    if len(steps) == 1 and isinstance(steps[0].shape, ClusterSet):
        return ", ".join(steps[0].shape.cluster_ids)
    return ""


def read(workspace: Workspace) -> tuple[list[KeptSelection], str]:
    """What is kept, and the key of who asks; runs on a lane."""
    return workspace.keeping.kept(), workspace.signer().fingerprint
