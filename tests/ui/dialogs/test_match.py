"""Looking for a fingerprint: files, nobody found, one, several files, nulls and hostile names."""

from pathlib import Path

import pyarrow as pa
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from workbench.domain.errors import InputError
from workbench.domain.progress import Progress
from workbench.services.matches import ACCOUNTS, GROUPS, Matched
from workbench.ui.dialogs.match import MatchDialog
from workbench.ui.states import ErrorState, LoadingState
from workbench.ui.theme import Theme


def matched(*accounts: str, path: str = "a/one.json") -> Matched:
    """What a partner's indicators might show; all that can be NULL is."""
    rows = [
        dict.fromkeys(ACCOUNTS.names)
        | {"account_id": name, "account_key": f"key::{name}", "evidence": 7.0, "p": 0.5, "q": 0.5}
        for name in accounts
    ]
    return Matched(
        path=path,
        sha256="0" * 64,
        origin=None,
        rates=(),
        n_accounts=40,
        n_ordinary=30,
        expected_home=None,
        expected_here=None,
        chance=None,
        lacking={"values": "not taken"},
        unread=(),
        accounts=pa.Table.from_pylist(rows, schema=ACCOUNTS),
        clusters=pa.Table.from_pylist([], schema=GROUPS),
    )


def shown(dialog: MatchDialog) -> str:
    labels = [label for label in dialog.findChildren(QLabel) if label.isVisible()]
    return "\n".join(label.text() for label in labels).replace("\u200b", "")


def make(qtbot: QtBot, theme: Theme) -> MatchDialog:
    dialog = MatchDialog(theme)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_nothing_is_looked_for_before_a_file_is_named(qtbot: QtBot, theme: Theme) -> None:
    dialog = make(qtbot, theme)
    wanted: list[object] = []
    dialog.wanted.connect(wanted.append)
    dialog.act()
    assert not wanted
    dialog.take([Path("b/two.json")])
    dialog.act()
    assert wanted == [(Path("b/two.json"),)]
    (loading,) = dialog.findChildren(LoadingState)
    dialog.show_progress(Progress("Looking for fingerprints", done=0.5))
    with qtbot.waitSignal(dialog.cancelled):
        loading.cancelled.emit()
    dialog.show_error(None)
    assert dialog.primary.text() == "Look for it"
    assert dialog.primary.isEnabled()


def test_what_cannot_be_read_is_said_and_the_files_can_be_others(
    qtbot: QtBot, theme: Theme
) -> None:
    dialog = make(qtbot, theme)
    dialog.take([Path("b/two.json")])
    dialog.act()
    dialog.show_error(InputError("b/two.json is no fingerprint.", remedy="Name another file."))
    (state,) = dialog.findChildren(ErrorState)
    assert "no fingerprint" in state.accessibleName()
    state.acted.emit()
    assert dialog.choose_button.isVisible()


def test_where_nobody_resembles_it_nobody_can_be_selected(qtbot: QtBot, theme: Theme) -> None:
    dialog = make(qtbot, theme)
    dialog.show_found([matched()])
    qtbot.waitUntil(lambda: "0 accounts of 40 resemble it" in shown(dialog))
    assert "Nothing resembles it more than chance does." in shown(dialog)
    assert not dialog.table.isVisible()
    assert not dialog.primary.isEnabled()
    assert not dialog.which.isVisible()


def test_accounts_are_selected_all_or_those_that_are_chosen(qtbot: QtBot, theme: Theme) -> None:
    dialog = make(qtbot, theme)
    hostile = "<b>x</b> \u202e"
    dialog.show_found([matched("a", hostile, "c"), matched("d", path="z")])
    assert dialog.which.isVisible()
    assert dialog.model.index(1, 0).data() == "<b>x</b> <U+202E>"
    assert dialog.model.index(0, 5).data() == "none"
    assert dialog.primary.text() == "Select 3 accounts"
    dialog.table.selectRow(1)
    assert dialog.primary.text() == "Select 1 account"
    dialog.table.setFocus()
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    assert chosen.args == [(f"key::{hostile}",)]


def test_each_file_has_its_own_list(qtbot: QtBot, theme: Theme) -> None:
    dialog = make(qtbot, theme)
    dialog.show_found([matched("a"), matched("d", "e", path="z/other.json")])
    dialog.which.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "z/other.json (a partner's indicators)" in shown(dialog))
    assert dialog.primary.text() == "Select 2 accounts"
    qtbot.mouseClick(dialog.again_button, Qt.MouseButton.LeftButton)
    assert dialog.choose_button.isVisible()
