"""Shapes in the making."""

import pytest
from PySide6.QtCore import Qt

from workbench.domain.selection import Combine, Polygon
from workbench.ui.map.lasso_tool import Drawing, Tool, combine_of

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


@pytest.mark.parametrize(
    ("modifiers", "combine"),
    [
        (Qt.KeyboardModifier.NoModifier, Combine.REPLACE),
        (SHIFT, Combine.ADD),
        (ALT, Combine.SUBTRACT),
        (SHIFT | ALT, Combine.INTERSECT),
        (Qt.KeyboardModifier.ControlModifier, Combine.SUBTRACT),
    ],
)
def test_modifiers_say_how_shapes_combine(modifiers: Qt.KeyboardModifier, combine: Combine) -> None:
    assert combine_of(modifiers) is combine


def test_every_vertex_of_a_lasso_is_kept() -> None:
    drawing = Drawing(Tool.LASSO)
    drawn = [(i / 7, (i * i) % 11 / 3) for i in range(200)]
    for x, y in drawn:
        drawing.add(x, y)
        drawing.add(x, y)
    assert drawing.polygon() == Polygon(tuple(drawn))


def test_a_rectangle_follows_its_second_corner() -> None:
    drawing = Drawing(Tool.RECTANGLE)
    drawing.add(1, 1)
    assert drawing.polygon() is None
    drawing.add(5, 9)
    drawing.add(3, 4)
    assert drawing.polygon() == Polygon(((1, 1), (3, 1), (3, 4), (1, 4)))


@pytest.mark.parametrize(
    ("tool", "points"),
    [
        (Tool.LASSO, []),
        (Tool.LASSO, [(0, 0), (1, 1)]),
        (Tool.LASSO, [(0, 0), (1, 0), (2, 0)]),
        (Tool.RECTANGLE, []),
        (Tool.RECTANGLE, [(1, 1)]),
        (Tool.RECTANGLE, [(1, 1), (1, 5)]),
    ],
)
def test_a_shape_without_area_is_none(tool: Tool, points: list[tuple[float, float]]) -> None:
    drawing = Drawing(tool)
    for x, y in points:
        drawing.add(x, y)
    assert drawing.polygon() is None
