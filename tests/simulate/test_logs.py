"""Logs: what is written is what an import reads back, in every shape and container."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from workbench.domain.errors import InputError
from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.read import open_source
from workbench.simulate.logs import DEFAULT_LOGS, LogKind, write_logs
from workbench.simulate.scenario import SCENARIOS
from workbench.simulate.traffic import Traffic, simulate

if TYPE_CHECKING:
    from pathlib import Path

#: What a shape does not carry, or carries in words of its own.
LOST = {
    "canonical": set(),
    "openai": {"n", "logprobs", "tools", "max_tok", "stop_reason", "embedding"},
    "anthropic": {"n", "logprobs", "tools", "max_tok", "stop_reason", "thinking", "reasoning"},
    "litellm": {
        *("asn", "country", "ja3", "ja4", "account_created_at", "payment_hash", "endpoint"),
        *("n", "logprobs", "tools", "max_tok", "stop_reason", "ttft_ms", "stream", "thinking"),
        *("in_tok", "latency_ms"),
    },
}


@pytest.fixture(scope="module")
def small() -> Traffic:
    return simulate(SCENARIOS["sample"], exchanges=1200, accounts=200, seed=2)


def read_back(path: Path) -> pa.Table:
    blocks = list(open_source(path, ReadOptions(zone="UTC")).blocks(Job()))
    assert sum(block.rejects.num_rows for block in blocks) == 0
    table = pa.Table.from_batches([block.records for block in blocks])
    assert pc.sum(table["coerced"]).as_py() == 0
    return table.select(CANONICAL_SCHEMA.names).sort_by("request_id")


@pytest.mark.parametrize(
    "name",
    [
        *("canonical.jsonl", "canonical.jsonl.gz", "canonical.jsonl.zst", "canonical.csv"),
        *("canonical.csv.gz", "canonical.parquet", "openai.jsonl.gz", "anthropic.jsonl.zst"),
        *("litellm.jsonl", "litellm.csv.gz"),
    ],
)
def test_read_back(name: str, small: Traffic, tmp_path: Path) -> None:
    kind = LogKind.parse(name)
    assert write_logs(small, tmp_path, [kind], Job()) == {f"log-{name}": 1200}
    got = read_back(tmp_path / f"log-{name}")
    given = small.exchanges.sort_by("request_id")
    for column in CANONICAL_SCHEMA.names:
        if column == "dialogue" and kind.shape != "canonical":
            # Bodies repeat the turns before.
            repeated = pc.and_(got[column].is_valid(), pc.less_equal(got["n_turns"], 1))
            assert not pc.any(repeated).as_py()
            continue
        if column in LOST[kind.shape]:
            continue
        mine, theirs = given[column].combine_chunks(), got[column].combine_chunks()
        if kind.container == "csv" and kind.shape == "canonical":
            # CSV does not tell an empty text from none.
            continue_on = pc.is_valid(mine)
            mine, theirs = mine.filter(continue_on), theirs.filter(continue_on)
        if kind.shape != "canonical":
            # What failed has no usage and no body in the chat shapes.
            well = pc.equal(given["status"], 200).combine_chunks()
            mine, theirs = mine.filter(well), theirs.filter(well)
        assert mine.equals(theirs), column


def test_the_usual_three_share_the_traffic(small: Traffic, tmp_path: Path) -> None:
    kinds = [LogKind.parse(name) for name in DEFAULT_LOGS]
    written = write_logs(small, tmp_path, kinds, Job())
    assert sum(written.values()) == 1200
    assert min(written.values()) > 150
    parts = [read_back(tmp_path / name) for name in written]
    ids = [set(part["request_id"].to_pylist()) for part in parts]
    assert len(set().union(*ids)) == 1200
    # Accounts are the same in all of them, sittings are not split.
    accounts = [set(part["account_id"].to_pylist()) for part in parts]
    assert len(accounts[0] & accounts[1] & accounts[2]) > 15
    sittings = [set(part["session_id"].to_pylist()) for part in parts]
    assert not sittings[0] & sittings[1]
    assert not sittings[1] & sittings[2]


def test_no_side_prefers_a_gateway(sample: Traffic, tmp_path: Path) -> None:
    from workbench.simulate.logs import _gateway

    share = _gateway(sample.exchanges, 3)
    planted = {r["account_id"] for r in sample.truth.to_pylist() if r["campaign_id"]}
    mine = np.asarray(pc.is_in(sample.exchanges["account_id"], pa.array(sorted(planted))))
    for gateway in range(3):
        assert abs((share[mine] == gateway).mean() - (share[~mine] == gateway).mean()) < 0.05


@pytest.mark.parametrize("name", DEFAULT_LOGS)
def test_same_traffic_same_bytes(name: str, small: Traffic, tmp_path: Path) -> None:
    kind = LogKind.parse(name)
    for folder in ("one", "two"):
        write_logs(small, tmp_path / folder, [kind], Job())
    first, second = (tmp_path / folder / f"log-{name}" for folder in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    "name", ["", "canonical", "openai.csv", "canonical.parquet.gz", "anthropic.jsonl.bz2", "x.y"]
)
def test_unknown_kinds_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="no kind of log"):
        LogKind.parse(name)


def test_a_folder_that_cannot_be_written(small: Traffic, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_logs(small, tmp_path / "file" / "out", [LogKind.parse("canonical.csv")], Job())


def test_the_exchange_truth_is_written_when_asked(small: Traffic, tmp_path: Path) -> None:
    kinds = [LogKind.parse("canonical.csv")]
    write_logs(small, tmp_path / "without", kinds, Job())
    assert not (tmp_path / "without" / "truth_exchanges.csv").exists()
    write_logs(small, tmp_path / "with", kinds, Job(), exchange_truth=True)
    lines = (tmp_path / "with" / "truth_exchanges.csv").read_text("utf-8").splitlines()
    assert lines[0] == "request_id,campaign_id"
    wanted = zip(*(column.to_pylist() for column in small.exchange_truth.columns), strict=True)
    assert lines[1:] == [f"{request},{campaign}" for request, campaign in wanted]
    for name in ("log-canonical.csv", "truth.csv"):
        with_it, without = ((tmp_path / one / name).read_bytes() for one in ("with", "without"))
        assert with_it == without
