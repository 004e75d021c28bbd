"""Who sent, and what each sent in order of time."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.accounts import (
    ACCOUNTS_TABLE,
    NO_TIME,
    accounts_stage,
    exchanges_stage,
)
from workbench.analysis.run import analyse
from workbench.domain.settings import AnalysisSettings


def _analysed(case: FakeCase) -> FakeArtifacts:
    artifacts = FakeArtifacts()
    plan = (accounts_stage(), exchanges_stage())
    analyse(case.engine, artifacts, AnalysisSettings(), RecordingJob(), plan=plan)
    return artifacts


def test_an_empty_case_has_no_accounts() -> None:
    artifacts = _analysed(FakeCase())
    assert artifacts.table("accounts", "accounts").num_rows == 0
    assert artifacts.table("accounts", "accounts").schema == ACCOUNTS_TABLE
    assert artifacts.array("exchanges", "offsets").tolist() == [0]


def test_one_exchange_with_nothing_but_an_account() -> None:
    artifacts = _analysed(FakeCase([{"account_id": "a:b"}]))
    (row,) = artifacts.table("accounts", "accounts").to_pylist()
    assert row["account_key"] == "key::a:b"
    assert row["value"] == "a:b"
    assert (row["org"], row["first_us"], row["in_tok"]) == (None, None, None)
    assert (row["n_exchanges"], row["n_prompts"]) == (1, 0)
    assert artifacts.array("exchanges", "ts").tolist() == [NO_TIME]


def test_an_account_that_declares_two_organisations_declares_none() -> None:
    artifacts = _analysed(
        FakeCase(
            [
                {"account_id": "a", "org_id": "x", "ts": 1},
                {"account_id": "b", "org_id": "x", "ts": 2},
                {"account_id": "b", "org_id": "y", "ts": 3},
            ]
        )
    )
    table = artifacts.table("accounts", "accounts")
    assert dict(zip(table["value"].to_pylist(), table["org"].to_pylist(), strict=True)) == {
        "a": "x",
        "b": None,
    }


_ROW = st.fixed_dictionaries(
    {
        "account_id": st.sampled_from(["a", "b", "c", None]),
        "ts": st.one_of(st.none(), st.integers(0, 50)),
        "prompt": st.one_of(st.none(), st.sampled_from(["p", "q", "r"])),
        "out_tok": st.one_of(st.none(), st.integers(0, 10)),
    }
)


@settings(max_examples=25)
@given(st.lists(_ROW, max_size=30))
def test_rows_lie_by_account_then_time_then_id(rows: list[dict[str, Any]]) -> None:
    artifacts = _analysed(FakeCase(rows))
    table = artifacts.table("accounts", "accounts")
    offsets = artifacts.array("exchanges", "offsets")
    assert np.diff(offsets).tolist() == table["n_exchanges"].to_pylist()
    for index, value in enumerate(table["value"].to_pylist()):
        mine = [(r["ts"], number) for number, r in enumerate(rows, 1) if r["account_id"] == value]
        wanted = sorted((NO_TIME if ts is None else ts, number) for ts, number in mine)
        part = slice(offsets[index], offsets[index + 1])
        got = zip(
            artifacts.array("exchanges", "ts")[part].tolist(),
            artifacts.array("exchanges", "exchange_id")[part].tolist(),
            strict=True,
        )
        assert list(got) == wanted
        tokens = [r["out_tok"] for r in rows if r["account_id"] == value]
        given_tokens = [t for t in tokens if t is not None]
        assert table["out_tok"][index].as_py() == (sum(given_tokens) if given_tokens else None)
