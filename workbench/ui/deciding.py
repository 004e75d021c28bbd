"""Labelling from the window: what is labelled, the reason, the journal.

What a label binds is the selection where there is one, else what the dossier explains. A whole
cluster is labelled as a cluster, so that its later joiners can be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.domain.account import AccountKey
from workbench.domain.label import Label
from workbench.domain.selection import ClusterSet, Selection
from workbench.services import wording
from workbench.ui import figures
from workbench.ui.actions import LABEL_ACTIONS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from workbench.domain.changes import Changes
    from workbench.services.workspace import Workspace
    from workbench.ui.actions import Actions
    from workbench.ui.desk import Desk


@dataclass(frozen=True, slots=True)
class Target:
    """What a label would bind.

    Attributes:
        words: In words, for the dialog.
        n_accounts: How many accounts.
        cluster_id: The cluster, or "".
        accounts: The accounts, where it is no cluster.
    """

    words: str
    n_accounts: int
    cluster_id: str = ""
    accounts: tuple[AccountKey, ...] = ()


class Deciding(QObject):
    """Connects the label actions.

    Args:
        window: Owner of dialogs.
        desk: What views share.
        actions: The actions of the window.
    """

    def __init__(self, window: QWidget, desk: Desk, actions: Actions) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._waiting: Label | None = None
        for name, label in LABEL_ACTIONS.items():
            actions[name].triggered.connect(lambda _=False, label=label: self.label(label))
        # Without a key that says which, the dialog begins with the one that accuses nobody.
        actions["label"].triggered.connect(lambda: self.label(Label.NEEDS_REVIEW))
        desk.hub.applied.connect(lambda _s, _i: self._go_on())

    def label(self, label: Label) -> None:
        """Ask for the reason and label what is selected or explained."""
        hub = self._desk.hub
        if hub.is_pending:
            # The key was faster than the selection: label what was meant.
            self._waiting = label
            return
        target = target_of(hub.selection) if hub.selection is not None else None
        if target is not None and target.n_accounts:
            self._open(target, label)
        elif hub.subject.cluster_id:
            cluster_id = hub.subject.cluster_id
            self._desk.session.ask(
                "label target",
                lambda w: members(w, cluster_id),
                lambda target: self._open(target, label),
            )
        elif hub.subject.account:
            key = AccountKey.parse(hub.subject.account)
            self._open(Target(figures.line(key.value), 1, accounts=(key,)), label)

    def _go_on(self) -> None:
        label, self._waiting = self._waiting, None
        if label is not None:
            self.label(label)

    def _open(self, target: Target, label: Label) -> None:
        from workbench.ui.dialogs.label_reason import LabelDialog

        dialog = LabelDialog(self._desk.theme, target.words, target.n_accounts, label, self._window)
        dialog.decided.connect(lambda chosen, why: self._decide(target, Label(chosen), why))
        dialog.open()

    def _decide(self, target: Target, label: Label, why: str) -> None:
        def work(workspace: Workspace) -> Changes:
            return workspace.labelling.label(
                label, why, accounts=target.accounts, cluster_id=target.cluster_id
            )

        self._desk.session.change(work)


def target_of(selection: Selection) -> Target:
    """What a label of a selection binds."""
    steps = selection.definition.steps
    size = len(selection.accounts)
    if len(steps) == 1 and isinstance(steps[0].shape, ClusterSet):
        names = steps[0].shape.cluster_ids
        if len(names) == 1:
            return Target(names[0], size, cluster_id=names[0])
    if size == 1:
        return Target(figures.line(selection.accounts[0].value), 1, accounts=selection.accounts)
    return Target(f"the {wording.accounts(size)} selected", size, accounts=selection.accounts)


def members(workspace: Workspace, cluster_id: str) -> Target:
    """A cluster and how many accounts it binds now; runs on a lane."""
    row = workspace.browsing.cluster_row(cluster_id)
    return Target(cluster_id, row["n_labelled"] + row["n_unreviewed"], cluster_id=cluster_id)
