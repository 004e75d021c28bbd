"""``workbench rejects``: what could not be read, listed, written out, repaired and imported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.command_line import workbench

if TYPE_CHECKING:
    from pathlib import Path

LINES = [
    b'{"request_id":"a","prompt":"one"}',
    b'{"request_id":"b","prompt":"two',
    b'{"request_id":"c","prompt":"th\xffree"}',
]


@pytest.fixture
def case(tmp_path: Path) -> Path:
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(LINES) + b"\n")
    assert workbench("import", tmp_path / "a.case", log) == 0
    return tmp_path / "a.case"


def test_rejects_are_written_as_they_lay_repaired_and_imported(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = tmp_path / "raw.jsonl"
    capsys.readouterr()
    assert workbench("rejects", case, "--raw", raw) == 0
    assert capsys.readouterr().out == f"2 records written to {raw}\n"
    assert raw.read_bytes() == b"\n".join(LINES[1:]) + b"\n"
    raw.write_bytes(raw.read_bytes().replace(b'"two', b'"two"}').replace(b"\xff", b""))
    assert workbench("import", case, raw) == 0
    capsys.readouterr()
    assert workbench("info", case, "--json") == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert counts["exchanges"] == 3


@pytest.mark.parametrize("option", ["--raw", "--export"])
def test_no_file_is_written_over(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    assert workbench("rejects", case, option, mine) == 2
    assert "is there already. Name another file." in capsys.readouterr().err
    assert mine.read_text() == "mine"


def test_bytes_that_were_left_out_at_the_door(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(LINES))
    case = tmp_path / "closed.case"
    assert workbench("import", case, log, "--drop-text") == 0
    capsys.readouterr()
    assert workbench("rejects", case) == 0
    said = capsys.readouterr().out
    assert "two" not in said
    assert "Their bytes were left out at the door." in said
    assert workbench("rejects", case, "--raw", tmp_path / "raw") == 2
    refused = capsys.readouterr()
    assert refused.out == ""
    assert "keeps no bytes of rejected records" in refused.err
    assert not (tmp_path / "raw").exists()


def test_without_a_reject_no_file_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(LINES[0])
    assert workbench("import", tmp_path / "good.case", log, "--drop-text") == 0
    capsys.readouterr()
    assert workbench("rejects", tmp_path / "good.case", "--raw", tmp_path / "raw") == 0
    assert "No record of a log was rejected, so nothing was written." in capsys.readouterr().out
    assert not (tmp_path / "raw").exists()
