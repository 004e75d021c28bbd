"""Time stamps and lost lines as dialogs: none, one that waits, one that is there; reasons."""

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.case.pins import Pin
from workbench.case.stamps import Answer, Stamp
from workbench.ui.dialogs.accept_loss import AcceptLossDialog
from workbench.ui.dialogs.stamps import StampsDialog
from workbench.ui.theme import Theme


def test_without_stamps_and_server_nothing_is_asked(qtbot: QtBot, theme: Theme) -> None:
    dialog = StampsDialog(theme, [], "")
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.table.isVisible()
    assert not dialog.primary.isEnabled()
    qtbot.keyClicks(dialog.url, "https://tsa.example/")
    with qtbot.waitSignal(dialog.asked) as asked:
        qtbot.keyClick(dialog.url, Qt.Key.Key_Return)
    assert asked.args == ["https://tsa.example/"]
    assert not dialog.primary.isEnabled()
    dialog.say("The server did not answer.")
    assert dialog.primary.isEnabled()


def test_what_waits_and_what_is_stamped_is_listed(qtbot: QtBot, theme: Theme) -> None:
    heads = {"1a": Pin(1_200, "0" * 64), "2b": Pin(4, "0" * 64)}
    at = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
    answer = Answer(at, "<b>TSA</b> \u202e", 7, "f" * 64)
    listed = [(Stamp("a" * 64, heads, None), "waits"), (Stamp("b" * 64, {}, answer), "holds")]
    dialog = StampsDialog(theme, listed, "https://tsa.example/")
    qtbot.addWidget(dialog)
    dialog.show()
    model = dialog.table.model()
    assert [[model.index(r, c).data() for c in range(5)] for r in range(2)] == [
        ["waits", "1,204", "a" * 16, "", ""],
        ["2026-05-01 12:30:00", "0", "b" * 16, "holds", "<b>TSA</b> <U+202E>"],
    ]
    dialog.tell("1 state was stamped.")
    assert dialog.hint.text() == "1 state was stamped."


def test_going_on_needs_something_missing_and_a_reason(
    qtbot: QtBot, theme: Theme, tmp_path: Path
) -> None:
    nothing = AcceptLossDialog(theme, [])
    qtbot.addWidget(nothing)
    nothing.show()
    assert not nothing.why.isVisible()
    assert not nothing.primary.isEnabled()
    dialog = AcceptLossDialog(theme, [f"{tmp_path}: 2 lines are missing."])
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.primary.isEnabled()
    qtbot.keyClicks(dialog.why, "the disk failed")
    with qtbot.waitSignal(dialog.wanted) as wanted:
        qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    assert wanted.args == ["the disk failed"]
    dialog.say("Nothing is missing.")
    assert "Nothing is missing" in dialog.hint.text()
