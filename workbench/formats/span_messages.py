"""What a span of a model call says was asked and answered, in each convention's own way.

Each convention has a place and a shape of its own for the same messages; the first place that is
there counts. Must not rewrite: texts are joined, never trimmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.formats.paths import as_object, embedded_json
from workbench.formats.said import first_of
from workbench.formats.shape import UNREADABLE
from workbench.formats.spans import indexed
from workbench.formats.text import joined, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.formats.shape import Record

#: The event that tells a whole call, of a span or as a log record.
DETAILS: Final = "gen_ai.client.inference.operation.details"
#: Events of the older conventions, and whose words they are.
_ROLES: Final = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One side of a call.

    Attributes:
        value: Messages with role and content, an object of another shape, or a text; None where
            nothing was kept, ``UNREADABLE`` where nobody can say what was.
        raw: What it was before its JSON was opened.
        reasoning: What was thought before it; None where nothing was kept.
        finish_reason: Why it ended, where the message itself says so.
        further: Messages of the answers that were not taken.
    """

    value: Any = None
    raw: Any = None
    reasoning: str | None = None
    finish_reason: Any = None
    further: tuple[Record, ...] = ()

    @property
    def unreadable(self) -> bool:
        """Whether a text is there and nobody can say which."""
        items = self.value if isinstance(self.value, list) else [{"content": self.value}]
        return any(isinstance(each, dict) and each.get("content") is UNREADABLE for each in items)


def asked_of(
    attributes: Mapping[str, Any], lists: Mapping[str, list[Record]], events: list[Record]
) -> Said:
    """What was asked.

    Args:
        attributes: Of the span.
        lists: Those that were written one value an attribute, see ``spans.indexed``.
        events: Of the span.
    """
    whole = _kept(attributes, events, "gen_ai.input.messages", DETAILS)
    if whole is not None:
        return _side(whole, "user")
    for name in ("gen_ai.prompt", "llm.input_messages"):
        if name in lists:
            return Said([_message(each, "user") for each in lists[name]])
    said = [
        _message(_said_in(event) | {"role": role}, role)
        for event in events
        if (role := _role_of(event))
    ]
    if said:
        return Said(said)
    whole = _kept(attributes, events, "gen_ai.prompt", "gen_ai.content.prompt")
    if whole is not None:
        return _side(whole, "user")
    if "llm.prompts" in lists:
        return Said([_message(each, "user") for each in lists["llm.prompts"]])
    return _side(attributes.get("input.value"), "user")


def answered_of(
    attributes: Mapping[str, Any], lists: Mapping[str, list[Record]], events: list[Record]
) -> Said:
    """What was answered: the first of several choices, and the others. Arguments as there."""
    whole = _kept(attributes, events, "gen_ai.output.messages", DETAILS)
    if whole is not None:
        return _side(whole, "assistant")
    for name in ("gen_ai.completion", "llm.output_messages"):
        if name in lists:
            return _choices(lists[name])
    chosen = [_said_in(event) for event in events if event.get("name") == "gen_ai.choice"]
    if chosen:
        return _choices([_of_event(said) for said in sorted(chosen, key=_index)])
    whole = _kept(attributes, events, "gen_ai.completion", "gen_ai.content.completion")
    if whole is not None:
        return _side(whole, "assistant")
    if "llm.choices" in lists:
        return _choices(lists["llm.choices"])
    return _side(attributes.get("output.value"), "assistant")


def instructions_of(attributes: Mapping[str, Any], events: list[Record], beside: str | None) -> Any:
    """The system prompt that was given apart from the messages, then what is said in them.

    Args:
        attributes: Of the span.
        events: Of the span.
        beside: Text of the system messages.
    """
    given = _kept(attributes, events, "gen_ai.system_instructions", DETAILS)
    if given is UNREADABLE:
        return UNREADABLE
    value = embedded_json(given) if isinstance(given, str) else given
    if isinstance(value, dict):
        value = [value]
    own = text_of([_part(part) for part in value] if isinstance(value, list) else value)
    # An empty instruction was given as such; beside others it adds nothing.
    return joined([own, beside]) or (own if beside is None else beside)


def _kept(attributes: Mapping[str, Any], events: list[Record], name: str, event: str) -> Any:
    """The attribute of the span, else of its events of that name."""
    value = attributes.get(name)
    for each in events:
        if value is None and each.get("name") == event:
            value = as_object(each.get("attributes")).get(name)
    return value


def _side(raw: Any, role: str) -> Said:
    """Messages, kept as a list or as its JSON text; anything else is left to who reads it."""
    value = embedded_json(raw) if isinstance(raw, str) else raw
    if value is UNREADABLE:
        return Said(UNREADABLE)
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(each, dict) and _is_message(each) for each in items):
        # An answer may be JSON that has a role of its own.
        is_text = isinstance(raw, str) and isinstance(value, dict) and "role" in value
        return Said(raw if is_text else value, raw)
    if role == "assistant":
        return _choices(items)
    return Said([_message(each, role) for each in items])


def _is_message(item: Record) -> bool:
    if "message.role" in item or isinstance(item.get("parts"), list):
        return True
    return "role" in item and not _OF_A_MESSAGE.isdisjoint(item)


_OF_A_MESSAGE: Final = frozenset({"content", "tool_calls", "function_call", "refusal"})


def _choices(items: list[Record]) -> Said:
    message, *further = [_message(item, "assistant") for item in items]
    content = message["content"]
    parts = content if isinstance(content, list) else []
    thoughts = (part.get("text") for part in parts if part.get("type") in _THOUGHTS)
    finish_reason = items[0].get("finish_reason")
    return Said([message], None, joined(thoughts), finish_reason, tuple(further))


def _of_event(said: Record) -> Record:
    """The message of an event that is one choice."""
    message = said.get("message")
    if isinstance(message, str) and _is_message(as_object(message)):
        message = as_object(message)
    if not isinstance(message, dict):
        message = {"content": message}
    return {"finish_reason": said.get("finish_reason"), **message}


def _index(said: Record) -> int:
    """Which of the choices an event is; integers of attributes are written as text."""
    index = said.get("index")
    if isinstance(index, str) and index.isascii() and index.isdecimal() and len(index) < _DIGITS:
        return int(index)
    return index if isinstance(index, int) else 0


_DIGITS: Final = 10


_THOUGHTS: Final = ("reasoning", "thinking")


def _message(item: Record, role: str) -> Record:
    """A message with its role, and its content as a text or as parts with ``text``."""
    inner = item.get("message")
    inner = inner if isinstance(inner, dict) else {}
    content = first_of(item, "content", "message.content", "prompt.text", "completion.text")
    if content is None:
        content = first_of(inner, "content")
    if content is None:
        content = first_of(item, "parts")
    if content is None:
        content = [
            {
                "type": part.get("message_content.type"),
                "text": part.get("message_content.text"),
                "url": part.get("message_content.image.image.url"),
            }
            for part in indexed(item).get("message.contents", ())
        ] or None
    if isinstance(content, str):
        content = _parts_or_text(content)
    if isinstance(content, dict) and content is not UNREADABLE:
        content = [content]
    if isinstance(content, list):
        content = [_part(part) for part in content]
    named = first_of(item, "role", "message.role")
    said = {"role": named or inner.get("role") or role, "content": content}
    calls = first_of(item, "tool_calls") or first_of(inner, "tool_calls")
    listed = indexed(item)
    calls = calls or listed.get("message.tool_calls") or listed.get("tool_calls")
    if calls:
        said["tool_calls"] = list(map(_call, calls)) if isinstance(calls, list) else calls
    answers = first_of(item, "tool_call_id", "message.tool_call_id", "id")
    return said if answers is None else said | {"tool_call_id": answers}


def _call(item: Any) -> Any:
    """A call as the APIs write one; OpenInference has an attribute for each field of it."""
    if not isinstance(item, dict) or "tool_call.function.name" not in item:
        return item
    called = {key: item.get(f"tool_call.function.{key}") for key in ("name", "arguments")}
    return {"type": "function", "id": item.get("tool_call.id"), "function": called}


def _part(part: Any) -> Record:
    """A part of a message, with its type and its text, where it has one, under these names."""
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if not isinstance(part, dict):
        return {"type": "unknown"}
    return part | {
        "type": part.get("type"),
        "text": first_of(part, "text", "content", "thinking", "reasoning"),
    }


def _parts_or_text(text: str) -> Any:
    """The parts that a text holds as JSON, or the text: what somebody wrote may be JSON, too."""
    value = embedded_json(text)
    return value if isinstance(value, list) and value and all(map(_is_part, value)) else text


def _is_part(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    if "type" in item:
        return str(item["type"]) in _TYPES
    return len(item) == 1 and not _PARTS.isdisjoint(item)


#: Types of parts in the APIs of OpenAI and Anthropic, and of the conventions.
_TYPES: Final = frozenset(
    {
        *("text", "input_text", "output_text", "refusal", "reasoning", "thinking"),
        *("image", "image_url", "input_image", "audio", "input_audio", "document", "file"),
        *("tool_use", "tool_result", "tool_call", "tool_call_response", "blob", "uri"),
    }
)
#: Parts of Amazon's Converse API, which have a key instead of a type.
_PARTS: Final = frozenset(
    {"text", "image", "document", "video", "toolUse", "toolResult", "reasoningContent"}
)


def _role_of(event: Record) -> str:
    name = event.get("name")
    return _ROLES.get(name, "") if isinstance(name, str) else ""


def _said_in(event: Record) -> Record:
    """What an event says: its attributes, or the object that one of them holds as JSON."""
    attributes = as_object(event.get("attributes"))
    return {**attributes, **as_object(attributes.get("gen_ai.event.content"))}
