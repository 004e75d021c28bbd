"""``workbench stamp`` as a person types it."""

import json
from pathlib import Path

import pytest

from tests.command_line import workbench
from tests.time_authority import Authority, needs_openssl
from workbench.services.workspace import Workspace

pytestmark = needs_openssl


@pytest.fixture
def case(tmp_path: Path) -> Path:
    with Workspace.create(tmp_path / "harbour.case") as workspace:
        workspace.policies.set({"legal_hold": True}, "order 12/26")
    return tmp_path / "harbour.case"


def test_asked_carried_and_listed(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = Authority(tmp_path / "tsa")
    assert workbench("stamp", case) == 1
    said = capsys.readouterr()
    assert said.out == "1 state waits. No time-stamp server is set.\n"
    request, answer = tmp_path / "heads.tsq", tmp_path / "heads.tsr"
    assert workbench("stamp", case, "--request", request) == 0
    assert "application/timestamp-query" in capsys.readouterr().out
    assert workbench("stamp", case, "--request", request) == 2
    assert "exists already" in capsys.readouterr().err
    answer.write_bytes(authority.answer(request.read_bytes()))
    assert workbench("stamp", case, "--answer", answer) == 0
    assert "1 entry of 1 journal, stamped 2" in capsys.readouterr().out
    with authority.serving() as url:
        assert workbench("stamp", case, "--url", url, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["authority"] for one in found["stamped"]] == ["CN=Clock of tests,O=Tests"]
    assert (found["waiting"], found["trouble"]) == ([], "")
    assert workbench("stamp", case, "--list", "--ca", authority.root) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(line.endswith("(signature holds)") for line in lines)
    assert workbench("journal", case) == 0
    assert "time-stamped by CN=Clock of tests" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("--list", "--url", "http://x/"), "each say what to do"),
        (("--ca", "x.pem"), "Add --list"),
        (("--answer", "absent.tsr"), "cannot be read"),
        (("--list", "--ca", "absent.pem"), "no certificates"),
    ],
)
def test_what_is_said_wrongly_is_told(
    case: Path, capsys: pytest.CaptureFixture[str], said: tuple[str, ...], words: str
) -> None:
    assert workbench("stamp", case, *said) == 2
    told = capsys.readouterr().err
    assert words in " ".join(told.split())


def test_a_case_without_entries_or_stamps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Workspace.create(tmp_path / "new.case"):
        pass
    assert workbench("stamp", tmp_path / "new.case", "--list") == 0
    assert capsys.readouterr().out == "Nothing was stamped.\n"
    assert workbench("stamp", tmp_path / "new.case") == 2
    assert "nothing to stamp" in capsys.readouterr().err
