"""Fixtures of the whole suite: no test may leave a thread, timer or process behind."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import os
import shutil
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Property tests have no deadlines, and no limit on drawing: a busy machine is no failure. They try
# other examples in each run; those that need many in every one say so themselves.
settings.register_profile(
    "workbench",
    deadline=None,
    max_examples=25,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("workbench")

#: Threads that libraries keep for the life of the process; named, so that ours cannot hide here.
_LASTING = ("pytest_timeout", "QDBusConnection", "Thread-0 (_pyinstaller")


#: One number a test: a folder that pytest numbers costs a look at all that are there.
_CONFIGS = itertools.count()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: collections after Qt tests need not look at it again."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Or libraries take what is left at the end for a leak, and say so."""
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _own_config_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys, layouts and recent cases of a test never touch the user's own."""
    folder = tmp_path_factory.getbasetemp() / "config" / str(next(_CONFIGS))
    folder.mkdir(parents=True)
    monkeypatch.setenv("WORKBENCH_CONFIG", str(folder))


@pytest.fixture(scope="session")
def harbour_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with an import and a planted analysis: to be copied, and never opened."""
    from tests.services.exported import planted_case

    return planted_case(tmp_path_factory.mktemp("planted") / "harbour.case")


@pytest.fixture
def harbour(harbour_once: Path, tmp_path: Path) -> Path:
    """A copy of that case for one test."""
    return Path(shutil.copytree(harbour_once, tmp_path / "harbour.case"))


@pytest.fixture(autouse=True)
def _no_thread_left_running() -> Iterator[None]:
    """Fails a test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    # A thread that was told to stop may still be on its last lines: wait for it, briefly.
    deadline = time.monotonic() + 5
    while True:
        left = [
            t
            for t in threading.enumerate()
            if t not in before and t.is_alive() and not t.name.startswith(_LASTING)
        ]
        if not left or time.monotonic() > deadline:
            break
        left[0].join(0.05)
    assert not left, f"threads left running: {[t.name for t in left]}"


@pytest.fixture(autouse=True)
def _no_process_left_running() -> Iterator[None]:
    """Fails a test that leaves a child process running."""
    yield
    left = multiprocessing.active_children()
    for process in left:
        process.join(5)
    left = [process for process in left if process.is_alive()]
    assert not left, f"processes left running: {left}"


@pytest.fixture(autouse=True)
def _no_timer_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a Qt test that leaves an active timer or animation behind."""
    yield
    if "qtbot" not in request.fixturenames:
        return
    from PySide6.QtCore import QAbstractAnimation, QTimer
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance()
    if application is None:
        return
    gc.collect()
    application.processEvents()
    timers = [t for t in application.findChildren(QTimer) if t.isActive()]
    for widget in QApplication.topLevelWidgets():
        if widget.isVisible():
            continue
        timers += [t for t in widget.findChildren(QTimer) if t.isActive()]
        running = [
            a
            for a in widget.findChildren(QAbstractAnimation)
            if a.state() is QAbstractAnimation.State.Running
        ]
        assert not running, f"animations left running: {running}"
    assert not timers, f"timers left running: {timers}"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real prompt sets beside the checkout; tests that need them skip where they are absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real prompt sets are not beside this checkout")
    return folder
