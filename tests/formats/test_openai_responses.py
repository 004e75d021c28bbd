"""OpenAI Responses: every field that is read, streams, refusals, failures, and spoilt records."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.formats.provider_records import AROUND, OPENAI_REQUEST, dialogue
from tests.formats.reading import Path, claimed, columns, read, spoilt, survives, with_value
from workbench.formats.adapter import Adapter, Recipe

REQUEST: dict[str, Any] = {
    "model": "large-5",
    "instructions": "Be brief.",
    "input": [
        {"role": "developer", "content": "Answer in English."},
        {"role": "user", "content": "First question"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A"}]},
        {"role": "user", "content": [{"type": "input_text", "text": "Second question"}]},
        {"type": "function_call_output", "call_id": "c", "output": "42"},
        {"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;..."}]},
    ],
    "previous_response_id": "resp_0",
    "max_output_tokens": 300,
    "temperature": 0.2,
    "top_logprobs": 5,
    "reasoning": {"effort": "high", "summary": "auto"},
    "tools": [{"type": "function"}, {"type": "web_search"}],
    "store": True,
    "stream": False,
    "safety_identifier": "person-9",
    "metadata": {"topic": "t"},
}
RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_777_638_615,
    "completed_at": 1_777_638_618,
    "status": "completed",
    "error": None,
    "incomplete_details": None,
    "instructions": "Be brief.",
    "max_output_tokens": 300,
    "model": "large-5-0613",
    "output": [
        {
            "id": "rs_1",
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": "Thought about it"}],
            "encrypted_content": "gAAAA",
        },
        {"id": "fc_1", "type": "function_call", "name": "look", "arguments": "{}"},
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [
                {"type": "output_text", "annotations": [], "text": "Second"},
                {"type": "output_text", "annotations": [], "text": "answer"},
            ],
        },
    ],
    "previous_response_id": "resp_0",
    "reasoning": {"effort": "high", "summary": "auto"},
    "safety_identifier": "person-9",
    "store": True,
    "temperature": 0.2,
    "tools": [{"type": "function"}, {"type": "web_search"}],
    "top_logprobs": 5,
    "usage": {
        "input_tokens": 40,
        "input_tokens_details": {"cached_tokens": 3},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 5},
        "total_tokens": 47,
    },
    "user": None,
    "metadata": {},
}
ASKED_DIALOGUE: tuple[tuple[Any, ...], ...] = (
    ("developer", {"in": "system"}),
    ("user", {"text": "First question"}),
    ("assistant", {"text": "A"}),
    ("user", {"in": "prompt"}),
    ("tool", {"result_of": "c", "parts": [{"text": "42"}]}),
    (
        "user",
        {
            "media": "image",
            "type": "image/png",
            "bytes": 0,
            "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        },
    ),
)
ANSWER_DIALOGUE = (
    "assistant",
    {"call": "look", "id": "fc_1", "arguments": "{}"},
    {"in": "completion"},
)
ANSWERED = {
    "dialogue": dialogue(ANSWER_DIALOGUE),
    "model": "large-5-0613",
    "stop_reason": "completed",
    "in_tok": 40,
    "out_tok": 7,
    "reasoning_tok": 5,
    "cached_tok": 3,
    "temperature": 0.2,
    "max_tok": 300,
    "logprobs": True,
    "thinking": True,
    "tools": 2,
    "system": "Be brief.",
    "completion": "Second\nanswer",
    "reasoning": "Thought about it",
    "session_id": "resp_0",
    "end_user": "person-9",
}
ASKED = {
    "system": "Be brief.\nAnswer in English.",
    "prompt": "Second question",
    "n_turns": 2,
    "stream": False,
    "dialogue": dialogue(*ASKED_DIALOGUE, ANSWER_DIALOGUE),
}
NAME = "openai-responses"


@pytest.mark.parametrize(
    ("request_key", "response_key"),
    [("request", "response"), ("request_body", "response_body"), ("input", "output")],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_in_an_envelope(request_key: str, response_key: str, as_text: bool) -> None:
    wrap = json.dumps if as_text else dict
    record = AROUND | {request_key: wrap(REQUEST), response_key: wrap(RESPONSE)}
    assert columns(record, NAME) == ANSWERED | ASKED | {
        "request_id": "r-1",
        "ts": "2026-05-01T12:30:15.250Z",
        "account_id": "key-7",
        "org_id": "org-1",
        "ip": "198.51.100.7",
        "user_agent": "sdk/1.2",
        "status": 200,
        "latency_ms": 12.5,
    }


def test_a_response_alone() -> None:
    assert columns(RESPONSE, NAME) == ANSWERED | {
        "request_id": "resp_1",
        "ts": 1_777_638_615,
        "status": 200,
        "latency_ms": 3000.0,
    }


def test_a_request_alone() -> None:
    found = columns(REQUEST, NAME)
    assert found == ASKED | {
        key: ANSWERED[key]
        for key in ("temperature", "max_tok", "logprobs", "thinking", "tools", "session_id")
    } | {"model": "large-5", "end_user": "person-9", "dialogue": dialogue(*ASKED_DIALOGUE)}


def test_an_input_that_is_text() -> None:
    record = {"request": {"model": "m", "input": "Hello"}, "response": RESPONSE}
    found = columns(record, NAME)
    assert (found["prompt"], found["n_turns"]) == ("Hello", 1)
    asked_by_path = {"endpoint": "/v1/responses", "body": {"model": "m", "input": "Hello"}}
    assert columns(asked_by_path, NAME)["prompt"] == "Hello"
    other = {"path": "gateway-1", "url": "https://x/v1/responses/?beta=1"}
    assert columns(other | {"body": {"model": "m", "input": "Hello"}}, NAME)["prompt"] == "Hello"
    flat = {"url": "https://x/v1/responses", "model": "m", "input": REQUEST["input"]}
    assert columns(flat, NAME)["prompt"] == "Second question"


def test_a_gateway_that_was_asked_for_a_chat() -> None:
    found = columns({"request": OPENAI_REQUEST, "response": RESPONSE}, NAME)
    assert (found["prompt"], found["completion"]) == ("Second question", "Second\nanswer")


def test_an_answer_that_is_plain_text() -> None:
    assert columns(REQUEST | {"output": "Just words"}, NAME)["completion"] == "Just words"
    enveloped = {"request": REQUEST, "response": "Just words"}
    assert columns(enveloped, NAME)["completion"] == "Just words"


def test_a_request_with_its_answer_beside_it() -> None:
    found = columns(REQUEST | {"status": 200, "output": RESPONSE}, NAME)
    assert (found["prompt"], found["completion"]) == ("Second question", "Second\nanswer")
    assert found["status"] == 200


def test_a_conversation_names_the_session() -> None:
    for conversation in ("conv_1", {"id": "conv_1"}):
        record = {"request": REQUEST | {"conversation": conversation}, "response": RESPONSE}
        assert columns(record, NAME)["session_id"] == "conv_1"


def test_reasoning_in_full_before_its_summary() -> None:
    thought = RESPONSE["output"][0] | {"content": [{"type": "reasoning_text", "text": "All of it"}]}
    assert columns(RESPONSE | {"output": [thought]}, NAME)["reasoning"] == "All of it"
    hidden = {"id": "rs", "type": "reasoning", "summary": [], "encrypted_content": "gAAAA"}
    assert "reasoning" not in columns(RESPONSE | {"output": [hidden]}, NAME)


def test_a_refusal_is_what_was_answered() -> None:
    part = {"type": "refusal", "refusal": "I can't help with that."}
    message = {"type": "message", "role": "assistant", "content": [part]}
    found = columns(RESPONSE | {"output": [message]}, NAME)
    assert found["completion"] == "I can't help with that."


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            ("max_output_tokens", 200, None),
        ),
        (
            {"status": "failed", "error": {"code": "rate_limit_exceeded", "message": "m"}},
            ("failed", 429, "rate_limit_exceeded"),
        ),
        (
            {"status": "failed", "error": {"code": "invalid_prompt", "message": "m"}},
            ("failed", None, "invalid_prompt"),
        ),
        ({"status": "cancelled"}, ("cancelled", None, None)),
        ({"status": "in_progress", "output": []}, (None, None, None)),
    ],
)
def test_how_it_ended(change: dict[str, Any], expected: tuple[Any, ...]) -> None:
    found = columns(RESPONSE | change, NAME)
    assert tuple(map(found.get, ("stop_reason", "status", "error_type"))) == expected


def test_an_error_of_the_api() -> None:
    error = {"error": {"type": "invalid_request_error", "code": "model_not_found"}}
    record = {"request": REQUEST, "response": error, "status_code": 404}
    found = columns(record, NAME)
    assert (found["status"], found["error_type"]) == (404, "invalid_request_error")
    assert "completion" not in found


def _sse(events: list[dict[str, Any]]) -> str:
    return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)


def test_streams_are_put_together() -> None:
    begun = RESPONSE | {"status": "in_progress", "output": [], "usage": None}
    del begun["completed_at"]
    events: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
    events += [
        {"type": "response.output_item.done", "item": item} for item in RESPONSE["output"][:2]
    ]
    events += [{"type": "response.output_text.delta", "delta": word} for word in ("Sec", "ond")]
    whole = [*events, {"type": "response.completed", "response": RESPONSE}]
    found = columns({"request": REQUEST, "response": _sse(whole)}, NAME)
    assert (found["completion"], found["out_tok"]) == ("Second\nanswer", 7)
    cut = columns({"request": REQUEST, "response": _sse(events) + "data: {torn"}, NAME)
    assert (cut["completion"], cut["reasoning"]) == ("Second", "Thought about it")
    assert "stop_reason" not in cut
    assert "out_tok" not in cut


def test_what_only_looks_like_it() -> None:
    embeddings = {"model": "e", "input": ["a", "b"], "encoding_format": "float", "user": "u"}
    assert claimed(embeddings) == []
    assert claimed({"request": embeddings, "response": {"object": "list", "data": []}}) == []
    # A trace that keeps messages as input and an answer as output is a chat.
    chat = {"input": OPENAI_REQUEST["messages"], "output": {"choices": [{"message": {}}]}}
    assert claimed(chat) == ["openai"]
    assert claimed({"instruction": "x", "input": "y", "output": "z"}) == []


@pytest.mark.parametrize("fast", [True, False])
def test_in_a_canonical_file_it_is_read_as_what_it_is(fast: bool) -> None:
    bare = {key: RESPONSE[key] for key in ("id", "object", "model", "output")}
    lines = [{"prompt": "p", "model": "m"}, bare, {"request_id": "r", "object": "o"}]
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    parsed = Adapter(Recipe("lines", "canonical"), fast=fast).read(data)
    assert parsed.records.column("completion").to_pylist() == [None, "Second\nanswer", None]
    assert parsed.records.column("request_id").to_pylist() == [None, "resp_1", "r"]


@pytest.mark.parametrize(
    ("path", "column", "junk"),
    [
        *[(("request", "input"), "prompt", junk) for junk in ({"a": 1}, [[1]], 5.5)],
        *[(("request", "instructions"), "system", junk) for junk in ({"a": 1}, [[1]], 5.5)],
        *[(("request", "tools"), "tools", junk) for junk in ({"a": 1}, "two", True)],
        *[(("request", "temperature"), "temperature", junk) for junk in ({"a": 1}, [1], "hot")],
        *[(("request", "top_logprobs"), "logprobs", junk) for junk in ({"a": 1}, [1], "many")],
        *[(("response", "output"), "completion", junk) for junk in ({"a": 1}, [[1]], True)],
        *[(("response", "status"), "stop_reason", junk) for junk in ({"a": 1}, [1], True)],
        *[(("response", "usage", "input_tokens"), "in_tok", j) for j in ({"a": 1}, [1], True)],
    ],
)
def test_a_wrong_type_is_null_and_counted(path: Path, column: str, junk: Any) -> None:
    response = {key: value for key, value in RESPONSE.items() if key not in REQUEST}
    request = REQUEST | {"input": [{"role": "user", "content": "Question"}]}
    found, unreadable = read(
        with_value({"request": request, "response": response}, path, junk), NAME
    )
    assert column not in found
    assert unreadable == {column}


@given(spoilt(RESPONSE, REQUEST, AROUND | {"request": REQUEST, "response": RESPONSE}))
def test_spoilt_records_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
