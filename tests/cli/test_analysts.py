"""``workbench merge``, ``conflicts`` and ``sign-off`` as persons type them, each with a key."""

import json
import shutil
from pathlib import Path

import pytest

from tests.command_line import workbench


@pytest.fixture
def copies(harbour_once: Path, tmp_path: Path) -> dict[str, Path]:
    return {
        who: Path(shutil.copytree(harbour_once, tmp_path / who / "harbour.case"))
        for who in ("mara", "ben")
    }


def test_two_analysts_from_a_copy_each_to_what_is_signed_off(
    copies: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def person(who: str, *said: str | Path) -> int:
        monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / who / "config"))
        capsys.readouterr()
        return workbench(*said)

    def out() -> str:
        return " ".join(capsys.readouterr().out.split())

    case = copies["mara"]
    label = ("--account", "key-001", "--account", "key-002", "--why", "x", "--as")
    assert person("mara", "label", case, *label, "confirmed", "--analyst", "Mara") == 0
    assert person("ben", "label", copies["ben"], *label, "benign", "--analyst", "Ben") == 0
    assert person("mara", "conflicts", case) == 0
    assert out() == "No labels stand against each other."
    assert person("mara", "merge", case, copies["ben"], "--why", "weekly") == 0
    said = out()
    assert said.startswith("Merged 1 new entry of 1 journal. Labels stand against each other on 2")
    assert person("mara", "merge", case, copies["ben"], "--json") == 0
    assert json.loads(out()) == {
        "journals": 0,
        "entries": 0,
        "purged_in_copy": 0,
        "conflicting_accounts": 2,
    }
    assert person("mara", "conflicts", case) == 1
    said = out()
    assert said.startswith("2 accounts: ")
    assert "confirmed, by Mara SHA256:" in said
    assert "benign, by Ben SHA256:" in said
    assert person("mara", "conflicts", case, "--json") == 1
    (found,) = json.loads(out())["conflicts"]
    assert [one["analyst"] for one in found["labels"]] == ["Mara", "Ben"]
    assert person("mara", "label", case, *label, "suspected") == 0
    assert person("mara", "conflicts", case, "--json") == 0
    assert json.loads(out()) == {"conflicts": []}
    what = ("--account", "key-001", "--account", "key-002")
    assert person("mara", "sign-off", case, *what, "--why", "x") == 2
    assert person("ben", "sign-off", case, *what, "--why", "read them") == 0
    assert out() == "Signed off 1 label."
    assert person("ben", "journal", case, "verify") == 0


def test_what_is_said_wrongly_is_told(
    copies: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = copies["mara"]
    assert workbench("sign-off", case, "--why", "x") == 2
    assert "Give one of --cluster" in " ".join(capsys.readouterr().err.split())
    assert workbench("merge", case, tmp_path / "absent.case") == 2
    assert "does not exist" in " ".join(capsys.readouterr().err.split())
