"""Spans of model calls as the three conventions write them, every field that is read filled."""

from __future__ import annotations

import json
from typing import Any

Record = dict[str, Any]

BEGAN = 1_777_638_615_250_000_000  # 2026-05-01T12:30:15.250Z


def value(of: Any) -> Record:
    """A value as OTLP's JSON types it; integers, 64 bits wide, are text."""
    if isinstance(of, bool):
        return {"boolValue": of}
    if isinstance(of, int):
        return {"intValue": str(of)}
    if isinstance(of, float):
        return {"doubleValue": of}
    if isinstance(of, list):
        return {"arrayValue": {"values": [value(each) for each in of]}}
    if isinstance(of, dict):
        return {"kvlistValue": {"values": attributes(of)}}
    return {"stringValue": of}


def attributes(of: Record) -> list[Record]:
    return [{"key": key, "value": value(each)} for key, each in of.items()]


def span(of: Record, *events: tuple[str, Record], **fields: Any) -> Record:
    """A span with these attributes and events."""
    return {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "parentSpanId": "eee19b7ec3c1b173",
        "flags": 257,
        "name": "chat large-4",
        "kind": 3,
        "startTimeUnixNano": str(BEGAN),
        "endTimeUnixNano": str(BEGAN + 2_000_000_000),
        "attributes": attributes(of),
        "events": [
            {"timeUnixNano": str(BEGAN), "name": name, "attributes": attributes(each)}
            for name, each in events
        ],
        "status": {},
    } | fields


def document(*spans: Record, resource: Record | None = None) -> Record:
    """One export of a collector."""
    around = {"service.name": "gateway", "service.version": "1.2"} if resource is None else resource
    scope = {"name": "opentelemetry.instrumentation.openai", "version": "1"}
    scoped = [{"scope": scope, "spans": list(spans)}]
    return {
        "resourceSpans": [
            {"resource": {"attributes": attributes(around)}, "scopeSpans": scoped, "schemaUrl": ""}
        ]
    }


PERSON = {
    "user.id": "person-9",
    "user.email": "who@Example.org",
    "client.address": "198.51.100.7",
    "user_agent.original": "sdk/1.2",
    "geo.country.iso_code": "DE",
    "tls.client.ja3": "d4e5b18d6b55c71272893221c96ba240",
    "metadata.user_api_key_hash": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05",
    "metadata.user_api_key_team_id": "team-1",
    "http.response.status_code": 200,
}
ASKED = [
    {"role": "system", "parts": [{"type": "text", "content": "In short."}]},
    {"role": "user", "parts": [{"type": "text", "content": "First question"}]},
    {"role": "assistant", "parts": [{"type": "text", "content": "First answer"}]},
    {
        "role": "user",
        "parts": [
            {"type": "text", "content": "Second question"},
            {"type": "blob", "modality": "image", "content": "aGk="},
        ],
    },
    {"role": "assistant", "parts": [{"type": "tool_call", "name": "f", "arguments": {"x": "1"}}]},
    {"role": "tool", "parts": [{"type": "tool_call_response", "response": "42"}]},
]
ANSWERED = [
    {
        "role": "assistant",
        "parts": [
            {"type": "reasoning", "content": "Thought about it"},
            {"type": "text", "content": "Second answer"},
        ],
        "finish_reason": "stop",
    },
    {"role": "assistant", "parts": [{"type": "text", "content": "Another"}]},
]
TOOLS = [{"type": "function", "name": "f"}, {"type": "function", "name": "g"}]
SETTINGS = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "large-4",
    "gen_ai.response.model": "large-4-0613",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.request.temperature": 0.2,
    "gen_ai.request.max_tokens": 300,
    "gen_ai.request.choice.count": 2,
    "gen_ai.request.stream": True,
    "gen_ai.request.reasoning.level": "high",
    "gen_ai.response.finish_reasons": ["stop", "length"],
    "gen_ai.response.time_to_first_chunk": 0.5,
    "gen_ai.conversation.id": "s-1",
    "gen_ai.usage.input_tokens": 40,
    "gen_ai.usage.output_tokens": 7,
    "gen_ai.usage.reasoning.output_tokens": 5,
    "gen_ai.usage.cache_read.input_tokens": 3,
}
INSTRUCTIONS = [{"type": "text", "content": "Be brief."}]
#: The conventions as they are now, messages as JSON text.
CURRENT = span(
    PERSON
    | SETTINGS
    | {
        "gen_ai.provider.name": "openai",
        "gen_ai.input.messages": json.dumps(ASKED),
        "gen_ai.output.messages": json.dumps(ANSWERED),
        "gen_ai.system_instructions": json.dumps(INSTRUCTIONS),
        "gen_ai.tool.definitions": json.dumps(TOOLS),
    }
)
#: The same, structured: as attributes, and in the event that holds them apart.
STRUCTURED = span(
    PERSON
    | SETTINGS
    | {
        "gen_ai.provider.name": "openai",
        "gen_ai.input.messages": ASKED,
        "gen_ai.output.messages": ANSWERED,
        "gen_ai.system_instructions": INSTRUCTIONS,
        "gen_ai.tool.definitions": TOOLS,
    }
)
IN_AN_EVENT = span(
    PERSON | SETTINGS | {"gen_ai.provider.name": "openai", "gen_ai.tool.definitions": TOOLS},
    (
        "gen_ai.client.inference.operation.details",
        {
            "gen_ai.input.messages": ASKED,
            "gen_ai.output.messages": ANSWERED,
            "gen_ai.system_instructions": INSTRUCTIONS,
        },
    ),
)
#: OpenLLMetry: one attribute a message.
INDEXED = span(
    PERSON
    | {
        "gen_ai.system": "openai",
        "llm.request.type": "chat",
        "gen_ai.request.model": "large-4",
        "gen_ai.response.model": "large-4-0613",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.request.temperature": 0.2,
        "gen_ai.request.max_tokens": 300,
        "llm.is_streaming": True,
        "traceloop.association.properties.session_id": "s-1",
        "gen_ai.usage.prompt_tokens": 40,
        "gen_ai.usage.completion_tokens": 7,
        "gen_ai.usage.reasoning_tokens": 5,
        "gen_ai.usage.cache_read_input_tokens": 3,
        "gen_ai.prompt.0.role": "system",
        "gen_ai.prompt.0.content": "Be brief.",
        "gen_ai.prompt.1.role": "user",
        "gen_ai.prompt.1.content": "First question",
        "gen_ai.prompt.2.role": "assistant",
        "gen_ai.prompt.2.tool_calls.0.name": "f",
        "gen_ai.prompt.10.role": "user",
        "gen_ai.prompt.10.content": json.dumps(
            [{"type": "text", "text": "Second question"}, {"type": "image_url", "image_url": {}}]
        ),
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": "Second answer",
        "gen_ai.completion.0.finish_reason": "stop",
        "llm.request.functions.0.name": "f",
        "llm.request.functions.1.name": "g",
    }
)
#: The conventions up to 1.36: each message an event of the span.
EVENTS = span(
    PERSON
    | {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "az.ai.inference",
        "gen_ai.request.model": "large-4",
        "gen_ai.response.model": "large-4-0613",
        "gen_ai.usage.input_tokens": 40,
        "gen_ai.usage.output_tokens": 7,
    },
    ("gen_ai.system.message", {"content": "Be brief."}),
    ("gen_ai.user.message", {"content": "First question"}),
    ("gen_ai.assistant.message", {"content": "First answer"}),
    (
        "gen_ai.user.message",
        {"gen_ai.event.content": json.dumps({"role": "user", "content": "Second question"})},
    ),
    (
        "gen_ai.choice",
        {
            "gen_ai.event.content": json.dumps(
                {"index": 0, "finish_reason": "stop", "message": {"content": "Second answer"}}
            )
        },
    ),
)
#: OpenInference.
INFERENCE = span(
    PERSON
    | {
        "openinference.span.kind": "LLM",
        "llm.system": "openai",
        "llm.model_name": "large-4-0613",
        "llm.invocation_parameters": json.dumps(
            {
                "model": "large-4",
                "temperature": 0.2,
                "max_tokens": 300,
                "n": 2,
                "stream": True,
                "logprobs": True,
                "reasoning_effort": "high",
            }
        ),
        "session.id": "s-1",
        "llm.token_count.prompt": 40,
        "llm.token_count.completion": 7,
        "llm.token_count.total": 47,
        "llm.token_count.completion_details.reasoning": 5,
        "llm.token_count.prompt_details.cache_read": 3,
        "llm.input_messages.0.message.role": "system",
        "llm.input_messages.0.message.content": "Be brief.",
        "llm.input_messages.1.message.role": "user",
        "llm.input_messages.1.message.content": "First question",
        "llm.input_messages.2.message.role": "user",
        "llm.input_messages.2.message.contents.0.message_content.type": "text",
        "llm.input_messages.2.message.contents.0.message_content.text": "Second question",
        "llm.input_messages.2.message.contents.1.message_content.type": "image",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": "Second answer",
        "llm.tools.0.tool.json_schema": "{}",
        "llm.tools.1.tool.json_schema": "{}",
        "input.value": "something else",
        "output.value": "something else",
    }
)
