"""Langfuse traces: what they say of the observations around which they are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.formats.batch_records import generation, trace
from tests.formats.reading import as_csv, as_lines, claimed, columns, imported, spoilt, survives
from workbench.domain.exchange import Side
from workbench.formats.adapter import Adapter, Recipe

EXPECTED = {
    "end_user": "person-1",
    "session_id": "session-1",
    "ip": "192.0.2.7",
    "user_agent": "sdk/1.2",
}
#: As the warehouse has it, whose metadata holds texts.
ROW = {
    "id": "trace-1",
    "timestamp": "2026-05-01 12:30:15.000",
    "name": "chat",
    "user_id": "person-1",
    "session_id": "session-1",
    "project_id": "project-1",
    "environment": "default",
    "metadata": {"user_api_key_hash": "88dc", "organization_id": "7"},
    "tags": [],
    "bookmarked": False,
    "public": False,
    "input": "q",
    "output": "a",
}


def test_a_trace_of_the_api() -> None:
    assert columns(trace(1), "langfuse-trace") == EXPECTED


def test_a_row_of_the_warehouse() -> None:
    assert columns(ROW, "langfuse-trace") == {
        "account_id": "88dc",
        "org_id": "project-1",
        "end_user": "person-1",
        "session_id": "session-1",
    }


@pytest.mark.parametrize("fast", [True, False])
def test_it_is_around_others_and_keeps_its_bytes(fast: bool) -> None:
    bare = {k: v for k, v in trace(2).items() if k not in ("userId", "sessionId", "metadata")}
    data = as_lines([{"prompt": "p"}, trace(1), bare])
    parsed = Adapter(Recipe("lines", "canonical"), fast=fast).read(data)
    assert parsed.rejects.num_rows == 0
    assert parsed.halves is not None
    halves = parsed.halves.to_pylist()
    assert [half["row"] for half in halves] == [1, 2]
    assert [half["key"] for half in halves] == ["trace-1", "trace-2"]
    assert {half["side"] for half in halves} == {Side.AROUND}
    assert [json.loads(half["raw"]) for half in halves] == [trace(1), bare]


def test_observations_are_within_their_trace() -> None:
    parsed = Adapter(Recipe("lines", "langfuse")).read(as_lines([generation(7, of=1)]))
    assert parsed.halves is not None
    (half,) = parsed.halves.to_pylist()
    assert (half["kind"], half["side"], half["key"]) == ("langfuse", Side.WITHIN, "trace-1")
    assert half["raw"] is None


def test_an_export_as_csv(tmp_path: Any) -> None:
    loaded, rejected, name = imported(tmp_path / "log", as_csv([trace(1), trace(2, userId=None)]))
    assert (name, rejected) == ("langfuse-trace", [])
    assert [row["end_user"] for row in loaded] == ["person-1", None]


@pytest.mark.parametrize(
    "more", [{"prompt": "p"}, {"model": "m"}, {"traceId": "t"}, {"request": {"messages": []}}]
)
def test_what_holds_an_exchange_is_no_trace(more: dict[str, Any]) -> None:
    assert "langfuse-trace" not in claimed(trace(1) | more)


@given(spoilt(trace(1), ROW))
def test_spoilt_records_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
