"""The import dialog over a real case: by mouse and key, from a file to its fates."""

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import orjson
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from workbench.ui.dialogs.import_logs import ImportDialog
from workbench.ui.session import Session
from workbench.ui.states import EmptyState
from workbench.ui.theme import Theme


def _log(path: Path, rows: int = 3) -> Path:
    lines = [
        {"request_id": f"r{i}", "ts": 1_700_000_000 + i, "account_id": "a", "prompt": f"say {i}"}
        for i in range(rows)
    ]
    path.write_bytes(b"\n".join(map(orjson.dumps, lines)) + b"\n\n{torn\n")
    return path


def _mapped(dialog: ImportDialog, column: str) -> bool:
    return column in dialog.fields.mapping


def _press(qtbot: QtBot, dialog: ImportDialog) -> None:
    qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)


def test_from_a_file_to_its_fates(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    dialog = ImportDialog(theme, session, (_log(tmp_path / "log.jsonl"),))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=20_000)
    assert "canonical" in dialog.seen.text()
    _press(qtbot, dialog)
    assert dialog.fields.rows.rowCount() == 4
    assert "Rejected 1" in dialog.fields.accounting.sum.text()
    _press(qtbot, dialog)
    qtbot.keyClicks(dialog.frame.fields["custodian"], "Platform logging")
    assert dialog.frame.frame.custodian == "Platform logging"
    _press(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.outcome.loaded, timeout=20_000)
    with qtbot.waitSignal(dialog.analysis_wanted):
        _press(qtbot, dialog)


def test_return_presses_the_button_that_has_the_keyboard_while_there_is_no_next_step(
    qtbot: QtBot, theme: Theme, session: Session
) -> None:
    dialog = ImportDialog(theme, session, ())
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    assert not dialog.primary.isEnabled()
    button = dialog.focusWidget()
    assert isinstance(button, QAbstractButton)
    assert button.text() == "Add files"
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Return)
    assert dialog.findChildren(QFileDialog)


def test_what_to_do_about_a_doubt_is_said_by_the_names_of_the_window(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    log = tmp_path / "late.jsonl"
    record = {"account_id": "k", "prompt": "why"}
    rows: list[dict[str, object]] = [{**record, "ts": 1_700_000_000 + n} for n in range(100)]
    rows.append({**record, "ts": "2026-05-01 12:00:00"})
    log.write_bytes(b"\n".join(map(orjson.dumps, rows)) + b"\n{\n" * 20)
    dialog = ImportDialog(theme, session, (log,))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=20_000)
    for _ in range(3):
        _press(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.outcome.loaded, timeout=20_000)
    said = "\n".join(label.text() for label in dialog.outcome.findChildren(QLabel))
    assert "1 time has no zone" in said
    assert "20 of 140 records rejected, all of them as" in said
    for control in ("Time zone", "Fields"):
        assert control in said
    assert "--" not in said
    assert "workbench rejects" not in said


def test_an_sqlite_file_is_a_file_like_any_other(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "calls.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE calls (account_id, prompt, ts)")
        connection.execute("INSERT INTO calls VALUES ('k', 'why', 1777636800)")
    dialog = ImportDialog(theme, session, (path,))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=20_000)
    assert "calls.db#calls" in dialog.seen.text()
    for _ in range(3):
        _press(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.outcome.loaded, timeout=20_000)


def test_an_unusable_file_is_named_and_nothing_goes_on(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    (tmp_path / "empty.jsonl").touch()
    dialog = ImportDialog(theme, session, (tmp_path / "empty.jsonl",))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "empty.jsonl" in dialog.seen.text(), timeout=20_000)
    assert not dialog.primary.isEnabled()


def test_without_a_file_there_is_nothing_to_do(
    qtbot: QtBot, theme: Theme, session: Session
) -> None:
    dialog = ImportDialog(theme, session)
    qtbot.addWidget(dialog)
    dialog.show()
    (state,) = [s for s in dialog.findChildren(EmptyState) if s.isVisible()]
    assert "Add files" in state.accessibleName()
    assert dialog.seen.text() == ""
    assert not dialog.primary.isEnabled()


def test_an_unknown_shape_is_mapped_by_its_combo_boxes(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "odd.jsonl"
    rows = [
        {"who": "a", "moment": 1_700_000_000, "asked": f"q{i}", "from": "198.51.100.1"}
        for i in range(3)
    ]
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    dialog = ImportDialog(theme, session)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.add_files((path,))
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=20_000)
    assert "No format knows" in dialog.seen.text()
    _press(qtbot, dialog)
    for column, field in (("account_id", "who"), ("prompt", "asked")):
        combo = dialog.fields._combos[column]
        combo.setFocus()
        qtbot.keyClicks(combo, field)
        qtbot.waitUntil(partial(_mapped, dialog, column))
        qtbot.waitUntil(dialog.profiles.save_button.isEnabled, timeout=20_000)
    assert dialog.primary.isEnabled()
    qtbot.waitUntil(
        lambda: (
            dialog.fields.rows.rowCount() == 3
            and (item := dialog.fields.rows.item(0, 4)) is not None
            and item.text() == "q0"
        ),
        timeout=20_000,
    )
    guessed = {"ip": "from"}
    assert dialog.fields.mapping == {"account_id": "who", "prompt": "asked", **guessed}
