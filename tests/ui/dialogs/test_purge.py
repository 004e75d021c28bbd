"""The dialog that erases: nothing selected, no times, one, many, a legal hold, retention."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QDate, Qt

from workbench.services.purging import Outlook
from workbench.ui.dialogs.purge import PurgeDialog

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from workbench.ui.theme import Theme

_DAY_US = 86_400_000_000
#: A log that begins within 2 January 1970.
_LOG = Outlook(55_000, 0, 0, _DAY_US + 5, None, "")


def made(
    qtbot: QtBot, theme: Theme, n_accounts: int = 0, n_sent: int = 0, outlook: Outlook = _LOG
) -> PurgeDialog:
    dialog = PurgeDialog(theme, n_accounts, n_sent, outlook)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_without_a_selection_and_without_times_nothing_can_be_erased(
    qtbot: QtBot, theme: Theme
) -> None:
    dialog = made(qtbot, theme, outlook=replace(_LOG, first_us=None, n_undated=55_000))
    assert not dialog.chosen.isEnabled()
    assert not dialog.early.isEnabled()
    dialog.why.setText("request 7")
    with qtbot.assertNotEmitted(dialog.day_chosen):
        dialog.ask_count()
    assert not dialog.primary.isEnabled()
    assert "Select accounts first" in dialog.hint.text()
    with qtbot.assertNotEmitted(dialog.wanted):
        dialog.act()


def test_selected_accounts_with_a_reason(qtbot: QtBot, theme: Theme) -> None:
    dialog = made(qtbot, theme, 2, 1_204)
    assert dialog.chosen.isChecked()
    assert dialog.chosen.text() == "All 1,204 exchanges of the 2 selected accounts"
    assert dialog.primary.text() == "Erase 1,204 exchanges"
    assert not dialog.primary.isEnabled()
    assert not dialog.day.isEnabled()
    assert dialog.hint.text() == "Say why."
    qtbot.keyClicks(dialog.why, "  request 7 ")
    with qtbot.waitSignal(dialog.wanted) as wanted:
        qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    assert wanted.args == [None, "request 7"]
    dialog.say("The disk is full.")
    assert dialog.hint.text() == "The disk is full."
    assert "exchange of the 1 selected account" in made(qtbot, theme, 1, 1).chosen.text()


def test_before_a_day_that_is_counted_first(qtbot: QtBot, theme: Theme) -> None:
    dialog = made(qtbot, theme)
    assert dialog.early.isChecked()
    assert dialog.day.date() == QDate(1970, 1, 2)
    dialog.why.setText("retention")
    assert not dialog.primary.isEnabled()  # not counted yet
    with qtbot.waitSignal(dialog.day_chosen) as asked:
        qtbot.keyClick(dialog.day, Qt.Key.Key_Up)
    assert asked.args == [(dialog.day.date().toJulianDay() - 2_440_588) * _DAY_US]
    dialog.show_count(replace(_LOG, n_before=0))
    assert not dialog.primary.isEnabled()
    assert dialog.hint.text() == "There is nothing to erase."
    dialog.show_count(replace(_LOG, n_before=1, n_undated=12))
    assert dialog.primary.text() == "Erase 1 exchange"
    said = f"1 exchange was sent before {dialog.day.date().toString('yyyy-MM-dd')}, of 55,000."
    assert dialog.counted.text() == f"{said} 12 say no time and stay."
    with qtbot.waitSignal(dialog.wanted) as wanted:
        dialog.act()
    assert wanted.args == [*asked.args, "retention"]
    # Another day: what was counted is of the day before.
    dialog.day.setDate(QDate(1970, 3, 1))
    assert not dialog.primary.isEnabled()
    assert dialog.counted.text() == ""


def test_retention_says_the_day(qtbot: QtBot, theme: Theme) -> None:
    dialog = made(qtbot, theme, outlook=replace(_LOG, retention_days=90))
    day = datetime.now(UTC) - timedelta(days=90)
    assert abs(dialog.day.date().daysTo(QDate(day.year, day.month, day.day))) <= 1


@pytest.mark.parametrize("n_accounts", [0, 2])
def test_a_legal_hold_is_said_at_once(qtbot: QtBot, theme: Theme, n_accounts: int) -> None:
    held = replace(_LOG, refused="The case is on legal hold: nothing is purged.")
    dialog = made(qtbot, theme, n_accounts, 9 * n_accounts, held)
    dialog.show_count(replace(held, n_before=7))
    dialog.why.setText("request 7")
    assert not dialog.primary.isEnabled()
    assert "legal hold" in dialog.hint.text()
