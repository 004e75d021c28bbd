"""Exhibits from the reading pane into a bundle: by mouse and by keyboard, in a whole window."""

import json
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.window.conftest import PATIENCE_MS, MakeWindow, settle
from tests.ui.window.test_prompts import click, rest
from tests.ui.window.test_window import dialog_of
from workbench.ui.dialogs.export_evidence import ExportDialog
from workbench.ui.main_window import MainWindow


def read_first(qtbot: QtBot, window: MainWindow, row: int) -> None:
    """Read the first exchange of a prompt."""
    window.docks.go_to("prompts")
    click(qtbot, window.prompts.table, row)
    rest(qtbot, window)
    click(qtbot, window.prompts.exchanges, 0)
    rest(qtbot, window)


def chosen(window: MainWindow) -> list[int]:
    return [one.exchange_id for one in window.exporting.exhibits.chosen]


def test_without_an_exchange_there_is_nothing_to_add(window: MainWindow) -> None:
    assert not window.prompts.exhibit_button.isEnabled()
    assert not window.actions_["exhibit"].isEnabled()
    window.actions_["exhibit"].trigger()
    window.exporting.toggle()
    assert window.exporting.exhibits.chosen == ()


def test_what_is_read_becomes_an_exhibit_and_no_longer(qtbot: QtBot, window: MainWindow) -> None:
    read_first(qtbot, window, 0)
    button = window.prompts.exhibit_button
    assert button.text() == "Add as exhibit"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (one,) = window.exporting.exhibits.chosen
    assert one.exchange_id == window.prompts.exchanges.chosen
    assert button.text() == window.actions_["exhibit"].text() == "Remove exhibit"
    # Another one is read: it is none yet.
    read_first(qtbot, window, 1)
    assert button.text() == "Add as exhibit"
    qtbot.keyClick(window, Qt.Key.Key_E)
    assert len(chosen(window)) == 2
    qtbot.keyClick(window, Qt.Key.Key_E)
    assert chosen(window) == [one.exchange_id]
    window.prompts.refresh()
    settle(qtbot, window)
    assert not button.isEnabled()
    window.session.close_case()
    assert chosen(window) == []


def test_an_exhibit_goes_into_the_bundle_and_its_journal(
    qtbot: QtBot, make_window: MakeWindow, harbour: Path, tmp_path: Path
) -> None:
    window = make_window(harbour)
    window.clusters.choose_first()
    settle(qtbot, window)
    read_first(qtbot, window, 0)
    qtbot.keyClick(window, Qt.Key.Key_E)
    (exhibit,) = window.exporting.exhibits.chosen
    window.actions_["export"].trigger()
    dialog = dialog_of(qtbot, ExportDialog)
    qtbot.waitUntil(lambda: "DRAFT" in dialog.fields.card.said, timeout=PATIENCE_MS)
    assert dialog.fields.texts.table.rowCount() == 1
    dialog.fields.out.setText(str(tmp_path / "bundle"))
    qtbot.keyClicks(dialog.fields.why, "for the review board")
    qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: (tmp_path / "bundle" / "bag-info.txt").exists(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: dialog.primary.text() == "Open the folder", timeout=PATIENCE_MS)
    dialog.reject()
    settle(qtbot, window)
    lines = [
        json.loads(line)
        for path in (harbour / "decided").glob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    (body,) = [line["body"] for line in lines if line["kind"] == "export"]
    assert body["exhibits"] == [exhibit.exchange_id]
    assert (body["why"], body["all_texts"]) == ("for the review board", False)
