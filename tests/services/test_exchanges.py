"""The exchanges that carry a prompt, and what was said in one, over a real case folder."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.services.planted import Planted, plant
from workbench.domain.account import AccountKey
from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.selection import AccountSet, Combine, SelectionDefinition
from workbench.services.exchanges import Said
from workbench.services.results import NO_TIME
from workbench.services.workspace import Workspace

WHOLE = SelectionDefinition()


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Planted, Workspace]]:
    planted = plant(n_exchanges=600)
    planted.rows[5] |= {
        "system": "Be brief.",
        "model": "atlas-3",
        "status": 200,
        "completion": "\x1b[31mhello",
        "reasoning": "because",
    }
    path = planted.fill(tmp_path_factory.mktemp("exchanges") / "harbour.case")
    with Workspace.open(path) as workspace:
        yield planted, workspace


def test_every_exchange_of_a_prompt_is_there_once_by_time(
    case: tuple[Planted, Workspace],
) -> None:
    planted, workspace = case
    arrays = planted.artifacts.arrays
    prompt, ids = arrays["space.segments", "prompt"], arrays["space.segments", "exchange_id"]
    ts = arrays["space.segments", "ts"]
    for prompt_id in np.unique(prompt).tolist():
        page = workspace.exchanges.carrying(prompt_id, WHOLE, 0, 1000)
        at = np.flatnonzero(prompt == prompt_id)
        slow = sorted((t == NO_TIME, t, i) for t, i in zip(ts[at], ids[at], strict=True))
        assert page.table.column("exchange_id").to_pylist() == [i for _, _, i in slow]
        times = [None if none else t for none, t, _ in slow]
        assert page.table.column("ts_us").to_pylist() == times
        assert page.n_exchanges == at.size


def test_rows_say_what_the_log_says(case: tuple[Planted, Workspace]) -> None:
    planted, workspace = case
    prompt = planted.artifacts.arrays["space.segments", "prompt"]
    seen = []
    for prompt_id in np.unique(prompt).tolist():
        seen += workspace.exchanges.carrying(prompt_id, WHOLE, 0, 1000).table.to_pylist()
    assert len(seen) == 600
    for row in seen:
        logged = planted.rows[row["exchange_id"]]
        assert row["account"] == logged["account_id"]
        assert row["account_key"] == f"key:gateway:{logged['account_id']}"
        assert row["ts_us"] == logged["ts"]
        assert row["model"] == logged.get("model")
        assert row["status"] == logged.get("status")
        assert (row["in_tok"], row["out_tok"]) == (12, 34)


def test_pages_join_to_the_whole_and_end(case: tuple[Planted, Workspace]) -> None:
    planted, workspace = case
    prompt = planted.artifacts.arrays["space.segments", "prompt"]
    most = int(np.bincount(prompt).argmax())
    whole = workspace.exchanges.carrying(most, WHOLE, 0, 1000)
    pages = [workspace.exchanges.carrying(most, WHOLE, at, 2) for at in range(0, 1000, 2)]
    rows = [row for page in pages for row in page.table.to_pylist()]
    assert rows == whole.table.to_pylist()
    assert {page.n_exchanges for page in pages} == {whole.n_exchanges}
    assert pages[-1].table.num_rows == 0


def test_a_selection_leaves_out_what_others_sent(case: tuple[Planted, Workspace]) -> None:
    planted, workspace = case
    arrays = planted.artifacts.arrays
    prompt, account = arrays["space.segments", "prompt"], arrays["space.segments", "account"]
    most = int(np.bincount(prompt).argmax())
    one = int(account[prompt == most][0])
    key = AccountKey.parse(planted.keys[one])
    definition = WHOLE.then(Combine.REPLACE, AccountSet((key,)))
    page = workspace.exchanges.carrying(most, definition)
    assert set(page.table.column("account_key").to_pylist()) == {planted.keys[one]}
    assert page.n_exchanges == int(((prompt == most) & (account == one)).sum())


def test_a_prompt_that_nobody_sent_has_no_exchange(case: tuple[Planted, Workspace]) -> None:
    page = case[1].exchanges.carrying(10_000_000, WHOLE)
    assert (page.n_exchanges, page.table.num_rows) == (0, 0)


def test_an_exchange_is_read_as_logged_and_what_is_missing_is_none(
    case: tuple[Planted, Workspace],
) -> None:
    planted, workspace = case
    full = workspace.exchanges.texts(5)
    asked = planted.rows[5]["prompt"]
    assert full.system == Said("Be brief.", 9)
    assert full.prompt == Said(asked, len(asked))
    assert full.completion == Said("\x1b[31mhello", 10)
    assert full.reasoning == Said("because", 7)
    bare = workspace.exchanges.texts(6)
    assert bare.prompt is not None
    assert (bare.system, bare.completion, bare.reasoning) == (None, None, None)
    assert workspace.exchanges.texts(5, most=4).completion == Said("\x1b[31", 10)
    with pytest.raises(InputError, match="no exchange 600"):
        workspace.exchanges.texts(600)


def test_exchanges_without_an_account_are_listed(tmp_path: Path) -> None:
    planted = plant(n_accounts=1, n_exchanges=1, n_clusters=0)
    artifacts = planted.artifacts
    artifacts.arrays["space.segments", "account"] = np.array([-1], np.int32)
    path = replace(planted, artifacts=artifacts).fill(tmp_path / "one.case")
    with Workspace.open(path) as workspace:
        page = workspace.exchanges.carrying(0, WHOLE)
    assert page.table.column("account").to_pylist() == [None]
    assert page.table.column("account_key").to_pylist() == [None]


def test_without_an_analysis_there_is_no_order(tmp_path: Path) -> None:
    with (
        Workspace.create(tmp_path / "empty.case") as workspace,
        pytest.raises(NotAssessedError, match="not been analysed"),
    ):
        workspace.exchanges.carrying(0, WHOLE)


def test_senders_come_in_the_order_asked(case: tuple[Planted, Workspace]) -> None:
    planted, workspace = case
    arrays = planted.artifacts.arrays
    ids, ts = arrays["space.segments", "exchange_id"], arrays["space.segments", "ts"]
    asked = [int(ids[40]), int(ids[3]), 10**12, int(ids[17])]
    found = workspace.exchanges.senders(asked).to_pylist()
    assert [row["exchange_id"] for row in found] == [asked[0], asked[1], asked[3]]
    assert [row["ts_us"] for row in found] == [
        None if ts[place] == NO_TIME else ts[place] for place in (40, 3, 17)
    ]
    assert all(row["account_key"].endswith(row["account"]) for row in found)


def test_a_case_without_results_knows_no_sender(tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "empty.case") as workspace:
        found = workspace.exchanges.senders([1, 2])
        assert (found.num_rows, found.column_names) == (
            0,
            ["exchange_id", "ts_us", "account_key", "account"],
        )
