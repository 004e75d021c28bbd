"""Tables beside the logs in the window: listed, added, taken out, and what went wrong said."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from tests.ui.window.conftest import MakeWindow, settle
from tests.ui.window.test_dossier import said
from tests.ui.window.test_saved_selections import back, opened
from workbench.domain.account import AccountKey
from workbench.domain.added import AddedKind
from workbench.domain.progress import Job
from workbench.domain.selection import AccountSet, Combine
from workbench.services.joined import BESIDE
from workbench.services.workspace import Workspace
from workbench.ui.dialogs.added_tables import AddedTablesDialog
from workbench.ui.main_window import MainWindow

CTRL = Qt.KeyboardModifier.ControlModifier


def show(qtbot: QtBot, window: MainWindow) -> AddedTablesDialog:
    qtbot.keyClick(window, Qt.Key.Key_T, CTRL)
    return opened(qtbot, AddedTablesDialog)


def text(dialog: AddedTablesDialog, row: int, column: int) -> str:
    item = dialog.table.item(row, column)
    assert item is not None
    return item.text()


def test_added_told_and_taken_out_by_keys(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path, tmp_path: Path
) -> None:
    window = make_window(case_path)
    dialog = show(qtbot, window)
    assert dialog.table.rowCount() == 0
    assert not dialog.remove_button.isEnabled()
    path = tmp_path / "a <b>.csv"
    path.write_text("account_id,created_at\nkey-00000,2026-01-01 10:00\nno,2026-01-01 10:00\n")
    dialog.add(path)
    qtbot.waitUntil(lambda: "Name it, for example UTC" in dialog.hint.text())
    assert "times without a zone" in dialog.hint.text()
    qtbot.keyClicks(dialog.zone, "UTC")
    dialog.add(path)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    assert [text(dialog, 0, column) for column in range(4)] == ["Accounts", str(path), "1", "1"]
    qtbot.waitUntil(lambda: dialog.hint.text() == "Added.")
    dialog.add(path)
    qtbot.waitUntil(lambda: "was added before" in dialog.hint.text())
    assert dialog.table.rowCount() == 1
    qtbot.keyClick(dialog.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 0)
    assert not dialog.remove_button.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    back(qtbot, window)


def test_the_kind_that_is_chosen_is_what_is_asked_for(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path, tmp_path: Path
) -> None:
    window = make_window(case_path)
    dialog = show(qtbot, window)
    dialog.kind.setFocus()
    qtbot.keyClick(dialog.kind, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.kind, Qt.Key.Key_Down)
    assert dialog.kind.currentData() == AddedKind.EVENTS
    path = tmp_path / "e.csv"
    path.write_text("account_id,at,event\nkey-00000,1777629600,ban\n")
    dialog.add(path)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    assert text(dialog, 0, 0) == "Events"
    # Results are of before: it is said where the map is.
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    back(qtbot, window)
    qtbot.waitUntil(lambda: window.stale_place.count() == 1)
    settle(qtbot, window)


def test_the_button_asks_for_a_file(qtbot: QtBot, make_window: MakeWindow, case_path: Path) -> None:
    window = make_window(case_path)
    dialog = show(qtbot, window)
    qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)

    def asked() -> list[QFileDialog]:
        found = [w for w in QApplication.topLevelWidgets() if isinstance(w, QFileDialog)]
        return found + dialog.findChildren(QFileDialog)

    qtbot.waitUntil(lambda: any(one.isVisible() for one in asked()))
    next(one for one in asked() if one.isVisible()).reject()
    assert dialog.table.rowCount() == 0
    dialog.reject()
    back(qtbot, window)


def test_the_dossier_of_an_account_says_what_is_known_and_from_where(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("account_id,plan\nkey-00000,pro <i>\u202e\n")
    with Workspace.open(case_path) as workspace:
        workspace.joining.add(AddedKind.ACCOUNTS, path, Job())
    window = make_window(case_path)
    account = AccountKey.parse("key:gateway:key-00000")
    window.hub.select(Combine.REPLACE, AccountSet((account,)), "test")
    settle(qtbot, window)
    assert BESIDE in said(window)
    assert any(line.startswith("Plan: pro <i><U+202E>, ") for line in said(window))
    other = AccountKey.parse("key:gateway:key-00001")
    window.hub.select(Combine.REPLACE, AccountSet((other,)), "test")
    settle(qtbot, window)
    assert BESIDE not in said(window)
