"""A case whose journal lost lines opens, says so, and refuses to decide over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from tests.ui.window.conftest import PATIENCE_MS, settle
from tests.ui.window.test_window import dialog_of
from workbench.services.workspace import Workspace
from workbench.ui.dialogs.accept_loss import AcceptLossDialog
from workbench.ui.dialogs.stamps import StampsDialog

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.ui.window.conftest import MakeWindow


def _decided(case: Path, notes: int) -> Path:
    with Workspace.open(case) as workspace:
        for i in range(notes):
            workspace.labelling.note(str(i))
    (journal,) = (case / "decided").glob("*.jsonl")
    return journal


def test_what_is_missing_is_said_as_the_case_opens(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    journal = _decided(case_path, 2)
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    window = make_window(case_path)
    (said,) = (text for text in window.notices.texts if "2 were written" in text)
    assert journal.name in said
    before = journal.read_bytes()
    window.journal.note.setText("over it")
    window.journal.note_button.click()
    settle(qtbot, window)
    assert journal.read_bytes() == before
    assert any("Restore decided/" in text for text in window.notices.texts)


def test_where_nothing_is_missing_nothing_is_said(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    journal = _decided(case_path, 1)
    window = make_window(case_path)
    assert not [text for text in window.notices.texts if journal.name in text]


def test_of_many_things_there_is_a_count(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    window = make_window(case_path)
    window.lacking._say([f"thing {i}" for i in range(5)])
    assert window.notices.texts[-1] == "2 more things in the journals."


def test_it_is_gone_on_without_what_is_missing(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    journal = _decided(case_path, 3)
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    window = make_window(case_path)
    window.actions_["accept"].trigger()
    dialog = dialog_of(qtbot, AcceptLossDialog)
    qtbot.keyClicks(dialog.why, "the disk failed")
    qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.journal.model.rowCount() == 2, timeout=PATIENCE_MS)
    assert window.journal.model.value(0, "why") == "the disk failed"
    window.session.change(lambda w: w.labelling.note("on we go"))
    qtbot.waitUntil(lambda: window.journal.model.rowCount() == 3, timeout=PATIENCE_MS)
    settle(qtbot, window)


def test_a_request_is_written_and_waits_and_a_wrong_answer_is_refused(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path, tmp_path: Path
) -> None:
    _decided(case_path, 1)
    window = make_window(case_path)
    window.actions_["stamps"].trigger()
    dialog = dialog_of(qtbot, StampsDialog)
    dialog.request_wanted.emit(tmp_path / "case.tsq")
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1, timeout=PATIENCE_MS)
    assert (tmp_path / "case.tsq").stat().st_size > 0
    assert "Wrote" in dialog.hint.text()
    dialog.answer_wanted.emit(tmp_path / "none.tsr")
    qtbot.waitUntil(lambda: "cannot be read" in dialog.hint.text(), timeout=PATIENCE_MS)
    dialog.url.setText("http://127.0.0.1:9/")
    dialog.act()
    qtbot.waitUntil(lambda: "waits for a stamp" in dialog.hint.text(), timeout=PATIENCE_MS)
    dialog.reject()
    settle(qtbot, window)
