"""The map as a user meets it: by mouse and keyboard events, and by what is on screen."""

import math
import subprocess
import sys
import threading

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.map.conftest import PATIENCE_MS, MakeMap, data_of, settle
from workbench.domain.map_data import MapData
from workbench.domain.selection import Combine, Polygon
from workbench.kernels import coarse
from workbench.ui.map import fine
from workbench.ui.map.camera import Camera
from workbench.ui.map.lasso_tool import Tool
from workbench.ui.map.overlay import Place
from workbench.ui.map.view import MapView
from workbench.ui.theme import Theme, ThemeChoice
from workbench.ui.tokens import DARK, LIGHT

NO = Qt.KeyboardModifier.NoModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
LEFT = Qt.MouseButton.LeftButton
FIVE = data_of([(2, 8), (2.2, 8), (5, 5), (8, 8), (8, 2)], [0, 0, 1, 2, 3])


def pixel(view: MapView, x: float, y: float) -> QPoint:
    left, top = view.camera.to_screen(x, y)
    return QPoint(round(left), round(top))


def screen(view: MapView) -> QImage:
    return view.grab().toImage()


def colour_near(image: QImage, at: QPoint, reach: int = 3) -> list[QColor]:
    return [
        image.pixelColor(at.x() + dx, at.y() + dy)
        for dx in range(-reach, reach + 1)
        for dy in range(-reach, reach + 1)
    ]


def chroma_near(image: QImage, at: QPoint) -> int:
    """The most colourful pixel there, 0 to 255; the grey of other traffic has at most 36."""
    colours = [(c.red(), c.green(), c.blue()) for c in colour_near(image, at)]
    return max(max(rgb) - min(rgb) for rgb in colours)


def channels(image: QImage) -> np.ndarray:
    bits = np.frombuffer(image.constBits(), np.uint8)
    return bits.reshape(image.height(), image.width(), 4)[:, :, :3].astype(int)


def texts(view: MapView) -> list[str]:
    return [label.text() for label in view.findChildren(QLabel) if label.isVisible()]


def drag(view: MapView, points: list[QPoint], modifiers: Qt.KeyboardModifier = NO) -> None:
    QTest.mousePress(view, LEFT, modifiers, points[0])
    for point in points[1:]:
        move = QPointF(point)
        event = mouse_move(view, move, modifiers)
        QApplication.sendEvent(view, event)
    QTest.mouseRelease(view, LEFT, modifiers, points[-1])


def mouse_move(view: MapView, at: QPointF, modifiers: Qt.KeyboardModifier) -> QEvent:
    return QMouseEvent(
        QEvent.Type.MouseMove, at, view.mapToGlobal(at), Qt.MouseButton.NoButton, LEFT, modifiers
    )


def wheel(view: MapView, at: QPoint, turned: int) -> None:
    where = QPointF(at)
    event = QWheelEvent(
        where, view.mapToGlobal(where), QPoint(), QPoint(0, turned),
        Qt.MouseButton.NoButton, NO, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


# What is shown


def test_without_data_it_says_what_to_do(make_map: MakeMap) -> None:
    view = make_map()
    assert "No exchanges yet" in texts(view)
    assert view.furniture.legend.isHidden()
    view.set_data(MapData.empty())
    assert "No exchanges yet" in texts(view)
    assert screen(view).pixelColor(5, 5) == QColor(DARK.map)


def test_while_points_are_placed_it_says_so(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map()
    view.set_data(FIVE)
    assert "Placing 5 exchanges" in texts(view)
    settle(qtbot, view)
    assert "Placing 5 exchanges" not in texts(view)


def test_points_without_a_place_are_counted_and_said(make_map: MakeMap) -> None:
    nowhere = float("nan")
    view = make_map(data_of([(nowhere, 1), (1, nowhere), (3, 3)]))
    assert "Without a place on the map: 2" in texts(view)
    assert view.tiles.counts.sum() == 1


def test_when_no_point_has_a_place_it_says_so(make_map: MakeMap) -> None:
    view = make_map(data_of([(float("nan"), 1), (float("inf"), 2)]))
    assert "No exchange has a place" in texts(view)
    assert any("2 exchanges are in the case" in text for text in texts(view))
    view.set_categories(np.zeros(2, np.uint8), [], [])
    view.set_selected_accounts(np.ones(2, bool))
    view.zoom_to_selection()
    screen(view)


@pytest.mark.parametrize("bounds", [(0, 0, 0, 0), (3, 3, 3, 3), (math.nan,) * 4, (5, 5, 1, 1)])
def test_one_point_is_seen(make_map: MakeMap, bounds: tuple[float, float, float, float]) -> None:
    view = make_map(data_of([(3, 3)], bounds=bounds))
    image = screen(view)
    at = pixel(view, 3, 3)
    assert view.rect().contains(at)
    assert max(c.lightness() for c in colour_near(image, at)) > QColor(DARK.map).lightness() + 40


def test_every_exchange_is_counted(make_map: MakeMap) -> None:
    rng = np.random.default_rng(0)
    n = 3000
    view = make_map(
        data_of([tuple(p) for p in rng.uniform(0, 10, (n, 2))], list(rng.integers(0, 9, n)))
    )
    view.set_categories(
        np.array([0, 1, 2, 3, 4, 5, 6, 1, 0], np.uint8),
        ["A", "B", "C", "D", "E", "F"],
        [f"cat{i}" for i in range(1, 7)],
    )
    assert view.tiles.counts.sum() == n


def test_legend_counts_what_is_in_view(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE)
    view.set_categories(np.array([1, 2, 0, 0], np.uint8), ["C-014", "C-007"], ["cat1", "cat2"])
    settle(qtbot, view)
    assert view.tiles.counts.tolist() == [2, 2, 1, 0, 0, 0, 0, 0]
    names = [row.accessibleName() for row in view.furniture.legend._rows]
    assert names == [
        "C-014: 2 exchanges",
        "C-007: 1 exchange",
        "All other traffic: 2 exchanges",
    ]
    view.zoom_to((1, 7, 3, 9))
    settle(qtbot, view)
    assert view.tiles.counts.tolist() == [0, 2, 0, 0, 0, 0, 0, 0]


def test_categories_have_their_colour_and_go_grey_when_not_selected(
    make_map: MakeMap, qtbot: QtBot
) -> None:
    view = make_map(FIVE)
    assert chroma_near(screen(view), pixel(view, 5, 5)) < 45
    before = view.camera
    view.set_categories(np.array([1, 1, 0, 0], np.uint8), ["C-014"], ["cat1"])
    settle(qtbot, view)
    assert view.camera == before, "recolouring moves nothing"
    assert chroma_near(screen(view), pixel(view, 5, 5)) > 110
    assert chroma_near(screen(view), pixel(view, 8, 8)) < 45
    view.set_selected_accounts(np.array([True, False, False, False]))
    settle(qtbot, view)
    image = screen(view)
    assert chroma_near(image, pixel(view, 2, 8)) > 110
    assert chroma_near(image, pixel(view, 5, 5)) < 45, "not selected: grey"
    grey = max(c.lightness() for c in colour_near(image, pixel(view, 5, 5)))
    assert grey > QColor(DARK.map).lightness() + 40, "grey, never away"
    view.set_selected_accounts(None)
    settle(qtbot, view)
    assert chroma_near(screen(view), pixel(view, 5, 5)) > 110


def test_a_category_is_switched_to_grey_in_the_legend(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE)
    view.set_categories(np.array([1, 2, 0, 0], np.uint8), ["C-014", "C-007"], ["cat1", "cat3"])
    settle(qtbot, view)
    row = view.furniture.legend._rows[0]
    QTest.mouseClick(row, LEFT)
    settle(qtbot, view)
    assert chroma_near(screen(view), pixel(view, 2, 8)) < 45
    assert chroma_near(screen(view), pixel(view, 5, 5)) > 110
    assert row.accessibleName() == "C-014: 2 exchanges, shown in grey"
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_Space)
    settle(qtbot, view)
    assert chroma_near(screen(view), pixel(view, 2, 8)) > 110


@pytest.mark.parametrize(
    ("category", "names", "colours"),
    [
        ([1, 0, 0], ["A"], ["cat1"]),
        ([2, 0, 0, 0], ["A"], ["cat1"]),
        ([1, 0, 0, 0], ["A"], []),
        ([1, 0, 0, 0], list("ABCDEFG"), ["cat1"] * 7),
    ],
)
def test_categories_that_do_not_fit_are_refused(
    make_map: MakeMap, category: list[int], names: list[str], colours: list[str]
) -> None:
    view = make_map(FIVE)
    with pytest.raises(ValueError, match=r"categor|colours"):
        view.set_categories(np.array(category, np.uint8), names, colours)
    with pytest.raises(ValueError, match="each account"):
        view.set_selected_accounts(np.ones(3, bool))


def test_the_theme_changes_everything_at_once(
    make_map: MakeMap, theme: Theme, qtbot: QtBot
) -> None:
    view = make_map(FIVE)
    view.set_regions([Place("Python debugging", 5, 7, 1234)])
    assert screen(view).pixelColor(400, 20) == QColor(DARK.map)
    theme.set_choice(ThemeChoice.LIGHT)
    try:
        settle(qtbot, view)
        image = screen(view)
        assert image.pixelColor(400, 20) == QColor(LIGHT.map)
        assert min(c.lightness() for c in colour_near(image, pixel(view, 5, 5))) < 200
    finally:
        theme.set_choice(ThemeChoice.DARK)


# The view


def test_the_whole_map_is_shown_first_and_again_on_reset(make_map: MakeMap) -> None:
    view = make_map(FIVE)
    home = view.camera
    assert home == Camera.fitted((0, 0, 10, 10), 800, 600)
    QTest.keyClick(view, Qt.Key.Key_Plus)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.camera.scale > home.scale
    assert view.camera.x > home.x
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.camera == home
    QTest.keyClick(view, Qt.Key.Key_Minus)
    assert view.camera.scale < home.scale
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.camera == home
    view.resize(900, 700)
    assert view.camera == Camera.fitted((0, 0, 10, 10), 900, 700), "home stays home"
    QTest.keyClick(view, Qt.Key.Key_Up)
    there = view.camera
    view.resize(700, 500)
    assert (view.camera.x, view.camera.y, view.camera.scale) == (there.x, there.y, there.scale)


def test_the_wheel_zooms_to_the_pointer(make_map: MakeMap) -> None:
    view = make_map(FIVE)
    at = pixel(view, 8, 8)
    x, y = view.camera.to_data(at.x(), at.y())
    wheel(view, at, 240)
    assert view.camera.scale > 1.5 * Camera.fitted((0, 0, 10, 10), 800, 600).scale
    assert view.camera.to_screen(x, y) == pytest.approx((at.x(), at.y()), abs=0.01)
    wheel(view, at, -100_000)
    home = Camera.fitted((0, 0, 10, 10), 800, 600)
    assert view.camera.scale == pytest.approx(home.scale / 2), "no farther than half"


def test_dragging_moves_the_map_with_the_hand(make_map: MakeMap) -> None:
    view = make_map(FIVE)
    at = pixel(view, 5, 5)
    drag(view, [at, at + QPoint(30, 10), at + QPoint(90, -40)])
    assert pixel(view, 5, 5) == at + QPoint(90, -40)


def test_a_panned_frame_is_the_frame_drawn_anew(make_map: MakeMap, qtbot: QtBot) -> None:
    """Panning copies the last frame; it must be what drawing everything would give."""
    rng = np.random.default_rng(1)
    view = make_map(data_of([tuple(p) for p in rng.normal(5, 1.5, (4000, 2))]))
    view.move_camera(view.camera.zoomed(2.3, 400, 300))
    settle(qtbot, view)
    screen(view)
    for right, down in ((37, 0), (-11, 53), (0, -7), (160, 160)):
        at = QPoint(400, 300)
        drag(view, [at, at + QPoint(right, down)])
        settle(qtbot, view)
        panned = screen(view)
        view.tiles._frame.spoil()
        # Scaling a part of a picture may round otherwise than scaling all of it, by one step.
        assert np.abs(channels(screen(view)) - channels(panned)).max() <= 2


def test_a_zoom_is_drawn_smooth_as_soon_as_it_rests(make_map: MakeMap, qtbot: QtBot) -> None:
    rng = np.random.default_rng(1)
    view = make_map(data_of([tuple(p) for p in rng.normal(5, 1.5, (4000, 2))]))
    wheel(view, QPoint(300, 300), 100)
    rough = screen(view)
    assert not view.is_sharp
    with qtbot.waitSignal(view.sharp, timeout=PATIENCE_MS):
        pass
    smooth = screen(view)
    assert np.abs(channels(smooth) - channels(rough)).max() > 8
    view.tiles._frame.spoil()
    assert screen(view) == smooth


def test_a_missing_tile_is_drawn_from_a_coarser_one(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE)
    settle(qtbot, view)
    view.shut_down()
    view.move_camera(view.camera.zoomed(4, *view.camera.to_screen(5, 5)))
    assert not view.is_sharp
    image = screen(view)
    assert max(c.lightness() for c in colour_near(image, pixel(view, 5, 5), 8)) > 60


def test_zoom_to_the_selection(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE)
    before = view.camera
    view.zoom_to_selection()
    assert view.camera == before, "nothing is selected"
    view.set_selected_accounts(np.array([False, True, True, False]))
    settle(qtbot, view)
    view.zoom_to_selection()
    assert view.camera == Camera.fitted((5, 5, 8, 8), 800, 600)


def test_the_buttons_and_the_overview_move_the_view(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE, (1000, 700))
    home = view.camera
    closer, away, whole = view.furniture.zoom_bar.findChildren(QPushButton)
    QTest.mouseClick(closer, LEFT)
    assert view.camera.scale > home.scale
    QTest.mouseClick(away, LEFT)
    assert view.camera.scale == pytest.approx(home.scale)
    QTest.mouseClick(closer, LEFT)
    minimap = view.furniture.minimap
    QTest.mouseClick(minimap, LEFT, NO, QPoint(20, 20))
    assert view.camera.x < home.x
    assert view.camera.y > home.y
    QTest.mouseClick(whole, LEFT)
    assert view.camera == home


def test_a_smooth_zoom_ends_where_it_should(
    make_map: MakeMap, theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = make_map(FIVE)
    monkeypatch.setattr(theme, "duration_ms", lambda milliseconds: milliseconds)
    view.zoom_in()
    target = view.camera
    assert not view.is_sharp
    qtbot.waitUntil(lambda: view._motion.camera == target, timeout=5000)
    settle(qtbot, view)


def test_cards_leave_a_small_map(make_map: MakeMap) -> None:
    view = make_map(FIVE, (1000, 700))
    assert view.furniture.legend.isVisible()
    assert view.furniture.minimap.isVisible()
    view.resize(260, 190)
    assert not view.furniture.minimap.isVisible()
    for card in view.furniture.boxes():
        assert view.rect().contains(card.toRect())


# Shapes


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


# Keyboard focus and names


def test_it_is_named_and_shows_the_focus_that_came_by_keyboard(
    make_map: MakeMap, qtbot: QtBot
) -> None:
    view = make_map(FIVE)
    assert view.accessibleName() == "Map of exchanges"
    assert view.accessibleDescription() == "5 exchanges"
    for button in view.findChildren(QPushButton):
        assert button.text() or (button.accessibleName() and button.toolTip())
    view.clearFocus()
    view.setFocus(Qt.FocusReason.MouseFocusReason)
    assert screen(view).pixelColor(400, 0).name().upper() != DARK.acc
    view.clearFocus()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert screen(view).pixelColor(400, 0).name().upper() == DARK.acc


def test_nothing_is_drawn_on_the_windows_thread(
    make_map: MakeMap, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shading and counting happen in the worker only."""
    threads: set[str] = set()
    for room, name in (
        *((coarse, n) for n in ("shade_tile", "count_level", "count_window", "pixels_of", "tone")),
        *((fine, n) for n in ("shade_tile", "count_tile", "count_window", "build_index", "tone")),
    ):
        real = getattr(room, name)

        def spy(*args: object, real: object = real, **named: object) -> object:
            threads.add(threading.current_thread().name)
            return real(*args, **named)  # type: ignore[operator]

        monkeypatch.setattr(room, name, spy)
    view = make_map(FIVE)
    wheel(view, QPoint(300, 300), 240)
    settle(qtbot, view)
    screen(view)
    assert threads == {"map-worker", "map-loader"}


def test_a_bug_in_the_worker_is_told(
    make_map: MakeMap, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    for room in (coarse, fine):
        monkeypatch.setattr(room, "shade_tile", broken)
    view = make_map()
    with qtbot.waitSignal(view.failed, timeout=PATIENCE_MS) as heard:
        view.set_data(FIVE)
    assert isinstance(heard.args[0], RuntimeError)


def test_the_window_does_not_wait_for_the_compiler() -> None:
    """Numba takes most of a second to import: only the worker's loader may do that."""
    code = "import sys, workbench.ui.map.view, workbench.ui.map.painting; "
    code += "sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
