"""What a hand does on the map: shapes drawn to select, points pointed at and clicked."""

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.map.by_hand import (
    ALT,
    CONTROL,
    FIVE,
    LEFT,
    NO,
    SHIFT,
    chroma_near,
    drag,
    mouse_move,
    pixel,
    screen,
    texts,
)
from tests.ui.map.conftest import MakeMap
from workbench.domain.selection import Combine, Polygon
from workbench.ui.map import hand
from workbench.ui.map.lasso_tool import Tool
from workbench.ui.map.view import MapView
from workbench.ui.theme import Theme


def drawn(view: MapView, qtbot: QtBot) -> list[tuple[Combine, Polygon]]:
    shapes: list[tuple[Combine, Polygon]] = []
    view.shape_drawn.connect(lambda combine, shape: shapes.append((combine, shape)))
    return shapes


@pytest.mark.parametrize(
    ("modifiers", "combine"),
    [
        (NO, Combine.REPLACE),
        (SHIFT, Combine.ADD),
        (ALT, Combine.SUBTRACT),
        (SHIFT | ALT, Combine.INTERSECT),
        (CONTROL, Combine.SUBTRACT),
        (SHIFT | CONTROL, Combine.INTERSECT),
    ],
)
def test_a_lasso_is_its_drawn_vertices(
    make_map: MakeMap, qtbot: QtBot, modifiers: Qt.KeyboardModifier, combine: Combine
) -> None:
    view = make_map(FIVE)
    shapes = drawn(view, qtbot)
    view.set_tool(Tool.LASSO)
    path = [QPoint(300 + 5 * i, 200 + (i * i) % 47) for i in range(40)]
    drag(view, path, modifiers)
    ((given, shape),) = shapes
    assert given is combine
    expected = [view.camera.to_data(p.x(), p.y()) for p in path]
    assert list(shape.vertices) == expected


def test_a_rectangle_by_mouse(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE)
    shapes = drawn(view, qtbot)
    view.set_tool(Tool.RECTANGLE)
    drag(view, [QPoint(200, 150), QPoint(320, 290), QPoint(400, 300)])
    x0, y0 = view.camera.to_data(200, 150)
    x1, y1 = view.camera.to_data(400, 300)
    assert shapes == [(Combine.REPLACE, Polygon(((x0, y0), (x1, y0), (x1, y1), (x0, y1))))]


@pytest.mark.parametrize(
    ("modifiers", "combine"), [(NO, Combine.REPLACE), (SHIFT | ALT, Combine.INTERSECT)]
)
def test_a_rectangle_by_keyboard_alone(
    make_map: MakeMap, qtbot: QtBot, modifiers: Qt.KeyboardModifier, combine: Combine
) -> None:
    view = make_map(FIVE)
    shapes = drawn(view, qtbot)
    view.set_tool(Tool.RECTANGLE)
    key = Qt.Key
    QTest.keyClick(view, key.Key_Return)
    for _ in range(3):
        QTest.keyClick(view, key.Key_Left)
    QTest.keyClick(view, key.Key_Return)
    for _ in range(5):
        QTest.keyClick(view, key.Key_Right)
    for _ in range(2):
        QTest.keyClick(view, key.Key_Down)
    QTest.keyClick(view, key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert "second corner" in view._hand.hint
    screen(view)
    QTest.keyClick(view, key.Key_Return, modifiers)
    x0, y0 = view.camera.to_data(400 - 48, 300)
    x1, y1 = view.camera.to_data(400 - 48 + 80, 300 + 31)
    assert shapes == [(combine, Polygon(((x0, y0), (x1, y0), (x1, y1), (x0, y1))))]
    assert view._hand.hint == ""


def test_the_hint_leaves_the_card_free_and_goes_with_the_focus(
    make_map: MakeMap, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = make_map(FIVE, (700, 500))
    view.show_result(7, 500, title="Lasso selection", note="All of them in C-001", actions=[])
    hints: list[QRectF] = []
    monkeypatch.setattr(hand, "draw_hint", lambda _p, _t, free, _h: hints.append(free))
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    view.set_tool(Tool.RECTANGLE)
    QTest.keyClick(view, Qt.Key.Key_Return)
    screen(view)
    assert hints
    assert hints[-1].right() <= view.furniture.result.x()
    view.clearFocus()
    hints.clear()
    screen(view)
    assert hints == []


def test_escape_drops_the_shape_then_asks_to_clear_the_selection(
    make_map: MakeMap, qtbot: QtBot
) -> None:
    view = make_map(FIVE)
    shapes = drawn(view, qtbot)
    view.set_tool(Tool.LASSO)
    QTest.mousePress(view, LEFT, NO, QPoint(100, 100))
    QApplication.sendEvent(view, mouse_move(view, QPointF(200, 300), NO))
    with qtbot.assertNotEmitted(view.selection_cleared):
        QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(view, LEFT, NO, QPoint(200, 300))
    assert shapes == []
    with qtbot.waitSignal(view.selection_cleared):
        QTest.keyClick(view, Qt.Key.Key_Escape)


@pytest.mark.parametrize("gap", [0, 2])
def test_a_lasso_may_end_where_it_began(make_map: MakeMap, qtbot: QtBot, gap: int) -> None:
    view = make_map(FIVE)
    shapes = drawn(view, qtbot)
    clicked: list[int] = []
    view.exchange_clicked.connect(clicked.append)
    view.set_tool(Tool.LASSO)
    ring = [QPoint(300, 200), QPoint(400, 200), QPoint(400, 300), QPoint(300, 300)]
    drag(view, [*ring, ring[0] + QPoint(gap, 0)])
    ((combine, shape),) = shapes
    assert combine is Combine.REPLACE
    assert len(shape.vertices) == 5
    assert clicked == []


def test_a_map_panned_back_to_where_it_was_is_not_clicked(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE)
    clicked: list[int] = []
    view.exchange_clicked.connect(clicked.append)
    at = pixel(view, 8, 2)
    drag(view, [at, at + QPoint(60, 0), at])
    assert clicked == []


def test_a_rectangle_drawn_back_onto_its_corner_is_taken_back(
    make_map: MakeMap, qtbot: QtBot
) -> None:
    view = make_map(FIVE)
    shapes = drawn(view, qtbot)
    view.set_tool(Tool.RECTANGLE)
    drag(view, [QPoint(200, 150), QPoint(400, 300), QPoint(201, 151)])
    assert shapes == []


@pytest.mark.parametrize("mode", list(Combine))
def test_a_shape_meets_the_selection_as_the_mode_says_unless_a_key_is_held(
    make_map: MakeMap, qtbot: QtBot, mode: Combine
) -> None:
    view = make_map(FIVE)
    shapes = drawn(view, qtbot)
    view.set_mode(mode)
    view.set_tool(Tool.RECTANGLE)
    drag(view, [QPoint(200, 150), QPoint(400, 300)])
    drag(view, [QPoint(200, 150), QPoint(400, 300)], SHIFT)
    assert [combine for combine, _ in shapes] == [mode, Combine.ADD]


def test_a_click_with_the_lasso_draws_nothing(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE)
    shapes = drawn(view, qtbot)
    view.set_tool(Tool.LASSO)
    QTest.mouseClick(view, LEFT, NO, QPoint(300, 300))
    assert shapes == []


def test_a_middle_drag_pans_with_any_tool(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE)
    shapes = drawn(view, qtbot)
    view.set_tool(Tool.LASSO)
    before = view.camera
    QTest.mousePress(view, Qt.MouseButton.MiddleButton, NO, QPoint(300, 300))
    QApplication.sendEvent(view, mouse_move(view, QPointF(350, 300), NO))
    QTest.mouseRelease(view, Qt.MouseButton.MiddleButton, NO, QPoint(350, 300))
    assert view.camera == before.panned(50, 0)
    assert shapes == []


def test_shapes_are_outlined_in_the_accent(make_map: MakeMap) -> None:
    view = make_map(FIVE)
    square = ((3.0, 3.0), (7.0, 3.0), (7.0, 7.0), (3.0, 7.0))
    view.set_shapes([Polygon(square)])
    assert chroma_near(screen(view), pixel(view, 4, 7)) > 110
    view.set_selected_accounts(None)
    assert chroma_near(screen(view), pixel(view, 4, 7)) < 45


def test_the_result_card_says_what_is_selected_and_acts(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE, (1000, 700))
    save, label = QAction("Save selection", view), QAction("Label", view)
    done: list[str] = []
    label.triggered.connect(lambda: done.append("label"))
    view.show_result(
        1377, 971530, title="Lasso selection", note="1,204 are in C-014", actions=[save, label]
    )
    shown = texts(view)
    assert "1,377 accounts" in shown
    assert "971,530 exchanges" in shown
    buttons = {b.text(): b for b in view.furniture.result.findChildren(QPushButton)}
    assert buttons["Save selection"].property("kind") == "primary"
    QTest.mouseClick(buttons["Label"], LEFT)
    assert done == ["label"]
    with qtbot.waitSignal(view.selection_cleared):
        QTest.mouseClick(buttons[""], LEFT)


# Pointing


def test_the_point_under_the_pointer_is_described_in_plain_text(
    theme: Theme, make_map: MakeMap, qtbot: QtBot
) -> None:
    view = make_map(FIVE)
    view._hover._describe = lambda exchange_id: f"<b>{exchange_id}</b>\u202e"
    QTest.mouseMove(view, pixel(view, 5, 5) + QPoint(3, -2))
    qtbot.waitUntil(lambda: "<b>1002</b><U+202E>" in texts(view))
    QTest.mouseMove(view, pixel(view, 4, 7))
    qtbot.waitUntil(lambda: not any("1002" in text for text in texts(view)))


def test_a_description_may_arrive_later(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE)
    asked: list[int] = []
    view._hover._describe = lambda exchange_id: asked.append(exchange_id)
    QTest.mouseMove(view, pixel(view, 8, 8))
    qtbot.waitUntil(lambda: asked == [1003])
    view.show_description(1000, "another one")
    assert "another one" not in texts(view)
    view.show_description(1003, "this one")
    assert "this one" in texts(view)


def test_a_click_names_the_exchange(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE)
    clicked: list[int] = []
    view.exchange_clicked.connect(clicked.append)
    QTest.mouseClick(view, LEFT, NO, pixel(view, 8, 2))
    QTest.mouseClick(view, LEFT, NO, pixel(view, 4, 7))
    assert clicked == [1004]
