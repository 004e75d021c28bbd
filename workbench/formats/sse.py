"""A streamed answer, logged as its server-sent events, put together to the whole response."""

from __future__ import annotations

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


def _events(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
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
    parts: dict[str, list[str]] = {"content": [], "refusal": [], "reasoning_content": []}
    texts: list[str] = []
    finish = None
    for event in events:
        for key in ("id", "model", "created", "object", "usage", "error"):
            if event.get(key) is not None:
                whole[key] = event[key]
        choices = event.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            # Only the first of n answers, as for answers that were not streamed.
            if not isinstance(choice, dict) or choice.get("index", 0) != 0:
                continue
            finish = choice.get("finish_reason") or finish
            delta = choice.get("delta")
            for key, found in parts.items():
                value = delta.get(key) if isinstance(delta, dict) else None
                if value is None and key == "reasoning_content" and isinstance(delta, dict):
                    value = delta.get("reasoning")
                if isinstance(value, str):
                    found.append(value)
            if isinstance(choice.get("text"), str):
                texts.append(choice["text"])
    message = {key: "".join(found) for key, found in parts.items() if found}
    choice = {"index": 0, "finish_reason": finish, "message": message}
    if texts:
        choice["text"] = "".join(texts)
    return whole | {"choices": [choice]}


def _anthropic(events: list[dict[str, Any]]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    for event in events:
        kind = event.get("type")
        if kind == "message_start" and isinstance(event.get("message"), dict):
            whole = dict(event["message"])
        elif kind == "content_block_start" and isinstance(event.get("content_block"), dict):
            blocks[_index(event)] = dict(event["content_block"])
        elif kind == "content_block_delta" and isinstance(event.get("delta"), dict):
            block = blocks.setdefault(_index(event), {"type": "text"})
            for key in ("text", "thinking"):
                if isinstance(event["delta"].get(key), str):
                    block[key] = str(block.get(key) or "") + event["delta"][key]
        elif kind == "message_delta":
            delta, usage = event.get("delta"), event.get("usage")
            if isinstance(delta, dict):
                whole |= {key: value for key, value in delta.items() if value is not None}
            if isinstance(usage, dict) and isinstance(whole.get("usage") or {}, dict):
                whole["usage"] = (whole.get("usage") or {}) | usage
        elif kind == "error":
            whole["error"] = event.get("error")
    return whole | {"type": "message", "content": [blocks[index] for index in sorted(blocks)]}


def _responses(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The last state that the Responses API told; cut off, with what was finished or begun."""
    whole: dict[str, Any] = {}
    items: list[Any] = []
    texts: list[str] = []
    for event in events:
        kind = event.get("type")
        if isinstance(event.get("response"), dict):
            whole = event["response"]
        elif kind == "response.output_item.done":
            items.append(event.get("item"))
            texts.clear()
        elif kind == "response.output_text.delta" and isinstance(event.get("delta"), str):
            texts.append(event["delta"])
    if whole.get("output"):
        return whole
    if texts:
        part = {"type": "output_text", "text": "".join(texts)}
        items.append({"type": "message", "role": "assistant", "content": [part]})
    return whole | {"output": items}


def _index(event: dict[str, Any]) -> int:
    index = event.get("index")
    return index if isinstance(index, int) else 0
