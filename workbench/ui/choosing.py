"""Selecting from the menu: every account, or all that are not selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from workbench.domain.account import AccountKey
from workbench.domain.selection import AccountSet, Combine

if TYPE_CHECKING:
    from workbench.services.workspace import Workspace
    from workbench.ui.actions import Actions
    from workbench.ui.desk import Desk

NAME: Final = "choosing"


class Choosing(QObject):
    """Connects the actions.

    Args:
        desk: What views share.
        actions: The actions of the window.
        parent: Owner.
    """

    def __init__(self, desk: Desk, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        actions["select-all"].triggered.connect(lambda: self._select(without=()))
        actions["invert"].triggered.connect(lambda: self._invert())

    def _invert(self) -> None:
        selection = self._desk.hub.selection
        if selection is not None:
            self._select(without=selection.accounts)

    def _select(self, without: tuple[AccountKey, ...]) -> None:
        def work(workspace: Workspace) -> tuple[AccountKey, ...]:
            held = workspace.browsing.accounts().column("account_key").to_pylist()
            keys = {AccountKey.parse(key) for key in held}.difference(without)
            return tuple(sorted(keys, key=lambda key: (key.kind, key.namespace, key.value)))

        def select(keys: tuple[AccountKey, ...]) -> None:
            if keys:
                self._desk.hub.select(Combine.REPLACE, AccountSet(keys), NAME)
            else:
                self._desk.hub.clear(NAME)

        self._desk.session.ask(NAME, work, select)
