"""The window as a whole: keys, jobs, layout, themes, recent cases, ends."""

import shutil
import threading
from collections import Counter
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from tests.services.planted import plant
from tests.ui.window.conftest import MakeWindow, settle
from tests.ui.window.test_selection import click_card
from workbench.domain.progress import JobContext
from workbench.services.workspace import Workspace
from workbench.ui.actions import MENUS
from workbench.ui.app import grab
from workbench.ui.dialogs.leaving import LeaveDialog
from workbench.ui.dialogs.new_case import NewCaseDialog
from workbench.ui.dialogs.shortcuts import ShortcutsDialog
from workbench.ui.main_window import MainWindow, fitting
from workbench.ui.memory import Memory
from workbench.ui.theme import ThemeChoice

D = TypeVar("D", bound=QDialog)


def dialog_of(qtbot: QtBot, kind: type[D]) -> D:
    def shown() -> list[D]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()))
    return shown()[0]


# --- keys ------------------------------------------------------------------------------------
def test_no_two_actions_share_a_key(window: MainWindow) -> None:
    keys = Counter(
        key.toString()
        for name in window.actions_.specs()
        for key in window.actions_[name].shortcuts()
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_action_is_in_a_menu_and_says_its_key(window: MainWindow) -> None:
    menus = window.top.menus.findChildren(QMenu)
    in_menus = {action.objectName() for menu in menus for action in menu.actions()}
    for name, spec in window.actions_.specs().items():
        assert name in in_menus
        for key in spec.keys:
            assert not QKeySequence(key).isEmpty(), key


def test_the_list_of_shortcuts_opens_by_key_and_names_every_key(
    qtbot: QtBot, window: MainWindow
) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    dialog = dialog_of(qtbot, ShortcutsDialog)
    texts = {label.text() for label in dialog.findChildren(QLabel)}
    for specs in MENUS.values():
        for spec in specs:
            if spec is not None and spec.keys:
                assert spec.text.rstrip("…") in texts
    dialog.close()


@pytest.mark.parametrize(
    ("key", "panel"),
    [(1, "clusters"), (4, "timeline"), (5, "accounts"), (6, "prompts"), (7, "journal")],
)
def test_every_panel_is_reached_by_key(
    qtbot: QtBot, window: MainWindow, key: int, panel: str
) -> None:
    digit = Qt.Key(Qt.Key.Key_0.value + key)
    qtbot.keyClick(window, digit, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: getattr(window, panel).isVisible())
    focus = QApplication.focusWidget()
    assert focus is not None
    assert getattr(window, panel).isAncestorOf(focus)


def test_every_button_has_a_name(window: MainWindow) -> None:
    nameless = [
        button
        for button in window.findChildren(QPushButton)
        if not (button.text() or button.accessibleName()) and button.isVisible()
    ]
    assert not nameless


# --- jobs ------------------------------------------------------------------------------------
def test_a_long_job_shows_how_far_it_is_and_is_cancelled(qtbot: QtBot, window: MainWindow) -> None:
    begun = threading.Event()
    ended: list[str] = []

    def work(_: Workspace, job: JobContext) -> None:
        job.report("Reading lines", done=0.25, count=250, total=1000, unit="lines")
        begun.set()
        while True:
            job.check()

    window.session.run("Importing logs", work, cancelled=lambda: ended.append("cancelled"))
    assert begun.wait(5)
    qtbot.waitUntil(lambda: window.status.job.isVisible() and "25 %" in window.status._share.text())
    assert "Reading lines" in window.status._step.text()
    assert window.docks.dock("jobs").windowTitle() == "Jobs  1"
    (row,) = window.jobs._rows.values()
    assert "250 of 1,000 lines" in row.figures.text()
    qtbot.mouseClick(window.status.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended == ["cancelled"], timeout=1000)
    assert not window.status.job.isVisible()
    assert "Cancelled" in row.step.text()
    assert window.docks.dock("jobs").windowTitle() == "Jobs"


def test_cancel_has_a_key(qtbot: QtBot, window: MainWindow) -> None:
    ended: list[str] = []

    def work(_: Workspace, job: JobContext) -> None:
        while True:
            job.check()

    window.session.run("Analysing", work, cancelled=lambda: ended.append("cancelled"))
    qtbot.waitUntil(window.actions_["cancel-job"].isEnabled)
    qtbot.keyClick(window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: ended == ["cancelled"], timeout=1000)


def test_leaving_a_case_with_a_job_asks_first(
    qtbot: QtBot, window: MainWindow, case_path: Path
) -> None:
    ended: list[str] = []

    def work(_: Workspace, job: JobContext) -> None:
        while True:
            job.check()

    window.session.run("Analysing", work, cancelled=lambda: ended.append("cancelled"))
    window.actions_["close"].trigger()
    leaving = dialog_of(qtbot, LeaveDialog)
    qtbot.keyClick(leaving, Qt.Key.Key_Return)
    assert window.session.path == case_path
    window.actions_["close"].trigger()
    leaving = dialog_of(qtbot, LeaveDialog)
    qtbot.mouseClick(leaving.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.path is None)
    assert window.start.isVisible()


def test_closing_the_window_asks_and_ends_a_running_job(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    window = make_window(case_path)
    begun = threading.Event()

    def work(_: Workspace, job: JobContext) -> None:
        begun.set()
        while True:
            job.check()

    window.session.run("Analysing", work)
    assert begun.wait(5)
    qtbot.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    leaving = dialog_of(qtbot, LeaveDialog)
    qtbot.keyClick(leaving, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window.session.bridge.busy()
    # The frame's own button asks the same.
    window.close()
    leaving = dialog_of(qtbot, LeaveDialog)
    qtbot.mouseClick(leaving.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not [t for t in threading.enumerate() if t.name.startswith("lane-")]
    # The case was let go of: it can be opened again.
    Workspace.open(case_path).close()


def held(window: MainWindow, title: str) -> threading.Event:
    """A job that reports once and then waits to be cancelled; the event is set by its report."""
    begun = threading.Event()

    def work(_: Workspace, job: JobContext) -> None:
        job.report("Reading lines", done=0.25, count=250, total=1000, unit="lines")
        begun.set()
        while True:
            job.check()

    window.session.run(title, work)
    return begun


def test_a_case_without_results_says_that_it_is_being_analysed(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    planted = plant()
    planted.artifacts.entries.clear()
    window = make_window(planted.fill(tmp_path / "raw.case"))
    view = window.map.view

    def shown() -> str:
        return " ".join(w.text() for w in view.findChildren(QLabel) if w.isVisible())

    assert "Not analysed yet" in shown()
    assert held(window, "Analysing").wait(5)
    qtbot.waitUntil(lambda: "250 of 1,000 lines" in shown())
    assert "Not analysed yet" not in shown()
    (cancel,) = (b for b in view.findChildren(QPushButton) if b.text() == "Cancel")
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Not analysed yet" in shown())


def test_the_jobs_of_a_case_go_with_it(
    qtbot: QtBot, window: MainWindow, planted_path: Path, tmp_path: Path
) -> None:
    assert held(window, "Analysing").wait(5)
    qtbot.waitUntil(lambda: len(window.jobs._rows) == 1)
    other = Path(shutil.copytree(planted_path, tmp_path / "other.case"))
    window.cases.open(other)
    qtbot.mouseClick(dialog_of(qtbot, LeaveDialog).primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.path == other)
    settle(qtbot, window)
    qtbot.waitUntil(lambda: not window.session.bridge.busy())
    assert window.jobs._rows == {}
    assert window.jobs.showing_state
    assert window.docks.dock("jobs").windowTitle() == "Jobs"


def test_return_presses_a_button_outside_dialogs(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        window.start.buttons["new"].setFocus()
        qtbot.keyClick(window.start.buttons["new"], key)
        dialog_of(qtbot, NewCaseDialog).reject()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)


@pytest.mark.parametrize(
    ("room", "size"),
    [((1280, 800), (1264, 752)), ((1920, 1080), (1600, 1000)), ((1366, 740), (1350, 692))],
)
def test_the_window_begins_no_larger_than_its_screen(
    room: tuple[int, int], size: tuple[int, int]
) -> None:
    assert fitting(QSize(*room)) == QSize(*size)


# --- layout and memory -----------------------------------------------------------------------
def test_the_layout_is_kept(qtbot: QtBot, make_window: MakeWindow, case_path: Path) -> None:
    first = make_window(case_path)
    first.docks.dock("journal").hide()
    first.docks.dock("timeline").raise_()
    first.close()
    second = make_window(case_path)
    assert second.docks.dock("journal").isHidden()
    assert not second.docks.dock("accounts").isHidden()
    second.actions_["reset-layout"].trigger()
    second.actions_["go-journal"].trigger()
    assert not second.docks.dock("journal").isHidden()


def test_a_dock_floats_and_comes_back(qtbot: QtBot, window: MainWindow) -> None:
    dock = window.docks.dock("accounts")
    dock.setFloating(True)
    assert dock.titleBarWidget() is None
    dock.setFloating(False)
    assert dock.titleBarWidget() is not None


def test_recent_cases_are_listed_and_opened_by_a_click(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    window = make_window(case_path)
    window.actions_["close"].trigger()
    qtbot.waitUntil(window.start.isVisible)
    button = next(
        b for b in window.start.findChildren(QPushButton) if "harbour" in b.accessibleName()
    )
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert window.session.path == case_path.resolve()


def test_a_damaged_memory_is_as_good_as_none(tmp_path: Path, make_window: MakeWindow) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "window.ini").write_bytes(b"\x00\xff[[[")
    memory = Memory(tmp_path / "config")
    assert memory.recent_cases() == []
    assert memory.theme is ThemeChoice.SYSTEM
    assert memory.text_scale == 1.0
    make_window()


def test_theme_and_text_scale_are_remembered(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window()
    dark = window.theme.dark
    window.actions_["theme"].trigger()
    assert window.theme.dark is not dark
    window.actions_["text-larger"].trigger()
    assert Memory(tmp_path / "config").text_scale == pytest.approx(1.1)
    window.actions_["text-smaller"].trigger()
    window.actions_["theme"].trigger()
    assert Memory(tmp_path / "config").theme.value == ("dark" if dark else "light")


def test_text_at_200_per_cent_still_fits(qtbot: QtBot, window: MainWindow) -> None:
    window.theme.set_text_scale(2.0)
    try:
        settle(qtbot, window)
        window.clusters.choose_first()
        settle(qtbot, window)
        assert not window.grab().isNull()
    finally:
        window.theme.set_text_scale(1.0)


# --- cases -----------------------------------------------------------------------------------
def test_a_new_case_is_made_by_key(qtbot: QtBot, make_window: MakeWindow, tmp_path: Path) -> None:
    window = make_window()
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    dialog = dialog_of(qtbot, NewCaseDialog)
    assert not dialog.primary.isEnabled()
    qtbot.keyClicks(dialog.name, "lantern")
    dialog.folder.setText(str(tmp_path))
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert window.session.path == tmp_path / "lantern.case"
    assert (tmp_path / "lantern.case" / "case.toml").exists()


def test_a_new_case_never_takes_a_place_that_is_taken(
    qtbot: QtBot, window: MainWindow, case_path: Path
) -> None:
    dialog = NewCaseDialog(window.theme, case_path.parent, window)
    qtbot.addWidget(dialog)
    for name, possible in (("harbour", False), ("a/b", False), ("", False), ("other", True)):
        dialog.name.setText(name)
        assert dialog.primary.isEnabled() is possible


def test_opening_the_open_case_again_works(
    qtbot: QtBot, window: MainWindow, case_path: Path
) -> None:
    with qtbot.waitSignal(window.session.opened, timeout=20_000):
        window.cases.open(case_path)
    settle(qtbot, window)
    assert window.accounts.model.rowCount() == 40


def test_a_picture_is_taken_off_screen(qapp: QApplication, case_path: Path, tmp_path: Path) -> None:
    grab(case_path, tmp_path / "window.png", size=(1400, 900))
    from PySide6.QtGui import QImage

    image = QImage(str(tmp_path / "window.png"))
    assert (image.width(), image.height()) == (1400, 900)
    colours = {image.pixel(x, y) for x in range(0, 1400, 7) for y in range(0, 900, 7)}
    assert len(colours) > 100


def test_the_map_is_coloured_by_key(qtbot: QtBot, window: MainWindow) -> None:
    alt = Qt.KeyboardModifier.AltModifier
    for key, word in (
        (Qt.Key.Key_2, "Benign"),
        (Qt.Key.Key_3, "Multi-axis"),
        (Qt.Key.Key_1, "C-001"),
    ):
        qtbot.keyClick(window, key, alt)
        settle(qtbot, window)

        def legend() -> str:
            return " ".join(r.accessibleName() for r in window.map.view.furniture.legend._rows)

        qtbot.waitUntil(lambda word=word: word in legend())  # type: ignore[misc]


def test_the_window_fits_a_small_screen_whatever_a_case_is_called(
    qtbot: QtBot, make_window: MakeWindow, planted_path: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copytree(planted_path, tmp_path / f"{'long-name-' * 12}.case"))
    window = make_window(path)
    for row in (0, 1):
        click_card(qtbot, window, row)
        settle(qtbot, window)
        card = window.map.view.furniture.result
        assert card.height() >= card.sizeHint().height(), "the card is cut"
    assert window.minimumSizeHint().width() <= 1280
    window.resize(1280, 800)
    page = window.dossier.area.widget()
    assert page is not None
    assert page.width() <= window.dossier.area.viewport().width()
    assert all(action.isVisible() for action in window.top.menus.actions())
    assert window.top.menus.width() >= window.top.menus.sizeHint().width()
