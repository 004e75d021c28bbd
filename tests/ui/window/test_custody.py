"""Settings, merging, second looks and stamps in a whole window, from menu and keys."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.window.conftest import PATIENCE_MS, MakeWindow, settle
from tests.ui.window.test_selection import click_card
from tests.ui.window.test_window import dialog_of
from workbench.domain.label import Label
from workbench.services.access import Kept
from workbench.services.workspace import Workspace
from workbench.ui.dialogs.conflicts import ConflictsDialog
from workbench.ui.dialogs.merge_copy import MergeDialog
from workbench.ui.dialogs.quarantine import QuarantineDialog
from workbench.ui.dialogs.settings import SettingsDialog
from workbench.ui.dialogs.sign_off import SignOffDialog
from workbench.ui.main_window import MainWindow
from workbench.ui.states import OfferLine

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


def said_above(window: MainWindow) -> list[OfferLine]:
    """What is said of conflicts above the map."""
    return [] if window.analysts.line is None else [window.analysts.line]


def test_a_copy_is_merged_its_conflict_decided_and_signed_off(
    qtbot: QtBot,
    make_window: MakeWindow,
    harbour: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copy = Path(shutil.copytree(harbour, tmp_path / "copy" / "harbour.case"))
    with Workspace.open(harbour) as workspace:
        workspace.labelling.label(Label.BENIGN, "a firm", cluster_id="C-001")
    with monkeypatch.context() as other:
        other.setenv("WORKBENCH_CONFIG", str(tmp_path / "mara"))
        with Workspace.open(copy, analyst="Mara") as workspace:
            workspace.labelling.label(Label.CONFIRMED, "one grid", cluster_id="C-001")
            workspace.labelling.label(Label.CONFIRMED, "one list", cluster_id="C-002")
    window = make_window(harbour)
    assert said_above(window) == []
    # Another folder is refused beside the buttons.
    qtbot.keyClick(window, Qt.Key.Key_M, CONTROL)
    merge = dialog_of(qtbot, MergeDialog)
    merge.copy.setText(str(tmp_path))
    merge.act()
    qtbot.waitUntil(merge.primary.isEnabled, timeout=PATIENCE_MS)
    assert str(tmp_path) in merge.hint.text().replace("\u200b", "")
    merge.copy.setText(str(copy))
    merge.act()
    qtbot.waitUntil(lambda: bool(said_above(window)), timeout=PATIENCE_MS)
    settle(qtbot, window)
    assert window.notices.texts == ["Merged 2 new entries of 1 journal."]
    (line,) = said_above(window)
    assert "labelled 8 accounts differently" in line.accessibleName()
    qtbot.mouseClick(line.links[0], Qt.MouseButton.LeftButton)
    conflicts = dialog_of(qtbot, ConflictsDialog)
    buttons = conflicts._group.buttons()
    assert len(buttons) == 2
    buttons[0].setChecked(True)
    label = buttons[0].property("label")
    conflicts.why.setText("both read")
    conflicts.act()
    qtbot.waitUntil(lambda: not conflicts.primary.isVisible(), timeout=PATIENCE_MS)
    conflicts.reject()
    settle(qtbot, window)
    assert said_above(window) == []
    assert label in window.journal.model.value(0, "what")
    # The label of the other one is signed off, by key.
    window.hub.select_cluster("C-002", "test")
    settle(qtbot, window)
    # Off-screen nobody gives the keyboard back to the window when a dialog goes.
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_G, CONTROL)
    sign_off = dialog_of(qtbot, SignOffDialog)
    assert sign_off.primary.text() == "Sign off 1 label"
    qtbot.keyClicks(sign_off.why, "read the list")
    qtbot.keyClick(sign_off.why, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: "Signed off" in window.journal.model.value(0, "what"), timeout=PATIENCE_MS
    )
    settle(qtbot, window)
    assert QApplication.activeModalWidget() is None


def test_what_is_selected_goes_into_quarantine_by_key_and_comes_back_by_undo(
    qtbot: QtBot, window: MainWindow
) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_Q)
    dialog = dialog_of(qtbot, QuarantineDialog)
    assert dialog.all.isChecked()
    assert "7 selected accounts" in dialog.all.text()
    qtbot.keyClicks(dialog.why, "letter of counsel")
    qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: any("into quarantine" in text for text in window.notices.texts),
        timeout=PATIENCE_MS,
    )
    settle(qtbot, window)
    assert "quarantine" in window.journal.model.value(0, "what")
    assert kept(qtbot, window).n_quarantined > 0
    window.actions_["undo"].trigger()
    qtbot.waitUntil(lambda: window.journal.model.rowCount() == 2, timeout=PATIENCE_MS)
    settle(qtbot, window)
    assert kept(qtbot, window).n_quarantined == 0


def kept(qtbot: QtBot, window: MainWindow) -> Kept:
    found: list[Kept] = []
    window.session.ask("kept", lambda workspace: workspace.access.kept(), found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=PATIENCE_MS)
    return found[0]
