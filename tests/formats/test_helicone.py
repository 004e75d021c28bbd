"""Helicone requests: bodies of either provider, as objects or text, and rows without any."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from tests.formats.gateway_records import HELICONE
from tests.formats.provider_records import ANTHROPIC_REQUEST, ANTHROPIC_RESPONSE
from tests.formats.reading import as_csv, as_lines, columns, imported, read, spoilt, survives
from tests.formats.test_openai_responses import ANSWERED, ASKED, REQUEST, RESPONSE
from tests.formats.test_shapes import CHAT, MESSAGE

if TYPE_CHECKING:
    from pathlib import Path

AROUND = {
    "request_id": "req-1",
    "ts": "2026-05-01T12:30:15.250Z",
    "account_id": "5b11",
    "end_user": "person-7",
    "session_id": "s-1",
    "country": "CH",
    "provider": "OPENAI",
    "endpoint": "https://gateway.example/v1/chat/completions",
    "status": 200,
    "latency_ms": 2000.0,
    "ttft_ms": 500.0,
}
WITHOUT_BODIES = AROUND | {
    "model": "large-4-alias",
    "in_tok": 37,
    "out_tok": 5,
    "cached_tok": 2,
}


@pytest.mark.parametrize("as_text", [False, True])
def test_bodies_of_either_provider(as_text: bool) -> None:
    wrap = json.dumps if as_text else dict
    record = HELICONE | {
        "request_body": wrap(HELICONE["request_body"]),
        "response_body": wrap(HELICONE["response_body"]),
        "request_properties": wrap(HELICONE["request_properties"]),
    }
    assert columns(record) == AROUND | CHAT
    record |= {
        "provider": "ANTHROPIC",
        "request_body": wrap(ANTHROPIC_REQUEST),
        "response_body": wrap(ANTHROPIC_RESPONSE),
    }
    assert columns(record) == AROUND | MESSAGE | {"provider": "ANTHROPIC"}


@pytest.mark.parametrize("as_text", [False, True])
def test_bodies_of_responses(as_text: bool) -> None:
    wrap = json.dumps if as_text else dict
    path = "https://gateway.example/v1/responses"
    record = HELICONE | {
        "request_path": f"{path}?key=secret",
        "request_body": wrap(REQUEST),
        "response_body": wrap(RESPONSE),
    }
    expected = ANSWERED | ASKED | AROUND | {"endpoint": path}
    assert columns(record) == expected
    without = {key: record[key] for key in record if key != "request_properties"}
    assert columns(without) == expected | {"session_id": "resp_0"}
    short = columns(record | {"request_body": {"model": "m", "input": "Hello"}})
    assert (short["prompt"], short["n_turns"]) == ("Hello", 1)


def test_a_request_to_responses_that_failed() -> None:
    """The path alone tells it from a request for embeddings."""
    error = {"error": {"type": "invalid_request_error", "code": "model_not_found"}}
    asked = {"request_body": {"model": "m", "input": "Hello"}, "response_body": error}
    failed = HELICONE | asked | {"response_status": 404}
    found = columns(failed | {"request_path": "/v1/responses"})
    assert (found["prompt"], found["status"]) == ("Hello", 404)
    assert found["error_type"] == "invalid_request_error"
    assert "prompt" not in columns(failed | {"request_path": "/v1/embeddings"})


def test_a_wrong_type_in_a_body_leaves_what_the_gateway_counted() -> None:
    usage = {"input_tokens": {"text": 3}, "output_tokens": True}
    record = HELICONE | {"response_body": RESPONSE | {"usage": usage, "model": ["m"]}}
    found, unreadable = read(record, "helicone")
    assert (found["in_tok"], found["model"]) == (37, "large-4")
    assert unreadable == {"out_tok"}


@pytest.mark.parametrize("body", [None, "", {}])
def test_rows_without_bodies(body: Any) -> None:
    assert columns(HELICONE | {"request_body": body, "response_body": body}) == WITHOUT_BODIES


def test_the_gateway_counts_where_the_provider_does_not() -> None:
    response = {**ANTHROPIC_RESPONSE, "usage": {"cache_read_input_tokens": 4}}
    record = HELICONE | {"request_body": ANTHROPIC_REQUEST, "response_body": response}
    found = columns(record)
    assert (found["in_tok"], found["out_tok"], found["cached_tok"]) == (37, 5, 4)


def test_an_error() -> None:
    body = {"error": {"type": "rate_limit_error", "code": "429"}}
    found = columns(HELICONE | {"response_body": body, "response_status": 429})
    assert (found["status"], found["error_type"]) == (429, "rate_limit_error")
    assert "completion" not in found


def test_an_export_as_csv_and_lines(tmp_path: Path) -> None:
    bare = {"request_id": "req-2", "request_created_at": "2026-05-01 12:30:16.000",
            "response_status": 500}  # fmt: skip
    for data in (as_csv([HELICONE, bare]), as_lines([HELICONE, bare])):
        loaded, rejected, detected = imported(tmp_path / "log", data)
        assert (detected, rejected) == ("helicone", [])
        assert [row["request_id"] for row in loaded] == ["req-1", "req-2"]
        assert loaded[0]["completion"] == "Second answer"
        assert loaded[1]["status"] == 500
        assert not [row["coerced"] for row in loaded if row["coerced"]]


def test_wrong_types_are_counted() -> None:
    wrong = {
        "request_created_at": {"x": 1},
        "request_user_id": [1],
        "response_status": "ok",
        "delay_ms": True,
        "time_to_first_token": "soon",
        "country_code": {"iso": "CH"},
    }
    _, unreadable = read(HELICONE | wrong | {"request_body": None}, "helicone")
    assert unreadable == {
        *("ts", "end_user", "status", "latency_ms", "ttft_ms", "country"),
    }


@given(spoilt(HELICONE, HELICONE | {"request_body": REQUEST, "response_body": RESPONSE}))
def test_spoilt_records_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
