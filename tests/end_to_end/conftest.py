"""The window as a person has it: mouse and key events only, no call past the widgets."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDockWidget,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTabBar,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from workbench.ui.app import build
from workbench.ui.main_window import MainWindow
from workbench.ui.memory import Memory
from workbench.ui.theme import Theme, ThemeChoice

PATIENCE_MS = 120_000
D = TypeVar("D", bound=QDialog)


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, choice=ThemeChoice.DARK, reduced_motion=True)


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small log with one planted network of accounts."""
    folder = tmp_path_factory.mktemp("logs")
    command = [sys.executable, "-m", "workbench", "simulate", str(folder), "--scenario", "hydra",
               "--exchanges", "12000", "--accounts", "600", "--seed", "3",
               "--log", "canonical.jsonl.zst"]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return folder / "log-canonical.jsonl.zst"


class Person:
    """Sits before a window: looks, points, types. Waits for what appears, never for a time."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self._qtbot = qtbot
        self.window = window

    def sees(self, condition: Callable[[], bool]) -> None:
        """Wait until it is there to be seen."""
        self._qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def rests(self) -> None:
        """Wait until nothing on the screen changes any more."""
        self.sees(lambda: self.window.is_settled)

    def dialog(self, kind: type[D]) -> D:
        """The dialog of that kind that is on the screen."""

        def shown() -> list[D]:
            tops = QApplication.topLevelWidgets()
            return [w for w in tops if isinstance(w, kind) and w.isVisible()]

        self.sees(lambda: bool(shown()))
        dialog = shown()[0]
        dialog.activateWindow()
        self.sees(dialog.isActiveWindow)
        return dialog

    def back_at_the_window(self) -> None:
        """Off-screen there is no window manager to give the window its place back."""
        self.sees(lambda: QApplication.activeModalWidget() is None)
        self.window.activateWindow()
        self.sees(self.window.isActiveWindow)

    # --- pointing ---
    def clicks(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click where the widget is."""
        self.sees(lambda: widget.isVisible() and widget.isEnabled())
        place = widget.rect().center() if at is None else at
        self._qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)

    def clicks_row(self, table: QTableView, row: int) -> None:
        """Click the row of a table where it is."""
        self.sees(lambda: table.model().rowCount() > row)
        self.clicks(table.viewport(), table.visualRect(table.model().index(row, 0)).center())

    def shows(self, dock: QDockWidget) -> None:
        """Click the tab of a dock that lies behind others."""
        bars = [
            (bar, place)
            for bar in self.window.findChildren(QTabBar)
            for place in range(bar.count())
            if bar.isVisible() and bar.tabText(place) == dock.windowTitle()
        ]
        bar, place = bars[0]
        self.clicks(bar, bar.tabRect(place).center())
        self.sees(dock.widget().isVisible)

    def button(self, parent: QWidget, text: str) -> QPushButton:
        """The button that says so."""

        def found() -> list[QPushButton]:
            return [
                b
                for b in parent.findChildren(QPushButton)
                if b.isVisible() and (b.text() == text or b.accessibleName() == text)
            ]

        self.sees(lambda: bool(found()))
        return found()[0]

    def drags(self, widget: QWidget, path: list[QPoint]) -> None:
        """Press, move along, let go."""
        self._qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=path[0])
        for point in path[1:]:
            self._qtbot.mouseMove(widget, point)
        self._qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=path[-1])

    # --- typing ---
    def presses(
        self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        """A key, to whatever has the keyboard."""
        focus = QApplication.focusWidget() or QApplication.activeWindow()
        assert focus is not None
        self._qtbot.keyClick(focus, key, modifier)

    def types(self, text: str) -> None:
        """Text, to whatever has the keyboard."""
        focus = QApplication.focusWidget()
        assert focus is not None
        self._qtbot.keyClicks(focus, text)

    def writes_over(self, field: QLineEdit | QSpinBox, text: str) -> None:
        """Choose all that a field holds and type."""
        self.clicks(field)
        self.presses(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.types(text)

    def tabs_to(self, widget: QWidget) -> None:
        """Walk with the Tab key until the widget has the keyboard."""
        for _ in range(80):
            if QApplication.focusWidget() is widget:
                return
            self.presses(Qt.Key.Key_Tab)
        raise AssertionError(f"Tab does not reach {widget}")


@pytest.fixture
def person(theme: Theme, qtbot: QtBot, tmp_path: Path) -> Iterator[Person]:
    window = build(theme, Memory(tmp_path / "config"))
    window.resize(1500, 950)
    window.show()
    window.activateWindow()
    someone = Person(qtbot, window)
    someone.sees(window.isActiveWindow)
    yield someone
    window.session.shut_down()
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert QGuiApplication.focusWindow() is None or not window.isVisible()


def verified_by_strangers(bundle: Path) -> None:
    """Check a bundle with the tools that a recipient has."""
    run = subprocess.run
    files = run(["sha256sum", "-c", "--quiet", "manifest-sha256.txt"], cwd=bundle, check=False)
    assert files.returncode == 0
    command = [sys.executable, "-m", "workbench", "verify", str(bundle)]
    own = run(command, capture_output=True, text=True, check=False)
    assert own.returncode == 0, own.stderr
    assert "intact" in own.stdout.lower()
    if shutil.which("ssh-keygen"):
        text = (bundle / "VERIFY.txt").read_text("utf-8")
        assert "ssh-keygen -Y" in text
