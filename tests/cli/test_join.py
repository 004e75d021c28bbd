"""``workbench join`` as it is typed."""

import json
from pathlib import Path

import pytest

from tests.command_line import workbench
from tests.formats.mmdb import mmdb
from workbench.case.casefile import VERSIONS
from workbench.services.joined import known_lines, known_of
from workbench.services.workspace import Workspace

LOG = (
    '{"request_id":"1","ts":"2026-05-01T10:00:00Z","account_id":"k1","prompt":"a","ip":"192.0.2.1"}\n'
    '{"request_id":"2","ts":"2026-05-01T11:00:00Z","account_id":"k2","prompt":"b"}\n'
)


@pytest.fixture
def case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    log = tmp_path / "log.jsonl"
    log.write_text(LOG)
    assert workbench("import", tmp_path / "a.case", log) == 0
    capsys.readouterr()
    return tmp_path / "a.case"


def test_the_four_tables_listed_and_taken_out(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("id,when\nk1,2026-01-01\nk9,2026-01-01\n")
    (tmp_path / "e.jsonl").write_text('{"account_id":"k1","at":1777629600,"event":"ban"}\n')
    (tmp_path / "r.csv").write_text("model,released_at\natlas,2026-04-01T00:00:00Z\n")
    (tmp_path / "g.mmdb").write_bytes(mmdb({"192.0.2.0/24": {"country": {"iso_code": "NL"}}}))
    named = ("--map", "account_id=id", "--map", "created_at=when", "--zone", "UTC")
    assert workbench("join", case, "--accounts", tmp_path / "a.csv", *named) == 0
    out = capsys.readouterr().out
    assert "records 3 = loaded 2 + header 1" in out
    assert "1 row about what the case holds, 1 about what it does not" in out
    for option, name in (
        ("--events", "e.jsonl"),
        ("--releases", "r.csv"),
        ("--addresses", "g.mmdb"),
    ):
        assert workbench("join", case, option, tmp_path / name, "--json") == 0
        said = json.loads(capsys.readouterr().out)
        assert (said["table"]["loaded"], said["already"]) == (1, False)
    for how in ((), ("--list",)):
        assert workbench("join", case, *how, "--json") == 0
        tables = json.loads(capsys.readouterr().out)["tables"]
        assert [one["kind"] for one in tables] == ["accounts", "events", "releases", "addresses"]
        for one in tables:
            fates = ("loaded", "joined", "rejected", "blank", "duplicate", "conflict", "header")
            assert one["records"] == sum(one[fate] for fate in fates)
    assert workbench("info", case, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["added"]) == 4
    assert workbench("info", case) == 0
    assert "added beside the logs: addresses" in capsys.readouterr().out
    assert workbench("join", case, "--remove", "2") == 0
    assert capsys.readouterr().out == f"Taken out: 2  events  {tmp_path / 'e.jsonl'}\n"
    for number in (1, 3, 4):
        assert workbench("join", case, "--remove", str(number), "--json") == 0
    capsys.readouterr()
    assert workbench("join", case) == 0
    assert capsys.readouterr().out == "No table was added beside the logs.\n"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--accounts", "none.csv"), "none.csv does not exist"),
        (("--remove", "7"), "no added table 7"),
        (("--accounts", "a.csv", "--remove", "1"), "one thing at a time"),
        (("--accounts", "a.csv", "--map", "plan"), "is not FIELD=COLUMN"),
        (("--accounts", "a.csv", "--map", "plan=a", "--map", "plan=b"), "names plan twice"),
        (("--accounts", "a.csv", "--zone", "Mars"), "is not a time zone"),
        (("--addresses", "a.csv"), "is no MaxMind database"),
        (("--accounts", "a.csv"), "has times without a zone"),
    ],
)
def test_one_clear_line_and_nothing_changed(
    case: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    part: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("account_id,created_at\nk1,2026-01-01 10:00:00\n")
    before = (case / "given.duckdb").read_bytes()
    assert workbench("join", case, *arguments) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if "workbench: " in line]
    assert len(lines) == 1
    assert part in lines[0]
    assert (case / "given.duckdb").read_bytes() == before


def test_rejects_of_tables_are_listed_and_exported(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"account_id,plan\nk1,pro\nk2\n,\x1b[31m\n")
    assert workbench("join", case, "--accounts", path) == 0
    assert "2 records of" in capsys.readouterr().err
    assert workbench("rejects", case) == 0
    said = capsys.readouterr().out
    assert f"{path}: record 3, byte 23: wrong number of fields" in said
    assert "\x1b" not in said
    out = tmp_path / "r.jsonl"
    assert workbench("rejects", case, "--export", out) == 0
    exported = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["record_no"] for row in exported] == [3, 4]
    assert "2 rejects written" in capsys.readouterr().out


def test_a_mapped_column_that_is_nowhere_is_refused(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("account_id,signed up,plan\nk1,2026-01-01T00:00:00Z,pro\n")
    assert workbench("join", case, "--accounts", path, "--map", "created_at=signed_up") == 2
    said = capsys.readouterr().err
    assert "has no column signed_up, which is mapped to created_at" in said
    assert "Did you mean signed up?" in said


def test_a_case_of_an_older_version_is_read_and_brought_up_to_date(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import duckdb

    with duckdb.connect(case / "given.duckdb") as connection:
        names = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        for (name,) in names:
            if name.startswith("added"):
                connection.execute(f"DROP TABLE {name}")
    marker = case / "case.toml"
    now = f"given = {VERSIONS['given']}"
    marker.write_text(marker.read_text().replace(now, "given = 1"))
    for command in ("info", "join", "rejects"):
        assert workbench(command, case, "--json") == 0
    assert "given = 1" in marker.read_text()
    (tmp_path / "a.csv").write_text("account_id,plan\nk1,pro\n")
    assert workbench("join", case, "--accounts", tmp_path / "a.csv") == 0
    assert now in marker.read_text()
    capsys.readouterr()
    assert workbench("join", case, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["tables"]) == 1


def test_an_audit_log_tells_itself_what_it_is(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = {
        "id": "audit_log-1",
        "type": "api_key.created",
        "effective_at": 1777500000,
        "project": {"id": "proj_1"},
        "actor": {"type": "session", "session": {"user": {"id": "u1"}, "ip_address": "192.0.2.9"}},
        "api_key.created": {"id": "k1"},
    }
    log = tmp_path / "audit.json"
    log.write_text(json.dumps({"object": "list", "data": [made], "has_more": False}))
    assert workbench("join", case, log, "--json") == 0
    both = json.loads(capsys.readouterr().out)["tables"]
    assert [(one["table"]["kind"], one["table"]["matched"]) for one in both] == [
        ("events", 1),
        ("accounts", 1),
    ]
    with Workspace.open(case, write=False) as workspace:
        told = "\n".join(known_lines(known_of(workspace.joining._held, "key::k1")))
    assert "Sign-up address: 192.0.2.9" in told
    assert "Parent organisation: proj_1" in told
    assert "api_key.created; by u1; from 192.0.2.9" in told
    assert workbench("join", case, log) == 0
    assert capsys.readouterr().err.count("was added before: nothing changed") == 2
    assert workbench("join", case, "--remove", "1") == 0
    capsys.readouterr()
    assert workbench("join", case, log, "--map", "event=type") == 2
    assert workbench("join", case, log, "--list") == 2
    (tmp_path / "other.csv").write_text("account_id,plan\nk1,pro\n")
    capsys.readouterr()
    assert workbench("join", case, tmp_path / "other.csv") == 2
    assert "does not tell what it is about" in capsys.readouterr().err


def test_a_case_that_is_not_there_is_made_by_an_import(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "new.case"
    for how in ((), ("--accounts", tmp_path / "a.csv"), (tmp_path / "audit.jsonl",)):
        assert workbench("join", case, *how) == 2
        line = capsys.readouterr().err
        assert f"{case} does not exist, and a table is added to a case that does." in line
        assert f"Make it with the first logs: workbench import {case} FILE..." in line
    assert not case.exists()
