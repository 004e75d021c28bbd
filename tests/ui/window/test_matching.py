"""Looking for a fingerprint from the window: by key, an error with its remedy, the selection."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.dialogs.test_match import matched
from tests.ui.window.conftest import PATIENCE_MS, settle
from tests.ui.window.test_window import dialog_of
from workbench.ui.dialogs.match import MatchDialog
from workbench.ui.main_window import MainWindow
from workbench.ui.states import ErrorState

BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_a_file_that_is_none_is_said_in_the_dialog(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    file = tmp_path / "no.json"
    file.write_text("{}")
    qtbot.keyClick(window, Qt.Key.Key_F, BOTH)
    dialog = dialog_of(qtbot, MatchDialog)
    dialog.take([file])
    qtbot.keyClick(dialog.primary, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(dialog.findChildren(ErrorState)), timeout=PATIENCE_MS)
    assert "no.json" in dialog.findChildren(ErrorState)[0].accessibleName()
    dialog.reject()
    settle(qtbot, window)
    assert window.notices.texts == []


def test_who_resembles_it_is_selected_on_the_map(qtbot: QtBot, window: MainWindow) -> None:
    names = [window.accounts.model.value(row, "account_id") for row in range(3)]
    keys = tuple(window.accounts.model.value(row, "account_key") for row in range(3))
    window.actions_["match"].trigger()
    dialog = dialog_of(qtbot, MatchDialog)
    dialog.show_found([matched(*names)])
    dialog.chosen.emit(keys)
    dialog.reject()
    settle(qtbot, window)
    assert window.hub.selection is not None
    assert sorted(map(str, window.hub.selection.accounts)) == sorted(keys)
