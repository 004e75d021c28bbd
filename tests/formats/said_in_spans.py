"""Exchanges as spans of OpenTelemetry, in each of the conventions in use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.formats.span_records import document, span

if TYPE_CHECKING:
    from tests.formats.reading import Record
    from tests.formats.said import Said


def _document(said: Said, of: Record, *events: tuple[str, Record]) -> Record:
    of = {"user.id": said.account} | of
    return document(span(of, *events, startTimeUnixNano=str(said.at_us * 1000)))


def _of_genai(said: Said) -> Record:
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": said.model,
        "gen_ai.response.id": said.request_id,
    }


def current(said: Said) -> Record:
    """The conventions as they are now, messages as JSON text."""

    def message(role: str, text: str) -> Record:
        return {"role": role, "parts": [{"type": "text", "content": text}]}

    instructions = [{"type": "text", "content": said.system}]
    return _document(
        said,
        _of_genai(said)
        | {
            "gen_ai.provider.name": "openai",
            "gen_ai.usage.input_tokens": said.in_tok,
            "gen_ai.usage.output_tokens": said.out_tok,
            "gen_ai.system_instructions": json.dumps(instructions),
            "gen_ai.input.messages": json.dumps([message("user", said.prompt)]),
            "gen_ai.output.messages": json.dumps([message("assistant", said.completion)]),
        },
    )


def one_attribute_each(said: Said) -> Record:
    """OpenLLMetry, by the names of tokens that it had."""
    return _document(
        said,
        _of_genai(said)
        | {
            "gen_ai.system": "openai",
            "llm.request.type": "chat",
            "gen_ai.usage.prompt_tokens": said.in_tok,
            "gen_ai.usage.completion_tokens": said.out_tok,
            "gen_ai.prompt.0.role": "system",
            "gen_ai.prompt.0.content": said.system,
            "gen_ai.prompt.1.role": "user",
            "gen_ai.prompt.1.content": said.prompt,
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.content": said.completion,
        },
    )


def of_events(said: Said) -> Record:
    """The conventions up to 1.36, whose messages are events."""
    choice: dict[str, Any] = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"content": said.completion},
    }
    return _document(
        said,
        _of_genai(said)
        | {
            "gen_ai.system": "az.ai.inference",
            "gen_ai.usage.input_tokens": said.in_tok,
            "gen_ai.usage.output_tokens": said.out_tok,
        },
        ("gen_ai.system.message", {"content": said.system}),
        (
            "gen_ai.user.message",
            {"gen_ai.event.content": json.dumps({"role": "user", "content": said.prompt})},
        ),
        ("gen_ai.choice", {"gen_ai.event.content": json.dumps(choice)}),
    )


def inference(said: Said) -> Record:
    """OpenInference, which has no name for the response's own id but the span's."""
    read = _document(
        said,
        {
            "openinference.span.kind": "LLM",
            "llm.system": "openai",
            "llm.model_name": said.model,
            "llm.token_count.prompt": said.in_tok,
            "llm.token_count.completion": said.out_tok,
            "llm.input_messages.0.message.role": "system",
            "llm.input_messages.0.message.content": said.system,
            "llm.input_messages.1.message.role": "user",
            "llm.input_messages.1.message.content": said.prompt,
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": said.completion,
        },
    )
    read["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["spanId"] = said.request_id
    return read
