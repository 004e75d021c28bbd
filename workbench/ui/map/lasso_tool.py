"""Drawing a shape: the states of lasso and rectangle, by mouse and by keyboard.

Knows data coordinates only and no widget: what is drawn is what decides, vertex by vertex.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from workbench.domain.selection import Combine, Polygon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.ui.map.camera import Camera
    from workbench.ui.theme import Theme


class Tool(StrEnum):
    """What dragging does."""

    PAN = "pan"
    RECTANGLE = "rectangle"
    LASSO = "lasso"


#: Words for what a shape will do, shown beside the pointer.
COMBINE_WORDS = {
    Combine.REPLACE: "",
    Combine.ADD: "Add",
    Combine.SUBTRACT: "Subtract",
    Combine.INTERSECT: "Intersect",
}


#: Many window managers take Alt and a drag for themselves: Ctrl does the same.
_SUBTRACTS = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier


def combine_of(modifiers: Qt.KeyboardModifier, mode: Combine = Combine.REPLACE) -> Combine:
    """How a shape meets the selection: Shift adds, Ctrl or Alt subtracts, both intersect.

    Args:
        modifiers: The keys that are held.
        mode: What holds while none of them is.
    """
    shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
    subtract = bool(modifiers & _SUBTRACTS)
    if shift and subtract:
        return Combine.INTERSECT
    if shift:
        return Combine.ADD
    return Combine.SUBTRACT if subtract else mode


@dataclass
class Drawing:
    """A shape being drawn.

    Attributes:
        tool: ``RECTANGLE`` or ``LASSO``.
        vertices: (x, y) in data units; of a rectangle the first corner and the present one.
    """

    tool: Tool
    vertices: list[tuple[float, float]] = field(default_factory=list)

    def add(self, x: float, y: float) -> None:
        """The pointer came here."""
        if self.tool is Tool.RECTANGLE:
            self.vertices[1:] = [(x, y)]
            if len(self.vertices) == 1:
                self.vertices.insert(0, (x, y))
        elif not self.vertices or self.vertices[-1] != (x, y):
            self.vertices.append((x, y))

    def outline(self) -> tuple[tuple[float, float], ...]:
        """The vertices of the shape as it stands."""
        if self.tool is Tool.LASSO:
            return tuple(self.vertices)
        if len(self.vertices) < 2:
            return ()
        (x0, y0), (x1, y1) = self.vertices
        return (x0, y0), (x1, y0), (x1, y1), (x0, y1)

    def polygon(self) -> Polygon | None:
        """The finished shape; None when it has no area that could hold a point."""
        outline = self.outline()
        if len(outline) < 3:
            return None
        if len({x for x, _ in outline}) < 2 or len({y for _, y in outline}) < 2:
            return None
        return Polygon(outline)


def draw_outline(
    painter: QPainter,
    theme: Theme,
    camera: Camera,
    vertices: Sequence[tuple[float, float]],
    *,
    closed: bool,
) -> None:
    """Draw a shape: a line in the accent over a casing in the map's colour, filled lightly."""
    if len(vertices) < 2:
        return
    points = QPolygonF([QPointF(*camera.to_screen(x, y)) for x, y in vertices])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("acc", 0.07))
    painter.drawPolygon(points, Qt.FillRule.OddEvenFill)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    draw = painter.drawPolygon if closed else painter.drawPolyline
    for colour, width in (("map", 4.5), ("acc", 1.8)):
        pen = QPen(theme.colour(colour), width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        draw(points)


def draw_crosshair(painter: QPainter, theme: Theme, x: float, y: float, size: float) -> None:
    """Draw the keyboard's crosshair at a pixel."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in (("map", 4.0), ("acc", 1.8)):
        painter.setPen(QPen(theme.colour(colour), width))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(QPointF(x + 4 * dx, y + 4 * dy), QPointF(x + size * dx, y + size * dy))


def draw_hint(painter: QPainter, theme: Theme, free: QRectF, hint: str) -> None:
    """Write a hint at the top of a free area, in as many lines as it needs there."""
    inside = free.adjusted(24, 19, -24, 0)
    painter.setFont(theme.font("second"))
    centred = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap)
    text = painter.boundingRect(inside, centred, hint)
    painter.setPen(QPen(theme.colour("line2"), 1))
    painter.setBrush(theme.colour("bg1"))
    painter.drawRoundedRect(text.adjusted(-12, -7, 12, 7), 6, 6)
    painter.setPen(theme.colour("t1"))
    painter.drawText(text, centred, hint)
