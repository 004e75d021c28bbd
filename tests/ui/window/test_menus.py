"""What is reached from the menus alone: recent cases, all and inverted, the name, the version."""

import shutil
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.window.conftest import MakeWindow, settle
from tests.ui.window.test_selection import click_card
from tests.ui.window.test_window import dialog_of
from workbench import __version__
from workbench.ui.dialogs.about import AboutDialog
from workbench.ui.dialogs.analyst import AnalystDialog
from workbench.ui.dialogs.planted import PlantedDialog
from workbench.ui.main_window import MainWindow

BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_recent_cases_are_opened_from_the_menu(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(case_path, tmp_path / "other.case"))
    window = make_window(case_path)
    window.cases.open(other)
    qtbot.waitUntil(lambda: window.session.path == other)
    settle(qtbot, window)
    names = [Path(action.text()).name for action in window.top.recent.actions()]
    assert names == ["other.case", "harbour.case"]
    window.top.recent.actions()[1].trigger()
    qtbot.waitUntil(lambda: window.session.path == case_path.resolve())
    settle(qtbot, window)


def test_every_account_is_selected_and_the_selection_inverted(
    qtbot: QtBot, window: MainWindow
) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    assert window.hub.selection is not None
    before = set(window.hub.selection.accounts)
    qtbot.keyClick(window, Qt.Key.Key_I, BOTH)
    settle(qtbot, window)
    assert window.accounts.model.rowCount() == 33
    assert window.hub.selection is not None
    assert not before & set(window.hub.selection.accounts)
    qtbot.keyClick(window, Qt.Key.Key_A, BOTH)
    settle(qtbot, window)
    assert window.accounts.model.rowCount() == 40
    qtbot.keyClick(window, Qt.Key.Key_I, BOTH)
    settle(qtbot, window)
    assert window.hub.selection is None


def test_a_name_is_given_and_stands_beside_what_is_decided(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.actions_["analyst"].trigger()
    dialog = dialog_of(qtbot, AnalystDialog)
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, "Ada Quill")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    settle(qtbot, window)
    window.session.change(lambda w: w.labelling.note("checked"))
    qtbot.waitUntil(lambda: window.journal.model.rowCount() == 1)
    assert window.journal.model.value(0, "analyst").startswith("Ada Quill (")
    window.actions_["analyst"].trigger()
    again = dialog_of(qtbot, AnalystDialog)
    assert again.name.text() == "Ada Quill"
    again.name.setText(" ")
    assert not again.primary.isEnabled()
    again.reject()


def test_what_would_have_been_found_is_shown_and_why_it_cannot_be(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.actions_["power"].trigger()
    dialog = dialog_of(qtbot, PlantedDialog)
    assert dialog.table is None
    dialog.primary.click()
    # This case was filled by hand: its findings are of no analysis that could be repeated.
    qtbot.waitUntil(lambda: any("workbench analyse CASE" in said for said in window.notices.texts))
    settle(qtbot, window)


def test_the_version_is_said_and_the_window_has_a_mark(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_["about"].trigger()
    dialog = dialog_of(qtbot, AboutDialog)
    assert __version__ in dialog.versions.text()
    dialog.accept()
    icon = window.windowIcon().pixmap(32, 32).toImage()
    colours = {icon.pixel(x, y) for x in range(32) for y in range(32)}
    assert window.theme.colour("acc").rgb() in colours
    assert QApplication.activeModalWidget() is None
