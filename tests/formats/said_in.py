"""Exchanges as each format has them: one record, or one line, an exchange."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tests.formats.said import ALL, TEXTS, Said, canonical
from tests.formats.said_in_spans import current, inference, of_events, one_attribute_each

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from tests.formats.reading import Record


def _completed(said: Said) -> Record:
    """The body of a chat completion."""
    message = {"role": "assistant", "content": said.completion}
    return {
        "object": "chat.completion",
        "model": said.model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": said.in_tok, "completion_tokens": said.out_tok},
    }


def openai(said: Said) -> Record:
    request = {"model": said.model, "messages": said.asked()}
    return said.around() | {"request": request, "response": _completed(said)}


def openai_parts(said: Said) -> Record:
    """Content as a list of parts."""
    parts = [
        {"role": each["role"], "content": [{"type": "text", "text": each["content"]}]}
        for each in said.asked()
    ]
    request = {"model": said.model, "messages": parts}
    return said.around() | {"request": request, "response": _completed(said)}


def openai_responses(said: Said) -> Record:
    text = {"type": "output_text", "text": said.completion}
    return said.around() | {
        "request": {"model": said.model, "instructions": said.system, "input": said.prompt},
        "response": {
            "object": "response",
            "model": said.model,
            "output": [{"type": "message", "role": "assistant", "content": [text]}],
            "usage": {"input_tokens": said.in_tok, "output_tokens": said.out_tok},
        },
    }


def anthropic(said: Said) -> Record:
    return said.around() | {
        "request": {
            "model": said.model,
            "max_tokens": said.out_tok,
            "system": said.system,
            "messages": [{"role": "user", "content": said.prompt}],
        },
        "response": {
            "type": "message",
            "role": "assistant",
            "model": said.model,
            "content": [{"type": "text", "text": said.completion}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": said.in_tok, "output_tokens": said.out_tok},
        },
    }


def litellm(said: Said) -> Record:
    """As the table has it: nested fields are JSON text."""
    return {
        "request_id": said.request_id,
        "call_type": "acompletion",
        "api_key": said.account,
        "spend": 0.5,
        "startTime": said.ts,
        "model": said.model,
        "prompt_tokens": said.in_tok,
        "completion_tokens": said.out_tok,
        "messages": json.dumps(said.asked()),
        "response": json.dumps(_completed(said)),
    }


def langfuse(said: Said) -> Record:
    return {
        "id": said.request_id,
        "traceId": "t",
        "type": "GENERATION",
        "level": "DEFAULT",
        "environment": "default",
        "startTime": said.ts,
        "userId": said.account,
        "model": said.model,
        "input": said.asked(),
        "output": {"role": "assistant", "content": said.completion},
        "usageDetails": {"input": said.in_tok, "output": said.out_tok},
    }


def helicone(said: Said) -> Record:
    return {
        "request_id": said.request_id,
        "request_created_at": said.ts,
        "auth_hash": said.account,
        "request_body": {"model": said.model, "messages": said.asked()},
        "response_body": _completed(said),
        "request_model": said.model,
    }


def portkey(said: Said) -> Record:
    return {
        "id": said.request_id,
        "trace_id": "t",
        "created_at": said.ts,
        "request": {"model": said.model, "messages": said.asked()},
        "response": _completed(said),
        "is_success": True,
        "ai_org": "openai",
        "ai_model": said.model,
        "metadata": {"_user": said.account},
    }


def bedrock(said: Said) -> Record:
    return {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": said.ts,
        "identity": {"arn": said.account},
        "requestId": said.request_id,
        "operation": "InvokeModel",
        "modelId": said.model,
        "input": {
            "inputTokenCount": said.in_tok,
            "inputBodyJson": {
                "anthropic_version": "bedrock-2023-05-31",
                "max_tokens": 5,
                "system": said.system,
                "messages": [{"role": "user", "content": said.prompt}],
            },
        },
        "output": {
            "outputTokenCount": said.out_tok,
            "outputBodyJson": anthropic(said)["response"],
        },
    }


def azure_openai(said: Said) -> Record:
    """Neither what was said nor its tokens; the resource is all that it names as asking."""
    return {
        "time": said.ts,
        "resourceId": said.account,
        "category": "RequestResponse",
        "operationName": "ChatCompletions_Create",
        "resultSignature": "200",
        "durationMs": 1000,
        "callerIpAddress": said.ip,
        "correlationId": said.request_id,
        "properties": {
            "apiName": "Azure OpenAI API version 2026-02-15",
            "requestTime": 621_355_968_000_000_000 + said.at_us * 10,
            "streamType": "Non-Streaming",
            "modelName": said.model,
        },
    }


def openai_asked(said: Said) -> Record:
    """The line of a batch's input file, and what a log adds around it."""
    return {
        "custom_id": said.request_id,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": said.model, "messages": said.asked()},
        "timestamp": said.ts,
        "api_key_id": said.account,
    }


def openai_answered(said: Said) -> Record:
    """The line of its output file."""
    response = {"status_code": 200, "request_id": "b", "body": _completed(said)}
    return {"id": "b", "custom_id": said.request_id, "response": response, "error": None}


def openai_batch(said: Said) -> Record:
    return openai_asked(said) | openai_answered(said)


def anthropic_asked(said: Said) -> Record:
    return {
        "custom_id": said.request_id,
        "params": anthropic(said)["request"],
        "timestamp": said.ts,
        "api_key_id": said.account,
    }


def anthropic_answered(said: Said) -> Record:
    result = {"type": "succeeded", "message": anthropic(said)["response"]}
    return {"custom_id": said.request_id, "result": result}


def anthropic_batch(said: Said) -> Record:
    return anthropic_asked(said) | anthropic_answered(said)


def nginx(said: Said) -> Record:
    return {
        "time_iso8601": said.ts,
        "request_id": said.request_id,
        "remote_addr": "203.0.113.7",
        "request_method": "POST",
        "request_uri": "/v1/chat/completions",
        "status": "200",
        "request_body": json.dumps({"model": said.model, "messages": said.asked()}),
    }


def wildchat(said: Said) -> Record:
    def turn(role: str, text: str) -> Record:
        return {"role": role, "content": text, "language": "English", "toxic": False}

    return {
        "conversation_hash": said.request_id,
        "model": said.model,
        "timestamp": said.ts,
        "conversation": [turn("user", said.prompt), turn("assistant", said.completion)],
        "turn": 1,
        "toxic": False,
        "redacted": False,
        "hashed_ip": said.account,
    }


def lmsys(said: Said) -> Record:
    return {
        "conversation_id": said.request_id,
        "model": said.model,
        "conversation": [
            {"role": "user", "content": said.prompt},
            {"role": "assistant", "content": said.completion},
        ],
        "turn": 1,
        "language": "English",
        "redacted": False,
    }


def sharegpt(said: Said) -> Record:
    return {
        "id": said.request_id,
        "conversations": [
            {"from": "system", "value": said.system},
            {"from": "human", "value": said.prompt},
            {"from": "gpt", "value": said.completion},
        ],
    }


#: Format -> how an exchange is written, and the columns that the format has for it.
WRITTEN: Final[dict[str, tuple[Callable[[Said], Record], AbstractSet[str]]]] = {
    "canonical": (canonical, ALL),
    "openai": (openai, ALL),
    "openai, parts": (openai_parts, ALL),
    "openai-responses": (openai_responses, ALL),
    "anthropic": (anthropic, ALL),
    "litellm": (litellm, ALL),
    "langfuse": (langfuse, ALL - {"account_id"} | {"end_user"}),
    "helicone": (helicone, ALL),
    "portkey": (portkey, ALL - {"account_id"} | {"end_user"}),
    "bedrock": (bedrock, ALL),
    "nginx-json": (nginx, ALL - {"account_id", "completion", "in_tok", "out_tok"}),
    "azure-openai": (azure_openai, {"request_id", "ts", "account_id", "model", "ip"}),
    "openai-batch, both in one": (openai_batch, ALL),
    "anthropic-batch, both in one": (anthropic_batch, ALL),
    "opentelemetry": (current, ALL - {"account_id"} | {"end_user"}),
    "opentelemetry, one attribute a message": (
        one_attribute_each,
        ALL - {"account_id"} | {"end_user"},
    ),
    "opentelemetry, one event a message": (of_events, ALL - {"account_id"} | {"end_user"}),
    "opentelemetry, OpenInference": (inference, ALL - {"account_id"} | {"end_user"}),
    "wildchat": (wildchat, TEXTS | {"ts", "model"}),
    "lmsys": (lmsys, TEXTS | {"model"}),
    "sharegpt": (sharegpt, TEXTS | {"system"}),
}
