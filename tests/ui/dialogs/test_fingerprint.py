"""The dialog that takes a fingerprint: no cluster, one, several, and what needs a reason."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from workbench.ui.dialogs.fingerprint import Asked, FingerprintDialog

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from workbench.ui.theme import Theme

BESIDE = Path("cases")
TWO = (("C-001", "7 accounts, multi-axis, unlabelled"), ("C-002", "<b>8</b> \u202e accounts"))


def made(
    qtbot: QtBot, theme: Theme, clusters: tuple[tuple[str, str], ...], chosen: str = ""
) -> FingerprintDialog:
    dialog = FingerprintDialog(theme, clusters, chosen, BESIDE)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_without_a_cluster_nothing_can_be_taken(qtbot: QtBot, theme: Theme) -> None:
    dialog = made(qtbot, theme, ())
    assert not dialog.primary.isEnabled()
    with qtbot.assertNotEmitted(dialog.wanted):
        dialog.act()


def test_of_the_only_cluster_into_the_file_that_is_suggested(qtbot: QtBot, theme: Theme) -> None:
    dialog = made(qtbot, theme, TWO[:1], "C-009")
    with qtbot.waitSignal(dialog.wanted) as wanted:
        qtbot.keyClick(dialog.file, Qt.Key.Key_Return)
    out = BESIDE / "C-001.fingerprint.json"
    assert wanted.args == [Asked("C-001", out, None, (), False, "")]
    assert not dialog.primary.isEnabled()
    dialog.say("cases/C-001.fingerprint.json cannot be written.")
    assert dialog.primary.isEnabled()


def test_the_file_follows_the_cluster_until_somebody_names_one(qtbot: QtBot, theme: Theme) -> None:
    dialog = made(qtbot, theme, TWO, "C-002")
    assert dialog.cluster.currentText() == "C-002   <b>8</b> <U+202E> accounts"
    assert dialog.file.text() == str(BESIDE / "C-002.fingerprint.json")
    dialog.cluster.setCurrentIndex(0)
    assert dialog.file.text() == str(BESIDE / "C-001.fingerprint.json")
    dialog.file.setText("mine.json")
    dialog.cluster.setCurrentIndex(1)
    assert dialog.file.text() == "mine.json"
    dialog.file.clear()
    assert not dialog.primary.isEnabled()
    assert dialog.hint.text() == "Name a file."


def test_values_and_words_need_a_reason(qtbot: QtBot, theme: Theme) -> None:
    dialog = made(qtbot, theme, TWO)
    assert not dialog.why.isEnabled()
    dialog.kinds["networks"].setChecked(True)
    dialog.words.setChecked(True)
    dialog.stix.setChecked(True)
    assert not dialog.primary.isEnabled()
    assert "say why" in dialog.hint.text()
    qtbot.keyClicks(dialog.why, "asked by the partner")
    with qtbot.waitSignal(dialog.wanted) as wanted:
        qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    (asked,) = wanted.args
    assert asked.kinds == ("networks",)
    assert (asked.words, asked.why) == (True, "asked by the partner")
    assert asked.stix == BESIDE / "C-001.fingerprint.stix.json"
    dialog.say("no")
    dialog.kinds["networks"].setChecked(False)
    dialog.words.setChecked(False)
    with qtbot.waitSignal(dialog.wanted) as wanted:
        dialog.act()
    assert wanted.args[0].why == ""
