"""What clusters were delivered: added up by hand from the log, worded, priced, kept."""

from __future__ import annotations

import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.services.losses import HOSTILE_MODEL, MODELS, fill, planted_with_answers
from tests.services.traced import lines_of
from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.finding import MEMBERSHIP_THRESHOLD
from workbench.domain.label import EntryKind
from workbench.domain.prices import Price, PriceList, bill
from workbench.services import loss_words
from workbench.services.loss import ALL, OWN, WHOLE, table
from workbench.services.price_lists import parse_prices
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.services.planted import Planted

PRICES = b'currency = "EUR"\n[[price]]\nmodel = "atlas-*"\ninput = 1\noutput = 1_000\n'


@pytest.fixture(scope="module")
def log() -> Planted:
    return planted_with_answers()


@pytest.fixture(scope="module")
def folder(log: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("loss") / "harbour.case", log)


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    with Workspace.open(folder, analyst="Mara") as workspace:
        yield workspace


def members(log: Planted, row: int) -> list[dict[str, Any]]:
    bound = (log.cluster == row) & (log.membership >= MEMBERSHIP_THRESHOLD)
    names = {log.keys[i].split(":", 2)[2] for i in np.flatnonzero(bound)}
    return [one for one in log.rows if one["account_id"] in names]


def test_each_kind_adds_up_to_the_log(workspace: Workspace, log: Planted) -> None:
    for number, cluster_id in enumerate(("C-001", "C-002")):
        mine = members(log, number)
        everything, own = workspace.losses.of(cluster_id)
        assert (everything.part, own.part) == (ALL, OWN)
        assert everything.totals["n_exchanges"] == len(mine)
        assert everything.totals["out_tok"] == 34 * len(mine)
        reasoning = [one["reasoning_tok"] for one in mine if one["reasoning_tok"] is not None]
        assert everything.totals["reasoning_tok"] == sum(reasoning)
        assert everything.totals["n_reasoning_over"] == sum(one > 34 for one in reasoning)
        assert 0 < own.totals["n_exchanges"] < len(mine)
        for loss in (everything, own):
            for kind in loss_words.KINDS:
                rows = loss.of_kind(kind)
                for name in ("n_exchanges", "out_tok", "in_tok"):
                    assert sum(row[name] or 0 for row in rows) == loss.totals[name]
            models = {row["model"]: row["n_exchanges"] for row in loss.models()}
            assert sum(models.values()) == loss.totals["n_exchanges"]
        assert models.keys() <= set(MODELS)
        told = Counter(one["model"] for one in mine)
        assert {row["model"]: row["n_exchanges"] for row in everything.models()} == told


def test_refusals_are_those_of_the_record_and_of_the_text(
    workspace: Workspace, log: Planted
) -> None:
    mine = members(log, 0)
    loss = workspace.losses.of("C-001")[0]
    said = sum(one["stop_reason"] == "refusal" for one in mine)
    read = sum(one["stop_reason"] != "refusal" and one["completion"] is not None for one in mine)
    assert loss.totals["n_refused"] == said + read
    assert loss.totals["n_refused_read"] == read
    assert dict(loss_words.facts(loss))["Refusals"].startswith(f"{said + read} of ")
    assert f"{read} of {said + read} refusals are read" in " ".join(loss_words.notes(loss))


def test_what_accounts_are_exported_is_counted_as_the_stage_counts(workspace: Workspace) -> None:
    results = workspace.browsing._held.results()
    counter = workspace.losses.counter(results)
    assert counter is not None
    assert results.clusters is not None
    chosen = results.clusters.bound == 0
    assert counter.of(chosen, "C-001") == tuple(_bare(workspace.losses.of("C-001")))
    alone = np.zeros(results.n_accounts, np.bool_)
    assert counter.of(alone)[0].totals["n_exchanges"] == 0


def test_accounts_are_counted_where_no_cluster_was_found(tmp_path: Path) -> None:
    """Their exchanges fall into regions all the same: a person may export any accounts."""
    fill(tmp_path / "none.case", planted_with_answers(n_clusters=0))
    with Workspace.open(tmp_path / "none.case") as workspace:
        results = workspace.browsing._held.results()
        counter = workspace.losses.counter(results)
        assert counter is not None
        (loss,) = counter.of(np.ones(results.n_accounts, np.bool_))
    by_kind = Counter[str]()
    for row in loss.capabilities:
        by_kind[row["kind"]] += row["n_exchanges"]
    assert set(by_kind.values()) == {400}


def _bare(losses: Any) -> Iterator[Any]:
    """Without the columns that say whose a row of a table is."""
    from dataclasses import replace

    def rows(held: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        return tuple(
            {k: v for k, v in row.items() if k not in ("cluster_id", "part")} for row in held
        )

    for loss in losses:
        yield replace(
            loss,
            totals=rows((loss.totals,))[0],
            capabilities=rows(loss.capabilities),
            by_model=rows(loss.by_model),
            days=rows(loss.days),
        )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (Price("n", None, Decimal(1), Decimal(2)), "the list has no line for it"),
        (Price("m", 20, Decimal(1), Decimal(2)), "the list begins later, or the log does not"),
        (Price("m", None, Decimal(1)), "the list has no price for all kinds of its tokens"),
    ],
)
def test_why_a_model_has_no_price_is_told(line: Price, why: str) -> None:
    listed = PriceList("may.toml", "EUR", (line,))
    day: dict[str, Any] = dict.fromkeys(("in_tok", "reasoning_tok", "cached_tok"))
    day |= {"model": "m", "day": 10, "n_exchanges": 1, "n_reasoning_over": 0}
    found = bill(listed, [day | {"out_tok": 7, "n_out": 1}])
    assert why in loss_words.price_notes(found)[1]


def test_a_price_is_told_with_what_has_none(workspace: Workspace, log: Planted) -> None:
    prices = parse_prices(PRICES, "may.toml")
    loss = workspace.losses.of("C-001", prices)[0]
    atlas = sum((one["model"] or "").startswith("atlas") for one in members(log, 0))
    assert loss.bill is not None
    assert loss.bill.amount == Decimal(12 * atlas + 34_000 * atlas) / 1_000_000
    assert {cost.model for cost in loss.bill.unpriced} == {None, HOSTILE_MODEL}
    told = " ".join(loss_words.price_notes(loss.bill))
    assert "No price where the log does not tell the model; " in told
    assert loss_words.without_price((loss, loss)) == (
        f"No price for {loss_words.model_name(HOSTILE_MODEL)}: the list has no line for it.",
        "No price where the log does not tell the model.",
    )
    assert "lower bound" in told
    assert "and unpriced tokens" in dict([loss_words.price(loss.bill)])["Price, by may.toml"]
    rows = table((loss,)).to_pylist()
    amounts = {row["model"]: row["amount"] for row in rows if row["kind"] == WHOLE}
    assert amounts[None] is None
    assert amounts["atlas-mini"] > 0
    for kind in {row["kind"] for row in rows}:
        mine = [row["n_exchanges"] for row in rows if row["kind"] == kind]
        assert sum(mine) == loss.totals["n_exchanges"]


def test_no_word_of_a_log_acts(workspace: Workspace) -> None:
    prices = parse_prices(PRICES, "may.toml")
    said = "\n".join(loss_words.lines(workspace.losses.of("C-001", prices)))
    assert "<U+202E>" in said
    assert not {"\x1b", "\x00", "\u202e"} & set(said)
    assert "=HYPERLINK" in said


def test_a_list_is_kept_forgotten_and_not_swapped(folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "may.toml"
    given.write_bytes(PRICES)
    with Workspace.open(folder, analyst="Mara") as workspace:
        assert workspace.losses.prices() is None
        with pytest.raises(InputError, match="keeps no price list"):
            workspace.losses.forget_prices()
        workspace.losses.keep_prices(given)
    with Workspace.open(folder, write=False) as workspace:
        kept = workspace.losses.prices()
        assert kept == parse_prices(PRICES, "may.toml")
        newest = workspace.browsing.journal().to_pylist()[0]
        assert "Kept the price list may.toml" in newest.values()
    (file,) = folder.glob("prices-*")
    file.write_bytes(PRICES.replace(b"1_000", b"2_000"))
    with (
        Workspace.open(folder, write=False) as workspace,
        pytest.raises(InputError, match="not the price list that was kept"),
    ):
        workspace.losses.prices()
    file.unlink()
    with Workspace.open(folder, analyst="Mara") as workspace:
        with pytest.raises(InputError, match="cannot be read"):
            workspace.losses.prices()
        workspace.losses.forget_prices()
        assert workspace.losses.prices() is None
        bad = tmp_path / "bad.toml"
        bad.write_text("currency = 1")
        with pytest.raises(InputError):
            workspace.losses.keep_prices(bad)
        assert workspace.losses.prices() is None


def test_keeping_a_list_is_undone_like_any_decision(folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "may.toml"
    given.write_bytes(PRICES)
    case = shutil.copytree(folder, tmp_path / "copy.case")
    with Workspace.open(case, analyst="Mara") as workspace:
        losses = workspace.losses
        losses.keep_prices(given, "as billed in May")
        given.write_bytes(PRICES.replace(b"1_000", b"2_000"))
        losses.keep_prices(given)
        newer = losses.prices()
        losses.forget_prices("the contract ended")
        assert losses.prices() is None
        assert workspace.labelling.history()[0].why == "the contract ended"
        workspace.labelling.undo()
        assert losses.prices() == newer
        workspace.labelling.undo()
        assert losses.prices() == parse_prices(PRICES, "may.toml")
        workspace.labelling.undo()
        assert losses.prices() is None
        workspace.labelling.redo()
        assert losses.prices() == parse_prices(PRICES, "may.toml")


def test_a_list_that_an_older_program_kept_is_read(folder: Path, tmp_path: Path) -> None:
    case = Path(shutil.copytree(folder, tmp_path / "copy.case"))
    (case / "prices").write_bytes(PRICES)
    kept = parse_prices(PRICES, "may.toml")
    with Workspace.open(case, analyst="Mara") as workspace:
        body = {"prices": {"name": "may.toml", "digest": kept.digest}}
        workspace._case.journals.append(EntryKind.SETTINGS, body, workspace.signer())
        workspace.renew()
        assert workspace.losses.prices() == kept


def test_without_the_stage_nothing_is_told(tmp_path: Path, log: Planted) -> None:
    with Workspace.open(log.fill(tmp_path / "bare.case")) as workspace:
        assert workspace.losses.of("C-001") == ()
        with pytest.raises(NotAssessedError, match="has not been counted"):
            workspace.losses.every()
        assert workspace.losses.counter(workspace.browsing._held.results()) is None
        with pytest.raises(InputError, match="no cluster C-9"):
            workspace.losses.of("C-9")


def test_what_is_not_in_the_log_is_no_zero(tmp_path: Path, log: Planted) -> None:
    silent = planted_with_answers()
    for row in silent.rows:
        for name in (
            "in_tok",
            "out_tok",
            "reasoning_tok",
            "stop_reason",
            "completion",
            "model",
            "status",
        ):
            row[name] = None
    fill(tmp_path / "silent.case", silent)
    with Workspace.open(tmp_path / "silent.case") as workspace:
        loss = workspace.losses.of("C-001", parse_prices(PRICES, "may.toml"))[0]
        facts = dict(loss_words.facts(loss))
    for name in (
        "Output tokens delivered", "Reasoning tokens", "Input tokens sent", "Refusals",
        "Answers kept whole", "Failed requests", "Models asked",
    ):  # fmt: skip
        assert facts[name] == "not in the log", name
    assert loss.bill is not None
    assert loss_words.price(loss.bill) == ("Price, by may.toml", "no price")
    assert "refusals cannot be told" in " ".join(loss_words.notes(loss))


def test_a_bundle_says_it_and_prices_stand_apart(folder: Path, tmp_path: Path) -> None:
    import pypdf

    from workbench.domain.progress import Job
    from workbench.services.export_scope import Scope

    case = shutil.copytree(folder, tmp_path / "copy.case")
    given = tmp_path / "may.toml"
    given.write_bytes(PRICES)
    with Workspace.open(case, analyst="Mara") as workspace:
        # Each test is another analyst, and what several decided in is read after a reveal.
        workspace.policies.set({"hide_prompts": False}, "one house")
        every, own = workspace.losses.of("C-001")
        bare = workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "bare", Job())
        workspace.losses.keep_prices(given)
        priced = workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "priced", Job())
    assert bare.verified.intact
    assert priced.verified.intact
    name = "C-001-delivered.csv"
    numbers = (tmp_path / "bare" / "data" / "figures" / name).read_bytes()
    assert (tmp_path / "priced" / "data" / "figures" / name).read_bytes() == numbers
    told = [line for line in lines_of(tmp_path / "bare") if line["part"] == "what was delivered"]
    assert [line["of"] for line in told] == ["All exchanges", "Attributed"]
    for line, loss in zip(told, (every, own), strict=True):
        whose = {"cluster_id": "C-001", "part": loss.part}
        assert line["values"] | whose == loss.totals
    assert all("n_whole of n_ended" in line["how"]["formula"] for line in told)
    assert b"amount" not in numbers
    assert "\u202e" not in numbers.decode()
    assert b'"=HYPERLINK' not in numbers
    assert not (tmp_path / "bare" / "data" / "figures" / "C-001-price.csv").exists()
    price = (tmp_path / "priced" / "data" / "figures" / "C-001-price.csv").read_text("utf-8")
    assert "EUR" in price
    for bundle, says in (("bare", False), ("priced", True)):
        pages = pypdf.PdfReader(tmp_path / bundle / "data" / "report.pdf").pages
        text = " ".join(page.extract_text() for page in pages)
        assert "What was delivered" in text
        assert f"{every.totals['out_tok']:,}" in text
        assert f"{own.totals['out_tok']:,}" in text
        assert ("Price, by may.toml" in text) is says
        assert "<U+202E>" in text
