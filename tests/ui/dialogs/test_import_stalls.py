"""Files that do not answer while the import dialog looks at them: told, and left at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.network import Network, hanging
from workbench.services.jobs import Lane
from workbench.ui.app import open_workspace
from workbench.ui.dialogs.import_logs import ImportDialog
from workbench.ui.job_bridge import JobBridge
from workbench.ui.session import Session
from workbench.ui.theme import Theme

LINE = b'{"request_id":"r%d","account_id":"k","ts":"2026-05-01T12:00:00Z","prompt":"why"}\n'


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    with hanging(tmp_path / "network", monkeypatch) as made:
        yield made


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
