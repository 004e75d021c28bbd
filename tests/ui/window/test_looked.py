"""What was looked at more closely, in the dossier: with facts, with few, with none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from tests.services.facts import CURVE, PARTS, ROWS, fact, publish_facts
from tests.ui.window.conftest import settle
from tests.ui.window.test_dossier import said
from tests.ui.window.test_selection import click_card
from workbench.case.folder import Case
from workbench.ui.panels.coverage_chart import CoverageChart, can_draw
from workbench.ui.widgets import Button

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from pytestqt.qtbot import QtBot

    from tests.ui.window.conftest import MakeWindow
    from workbench.ui.main_window import MainWindow
    from workbench.ui.theme import Theme


def opened(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path, *rows: dict[str, Any]
) -> MainWindow:
    if rows:
        with Case.open(case_path) as case:
            publish_facts(case.artifacts, *rows)
    window = make_window(case_path)
    settle(qtbot, window)
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    return window


def chart(window: MainWindow) -> CoverageChart | None:
    return window.dossier.findChild(CoverageChart)


def test_facts_are_shown_the_quiet_ones_at_a_click(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    window = opened(qtbot, make_window, case_path, *ROWS)
    shown = said(window)
    assert shown.index("What speaks against it") < shown.index("Looked at more closely")
    against = shown[: shown.index("Looked at more closely")]
    assert any("0.31 times as often" in text for text in against)
    assert any("40 different prompts" in text for text in shown)
    assert not any("never rests" in text for text in shown)
    drawn = chart(window)
    assert drawn is not None
    assert "3,445 after 4,653" in drawn.accessibleName()
    assert not drawn.grab().toImage().isNull()
    button = next(
        one for one in window.dossier.findChildren(Button) if one.text() == "Show what was measured"
    )
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert any("never rests" in text for text in said(window))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not any("never rests" in text for text in said(window))


def test_the_smaller_of_two_parts_is_selected_by_the_line_that_tells_them(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    parts = fact("parts", p=0.01, speaks="against", params=PARTS)
    window = opened(qtbot, make_window, case_path, parts)
    assert any("falls into two parts, of 5 and 2 accounts" in text for text in said(window))
    (link,) = (b for b in window.dossier.findChildren(Button) if "smaller part" in b.text())
    assert link.text() == "Select the smaller part, 2 accounts"
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    selection = window.hub.selection
    assert selection is not None
    assert sorted(key.value for key in selection.accounts) == ["key-00002", "key-00003"]


def test_nothing_assessed_is_one_line_and_no_chart(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    window = opened(qtbot, make_window, case_path, fact("coverage_curve"), fact("depth"))
    assert chart(window) is None
    shown = said(window)
    assert "Not assessed, as there is too little to compare: coverage and depth." in shown
    assert not any(text.startswith("Neither") for text in shown)


def test_before_the_stage_ran_the_part_is_not_there(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    window = opened(qtbot, make_window, case_path)
    assert "Looked at more closely" not in said(window)


@pytest.mark.parametrize(
    "curve",
    [
        {},
        {"exchanges": [0], "prompts": [0]},
        CURVE | {"prompts_low": []},
        {name: [0.0, 0.0] for name in CURVE},
    ],
)
def test_curves_that_hold_too_little_are_not_drawn(curve: dict[str, list[float]]) -> None:
    assert not can_draw(curve)


def test_a_curve_far_below_the_band_draws(qtbot: QtBot, theme: Theme) -> None:
    drawn = CoverageChart(theme, CURVE | {"prompts": [0.0, 1.0, 1.0]}, -1)
    qtbot.addWidget(drawn)
    drawn.resize(60, 40)
    assert not drawn.grab().toImage().isNull()
