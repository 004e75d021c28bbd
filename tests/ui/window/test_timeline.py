"""The timeline's ticks: sign-ups and suspensions of the selected accounts, where the log says."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from tests.services.planted import plant
from tests.ui.window.conftest import MakeWindow, settle
from tests.ui.window.test_selection import click_card
from workbench.ui.main_window import MainWindow
from workbench.ui.panels.histogram import _nice


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return raw[:, : image.width(), :3].astype(int)


def reddish_columns(window: MainWindow) -> int:
    """Columns above the plot that hold a pixel of the token red."""
    chart = window.timeline.chart
    plot = chart.plot()
    ratio = chart.devicePixelRatioF()
    above = pixels(chart.grab().toImage())[: int(plot.top() * ratio), int(plot.left() * ratio) :]
    red = window.theme.colour("red")
    near = np.abs(above - [red.blue(), red.green(), red.red()]).sum(axis=2) < 150
    return int(near.any(axis=0).sum())


def test_moments_of_the_selected_accounts_are_ticks_with_a_legend(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window(plant(moments=True).fill(tmp_path / "m.case"))
    timeline = window.timeline
    assert not timeline.signed_up.isVisible(), "nothing is selected"
    assert not timeline.suspended.isVisible()
    bare = timeline.chart.plot().top()
    click_card(qtbot, window, 0)  # accounts 0 to 6; every even one signed up before
    settle(qtbot, window)
    assert timeline.signed_up.isVisible()
    assert timeline.signed_up.text.text() == "7 signed up, 4 before the log begins"
    assert "4 of them before 1 May" in timeline.signed_up.toolTip()
    assert timeline.suspended.text.text() == "1 suspended"
    assert timeline.chart.plot().top() > bare, "the ticks have their own room"
    assert 1 <= reddish_columns(window) <= 3
    # The pointer tells them too.
    qtbot.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    found = timeline._timeline
    assert found is not None
    bins = [int((t - found.first_us) // found.bin_us) for t in found.signed_up.tolist()]
    timeline._say(next(place for place in bins if place >= 0))
    assert "signed up" in timeline.note.text()
    window.hub.clear()
    settle(qtbot, window)
    assert not timeline.signed_up.isVisible()
    assert reddish_columns(window) == 0


def test_a_log_without_them_shows_none(qtbot: QtBot, window: MainWindow) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    assert not window.timeline.signed_up.isVisible()
    assert not window.timeline.suspended.isVisible()
    assert reddish_columns(window) == 0


def test_a_key_scales_the_chart_to_the_selection(qtbot: QtBot, window: MainWindow) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    chart = window.timeline.chart
    qtbot.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(chart.hasFocus)
    found = window.timeline._timeline
    assert found is not None
    assert found.chosen is not None
    assert chart._drawn(found) is found.total
    qtbot.keyClick(chart, Qt.Key.Key_O)
    assert chart._drawn(found) is found.chosen
    assert window.timeline.only.isChecked()
    assert not chart.grab().isNull()
    # Without a selection there is nothing to scale to.
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    settle(qtbot, window)
    assert not window.timeline.only.isVisible()
    found = window.timeline._timeline
    assert found is not None
    assert chart._drawn(found) is found.total


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (1, 2), (3, 4), (7, 8), (9, 10), (11, 12), (15, 16), (101, 120), (1061, 1200),
     (1999, 2000), (2100, 2400), (5_000_001, 6_000_000)],
)  # fmt: skip
def test_the_axis_ends_at_a_round_number_close_above(most: int, top: int) -> None:
    assert _nice(most) == top
    assert _nice(most) % 2 == 0


def test_the_note_has_room_beside_the_moments(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    window = make_window(case_path)
    window.resize(1280, 800)
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    note = window.timeline.note
    assert note.fontMetrics().horizontalAdvance(note.text()) <= note.width()
