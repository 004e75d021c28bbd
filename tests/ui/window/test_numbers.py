"""How sure a finding is, and the numbers behind it one click further."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.services.planted import plant
from tests.ui.window.conftest import settle
from tests.ui.window.test_dossier import said
from tests.ui.window.test_selection import click_card
from workbench.domain.account import AccountKey
from workbench.domain.selection import AccountSet, Combine
from workbench.ui.dialogs.numbers import NumbersDialog
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from workbench.ui.main_window import MainWindow


def dialog(qtbot: QtBot, window: MainWindow) -> NumbersDialog:
    (link,) = (b for b in window.dossier.findChildren(Button) if b.text().startswith("Numbers"))
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    (shown,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, NumbersDialog))
    return shown


def words(shown: NumbersDialog) -> list[str]:
    return [text.text() for text in shown.findChildren(Text)]


def test_the_numbers_of_a_cluster_are_read_and_copied(qtbot: QtBot, window: MainWindow) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    shown = dialog(qtbot, window)
    assert shown.windowTitle() == "Numbers of C-001"
    assert {"The claim", "Axes", "Coordination", "compared with"} <= set(words(shown))
    assert any("Vovk et al. 2005" in text for text in words(shown))
    qtbot.mouseClick(shown.copy_button, Qt.MouseButton.LeftButton)
    copied = QApplication.clipboard().text()
    assert copied.startswith("C-001\n")
    assert "    p: 0.001" in copied.splitlines()
    assert shown.copy_button.text() == "Copied"
    qtbot.keyClick(shown, Qt.Key.Key_Escape)


def test_the_numbers_of_an_account_name_formula_and_rank(qtbot: QtBot, window: MainWindow) -> None:
    key = AccountKey.parse(plant().keys[0])
    window.hub.select(Combine.REPLACE, AccountSet((key,)), "test")
    settle(qtbot, window)
    shown = dialog(qtbot, window)
    assert {"Signals", "percentile", "in the test"} <= set(words(shown))
    qtbot.keyClick(shown, Qt.Key.Key_Escape)


def test_the_dossier_says_how_sure_and_what_logs_cannot_show(
    qtbot: QtBot, window: MainWindow
) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    lines = said(window)
    at = lines.index("How sure, and compared with whom")
    assert any("It stands out by content (p = 0.001)" in line for line in lines[at : at + 4])
    assert "What logs cannot show" in lines
    assert any("neither training nor who ordered it" in line for line in lines)


def test_every_benign_explanation_opens_at_a_click(qtbot: QtBot, window: MainWindow) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    fleet = "Fleet of one customer (distance 2.5): unlike in how many customers it comes from."
    assert fleet not in said(window)
    (link,) = (b for b in window.dossier.findChildren(Button) if "every benign" in b.text())
    link.setFocus()
    qtbot.keyClick(link, Qt.Key.Key_Space)
    assert fleet in said(window)
    assert link.text() == "Hide benign explanations"
    qtbot.keyClick(link, Qt.Key.Key_Space)
    assert fleet not in said(window)
