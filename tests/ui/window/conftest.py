"""Whole windows over planted cases. Every case call is checked not to be on the UI thread."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.services.planted import plant
from workbench.services.workspace import Workspace
from workbench.ui.app import build
from workbench.ui.main_window import MainWindow
from workbench.ui.memory import Memory
from workbench.ui.theme import Theme, ThemeChoice

PATIENCE_MS = 60_000
#: What logs may hold: markup, direction marks, control characters, a lone surrogate, length.
HOSTILE = (
    "<b>bold</b> &amp; <img src=x onerror=alert(1)>",
    "file \u202egnp.exe",
    "\x1b[31mred\x1b[0m \x00 nul",
    "x" * 5000,
)


def not_on_the_ui_thread() -> None:
    assert threading.current_thread() is not threading.main_thread(), "a case call on the UI thread"


def opener(path: Path, create: bool) -> Workspace:
    if create:
        return Workspace.create(path, on_call=not_on_the_ui_thread)
    return Workspace.open(path, on_call=not_on_the_ui_thread)


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, choice=ThemeChoice.DARK, reduced_motion=True)


@pytest.fixture(scope="session")
def planted_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant(prompts=HOSTILE).fill(tmp_path_factory.mktemp("planted") / "harbour.case")


@pytest.fixture
def case_path(planted_path: Path, tmp_path: Path) -> Path:
    """A case of 40 accounts, 600 exchanges, three clusters of eight."""
    return Path(shutil.copytree(planted_path, tmp_path / "harbour.case"))


MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def make_window(theme: Theme, qtbot: QtBot, tmp_path: Path) -> Iterator[MakeWindow]:
    """Makes shown windows; with a path, waits until the case is open and drawn."""
    made: list[MainWindow] = []

    def make(path: Path | None = None, *, folder: str = "config") -> MainWindow:
        window = build(theme, Memory(tmp_path / folder), opener)
        made.append(window)
        window.resize(1400, 900)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        if path is not None:
            window.cases.open(path)
            settle(qtbot, window)
        return window

    yield make
    for window in made:
        window.session.shut_down()
        window.close()
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(make_window: MakeWindow, case_path: Path) -> MainWindow:
    return make_window(case_path)


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until nothing that a person sees is on its way."""

    def rested() -> bool:
        placed = window.map.view.tiles.placed
        drawn = window.map.view.is_sharp or placed is None or not placed.n_placed
        return (
            window.session.path is not None
            and drawn
            and not window.hub.is_pending
            and not window.session.bridge.awaited
        )

    qtbot.waitUntil(rested, timeout=PATIENCE_MS)
