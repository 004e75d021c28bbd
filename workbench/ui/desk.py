"""What every view of one window shares, handed to each through its constructor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.ui.selection_hub import SelectionHub
    from workbench.ui.session import Session
    from workbench.ui.theme import Theme


class ClusterColours(QObject):
    """Which cluster has which colour: by rank when first seen, and then for good.

    The first six have a colour, the rest are grey (rank 6 and above). A later analysis that
    reorders clusters moves no colour while the case is open.
    """

    #: Clusters got a rank.
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ranks: dict[str, int] = {}

    def rank(self, cluster_id: str | None) -> int:
        """Rank of a cluster; -1 for none and for one that was never seen."""
        return -1 if cluster_id is None else self._ranks.get(cluster_id, -1)

    def in_colour(self, most: int) -> list[tuple[str, int]]:
        """The clusters that have one of the first ``most`` colours, with their ranks, in order."""
        return [(name, rank) for name, rank in self._ranks.items() if rank < most]

    def assign(self, cluster_ids: Iterable[str]) -> None:
        """Give the clusters that have no rank the next ones, in this order."""
        before = len(self._ranks)
        for name in cluster_ids:
            self._ranks.setdefault(name, len(self._ranks))
        if len(self._ranks) != before:
            self.changed.emit()

    def forget(self) -> None:
        """Start anew, for another case."""
        self._ranks.clear()
        self.changed.emit()


@dataclass(frozen=True, slots=True)
class Desk:
    """What every view shares.

    Attributes:
        theme: The look.
        session: The way to the case.
        hub: The selection, and what the dossier explains.
        colours: Colours of clusters.
    """

    theme: Theme
    session: Session
    hub: SelectionHub
    colours: ClusterColours
