"""Where the map is looked at from: zoom, pan, home, by every way to ask for it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.map.by_hand import FIVE, LEFT, NO, channels, colour_near, drag, pixel, screen, wheel
from tests.ui.map.conftest import PATIENCE_MS, MakeMap, data_of, settle
from workbench.ui.map.camera import Camera
from workbench.ui.theme import Theme


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


def test_the_legend_folds_to_its_heading_and_opens_again(make_map: MakeMap, qtbot: QtBot) -> None:
    view = make_map(FIVE, (1000, 700))
    legend = view.furniture.legend
    tall, low = legend.height(), legend.geometry().bottom()
    qtbot.mouseClick(legend.fold_button, Qt.MouseButton.LeftButton)
    assert legend.height() < 50
    assert legend.geometry().bottom() == low
    assert legend.fold_button.accessibleName() == "Open the legend"
    view.resize(900, 650)
    assert legend.height() < 50, "another size does not open it"
    qtbot.keyClick(legend.fold_button, Qt.Key.Key_Space)
    assert legend.height() == tall


def test_cards_leave_a_small_map(make_map: MakeMap) -> None:
    view = make_map(FIVE, (1000, 700))
    assert view.furniture.legend.isVisible()
    assert view.furniture.minimap.isVisible()
    tall = view.furniture.legend.height()
    view.resize(670, 385)
    # A window of 1280 x 800: the legend without its scale, no overview.
    assert view.furniture.legend.isVisible()
    assert view.furniture.legend.height() < tall - 40
    assert not view.furniture.minimap.isVisible()
    view.resize(260, 190)
    assert not view.furniture.minimap.isVisible()
    for card in view.furniture.boxes():
        assert view.rect().contains(card.toRect())
