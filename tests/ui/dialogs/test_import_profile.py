"""Profiles in the import dialog, by mouse and key: saved from one log, used for the next."""

from functools import partial
from pathlib import Path

import orjson
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from workbench.services import log_formats
from workbench.ui.dialogs.import_logs import ImportDialog
from workbench.ui.session import Session
from workbench.ui.theme import Theme

PATIENCE_MS = 20_000


def odd_log(path: Path) -> Path:
    """Records of a shape that no format knows, with times that name no zone."""
    rows = [
        {"who": "a", "moment": f"2026-05-01 10:00:0{i}", "asked": f"question {i}"} for i in range(3)
    ]
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return path


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path) -> ImportDialog:
    dialog = ImportDialog(theme, session, (odd_log(tmp_path / "odd.jsonl"),))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    return dialog


def offered(combo: QComboBox) -> list[str]:
    return [combo.itemText(at) for at in range(combo.count())]


def choose_by_key(qtbot: QtBot, combo: QComboBox, text: str) -> None:
    """Type the beginning of an entry, as on any combo box."""
    combo.setFocus()
    qtbot.keyClicks(combo, text)


def name_file(qtbot: QtBot, dialog: ImportDialog, path: Path) -> None:
    """Type a file's name into the file dialog that is open, and press Enter."""
    qtbot.waitUntil(lambda: bool(dialog.findChildren(QFileDialog)))
    files = dialog.findChildren(QFileDialog)[-1]
    files.activateWindow()
    qtbot.waitUntil(files.isActiveWindow)
    field = files.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.selectAll()
    qtbot.keyClicks(field, str(path))
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not files.isVisible())


def test_a_mapping_is_saved_and_reads_the_next_log(
    qtbot: QtBot, theme: Theme, session: Session, dialog: ImportDialog, tmp_path: Path
) -> None:
    bar = dialog.profiles
    assert bar.isVisible()
    assert offered(bar.choice) == ["None: as detected", "Choose a file…"]
    qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)
    assert dialog.fields.mapping == {"ts": "moment"}, "guessed"
    for column, field in (("account_id", "who"), ("prompt", "asked"), ("ts", "moment")):
        choose_by_key(qtbot, dialog.fields._combos[column], field)
        qtbot.waitUntil(partial(dialog.fields.mapping.__contains__, column))
        qtbot.waitUntil(bar.save_button.isEnabled, timeout=PATIENCE_MS)
    qtbot.keyClicks(dialog.frame.fields["zone"], "Europe/Berlin")
    qtbot.mouseClick(bar.save_button, Qt.MouseButton.LeftButton)
    path = log_formats.profiles_folder() / "gateway.toml"
    name_file(qtbot, dialog, path)
    qtbot.waitUntil(lambda: "gateway" in offered(bar.choice), timeout=PATIENCE_MS)
    assert bar.choice.currentText() == "gateway"
    saved = log_formats.load_profile(path)
    assert saved.mapping == {"account_id": "who", "prompt": "asked", "ts": "moment"}
    assert saved.zone == "Europe/Berlin"

    again = ImportDialog(theme, session, (odd_log(tmp_path / "next.jsonl"),))
    qtbot.addWidget(again)
    again.show()
    qtbot.waitUntil(again.primary.isEnabled, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "gateway" in offered(again.profiles.choice), timeout=PATIENCE_MS)
    assert again.profiles.choice.currentText() == "gateway", "it fits, so it is chosen"
    assert again.profiles.note.text() == "Saved profile that fits: its 3 fields are there"
    assert again.fields.mapping == saved.mapping
    assert again.fields._reasons["prompt"].text() == "by the profile gateway"
    assert "No format knows" not in again.seen.text()
    assert again.frame.fields["zone"].text() == "Europe/Berlin"
    item = again.fields.rows.item(0, 4)
    assert item is not None
    assert item.text() == "question 0"
    stamp = again.fields.rows.item(0, 2)
    assert stamp is not None
    assert "08:00:00" in stamp.text(), "the zone of the profile holds for the preview"

    qtbot.keyClick(again.profiles.choice, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: "No format knows" in again.seen.text(), timeout=PATIENCE_MS)
    qtbot.waitUntil(again.primary.isEnabled, timeout=PATIENCE_MS)
    assert again.fields.mapping == {"ts": "moment"}, "taken back, and not offered again"
    assert again.frame.fields["zone"].text() == ""
    choose_by_key(qtbot, again.profiles.choice, "gateway")
    qtbot.waitUntil(lambda: again.fields.mapping == saved.mapping, timeout=PATIENCE_MS)
    assert "3 columns mapped" in again.profiles.note.text()


def test_a_profile_from_any_folder(
    qtbot: QtBot, dialog: ImportDialog, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "from a colleague.toml"
    mapping = {"account_id": "who", "prompt": "asked"}
    log_formats.save_profile(log_formats.Profile("x", "mapped", "", mapping), path)
    bar = dialog.profiles
    choose_by_key(qtbot, bar.choice, "Choose")
    name_file(qtbot, dialog, path)
    qtbot.waitUntil(lambda: dialog.fields.mapping == mapping, timeout=PATIENCE_MS)
    assert bar.choice.currentText() == "from a colleague"


def test_what_is_no_profile_is_refused_and_the_mapping_stays(
    qtbot: QtBot, dialog: ImportDialog, tmp_path: Path
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("[mapping]\nno_such_column = 'x'\n", "utf-8")
    dialog.fields.set_mapping({"prompt": "asked"})
    choose_by_key(qtbot, dialog.profiles.choice, "Choose")
    name_file(qtbot, dialog, path)
    qtbot.waitUntil(lambda: "no_such_column" in dialog.profiles.note.toolTip(), timeout=PATIENCE_MS)
    assert dialog.profiles.choice.currentText() == "None: as detected"
    assert dialog.fields.mapping == {"prompt": "asked"}


def save(name: str, mapping: dict[str, str], reads: str = "") -> None:
    log_formats.saved_profiles()  # makes the folder
    path = log_formats.profiles_folder() / f"{name}.toml"
    log_formats.save_profile(log_formats.Profile(name, reads, "UTC", mapping), path)


def test_what_was_preselected_goes_with_the_files_that_it_fits(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    save("gateway", {"prompt": "asked", "ts": "moment"})
    save("less", {"prompt": "asked"})
    (log_formats.profiles_folder() / "spoilt.toml").write_text("no = ", "utf-8")
    dialog = ImportDialog(theme, session, (odd_log(tmp_path / "odd.jsonl"),))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    assert dialog.fields.mapping == {"prompt": "asked", "ts": "moment"}, "the one that maps most"
    assert "its 2 fields are there; 1 other fits, too" in dialog.profiles.note.text()
    known = tmp_path / "known.jsonl"
    known.write_bytes(orjson.dumps({"prompt": "p", "account_id": "k"}))
    dialog.add_files((known,))
    qtbot.waitUntil(lambda: "known.jsonl: canonical" in dialog.seen.text(), timeout=PATIENCE_MS)
    assert dialog.fields.mapping == {}
    assert dialog.profiles.choice.currentText() == "None: as detected"
    dialog.files.setCurrentRow(1)
    dialog._remove_chosen()
    qtbot.waitUntil(lambda: bool(dialog.fields.mapping), timeout=PATIENCE_MS)
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    assert dialog.profiles.choice.currentText() == "gateway"
    dialog.fields._put("account_id", "who")
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    dialog.add_files((odd_log(tmp_path / "more.jsonl"),))
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    assert "account_id" in dialog.fields.mapping, "what a person chose stays"


def test_a_profile_that_does_not_fit_is_not_offered(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    save("other", {"prompt": "asked", "account_id": "key.alias"})
    save("named", {"prompt": "asked"}, "litellm")
    save("bare", {"account_id": "who"})
    dialog = ImportDialog(theme, session, (odd_log(tmp_path / "odd.jsonl"),))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    assert dialog.profiles.choice.currentText() == "None: as detected"
    assert not dialog.profiles.preselected
    assert "No format knows" in dialog.seen.text()
