"""The quarantine dialog: nothing read or selected, one, many, and what logs hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from workbench.services.access import Kept
from workbench.ui.dialogs.quarantine import QuarantineDialog
from workbench.ui.exhibits import Exhibit

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from workbench.ui.theme import Theme


def made(
    qtbot: QtBot,
    theme: Theme,
    reading: Exhibit | None = None,
    n_accounts: int = 0,
    n_exchanges: int = 0,
    kept: Kept | None = None,
) -> QuarantineDialog:
    dialog = QuarantineDialog(theme, reading, n_accounts, n_exchanges, kept or Kept())
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_without_anything_read_or_selected_nothing_can_be_put_there(
    qtbot: QtBot, theme: Theme
) -> None:
    dialog = made(qtbot, theme)
    assert not dialog.one.isEnabled()
    assert not dialog.all.isEnabled()
    assert not dialog.why.isEnabled()
    assert "select accounts first" in dialog.hint.text()
    with qtbot.assertNotEmitted(dialog.wanted):
        dialog.act()


@pytest.mark.parametrize("whole", [False, True])
def test_one_or_all_with_a_reason(qtbot: QtBot, theme: Theme, whole: bool) -> None:
    dialog = made(qtbot, theme, Exhibit(4711, "Dear counsel"), 2, 1_204)
    assert dialog.one.isChecked()
    assert dialog.one.text() == "Exchange 4711, and all that ask the same: Dear counsel"
    assert dialog.all.text() == "All 1,204 exchanges of the 2 selected accounts"
    if whole:
        dialog.all.setFocus()
        qtbot.keyClick(dialog.all, Qt.Key.Key_Space)
    assert not dialog.primary.isEnabled()
    qtbot.keyClicks(dialog.why, "  letter of counsel ")
    with qtbot.waitSignal(dialog.wanted) as wanted:
        qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    assert wanted.args == [whole, "letter of counsel"]
    dialog.say("The journal cannot be written.")
    assert "cannot be written" in dialog.hint.text()


def test_accounts_alone_and_what_is_there_already(qtbot: QtBot, theme: Theme) -> None:
    dialog = made(qtbot, theme, None, 1, 1, Kept(n_quarantined=1))
    assert dialog.all.isChecked()
    assert dialog.all.text() == "All 1 exchange of the 1 selected account"
    assert "1 exchange is in quarantine already." in [
        label.text() for label in dialog.findChildren(type(dialog.purpose))
    ]


def test_prompts_are_text_and_may_be_missing(qtbot: QtBot, theme: Theme) -> None:
    dialog = made(qtbot, theme, Exhibit(0, "<b>x</b> \u202e & y"))
    assert dialog.one.text().endswith("the same: <b>x</b> <U+202E> && y")
    assert made(qtbot, theme, Exhibit(0)).one.text() == "Exchange 0, and all that ask the same"
