"""The reading pane, and what it shows in place of texts that a case keeps back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QStackedWidget

from workbench.ui.panels.prompt_reader import PromptReader
from workbench.ui.states import EmptyState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.domain.changes import Changes
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk

NAME: Final = "reveal"


class ReadingPane(QStackedWidget):
    """Texts, or why they are not read, with the way to a reveal.

    Args:
        desk: What views share.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._exchange: int | None = None
        self._account = ""
        self.reader = PromptReader(desk.theme)
        self.kept = EmptyState(
            desk.theme,
            "ph.eye-slash",
            "Prompts of this case are read after a reveal",
            "A reveal is a line of the journal, with your reason.",
            action="Reveal...",
        )
        self.addWidget(self.reader)
        self.addWidget(self.kept)
        self.kept.acted.connect(self.ask)
        # As narrow as the texts may be.
        self.setMinimumWidth(self.reader.minimumSizeHint().width())

    def show_parts(self, parts: Sequence[tuple[str, str | None]]) -> None:
        """Show (heading, visible text) one below the other; None where nothing is recorded."""
        self.reader.show_parts(parts)
        self.setCurrentWidget(self.reader)

    def keep_back(self, exchange_id: int, account: str) -> None:
        """Say that an exchange is read after a reveal.

        Args:
            exchange_id: The exchange.
            account: Key of its account; empty where it has none.
        """
        self._exchange, self._account = exchange_id, account
        self.reader.show_parts([])
        self.setCurrentWidget(self.kept)

    def ask(self) -> None:
        """Ask for the reason."""
        from workbench.ui.dialogs.reveal import RevealDialog

        value = self._account.split(":", 2)[-1]
        dialog = RevealDialog(self._desk.theme, value, self.window())
        dialog.decided.connect(self._reveal)
        dialog.open()

    def _reveal(self, whole_account: bool, why: str) -> None:
        exchange, account = self._exchange, self._account
        if exchange is None:
            return

        def work(workspace: Workspace) -> Changes:
            if whole_account:
                return workspace.access.reveal(why, accounts=[account]).changes
            return workspace.access.reveal(why, exchanges=[exchange]).changes

        self._desk.session.change(work)
