"""``workbench import`` of a case in which an import was killed."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import workbench
from tests.services.cut_logs import lines
from tests.services.cut_short import given, left_behind, small_steps
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace


@pytest.fixture(autouse=True)
def steps() -> Iterator[None]:
    """Files are cut in the same places by whoever goes on."""
    with small_steps():
        yield


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_bytes(lines(0, 400))
    return path


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A case; after ``cut`` with the import that nobody killed."""
    path = tmp_path / "whole.case"
    Workspace.create(path).close()
    return path


@pytest.fixture
def cut(whole: Path, log: Path, tmp_path: Path) -> Path:
    """The case as a kill left it."""
    (tmp_path / "left").mkdir()
    copies = left_behind(
        whole,
        tmp_path / "left",
        lambda w: w.importing.run([log], Frame(custodian="us"), ReadOptions(), Job()),
    )
    return copies[-2]


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_it_is_told_with_both_ways_out(
    cut: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, table = given(cut), log.with_name("accounts.csv")
    table.write_text("account_id,plan\nk1,pro\n")
    capsys.readouterr()
    for command, *more in (("import", log), ("join", "--accounts", table)):
        assert workbench(command, cut, *more) == 2
        line = complaint(capsys)
        assert "An import of 1 file that began at " in line
        assert f"(file 1, {log}, up to record " in line
        assert "--resume" in line
        assert "--roll-back" in line
    assert given(cut) == before
    assert workbench("info", cut) == 0
    said = capsys.readouterr().out
    assert "0 exchanges" in said
    assert "was interrupted" in said
    assert workbench("info", cut, "--json") == 0
    told = json.loads(capsys.readouterr().out)["interrupted"]
    assert told["files"] == [str(log)]
    assert told["file"] == str(log)
    assert 0 < told["record_no"] == told["records"] < 400


def test_it_goes_on(cut: Path, whole: Path, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert workbench("import", cut, "--resume") == 0
    said = capsys.readouterr()
    assert f"{log}: canonical: 400 records = 325 loaded + 40 rejected + 35 duplicate" in said.out
    assert "could not be read, so NULL: in_tok 26" in said.err
    assert given(cut) == given(whole)
    assert workbench("info", cut, "--json") == 0
    assert json.loads(capsys.readouterr().out)["interrupted"] is None
    assert workbench("journal", cut, "verify") == 0
    capsys.readouterr()
    assert workbench("import", cut, "--resume") == 2
    line = complaint(capsys)
    assert "No import into this case waits to go on, or to be taken back. One that was" in line
    assert "every 500,000 records" in line
    assert "Import again: name the files." in line


def test_it_is_taken_back(cut: Path, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert workbench("import", cut, "--roll-back", "--json") == 0
    assert json.loads(capsys.readouterr().out)["taken_back"]["files"] == [str(log)]
    assert workbench("import", cut, "--roll-back") == 2
    assert "Import again: name the files." in complaint(capsys)
    assert workbench("import", cut, log) == 0


def journal(case: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Its entries, the newest first; the chain holds."""
    capsys.readouterr()
    assert workbench("journal", case, "verify") == 0
    capsys.readouterr()
    assert workbench("journal", case, "--json") == 0
    entries: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["entries"]
    return entries


def test_the_journal_says_that_it_went_on(
    cut: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twice, as it was killed again."""
    (tmp_path / "again").mkdir()
    again = left_behind(cut, tmp_path / "again", lambda w: w.importing.resume(Job()))
    (entry,) = journal(cut, capsys)
    assert re.fullmatch(
        r"Imported 1 file; begun [-0-9: ]+ UTC, cut short once, went on [-0-9: ]+ UTC, after "
        r"record \d+",
        entry["what"],
    )
    assert workbench("import", again[0], "--resume") == 0
    (entry,) = journal(again[0], capsys)
    assert "cut short twice, went on last " in entry["what"]
    assert not entry["decision"]
    assert workbench("undo", cut) == 1


def test_the_journal_says_that_it_was_taken_back(
    cut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workbench("import", cut, "--roll-back") == 0
    (entry,) = journal(cut, capsys)
    assert re.fullmatch(
        r"Took back an import of 1 file that was cut short \(begun [-0-9: ]+ UTC, \d+ records "
        r"read\)",
        entry["what"],
    )
    assert (entry["kind"], entry["decision"], entry["stands"]) == ("import", False, True)


def test_one_that_cannot_go_on_is_told_before_it_is_taken_back_and_then(
    cut: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    early = tmp_path / "left" / "0.case"
    told = r"An import that began at \S+Z was cut short before its first milestone \(there is one "
    for end in ("--resume", "--roll-back"):
        copy = tmp_path / f"{end}.case"
        shutil.copytree(early, copy)
        capsys.readouterr()
        assert workbench("info", copy) == 0
        said = capsys.readouterr().out
        assert re.search(told, said)
        assert "taken back when the case is next opened for writing: import again." in said
        assert workbench("import", copy, end) == 2
        line = complaint(capsys)
        assert re.search(told, line)
        assert line.endswith(": taken back. Import again: name the files.")
        assert workbench("info", copy, "--json") == 0
        assert json.loads(capsys.readouterr().out)["cut_short"] is None


def test_a_file_that_is_gone(
    cut: Path, whole: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    content = log.read_bytes()
    log.unlink()
    assert workbench("import", cut, "--resume", "--json") == 2
    line = complaint(capsys)
    assert f"{log} does not exist. Nothing was loaded, and the import can still go on." in line
    assert "--roll-back" in line
    log.write_bytes(content)
    assert workbench("import", cut, "--resume", "--json") == 0
    assert json.loads(capsys.readouterr().out)["total"]["records"] == 400
    assert given(cut) == given(whole)


def test_nothing_else_may_be_asked_for(
    cut: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    for more in ([log], ["--system", "s"], ["--zone", "UTC"], ["--benign"]):
        assert workbench("import", cut, "--resume", *more) == 2
        assert "--resume" in complaint(capsys)
    for more in ([log], ["--resume"]):
        assert workbench("import", cut, "--roll-back", *more) == 2
        assert "--roll-back takes no files and no other options" in complaint(capsys)
    assert workbench("import", cut) == 2
    assert "No file was named." in complaint(capsys)


def test_a_case_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert workbench("import", tmp_path / "no.case", "--resume") == 2
    assert "does not exist" in complaint(capsys)
    assert not (tmp_path / "no.case").exists()
