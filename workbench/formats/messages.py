"""What a list of chat messages says: the system prompt, the last user turn, how many turns.

Shared by the chat formats. Must not rewrite: texts are joined, never trimmed or cleaned.
"""

from __future__ import annotations

from typing import Any

from workbench.formats.dialogue import SYSTEM_ROLES, asked
from workbench.formats.text import text_of

_USER_ROLES = frozenset({"user", "human"})


def is_messages(value: Any) -> bool:
    """Whether a value looks like a list of chat messages."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and "role" in item for item in value)
    )


def from_messages(messages: Any) -> dict[str, Any]:
    """Columns system, prompt, n_turns and dialogue of the messages of a request.

    The prompt is the text of the last user turn that has any: tool results, pictures and files
    are no text, so that in an agent's loop it stays the question that was asked. ``n_turns``
    counts user turns with text. Several system messages are joined by a line feed.
    """
    if not isinstance(messages, list):
        return {}
    system: list[str] = []
    prompt: str | None = None
    prompt_at: int | None = None
    turns = 0
    for at, message in enumerate(messages):
        if not isinstance(message, dict):
            continue
        role = str(message.get("role"))
        if role in _USER_ROLES:
            text = text_of(message.get("content"))
            if text is not None:
                prompt, prompt_at = text, at
                turns += 1
        elif role in SYSTEM_ROLES:
            text = text_of(message.get("content"))
            if text is not None:
                system.append(text)
    return {
        "system": "\n".join(system) if system else None,
        "prompt": prompt,
        "n_turns": turns or None,
        "dialogue": asked(messages, prompt_at),
    }
