"""Attribution as a person meets it: ``explain``, and ``evaluate --exchange-truth``."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from tests.command_line import workbench
from tests.services.attributed import fill
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("attributed") / "harbour.case")


@pytest.fixture(scope="module")
def truths(case: Path) -> tuple[Path, Path]:
    """Accounts of C-001 are planted, and every exchange of theirs that is attributed."""
    with Workspace.open(case, write=False) as workspace:
        accounts = workspace.browsing.accounts().to_pylist()
        exchanges = workspace.attributing.exchanges().to_pylist()
    planted = {row["index"] for row in accounts if row["cluster_id"] == "C-001"}
    by_account, by_exchange = case.parent / "truth.csv", case.parent / "truth_exchanges.csv"
    with by_account.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [
                ("account_id", "campaign_id", "lookalike"),
                *((r["account_id"], "c" if r["index"] in planted else "", "") for r in accounts),
            ]
        )
    with by_exchange.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [
                ("request_id", "campaign_id"),
                *(
                    (
                        r["request_id"],
                        "c" if r["account"] in planted and r["attribution"] >= 0.5 else "",
                    )
                    for r in exchanges
                ),
            ]
        )
    return by_account, by_exchange


def test_explain_says_how_much_and_shows_what(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workbench("explain", case, "--cluster", "C-001") == 0
    said = capsys.readouterr().out
    assert "belong to what these accounts have in common" in said
    assert "Exchanges that show it best" in said
    assert not {"\x1b", "\x00", "\u202e"} & set(said)


def test_evaluate_judges_exchanges_too(
    case: Path, truths: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    accounts, exchanges = truths
    assert workbench("evaluate", case, "--truth", accounts) == 0
    assert "Exchanges attributed" not in capsys.readouterr().out
    given = ("--truth", accounts, "--exchange-truth", exchanges)
    assert workbench("evaluate", case, *given) == 0
    assert "precision 1.000  recall 1.000  ROC-AUC 1.000" in capsys.readouterr().out
    assert workbench("evaluate", case, *given, "--json") == 0
    judged = {one["among"]: one for one in json.loads(capsys.readouterr().out)["attribution"]}
    # C-002 is under triage: its attributed exchanges are nobody's campaign.
    assert judged["multi-axis"]["precision"] == 1.0
    assert judged["any cluster"]["precision"] < 1.0
    assert judged["all"]["recall"] == 1.0


def test_an_exchange_truth_that_is_none_is_refused(
    case: Path, truths: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    accounts, _ = truths
    assert workbench("evaluate", case, "--truth", accounts, "--exchange-truth", accounts) == 2
    assert "--exchange-truth" in capsys.readouterr().err


def test_explain_gives_a_statistician_the_numbers(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workbench("explain", case, "--cluster", "C-001", "--numbers") == 0
    said = capsys.readouterr().out
    assert "Vovk et al. 2005" in said
    assert "What speaks against it" not in said
    assert workbench("explain", case, "--cluster", "C-001", "--json") == 0
    assert {row["part"] for row in json.loads(capsys.readouterr().out)["numbers"]} >= {"Axes"}


def test_explain_says_what_persons_decided(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert workbench("explain", case, "--cluster", "C-001") == 0
    assert "No person has labelled it." in capsys.readouterr().out.splitlines()
