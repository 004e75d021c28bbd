"""Settings, merging, second looks and stamps in a whole window, from menu and keys."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.window.conftest import PATIENCE_MS, settle
from tests.ui.window.test_window import dialog_of
from workbench.ui.dialogs.settings import SettingsDialog
from workbench.ui.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_a_setting_is_made_by_key_and_stands(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_Comma, CONTROL)
    dialog = dialog_of(qtbot, SettingsDialog)
    dialog.stamp_url.setText("ftp://no")
    qtbot.keyClicks(dialog.why, "order 12/26")
    qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "cannot be set" in dialog.hint.text(), timeout=PATIENCE_MS)
    dialog.stamp_url.clear()
    dialog.answers["legal_hold"].setCurrentIndex(1)
    qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.journal.model.rowCount() == 1, timeout=PATIENCE_MS)
    settle(qtbot, window)
    assert "Legal hold" in window.journal.model.value(0, "what")
    window.actions_["settings"].trigger()
    again = dialog_of(qtbot, SettingsDialog)
    assert again.answers["legal_hold"].currentText() == "Yes"
    again.reject()
