"""Starts the window, or takes its picture off-screen.

The composition root of the window: the one place that makes the application, the theme, the
bridge and the session. Imports of heavy libraries stay out of its way.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEventLoop, QSize, Qt, QTimer, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from workbench import __version__
from workbench.services.workspace import Workspace, user_folder
from workbench.ui.focus_ring import FocusRing
from workbench.ui.job_bridge import JobBridge
from workbench.ui.main_window import MainWindow
from workbench.ui.memory import Memory
from workbench.ui.return_key import ReturnKey
from workbench.ui.session import Session
from workbench.ui.theme import Theme, ThemeChoice

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from PySide6.QtCore import QMessageLogContext, QtMsgType

#: Longest wait for a picture, milliseconds.
_PATIENCE_MS: Final = 120_000
#: How long the interpreter may keep one thread before another gets its turn: a worker that
#: computes in Python must not hold up a frame.
TURN_S: Final = 0.001


def open_workspace(path: Path, create: bool) -> Workspace:
    """Open a case, or make one; called on a lane."""
    return Workspace.create(path) if create else Workspace.open(path)


def run(case: Path | None) -> int:
    """Open the window on a case, or on the start page; returns the exit code when it is closed."""
    application = make_application()
    memory = Memory(user_folder())
    theme = Theme(application, choice=memory.theme, text_scale=memory.text_scale)
    window = build(theme, memory)
    before = sys.excepthook

    def unforeseen(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        # What a slot raises ends here: it is our bug, and the window stays.
        before(kind, error, trace)
        window.notices.tell(error)

    sys.excepthook = unforeseen
    try:
        window.show()
        if case is not None:
            window.cases.open(case)
        code = application.exec()
    finally:
        sys.excepthook = before
    return code


def build(
    theme: Theme,
    memory: Memory,
    opener: Callable[[Path, bool], Workspace] = open_workspace,
) -> MainWindow:
    """A window with its bridge, session and what follows the focus; not shown yet."""
    bridge = JobBridge()
    session = Session(bridge, opener)
    window = MainWindow(theme, session, memory, memory.folder / "reports")
    bridge.setParent(window)
    session.setParent(window)
    FocusRing(theme, make_application(), parent=window)
    ReturnKey(make_application(), parent=window)
    return window


def grab(
    case: Path,
    picture: Path,
    size: tuple[int, int] = (1600, 1000),
    theme: ThemeChoice = ThemeChoice.DARK,
) -> None:
    """Open the window on a case off-screen, select the best cluster, save a PNG.

    Args:
        case: The case folder.
        picture: Where the PNG goes.
        size: Of the window in pixels.
        theme: Dark or light.

    Raises:
        KnownError: The case cannot be opened.
        TimeoutError: The map was not drawn in time.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    said_before = qInstallMessageHandler(_said)
    application = make_application()
    look = Theme(application, choice=theme, reduced_motion=True)
    folder = tempfile.TemporaryDirectory(prefix="workbench-")
    # The layout of the beginning, whatever the user's own window looks like.
    window = build(look, Memory(Path(folder.name)))
    failures: list[BaseException] = []
    window.session.failed.connect(failures.append)
    try:
        window.resize(QSize(*size))
        window.show()
        window.cases.open(case)
        wait_until(lambda: bool(failures) or window.is_settled)
        if failures:
            raise failures[0]
        window.resize(QSize(*size))
        if window.clusters.choose_first():
            wait_until(lambda: bool(failures) or window.is_settled)
        if failures:
            raise failures[0]
        window.grab().save(str(picture))
    finally:
        window.close()
        folder.cleanup()
        qInstallMessageHandler(said_before)


def _said(_kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    """What Qt says goes to standard error, less what is true of every off-screen window."""
    if "propagateSizeHints" not in message:
        sys.stderr.write(message + "\n")


def wait_until(done: Callable[[], bool], *, patience_ms: int = _PATIENCE_MS) -> None:
    """Let the event loop run until something holds.

    Raises:
        TimeoutError: It did not in time (two minutes, unless told otherwise).
    """
    loop = QEventLoop()
    look, patience = QTimer(), QTimer()
    patience.setSingleShot(True)
    look.timeout.connect(lambda: loop.exit() if done() else None)
    patience.timeout.connect(loop.quit)
    look.start(20)
    patience.start(patience_ms)
    loop.exec()
    late = not patience.isActive()
    look.stop()
    patience.stop()
    if late:
        raise TimeoutError("the window was not drawn in time")


def make_application() -> QApplication:
    """The one application, made when there is none, and what this process needs beside it."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    sys.setswitchinterval(TURN_S)
    # Qt draws large pictures in a pool of threads and waits for it: waking them takes as long as
    # the drawing, and far longer while a worker computes.
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    QApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    application = QApplication(["workbench"])
    application.setApplicationName("workbench")
    application.setApplicationDisplayName("Distillation Workbench")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("workbench")
    return application
