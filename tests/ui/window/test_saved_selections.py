"""Saved selections by mouse and key: named, listed, selected again after a restart, removed."""

from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QTableWidgetItem
from pytestqt.qtbot import QtBot

from tests.ui.window.conftest import MakeWindow, settle
from tests.ui.window.test_selection import click_card
from workbench.domain.account import AccountKey
from workbench.domain.selection import ClusterSet, Combine, Selection, SelectionDefinition
from workbench.services.workspace import Workspace
from workbench.ui.dialogs.selections import SaveSelectionDialog, SelectionsDialog
from workbench.ui.main_window import MainWindow

D = TypeVar("D", bound=QDialog)
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def opened(qtbot: QtBot, kind: type[D]) -> D:
    def shown() -> list[D]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()))
    dialog = shown()[0]
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def back(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    settle(qtbot, window)


def save_as(qtbot: QtBot, window: MainWindow, name: str) -> None:
    qtbot.keyClick(window, Qt.Key.Key_S, CTRL)
    dialog = opened(qtbot, SaveSelectionDialog)
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, name)
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    back(qtbot, window)


def show_list(qtbot: QtBot, window: MainWindow) -> SelectionsDialog:
    qtbot.keyClick(window, Qt.Key.Key_O, CTRL | SHIFT)
    return opened(qtbot, SelectionsDialog)


def cell(dialog: SelectionsDialog, row: int, column: int = 0) -> QTableWidgetItem:
    item = dialog.table.item(row, column)
    assert item is not None
    return item


def names(dialog: SelectionsDialog) -> list[str]:
    return [cell(dialog, row).text() for row in range(dialog.table.rowCount())]


def test_by_keyboard_alone_and_after_a_restart(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    window = make_window(case_path)
    assert not window.actions_["save-selection"].isEnabled(), "nothing is selected"
    click_card(qtbot, window, 1)
    settle(qtbot, window)
    kept = window.hub.selection
    assert kept is not None
    save_as(qtbot, window, "second <b>cluster</b>")
    assert "saved the selection" in window.actions_["undo"].text()
    window.close()

    window = make_window(case_path)
    assert not window.actions_["clear"].isEnabled(), "nothing is selected"
    dialog = show_list(qtbot, window)
    assert names(dialog) == ["second <b>cluster</b>"]
    assert cell(dialog, 0, 1).text() == str(len(kept.accounts))
    qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    back(qtbot, window)
    qtbot.waitUntil(lambda: window.hub.selection is not None)
    settle(qtbot, window)
    again = window.hub.selection
    assert again is not None
    assert again == kept
    assert window.hub.subject.cluster_id == "C-002"
    assert window.accounts.model.rowCount() == len(kept.accounts)


def test_by_mouse_from_the_card_on_the_map(qtbot: QtBot, window: MainWindow) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    buttons = [b for b in window.map.view.findChildren(QPushButton) if b.text() == "Save"]
    assert len(buttons) == 1
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    asked = opened(qtbot, SaveSelectionDialog)
    assert asked.name.text() == "C-001"
    asked.name.clear()
    assert not asked.primary.isEnabled(), "a selection needs a name"
    qtbot.keyClicks(asked.name, "one")
    qtbot.mouseClick(asked.primary, Qt.MouseButton.LeftButton)
    back(qtbot, window)
    click_card(qtbot, window, 2)
    settle(qtbot, window)
    save_as(qtbot, window, "three")

    dialog = show_list(qtbot, window)
    assert names(dialog) == ["three", "one"]
    place = dialog.table.visualItemRect(cell(dialog, 1)).center()
    qtbot.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseClick(dialog.forget_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: names(dialog) == ["three"])
    qtbot.keyClick(dialog.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: names(dialog) == [])
    assert not dialog.primary.isEnabled()
    assert not dialog.forget_button.isEnabled()
    dialog.grab()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    back(qtbot, window)
    # Taken back is not deleted: redo brings the last one again.
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    settle(qtbot, window)
    qtbot.waitUntil(lambda: "saved the selection three" in window.actions_["undo"].text())


def test_what_the_shapes_do_not_find_any_more_is_said(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    with Workspace.open(case_path) as workspace:
        definition = SelectionDefinition().then(Combine.REPLACE, ClusterSet(("C-404",)))
        accounts = tuple(
            AccountKey.parse(f"key:gateway:{value}") for value in ("gone", "key-00003")
        )
        digest = Selection.digest_of(accounts)
        workspace.keeping.keep("old", Selection(definition, accounts, 9, digest))
    window = make_window(case_path)
    dialog = show_list(qtbot, window)
    qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)
    back(qtbot, window)
    qtbot.waitUntil(lambda: bool(window.notices.texts))
    assert "the 2 accounts that were saved are selected" in window.notices.texts[0]
    assert "1 account is not in these results" in window.notices.texts[0]
    settle(qtbot, window)
    assert window.accounts.model.rowCount() == 1
