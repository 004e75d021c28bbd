"""``workbench simulate`` as a person types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.command_line import workbench
from workbench.simulate.scenario import SCENARIOS

if TYPE_CHECKING:
    from pathlib import Path


def test_it_writes_logs_and_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "out"
    sizes = ("--exchanges", "700", "--accounts", "150", "--seed", "3")
    assert workbench("simulate", out, "--scenario", "hydra", *sizes, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["exchanges"] == 700
    assert sum(report["files"].values()) == 700
    assert sorted(path.name for path in out.iterdir()) == sorted([*report["files"], "truth.csv"])


def test_a_log_can_be_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ("--exchanges", "300", "--accounts", "100")
    logs = ("--log", "canonical.csv", "--log", "anthropic.jsonl")
    assert workbench("simulate", tmp_path, "--scenario", "benign", *sizes, *logs) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "log-canonical.csv",
        "log-anthropic.jsonl",
        "truth.csv",
    }
    assert "truth.csv: 100 accounts" in capsys.readouterr().out


def test_help_names_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert workbench("simulate", "--help") == 0
    said = capsys.readouterr().out
    for name in SCENARIOS:
        assert f"{name}:" in said


@pytest.mark.parametrize(
    ("arguments", "fact"),
    [
        (("--scenario", "nothing"), "'nothing' is no scenario"),
        (("--scenario", "benign", "--log", "canonical.xml"), "is no kind of log"),
        (("--scenario", "benign", "--accounts", "3"), "too few"),
        (("--scenario", "benign", "--exchanges", "90", "--accounts", "100"), "fewer than"),
        (("--scenario", "benign", "--prompts", "nowhere"), "holds no prompts"),
    ],
)
def test_bad_input_is_one_line(
    arguments: tuple[str, ...], fact: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workbench("simulate", tmp_path / "out", *arguments) == 2
    said = capsys.readouterr().err
    assert fact in said
    assert "Traceback" not in said
    assert len([line for line in said.splitlines() if line.startswith("workbench:")]) == 1
