"""``workbench journal`` and ``workbench undo --entry`` as a person types them."""

import json
from pathlib import Path

import pytest

from tests.command_line import workbench
from workbench.services.workspace import Workspace


@pytest.fixture
def case(tmp_path: Path) -> Path:
    with Workspace.create(tmp_path / "harbour.case", analyst="Mara") as workspace:
        workspace.labelling.note("one")
        workspace.labelling.note("two")
    return tmp_path / "harbour.case"


def _cut(case: Path) -> None:
    (journal,) = (case / "decided").glob("*.jsonl")
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])


def test_verify(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for more in ((), ("--every",)):
        assert workbench("journal", case, "verify", *more) == 0
        out = capsys.readouterr().out
        assert out == "1 journal, 2 entries: chains, signatures and pinned heads hold.\n"
    assert workbench("journal", case, "verify", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "journals": 1,
        "entries": 2,
        "clock": [],
        "against": None,
    }


def test_what_is_missing_is_said_refused_and_accepted(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _cut(case)
    fact = "it has 1 line, 2 were written (by heads.json): what is missing begins with line 2."
    assert workbench("journal", case, "verify") == 1
    assert fact in capsys.readouterr().err
    assert workbench("note", case, "three") == 2
    said = capsys.readouterr().err
    assert fact in said
    assert f"workbench journal {case} accept --why TEXT" in said
    for command in ("journal", "info"):
        assert workbench(command, case) == 0
        assert fact in capsys.readouterr().err
    assert workbench("journal", case, "accept") == 2
    assert "no reason" in capsys.readouterr().err
    assert workbench("journal", case, "accept", "--why", "disk failed") == 0
    assert "Went on without entries that are missing" in capsys.readouterr().out
    assert workbench("note", case, "three") == 0
    assert workbench("journal", case, "verify") == 0
    assert workbench("journal", case, "accept", "--why", "again") == 2


def test_a_clock_that_was_set_back_is_told(
    case: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for at_us in (*(9_000_000_000_000_000 - i for i in range(12)),):
        monkeypatch.setattr("workbench.case.journal.now_us", lambda at_us=at_us: at_us)
        assert workbench("note", case, "x") == 0
    capsys.readouterr()
    assert workbench("journal", case, "verify") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[1].endswith("the clock was set back by less than 1 ms.")
    assert told[-1] == "… 1 more; --json names all of them."
    assert workbench("journal", case, "verify", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["clock"]) == 11
    assert workbench("journal", case) == 0
    assert "clock" in capsys.readouterr().out.splitlines()[0]


def test_undo_of_one_entry(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert workbench("journal", case, "--json") == 0
    first = json.loads(capsys.readouterr().out)["entries"][1]
    which = f"{first['journal'][:8]}:1"
    assert workbench("undo", case, "--entry", which, "--why", "wrong case") == 0
    assert capsys.readouterr().out == "Undid: noted (0 accounts changed).\n"
    assert workbench("undo", case, "--entry", which) == 2
    assert "taken back before" in capsys.readouterr().err
    assert workbench("redo", case, "--why", "right after all", "--json") == 0
    assert json.loads(capsys.readouterr().out)["what"] == "Redid: noted"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("repair",), "knows no action"),
        (("--every",), "are of: workbench journal"),
        (("accept", "--every", "--why", "x"), "are of: workbench journal"),
        (("verify", "--against", "no bundle"), "no bundle"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(
    case: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert workbench("journal", case, *arguments) == 2
    assert said in capsys.readouterr().err
