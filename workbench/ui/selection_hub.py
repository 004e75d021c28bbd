"""The one selection of the window, and the subject that the dossier explains.

A view hands over a shape; the hub makes the definition, has it applied in the background, drops
stale answers, and tells every view. The definition is known at once, the accounts a moment
later: views keep showing the old selection until then. Knows no widget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.domain.selection import ClusterSet, Combine, Selection, SelectionDefinition
from workbench.services.jobs import Lane

if TYPE_CHECKING:
    from workbench.domain.changes import Changes
    from workbench.domain.selection import Shape
    from workbench.ui.session import Session


@dataclass(frozen=True, slots=True)
class Subject:
    """What the dossier explains: a cluster or an account (its key, as text)."""

    cluster_id: str = ""
    account: str = ""

    def __bool__(self) -> bool:
        return bool(self.cluster_id or self.account)


class SelectionHub(QObject):
    """Holds definition, selection and subject.

    Args:
        session: Applies definitions.
        parent: Owner.
    """

    #: A new definition is being applied: ``SelectionDefinition``, name of the view that asked.
    applying = Signal(object, str)
    #: ``Selection`` or None (nothing is selected), name of the view that asked.
    applied = Signal(object, str)
    #: ``Subject``; false when the dossier has nothing to explain.
    subject_changed = Signal(object)
    #: The definition could not be applied: the exception.
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._definition = SelectionDefinition()
        self._selection: Selection | None = None
        self._subject = Subject()
        session.opened.connect(self._start_anew)
        session.closed.connect(self._start_anew)
        session.changed.connect(self._on_changed)

    @property
    def definition(self) -> SelectionDefinition:
        """The definition that holds or is being applied."""
        return self._definition

    @property
    def selection(self) -> Selection | None:
        """What was applied last; None when nothing is selected."""
        return self._selection

    @property
    def is_pending(self) -> bool:
        """Whether a definition is being applied that the selection does not show yet."""
        held = SelectionDefinition() if self._selection is None else self._selection.definition
        return held != self._definition

    @property
    def subject(self) -> Subject:
        """What the dossier explains."""
        return self._subject

    def select(self, combine: Combine, shape: Shape, initiator: str) -> None:
        """Combine a shape with the selection."""
        self._apply(self._definition.then(combine, shape), initiator)

    def select_cluster(
        self, cluster_id: str, initiator: str, combine: Combine = Combine.REPLACE
    ) -> None:
        """Select the members of a cluster and have it explained."""
        self.explain(Subject(cluster_id=cluster_id))
        self.select(combine, ClusterSet((cluster_id,)), initiator)

    def restore(self, definition: SelectionDefinition, initiator: str) -> None:
        """Select by a whole definition, in place of what is selected."""
        self._apply(definition, initiator)

    def clear(self, initiator: str = "") -> None:
        """Select nothing: every view shows everything."""
        self._session.bridge.forget("selection")
        self._definition = SelectionDefinition()
        self._selection = None
        self.applying.emit(self._definition, initiator)
        self.applied.emit(None, initiator)

    def explain(self, subject: Subject) -> None:
        """Change what the dossier explains; the selection stays."""
        if subject != self._subject:
            self._subject = subject
            self.subject_changed.emit(subject)

    def _apply(self, definition: SelectionDefinition, initiator: str) -> None:
        self._definition = definition
        self.applying.emit(definition, initiator)

        def take(selection: Selection) -> None:
            self._selection = selection
            self.applied.emit(selection, initiator)

        def refuse(error: BaseException) -> None:
            # What was selected before still holds.
            held = self._selection
            self._definition = SelectionDefinition() if held is None else held.definition
            self.failed.emit(error)

        self._session.ask(
            "selection",
            lambda workspace: workspace.selecting.apply(definition),
            take,
            refuse,
            lane=Lane.INTERACTIVE,
        )

    def _start_anew(self) -> None:
        self.explain(Subject())
        self.clear()

    def _on_changed(self, changes: Changes) -> None:
        """A new analysis may have moved accounts between clusters: apply the definition again."""
        if changes.computed and self._definition.steps:
            self._apply(self._definition, "")
