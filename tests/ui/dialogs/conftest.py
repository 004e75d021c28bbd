from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.ui.app import open_workspace
from workbench.ui.job_bridge import JobBridge
from workbench.ui.session import Session
from workbench.ui.theme import Theme, ThemeChoice


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, choice=ThemeChoice.DARK, reduced_motion=True)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    """A session on an empty case."""
    session = Session(JobBridge(), open_workspace)
    with qtbot.waitSignal(session.opened, timeout=20_000):
        session.open(tmp_path / "a.case", create=True)
    yield session
    session.shut_down()
