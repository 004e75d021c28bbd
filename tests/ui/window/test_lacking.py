"""A case whose journal lost lines opens, says so, and refuses to decide over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.window.conftest import settle
from workbench.services.workspace import Workspace

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
