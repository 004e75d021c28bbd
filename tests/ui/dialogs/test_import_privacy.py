"""The section Privacy of the import: closed, reached by keyboard, held by the first import."""

from pathlib import Path

import orjson
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.case.pseudonym_key import PseudonymKey
from workbench.domain.door import PSEUDONYMS, Door
from workbench.services.door import Privacy
from workbench.ui.dialogs.import_logs import ImportDialog
from workbench.ui.dialogs.import_privacy import PrivacySection
from workbench.ui.session import Session
from workbench.ui.theme import Theme

PATIENCE_MS = 20_000


def opened(qtbot: QtBot, theme: Theme, session: Session, log: Path) -> ImportDialog:
    """The dialog on its third page."""
    dialog = ImportDialog(theme, session, (log,))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    dialog.act()
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    dialog.act()
    return dialog


def a_log(path: Path, count: int = 3) -> Path:
    rows = [{"prompt": f"say zyxwvut {n}", "account_id": "jane-doe"} for n in range(count)]
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return path


def test_it_is_closed_and_asks_for_nothing(qtbot: QtBot, theme: Theme) -> None:
    section = PrivacySection(theme)
    qtbot.addWidget(section)
    section.show()
    assert not section.is_open
    assert not section.texts.isVisible()
    assert section.privacy == Privacy()
    assert section.summary.text() == "Names and texts enter as they are"
    assert "closed" in section.heading.accessibleName()
    assert section.names.keys() == PSEUDONYMS.keys()


def test_names_and_texts_are_left_out_by_keyboard(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    log = a_log(tmp_path / "a.jsonl")
    dialog = opened(qtbot, theme, session, log)
    section = dialog.frame.privacy
    dialog.frame.benign.setFocus()

    def tab_to(widget: object) -> None:
        for _ in range(20):
            qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
            if QApplication.focusWidget() is widget:
                return
        raise AssertionError("not reached")

    dialog.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is dialog.frame.benign)
    tab_to(section.heading)
    qtbot.keyClick(section.heading, Qt.Key.Key_Space)
    assert section.is_open
    tab_to(section.names["account_id"])
    qtbot.keyClick(section.names["account_id"], Qt.Key.Key_Space)
    tab_to(section.texts)
    qtbot.keyClick(section.texts, Qt.Key.Key_Space)
    assert section.summary.text() == "Pseudonyms for account_id; texts left out"
    assert "no text can be read" in section.effect.text()
    tab_to(section.key)
    key = tmp_path / "key"
    qtbot.keyClicks(section.key, str(key))
    assert section.privacy == Privacy(("account_id",), key, drop_text=True)
    dialog.act()
    qtbot.waitUntil(lambda: dialog.outcome.loaded, timeout=PATIENCE_MS)
    made = PseudonymKey.read(key)

    doors: list[Door] = []

    def keep(door: Door | None) -> None:
        assert door is not None
        doors.append(door)

    session.ask("test", lambda workspace: workspace.importing.door(), keep)
    qtbot.waitUntil(lambda: bool(doors), timeout=PATIENCE_MS)
    assert (doors[0].pseudonymised, doors[0].key_id) == (("account_id",), made.id)
    assert doors[0].text


def test_a_later_import_shows_what_the_first_chose_and_changes_nothing(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    first = opened(qtbot, theme, session, a_log(tmp_path / "a.jsonl"))
    first.frame.privacy.names["ip"].setChecked(True)
    first.act()
    qtbot.waitUntil(lambda: first.outcome.loaded, timeout=PATIENCE_MS)
    first.accept()
    later = opened(qtbot, theme, session, a_log(tmp_path / "b.jsonl", 5))
    section = later.frame.privacy
    qtbot.waitUntil(lambda: "as before" in section.summary.text(), timeout=PATIENCE_MS)
    assert section.names["ip"].isChecked()
    assert not any(box.isEnabled() for box in (*section.names.values(), section.texts))
    assert section.key.isEnabled()
    later.act()
    qtbot.waitUntil(lambda: later.outcome.loaded, timeout=PATIENCE_MS)


def test_a_case_whose_names_are_as_they_were_offers_nothing(qtbot: QtBot, theme: Theme) -> None:
    section = PrivacySection(theme)
    qtbot.addWidget(section)
    section.hold(Door())
    assert not section.key.isEnabled()
    assert section.privacy == Privacy()
    assert section.summary.text() == "Names and texts enter as they are, as before"
