"""The one selection of the window, and the subject that follows from it.

A view hands over a shape; the hub makes the definition, has it applied in the background, drops
stale answers, and tells every view. The definition is known at once, the accounts a moment
later: views keep showing the old selection until then. Knows no widget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.domain.selection import (
    AccountSet,
    ClusterSet,
    Combine,
    Selection,
    SelectionDefinition,
)
from workbench.services.jobs import Lane

if TYPE_CHECKING:
    from workbench.domain.changes import Changes
    from workbench.domain.selection import Shape
    from workbench.ui.session import Session


@dataclass(frozen=True, slots=True)
class Subject:
    """What is selected, as the dossier explains it and as labels and exports take it.

    Attributes:
        cluster_id: The cluster, where exactly one was chosen.
        account: Its key as text, where it is a single account.
        selection: Any other selection that holds accounts.
    """

    cluster_id: str = ""
    account: str = ""
    selection: Selection | None = None

    def __bool__(self) -> bool:
        return bool(self.cluster_id or self.account or self.selection is not None)


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
    #: ``Subject``; false when nothing is selected.
    subject_changed = Signal(object)
    #: A shape that is drawn with no key held meets the selection in another way: ``Combine``.
    mode_changed = Signal(object)
    #: The definition could not be applied: the exception.
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._definition = SelectionDefinition()
        self._selection: Selection | None = None
        self._subject = Subject()
        self._mode = Combine.REPLACE
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
        """What is selected; for a shape that is still being applied, what was before."""
        return self._subject

    @property
    def mode(self) -> Combine:
        """How a shape that is drawn with no key held meets the selection."""
        return self._mode

    def set_mode(self, mode: Combine) -> None:
        """Let shapes meet the selection in another way from now on."""
        if mode is not self._mode:
            self._mode = mode
            self.mode_changed.emit(mode)

    def select(self, combine: Combine, shape: Shape, initiator: str) -> None:
        """Combine a shape with the selection."""
        self._apply(self._definition.then(combine, shape), initiator)

    def select_cluster(
        self, cluster_id: str, initiator: str, combine: Combine = Combine.REPLACE
    ) -> None:
        """Select the members of a cluster."""
        self.select(combine, ClusterSet((cluster_id,)), initiator)

    def restore(self, definition: SelectionDefinition, initiator: str) -> None:
        """Select by a whole definition, in place of what is selected."""
        self._apply(definition, initiator)

    def clear(self, initiator: str = "") -> None:
        """Select nothing: every view shows everything."""
        self._session.bridge.forget("selection")
        self._definition = SelectionDefinition()
        self._selection = None
        self._explain(Subject())
        self.applying.emit(self._definition, initiator)
        self.applied.emit(None, initiator)

    def _explain(self, subject: Subject) -> None:
        if subject != self._subject:
            self._subject = subject
            self.subject_changed.emit(subject)

    def _apply(self, definition: SelectionDefinition, initiator: str) -> None:
        self._definition = definition
        named = named_by(definition)
        if named:
            # Known at once, so that the dossier need not wait for the accounts.
            self._explain(named)
        self.applying.emit(definition, initiator)

        def take(selection: Selection) -> None:
            self._selection = selection
            self._explain(subject_of(selection))
            self.applied.emit(selection, initiator)

        def refuse(error: BaseException) -> None:
            # What was selected before still holds.
            held = self._selection
            self._definition = SelectionDefinition() if held is None else held.definition
            self._explain(Subject() if held is None else subject_of(held))
            self.failed.emit(error)

        self._session.ask(
            "selection",
            lambda workspace: workspace.selecting.apply(definition),
            take,
            refuse,
            lane=Lane.INTERACTIVE,
        )

    def _start_anew(self) -> None:
        self.set_mode(Combine.REPLACE)
        self.clear()

    def _on_changed(self, changes: Changes) -> None:
        """A new analysis may have moved accounts between clusters: apply the definition again."""
        if changes.computed and self._definition.steps:
            self._apply(self._definition, "")


def named_by(definition: SelectionDefinition) -> Subject:
    """The one cluster or account that a definition names; false where it is a shape or several."""
    match [step.shape for step in definition.steps]:
        case [ClusterSet((cluster_id,))]:
            return Subject(cluster_id=cluster_id)
        case [AccountSet((key,))]:
            return Subject(account=str(key))
    return Subject()


def subject_of(selection: Selection) -> Subject:
    """What a selection is; false where it holds no account."""
    named = named_by(selection.definition)
    if named or not selection.accounts:
        return named
    if len(selection.accounts) == 1:
        return Subject(account=str(selection.accounts[0]))
    return Subject(selection=selection)
