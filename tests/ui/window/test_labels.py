"""Labelling by key and by button, undo and redo, in every view at once."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.window.conftest import MakeWindow, settle
from tests.ui.window.test_selection import click_card
from workbench.ui.dialogs.label_reason import LabelDialog
from workbench.ui.main_window import MainWindow


def label_dialog(qtbot: QtBot) -> LabelDialog:
    def shown() -> LabelDialog | None:
        found = [w for w in QApplication.topLevelWidgets() if isinstance(w, LabelDialog)]
        return next((w for w in found if w.isVisible()), None)

    qtbot.waitUntil(lambda: shown() is not None)
    dialog = shown()
    assert dialog is not None
    return dialog


def give_reason(qtbot: QtBot, why: str) -> None:
    dialog = label_dialog(qtbot)
    window = dialog.parentWidget()
    assert window is not None
    qtbot.keyClicks(dialog.reason, why)
    qtbot.keyClick(dialog.reason, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    # Off-screen there is no window manager to give the window its place back.
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def labels_of(window: MainWindow) -> list[str | None]:
    model = window.accounts.model
    return [model.value(row, "label") for row in range(model.rowCount())]


def test_a_key_labels_the_selected_cluster_and_undo_takes_it_back(
    qtbot: QtBot, window: MainWindow
) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_1)
    assert "C-001" in label_dialog(qtbot).windowTitle()
    give_reason(qtbot, "one grid, one payer")
    settle(qtbot, window)
    assert labels_of(window) == ["confirmed"] * 7
    assert window.clusters.list.model().index(0, 0).data().count("Confirmed") == 1
    assert window.journal.model.value(0, "what") == "Labelled C-001, 7 accounts: confirmed"
    assert window.actions_["undo"].text() == "Undo: labelled C-001, 7 accounts: confirmed"
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, window)
    assert labels_of(window) == [None] * 7
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_Z, both)
    settle(qtbot, window)
    assert labels_of(window) == ["confirmed"] * 7
    assert window.journal.model.rowCount() == 3


def test_a_key_pressed_before_the_selection_is_there_labels_what_was_meant(
    qtbot: QtBot, window: MainWindow
) -> None:
    click_card(qtbot, window, 1)
    qtbot.keyClick(window, Qt.Key.Key_2)
    give_reason(qtbot, "looks alike")
    settle(qtbot, window)
    assert labels_of(window) == ["suspected"] * 7
    assert window.hub.subject.cluster_id == "C-002"


def test_undo_survives_a_restart(qtbot: QtBot, make_window: MakeWindow, case_path: Path) -> None:
    first = make_window(case_path)
    click_card(qtbot, first, 0)
    settle(qtbot, first)
    qtbot.keyClick(first, Qt.Key.Key_3)
    give_reason(qtbot, "known customer")
    settle(qtbot, first)
    first.close()
    second = make_window(case_path)
    assert labels_of(second).count("benign") == 7
    assert second.actions_["undo"].isEnabled()
    qtbot.keyClick(second, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, second)
    assert labels_of(second).count("benign") == 0
    assert second.actions_["redo"].isEnabled()


def test_a_note_goes_into_the_journal(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_N)
    qtbot.waitUntil(window.journal.note.hasFocus)
    qtbot.keyClicks(window.journal.note, "Asked billing")
    qtbot.keyClick(window.journal.note, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert window.journal.model.value(0, "why") == "Asked billing"
    assert window.docks.dock("journal").windowTitle() == "Journal  1"


def test_digits_typed_into_a_field_label_nothing(qtbot: QtBot, window: MainWindow) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    window.clusters.filter.setFocus()
    qtbot.keyClicks(window.clusters.filter, "1234")
    assert window.clusters.filter.text() == "1234"
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, LabelDialog)]
