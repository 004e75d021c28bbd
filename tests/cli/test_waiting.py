"""Two imports into one case: the second waits, says for whom, and then does the whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import workbench
from workbench.case import folder
from workbench.services import log_formats
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def case(tmp_path: Path) -> Path:
    log = tmp_path / "one.jsonl"
    log.write_text('{"request_id":"a","prompt":"one"}\n')
    assert workbench("import", tmp_path / "a.case", log) == 0
    return tmp_path / "a.case"


@contextmanager
def waiting(case: Path) -> Iterator[subprocess.Popen[str]]:
    """An import of another log by another process, which has said that it waits."""
    log = case.parent / "two.jsonl"
    log.write_text('{"request_id":"b","prompt":"two"}\n')
    command = [sys.executable, "-m", "workbench", "import", str(case), str(log), "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            assert "a.case is open in another process (process " in said
            assert said.endswith("Waiting until it is closed there; Ctrl+C gives up.\n")
            yield process
        finally:
            process.kill()


def test_it_goes_on_when_the_case_is_free(case: Path) -> None:
    held = Workspace.open(case)
    with waiting(case) as process:
        assert process.poll() is None
        held.close()
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
    assert json.loads(out)["total"]["loaded"] == 1
    with Workspace.open(case, write=False) as workspace:
        assert workspace.importing.provenance.info().counts["exchanges"] == 2


def test_whoever_gives_up_changes_nothing(case: Path) -> None:
    with Workspace.open(case) as held, waiting(case) as process:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode not in (0, None)
        assert held.importing.provenance.info().counts["exchanges"] == 1


def test_whoever_does_not_want_to_wait_is_refused(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Workspace.open(case):
        assert workbench("import", case, tmp_path / "one.jsonl", "--no-wait") == 2
    assert "is open in another process" in capfd.readouterr().err


def _held(case: Path) -> int:
    with Workspace.open(case, write=False) as workspace:
        return workspace.importing.provenance.info().counts["exchanges"]


def _import_that_comes_between(
    name: str, owner: object, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process makes the case and imports, just before ours calls that."""
    log = case.parent / "other.jsonl"
    log.write_text('{"request_id":"o","prompt":"other"}\n')
    command = [sys.executable, "-m", "workbench", "import", str(case), str(log)]
    called = getattr(owner, name)

    def comes_between(*args: Any, **named: Any) -> Any:
        monkeypatch.setattr(owner, name, called)
        subprocess.run(command, check=True, capture_output=True)
        return called(*args, **named)

    monkeypatch.setattr(owner, name, comes_between)


def test_a_case_that_another_process_made_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = tmp_path / "a.case"
    _import_that_comes_between("check_files", log_formats, case, monkeypatch)
    assert workbench("import", case, tmp_path / "missing.jsonl") == 2
    assert _held(case) == 1


def test_a_case_that_another_process_made_first_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, log = tmp_path / "a.case", tmp_path / "one.jsonl"
    log.write_text('{"request_id":"a","prompt":"one"}\n')
    _import_that_comes_between("_fill", folder, case, monkeypatch)
    assert workbench("import", case, log) == 0
    assert _held(case) == 2


def test_a_new_case_is_out_of_the_way_before_it_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "a.case"
    with Workspace.open_or_create(path) as workspace:
        assert workspace.made
        workspace.discard()
    assert list(tmp_path.iterdir()) == []
    with Workspace.open_or_create(path):
        pass
    with Workspace.open_or_create(path) as workspace:
        assert not workspace.made
