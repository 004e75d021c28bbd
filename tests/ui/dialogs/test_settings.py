"""The settings of a case: nothing set, one set, what is changed, and what a reason may hold."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from workbench.case.policy import Policy
from workbench.domain.label import Analyst, EntryKind, JournalEntry
from workbench.services.network import Reach
from workbench.ui.dialogs.settings import SettingsDialog
from workbench.ui.theme import Theme

REACHES = (
    Reach("Embedder", "off", "No address can be set."),
    Reach("Time-stamp server", "https://tsa.example/", "Asked only when a person asks."),
)


def entry(why: str) -> JournalEntry:
    analyst = Analyst("SHA256:q8ZtT3nG2yYv1WqS0m4o6Xb9cE5rK7uJhLdPzAfIi0M", "Mara")
    body: dict[str, object] = {"policy": {"legal_hold": True}, "why": why}
    return JournalEntry("1" * 64, "0" * 64, 1, EntryKind.POLICY, 0, analyst, body)


def shown(dialog: SettingsDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def test_nothing_is_set_and_nothing_is_saved(qtbot: QtBot, theme: Theme) -> None:
    dialog = SettingsDialog(theme, Policy(), Policy(), ())
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.changed == {}
    assert dialog.answers["hide_prompts"].currentText() == "Not set (no, one analyst has it)"
    assert dialog.retention.text() == "no limit"
    qtbot.keyClicks(dialog.why, "because")
    assert not dialog.primary.isEnabled()
    wanted: list[object] = []
    dialog.wanted.connect(lambda *found: wanted.append(found))
    dialog.act()
    assert not wanted


def test_what_is_changed_is_handed_over_with_its_reason(qtbot: QtBot, theme: Theme) -> None:
    dialog = SettingsDialog(theme, Policy(), Policy(hide_prompts=True), REACHES)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "several analysts" in dialog.answers["hide_prompts"].currentText()
    qtbot.keyClick(dialog.answers["legal_hold"], Qt.Key.Key_Down)
    qtbot.keyClicks(dialog.stamp_url, " https://tsa.example/ ")
    dialog.retention.setValue(90)
    assert not dialog.primary.isEnabled()
    assert "Say why" in dialog.hint.text()
    qtbot.keyClicks(dialog.why, "order 12/26")
    with qtbot.waitSignal(dialog.wanted) as wanted:
        qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    stands = {"legal_hold": True, "retention_days": 90, "stamp_url": "https://tsa.example/"}
    assert wanted.args == [stands, "order 12/26"]


def test_what_stands_says_who_and_goes_back_to_unset(qtbot: QtBot, theme: Theme) -> None:
    why = "<b>court</b> \u202e order"
    now = Policy(legal_hold=True, said={"legal_hold": entry(why)})
    dialog = SettingsDialog(theme, now, Policy(), REACHES)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.answers["legal_hold"].currentText() == "Yes"
    said = shown(dialog).replace("\u200b", "")
    assert "Mara SHA256:q8ZtT3nG" in said
    assert "<b>court</b> <U+202E> order" in said
    assert "Embedder\nOff\nNo address can be set." in said
    dialog.answers["legal_hold"].setCurrentIndex(0)
    assert dialog.changed == {"legal_hold": None}
    dialog.say("The journal cannot be written.")
    assert "cannot be written" in dialog.hint.text()
