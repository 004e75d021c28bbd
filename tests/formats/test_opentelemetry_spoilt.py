"""Spans that contradict themselves or hold what none should: nothing made up, nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.formats.reading import columns, read, spoilt, survives
from tests.formats.span_records import CURRENT, INDEXED, attributes, document, span
from tests.formats.test_opentelemetry import BARE, NOW, RECORDS
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.opening import NOT_WHOLE


def twice(record: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return record | {"attributes": [*record["attributes"], *attributes({key: value})]}


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("user.id", "end_user"),
        ("gen_ai.request.temperature", "temperature"),
        ("gen_ai.input.messages", "prompt"),
        ("gen_ai.output.messages", "completion"),
        ("gen_ai.system_instructions", "system"),
        ("gen_ai.tool.definitions", "tools"),
        ("gen_ai.response.time_to_first_chunk", "ttft_ms"),
    ],
)
def test_an_attribute_twice_with_two_values_is_unreadable(key: str, column: str) -> None:
    found, unreadable = read(twice(CURRENT, key, "other"), "opentelemetry")
    assert unreadable == {column}
    assert column not in found
    same = next(pair for pair in CURRENT["attributes"] if pair["key"] == key)
    once_more = CURRENT | {"attributes": [*CURRENT["attributes"], same]}
    assert columns(once_more, "opentelemetry") == NOW


def test_a_message_that_is_there_twice_is_unreadable() -> None:
    record = twice(INDEXED, "gen_ai.prompt.10.content", "other")
    found, unreadable = read(record, "opentelemetry")
    assert unreadable == {"prompt"}
    assert found["completion"] == "Second answer"


@pytest.mark.parametrize(
    ("resource", "reasons"),
    [(b"{]", [NOT_WHOLE]), (b'{"attributes":[],"attributes":[1]}', [])],
)
def test_a_resource_that_cannot_be_read_sinks_no_span(resource: bytes, reasons: list[str]) -> None:
    good = json.dumps(document(CURRENT, span(BARE))).encode()
    start = good.index(b'"resource": ') + len(b'"resource": ')
    data = good[:start] + resource + good[good.index(b', "scopeSpans"') :]
    parsed = Adapter(Recipe("lines", "opentelemetry")).read(data)
    assert parsed.rejects["reason"].to_pylist() == reasons
    full, bare = parsed.records.to_pylist()
    assert (full["end_user"], full["coerced"]) == ("person-9", 0)
    assert bin(bare["coerced"]).count("1") == 7


def test_values_of_every_kind_and_none() -> None:
    deep: Any = {"stringValue": "x"}
    for _ in range(60):
        deep = {"arrayValue": {"values": [deep]}}
    odd = [
        {"key": "user.id", "value": {}},
        {"key": "session.id", "value": {"arrayValue": {}}},
        {"key": "gen_ai.request.model", "value": "m"},
        {"key": "llm.user", "value": {"bytesValue": "aGk="}},
        {"key": "gen_ai.usage.input_tokens", "value": {"doubleValue": 3.0}},
        {"key": "gen_ai.tool.definitions", "value": deep},
        {"key": "x", "value": {"kvlistValue": {"values": {}}}},
        {"key": 7, "value": {"stringValue": "x"}},
        {"value": {"stringValue": "x"}},
        None,
    ]
    found = columns(span({}) | {"attributes": odd}, "opentelemetry")
    assert (found["model"], found["end_user"], found["in_tok"]) == ("m", "aGk=", 3)
    assert found["session_id"] == "5b8efff798038103d269b633813fc60c"


@given(spoilt(*RECORDS))
def test_spoilt_spans_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
