"""How a case is handled, from the menu: settings, time stamps, journals that lost lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from workbench.domain.errors import InputError
from workbench.domain.text import plural
from workbench.services.jobs import Lane
from workbench.ui.answering import Answering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from workbench.case.policy import Policy
    from workbench.case.stamps import Stamp
    from workbench.services.network import Reach
    from workbench.services.workspace import Workspace
    from workbench.ui.actions import Actions
    from workbench.ui.desk import Desk
    from workbench.ui.dialogs.settings import SettingsDialog
    from workbench.ui.dialogs.stamps import StampsDialog


class Custody(QObject):
    """Connects the actions.

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
        actions["stamps"].triggered.connect(lambda: self.show_stamps())
        actions["accept"].triggered.connect(lambda: self.ask_acceptance())

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

    # --- time stamps ---------------------------------------------------------------------------
    def show_stamps(self) -> None:
        """Show the stamps, and what may be asked."""
        from workbench.ui.dialogs.stamps import StampsDialog

        def show(found: tuple[list[tuple[Stamp, str]], str]) -> None:
            dialog = StampsDialog(self._desk.theme, *found, self._window)
            dialog.asked.connect(lambda url: self._stamp(dialog, lambda w: _ask(w, url)))
            dialog.request_wanted.connect(
                lambda path: self._stamp(dialog, lambda w: _write(w, path))
            )
            dialog.answer_wanted.connect(lambda path: self._stamp(dialog, lambda w: _take(w, path)))
            dialog.open()

        self._desk.session.ask("stamps", read_stamps, show)

    def _stamp(self, dialog: StampsDialog, work: Callable[[Workspace], str]) -> None:
        """Do it as a job, since a server may take its time; tell the dialog and renew its list."""
        session = self._desk.session

        def renew(found: tuple[list[tuple[Stamp, str]], str]) -> None:
            dialog.show_stamps(found[0])

        def done(sentence: str) -> None:
            dialog.tell(sentence)
            session.ask("stamps", read_stamps, renew)

        answer = Answering(session, dialog)
        session.run("Asking for a time stamp", lambda w, _: work(w), done, answer.fail)

    # --- journals that lost lines --------------------------------------------------------------
    def ask_acceptance(self) -> None:
        """Say what is missing, and ask why it is gone on without."""
        from workbench.ui.dialogs.accept_loss import AcceptLossDialog

        def show(facts: list[str]) -> None:
            dialog = AcceptLossDialog(self._desk.theme, facts, self._window)
            answer = Answering(self._desk.session, dialog)
            dialog.wanted.connect(
                lambda why: self._desk.session.ask(
                    "accept",
                    lambda w: w.auditing.accept(why),
                    answer.changed,
                    answer.fail,
                    lane=Lane.WRITE,
                )
            )
            dialog.open()

        self._desk.session.ask("accept.facts", lambda w: w.auditing.notices(), show)


def _ask(workspace: Workspace, url: str) -> str:
    asked = workspace.stamping.ask(url)
    if asked.waiting:
        waiting = plural(len(asked.waiting), "state waits", "states wait")
        return f"{waiting} for a stamp. {asked.trouble}".strip()
    return f"{plural(len(asked.stamped), 'state was', 'states were')} stamped."


def _write(workspace: Workspace, path: Path) -> str:
    _, data = workspace.stamping.request()
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}).") from error
    return f"Wrote {path}. Send it as application/timestamp-query, and take its answer here."


def _take(workspace: Workspace, path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error
    workspace.stamping.take(data)
    return "The answer was taken: the state is stamped."


def read_stamps(workspace: Workspace) -> tuple[list[tuple[Stamp, str]], str]:
    """The stamps, and the server of the settings; runs on a lane."""
    return workspace.stamping.listed(), workspace.policies.now().stamp_url


def read_settings(workspace: Workspace) -> tuple[Policy, Policy, tuple[Reach, ...]]:
    """What stands, what would where nobody set it, and the network; runs on a lane."""
    policies = workspace.policies
    embedder = workspace.analysing.last_settings().embedder
    return policies.now(), policies.unset(), policies.network(embedder)
