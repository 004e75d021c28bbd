"""Tables and JSON on stdout."""

import csv
import datetime as dt
import math
import signal
from pathlib import Path

import orjson
import pyarrow as pa
import pytest

from workbench.cli.output import emit_json, plain, progress_job, say, show_table, write_csv
from workbench.domain.errors import CancelledError, InputError


def test_json_has_no_nan_and_times_in_utc() -> None:
    table = pa.table({"v": [math.nan, 1.5], "ts": [dt.datetime(2026, 5, 1, 2, 3), None]})
    assert plain(table) == [
        {"v": None, "ts": "2026-05-01T02:03:00.000000Z"},
        {"v": 1.5, "ts": None},
    ]


def test_json_of_hostile_text_is_valid(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    emit_json({"prompt": "\ud800 \x00 \x1b[31m", "raw": b"\xff"})
    assert orjson.loads(capfdbinary.readouterr().out)["raw"] == "ff"


def test_csv_runs_nothing_in_a_spreadsheet(tmp_path: Path) -> None:
    table = pa.table({"id": ["=1+1", "-cmd", "plain", None], "n": [-1, 2, 3, 4]})
    write_csv(table, tmp_path / "t.csv")
    rows = list(csv.reader((tmp_path / "t.csv").read_text("utf-8").splitlines()))
    assert rows == [["id", "n"], ["'=1+1", "-1"], ["'-cmd", "2"], ["plain", "3"], ["", "4"]]


def test_csv_into_nowhere_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_csv(pa.table({"a": [1]}), tmp_path / "missing" / "t.csv")


def test_a_table_is_cut_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(pa.table({"id": [f"a{i}" for i in range(50)], "n": range(50)}), limit=3)
    shown = capsys.readouterr().out
    assert "a2" in shown
    assert "a3" not in shown
    assert "47 more; --json gives all of them." in shown


def test_a_pipe_cuts_no_column(capsys: pytest.CaptureFixture[str]) -> None:
    columns = {f"c{i}": [f"{i}" + "x" * 55] for i in range(9)}
    show_table(pa.table(columns))
    shown = capsys.readouterr().out
    assert "\u2026" not in shown
    assert all(cell in shown for (cell,) in columns.values())


def test_a_narrow_terminal_keeps_time_analyst_and_the_start_of_digests(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    columns = {"at": [dt.datetime(2026, 5, 1, 2, 3)], "analyst": ["ann"], "what": ["w " * 40]}
    show_table(pa.table(columns | {"why": ["y" * 80], "entry": ["0123456789abcdef" * 4]}))
    _, row = capsys.readouterr().out.splitlines()
    assert row.startswith("2026-05-01 02:03  ann")
    assert row.rstrip().endswith(" 0123456789ab")
    assert len(row) <= 100


def test_what_is_null_reads_as_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(pa.table({"q": [None, 0.0004, 0.25], "s": ["x", None, "\x1b[2J"]}))
    shown = capsys.readouterr().out
    assert "0.0004" in shown
    assert "\x1b" not in shown


def test_progress_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_job() as job:
        job.report("Reading lines", done=0.5)
    with progress_job(quiet=True) as job:
        job.report("Silent")
    say("done")
    captured = capsys.readouterr()
    assert captured.out == "done\n"
    assert "Reading lines" in captured.err
    assert "Silent" not in captured.err


def test_an_interrupt_cancels_the_job_and_is_given_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with progress_job(quiet=True) as job:
        signal.raise_signal(signal.SIGINT)
        assert job.cancelled
        with pytest.raises(CancelledError):
            job.check()
    assert signal.getsignal(signal.SIGINT) is before
