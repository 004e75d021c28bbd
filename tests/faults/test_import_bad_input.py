"""Bad input at the door: each kind one clear line, the right exit code, and nothing lost.

Through the command line, on a real case, as a user meets it.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import stat
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.command_line import workbench
from workbench.domain.ports import Statement
from workbench.formats import decode
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

GOOD = b'{"request_id":"r1","account_id":"k1","ts":"2026-05-01T12:00:00Z","prompt":"fine"}\n'


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case with one exchange in it."""
    (tmp_path / "first.jsonl").write_bytes(b'{"request_id":"r0","prompt":"before"}\n')
    path = tmp_path / "a.case"
    assert workbench("import", path, tmp_path / "first.jsonl") == 0
    return path


def facts(case: Path) -> dict[str, Any]:
    with Workspace.open(case, write=False) as workspace:
        return workspace.importing.provenance.info().as_dict()


def refused(case: Path, capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Import, expect exit 2 with one line on stderr and the case as it was; the line."""
    before = facts(case)
    capfd.readouterr()
    assert workbench("import", case, *arguments) == 2
    said = capfd.readouterr()
    assert said.out == ""
    lines = [line for line in said.err.splitlines() if line.startswith("workbench: ")]
    assert len(lines) == 1
    assert "Traceback" not in said.err
    assert facts(case) == before
    return lines[0]


def imported(
    case: Path, capfd: pytest.CaptureFixture[str], *arguments: str
) -> tuple[dict[str, Any], str]:
    """Import, expect exit 0; the JSON and what stderr says."""
    capfd.readouterr()
    assert workbench("import", case, *arguments, "--json") == 0
    said = capfd.readouterr()
    report: dict[str, Any] = json.loads(said.out)
    fates = report["total"]
    names = ("loaded", "joined", "rejected", "blank", "duplicate", "conflict", "header")
    assert fates["records"] == sum(fates[name] for name in names)
    return report, said.err


def prompts(case: Path) -> list[str]:
    with Workspace.open(case, write=False) as workspace, workspace._held.engine() as engine:
        text = "SELECT text FROM prompt ORDER BY prompt_id"
        return list(engine.table(Statement("all", text))["text"].to_pylist())


# --- files that cannot be used at all: exit 2 -------------------------------------------------
UNUSABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "white space": (b"\n\n  \n", "only white space"),
    "binary": (bytes(range(256)) * 99, "binary file"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(500), "binary file"),
    "zip": (b"PK\x03\x04" + bytes(99), "zip archive"),
    "utf-16": (GOOD.decode().encode("utf-16"), "UTF-16 text"),
    "prose": (b"Dear all,\nthe logs are attached.\n", "nothing that is recognised"),
    "unknown shape": (b'{"when": 1, "said": "x"}\n', "its fields are when, said."),
    "all lines bad": (b'{"prompt":\n' * 20, "no record of its first megabyte"),
    "torn at once": (gzip.compress(GOOD)[:10], "cut off"),
    "torn parquet": (b"PAR1" + bytes(20), "damaged Parquet"),
    "latin-1 csv": ("prompt,ort\nGrüße,Köln\n".encode("latin-1"), "record was rejected"),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_unusable_files(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    data, words = UNUSABLE[kind]
    path = tmp_path / "log.jsonl"
    path.write_bytes(data)
    line = refused(case, capfd, str(path))
    assert words in line
    assert str(path) in line
    assert line.endswith(".")


def test_missing_directory_unreadable_and_strange_files(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "does not exist" in refused(case, capfd, str(tmp_path / "missing.jsonl"))
    assert "matches no file" in refused(case, capfd, str(tmp_path / "*.nothing"))
    (tmp_path / "folder").mkdir()
    assert "folder without files" in refused(case, capfd, str(tmp_path / "folder"))
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in refused(case, capfd, str(tmp_path / "pipe"))
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    assert "does not exist" in refused(case, capfd, str(tmp_path / "dangling"))
    hidden = tmp_path / "hidden.jsonl"
    hidden.write_bytes(GOOD)
    hidden.chmod(0)
    if os.access(hidden, os.R_OK):  # root reads everything
        assert stat.S_IMODE(hidden.stat().st_mode) == 0
    else:
        assert "cannot be read" in refused(case, capfd, str(hidden))


def test_a_bad_file_leaves_no_new_case_behind(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(b"")
    late = tmp_path / "late"
    late.write_bytes(b'{"x": 1}\n')
    for path in (bad, late):
        for arguments in ([], ["--format", "canonical"]):
            code = workbench("import", tmp_path / "new.case", path, *arguments)
            assert code == 2
            assert not (tmp_path / "new.case").exists()
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--map", "prompt"], "CANONICAL=SOURCE"),
        (["--map", "nonsense=x"], "no canonical column"),
        (["--format", "nonsense"], "no known format"),
        (["--zone", "Mars"], "no time zone"),
        (["--profile", "missing.toml"], "is neither a file here nor a profile"),
    ],
)
def test_bad_arguments(
    case: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(GOOD)
    line = refused(case, capfd, str(path), *arguments)
    assert words in line or words.replace("no ", "not a ") in line


# --- single bad records: exit 0, each with its fate -------------------------------------------
def deep(levels: int) -> bytes:
    return b'{"prompt":"x","junk":' + b"[" * levels + b"]" * levels + b"}"


RECORDS: dict[str, tuple[bytes, str]] = {
    "cut off": (b'{"prompt": "never clo', "cut off in the middle"),
    "not utf-8": (b'{"prompt": "\xff\xfe"}', "not UTF-8: byte 0xff at position 12"),
    "not json": (b"May  1 12:00:00 host sshd: hello", "not JSON"),
    "two values": (b'{"prompt":"a"} {"prompt":"b"}', "not JSON: more than one value"),
    "raw NUL": (b'{"prompt":"a\0b"}', "not JSON: holds NUL bytes"),
    "a list": (b'["prompt"]', "not an object: a list"),
    "a number": (b"17", "not an object: a number"),
    "no exchange": (b'{"color": "red"}', "no exchange"),
    "a key twice": (
        b'{"prompt":"first","prompt":"last"}',
        "no exchange: what makes one is there twice",
    ),
    "deep": (deep(100_000), "nested too deep"),
    "many digits": (b'{"in_tok": ' + b"9" * 9000 + b"}", "not JSON: a number of thousands"),
}


@pytest.mark.parametrize("kind", RECORDS)
def test_single_bad_records(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    bad, words = RECORDS[kind]
    path = tmp_path / "log.jsonl"
    path.write_bytes(GOOD + bad + b"\n" + GOOD.replace(b"r1", b"r2"))
    report, _ = imported(case, capfd, str(path))
    assert report["total"] | {"coerced": 0} == {
        "records": 3, "loaded": 2, "joined": 0, "rejected": 1, "blank": 0,
        "duplicate": 0, "conflict": 0, "header": 0, "coerced": 0,
    }  # fmt: skip
    assert workbench("rejects", case, "--json") == 0
    (reject,) = json.loads(capfd.readouterr().out)["rejects"]
    assert reject["reason"].startswith(words)
    assert (reject["record_no"], reject["byte_offset"]) == (2, len(GOOD))
    assert base64.b64decode(reject["raw_base64"]) == bad


HARMLESS: dict[str, tuple[bytes, str]] = {
    "a key twice, alike": (b'{"prompt":"same","prompt":"same"}', "same"),
    "lone surrogate": (b'{"prompt":"a\\ud800b"}', "a\\ud800b"),
    "surrogate in a key": (b'{"\\udfff":1,"prompt":"kept"}', "kept"),
    "escaped NUL": (b'{"prompt":"a\\u0000b"}', "a\0b"),
    "bidi and ANSI": ('{"prompt":"a\u202eb\\u001b[31mc"}'.encode(), "a\u202eb\x1b[31mc"),
    "markup": (b'{"prompt":"<script>x</script>=cmd|calc"}', "<script>x</script>=cmd|calc"),
    "NaN": (b'{"prompt":"nan","temperature":NaN}', "nan"),
    "returns": (b'{"prompt":"windows"}\r', "windows"),
    "nested": (deep(200), "x"),
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_odd_but_readable_records_are_kept_as_sent(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    line, prompt = HARMLESS[kind]
    path = tmp_path / "log.jsonl"
    path.write_bytes(GOOD + line + b"\n")
    report, _ = imported(case, capfd, str(path))
    assert report["total"]["loaded"] == 2
    assert prompts(case)[-1] == prompt


def test_a_line_of_ten_megabytes_is_fine(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.jsonl"
    long = "word " * (2 << 20)
    path.write_bytes(GOOD + json.dumps({"prompt": long}).encode() + b"\n" + GOOD)
    report, _ = imported(case, capfd, str(path))
    assert report["total"]["loaded"] == 2
    assert report["total"]["duplicate"] == 1
    assert prompts(case)[-1] == long


@pytest.mark.parametrize("end", [b"", b'"}'], ids=["cut off", "whole"])
def test_a_line_that_is_too_long_is_one_reject(
    case: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    end: bytes,
) -> None:
    """With the limit at 3 MB instead of 100, whichever way the reader meets it."""
    for module in ("blocks", "adapter", "block_columns"):
        monkeypatch.setattr(f"workbench.formats.{module}.LONGEST_RECORD", 3 << 20)
    for size in (4, 20):  # within one block, and over several
        path = tmp_path / f"{size}.jsonl"
        endless = b'{"prompt":"' + b"y" * (size << 20) + end
        path.write_bytes(GOOD.replace(b"r1", b"s%d" % size) + endless + b"\n" + GOOD)
        report, _ = imported(case, capfd, str(path))
        assert report["total"]["rejected"] == 1
        assert report["total"]["records"] == 3
    assert workbench("rejects", case, "--json") == 0
    for reject in json.loads(capfd.readouterr().out)["rejects"]:
        assert reject["reason"] == decode.TOO_LONG
        assert len(base64.b64decode(reject["raw_base64"])) == decode.KEPT_OF_LONGEST


@pytest.mark.parametrize("shell", ["gzip", "zstd"])
def test_a_torn_file_is_loaded_up_to_the_tear(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], shell: str
) -> None:
    lines = b"".join(GOOD.replace(b"r1", b"n%d" % i) for i in range(40_000))
    codec = pa.Codec(shell)
    whole = bytes(codec.compress(lines, asbytes=True))
    path = tmp_path / "log"
    path.write_bytes(whole[: len(whole) * 3 // 4])
    report, _ = imported(case, capfd, str(path))
    total = report["total"]
    assert 20_000 < total["loaded"] < 40_000
    assert total["rejected"] == 1
    assert "cut off at byte" in report["warnings"][0]


def test_times_far_away_are_loaded_and_told(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"prompt":"a","ts":0}\n{"prompt":"b","ts":"2099-12-31T23:59:59Z"}\n')
    report, _ = imported(case, capfd, str(path))
    assert report["total"]["loaded"] == 2
    assert report["total"]["coerced"] == 0
    assert "2 records lie before 2015 or after tomorrow" in report["warnings"][0]


def test_what_is_hostile_does_not_reach_the_terminal(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log\x1b[31m\u202e.jsonl"
    path.write_bytes(GOOD + b'{"a": "\x1b]0;x\x07"}\n')
    assert workbench("import", case, path) == 0
    assert workbench("rejects", case) == 0
    assert workbench("info", case) == 0
    said = capfd.readouterr()
    assert "\x1b" not in said.out + said.err
    assert "\u202e" not in said.out + said.err
    assert "<U+202E>" in said.out


def test_rejects_are_exported_whole(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.jsonl"
    bad = [b'{"n": "\xff%d' % i for i in range(2500)]
    path.write_bytes(GOOD + b"\n".join(bad))
    imported(case, capfd, str(path))
    out = tmp_path / "rejects.jsonl"
    assert workbench("rejects", case, "--export", out) == 0
    rows = [json.loads(line) for line in out.read_bytes().splitlines()]
    assert [base64.b64decode(row["raw_base64"]) for row in rows] == bad
    assert "2,500 rejects written" in capfd.readouterr().out
    assert workbench("rejects", case, "--export", tmp_path / "no" / "x") == 2


def test_a_profile_is_saved_and_used_again(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"who":"k","said":"hello","when":"2026-05-01 12:00:00"}\n')
    profile = tmp_path / "gateway.toml"
    mapping = ["--map", "prompt=said", "--map", "account_id=who", "--map", "ts=when"]
    save = ["--save-profile", str(profile)]
    report, _ = imported(case, capfd, str(path), *mapping, "--zone", "UTC", *save)
    assert report["total"]["loaded"] == 1
    assert report["files"][0]["format"] == "mapped"
    path.write_bytes(b'{"who":"k","said":"again","when":"2026-05-01 12:00:01"}\n')
    report, _ = imported(case, capfd, str(path), "--profile", str(profile))
    assert report["total"] | {"coerced": 0} == report["total"]
    assert prompts(case)[-2:] == ["hello", "again"]
