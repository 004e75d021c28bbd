"""What the import dialog asks before it goes on, which file it shows, where its controls are."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from pytestqt.qtbot import QtBot

from workbench.services import log_formats
from workbench.ui.dialogs.import_logs import ImportDialog
from workbench.ui.session import Session
from workbench.ui.theme import Theme

PATIENCE_MS = 20_000
NAIVE = {"ts": "2026-05-01 12:00:00", "account_id": "k", "prompt": "why"}


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_bytes(b"\n".join(map(orjson.dumps, records)))
    return path


class Person:
    """Looks at the dialog and presses its buttons."""

    def __init__(self, qtbot: QtBot, theme: Theme, session: Session) -> None:
        self._qtbot, self._theme, self._session = qtbot, theme, session

    def opens(self, *paths: Path) -> ImportDialog:
        dialog = ImportDialog(self._theme, self._session, paths)
        self._qtbot.addWidget(dialog)
        dialog.show()
        self._qtbot.waitExposed(dialog)
        self._qtbot.waitUntil(lambda: not paths or dialog.primary.isEnabled(), timeout=PATIENCE_MS)
        return dialog

    def goes_on(self, dialog: ImportDialog, pages: int = 1) -> None:
        for _ in range(pages):
            assert dialog.primary.isEnabled()
            self._qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)

    def waits_for(self, dialog: ImportDialog, words: str) -> None:
        self._qtbot.waitUntil(lambda: words in dialog.fields.verdict.text(), timeout=PATIENCE_MS)


@pytest.fixture
def person(qtbot: QtBot, theme: Theme, session: Session) -> Person:
    return Person(qtbot, theme, session)


def test_import_waits_for_the_zone(qtbot: QtBot, person: Person, tmp_path: Path) -> None:
    dialog = person.opens(write(tmp_path / "proxy.jsonl", NAIVE))
    person.goes_on(dialog, 2)
    page = dialog.frame
    assert "proxy.jsonl has times without a zone, such as 2026-05-01" in page.question.text()
    assert page.question.isVisible()
    zone = page.fields["zone"]
    assert dialog.focusWidget() is zone
    assert not dialog.primary.isEnabled()
    assert "time zone" in dialog.hint.text()
    qtbot.keyClicks(zone, "Mar")
    assert not dialog.primary.isEnabled()
    assert "'Mar' is not a time zone" in dialog.hint.text()
    zone.clear()
    qtbot.keyClicks(zone, "UTC")
    assert dialog.primary.isEnabled()
    assert dialog.hint.text() == ""
    qtbot.mouseClick(dialog.back_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    item = dialog.fields.rows.item(0, 2)
    assert item is not None
    assert "12:00:00" in item.text(), "the preview is read in the zone that was said"


def test_times_may_be_left_empty_by_a_word(qtbot: QtBot, person: Person, tmp_path: Path) -> None:
    dialog = person.opens(write(tmp_path / "proxy.jsonl", NAIVE))
    person.goes_on(dialog, 2)
    box = dialog.frame.no_zone
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    assert box.isChecked()
    assert dialog.frame.frame.zone == "none"
    person.goes_on(dialog)
    qtbot.waitUntil(lambda: dialog.outcome.loaded, timeout=PATIENCE_MS)


def test_where_every_time_has_a_zone_nothing_is_asked(person: Person, tmp_path: Path) -> None:
    dialog = person.opens(write(tmp_path / "log.jsonl", NAIVE | {"ts": 1_700_000_000}))
    person.goes_on(dialog, 2)
    assert not dialog.frame.question.isVisible()
    assert not dialog.frame.no_zone.isVisible()
    assert dialog.primary.isEnabled()
    assert dialog.focusWidget() is dialog.frame.fields["custodian"]


def test_fields_and_preview_follow_the_file(qtbot: QtBot, person: Person, tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", NAIVE)
    odd = tmp_path / "odd.csv"
    odd.write_text("Key ID,Question asked\nk,first\nk,second\n")
    dialog = person.opens(one, odd)
    assert "one.jsonl: canonical, 100 % sure" in dialog.seen.text()
    assert "odd.csv: No format knows" in dialog.seen.text()
    dialog.files.setCurrentRow(1)
    person.goes_on(dialog)
    page = dialog.fields
    assert page.file.isVisible()
    assert page.file.currentText() == "odd.csv"
    assert "odd.csv: the format is not recognised" in page.verdict.text()
    assert "sure" not in page.verdict.text()
    assert page.rows.rowCount() == 2
    page.file.setFocus()
    qtbot.keyClick(page.file, Qt.Key.Key_Up)
    assert "one.jsonl: canonical, 100 % sure: key" in page.verdict.text()
    assert page.rows.rowCount() == 1


def test_an_unknown_file_holds_up_until_it_is_mapped(
    qtbot: QtBot, person: Person, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("Key ID,Question asked,Region\nk,first,x\nk,second,x\n")
    known = write(tmp_path / "log.jsonl", NAIVE | {"ts": 1_700_000_000})
    dialog = person.opens(odd, known)
    person.goes_on(dialog)
    page = dialog.fields
    assert not dialog.primary.isEnabled()
    assert "odd.csv needs a mapping" in dialog.hint.text()
    assert page.suggestion.text() == (
        "These fields may fit: account_id from Key ID, prompt from Question asked."
    )
    assert dialog.focusWidget() is page.take_button
    assert page.mapping == {}, "a mapping is for all files: not where a format knows one of them"
    dialog.files.setCurrentRow(1)
    dialog._remove_chosen()
    person.waits_for(dialog, "read by the fields that are chosen below")
    assert page.mapping == {"account_id": "Key ID", "prompt": "Question asked"}
    assert not page.take_button.isVisible()
    person.goes_on(dialog, 2)
    qtbot.waitUntil(lambda: dialog.outcome.loaded, timeout=PATIENCE_MS)


def test_a_profile_whose_field_is_nowhere_holds_up(
    qtbot: QtBot, person: Person, tmp_path: Path
) -> None:
    dialog = person.opens(write(tmp_path / "log.jsonl", NAIVE))
    profile = log_formats.Profile("p", "", "UTC", {"account_id": "KeyID"})
    dialog.profiles.chosen.emit(profile)
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    person.goes_on(dialog)
    assert not dialog.primary.isEnabled()
    assert "log.jsonl has no field KeyID. Choose another one for account_id." in dialog.hint.text()
    combo = dialog.fields._combos["account_id"]
    assert combo.currentText() == "KeyID (not in this file)"
    qtbot.keyClicks(combo, "As")
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    assert dialog.fields.mapping == {}


def test_the_keyboard_begins_where_work_begins(person: Person) -> None:
    dialog = person.opens()
    assert dialog.focusWidget() is dialog._add


def test_no_button_moves_from_page_to_page(qtbot: QtBot, person: Person, tmp_path: Path) -> None:
    dialog = person.opens(write(tmp_path / "log.jsonl", NAIVE | {"ts": 1_700_000_000}))

    def places() -> list[QRect]:
        qtbot.waitUntil(lambda: dialog.footer.isEmpty() is False)
        dialog.footer.activate()
        return [b.geometry() for b in (dialog.cancel_button, dialog.primary)]

    first = places()
    for _ in range(3):
        person.goes_on(dialog)
        assert places() == first
    qtbot.waitUntil(lambda: dialog.outcome.loaded, timeout=PATIENCE_MS)
    assert places() == first


def test_back_stays_where_it_is(qtbot: QtBot, person: Person, tmp_path: Path) -> None:
    dialog = person.opens(write(tmp_path / "log.jsonl", NAIVE | {"ts": 1_700_000_000}))
    person.goes_on(dialog, 2)
    back = dialog.back_button.geometry().center()
    qtbot.mouseClick(dialog.back_button, Qt.MouseButton.LeftButton)
    dialog.footer.activate()
    assert dialog.back_button.geometry().center() == back
    qtbot.mouseClick(dialog.back_button, Qt.MouseButton.LeftButton)
    dialog.footer.activate()
    holder = dialog.cancel_button.parentWidget()
    assert holder is not None
    assert holder.childAt(back) not in (dialog.cancel_button, dialog.primary)
