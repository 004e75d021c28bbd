"""Tells a dialog what came of its request; and whoever is left, where it was closed meanwhile.

The session drops answers of views that are gone. What a decision came to is nobody's view: this is
no widget, so it is always there to hear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from shiboken6 import isValid

from workbench.domain.errors import KnownError

if TYPE_CHECKING:
    from workbench.domain.changes import Changes
    from workbench.ui.session import Session


class Saying(Protocol):
    """A dialog that says errors beside its buttons."""

    def say(self, sentence: str) -> None:
        """Say what went wrong."""

    def accept(self) -> None:
        """Close it."""


class Answering:
    """Tells a dialog what came of its request, or whoever is left.

    Args:
        session: Announces changes, and errors that no dialog hears.
        dialog: Who asked.
    """

    def __init__(self, session: Session, dialog: Saying) -> None:
        self._session = session
        self._dialog = dialog

    def close(self) -> None:
        """It is done: the dialog closes, where it is still open."""
        if isValid(self._dialog):
            self._dialog.accept()

    def changed(self, changes: Changes) -> None:
        """It is done, and every view hears what changed."""
        self._session.changed.emit(changes)
        self.close()

    def fail(self, error: BaseException) -> None:
        """Beside the buttons while the dialog is open, else above the work; bugs always so."""
        if isValid(self._dialog) and isinstance(error, KnownError):
            self._dialog.say(str(error))
        else:
            self._session.failed.emit(error)
