"""``workbench import --preview``: what an import would begin with, and nothing written."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import workbench

GOOD = {"account_id": "k", "ts": "2026-05-01T12:00:00Z", "prompt": "Why?", "system": "Be brief."}
ODD = {"key": {"alias": "a1"}, "asked": [{"text": "What is it, then?"}], "at": 2 * 10**30}


def write(path: Path, *records: dict[str, Any] | str) -> Path:
    lines = (r if isinstance(r, str) else json.dumps(r) for r in records)
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return tmp_path / "a.case"


def seen(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    assert workbench("import", *arguments, "--preview", "--json") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_what_would_be_loaded_is_shown_and_nothing_is_written(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write(tmp_path / "log", GOOD, GOOD | {"ts": "soon", "in_tok": None}, "{broken", "")
    assert workbench("import", case, log, "--preview") == 0
    said = capsys.readouterr()
    first, head, *rest = said.out.splitlines()
    assert first == (
        f"{log}: canonical, 100 % sure: keys ts, account_id, system and 1 more in 2 of 2 records"
    )
    assert head.split() == [
        "record", "account_id", "ts", "(UTC)", "model", "prompt", "completion", "ip", "system",
    ]  # fmt: skip
    assert rest[0].split() == [
        "1", "k", "2026-05-01", "12:00:00", "-", "Why?", "-", "-", "Be", "brief.",
    ]  # fmt: skip
    assert 'NULL ("soon")' in rest[1]
    assert rest[2].startswith("record 3 rejected: not JSON")
    assert rest[3:] == [
        "4 records = 2 loaded + 1 rejected + 1 blank; 1 field could not be read, so NULL.",
        'ts: 1 value cannot be read, so NULL (record 2: "soon" is no time).',
    ]
    assert said.err == ""
    assert {path.name for path in tmp_path.iterdir()} == {"log"}


def test_the_same_for_machines(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write(tmp_path / "log", *[GOOD] * 5, {"x": 1}, GOOD | {"ts": "soon"})
    (file,) = seen(capsys, case, log, "--rows", "2")["files"]
    assert (file["format"], file["confidence"]) == ("canonical", pytest.approx(6 / 7))
    assert file["reason"].endswith("in 6 of 7 records")
    assert (file["records"], file["loaded"], file["rejected"], file["whole"]) == (7, 6, 1, True)
    assert [row["record_no"] for row in file["rows"]] == [1, 2]
    assert file["rows"][0]["system"] == "Be brief."
    assert file["unread"] == [], "of the rows shown"
    assert file["coerced_columns"] == {"ts": 1}
    (file,) = seen(capsys, case, log)["files"]
    assert file["unread"] == [
        {"record_no": 7, "column": "ts", "written": '"soon"', "why": "is no time"}
    ]
    assert file["rows"][-1]["ts"] is None
    assert not case.exists()


def test_an_unknown_shape_shows_its_fields_and_what_they_could_be(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write(tmp_path / "odd", ODD)
    found = seen(capsys, case, log)
    (file,) = found["files"]
    assert (file["format"], file["confidence"]) == (None, None)
    assert file["fields"][2] == {"field": "at", "example": str(ODD["at"])}
    assert file["suggested"]["prompt"] == {
        "field": "asked[-1].text", "why": "free text in 1 of 1 record",
    }  # fmt: skip
    assert "has no format that is known here" in found["stops"]
    assert workbench("import", case, log, "--preview") == 0
    said = capsys.readouterr()
    assert "odd: no format knows its records." in said.out
    assert "asked[-1].text" in said.out
    assert "account_id" in said.out
    assert "An import would stop here." in said.err
    mapping = ("--map", "prompt=asked[-1].text", "--map", "org_id=key.alias")
    found = seen(capsys, case, log, *mapping)
    assert found["stops"] is None
    assert found["files"][0]["rows"][0]["org_id"] == "a1"


def test_what_would_stop_the_import_is_said(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write(tmp_path / "log", GOOD | {"ts": "2026-05-01 12:00:00"})
    found = seen(capsys, case, log)
    assert "times without a zone" in found["stops"]
    assert found["files"][0]["unread"][0]["why"] == "names no zone"
    assert seen(capsys, case, log, "--zone", "UTC")["stops"] is None
    assert "has the field nowhere" in seen(capsys, case, log, "--map", "ip=nowhere")["stops"]


def test_files_of_a_folder_that_are_no_logs_are_told(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    write(folder / "log", GOOD)
    (folder / "notes").write_text("  ")
    found = seen(capsys, case, folder)
    assert len(found["files"]) == 1
    assert found["warnings"][0].startswith("Passed over, no log:")


def test_what_is_piped_in_and_hostile_text(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Piped:
        buffer = io.BytesIO(json.dumps(GOOD | {"prompt": "a\x1b[31mb\u202ec"}).encode())

        def isatty(self) -> bool:
            return False

    monkeypatch.setattr(sys, "stdin", Piped())
    assert workbench("import", case, "-", "--preview") == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "a<U+001B>[31mb<U+202E>c" in said
    assert not case.exists()


def test_a_narrow_terminal_names_the_columns_without_room(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    log = write(tmp_path / "log", GOOD | {"in_tok": 3, "org_id": "acme"})
    assert workbench("import", case, log, "--preview") == 0
    said = capsys.readouterr().out
    assert "No room for " in said
    assert "; --json gives all columns." in said
    assert len(said.splitlines()[2]) <= 60


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--preview", "--save-profile", "p.toml"), "--save-profile is for the import"),
        (("--preview", "--pseudonymise", "ip"), "--pseudonymise is for the import"),
        (("--preview", "--drop-text"), "--drop-text is for the import"),
        (("--rows", "3"), "--rows belongs to a preview"),
        (("--preview", "--rows", "0"), "--rows must be 1 at least"),
    ],
)
def test_what_no_preview_can_do_is_refused(
    case: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    words: str,
) -> None:
    log = write(tmp_path / "log", GOOD)
    assert workbench("import", case, log, *options) == 2
    assert words in capsys.readouterr().err
    assert not case.exists()


def test_an_import_says_how_sure_a_format_was(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write(tmp_path / "log", *[GOOD] * 3, {"x": 1})
    assert workbench("import", case, log) == 0
    assert "log: canonical, 75 % sure (keys ts" in capsys.readouterr().out
    sure = write(tmp_path / "sure", GOOD | {"prompt": "other"})
    assert workbench("import", case, sure, "--json") == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert file["confidence"] == 1.0
