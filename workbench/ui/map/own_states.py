"""What the map says by itself while it has nothing to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.domain.text import plural
from workbench.ui.states import EmptyState, LoadingState

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from workbench.ui.map.worker import Placed
    from workbench.ui.theme import Theme


def own_state(theme: Theme, n_exchanges: int, placed: Placed | None) -> QWidget | None:
    """The map's own empty or loading state; None when there are points to draw.

    Args:
        theme: The look.
        n_exchanges: How many the map was given.
        placed: Where they are, once that is known.
    """
    if not n_exchanges:
        return EmptyState(
            theme,
            "ph.map-trifold",
            "No exchanges yet",
            "Import a log. Every exchange becomes a point of this map.",
        )
    if placed is None:
        placing = f"Placing {plural(n_exchanges, 'exchange', 'exchanges')}"
        return LoadingState(theme, placing, cancellable=False)
    if not placed.n_placed:
        counted = plural(n_exchanges, "exchange is", "exchanges are")
        return EmptyState(
            theme,
            "ph.map-pin-line",
            "No exchange has a place",
            f"{counted} in the case, without a place on the map. Analyse the case.",
        )
    return None
