"""The exchange under the pointer: a ring around its point, and what it is beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QPainter, QPen

from workbench.domain.text import visible_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.ui.map.cards import HoverCard
    from workbench.ui.map.motion import Motion
    from workbench.ui.map.tiles import Tiles
    from workbench.ui.theme import Theme


class Hover(QObject):
    """What the pointer is on.

    Args:
        theme: The look.
        tiles: The points.
        motion: Where they are looked at from.
        card: Where the text is shown.
        describe: Text for an exchange_id; None when it is not known yet.
        parent: Owner.
    """

    #: The ring must be drawn anew.
    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        tiles: Tiles,
        motion: Motion,
        card: HoverCard,
        describe: Callable[[int], str | None] | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tiles = tiles
        self._motion = motion
        self._card = card
        self._describe = describe
        self._rank = -1

    def forget(self) -> None:
        """Other points: the rank means nothing any more."""
        self._rank = -1
        self._card.hide()

    def point_at(self, rank: int) -> None:
        """The pointer is on the point of that rank, or on none (-1)."""
        if rank == self._rank:
            return
        self._rank = rank
        self._card.hide()
        self.changed.emit()
        exchange_id = self.exchange_at(rank)
        if exchange_id is not None and self._describe is not None:
            text = self._describe(exchange_id)
            if text is not None:
                self._show(text)

    def show_description(self, exchange_id: int, text: str) -> None:
        """A description arrived; shown if the pointer is still on that exchange."""
        if self.exchange_at(self._rank) == exchange_id:
            self._show(text)

    def hide(self) -> None:
        """The map moves: take the text away, keep the ring."""
        self._card.hide()

    def exchange_at(self, rank: int) -> int | None:
        """The exchange_id of a point; None for none."""
        indexed = self._tiles.indexed
        if indexed is None or not 0 <= rank < len(indexed.exchange_id):
            return None
        return int(indexed.exchange_id[rank])

    def draw(self, painter: QPainter) -> None:
        """Draw the ring."""
        at = self._pixel()
        if at is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, width in (("map", 4.0), ("t1", 1.8)):
                painter.setPen(QPen(self._theme.colour(colour), width))
                painter.drawEllipse(at, 6, 6)

    def _pixel(self) -> QPointF | None:
        indexed = self._tiles.indexed
        if indexed is None or not 0 <= self._rank < len(indexed.index):
            return None
        x, y = float(indexed.index.x[self._rank]), float(indexed.index.y[self._rank])
        return QPointF(*self._motion.camera.to_screen(x, y))

    def _show(self, text: str) -> None:
        at = self._pixel()
        if at is not None:
            self._card.show_at(visible_text(text), at.x(), at.y())
