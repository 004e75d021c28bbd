"""What may be undone and redone, mirrored from the journal.

The journal is the undo model: it survives a restart and has no limit. The screen only shows it,
so there is no second stack that could disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from workbench.ui import figures

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from workbench.services.workspace import Workspace
    from workbench.ui.session import Session

NAME: Final = "undo"


@dataclass(frozen=True, slots=True)
class Undoable:
    """What undo and redo would do now; empty when there is nothing.

    Attributes:
        undo: What would be taken back ("labelled C-005, 12 accounts: benign").
        redo: What would come back.
        last_us: When the last one was written; None for an empty journal.
    """

    undo: str = ""
    redo: str = ""
    last_us: int | None = None


class UndoMirror(QObject):
    """Keeps the two actions true.

    Args:
        session: The way to the case.
        undo: The action that takes back.
        redo: The action that takes the undo back.
        parent: Owner.
    """

    #: ``Undoable``.
    changed = Signal(object)

    def __init__(
        self, session: Session, undo: QAction, redo: QAction, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._undo, self._redo = undo, redo
        undo.triggered.connect(lambda: session.change(lambda w: w.labelling.undo()))
        redo.triggered.connect(lambda: session.change(lambda w: w.labelling.redo()))
        session.opened.connect(lambda _: self.refresh())
        # Whatever changed, the journal may have a new line.
        session.changed.connect(lambda _: self.refresh())
        session.closed.connect(lambda: self._take(Undoable()))

    def refresh(self) -> None:
        """Ask the journal."""
        self._session.ask(NAME, read, self._take)

    def _take(self, state: Undoable) -> None:
        for action, word, what in (
            (self._undo, "Undo", state.undo),
            (self._redo, "Redo", state.redo),
        ):
            action.setEnabled(bool(what))
            said = figures.line(what)
            action.setText(f"{word}: {said}" if said else word)
            action.setIconText(word)
            key = action.shortcut().toString()
            action.setToolTip(figures.tooltip(f"{action.text()} ({key})"))
        self.changed.emit(state)


def read(workspace: Workspace) -> Undoable:
    """What may be undone and redone now; runs on a lane."""
    labelling = workspace.labelling
    lines = labelling.history()
    return Undoable(
        labelling.undo_words,
        labelling.redo_words,
        lines[0].at_us if lines else None,
    )
