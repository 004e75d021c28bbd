"""What was asked and answered, in whatever shape an application handed it to its tracer.

Tracers keep what they are given: chat messages, a whole request or response of a provider, one
text. Shared by the formats of tracers. Must not rewrite: texts are joined, never trimmed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from workbench.formats.anthropic import anthropic_columns, is_anthropic
from workbench.formats.dialogue import answered, both
from workbench.formats.openai import chat_columns
from workbench.formats.openai_responses import add_answer, is_responses
from workbench.formats.text import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.formats.shape import Record


def first_of(record: Mapping[str, Any], *names: str) -> Any:
    """The first value that is there."""
    return next((record[name] for name in names if record.get(name) is not None), None)


def asked_columns(value: Any, raw: Any, parameters: Record) -> Record:
    """Columns of an input.

    Args:
        value: Messages, an object that holds some, a request, or a text.
        raw: What it was before its JSON was opened.
        parameters: What else was asked for, as a request has it.
    """
    request = {**parameters, **value} if isinstance(value, dict) else dict(parameters)
    said: Any = value
    if isinstance(value, dict) and "role" not in value:
        said = first_of(value, "messages", "contents", "input", "prompt")
    messages = _messages(said)
    request.pop("messages", None)
    request.pop("prompt", None)
    if messages:
        request["messages"] = messages
    columns = {k: v for k, v in chat_columns(request, {}).items() if v is not None}
    if "system" not in columns and isinstance(request.get("instructions"), str):
        columns["system"] = request["instructions"]
    if not messages:
        if isinstance(said, str):
            columns["prompt"] = said
        elif value and said not in ([], {}):
            columns["prompt"] = _as_text(raw)
    return columns


def _messages(value: Any) -> list[Record]:
    """The chat messages of a list, or of one message; empty when it is something else."""
    items = [value] if isinstance(value, dict) else value
    if not isinstance(items, list):
        return []
    return [_plain(item) for item in items if isinstance(item, dict) and "role" in item]


def _plain(message: Record) -> Record:
    """A message with its text under content, where it came as parts (OpenTelemetry, Gemini)."""
    content = message.get("content")
    parts = content.get("parts") if isinstance(content, dict) else message.get("parts")
    if not isinstance(parts, list):
        return message
    return message | {"content": [part for part in map(_plain_part, parts) if part]}


def _plain_part(part: Any) -> Any:
    """A text as other providers write one; an empty one says nothing. Other parts as they are."""
    if not isinstance(part, dict) or part.get("type", "text") != "text":
        return part
    text = part.get("content", part.get("text"))
    return {"type": "text", "text": text} if isinstance(text, str) and text else None


def answered_columns(value: Any, raw: Any, further: Sequence[Record] = ()) -> Record:
    """Columns of an output.

    Args:
        value: A message or several, of which the last one counts; a response; or a text.
        raw: What it was before its JSON was opened.
        further: Messages that were answered as well, and not taken.
    """
    if isinstance(value, dict):
        columns: Record = {}
        if "choices" in value:
            columns = chat_columns({}, value)
        elif is_anthropic({}, value):
            columns = anthropic_columns({}, value)
        elif is_responses({}, value):
            add_answer(columns, value)
        else:
            message, *others = _messages_of(value)
            text = text_of(message.get("content"))
            columns["completion"] = _text_under(value) if text is None else text
            columns["dialogue"] = answered(message, *others)
        return {k: v for k, v in columns.items() if v is not None} or _otherwise(value, raw)
    messages = _messages(value)
    if messages:
        columns = {
            "completion": text_of(messages[-1].get("content")),
            "dialogue": answered(messages[-1], *map(_plain, further)),
        }
        return {k: v for k, v in columns.items() if v is not None}
    return _otherwise(value, raw)


def _messages_of(value: Record) -> list[Record]:
    """The message that an object is or holds; of Gemini all candidates, the first one first."""
    candidates = value.get("candidates")
    if isinstance(candidates, list) and candidates and isinstance(candidates[0], dict):
        return [_plain(each) for each in candidates if isinstance(each, dict)]
    inner = value.get("message")
    return [_plain(inner if isinstance(inner, dict) else value)]


def _text_under(value: Record) -> str | None:
    texts = (value.get(key) for key in ("completion", "text", "output"))
    return next((each for each in texts if isinstance(each, str)), None)


def both_sides(asked: Record, answer: Record) -> Record:
    """Columns of what was asked, and of what was answered."""
    return asked | answer | {"dialogue": both(asked.get("dialogue"), answer.get("dialogue"))}


def _otherwise(value: Any, raw: Any) -> Record:
    """An answer of no known shape; one that only calls tools is of a known shape, without text."""
    if value is None:
        return {}
    if isinstance(value, dict) and (
        not _ANSWERS.isdisjoint(value)
        or value.get("object") == "response"
        or _plain(value) is not value
    ):
        return {}
    return {"completion": _as_text(raw)}


_ANSWERS: Final = frozenset({"role", "choices", "candidates"})


def _as_text(raw: Any) -> Any:
    """An object as its JSON text: the API opens texts that happen to hold JSON."""
    if not isinstance(raw, dict | list):
        return raw
    try:
        return json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return raw
