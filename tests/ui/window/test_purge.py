"""Erasing in a whole window: done, failed, cancelled, and left meanwhile."""

import threading
from pathlib import Path
from typing import NoReturn

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.window.conftest import PATIENCE_MS, settle
from tests.ui.window.test_selection import click_card
from tests.ui.window.test_window import dialog_of
from workbench.domain.errors import StorageError
from workbench.domain.progress import JobContext
from workbench.services.purging import Outlook, outlook
from workbench.ui.dialogs.purge import PurgeDialog
from workbench.ui.main_window import MainWindow


def told(qtbot: QtBot, window: MainWindow) -> Outlook:
    """What the case holds now."""
    found: list[Outlook] = []
    window.session.ask("told", outlook, found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=PATIENCE_MS)
    return found[0]


def asked(qtbot: QtBot, window: MainWindow) -> PurgeDialog:
    """The dialog, about all before a day after the last, and ready."""
    window.actions_["purge"].trigger()
    dialog = dialog_of(qtbot, PurgeDialog)
    dialog.early.setChecked(True)
    dialog.day.setDate(dialog.day.date().addYears(1))
    dialog.why.setText("retention")
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    return dialog


def test_what_is_selected_is_erased_and_the_case_opens_without_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    before = told(qtbot, window).n_exchanges
    assert window.accounts.model.rowCount() > 0
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    window.actions_["purge"].trigger()
    dialog = dialog_of(qtbot, PurgeDialog)
    assert "7 selected accounts" in dialog.chosen.text()
    qtbot.keyClicks(dialog.why, "request 7")
    with qtbot.waitSignal(window.session.opened, timeout=PATIENCE_MS):
        qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    settle(qtbot, window)
    (said,) = window.notices.texts
    assert "erased; the journal keeps the digest" in said
    assert "Purged" in window.journal.model.value(0, "what")
    assert window.accounts.model.rowCount() == 0  # until it is analysed again
    left = told(qtbot, window).n_exchanges
    assert said.startswith(f"{before - left:,} exchanges are erased")
    assert 0 < left < before


def test_one_that_fails_opens_the_case_again(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> NoReturn:
        raise StorageError("The disk is full.", remedy="Free 1 MB.")

    monkeypatch.setattr("workbench.services.purging.purge", full)
    whole = told(qtbot, window).n_exchanges
    dialog = asked(qtbot, window)
    with qtbot.waitSignal(window.session.opened, timeout=PATIENCE_MS):
        dialog.act()
    settle(qtbot, window)
    assert any("The disk is full." in text for text in window.notices.texts)
    assert told(qtbot, window).n_exchanges == whole


class _Endless:
    """A purge that goes on until it is cancelled."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self._never = threading.Event()

    def __call__(self, _path: Path, job: JobContext, *_: object, **__: object) -> NoReturn:
        self.began.set()
        while True:
            job.check()
            self._never.wait(0.01)


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> _Endless:
    made = _Endless()
    monkeypatch.setattr("workbench.services.purging.purge", made)
    return made


def test_one_that_is_cancelled_erases_nothing(
    qtbot: QtBot, window: MainWindow, endless: _Endless
) -> None:
    whole = told(qtbot, window).n_exchanges
    asked(qtbot, window).act()
    qtbot.waitUntil(endless.began.is_set, timeout=PATIENCE_MS)
    # Meanwhile nobody reaches the case: a question is dropped, and no view falls over it.
    window.session.ask("meanwhile", outlook, lambda _: pytest.fail("the case was let go"))
    with qtbot.waitSignal(window.session.opened, timeout=PATIENCE_MS):
        window.actions_["cancel-job"].trigger()
    settle(qtbot, window)
    assert any("nothing was erased" in text for text in window.notices.texts)
    assert told(qtbot, window).n_exchanges == whole


def test_a_case_that_was_closed_meanwhile_stays_closed(
    qtbot: QtBot, window: MainWindow, endless: _Endless
) -> None:
    asked(qtbot, window).act()
    qtbot.waitUntil(endless.began.is_set, timeout=PATIENCE_MS)
    with qtbot.assertNotEmitted(window.session.opened):
        window.session.close_case()
        qtbot.waitUntil(lambda: not window.session.bridge.awaited, timeout=PATIENCE_MS)
    assert window.session.path is None
