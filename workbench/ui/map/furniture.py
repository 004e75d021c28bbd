"""What floats on the map, and where: cards in the corners, a state in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QRegion

from workbench.ui.map.cards import HoverCard, ResultCard, ZoomBar
from workbench.ui.map.legend import LegendCard
from workbench.ui.map.minimap import MiniMap

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from workbench.ui.map.tiles import Tiles
    from workbench.ui.theme import Theme

_INSET: Final = 12
_GAP: Final = 8
#: Pixels at 100 %: below this height the legend leaves its scale away, below this width the map
#: does without the overview, so that cards never take most of it.
_LOW: Final = 440
_NARROW: Final = 760


class Furniture:
    """The cards of one map.

    Args:
        theme: The look.
        tiles: The pictures, for the overview.
        view: The map, their parent.
    """

    def __init__(self, theme: Theme, tiles: Tiles, view: QWidget) -> None:
        self._view = view
        self._placeholder: QWidget | None = None
        self.legend = LegendCard(theme, view)
        self.legend.folded.connect(self.place)
        self.zoom_bar = ZoomBar(theme, view)
        self.minimap = MiniMap(theme, tiles, view)
        self.result = ResultCard(theme, view)
        self.result.hide()
        self.hover = HoverCard(theme, view)
        self._has_points = False

    def set_placeholder(self, widget: QWidget | None, *, has_points: bool) -> None:
        """Show a state in the middle (None for none); cards show only where there are points."""
        self._has_points = has_points and widget is None
        if self._placeholder is not None and self._placeholder is not widget:
            self._placeholder.hide()
            self._placeholder.deleteLater()
        self._placeholder = widget
        if widget is not None:
            widget.setParent(self._view)
            widget.show()
        self.place()

    def boxes(self) -> list[QRectF]:
        """Boxes of the visible cards, in pixels of the map."""
        cards = (self.legend, self.zoom_bar, self.minimap, self.result)
        return [QRectF(card.geometry()) for card in cards if not card.isHidden()]

    def free_top(self) -> QRectF:
        """The map, but for what lies beside or right of the selection's card."""
        right = self._view.width()
        if not self.result.isHidden():
            right = self.result.x()
        return QRectF(0, 0, right, self._view.height())

    def opaque_region(self) -> QRegion:
        """What the visible cards hide for certain: all but their rounded corners."""
        region = QRegion()
        for card in (self.legend, self.zoom_bar, self.minimap, self.result):
            if card.isVisible():
                region += QRegion(card.geometry().adjusted(3, 3, -3, -3))
        return region

    def place(self) -> None:
        """Put everything in its place; what has no room is left out, the legend last."""
        width, height = self._view.width(), self._view.height()
        legend, bar, minimap, result = self.legend, self.zoom_bar, self.minimap, self.result
        legend.set_compact(compact=height < legend.theme.px(_LOW))
        for card in (legend, bar, result):
            card.adjustSize()
        legend.move(_INSET, height - _INSET - legend.height())
        minimap.move(width - _INSET - minimap.width(), height - _INSET - minimap.height())
        bar.move(width - _INSET - bar.width(), height - _INSET - bar.height())
        legend.setVisible(
            self._has_points
            and legend.height() + 2 * _INSET <= height
            and legend.width() + bar.width() + 3 * _INSET <= width
        )
        bar.setVisible(self._has_points and bar.height() + 2 * _INSET <= height)
        minimap.setVisible(
            self._has_points
            and width >= legend.theme.px(_NARROW)
            and legend.width() + bar.width() + minimap.width() + 5 * _INSET <= width
            and minimap.height() + result.height() + 3 * _INSET <= height
        )
        if not minimap.isHidden():
            bar.move(minimap.x() - _GAP - bar.width(), bar.y())
        result.move(width - _INSET - result.width(), _INSET)
        if self._placeholder is not None:
            self._placeholder.setGeometry(_centred(self._placeholder, width, height))


def _centred(widget: QWidget, width: int, height: int) -> QRect:
    size = widget.sizeHint().expandedTo(widget.minimumSizeHint()).boundedTo(widget.maximumSize())
    across, up = min(max(size.width(), 300), width), min(size.height(), height)
    return QRect((width - across) // 2, (height - up) // 2, across, up)
