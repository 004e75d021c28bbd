"""Files that do not answer while the import dialog looks at them: told, and left at once."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from workbench.formats.place import OnDisk, Raw
from workbench.services.jobs import Lane
from workbench.ui.app import open_workspace
from workbench.ui.dialogs.import_logs import ImportDialog
from workbench.ui.job_bridge import JobBridge
from workbench.ui.session import Session
from workbench.ui.theme import Theme

LINE = b'{"request_id":"r%d","account_id":"k","ts":"2026-05-01T12:00:00Z","prompt":"why"}\n'


@dataclass
class Network:
    """A folder on the network: what lies in it is opened once it answers."""

    path: Path
    answers: threading.Event = field(default_factory=threading.Event)
    #: Set once somebody waits for it.
    asked: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """One that hangs until the test ends; so do the threads that wait for it."""
    monkeypatch.setattr("workbench.formats.attendant.TOLD_AFTER_S", 0.0)
    made = Network(tmp_path / "network")
    made.path.mkdir()
    plainly = OnDisk.open

    def open_(place: OnDisk) -> Raw:
        if made.path in place.path.parents:
            made.asked.set()
            made.answers.wait()
        return plainly(place)

    monkeypatch.setattr(OnDisk, "open", open_)
    yield made
    made.answers.set()


def _log(folder: Path, number: int = 1) -> Path:
    path = folder / f"log{number}.jsonl"
    path.write_bytes(LINE % number)
    return path


def _hung(qtbot: QtBot, theme: Theme, session: Session, network: Network) -> ImportDialog:
    dialog = ImportDialog(theme, session, (_log(network.path),))
    dialog.show()
    qtbot.waitUntil(network.asked.is_set, timeout=20_000)
    assert session.bridge.busy(Lane.READ)
    return dialog


def test_a_file_that_does_not_answer_is_named_and_waited_for(
    qtbot: QtBot, theme: Theme, session: Session, network: Network
) -> None:
    dialog = _hung(qtbot, theme, session, network)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.seen.text().startswith("Waiting for "), timeout=20_000)
    assert "log1.jsonl, which has given nothing for " in dialog.seen.text()
    assert dialog.fields.verdict.text() == dialog.seen.text()
    assert not dialog.primary.isEnabled()
    network.answers.set()
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=20_000)
    assert "canonical" in dialog.seen.text()
    assert "Waiting" not in dialog.fields.verdict.text()


def test_closing_the_dialog_leaves_it(
    qtbot: QtBot, theme: Theme, session: Session, network: Network
) -> None:
    dialog = _hung(qtbot, theme, session, network)
    dialog.reject()
    qtbot.waitUntil(lambda: not session.bridge.busy(Lane.READ), timeout=20_000)
    assert not network.answers.is_set()


@pytest.mark.parametrize("instead", [False, True])
def test_taking_it_from_the_list_leaves_it(
    qtbot: QtBot, theme: Theme, session: Session, network: Network, tmp_path: Path, instead: bool
) -> None:
    dialog = _hung(qtbot, theme, session, network)
    qtbot.addWidget(dialog)
    dialog.files.selectAll()
    dialog._remove.click()
    assert dialog.seen.text() == ""
    if instead:
        dialog.add_files((_log(tmp_path, 2),))
        qtbot.waitUntil(dialog.primary.isEnabled, timeout=20_000)
        assert "log2.jsonl" in dialog.seen.text()
    qtbot.waitUntil(lambda: not session.bridge.busy(Lane.READ), timeout=20_000)
    assert not network.answers.is_set()
    assert "log1.jsonl" not in dialog.seen.text()


def test_the_case_is_closed_and_the_window_too(
    qtbot: QtBot, theme: Theme, network: Network, tmp_path: Path
) -> None:
    session = Session(JobBridge(), open_workspace)
    with qtbot.waitSignal(session.opened, timeout=20_000):
        session.open(tmp_path / "b.case", create=True)
    dialog = _hung(qtbot, theme, session, network)
    qtbot.addWidget(dialog)
    session.close_case()
    qtbot.waitUntil(lambda: not session.bridge.busy(), timeout=20_000)
    with qtbot.waitSignal(session.opened, timeout=20_000):
        session.open(tmp_path / "b.case")
    network.asked.clear()
    dialog.add_files((_log(network.path, 3),))
    qtbot.waitUntil(network.asked.is_set, timeout=20_000)
    session.shut_down()
    assert not network.answers.is_set()
