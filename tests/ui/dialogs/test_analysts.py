"""Conflicts, sign-off and merging as dialogs: none, one, several, and what people write."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QRadioButton
from pytestqt.qtbot import QtBot

from workbench.domain.label import Analyst, EntryKind, JournalEntry, Label
from workbench.services.reviewing import Conflict, Standing
from workbench.ui.dialogs.conflicts import ConflictsDialog
from workbench.ui.dialogs.merge_copy import MergeDialog
from workbench.ui.dialogs.sign_off import SignOffDialog
from workbench.ui.theme import Theme

HOSTILE = "<b>bold</b> \u202e & x"


def entry(name: str, label: Label, why: str = "because", digest: str = "1") -> JournalEntry:
    analyst = Analyst("SHA256:q8ZtT3nG2yYv1WqS0m4o6Xb9cE5rK7uJhLdPzAfIi0M", name)
    body: dict[str, object] = {"label": label.value, "why": why, "accounts": []}
    return JournalEntry(digest * 64, "0" * 64, 1, EntryKind.LABEL, 0, analyst, body)


def conflict(*accounts: str, why: str = "because") -> Conflict:
    return Conflict(
        accounts,
        (entry("Mara", Label.CONFIRMED, why), entry("Ben", Label.BENIGN, "", digest="2")),
    )


def choices(dialog: ConflictsDialog) -> list[QRadioButton]:
    return [button for button in dialog.findChildren(QRadioButton) if button.group() is not None]


def test_without_a_conflict_there_is_nothing_to_decide(qtbot: QtBot, theme: Theme) -> None:
    dialog = ConflictsDialog(theme, ())
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.primary.isVisible()
    assert not dialog.table.isVisible()
    decided: list[object] = []
    dialog.decided.connect(lambda *found: decided.append(found))
    dialog.act()
    assert not decided


def test_a_conflict_is_decided_by_choosing_one_and_saying_why(qtbot: QtBot, theme: Theme) -> None:
    dialog = ConflictsDialog(theme, [conflict("key::a", "key::b:c", why=HOSTILE), conflict("k::d")])
    qtbot.addWidget(dialog)
    dialog.show()
    first, second = choices(dialog)
    assert first.text().startswith("Confirmed, by Mara (SHA256:q8ZtT3nG), 1970-01-01 00:00 UTC")
    assert second.text().endswith("UTC, shown now")
    assert dialog.table.model().index(0, 2).data() == "a, b:c"
    assert dialog.primary.text() == "Label 2 accounts"
    second.setFocus()
    qtbot.keyClick(second, Qt.Key.Key_Space)
    assert not dialog.primary.isEnabled()
    qtbot.keyClicks(dialog.why, "contract seen")
    with qtbot.waitSignal(dialog.decided) as decided:
        qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    assert decided.args == [Label.BENIGN, "contract seen", ("key::a", "key::b:c")]
    dialog.show_found([conflict("k::d")])
    assert dialog.primary.text() == "Label 1 account"
    assert dialog.why.text() == ""
    dialog.say("The journal cannot be written.")
    assert "cannot be written" in dialog.hint.text()


def test_a_name_with_an_ampersand_is_shown_as_it_is(qtbot: QtBot, theme: Theme) -> None:
    one = Conflict(("key::a",), (entry(HOSTILE, Label.CONFIRMED), entry("B", Label.BENIGN)))
    dialog = ConflictsDialog(theme, [one])
    qtbot.addWidget(dialog)
    assert "by <b>bold</b> <U+202E> && x (" in choices(dialog)[0].text()


def test_only_labels_of_others_are_signed_off(qtbot: QtBot, theme: Theme) -> None:
    standing = [
        Standing(entry("Mara", Label.CONFIRMED, HOSTILE), 1_204, False, (), False),
        Standing(entry("Ben", Label.BENIGN, ""), 2, True, ("Mara",), False),
        Standing(entry("Mara", Label.BENIGN), 1, False, ("Ben",), True),
        Standing(entry("Zoe", Label.BENIGN), 1, False, ("Ben",), False),
    ]
    dialog = SignOffDialog(theme, "C-001", standing)
    qtbot.addWidget(dialog)
    dialog.show()
    model = dialog.table.model()
    rows = [[model.index(r, c).data() for c in (0, 4, 5)] for r in range(4)]
    assert rows == [
        ["1,204", "lacks", "<b>bold</b> <U+202E> & x"],
        ["2", "by Mara", "no reason was given"],
        ["1", "by you", "because"],
        ["1", "by Ben; yours lacks", "because"],
    ]
    assert dialog.primary.text() == "Sign off 2 labels"
    assert not dialog.primary.isEnabled()
    qtbot.keyClicks(dialog.why, "read the exhibits")
    with qtbot.waitSignal(dialog.wanted) as wanted:
        qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    assert wanted.args == ["read the exhibits"]


def test_where_nothing_stands_nothing_is_signed_off(qtbot: QtBot, theme: Theme) -> None:
    for standing in ((), (Standing(entry("Me", Label.BENIGN), 1, True, (), False),)):
        dialog = SignOffDialog(theme, "C-001", standing)
        qtbot.addWidget(dialog)
        dialog.show()
        assert not dialog.why.isEnabled()
        assert not dialog.primary.isEnabled()
        assert dialog.table.isVisible() == bool(standing)


def test_a_copy_must_be_named(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    dialog = MergeDialog(theme, tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.primary.isEnabled()
    qtbot.keyClicks(dialog.copy, str(tmp_path))
    with qtbot.waitSignal(dialog.wanted) as wanted:
        qtbot.keyClick(dialog.copy, Qt.Key.Key_Return)
    assert wanted.args == [tmp_path, ""]
    assert not dialog.primary.isEnabled()
    dialog.say("It is another case.")
    assert dialog.primary.isEnabled()
    assert "another case" in dialog.hint.text()
