"""``workbench loss`` as a person types it."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from tests.command_line import workbench
from tests.services.losses import fill
from tests.services.planted import plant

if TYPE_CHECKING:
    from pathlib import Path

PRICES = 'currency = "EUR"\n[[price]]\nmodel = "atlas-*"\ninput = 1\noutput = 1_000\n'


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("loss") / "harbour.case")


def test_every_cluster_in_a_table_and_one_in_lines(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workbench("loss", case) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()[1:]] == [
        ["C-001", "all"], ["C-001", "attributed"], ["C-002", "all"], ["C-002", "attributed"],
    ]  # fmt: skip
    assert workbench("loss", case, "--cluster", "C-002") == 0
    said = capsys.readouterr().out
    assert said.startswith("C-002: all exchanges of its accounts\n")
    assert "C-002: exchanges attributed to it" in said
    assert "Price" not in said
    assert not {"\x1b", "\x00", "\u202e"} & set(said)


def test_for_machines_one_object(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prices = tmp_path / "may.toml"
    prices.write_text(PRICES)
    assert workbench("loss", case, "--prices", prices, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["prices"]["currency"] == "EUR"
    assert found["losses"][0]["cluster_id"] == "C-001"
    for one in found["losses"]:
        for kind in ("elicitation", "region", "template"):
            rows = [row for row in one["capabilities"] if row["kind"] == kind]
            assert sum(row["n_exchanges"] for row in rows) == one["totals"]["n_exchanges"]
        unpriced = [m for m in one["price"]["models"] if m["unpriced_tokens"]]
        assert {model["amount"] for model in unpriced} <= {None}
    # Nothing was kept.
    assert workbench("loss", case, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["prices"] is None
    assert found["losses"][0]["price"] is None


def test_the_overview_says_which_models_have_no_price_and_why(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prices = tmp_path / "may.toml"
    prices.write_text(PRICES)
    assert workbench("loss", case, "--prices", prices, "--csv", tmp_path / "loss.csv") == 0
    capsys.readouterr()
    assert workbench("loss", case, "--prices", prices) == 0
    said = capsys.readouterr().out
    assert "models_without_price" in said.splitlines()[0].replace(" ", "_")
    assert "No price where the log does not tell the model." in said
    assert "the list has no line for it." in said
    assert not {"\x1b", "\x00", "\u202e"} & set(said)


def test_the_csv_adds_up_and_runs_nothing(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "loss.csv"
    assert workbench("loss", case, "--csv", out) == 0
    assert f"written to {out}" in capsys.readouterr().out
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        assert not any((cell or "").startswith(("=", "+", "-", "@")) for cell in row.values())
    sums = {
        kind: sum(
            int(row["n_exchanges"])
            for row in rows
            if (row["cluster_id"], row["part"], row["kind"]) == ("C-001", "all", kind)
        )
        for kind in ("all", "elicitation", "region", "template")
    }
    assert len(set(sums.values())) == 1


def test_a_kept_list_prices_from_then_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = fill(tmp_path / "kept.case")
    prices = tmp_path / "may.toml"
    prices.write_text(PRICES)
    assert workbench("loss", case, "--prices", prices, "--keep") == 0
    capsys.readouterr()
    prices.unlink()
    assert workbench("loss", case, "--cluster", "C-001") == 0
    assert "Price, by may.toml" in capsys.readouterr().out
    assert workbench("loss", case, "--forget") == 0
    capsys.readouterr()
    assert workbench("loss", case, "--cluster", "C-001") == 0
    assert "Price" not in capsys.readouterr().out


def test_wrong_usage_and_what_is_not_there(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('currency = "EUR"\n[[price]]\nmodel = "m"\noutput = -1\n')
    for arguments, says in (
        (("--prices", bad), "bad.toml, line 2, has output '-1'"),
        (("--prices", tmp_path / "none.toml"), "none.toml cannot be read"),
        (("--keep",), "no list to keep"),
        (("--forget",), "keeps no price list"),
        (("--cluster", "C-9"), "no cluster C-9"),
        (("--csv", tmp_path / "no" / "x.csv"), "cannot be written"),
    ):
        assert workbench("loss", case, *arguments) == 2
        said = capsys.readouterr().err
        assert says in said
        assert len(said.splitlines()) == 1
    bare = plant().fill(tmp_path / "bare.case")
    nobody: tuple[str, ...] = ()
    for which in (nobody, ("--cluster", "C-001")):
        assert workbench("loss", bare, *which) == 1
        assert "has not been counted" in capsys.readouterr().err
