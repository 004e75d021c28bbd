"""``workbench clusters`` and ``workbench accounts`` as a person types them."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.command_line import workbench
from tests.services.planted import plant
from workbench.services.workspace import Workspace


def test_where_none_was_found_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = plant(n_clusters=0).fill(tmp_path / "quiet.case")
    assert workbench("clusters", case) == 0
    said = capsys.readouterr().out
    assert said.startswith("No clusters: the analysis found none.")
    # Nothing found means little where nobody knows what would have been.
    assert f"Run: workbench power {case}" in said


@pytest.mark.parametrize("command", ["clusters", "accounts"])
def test_before_the_first_import_it_says_what_to_do(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Workspace.create(tmp_path / "raw.case").close()
    assert workbench(command, tmp_path / "raw.case") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"No {command}: the case holds no exchange yet. Run: workbench import")


def test_where_nobody_is_named_it_says_so_and_not_that_none_was_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, case = tmp_path / "log.jsonl", tmp_path / "bare.case"
    log.write_text("".join(f'{{"prompt":"why {n}"}}\n' for n in range(20)))
    assert workbench("import", case, log) == 0
    for analysed in (False, True):
        if analysed:
            assert workbench("analyse", case, "--jobs", "1") == 0
        for command in ("accounts", "clusters"):
            capsys.readouterr()
            assert workbench(command, case) == 0
            said = capsys.readouterr().out
            assert said.startswith(f"No {command}: no record of the case names an account (a key")
            assert "--map account_id=FIELD" in said
    assert workbench("power", case, "--sizes", "2", "--shares", "1", "--repeats", "1") == 1
    assert "No record of the case names an account" in capsys.readouterr().err


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    """A case with logs that nobody has analysed."""
    log = tmp_path / "log.jsonl"
    log.write_text(
        '{"request_id": "1", "account_id": "a", "ts": "2026-01-01T00:00:00Z", "prompt": "hello"}\n'
    )
    assert workbench("import", tmp_path / "imported.case", log) == 0
    return tmp_path / "imported.case"


@pytest.mark.parametrize("command", ["clusters", "accounts"])
def test_before_the_analysis_it_says_what_to_do(
    command: str, imported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workbench(command, imported) == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == (
        f"No {command}: the case has not been analysed yet. Run: workbench analyse {imported}"
    )


@pytest.mark.parametrize("asked", [("accounts",), ("clusters",), ("explain", "--cluster", "C-001")])
def test_results_that_do_not_speak_of_all_logs_say_so(
    tmp_path: Path, asked: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    case = plant(n_exchanges=600).fill(tmp_path / "late.case")
    command, *options = asked
    assert workbench(command, case, *options) == 0
    assert capsys.readouterr().err == ""
    log = tmp_path / "log.jsonl"
    log.write_text('{"request_id": "late", "api_key": "z", "prompt": "hello"}\n')
    assert workbench("import", case, log) == 0
    capsys.readouterr()
    assert workbench(command, case, *options) == 0
    assert capsys.readouterr().err == (
        "workbench: warning: The case holds 601 exchanges, but the analysis has seen 600. "
        f"Run: workbench analyse {case}\n"
    )


@pytest.mark.parametrize(
    "asked",
    [
        ("explain", "--account", "a"),
        ("explain", "--cluster", "C-001"),
        ("label", "--account", "a", "--as", "benign", "--why", "known"),
    ],
)
def test_nothing_is_said_to_be_missing_before_it_was_looked_for(
    asked: tuple[str, ...], imported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workbench(asked[0], imported, *asked[1:]) == 1
    said = capsys.readouterr().err
    assert f"The case has not been analysed yet. Run: workbench analyse {imported}" in said
    assert "There is no" not in said


def test_an_account_is_called_as_the_log_calls_it_and_what_is_not_known_is_no_zero(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = plant()
    case = planted.without_knowledge().fill(tmp_path / "unknown.case")
    name = planted.keys[-1].rpartition(":")[2]
    assert workbench("explain", case, "--account", name) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"{name}: not-assessed, score not assessed"
    assert workbench("explain", case, "--account", name, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["account_id"] == name
    assert told["score"] is None


def test_exchanges_without_a_time_are_counted_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = plant()
    arrays = planted.artifacts.arrays
    undated = arrays["space.segments", "ts"] == np.iinfo(np.int64).min
    account = arrays["space.segments", "account"]
    one = int(account[np.flatnonzero(undated)[0]])
    case = planted.fill(tmp_path / "undated.case")
    assert workbench("explain", case, "--account", planted.keys[one]) == 0
    count = int((undated & (account == one)).sum())
    assert f"; {count} of them without a time." in capsys.readouterr().out
    members = np.flatnonzero((planted.cluster == 0) & (planted.membership >= 0.5))
    with Workspace.open(case, write=False) as workspace:
        size = workspace.browsing.finding(cluster_id="C-001").story[0]
    assert size.params["n_undated"] == (undated & np.isin(account, members)).sum() > 0


def test_accounts_that_stand_near_a_cluster_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = plant()
    case = planted.fill(tmp_path / "near.case")
    assert workbench("accounts", case, "--near", "C-001", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    near = (planted.cluster == 0) & (planted.membership < 0.5)
    expected = {planted.keys[i].rpartition(":")[2] for i in np.flatnonzero(near)}
    assert {row["account_id"] for row in rows} == expected != set()
    assert workbench("accounts", case, "--near", "C-404") == 2
    assert "no cluster C-404" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (
            "What is {}?",
            "The log has 5 customers, and between fewer than 30 there are no groups to compare: "
            "clusters were not looked for.",
        ),
        ("", "No exchange has a prompt: clusters were not looked for."),
    ],
)
def test_why_clusters_were_not_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], prompt: str, said: str
) -> None:
    """Nothing found is not what is said of a log in which nothing could be."""
    log, case = tmp_path / "a.jsonl", tmp_path / "a.case"
    with log.open("w") as file:
        for i in range(80):
            row = {"request_id": f"r{i}", "ts": f"2026-03-01T10:{i % 60:02d}:00Z"}
            row["account_id"] = f"key-{i % (5 if prompt else 40)}"
            if prompt:
                row["prompt"] = prompt.format(i)
            file.write(json.dumps(row | {"completion": "It is."}) + "\n")
    assert workbench("import", case, log) == 0
    assert workbench("analyse", case) == 0
    capsys.readouterr()
    assert workbench("clusters", case) == 0
    assert f"No clusters: {said[:1].lower()}{said[1:]}" in capsys.readouterr().out
    assert workbench("explain", case, "--account", "key-1") == 0
    assert f"- {said}" in capsys.readouterr().out
