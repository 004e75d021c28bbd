"""What is left out at the door, by the command line: options, refusals, and what info says."""

import io
import json
from pathlib import Path

import pytest

from tests.command_line import workbench
from tests.services.held import every_value

LOG = (
    '{"request_id":"r1","account_id":"jane-doe","ip":"192.0.2.7","prompt":"say zyxwvut"}\n'
    '{"request_id":"r2","account_id":"joe","ip":"192.0.2.8","prompt":"say why"}\n'
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_text(LOG)
    return path


def test_names_and_texts_are_left_out_and_said_to_be(
    tmp_path: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case, key = tmp_path / "a.case", tmp_path / "key"
    how = ("--pseudonymise", "ip, account_id", "--pseudonym-key", key, "--drop-text")
    assert workbench("import", case, log, *how) == 0
    said = capsys.readouterr()
    assert "2 loaded" in said.out
    assert f"A key was made: {key}" in said.err
    held = every_value(case)
    assert not any(word in held for word in ("jane-doe", "192.0.2.", "zyxwvut"))
    assert workbench("info", case) == 0
    told = capsys.readouterr().out
    assert "left out     account_id, ip: pseudonyms in place of names, by the key " in told
    assert "no text can be read, searched, exported" in told
    assert workbench("info", case, "--json") == 0
    (done,) = json.loads(capsys.readouterr().out)["imports"]
    assert done["options"]["door"]["pseudonymised"] == ["account_id", "ip"]
    # From now on by itself.
    more = tmp_path / "more.jsonl"
    more.write_text(LOG.replace("r1", "r3").replace("r2", "r4"))
    assert workbench("import", case, more) == 0
    assert "as at the case's first import" in capsys.readouterr().err
    assert "zyxwvut" not in every_value(case)


def test_a_table_is_joined_with_the_key(
    tmp_path: Path, log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, key = tmp_path / "a.case", tmp_path / "key"
    how = ("--pseudonymise", "account_id", "--pseudonym-key", key)
    assert workbench("import", case, log, *how) == 0
    table = tmp_path / "a.csv"
    table.write_text("account_id,plan\njane-doe,pro\n")
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "elsewhere"))
    assert workbench("join", case, "--accounts", table) == 2
    assert "--pseudonym-key FILE" in capsys.readouterr().err
    assert workbench("join", case, "--accounts", table, "--pseudonym-key", key) == 0
    assert "1 row about what the case holds" in capsys.readouterr().out


def test_who_has_the_key_can_tell_names(
    tmp_path: Path, log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = tmp_path / "a.case"
    assert workbench("import", case, log, "--pseudonymise", "account_id,ip") == 0
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.StringIO("joe\n\njane-doe\r\n"))
    assert workbench("pseudonym", case, "account_id") == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [name for _, name in lines] == ["joe", "jane-doe"]
    held = every_value(case)
    assert all(pseudonym.startswith("acc-") and pseudonym in held for pseudonym, _ in lines)
    assert workbench("pseudonym", case, "ip", "192.0.2.7", "--json") == 0
    (address,) = json.loads(capsys.readouterr().out)["pseudonyms"].values()
    assert address in held
    assert workbench("pseudonym", case, "org_id", "acme") == 2
    assert "goes by no pseudonyms" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert workbench("pseudonym", case, "account_id") == 2


@pytest.mark.parametrize(
    ("how", "fact"),
    [
        (("--pseudonymise", "prompt"), "'prompt' holds no names"),
        (("--pseudonymise", "acount_id"), "is no canonical column"),
    ],
)
def test_what_cannot_be_replaced_is_refused(
    tmp_path: Path, log: Path, capsys: pytest.CaptureFixture[str], how: tuple[str, ...], fact: str
) -> None:
    assert workbench("import", tmp_path / "a.case", log, *how) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert fact in line
    assert not (tmp_path / "a.case").exists()


def test_a_case_with_names_and_texts_stays_as_it_is(
    tmp_path: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "a.case"
    assert workbench("import", case, log) == 0
    for how in (("--drop-text",), ("--pseudonymise", "account_id")):
        capsys.readouterr()
        assert workbench("import", case, log, *how) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "new case" in line
