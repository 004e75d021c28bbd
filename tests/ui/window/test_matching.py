"""Looking for a fingerprint from the window: by key, an error with its remedy, the selection."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.analysis.fingerprint.made_up import fingerprint
from tests.ui.dialogs.test_match import matched
from tests.ui.window.conftest import PATIENCE_MS, settle
from tests.ui.window.test_window import dialog_of
from workbench.services.fingerprinting import Fingerprinting
from workbench.services.matches import Taken
from workbench.ui.dialogs.fingerprint import FingerprintDialog
from workbench.ui.dialogs.match import MatchDialog
from workbench.ui.main_window import MainWindow
from workbench.ui.states import ErrorState

BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_a_file_that_is_none_is_said_in_the_dialog(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    file = tmp_path / "no.json"
    file.write_text("{}")
    qtbot.keyClick(window, Qt.Key.Key_F, BOTH)
    dialog = dialog_of(qtbot, MatchDialog)
    dialog.take([file])
    qtbot.keyClick(dialog.primary, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(dialog.findChildren(ErrorState)), timeout=PATIENCE_MS)
    assert "no.json" in dialog.findChildren(ErrorState)[0].accessibleName()
    dialog.reject()
    settle(qtbot, window)
    assert window.notices.texts == []


def test_who_resembles_it_is_selected_on_the_map(qtbot: QtBot, window: MainWindow) -> None:
    names = [window.accounts.model.value(row, "account_id") for row in range(3)]
    keys = tuple(window.accounts.model.value(row, "account_key") for row in range(3))
    window.actions_["match"].trigger()
    dialog = dialog_of(qtbot, MatchDialog)
    dialog.show_found([matched(*names)])
    dialog.chosen.emit(keys)
    dialog.reject()
    settle(qtbot, window)
    assert window.hub.selection is not None
    assert sorted(map(str, window.hub.selection.accounts)) == sorted(keys)


def test_a_fingerprint_is_asked_for_by_key_and_a_refusal_is_said_there(
    qtbot: QtBot, window: MainWindow
) -> None:
    """This case was never really analysed, which the service says."""
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    dialog = dialog_of(qtbot, FingerprintDialog)
    assert dialog.cluster.count() == 3
    assert dialog.file.text().endswith("C-001.fingerprint.json")
    qtbot.keyClick(dialog.file, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.primary.isEnabled(), timeout=PATIENCE_MS)
    assert dialog.hint.property("colour") == "red"
    assert dialog.hint.text()
    dialog.reject()
    settle(qtbot, window)


def test_a_fingerprint_that_was_written_is_told(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[dict[str, object]] = []

    def take(_: Fingerprinting, cluster: str, out: Path, __: object, **more: object) -> Taken:
        asked.append({"cluster": cluster, "out": out, **more})
        return Taken(str(out), fingerprint())

    monkeypatch.setattr(Fingerprinting, "take", take)
    window.actions_["fingerprint"].trigger()
    dialog = dialog_of(qtbot, FingerprintDialog)
    dialog.file.setText(str(tmp_path / "a.json"))
    dialog.act()
    qtbot.waitUntil(
        lambda: any("the fingerprint of C-001" in text for text in window.notices.texts),
        timeout=PATIENCE_MS,
    )
    settle(qtbot, window)
    (one,) = asked
    assert (one["cluster"], one["out"]) == ("C-001", tmp_path / "a.json")
    assert (one["ask"], one["words"], one["why"], one["stix"]) == ((), False, "", None)
