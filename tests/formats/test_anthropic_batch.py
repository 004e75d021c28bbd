"""Anthropic Message Batches: lines that were sent, lines that came back, each read alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.formats.provider_records import (
    ANTHROPIC_DIALOGUE,
    ANTHROPIC_REQUEST,
    ANTHROPIC_RESPONSE,
)
from tests.formats.reading import Path, claimed, columns, read, spoilt, survives, with_value
from workbench.formats.adapter import Adapter, Recipe

NAME = "anthropic-batch"
SENT: dict[str, Any] = {"custom_id": "b-1", "params": ANTHROPIC_REQUEST}
CAME: dict[str, Any] = {
    "custom_id": "b-1",
    "result": {"type": "succeeded", "message": ANTHROPIC_RESPONSE},
}
ASKED = {
    "request_id": "b-1",
    "end_user": "person-9",
    "model": "claude-next",
    "temperature": 0.2,
    "max_tok": 300,
    "thinking": True,
    "n_turns": 1,
    "tools": 1,
    "system": "Be brief.",
    "prompt": "The question",
    "dialogue": ANTHROPIC_DIALOGUE,
}
ANSWERED = {
    "request_id": "b-1",
    "model": "claude-next-1",
    "status": 200,
    "stop_reason": "end_turn",
    "in_tok": 40,
    "out_tok": 7,
    "cached_tok": 4,
    "completion": "One.\nTwo.",
    "reasoning": "Thought about it",
}


def failed(kind: str, error: Any = None) -> dict[str, Any]:
    """A result line of a request that gave no message."""
    result = {"type": kind} if error is None else {"type": kind, "error": error}
    return {"custom_id": "b-2", "result": result}


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(
    ("record", "expected"), [(SENT, ASKED), (CAME, ANSWERED), (SENT | CAME, ASKED | ANSWERED)]
)
def test_lines(record: dict[str, Any], expected: dict[str, Any], as_text: bool) -> None:
    if as_text:
        record = {k: v if isinstance(v, str) else json.dumps(v) for k, v in record.items()}
    assert columns(record, NAME) == expected


@pytest.mark.parametrize(
    ("record", "error", "status"),
    [
        (
            failed(
                "errored",
                {
                    "type": "error",
                    "error": {"type": "invalid_request_error", "message": "m"},
                    "request_id": "req_1",
                },
            ),
            "invalid_request_error",
            400,
        ),
        (failed("errored", {"type": "overloaded_error", "message": "m"}), "overloaded_error", 529),
        (failed("errored", {"type": "error", "error": {"type": "new_one"}}), "new_one", None),
        (failed("canceled"), "canceled", None),
        (failed("expired"), "expired", None),
    ],
)
def test_what_gave_no_message(record: dict[str, Any], error: str, status: int | None) -> None:
    expected = {"request_id": "b-2", "error_type": error, "status": status}
    assert columns(record, NAME) == {k: v for k, v in expected.items() if v is not None}


def test_what_a_log_adds_around_a_line() -> None:
    around = {"api_key_id": "key-7", "timestamp": "2026-05-01T12:30:15Z", "client_ip": "192.0.2.7"}
    assert columns(CAME | around, NAME) == ANSWERED | {
        "account_id": "key-7",
        "ts": "2026-05-01T12:30:15Z",
        "ip": "192.0.2.7",
    }


def test_other_batches_are_no_such_lines() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "q"}]}
    sent = {"custom_id": "b", "method": "POST", "url": "/v1/chat/completions", "body": body}
    assert claimed(sent) == ["openai-batch"]
    assert claimed({"custom_id": "b", "result": "x"}) == []
    assert claimed({"custom_id": "b", "prompt": "p"}) == ["canonical"]


@pytest.mark.parametrize("fast", [True, False])
def test_in_a_canonical_file_it_is_read_as_what_it_is(fast: bool) -> None:
    lines = [{"prompt": "p", "custom_id": "x"}, CAME, SENT]
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    parsed = Adapter(Recipe("lines", "canonical"), fast=fast).read(data)
    assert parsed.records.column("completion").to_pylist() == [None, "One.\nTwo.", None]
    assert parsed.records.column("prompt").to_pylist() == ["p", None, "The question"]


@pytest.mark.parametrize(
    ("path", "column", "junk"),
    [
        *[(("custom_id",), "request_id", junk) for junk in ({"a": 1}, [1], True)],
        *[(("params",), "prompt", junk) for junk in ([1], 5, True, "{torn")],
        *[(("params", "messages"), "prompt", junk) for junk in ({"a": 1}, [1], 5)],
        *[(("params", "system"), "system", junk) for junk in ({"a": 1}, [1], 5)],
        *[(("params", "tools"), "tools", junk) for junk in ({"a": 1}, "x", 5)],
        *[(("params", "temperature"), "temperature", junk) for junk in ({"a": 1}, [1], "hot")],
        *[(("result",), "completion", junk) for junk in ([1], 5, True, "{torn")],
        *[(("result", "message"), "completion", junk) for junk in ([1], 5, True)],
        *[(("result", "message", "content"), "completion", j) for j in ({"a": 1}, [1], True)],
        *[(("result", "message", "usage", "output_tokens"), "out_tok", j) for j in ([1], "x")],
    ],
)
def test_a_wrong_type_is_null_and_counted(path: Path, column: str, junk: Any) -> None:
    found, unreadable = read(with_value(SENT | CAME, path, junk), NAME)
    assert column not in found
    assert unreadable == {column}


@given(spoilt(SENT, CAME, SENT | CAME, failed("errored", {"type": "error", "error": {}})))
def test_spoilt_records_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
