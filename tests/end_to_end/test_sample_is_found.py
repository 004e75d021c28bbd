"""The sample goes the whole way by the command line alone, and its campaign is found.

The same check fails on a shuffled truth, so that it is known to be able to.
"""

from __future__ import annotations

import csv
import json
import math
import random
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from workbench.domain.resources import sample_path

if TYPE_CHECKING:
    from pathlib import Path


def workbench(*arguments: object, expect: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does."""
    command = [sys.executable, "-m", "workbench", *(str(argument) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stderr
    return done


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, imported and analysed."""
    folder = tmp_path_factory.mktemp("sample")
    path = folder / "sample.case"
    logs = sorted(sample_path().glob("log-*"))
    workbench("import", path, *logs, "--system", "sample", "--zone", "UTC")
    workbench("analyse", path)
    return path


def judged(case: Path, truth: Path, expect: int) -> dict[str, Any]:
    done = workbench("evaluate", case, "--truth", truth, "--require", "--json", expect=expect)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_planted_campaign_is_found(case: Path) -> None:
    found = judged(case, sample_path("truth.csv"), expect=0)
    assert found["recall"]["value"] >= 0.9
    assert found["precision"]["value"] >= 0.98


def test_a_shuffled_truth_fails_the_same_check(case: Path, tmp_path: Path) -> None:
    with sample_path("truth.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    labels = [(row["campaign_id"], row["lookalike"]) for row in rows]
    random.Random(5).shuffle(labels)
    shuffled = tmp_path / "truth.csv"
    with shuffled.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["account_id", "campaign_id", "lookalike"])
        writer.writerows(
            [row["account_id"], *label] for row, label in zip(rows, labels, strict=True)
        )
    found = judged(case, shuffled, expect=1)
    assert found["precision"]["value"] < 0.2


def test_what_was_found_says_why(case: Path) -> None:
    (best, *_) = json.loads(workbench("clusters", case, "--json").stdout)
    assert best["verdict"] == "multi-axis"
    told = json.loads(workbench("explain", case, "--cluster", best["cluster_id"], "--json").stdout)
    assert told["story"]
    assert told["against"]


def test_a_member_is_told_what_made_it_one(case: Path) -> None:
    rows = json.loads(workbench("accounts", case, "--json").stdout)
    members = [row for row in rows if row["verdict"] == "multi-axis"]
    told = json.loads(
        workbench("explain", case, "--account", members[0]["account_id"], "--json").stdout
    )
    (said,) = (text for text in told["story"] if text.startswith("Weighed for C-001: "))
    assert "speaks very strongly for it" in said
    weighed = {row["of"] for row in told["numbers"] if row["part"] == "Membership"}
    assert weighed == {
        "What it asks", "What it shares", "When it signed up", "Its pace", "How much it asks",
    }  # fmt: skip


def test_its_explanation_holds_the_number_behind_each_sentence(case: Path) -> None:
    told = json.loads(workbench("explain", case, "--cluster", "C-001", "--json").stdout)
    numbers = {row["of"]: row for row in told["numbers"]}
    for axis, p in told["axes"].items():
        assert float(numbers[axis.capitalize()]["p"]) == pytest.approx(p, rel=1e-3)
        assert numbers[axis.capitalize()]["compared with"]
    measures = [row for row in told["numbers"] if row["part"] == "Measures"]
    told_z = [row["standard deviations"] for row in measures if "standard deviations" in row]
    assert len(told_z) > 5
    for row in told_z:
        # "+8.00 from the middle of ordinary groups: (3.815 - 0.2) / sqrt(0.3^2 + 0.4^2)"
        z, value, sign, middle, spread, error = re.findall(
            r"([^ ]+) from .*: \((.+) ([+-]) (.+)\) / sqrt\((.+)\^2 \+ (.+)\^2\)", row
        )[0]
        effect = float(value) - float(f"{'-' if sign == '+' else ''}{middle}")
        made = effect / math.hypot(float(spread), float(error))
        assert float(z) == pytest.approx(made, rel=0.01, abs=0.02)
    looked = [row for row in told["numbers"] if row["part"] == "Looked at more closely"]
    assert len(looked) == len(told["facts"])
    for row, fact in zip(looked, told["facts"], strict=True):
        assert {"formula", "source", "compared with", "evaded by"} <= row.keys(), fact["fact"]
        assert (fact["p"] is None) == (fact["n_null"] is None)
        # No p is below one over the comparisons that it rests on, and one.
        assert fact["p"] is None or fact["p"] >= 1.0 / (fact["n_null"] + 1)
    assert len(told["lookalikes"]) == 6
    said = " ".join(told["story"])
    assert "How customers are told apart" in said
    everybody = r"\(of everybody else's [\d.]+ %\)"
    assert re.search(rf"% of its prompts {everybody}, by [\d,]+ accounts, from \d+ \w+ 2026", said)
    assert re.search(r"share the template, filled in [\d,]+ ways: ", said)
    assert any("(p = " in line for line in told["sure"])
