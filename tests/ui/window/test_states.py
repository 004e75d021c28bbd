"""Every panel without a case, with an empty one, with one row, with nothing but NULL."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QTableView, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from tests.services.planted import plant
from tests.ui.window.conftest import HOSTILE, MakeWindow, settle
from tests.ui.window.test_selection import click_card
from workbench.domain.errors import InputError, StorageError
from workbench.services.workspace import Workspace
from workbench.ui.main_window import MainWindow
from workbench.ui.states import EmptyState

PANELS = ("clusters", "accounts", "prompts", "timeline", "dossier")


def empty_title(panel: QWidget) -> str:
    states = [s for s in panel.findChildren(EmptyState) if s.isVisibleTo(panel)]
    return states[-1].accessibleName() if states else ""


def read_every_cell(window: MainWindow) -> None:
    """Ask every table for all that it would draw."""
    for table in window.findChildren(QTableView):
        model = table.model()
        for row in range(min(model.rowCount(), 50)):
            for col in range(model.columnCount()):
                for role in (
                    Qt.ItemDataRole.DisplayRole,
                    Qt.ItemDataRole.ToolTipRole,
                    Qt.ItemDataRole.TextAlignmentRole,
                ):
                    model.index(row, col).data(role)


def test_without_a_case_there_is_the_start_page(make_window: MakeWindow) -> None:
    window = make_window()
    assert window.start.isVisible()
    assert not window.map.isVisible()
    for name in PANELS:
        assert not window.docks.dock(name).isVisible()
    assert not window.actions_["analyse"].isEnabled()
    assert not window.actions_["label-confirmed"].isEnabled()
    assert window.actions_["new"].isEnabled()


def test_an_empty_case_says_what_to_do(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    Workspace.create(tmp_path / "empty.case").close()
    window = make_window(tmp_path / "empty.case")
    for name in PANELS:
        panel: QWidget = getattr(window, name)
        assert empty_title(panel), name
    assert "No logs yet" in empty_title(window.map.view)
    for name in ("analyse", "export", "save-selection", "label-confirmed", "undo"):
        assert not window.actions_[name].isEnabled(), name
    assert window.actions_["import"].isEnabled()
    read_every_cell(window)


def test_a_case_with_logs_asks_for_the_analysis(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    planted = plant()
    planted.artifacts.entries.clear()
    window = make_window(planted.fill(tmp_path / "raw.case"))
    assert "Not analysed yet" in empty_title(window.map.view)
    assert "600 exchanges" in window.status.counts.text()
    assert window.actions_["analyse"].isEnabled()


def test_one_account_one_exchange_no_cluster(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    path = plant(n_accounts=1, n_exchanges=1, n_clusters=0).fill(tmp_path / "one.case")
    window = make_window(path)
    assert window.accounts.model.rowCount() == 1
    assert window.accounts.note.text() == "1 account"
    assert window.prompts.note.text() == "1 prompt in 1 exchange"
    assert "The analysis found no accounts" in empty_title(window.clusters)
    read_every_cell(window)
    window.accounts.table.selectRow(0)
    qtbot.waitUntil(lambda: window.hub.selection is not None)
    settle(qtbot, window)
    assert not window.dossier.showing_state


def test_too_few_customers_to_look_for_clusters(make_window: MakeWindow, tmp_path: Path) -> None:
    planted = plant(n_accounts=5, n_exchanges=20, n_clusters=0)
    window = make_window(planted.without_knowledge().fill(tmp_path / "few.case"))
    said = empty_title(window.clusters)
    assert "between fewer than 30 there are no groups to compare" in said


def test_nothing_but_null(qtbot: QtBot, make_window: MakeWindow, tmp_path: Path) -> None:
    path = plant().without_knowledge().fill(tmp_path / "null.case")
    window = make_window(path)
    assert empty_title(window.timeline).startswith("No times")
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    texts = " ".join(label.text() for label in window.dossier.findChildren(QLabel))
    assert "not assessed" in texts
    assert "What speaks against it" in texts
    assert "None" not in texts
    assert "nan" not in texts
    read_every_cell(window)
    shown = [window.accounts.model.index(0, c).data() for c in range(11)]
    assert "None" not in shown
    assert "nan" not in shown
    assert empty_title(window.prompts).startswith("No prompts here")
    window.grab()


@pytest.mark.parametrize("theme_action", ["theme"])
def test_everything_is_drawn_in_both_themes(
    qtbot: QtBot, window: MainWindow, theme_action: str
) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    for _ in range(2):
        for name in ("timeline", "accounts", "prompts", "journal", "jobs"):
            window.docks.go_to(name)
            assert not window.grab().isNull()
        window.actions_[theme_action].trigger()
        settle(qtbot, window)


def test_text_of_logs_is_shown_and_never_obeyed(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    model = window.prompts.model
    seen: dict[int, str] = {}
    for row in range(model.rowCount()):
        qtbot.waitUntil(lambda row=row: model.index(row, 1).data() != "…")  # type: ignore[misc]
        text = model.index(row, 1).data()
        for place, hostile in enumerate(HOSTILE):
            if text[:4] == hostile[:4].replace("\x1b", "<U+001B>")[:4]:
                seen[place] = text
                tip = model.index(row, 1).data(Qt.ItemDataRole.ToolTipRole)
                assert "<img" not in tip
                assert "<b>" not in tip
                window.prompts.table.selectRow(row)
                qtbot.waitUntil(lambda: not window.prompts._settle.isActive())
                settle(qtbot, window)
                read = window.prompts.text.toPlainText()
                assert "\u202e" not in read
                assert "\x1b" not in read
    assert "<U+202E>" in seen[1]
    assert "<U+001B>" in seen[2]
    assert seen[0] == HOSTILE[0]
    assert not QToolTip.isVisible()
    for label in window.findChildren(QLabel):
        assert label.textFormat() is not Qt.TextFormat.RichText


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda p: p / "missing.case", "does not exist"),
        (lambda p: p, "is not a case folder"),
    ],
)
def test_a_case_that_cannot_be_opened_is_one_clear_line(
    qtbot: QtBot,
    make_window: MakeWindow,
    tmp_path: Path,
    make: Callable[[Path], Path],
    expected: str,
) -> None:
    window = make_window()
    window.cases.open(make(tmp_path))
    qtbot.waitUntil(lambda: bool(window.notices.texts))
    assert expected in window.notices.texts[0]
    assert window.start.isVisible()


def test_a_case_that_another_process_holds_names_it(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    with Workspace.open(case_path):
        window = make_window()
        window.cases.open(case_path)
        qtbot.waitUntil(lambda: bool(window.notices.texts))
    assert window.session.path is None


def test_known_errors_say_fact_safety_and_remedy(qtbot: QtBot, window: MainWindow) -> None:
    window.notices.tell(
        StorageError("The disk is full.", safe="Labels are safe.", remedy="Free 3 GB.")
    )
    assert window.notices.texts == ["The disk is full. Labels are safe. Free 3 GB."]
    window.notices.clear()
    assert not window.notices.isVisible()


def test_a_bug_is_written_to_a_report(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    def broken(_: Workspace) -> None:
        raise ZeroDivisionError("our mistake")

    window.session.ask("broken", broken, lambda _: None)
    qtbot.waitUntil(lambda: bool(window.notices.texts))
    (report,) = (tmp_path / "config" / "reports").iterdir()
    assert "our mistake" in report.read_text()
    assert report.name in window.notices.texts[0]


def test_a_panel_keeps_its_error_to_itself(qtbot: QtBot, window: MainWindow) -> None:
    window.accounts.show_error(InputError("The table is gone.", remedy="Analyse again."))
    assert window.accounts.showing_state
    assert not window.clusters.showing_state
    window.accounts.refresh()
    settle(qtbot, window)
    assert not window.accounts.showing_state
