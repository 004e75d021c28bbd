"""``workbench settings`` as a person types it."""

import json
from pathlib import Path

import pytest

from tests.command_line import workbench
from workbench.services.workspace import Workspace


@pytest.fixture
def case(tmp_path: Path) -> Path:
    with Workspace.create(tmp_path / "harbour.case"):
        pass
    return tmp_path / "harbour.case"


def test_show_set_undo(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert workbench("settings", case) == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 9
    assert all(line.endswith("(nobody set it)") for line in shown[:5])
    assert [line.split(". ")[0] for line in shown[6:]] == [
        "  Embedder: off",
        "  Time-stamp server: off",
        "  Database as a source: off",
    ]
    asked = ("--legal-hold", "yes", "--retention", "90", "--stamp-url", "http://tsa.example/")
    assert workbench("settings", case, *asked, "--why", "order 12/26", "--analyst", "Mara") == 0
    assert "order 12/26" in capsys.readouterr().out
    assert workbench("settings", case, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["settings"] == {
        "hide_prompts": False,
        "sign_off_required": False,
        "legal_hold": True,
        "retention_days": 90,
        "stamp_url": "http://tsa.example/",
    }
    assert found["said"]["legal_hold"]["analyst"] == "Mara"
    assert found["network"][1]["value"] == "http://tsa.example/"
    assert not found["changed"]
    assert workbench("settings", case, "--legal-hold", "yes", "--why", "again", "--json") == 0
    assert not json.loads(capsys.readouterr().out)["changed"]
    back = ("--retention", "default", "--stamp-url", "default", "--why", "not needed")
    assert workbench("settings", case, *back, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["changed"]
    assert set(found["said"]) == {"legal_hold"}
    assert workbench("undo", case) == 0
    assert workbench("undo", case) == 0
    capsys.readouterr()
    assert workbench("settings", case, "--json") == 0
    assert not json.loads(capsys.readouterr().out)["settings"]["legal_hold"]


def test_it_says_when_nothing_changed(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert workbench("settings", case, "--sign-off", "default", "--why", "x") == 0
    assert "nothing was written" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--legal-hold", "yes"), "no reason"),
        (("--why", "x"), "Nothing is to be set"),
        (("--retention", "-3", "--why", "x"), "not a number of days"),
        (("--retention", "0", "--why", "x"), "whole number of days"),
        (("--stamp-url", "tsa.example", "--why", "x"), "begins with http"),
        (("--hide-prompts", "maybe", "--why", "x"), "hide-prompts"),
    ],
)
def test_what_cannot_be_set_is_one_line_and_exit_2(
    case: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert workbench("settings", case, *arguments) == 2
    assert said in capsys.readouterr().err
