"""Texts that a case keeps back, in the window: what stands in their place, and the way there."""

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.services.planted import plant
from tests.ui.window.conftest import PATIENCE_MS, MakeWindow
from tests.ui.window.test_prompts import click, column, rest
from workbench.domain.withheld import WORDS, Withheld
from workbench.services.workspace import Workspace
from workbench.ui.dialogs.reveal import RevealDialog
from workbench.ui.theme import Theme

SECRET = "The word is Lanthanum."


@pytest.fixture
def hiding_path(tmp_path: Path) -> Path:
    planted = plant(n_accounts=9, n_exchanges=90, n_clusters=1, size=3)
    for row in planted.rows:
        row["completion"] = SECRET
    path = planted.fill(tmp_path / "hiding.case")
    with Workspace.open(path) as workspace:
        workspace.policies.set({"hide_prompts": True}, "shared")
    return path


def dialog_of(qtbot: QtBot) -> RevealDialog:
    def found() -> list[RevealDialog]:
        widgets = QApplication.topLevelWidgets()
        return [one for one in widgets if isinstance(one, RevealDialog) and one.isVisible()]

    qtbot.waitUntil(lambda: bool(found()), timeout=PATIENCE_MS)
    return found()[0]


def test_a_reveal_from_the_reading_pane(
    qtbot: QtBot, make_window: MakeWindow, hiding_path: Path
) -> None:
    window = make_window(hiding_path)
    panel = window.prompts
    assert set(column(panel.table, 1)) == {WORDS[Withheld.HIDDEN]}
    click(qtbot, panel.table, 0)
    rest(qtbot, window)
    assert panel.pane.currentWidget() is panel.pane.kept
    assert panel.pane.kept.accessibleName().startswith("Prompts of this case are read after")
    click(qtbot, panel.exchanges, 0)
    rest(qtbot, window)
    assert panel.pane.currentWidget() is panel.pane.kept
    panel.pane.kept.acted.emit()
    dialog = dialog_of(qtbot)
    assert not dialog.primary.isEnabled()
    dialog.act()
    assert dialog.isVisible(), "without a reason nothing happens"
    dialog.reason.setPlainText("ticket 12")
    dialog.primary.click()
    rest(qtbot, window)
    qtbot.waitUntil(lambda: panel.pane.currentWidget() is panel.pane.reader, timeout=PATIENCE_MS)
    click(qtbot, panel.exchanges, 0)
    rest(qtbot, window)
    assert SECRET in panel.text.toPlainText()
    window.session.shut_down()
    (journal,) = (hiding_path / "decided").glob("*.jsonl")
    line = json.loads(journal.read_text("utf-8").splitlines()[-1])
    assert line["kind"] == "reveal"
    assert line["body"]["why"] == "ticket 12"


@pytest.mark.parametrize("account", ["", "key-001", "<b>x</b>\u202e" * 20])
def test_the_dialog_asks_for_a_reason(qtbot: QtBot, theme: Theme, account: str) -> None:
    dialog = RevealDialog(theme, account)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.all.isVisible() is bool(account)
    dialog.all.setChecked(True)
    dialog.reason.setPlainText("  ")
    assert not dialog.primary.isEnabled()
    dialog.reason.setPlainText("because")
    with qtbot.waitSignal(dialog.decided) as told:
        dialog.act()
    assert told.args == [True, "because"]


def test_a_prompt_without_account_can_be_kept_back(
    qtbot: QtBot, make_window: MakeWindow, hiding_path: Path
) -> None:
    window = make_window(hiding_path)
    window.prompts.pane.keep_back(0, "")
    window.prompts.pane.ask()
    assert not dialog_of(qtbot).all.isVisible()
    window.prompts.pane.show_parts([])
    assert window.prompts.pane.currentWidget() is window.prompts.text
