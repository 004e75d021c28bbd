"""Exchanges where one JSON record is not all: lines, recordings, pairs of files, tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tests.formats.said import ALL, ANSWER, Said
from tests.formats.said_in import (
    anthropic,
    anthropic_answered,
    anthropic_asked,
    langfuse,
    openai,
    openai_answered,
    openai_asked,
    openai_responses,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from tests.formats.reading import Record


# --- lines of text -------------------------------------------------------------------------------
def _asked_of_vllm(said: Said, prompt: str) -> str:
    return (
        f"{said.ts} stdout F INFO 05-01 09:46:36 [logger.py:39] Received request "
        f"{said.request_id}: prompt: {prompt!r}, params: SamplingParams(n=1, temperature=0.6)"
    )


def vllm_plain(said: Said) -> str:
    """A prompt that no chat template made."""
    return _asked_of_vllm(said, said.prompt)


def vllm_chat(said: Said) -> str:
    return _asked_of_vllm(
        said,
        f"<|im_start|>system\n{said.system}<|im_end|>\n<|im_start|>user\n{said.prompt}<|im_end|>\n"
        "<|im_start|>assistant\n",
    )


def uvicorn(said: Said) -> str:
    """Who asked and when; no log of access has more."""
    return f'{said.ts} INFO:     {said.ip}:52556 - "POST /v1/chat/completions HTTP/1.1" 200 OK'


#: Format -> how an exchange is written as a line, and the columns that the format has for it.
LINES: Final[dict[str, tuple[Callable[[Said], str], AbstractSet[str]]]] = {
    "vllm": (vllm_plain, {"request_id", "ts", "prompt"}),
    "vllm, chat template": (vllm_chat, {"request_id", "ts", "prompt", "system"}),
    "uvicorn": (uvicorn, {"ts", "ip"}),
}


# --- recordings of server-sent events ------------------------------------------------------------
def _recorded(events: list[Record], *, named: bool = False) -> bytes:
    """Events as they go over the wire, their texts as they are: separators of lines, too."""
    lines = []
    for event in events:
        lines += [f"event: {event['type']}\n"] if named else []
        lines += [f"data: {json.dumps(event, ensure_ascii=False)}\n\n"]
    return "".join(lines).encode()


def _halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


def openai_stream(said: Said) -> bytes:
    whole = openai(said)["response"]
    head = {
        "id": said.request_id,
        "created": said.at_us // 1_000_000,
        "model": said.model,
        "object": "chat.completion.chunk",
    }
    deltas: list[Record] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in _halves(said.completion)]
    events = [head | {"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    events.append(head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    events.append(head | {"choices": [], "usage": whole["usage"]})
    return _recorded(events) + b"data: [DONE]\n\n"


def anthropic_stream(said: Said) -> bytes:
    whole = anthropic(said)["response"] | {"id": said.request_id}
    begun = {"content": [], "usage": {"input_tokens": said.in_tok, "output_tokens": 1}}
    at = {"index": 0}
    events: list[Record] = [
        {"type": "message_start", "message": whole | begun},
        {"type": "content_block_start", **at, "content_block": {"type": "text", "text": ""}},
        *(
            {"type": "content_block_delta", **at, "delta": {"type": "text_delta", "text": piece}}
            for piece in _halves(said.completion)
        ),
        {"type": "content_block_stop", **at},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": said.out_tok},
        },
        {"type": "message_stop"},
    ]
    return _recorded(events, named=True)


def responses_stream(said: Said) -> bytes:
    whole = openai_responses(said)["response"]
    whole |= {"id": said.request_id, "created_at": said.at_us // 1_000_000}
    (message,) = whole["output"]
    events: list[Record] = [
        {"type": "response.created", "response": whole | {"output": [], "usage": None}},
        {"type": "response.output_item.added", "item": message | {"content": []}},
        *(
            {"type": "response.output_text.delta", "delta": piece}
            for piece in _halves(said.completion)
        ),
        {"type": "response.output_item.done", "item": message},
        {"type": "response.completed", "response": whole},
    ]
    return _recorded(events, named=True)


#: Format -> the stream of a response, and the columns that it has: it does not say who asked what.
STREAMS: Final[dict[str, tuple[Callable[[Said], bytes], AbstractSet[str]]]] = {
    "openai": (openai_stream, ANSWER | {"ts"}),
    "anthropic": (anthropic_stream, ANSWER),
    "openai-responses": (responses_stream, ANSWER | {"ts"}),
}


# --- two files, which an import joins ------------------------------------------------------------
def generation(said: Said) -> Record:
    """An observation that does not say whose it was."""
    seen = langfuse(said) | {"traceId": f"trace of {said.request_id}"}
    del seen["userId"]
    return seen


def trace(said: Said) -> Record:
    """What says so."""
    return {
        "id": f"trace of {said.request_id}",
        "timestamp": said.ts,
        "name": "chat",
        "sessionId": "s",
        "userId": said.account,
        "metadata": {"client_ip": said.ip},
        "tags": [],
        "public": False,
        "environment": "default",
    }


#: Format -> what the one file has of an exchange, what the other, and what the case then knows.
PAIRS: Final[
    dict[str, tuple[Callable[[Said], Record], Callable[[Said], Record], AbstractSet[str]]]
] = {
    "openai-batch": (openai_asked, openai_answered, ALL),
    "anthropic-batch": (anthropic_asked, anthropic_answered, ALL),
    "langfuse-trace": (generation, trace, ALL - {"account_id"} | {"end_user", "ip"}),
}


# --- tables beside the logs ----------------------------------------------------------------------
def audited(said: Said) -> Record:
    """A key that was made, of OpenAI's audit log; the model's name is its project's here."""
    return {
        "object": "organization.audit_log",
        "id": said.request_id,
        "type": "api_key.created",
        "effective_at": said.at_us // 1_000_000,
        "project": {"id": said.model, "name": "p"},
        "actor": {
            "type": "session",
            "session": {"user": {"id": "user-1"}, "ip_address": said.ip, "user_agent": "x"},
        },
        "api_key.created": {"id": said.account, "data": {"scopes": []}},
    }


def counted(said: Said) -> Record:
    """A bucket of OpenAI's usage; ``in_tok`` counts requests here."""
    result: dict[str, Any] = {
        "object": "organization.usage.completions.result",
        "input_tokens": said.in_tok,
        "output_tokens": said.out_tok,
        "num_model_requests": said.in_tok,
        "project_id": said.model,
        "user_id": None,
        "api_key_id": said.account,
        "model": None,
        "batch": None,
    }
    start = said.at_us // 1_000_000
    return {
        "object": "bucket",
        "start_time": start,
        "end_time": start + 3600,
        "results": [result],
    }
