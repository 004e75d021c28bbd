"""A streamed answer, logged as its server-sent events, put together to the whole response."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator


def looks_streamed(text: str) -> bool:
    """Whether a text is a body of server-sent events."""
    return text.lstrip()[:6] in ("data: ", "event:") or text.startswith("data:{")


def assemble(text: str) -> dict[str, Any] | None:
    """The response that a stream of OpenAI chunks or Anthropic events adds up to, or None.

    Events that cannot be read are skipped: a stream is often cut off by the client.
    """
    return assemble_events(list(_events(text)))


def assemble_events(events: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The same for events that are decoded."""
    if any(event.get("type") in _ANTHROPIC for event in events):
        return _anthropic(events)
    if any("choices" in event for event in events):
        return _openai(events)
    if any(isinstance(event.get("response"), dict) for event in events):
        return _responses(events)
    return events[-1] if events and "error" in events[-1] else None


#: Either shows an Anthropic stream: a recording may lack its beginning.
_ANTHROPIC: Final = ("message_start", "content_block_delta")


_LINE_ENDS: Final = re.compile(r"\r\n|\n|\r")


def _events(text: str) -> Iterator[dict[str, Any]]:
    # Not splitlines: a text may hold other separators, as JSON has them.
    for line in _LINE_ENDS.split(text):
        if not line.startswith("data:"):
            continue
        try:
            event = msgspec.json.decode(line[5:])
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            continue  # also the closing "[DONE]"
        if isinstance(event, dict):
            yield event


def _openai(events: list[dict[str, Any]]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    answers = {0: _Answer()}
    for event in events:
        for key in ("id", "model", "created", "object", "usage", "error"):
            if event.get(key) is not None:
                whole[key] = event[key]
        choices = event.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            index = choice.get("index", 0) if isinstance(choice, dict) else None
            if isinstance(index, int) and index >= 0:
                answers.setdefault(index, _Answer()).add(choice)
    if whole.get("object") == "chat.completion.chunk":
        whole["object"] = "chat.completion"
    return whole | {"choices": [answers[index].whole(index) for index in sorted(answers)]}


class _Answer:
    """One of n answers, by the pieces of it."""

    def __init__(self) -> None:
        self._pieces: dict[str, list[str]] = {
            "content": [],
            "refusal": [],
            "reasoning_content": [],
        }
        self._texts: list[str] = []
        self._calls = _ToolCalls()
        self._role: Any = None
        self._finish: Any = None

    def add(self, choice: dict[str, Any]) -> None:
        """Take what an event says of it."""
        self._finish = choice.get("finish_reason") or self._finish
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        self._calls.add(delta)
        self._role = delta.get("role") or self._role
        for key, found in self._pieces.items():
            value = delta.get(key)
            if value is None and key == "reasoning_content":
                value = delta.get("reasoning")
            if isinstance(value, str):
                found.append(value)
        if isinstance(choice.get("text"), str):
            self._texts.append(choice["text"])

    def whole(self, index: int) -> dict[str, Any]:
        """As it would have been sent at once."""
        message: dict[str, Any] = {} if self._role is None else {"role": self._role}
        message |= {key: "".join(found) for key, found in self._pieces.items() if found}
        message |= self._calls.whole()
        choice = {"index": index, "finish_reason": self._finish, "message": message}
        return choice | ({"text": "".join(self._texts)} if self._texts else {})


class _ToolCalls:
    """The calls of tools in the deltas of a message."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, Any]] = {}
        self._function: dict[str, Any] = {}

    def add(self, delta: dict[str, Any]) -> None:
        """Take what a delta says; a call goes on under its index."""
        if isinstance(delta.get("function_call"), dict):
            _extend(self._function, delta["function_call"])
        said = delta.get("tool_calls")
        for part in said if isinstance(said, list) else ():
            if not isinstance(part, dict):
                continue
            index = part.get("index")
            if not isinstance(index, int):  # as servers send them that give each call whole
                index = max(self._calls, default=-1) + (1 if part.get("id") else 0)
            call = self._calls.setdefault(max(index, 0), {})
            call |= {key: part[key] for key in ("id", "type") if part.get(key)}
            if isinstance(part.get("function"), dict):
                _extend(call.setdefault("function", {}), part["function"])

    def whole(self) -> dict[str, Any]:
        """The fields of the message that hold them."""
        calls = [self._calls[index] for index in sorted(self._calls)]
        fields = {"tool_calls": calls, "function_call": self._function}
        return {key: value for key, value in fields.items() if value}


def _extend(function: dict[str, Any], part: dict[str, Any]) -> None:
    """A function is named once, and its arguments come in pieces."""
    function |= {"name": part["name"]} if part.get("name") else {}
    if isinstance(part.get("arguments"), str):
        function["arguments"] = function.get("arguments", "") + part["arguments"]


def _anthropic(events: list[dict[str, Any]]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    inputs: dict[int, list[str]] = {}
    for event in events:
        kind = event.get("type")
        if kind == "message_start" and isinstance(event.get("message"), dict):
            whole = dict(event["message"])
        elif kind == "content_block_start" and isinstance(event.get("content_block"), dict):
            blocks[_index(event)] = dict(event["content_block"])
        elif kind == "content_block_delta" and isinstance(event.get("delta"), dict):
            index, said = _index(event), event["delta"]
            block = blocks.setdefault(index, {"type": _BLOCK_OF.get(str(said.get("type")), "text")})
            for key in ("text", "thinking", "signature"):
                if isinstance(said.get(key), str):
                    block[key] = str(block.get(key) or "") + said[key]
            if isinstance(said.get("partial_json"), str):
                inputs.setdefault(index, []).append(said["partial_json"])
            if isinstance(said.get("citation"), dict):
                cited = block.get("citations")
                block["citations"] = [*(cited if isinstance(cited, list) else ()), said["citation"]]
        elif kind == "message_delta":
            delta, usage = event.get("delta"), event.get("usage")
            if isinstance(delta, dict):
                whole |= {key: value for key, value in delta.items() if value is not None}
            if isinstance(usage, dict) and isinstance(whole.get("usage") or {}, dict):
                whole["usage"] = (whole.get("usage") or {}) | usage
        elif kind == "error":
            whole["error"] = event.get("error")
    for index, pieces in inputs.items():
        if any(pieces):
            blocks[index]["input"] = _input("".join(pieces))
    return whole | {"type": "message", "content": [blocks[index] for index in sorted(blocks)]}


#: What a block is whose beginning is not there, by its deltas.
_BLOCK_OF: Final = {"thinking_delta": "thinking", "input_json_delta": "tool_use"}


def _input(text: str) -> Any:
    """What a tool was given; the text itself where it is cut off."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return text


def _responses(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The last state that the Responses API told; cut off, with what was finished or begun."""
    whole: dict[str, Any] = {}
    items: list[Any] = []
    texts: list[str] = []
    begun: dict[str, Any] = {}
    arguments: list[str] = []
    for event in events:
        kind = event.get("type")
        if isinstance(event.get("response"), dict):
            whole = event["response"]
        elif kind == "response.output_item.done":
            items.append(event.get("item"))
            texts.clear()
            begun = {}
        elif kind == "response.output_item.added" and isinstance(event.get("item"), dict):
            begun, arguments = event["item"], []
        elif kind == "response.function_call_arguments.delta":
            arguments += [event["delta"]] if isinstance(event.get("delta"), str) else []
        elif kind == "response.output_text.delta" and isinstance(event.get("delta"), str):
            texts.append(event["delta"])
    if whole.get("output"):
        return whole
    if texts:
        part = {"type": "output_text", "text": "".join(texts)}
        items.append({"type": "message", "role": "assistant", "content": [part]})
    elif begun.get("type") == "function_call":
        items.append(begun | {"arguments": "".join(arguments)})
    return whole | {"output": items}


def _index(event: dict[str, Any]) -> int:
    index = event.get("index")
    return index if isinstance(index, int) else 0
