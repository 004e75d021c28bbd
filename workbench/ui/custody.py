"""How a case is handled, from the menu: its settings. Connects the dialog with the case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from workbench.services.jobs import Lane
from workbench.ui.answering import Answering

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from workbench.case.policy import Policy
    from workbench.services.network import Reach
    from workbench.services.workspace import Workspace
    from workbench.ui.actions import Actions
    from workbench.ui.desk import Desk
    from workbench.ui.dialogs.settings import SettingsDialog


class Custody(QObject):
    """Connects the action for settings.

    Args:
        window: Owner of the dialog.
        desk: What views share.
        actions: The actions of the window.
    """

    def __init__(self, window: QWidget, desk: Desk, actions: Actions) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        actions["settings"].triggered.connect(lambda: self.show_settings())

    def show_settings(self) -> None:
        """Show how the case wants to be handled."""
        from workbench.ui.dialogs.settings import SettingsDialog

        def show(found: tuple[Policy, Policy, tuple[Reach, ...]]) -> None:
            dialog = SettingsDialog(self._desk.theme, *found, self._window)
            dialog.wanted.connect(lambda wanted, why: self._set(dialog, wanted, why))
            dialog.open()

        self._desk.session.ask("settings", read_settings, show)

    def _set(self, dialog: SettingsDialog, wanted: dict[str, Any], why: str) -> None:
        answer = Answering(self._desk.session, dialog)
        self._desk.session.ask(
            "settings.set",
            lambda w: w.policies.set(wanted, why),
            answer.changed,
            answer.fail,
            lane=Lane.WRITE,
        )


def read_settings(workspace: Workspace) -> tuple[Policy, Policy, tuple[Reach, ...]]:
    """What stands, what would where nobody set it, and the network; runs on a lane."""
    policies = workspace.policies
    embedder = workspace.analysing.last_settings().embedder
    return policies.now(), policies.unset(), policies.network(embedder)
