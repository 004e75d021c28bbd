"""Text out of the shapes that message contents take. Must not clean: evidence stays as sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What exporters write for "no value" where a number, time or truth value belongs.
_NOTHING: Final = frozenset({"", "null", "none", "nan", "nat", "n/a", "na", "-", "\\n"})


def is_absent(word: str) -> bool:
    """Whether a text in the place of a number, time or truth value says that there is none."""
    return len(word) < 8 and word.strip().lower() in _NOTHING


def without_surrogates(text: str) -> str:
    r"""The text with each lone surrogate written as its six characters ``\ud800``.

    JSON may escape half a surrogate pair; UTF-8, and so Arrow, cannot hold one. Written out it
    stays visible and distinct.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def text_of(content: Any) -> str | None:
    """The text of a message's content; None when it has none.

    Args:
        content: A string, or a list of parts (strings, ``{"text": ...}`` of the types text,
            input_text, output_text). Parts are joined by a line feed; pictures, files, tool
            calls and tool results are no text.
    """
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        return None
    parts = [part for part in map(part_text, content) if part is not None]
    return "\n".join(parts) if parts else None


def part_text(part: Any) -> str | None:
    """The text of one part of a content; None when it is no text."""
    if isinstance(part, str):
        return part
    if not isinstance(part, dict) or part.get("type") not in _TEXT_TYPES:
        return None
    text = part.get("text")
    if isinstance(text, dict):  # assistants write {"text": {"value": "..."}}
        text = text.get("value")
    return text if isinstance(text, str) else None


_TEXT_TYPES = (None, "text", "input_text", "output_text")


def joined(texts: Iterable[Any]) -> str | None:
    """The texts among some values, joined by a line feed; None when there is none."""
    found = [text for text in texts if isinstance(text, str) and text]
    return "\n".join(found) if found else None
