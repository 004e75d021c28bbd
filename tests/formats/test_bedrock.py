"""Amazon Bedrock's invocation log: the bodies of each model, whole, as text and as events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.formats.provider_records import (
    ANTHROPIC_DIALOGUE,
    ANTHROPIC_REQUEST,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
    dialogue,
)
from tests.formats.reading import Path, claimed, columns, read, spoilt, survives, with_value
from workbench.formats.adapter import Adapter, Recipe

NAME = "bedrock"
ARN = "arn:aws:sts::111122223333:assumed-role/app/session-1"
RECORD: dict[str, Any] = {
    "schemaType": "ModelInvocationLog",
    "schemaVersion": "1.0",
    "timestamp": "2026-05-01T12:30:15Z",
    "accountId": "111122223333",
    "identity": {"arn": ARN},
    "region": "us-east-1",
    "requestId": "r-1",
    "operation": "InvokeModel",
    "modelId": "maker.model-v1:0",
    "input": {"inputContentType": "application/json", "inputTokenCount": 40},
    "output": {"outputContentType": "application/json", "outputTokenCount": 7},
    "requestMetadata": {"user_id": "person-9", "sessionId": "s-1"},
}
AROUND = {
    "request_id": "r-1",
    "ts": "2026-05-01T12:30:15Z",
    "account_id": ARN,
    "org_id": "111122223333",
    "end_user": "person-9",
    "session_id": "s-1",
    "endpoint": "InvokeModel",
    "model": "maker.model-v1:0",
    "status": 200,
    "stream": False,
    "in_tok": 40,
    "out_tok": 7,
}
METRICS = {
    "amazon-bedrock-invocationMetrics": {
        "inputTokenCount": 40,
        "outputTokenCount": 7,
        "invocationLatency": 2000,
        "firstByteLatency": 500,
    }
}
TIMED = {"latency_ms": 2000.0, "ttft_ms": 500.0}

TITAN = {
    "inputText": "The question",
    "textGenerationConfig": {"maxTokenCount": 300, "temperature": 0.2},
}
TITAN_ANSWER = {
    "inputTextTokenCount": 40,
    "results": [{"tokenCount": 7, "outputText": "The answer", "completionReason": "FINISH"}],
}
TITAN_EVENTS = [
    {"outputText": "The ", "index": 0, "inputTextTokenCount": 40},
    {
        "outputText": "answer",
        "index": 0,
        "totalOutputTextTokenCount": 7,
        "completionReason": "FINISH",
        **METRICS,
    },
]
LLAMA = {"prompt": "<|user|>The question", "max_gen_len": 300, "temperature": 0.2}
LLAMA_ANSWER = {
    "generation": "The answer",
    "prompt_token_count": 40,
    "generation_token_count": 7,
    "stop_reason": "stop",
}
LLAMA_EVENTS = [
    {"generation": "The ", "prompt_token_count": 40, "stop_reason": None},
    {"generation": "answer", "generation_token_count": 7, "stop_reason": "stop", **METRICS},
]
CONVERSE: dict[str, Any] = {
    "system": [{"text": "Be brief."}],
    "messages": [
        {"role": "user", "content": [{"text": "First question"}]},
        {"role": "assistant", "content": [{"text": "A"}]},
        {
            "role": "user",
            "content": [
                {"guardContent": {"text": {"text": "The question", "qualifiers": ["query"]}}},
                {"image": {"format": "png", "source": {"bytes": "aaaa"}}},
            ],
        },
        {"role": "user", "content": [{"toolResult": {"toolUseId": "t", "content": []}}]},
    ],
    "inferenceConfig": {"maxTokens": 300, "temperature": 0.2},
    "toolConfig": {"tools": [{"toolSpec": {"name": "x"}}]},
    "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
}
CONVERSE_ANSWER: dict[str, Any] = {
    "output": {
        "message": {
            "role": "assistant",
            "content": [
                {"reasoningContent": {"reasoningText": {"text": "Thought", "signature": "s"}}},
                {"text": "The answer"},
                {"toolUse": {"toolUseId": "t", "name": "x", "input": {}}},
            ],
        }
    },
    "stopReason": "end_turn",
    "metrics": {"latencyMs": 2000},
    "usage": {"inputTokens": 40, "outputTokens": 7, "totalTokens": 47},
}
CONVERSE_EVENTS: list[dict[str, Any]] = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"delta": {"reasoningContent": {"text": "Tho"}}, "contentBlockIndex": 0}},
    {
        "contentBlockDelta": {
            "delta": {"reasoningContent": {"text": "ught"}},
            "contentBlockIndex": 0,
        }
    },
    {"contentBlockDelta": {"delta": {"text": "The "}, "contentBlockIndex": 1}},
    {"contentBlockDelta": {"delta": {"text": "answer"}, "contentBlockIndex": 1}},
    {
        "contentBlockStart": {
            "start": {"toolUse": {"toolUseId": "t", "name": "x"}},
            "contentBlockIndex": 2,
        }
    },
    {"contentBlockDelta": {"delta": {"toolUse": {"input": "{"}}, "contentBlockIndex": 2}},
    {"contentBlockDelta": {"delta": {"toolUse": {"input": "}"}}, "contentBlockIndex": 2}},
    {"contentBlockStop": {"contentBlockIndex": 1}},
    {"messageStop": {"stopReason": "end_turn"}},
    {
        "metadata": {
            "usage": {"inputTokens": 40, "outputTokens": 7},
            "metrics": {"latencyMs": 2000},
        }
    },
]
CLAUDE_ANSWER: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "content": [
        {"type": "thinking", "thinking": "Thought"},
        {"type": "text", "text": "The answer"},
    ],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 40, "output_tokens": 7},
}
CLAUDE_EVENTS: list[Any] = [
    {"type": "message_start", "message": {"id": "msg_1", "usage": {"input_tokens": 40}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking"}},
    {"type": "content_block_delta", "index": 0, "delta": {"thinking": "Thought"}},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 1, "delta": {"text": "The answer"}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}},
    {"type": "message_stop", **METRICS},
    "[DONE]",
]
SETTINGS = {"temperature": 0.2, "max_tok": 300}
CONVERSED = SETTINGS | {
    "dialogue": dialogue(
        ("user", {"text": "First question"}),
        ("assistant", {"text": "A"}),
        (
            "user",
            {"in": "prompt"},
            {
                "media": "image",
                "type": "image/png",
                "bytes": 3,
                "sha256": "bba9db5e8be9b6876bb90d0018115e23fc741ba6bf2325e7fcf88efed750c4c7",
            },
        ),
        ("user", {"result_of": "t", "parts": []}),
        ("assistant", {"in": "completion"}, {"call": "x", "id": "t", "arguments": "{}"}),
    ),
    "system": "Be brief.",
    "prompt": "The question",
    "n_turns": 2,
    "tools": 1,
    "thinking": True,
    "completion": "The answer",
    "reasoning": "Thought",
    "stop_reason": "end_turn",
    "latency_ms": 2000.0,
}
CLAUDED = SETTINGS | {
    "dialogue": ANTHROPIC_DIALOGUE,
    "system": "Be brief.",
    "prompt": "The question",
    "n_turns": 1,
    "tools": 1,
    "thinking": True,
    "completion": "The answer",
    "reasoning": "Thought",
    "stop_reason": "end_turn",
}
TITANED = SETTINGS | {
    "prompt": "The question",
    "completion": "The answer",
    "stop_reason": "FINISH",
}
LLAMAED = SETTINGS | {
    "prompt": "<|user|>The question",
    "completion": "The answer",
    "stop_reason": "stop",
}
MODELS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "titan": (TITAN, TITAN_ANSWER, TITANED),
    "titan events": (TITAN, TITAN_EVENTS, TITANED | TIMED),
    "llama": (LLAMA, LLAMA_ANSWER, LLAMAED),
    "llama events": (LLAMA, LLAMA_EVENTS, LLAMAED | TIMED),
    "converse": (CONVERSE, CONVERSE_ANSWER, CONVERSED),
    "converse events": (CONVERSE, CONVERSE_EVENTS, CONVERSED),
    "nova": (CONVERSE | {"schemaVersion": "messages-v1"}, CONVERSE_ANSWER, CONVERSED),
    "anthropic": (ANTHROPIC_REQUEST, CLAUDE_ANSWER, CLAUDED),
    "anthropic events": (ANTHROPIC_REQUEST, CLAUDE_EVENTS, CLAUDED | TIMED),
}


def logged(request: Any, response: Any, **around: Any) -> dict[str, Any]:
    """A record of the log with these bodies."""
    bodies = {
        "input": RECORD["input"] | {"inputBodyJson": request},
        "output": RECORD["output"] | {"outputBodyJson": response},
    }
    return RECORD | bodies | around


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("as_text", [False, True])
def test_each_model(model: str, as_text: bool) -> None:
    request, response, expected = MODELS[model]
    wrap = json.dumps if as_text else (lambda body: body)
    assert columns(logged(wrap(request), wrap(response)), NAME) == AROUND | expected


@pytest.mark.parametrize("model", MODELS)
def test_counts_that_only_the_bodies_have(model: str) -> None:
    request, response, expected = MODELS[model]
    record = logged(request, response)
    for place, key in (("input", "inputTokenCount"), ("output", "outputTokenCount")):
        record[place] = {k: v for k, v in record[place].items() if k != key}
    assert columns(record, NAME) == AROUND | expected


def test_chat_completions_on_bedrock() -> None:
    found = columns(logged(OPENAI_REQUEST, OPENAI_RESPONSE), NAME)
    assert found["system"] == "Be brief."
    assert found["prompt"] == "Second question"
    assert found["completion"] == "Second answer"
    assert found["reasoning"] == "Thought about it"
    assert (found["stop_reason"], found["reasoning_tok"]) == ("stop", 5)
    assert (found["n"], found["logprobs"], found["thinking"]) == (2, True, True)


def test_openais_bodies_name_the_person_where_the_log_does_not() -> None:
    record = logged(OPENAI_REQUEST | {"reasoning_effort": "None"}, OPENAI_RESPONSE)
    found = columns(record | {"requestMetadata": None}, NAME)
    assert (found["end_user"], found["thinking"]) == ("person-9", False)


def test_a_count_that_is_none_gives_way_to_that_of_the_body() -> None:
    record = with_value(logged(CONVERSE, CONVERSE_ANSWER), ("input", "inputTokenCount"), {"a": 1})
    assert columns(record, NAME)["in_tok"] == 40


def test_a_guardrail_streams_a_block_a_word() -> None:
    events = [
        {"contentBlockDelta": {"delta": {"text": word}, "contentBlockIndex": index}}
        for index, word in enumerate(("On", " the", " first", " night"))
    ]
    assert columns(logged(CONVERSE, events), NAME)["completion"] == "On the first night"


def test_cached_tokens_are_input_too() -> None:
    record = logged(CONVERSE, CONVERSE_ANSWER)
    record["input"] |= {"cacheReadInputTokenCount": 100, "cacheWriteInputTokenCount": 20}
    found = columns(record, NAME)
    assert (found["in_tok"], found["cached_tok"]) == (160, 100)
    usage = {"input_tokens": 40, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 2}
    found = columns(logged(ANTHROPIC_REQUEST, CLAUDE_ANSWER | {"usage": usage}), NAME)
    assert (found["in_tok"], found["cached_tok"]) == (45, 3)


@pytest.mark.parametrize(
    ("code", "status"),
    [("ThrottlingException", 429), ("ValidationException", 400), ("SomethingNew", None)],
)
def test_errors(code: str, status: int | None) -> None:
    record = {key: value for key, value in RECORD.items() if key != "output"}
    found = columns(record | {"errorCode": code}, NAME)
    assert (found["error_type"], found.get("status")) == (code, status)


def test_what_is_not_there_stays_null() -> None:
    apart = logged(None, None)
    apart["input"] = RECORD["input"] | {"inputBodyS3Path": "s3://b/k"}
    assert columns(apart, NAME) == AROUND
    bare = {key: RECORD[key] for key in ("schemaType", "requestId")}
    assert columns(bare, NAME) == {"request_id": "r-1"}
    without_schema = {k: v for k, v in RECORD.items() if not k.startswith("schema")}
    assert columns(without_schema, NAME) == AROUND


@pytest.mark.parametrize(
    ("operation", "stream"),
    [("ConverseStream", True), ("InvokeModelWithResponseStream", True), ("Other", None)],
)
def test_whether_it_was_streamed(operation: str, stream: bool | None) -> None:
    found = columns(RECORD | {"operation": operation}, NAME)
    assert found.get("stream") is stream


def test_fields_beside_that_other_formats_would_take() -> None:
    odd = RECORD | {"system": "s", "messages": [{"role": "user", "content": "not asked"}]}
    assert columns(odd, NAME) == AROUND
    assert claimed(odd | {"model": "m", "choices": []}) == [NAME]


@pytest.mark.parametrize("fast", [True, False])
def test_in_a_canonical_file_it_is_read_as_what_it_is(fast: bool) -> None:
    lines = [{"prompt": "p", "model": "m"}, logged(TITAN, TITAN_ANSWER, system="odd")]
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    parsed = Adapter(Recipe("lines", "canonical"), fast=fast).read(data)
    assert parsed.records.column("prompt").to_pylist() == ["p", "The question"]


@pytest.mark.parametrize(
    ("path", "column", "junk"),
    [
        *[(("identity", "arn"), "account_id", junk) for junk in ({"a": 1}, [1], True)],
        *[(("input", "inputTokenCount"), "in_tok", junk) for junk in (True, "many")],
        *[(("input", "inputBodyJson"), "prompt", junk) for junk in ([1], 5, True, "{torn")],
        *[(("output", "outputBodyJson"), "completion", j) for j in ([1], 5, True, "[torn")],
        (("input", "inputBodyJson", "messages"), "prompt", {"a": 1}),
        (("input", "inputBodyJson", "messages"), "prompt", [1]),
        (("input", "inputBodyJson", "system"), "system", {"a": 1}),
        (("input", "inputBodyJson", "toolConfig", "tools"), "tools", {"a": 1}),
        (("output", "outputBodyJson", "output", "message", "content"), "completion", {"a": 1}),
        (("errorCode",), "error_type", {"a": 1}),
        (("timestamp",), "ts", {"a": 1}),
    ],
)
def test_a_wrong_type_is_null_and_counted(path: Path, column: str, junk: Any) -> None:
    found, unreadable = read(with_value(logged(CONVERSE, CONVERSE_ANSWER), path, junk), NAME)
    assert column not in found
    assert column in unreadable


@given(spoilt(*(logged(request, response) for request, response, _ in MODELS.values())))
def test_spoilt_records_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
