"""The column ``dialogue``: what a conversation holds beside one question and its answer.

Earlier turns, tool calls and their results, pictures and files as markers, answers that were not
taken: JSON, a list of messages in their order, each with its ``role`` and ``parts`` (``parts.py``).
A text that stands in a column of its own is not repeated: ``{"in": "prompt"}`` stands for it. Where
there is nothing but a question and an answer in words, the column is NULL.

Each side of an exchange says its own, and one is put behind the other, so that halves that come
apart can be joined. Must not decide which turn is the prompt: ``messages.py`` does.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from workbench.formats.parts import call, is_own, parts_of, result

if TYPE_CHECKING:
    from collections.abc import Sequence

    Message = dict[str, Any]

SYSTEM_ROLES: Final = frozenset({"system", "developer"})
#: What data sets and other APIs call the two who speak.
_ALSO: Final = {
    "human": "user",
    **dict.fromkeys(("gpt", "chatgpt", "bing", "bard", "model"), "assistant"),
}
_TOOL_ROLES: Final = frozenset({"tool", "function"})


def asked(messages: Sequence[Any], prompt_at: int | None) -> list[Message] | None:
    """The request's part; None where its messages are a question in words, and instructions.

    Args:
        messages: As any provider writes them.
        prompt_at: Which of them is the prompt.
    """
    first = 0
    while first < len(messages) and _role(messages[first]) in SYSTEM_ROLES:
        first += 1
    made = [_message(each) for each in messages]
    in_words = all(_in_words(message["parts"]) for message in made)
    if in_words and (not messages or (first == prompt_at == len(messages) - 1)):
        return None
    # One message of the system alone is the column; of several each says its own.
    system_at = [at for at, each in enumerate(messages) if _role(each) in SYSTEM_ROLES]
    if len(system_at) == 1 and made[system_at[0]]["parts"]:
        _refer(made[system_at[0]], "system")
    if prompt_at is not None:
        _refer(made[prompt_at], "prompt")
    return made


def answered(*choices: Any) -> list[Message] | None:
    """The response's part; None where it is an answer in words.

    Args:
        choices: Messages; the text of the first is the completion.
    """
    made = [_message(each, "assistant") for each in choices]
    for message in made[:1]:
        message["parts"] = [part for part in message["parts"] if "reasoning" not in part]
        _refer(message, "completion")
    if len(made) < 2 and all("in" in part for message in made for part in message["parts"]):
        return None
    return made


def both(one: list[Message] | None, other: list[Message] | None) -> list[Message] | None:
    """Two sides, one behind the other."""
    return [*(one or []), *(other or [])] or None


def given(messages: Sequence[Message]) -> list[Message]:
    """Messages that a log gave as its dialogue, or that were mapped to it: media become markers."""
    return [
        message
        if isinstance(message.get("parts"), list) and all(map(is_own, message["parts"]))
        else _message({"content": message.get("parts"), **message})
        for message in messages
    ]


def written(messages: Any) -> str:
    """The column's text."""
    return json.dumps(messages, ensure_ascii=False, separators=(",", ":"))


def _role(message: Any) -> str:
    return str(message.get("role")) if isinstance(message, dict) else ""


def _message(message: Any, role: str = "") -> Message:
    if not isinstance(message, dict):
        return {"role": role, "parts": parts_of(message)}
    named = str(message.get("role") or message.get("type") or role)
    if "role" not in message and "content" not in message and "type" in message:
        # OpenAI's Responses: an item of the conversation that is no message.
        return {"role": role or _of_item(named), "parts": parts_of(message)}
    parts = parts_of(message.get("content"))
    if named in _TOOL_ROLES and not any("result_of" in part for part in parts):
        parts = [result(message.get("tool_call_id", message.get("name")), message.get("content"))]
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal:
        # Where there is no other text it is the completion.
        parts.append({"refusal" if any(p.get("text") for p in parts) else "text": refusal})
    spoken = message.get("audio")
    if isinstance(spoken, dict):
        parts += parts_of({"type": "audio", "audio": spoken})
    calls = message.get("tool_calls")
    for each in calls if isinstance(calls, list) else [calls] if calls else []:
        if isinstance(each, dict) and "type" not in each:  # a tracer's, or an older API's
            each = {"type": "function", **each}
        parts += parts_of(each)
    old = message.get("function_call")
    if isinstance(old, dict):
        parts.append(call(old.get("name"), None, old.get("arguments")))
    return {"role": _ALSO.get(named, named), "parts": parts}


def _of_item(kind: str) -> str:
    return "tool" if kind.endswith("_output") else "assistant"


def _in_words(parts: list[Message]) -> bool:
    return all("text" in part for part in parts)


def _refer(message: Message, column: str) -> None:
    """The column in place of the texts, where the first of them stood."""
    first = next((at for at, part in enumerate(message["parts"]) if "text" in part), None)
    message["parts"] = [
        {"in": column} if at == first else part
        for at, part in enumerate(message["parts"])
        if at == first or "text" not in part
    ]
