"""What a provider counted beside what a case holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.command_line import workbench
from tests.formats.test_usage import START, bucket, page, result
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Three requests of key_1 on the first day, one of them failed, one on the second; key_3's."""
    log = tmp_path / "log.jsonl"
    sent = [("key_1", 1, 200), ("key_1", 2, 500), ("key_1", 23, 200), ("key_1", 24, 200)]
    records = [
        {"request_id": f"r{n}", "account_id": key, "ts": START + hour * HOUR, "prompt": "p",
         "status": status}
        for n, (key, hour, status) in enumerate([*sent, ("key_3", 5, 200)])
    ]  # fmt: skip
    log.write_text("".join(json.dumps(record) + "\n" for record in records))
    case = tmp_path / "a.case"
    assert workbench("import", case, log) == 0
    return case


def usage(path: Path, *buckets: object) -> Path:
    path.write_text(json.dumps(page(*buckets)))
    return path


def test_the_sums_and_what_differs(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = usage(
        tmp_path / "usage.json",
        bucket(0, result(4), result(1, model="other"), result(2, api_key_id="key_9")),
        bucket(1, result(1)),
    )
    capsys.readouterr()
    assert workbench("join", case, file) == 0
    said = capsys.readouterr()
    assert (
        "The provider counted 8 requests of 2 keys from 2026-05-01 until 2026-05-03; the case "
        "holds 4 exchanges of theirs in these spans: 4 fewer than counted. 1 of them failed; a "
        "provider may not count such.\n"
        "In these spans the case holds nothing of 1 key: key_9.\n"
        "key_1, 2026-05-01 until 2026-05-02: counted 5, held 3, 2 fewer than counted.\n"
    ) in said.out
    # The project of the key fills what the log leaves out.
    with Workspace.open(case, write=False) as workspace:
        (table,) = workspace.joining.tables()
        assert (table.accounting.loaded, table.accounting.duplicate) == (2, 2)
        assert table.matched == 1
    # Added again it is compared again: by then the case may hold more.
    assert workbench("join", case, file, "--json") == 0
    (again,) = json.loads(capsys.readouterr().out)["tables"]
    assert again["already"]
    sums = again["completeness"]
    assert (sums["counted"], sums["held"], sums["failed"]) == (8, 4, 1)
    assert [(one["value"], one["counted"], one["held"]) for one in sums["differ"]] == [
        ("key_1", 5, 3),
        ("key_9", 2, 0),
    ]


def test_no_difference_and_more_than_counted(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = usage(tmp_path / "u.json", bucket(0, result(1, api_key_id="key_3")))
    assert workbench("join", case, file) == 0
    assert "holds 1 exchange of theirs in these spans: no difference." in capsys.readouterr().out
    file = usage(tmp_path / "v.json", bucket(0, result(1)))
    assert workbench("join", case, file) == 0
    assert "2 more than counted" in capsys.readouterr().out


def test_none_of_its_keys_in_the_case(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = usage(tmp_path / "u.json", bucket(0, result(3, api_key_id="key_8")))
    assert workbench("join", case, file) == 0
    said = capsys.readouterr()
    assert "of 1 key from" in said.out
    assert "3 fewer than counted" in said.out
    assert "None of the accounts of" in said.err


def test_usage_that_names_nobody(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = usage(tmp_path / "u.json", bucket(0, result(3, api_key_id=None, project_id=None)))
    assert workbench("join", case, file) == 2
    assert "usage is asked for with group_by" in capsys.readouterr().err


def test_names_that_go_by_pseudonyms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps({"account_id": "key_1", "ts": START + HOUR, "prompt": "p"}) + "\n")
    case = tmp_path / "a.case"
    assert workbench("import", case, log, "--pseudonymise", "account_id") == 0
    file = usage(tmp_path / "usage.json", bucket(0, result(2)))
    capsys.readouterr()
    assert workbench("join", case, file) == 0
    said = capsys.readouterr().out
    assert "acc-" in said
    assert "counted 2, held 1, 1 fewer than counted" in said
    assert "key_1" not in said
