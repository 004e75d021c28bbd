"""The formats: which record is whose, and what becomes of each field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.formats.provider_records import (
    ANTHROPIC_DIALOGUE,
    ANTHROPIC_REQUEST,
    ANTHROPIC_RESPONSE,
    AROUND,
    LITELLM,
    OPENAI_DIALOGUE,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
)
from tests.formats.reading import columns, read, spoilt, survives
from tests.formats.test_openai_responses import ANSWERED, ASKED, REQUEST, RESPONSE
from workbench.domain.ports import ReadOptions
from workbench.formats.coerce import coerce
from workbench.formats.known import KNOWN, Converter

IN_AN_ENVELOPE = {
    "request_id": "r-1",
    "ts": "2026-05-01T12:30:15.250Z",
    "account_id": "key-7",
    "org_id": "org-1",
    "end_user": "person-9",
    "ip": "198.51.100.7",
    "user_agent": "sdk/1.2",
    "status": 200,
    "latency_ms": 12.5,
}
CHAT = {
    "model": "large-4-0613",
    "stop_reason": "stop",
    "stream": False,
    "in_tok": 40,
    "out_tok": 7,
    "reasoning_tok": 5,
    "cached_tok": 3,
    "temperature": 0.2,
    "n": 2,
    "max_tok": 300,
    "logprobs": True,
    "thinking": True,
    "n_turns": 2,
    "tools": 2,
    "system": "Be brief.",
    "prompt": "Second question",
    "completion": "Second answer",
    "dialogue": OPENAI_DIALOGUE,
    "reasoning": "Thought about it",
}
MESSAGE = {
    "model": "claude-next-1",
    "stop_reason": "end_turn",
    "in_tok": 40,
    "out_tok": 7,
    "cached_tok": 4,
    "temperature": 0.2,
    "max_tok": 300,
    "thinking": True,
    "n_turns": 1,
    "tools": 1,
    "system": "Be brief.",
    "prompt": "The question",
    "completion": "One.\nTwo.",
    "dialogue": ANTHROPIC_DIALOGUE,
    "reasoning": "Thought about it",
}


@pytest.mark.parametrize(
    ("request_key", "response_key"),
    [("request", "response"), ("request_body", "response_body"), ("body", "result")],
)
@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(
    ("request_body", "response_body", "expected"),
    [
        (OPENAI_REQUEST, OPENAI_RESPONSE, CHAT),
        (ANTHROPIC_REQUEST, ANTHROPIC_RESPONSE, MESSAGE),
    ],
)
def test_bodies_in_an_envelope(
    request_key: str,
    response_key: str,
    as_text: bool,
    request_body: dict[str, Any],
    response_body: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    wrap = json.dumps if as_text else dict
    record = AROUND | {request_key: wrap(request_body), response_key: wrap(response_body)}
    assert columns(record) == IN_AN_ENVELOPE | expected


def test_bodies_as_http_was_recorded() -> None:
    record = {
        "time": 1_777_638_615_250,
        "uri": "https://gateway.example/v1/chat/completions",
        "request": {
            "body": json.dumps(OPENAI_REQUEST),
            "headers": {"User-Agent": ["sdk/1.2"], "authorization": ["secret"]},
            "method": "POST",
        },
        "response": {
            "body": {"string": json.dumps({"error": {"type": "overloaded"}, "usage": None})},
            "headers": {"X-Request-Id": ["r-9"]},
            "status": {"code": 429, "message": "Too Many Requests"},
        },
    }
    found = columns(record)
    assert found["user_agent"] == "sdk/1.2"
    assert found["request_id"] == "r-9"
    assert found["status"] == 429
    assert found["error_type"] == "overloaded"
    assert found["prompt"] == "Second question"
    assert found["endpoint"].endswith("/v1/chat/completions")
    assert "secret" not in str(found)


def test_bare_messages_and_choices() -> None:
    found = columns({**OPENAI_REQUEST, **OPENAI_RESPONSE, "user": "person-9"})
    assert found == CHAT | {
        "model": "large-4-0613",
        "request_id": "chatcmpl-1",
        "ts": 1_777_638_615,
        "end_user": "person-9",
    }
    beside = columns(
        {**AROUND, "messages": OPENAI_REQUEST["messages"], "response": OPENAI_RESPONSE}
    )
    assert beside["prompt"] == "Second question"
    assert beside["completion"] == "Second answer"


def test_an_answer_that_is_plain_text() -> None:
    found = columns({"request": OPENAI_REQUEST, "response": "Just words"})
    assert found["completion"] == "Just words"


def test_older_completions() -> None:
    record = {
        "request": {"model": "old", "prompt": "Once upon", "logprobs": 5},
        "response": {"choices": [{"index": 0, "text": " a time", "finish_reason": "length"}]},
    }
    found = columns(record)
    assert (found["prompt"], found["completion"]) == ("Once upon", " a time")
    assert found["logprobs"] is True


def test_a_refusal_is_what_was_answered() -> None:
    message = {"role": "assistant", "content": None, "refusal": "I can't help with that."}
    found = columns({"request": OPENAI_REQUEST, "response": {"choices": [{"message": message}]}})
    assert found["completion"] == "I can't help with that."


def _sse(events: list[dict[str, Any]], name: str = "") -> str:
    lines = []
    for event in events:
        lines += [f"event: {event['type']}"] if name else []
        lines += [f"data: {json.dumps(event)}", ""]
    return "\n".join([*lines, "data: [DONE]", ""])


def test_streams_are_put_together() -> None:
    chunks = [
        {"id": "c1", "created": 5, "choices": [{"index": 0, "delta": {"content": word}}]}
        for word in ("Se", "cond ", "answer")
    ]
    chunks.insert(0, {"id": "c1", "choices": [{"delta": {"reasoning_content": "Hm"}}]})
    chunks.append({"choices": [{"index": 1, "delta": {"content": "other"}}]})
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    chunks.append({"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 3}})
    found = columns({"request": OPENAI_REQUEST, "response": _sse(chunks) + "data: {torn"})
    assert found["completion"] == "Second answer"
    assert found["reasoning"] == "Hm"
    assert (found["stop_reason"], found["in_tok"], found["out_tok"]) == ("stop", 4, 3)

    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"id": "m1", "usage": {"input_tokens": 9}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking"}},
        {"type": "content_block_delta", "index": 0, "delta": {"thinking": "Hm"}},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 1, "delta": {"text": "One"}},
        {"type": "content_block_delta", "index": 1, "delta": {"text": "."}},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 2},
        },
    ]
    found = columns({"request": ANTHROPIC_REQUEST, "response": _sse(events, "named")})
    assert (found["completion"], found["reasoning"]) == ("One.", "Hm")
    assert (found["stop_reason"], found["in_tok"], found["out_tok"]) == ("end_turn", 9, 2)


def test_litellm_rows() -> None:
    expected = CHAT | {
        "request_id": "chatcmpl-2",
        "ts": "2026-05-01T12:30:15.250Z",
        "account_id": LITELLM["api_key"],
        "org_id": "team-1",
        "end_user": "person-9",
        "session_id": "s-1",
        "ip": "198.51.100.7",
        "user_agent": "sdk/1.2",
        "email_domain": "example.org",
        "provider": "openai",
        "endpoint": "acompletion",
        "model": "large-4",
        "status": 200,
        "stream": True,
        "tools": 1,
        "latency_ms": 2000.0,
        "ttft_ms": 500.0,
    }
    for name in ("n", "max_tok", "logprobs", "thinking"):
        del expected[name]
    assert columns(LITELLM) == expected
    opened = {
        key: json.loads(value) if isinstance(value, str) and value.startswith(("[", "{")) else value
        for key, value in LITELLM.items()
    }
    assert columns(opened) == expected


def test_litellm_rows_of_responses() -> None:
    """What was asked is in messages: as messages, as items of which some are none, or as text."""
    request = {key: REQUEST[key] for key in REQUEST if key != "input"}
    row = LITELLM | {
        "call_type": "aresponses",
        "messages": "{}",
        "proxy_server_request": json.dumps(REQUEST),
        "response": json.dumps(RESPONSE),
    }
    own = columns(LITELLM | {"messages": "{}", "response": "{}", "proxy_server_request": "{}"})
    expected = ANSWERED | ASKED | own | {"endpoint": "aresponses"}
    assert columns(row) == expected
    apart = row | {"proxy_server_request": request}
    assert columns(apart | {"messages": REQUEST["input"]}) == expected
    assert columns(apart | {"messages": "Hello"})["prompt"] == "Hello"
    failed = {"call_type": "aresponses", "messages": "Hello", "response": {}}
    assert columns(LITELLM | failed)["prompt"] == "Hello"


def test_litellm_rows_of_anthropic() -> None:
    bodies = {"proxy_server_request": ANTHROPIC_REQUEST, "response": ANTHROPIC_RESPONSE}
    found = columns(LITELLM | bodies | {"call_type": "anthropic_messages", "messages": "{}"})
    assert (found["prompt"], found["completion"]) == ("The question", "One.\nTwo.")
    assert (found["reasoning"], found["stop_reason"]) == ("Thought about it", "end_turn")
    assert (found["in_tok"], found["cached_tok"]) == (40, 4)


def test_what_litellm_writes_in_place_of_a_value_is_counted() -> None:
    wrong = {"model": {"x": 1}, "prompt_tokens": [1], "startTime": {"x": 1}, "session_id": ["s"]}
    found, unreadable = read(LITELLM | wrong, "litellm")
    assert unreadable == {"ts", "session_id"}
    assert (found["model"], found["in_tok"]) == ("large-4-0613", 40)  # the bodies say it, too


@given(spoilt(LITELLM, LITELLM | {"proxy_server_request": REQUEST, "response": RESPONSE}))
def test_spoilt_rows_break_nothing(record: dict[str, Any]) -> None:
    survives(record)


def test_litellm_without_prompt_storage_has_no_content_and_no_first_token() -> None:
    bare = LITELLM | {
        "messages": "{}",
        "response": {},
        "proxy_server_request": "{}",
        "completionStartTime": LITELLM["endTime"],
        "status": "failure",
        "metadata": {"error_information": {"error_code": "429", "error_class": "RateLimitError"}},
    }
    found = columns(bare)
    assert not {"prompt", "system", "completion", "n_turns", "ttft_ms", "stream"} & found.keys()
    assert (found["status"], found["error_type"]) == (429, "RateLimitError")
    assert found["in_tok"] == 40


def test_canonical_records_and_what_only_looks_like_them() -> None:
    record = {"prompt": "p", "account_id": "a", "junk": {"x": 1}}
    assert columns(record) == {"prompt": "p", "account_id": "a"}
    # An unknown shape with one familiar word in it is not taken for canonical.
    assert not any(k.matches({"when": 1, "who": 2, "model": "m", "said": "x"}) for k in KNOWN)
    # Content of its own beside messages: the record speaks for itself.
    assert columns({**record, "messages": []})["prompt"] == "p"


def test_a_mapping_adds_and_wins() -> None:
    record = AROUND | {"request": OPENAI_REQUEST, "response": OPENAI_RESPONSE, "tls": {"a.b": "x"}}
    found = columns(
        record, account_id="org", prompt="request.messages[1].content", ja4='tls["a.b"]'
    )
    assert found["account_id"] == "org-1"
    assert found["prompt"] == "First question"
    assert found["ja4"] == "x"
    assert found["completion"] == "Second answer"


def test_an_unknown_shape_by_mapping_alone() -> None:
    record = {"who": "k", "deep": '{"said": [{"text": "a"}, {"text": "b"}]}', "a.b[0]": "flat"}
    found, _ = read(
        record, "mapped", account_id="who", prompt="deep.said[-1].text", session_id="a.b[0]"
    )
    assert found == {"account_id": "k", "prompt": "b", "session_id": "flat"}


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
@pytest.mark.parametrize(
    "record",
    [
        {},
        {"request": 1, "response": "x"},
        {"messages": [1, 2], "response": []},
        {"request": {"messages": [{"role": 1, "content": 2}]}, "response": {"choices": [[]]}},
        {"request": {"messages": [{"role": "user"}], "tools": 3}, "response": {"choices": [{}]}},
        {"response": {"content": [1, {"type": "text"}], "stop_reason": 4, "usage": 7}},
        {"startTime": [], "call_type": 3, "api_key": {}, "metadata": [], "request_tags": [1]},
        {"startTime": "x", "endTime": True, "response_time": "y", "error_information": "z"},
        {"prompt": ["x"], "choices": 3, "model": {}},
        {"body": {"body": {"body": {}}}, "headers": {"user-agent": []}},
    ],
)
def test_odd_records_break_nothing(known: Any, record: dict[str, Any]) -> None:
    known.matches(record)
    converted = Converter(known, ReadOptions()).convert(record)
    if converted is not None:
        coerce(converted)
