"""Responses as providers stream them, and what the same would be in one piece."""

from __future__ import annotations

import json
from typing import Any

Record = dict[str, Any]


def recorded(events: list[Record], *, named: bool = False, done: bool = False) -> bytes:
    """Events as they go over the wire."""
    lines = []
    for event in events:
        lines += [f"event: {event['type']}\n"] if named else []
        lines += [f"data: {json.dumps(event)}\n\n"]
    lines += ["data: [DONE]\n\n"] if done else []
    return "".join(lines).encode()


def anthropic_message(number: int) -> Record:
    """Text after thinking, then two calls of tools, the second without input."""
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": [
            {"type": "thinking", "thinking": "Hm, hm", "signature": "c2ln"},
            {"type": "text", "text": f"Answer\u2028{number}"},
            {"type": "tool_use", "id": "tu1", "name": "bash", "input": {"cmd": 'ls "a"'}},
            {"type": "tool_use", "id": "tu2", "name": "now", "input": {}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 5, "output_tokens": 7},
    }


def anthropic_stream(number: int) -> bytes:
    whole = anthropic_message(number)
    empty: Record = {
        "content": [],
        "stop_reason": None,
        "usage": {"input_tokens": 5, "output_tokens": 1},
    }
    events: list[Record] = [{"type": "message_start", "message": whole | empty}]
    deltas: list[list[Record]] = [
        [
            {"type": "thinking_delta", "thinking": "Hm, "},
            {"type": "thinking_delta", "thinking": "hm"},
            {"type": "signature_delta", "signature": "c2ln"},
        ],
        [
            {"type": "text_delta", "text": "Answer\u2028"},
            {"type": "text_delta", "text": str(number)},
        ],
        [
            {"type": "input_json_delta", "partial_json": ""},
            {"type": "input_json_delta", "partial_json": '{"cmd": "ls '},
            {"type": "input_json_delta", "partial_json": '\\"a\\""}'},
        ],
        [{"type": "input_json_delta", "partial_json": ""}],
    ]
    begun: list[Record] = [
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "text", "text": ""},
        {"type": "tool_use", "id": "tu1", "name": "bash", "input": {}},
        {"type": "tool_use", "id": "tu2", "name": "now", "input": {}},
    ]
    for index, (block, pieces) in enumerate(zip(begun, deltas, strict=True)):
        at = {"index": index}
        events.append({"type": "content_block_start", **at, "content_block": block})
        events += [{"type": "ping"}] if index == 0 else []
        events += [{"type": "content_block_delta", **at, "delta": piece} for piece in pieces]
        events.append({"type": "content_block_stop", **at})
    events.append(
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use", "stop_sequence": None},
            "usage": {"output_tokens": 7},
        }
    )
    events.append({"type": "message_stop"})
    return recorded(events, named=True)


def chat_completion(number: int) -> Record:
    """Text and two calls of tools."""
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_777_000_000 + number,
        "model": "large-4",
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls",
                "message": {
                    "role": "assistant",
                    "content": f"Answer {number}",
                    "tool_calls": [
                        {
                            "id": "call_1",
                            "type": "function",
                            "function": {"name": "bash", "arguments": '{"cmd": "ls"}'},
                        },
                        {
                            "id": "call_2",
                            "type": "function",
                            "function": {"name": "now", "arguments": "{}"},
                        },
                    ],
                },
            }
        ],
        "usage": {"prompt_tokens": 4, "completion_tokens": 3},
    }


def chat_stream(number: int) -> bytes:
    whole = chat_completion(number)
    head = {key: whole[key] for key in ("id", "created", "model")}
    head |= {"object": "chat.completion.chunk"}

    def call(index: int, **more: Any) -> Record:
        return {"tool_calls": [{"index": index, **more}]}

    deltas: list[Record] = [
        {"role": "assistant", "content": ""},
        {"content": "Answer "},
        {"content": str(number)},
        call(0, id="call_1", type="function", function={"name": "bash", "arguments": ""}),
        call(0, function={"arguments": '{"cmd": '}),
        call(1, id="call_2", type="function", function={"name": "now", "arguments": "{}"}),
        call(0, function={"arguments": '"ls"}'}),
    ]
    events = [head | {"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    events.append(head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    events.append(head | {"choices": [], "usage": whole["usage"]})
    return recorded(events, done=True)


def responses_response(number: int) -> Record:
    """Text and the call of a function."""
    part = {"type": "output_text", "text": f"Answer {number}", "annotations": []}
    return {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": 1_777_000_000 + number,
        "status": "completed",
        "model": "large-5",
        "output": [
            {"type": "message", "id": "m1", "role": "assistant", "content": [part]},
            {
                "type": "function_call",
                "id": "fc1",
                "call_id": "call_1",
                "name": "bash",
                "arguments": '{"cmd": "ls"}',
            },
        ],
        "usage": {"input_tokens": 4, "output_tokens": 3},
    }


def responses_stream(number: int) -> bytes:
    whole = responses_response(number)
    begun = whole | {"status": "in_progress", "output": [], "usage": None}
    message, call = whole["output"]
    events: list[Record] = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "item": message | {"content": []}},
        {"type": "response.output_text.delta", "delta": "Answer "},
        {"type": "response.output_text.delta", "delta": str(number)},
        {"type": "response.output_item.done", "item": message},
        {"type": "response.output_item.added", "item": call | {"arguments": ""}},
        {"type": "response.function_call_arguments.delta", "delta": '{"cmd": '},
        {"type": "response.function_call_arguments.delta", "delta": '"ls"}'},
        {"type": "response.output_item.done", "item": call},
        {"type": "response.completed", "response": whole},
    ]
    return recorded(events, named=True)


#: Of each interface: its format, a stream, and the same response in one piece.
STREAMS = {
    "anthropic": (anthropic_stream, anthropic_message),
    "openai": (chat_stream, chat_completion),
    "openai-responses": (responses_stream, responses_response),
}
