"""Spans in each of the conventions, and the spans around them that are no calls of a model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.formats.provider_records import dialogue
from tests.formats.reading import claimed, columns, imported
from tests.formats.span_records import (
    BEGAN,
    CURRENT,
    EVENTS,
    IN_AN_EVENT,
    INDEXED,
    INFERENCE,
    PERSON,
    SETTINGS,
    STRUCTURED,
    attributes,
    document,
    span,
)
from workbench.domain.ports import ReadOptions
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.beginning import absent_fields
from workbench.formats.detect import detect
from workbench.formats.known import Converter, format_named
from workbench.formats.opening import opened

if TYPE_CHECKING:
    from pathlib import Path

CALLER = {
    "account_id": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05",
    "org_id": "team-1",
    "end_user": "person-9",
    "ip": "198.51.100.7",
    "country": "DE",
    "user_agent": "sdk/1.2",
    "ja3": "d4e5b18d6b55c71272893221c96ba240",
    "email_domain": "example.org",
}


#: What every convention tells of the conversation; what else was in it not all of them keep.
EARLIER = (("system", {"in": "system"}), ("user", {"text": "First question"}))
COMMON = CALLER | {
    "request_id": "chatcmpl-1",
    "ts": str(BEGAN),
    "session_id": "s-1",
    "provider": "openai",
    "endpoint": "chat",
    "model": "large-4-0613",
    "status": 200,
    "stop_reason": "stop",
    "stream": True,
    "in_tok": 40,
    "out_tok": 7,
    "reasoning_tok": 5,
    "cached_tok": 3,
    "temperature": 0.2,
    "max_tok": 300,
    "n_turns": 2,
    "tools": 2,
    "latency_ms": 2000.0,
    "system": "Be brief.",
    "prompt": "Second question",
    "completion": "Second answer",
}
TURNS = (
    *EARLIER,
    ("assistant", {"text": "First answer"}),
    (
        "user",
        {"in": "prompt"},
        {
            "media": "image",
            "bytes": 2,
            "sha256": "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
        },
    ),
    ("assistant", {"call": "f", "arguments": '{"x":"1"}'}),
    ("tool", {"result_of": "", "parts": [{"text": "42"}]}),
)
NOW = COMMON | {
    "dialogue": dialogue(
        *TURNS, ("assistant", {"in": "completion"}), ("assistant", {"text": "Another"})
    ),
    "n": 2,
    "thinking": True,
    "ttft_ms": 500.0,
    "system": "Be brief.\nIn short.",
    "reasoning": "Thought about it",
}


def without(expected: dict[str, Any], *names: str) -> dict[str, Any]:
    return {column: value for column, value in expected.items() if column not in names}


@pytest.mark.parametrize("record", [CURRENT, STRUCTURED, IN_AN_EVENT])
def test_the_conventions_as_they_are_now(record: dict[str, Any]) -> None:
    assert columns(record, "opentelemetry") == NOW


def test_one_attribute_a_message() -> None:
    assert columns(INDEXED, "opentelemetry") == COMMON | {
        "dialogue": dialogue(
            *EARLIER,
            ("assistant", {"call": "f"}),
            ("user", {"in": "prompt"}, {"media": "image"}),
        )
    }


def test_one_event_a_message() -> None:
    unsaid = ("stream", "reasoning_tok", "cached_tok", "temperature", "max_tok", "tools")
    assert columns(EVENTS, "opentelemetry") == without(COMMON, *unsaid) | {
        "dialogue": dialogue(
            *EARLIER, ("assistant", {"text": "First answer"}), ("user", {"in": "prompt"})
        ),
        "request_id": "eee19b7ec3c1b174",
        "session_id": "5b8efff798038103d269b633813fc60c",
        "provider": "az.ai.inference",
    }


def test_open_inference() -> None:
    assert columns(INFERENCE, "opentelemetry") == without(COMMON, "endpoint", "stop_reason") | {
        "dialogue": dialogue(*EARLIER, ("user", {"in": "prompt"}, {"media": "image"})),
        "request_id": "eee19b7ec3c1b174",
        "n": 2,
        "logprobs": True,
        "thinking": True,
    }


BARE = {"gen_ai.request.model": "m"}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            span(
                BARE,
                ("gen_ai.user.message", {"content": '[{"text": "q"}, {"toolUse": {}}]'}),
                (
                    "gen_ai.choice",
                    {"message": '[{"text": "a"}]', "finish_reason": "end_turn"},
                ),
            ),
            {"prompt": "q", "completion": "a", "stop_reason": "end_turn", "n_turns": 1},
        ),
        (
            span(
                BARE,
                ("gen_ai.content.prompt", {"gen_ai.prompt": '[{"role":"user","content":"q"}]'}),
                ("gen_ai.content.completion", {"gen_ai.completion": '{"role":"boss","a":1}'}),
            ),
            {"prompt": "q", "n_turns": 1, "completion": '{"role":"boss","a":1}'},
        ),
        (
            span(BARE, ("gen_ai.choice", {"message": '{"role": "assistant", "content": "a"}'})),
            {"completion": "a"},
        ),
        (span(BARE | {"gen_ai.prompt": "q", "gen_ai.completion": "a"}), {"prompt": "q"}),
        (
            span(
                BARE
                | {
                    "llm.prompts.0.prompt.text": "q",
                    "llm.choices.0.completion.text": "a",
                    "llm.choices.1.completion.text": "b",
                }
            ),
            {"prompt": "q", "completion": "a"},
        ),
        (
            span(
                BARE
                | {
                    "input.value": '{"messages": [{"role": "user", "content": "q"}], "n": 3}',
                    "output.value": '{"choices": [{"message": {"content": "a"}}]}',
                }
            ),
            {"prompt": "q", "completion": "a", "n_turns": 1},
        ),
        (span(BARE | {"input.value": "q", "output.value": "a"}), {"prompt": "q"}),
        (span(BARE | {"input.value": '{"x": 1}'}), {"prompt": '{"x": 1}'}),
        # What somebody wrote may be JSON, too.
        (
            span(BARE | {"gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": '[{"a": 1}]'}),
            {"prompt": '[{"a": 1}]'},
        ),
        *(
            (
                span(BARE | {"gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": text}),
                {"prompt": text},
            )
            for text in ('[{"type": "shop"}]', '{"role": "user", "content": "q"}', "[]", "[1]")
        ),
        (
            span(BARE | {"gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": ""}),
            {"prompt": ""},
        ),
        (
            span(BARE | {"gen_ai.system_instructions": "S", "gen_ai.input.messages": "q"}),
            {"system": "S", "prompt": "q"},
        ),
        (
            span(
                BARE
                | {
                    "gen_ai.output.messages": [
                        {"role": "assistant", "parts": [{"type": "tool_call", "name": "f"}]}
                    ]
                }
            ),
            {"completion": None, "prompt": None},
        ),
    ],
)
def test_what_was_said_in_other_places(record: dict[str, Any], expected: dict[str, Any]) -> None:
    found = columns(record, "opentelemetry")
    assert {column: found.get(column) for column in expected} == expected


STEPS: list[dict[str, Any]] = [
    span(
        {"http.request.method": "POST", "url.full": "https://x", "http.response.status_code": 200}
    ),
    span({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "f"}),
    span({"gen_ai.operation.name": "embeddings", "gen_ai.request.model": "e-1"}),
    span(SETTINGS | {"gen_ai.operation.name": "invoke_agent"}),
    span({"gen_ai.operation.name": "search_memory", "gen_ai.request.model": "m"}),
    span({"openinference.span.kind": "RETRIEVER", "input.value": "q"}),
    span({"openinference.span.kind": "CHAIN", "llm.model_name": "m", "input.value": "q"}),
    span({"traceloop.span.kind": "workflow", "traceloop.entity.input": "{}"}),
    span({"llm.request.type": "embedding", "gen_ai.request.model": "e-1"}),
    span({"db.system": "postgresql"}),
    span({}),
]


def test_other_spans_are_no_exchanges(tmp_path: Path) -> None:
    for step in STEPS:
        assert claimed(step) == ["opentelemetry"]
        assert Converter(format_named("opentelemetry"), ReadOptions()).convert(step) is None
    data = json.dumps(document(STEPS[0], CURRENT, *STEPS[1:], EVENTS)).encode()
    loaded, rejected, detection = imported(tmp_path / "log", data)
    assert detection == "opentelemetry"
    assert [row["record_no"] for row in loaded] == [2, len(STEPS) + 2]
    assert [row["record_no"] for row in rejected] == [1, *range(3, len(STEPS) + 2)]
    assert {row["reason"][:11] for row in rejected} == {"no exchange"}
    assert [json.loads(row["raw"]) for row in rejected] == STEPS
    for row in rejected:
        assert data[row["byte_offset"] :].startswith(row["raw"])


@pytest.mark.parametrize(
    "named",
    [
        {"gen_ai.operation.name": "text_completion"},
        {"gen_ai.operation.name": "generate_content"},
        {"gen_ai.operation.name": "responses", "gen_ai.request.model": "m"},
        {"gen_ai.span.kind": "llm"},
        {"openinference.span.kind": "LLM"},
        {"gen_ai.prompt.0.role": "user"},
        {"gen_ai.usage.input_tokens": 3},
    ],
)
def test_calls_by_what_they_are_called_or_by_what_they_have(named: dict[str, Any]) -> None:
    assert columns(span(named), "opentelemetry")["ts"] == str(BEGAN)


@pytest.mark.parametrize(
    ("record", "status", "error"),
    [
        (span(BARE | {"error.type": "429"}, status={"code": 2}), 429, "429"),
        (span(BARE, status={"code": 2, "message": "timed out"}), None, "timed out"),
        (span(BARE, status={"code": "STATUS_CODE_ERROR"}), None, None),
        (
            span(BARE, ("exception", {"exception.type": "openai.RateLimitError"})),
            None,
            "openai.RateLimitError",
        ),
        (span(BARE | {"error.type": "timeout", "http.response.status_code": 504}), 504, "timeout"),
        (span(BARE | {"gen_ai.usage.output_tokens": 0}), 200, None),
        (span(BARE), None, None),
    ],
)
def test_how_it_ended(record: dict[str, Any], status: int | None, error: str | None) -> None:
    found = columns(record, "opentelemetry")
    assert (found.get("status"), found.get("error_type")) == (status, error)


def test_what_the_resource_says_holds_where_the_span_says_nothing() -> None:
    around = attributes({"user.id": "resource", "enduser.id": "e", "client.address": "192.0.2.1"})
    record = span(BARE | {"user.id": "span"}, resource={"attributes": around})
    found = columns(record, "opentelemetry")
    assert (found["end_user"], found["ip"]) == ("span", "192.0.2.1")


def test_attributes_as_one_object() -> None:
    """As CloudWatch's transaction search and files of the SDKs have them."""
    record = span({}) | {
        "attributes": {"gen_ai.request.model": "m", "gen_ai.response.finish_reasons": ["stop"]},
        "startTimeUnixNano": BEGAN,
        "events": [{"name": "gen_ai.user.message", "attributes": {"content": "q"}}],
    }
    found = columns(record, "opentelemetry")
    assert (found["model"], found["prompt"], found["stop_reason"]) == ("m", "q", "stop")
    assert found["ts"] == BEGAN


def test_attributes_are_mapped_by_their_names() -> None:
    record = span(BARE | {"app.key": "key-7"})
    mapping = {
        "account_id": 'attributes["app.key"]',
        "asn": 'resource.attributes["asn"]',
    }
    line = json.dumps(document(record, resource={"asn": 64500})).encode()
    recipe = Recipe("lines", "opentelemetry", ReadOptions("", mapping))
    (row,) = Adapter(recipe).read(line).records.to_pylist()
    assert (row["account_id"], row["asn"], row["model"]) == ("key-7", 64500, "m")
    parts = opened(line)
    assert parts is not None
    records = [part.record for part in parts if part.record is not None]
    assert absent_fields(records, (), mapping) == ()
    assert absent_fields(records, (), {"account_id": 'attributes["no"]'}) == ('attributes["no"]',)


RECORDS = (CURRENT, STRUCTURED, IN_AN_EVENT, INDEXED, EVENTS, INFERENCE)


@pytest.mark.parametrize("record", RECORDS)
def test_a_span_alone_reads_as_in_its_document(record: dict[str, Any]) -> None:
    """As a reject is written out and imported again."""
    adapter = Adapter(Recipe("lines", "opentelemetry"))
    alone = adapter.read(json.dumps(record).encode()).records.to_pylist()
    inside = adapter.read(json.dumps(document(record)).encode()).records.to_pylist()
    place = ("record_no", "byte_offset")
    assert [{k: v for k, v in row.items() if k not in place} for row in alone] == [
        {k: v for k, v in row.items() if k not in place} for row in inside
    ]


def test_the_reason_says_where_spans_lie(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(json.dumps(document(CURRENT, *STEPS)))
    assert detect(path, ReadOptions()).detection.reason == (
        "keys spanId, traceId, attributes, resource, scope, parentSpanId in 12 of 12 records, "
        "inside resourceSpans[].scopeSpans[].spans[]"
    )


def test_who_called_is_read_in_every_convention() -> None:
    for record in RECORDS:
        found = columns(record)
        assert {column: found[column] for column in CALLER} == CALLER
    assert PERSON.keys() <= {pair["key"] for pair in CURRENT["attributes"]}
