"""Portkey logs: bare and wrapped bodies of either provider, and exports with few fields."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from tests.formats.gateway_records import PORTKEY
from tests.formats.provider_records import (
    ANTHROPIC_REQUEST,
    ANTHROPIC_RESPONSE,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
)
from tests.formats.reading import as_csv, as_lines, columns, imported, read, spoilt, survives
from tests.formats.test_openai_responses import ANSWERED, ASKED, REQUEST, RESPONSE
from tests.formats.test_shapes import CHAT, MESSAGE

if TYPE_CHECKING:
    from pathlib import Path

AROUND = {
    "request_id": "log-1",
    "ts": "2026-05-01T12:30:15.250Z",
    "org_id": "org-1",
    "end_user": "person-7",
    "session_id": "trace-1",
    "provider": "openai",
    "endpoint": "https://api.example/v1/chat/completions",
    "status": 200,
    "latency_ms": 2000.0,
}


@pytest.mark.parametrize("as_text", [False, True])
def test_bodies_of_either_provider(as_text: bool) -> None:
    wrap = json.dumps if as_text else dict
    record = PORTKEY | {key: wrap(PORTKEY[key]) for key in ("request", "response", "metadata")}
    assert columns(record) == AROUND | CHAT
    record |= {
        "ai_org": "anthropic",
        "request": wrap(ANTHROPIC_REQUEST),
        "response": wrap(ANTHROPIC_RESPONSE),
    }
    assert columns(record) == AROUND | MESSAGE | {"provider": "anthropic"}


@pytest.mark.parametrize("as_text", [False, True])
def test_bodies_of_responses(as_text: bool) -> None:
    wrap = json.dumps if as_text else dict
    record = PORTKEY | {"request": wrap(REQUEST), "response": wrap(RESPONSE)}
    expected = ANSWERED | ASKED | AROUND | {"end_user": "person-7"}
    assert columns(record) == expected
    headed = {"request": wrap({"headers": {}, "body": REQUEST}),
              "response": wrap({"status": 201, "body": RESPONSE})}  # fmt: skip
    found = columns(PORTKEY | headed | {"response_status_code": None, "metadata": None})
    for column in ("org_id", "end_user"):
        del expected[column]
    assert found == expected | {"status": 201, "end_user": "person-9"}


def test_bodies_with_their_headers() -> None:
    """As logs are that a customer's own code sent to the gateway."""
    request = {
        "url": "https://api.example/v1/chat/completions",
        "headers": {"User-Agent": "sdk/1.2", "Authorization": "Bearer secret"},
        "body": OPENAI_REQUEST,
    }
    response = {"status": 201, "headers": {}, "body": OPENAI_RESPONSE, "response_time": 9}
    found = columns(
        PORTKEY | {"request": request, "response": response, "response_status_code": None}
    )
    assert found == AROUND | CHAT | {"user_agent": "sdk/1.2", "status": 201}
    assert "secret" not in str(found)


def test_an_export_of_few_fields(tmp_path: Path) -> None:
    few = {key: PORTKEY[key] for key in ("id", "created_at", "ai_model", "req_units", "res_units")}
    for data in (as_csv([PORTKEY, few]), as_lines([PORTKEY, few])):
        loaded, rejected, detected = imported(tmp_path / "log", data)
        assert (detected, rejected) == ("portkey", [])
        assert [row["prompt"] for row in loaded] == ["Second question", None]
        assert [row["model"] for row in loaded] == ["large-4-0613", "large-4"]
        assert [row["in_tok"] for row in loaded] == [40, 37]
        assert not [row["coerced"] for row in loaded if row["coerced"]]


def test_a_failure() -> None:
    record = PORTKEY | {
        "is_success": False,
        "response_status_code": 429,
        "response": {"error": {"message": "slow down", "type": "requests", "code": "429"}},
    }
    found = columns(record)
    assert (found["status"], found["error_type"]) == (429, "requests")
    assert "completion" not in found


def test_wrong_types_are_counted() -> None:
    wrong = {
        "id": {"x": 1},
        "created_at": [1],
        "trace_id": True,
        "response_status_code": "fine",
        "response_time": [3],
        "metadata": {"_user": {"id": 1}},
    }
    _, unreadable = read(PORTKEY | wrong | {"request": 7, "response": 8}, "portkey")
    assert unreadable == {
        *("request_id", "ts", "session_id", "status", "latency_ms", "end_user"),
    }


@given(spoilt(PORTKEY, PORTKEY | {"request": REQUEST, "response": RESPONSE}))
def test_spoilt_records_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
