"""A conversation as a person reads it: who said what, one part a paragraph. Pure functions.

The column ``dialogue`` is JSON of our own making (``formats/dialogue.py``), or whatever a canonical
log gave under that name: what is not of that shape is shown as it stands.
"""

from __future__ import annotations

import json
from typing import Any, Final

from workbench.domain.text import plural

_IN: Final = {
    "prompt": "(the prompt)",
    "completion": "(the completion)",
    "system": "(the system prompt)",
}


def as_read(dialogue: str) -> str:
    """The conversation in lines.

    Args:
        dialogue: The column's text.
    """
    try:
        messages = json.loads(dialogue)
    except (ValueError, RecursionError):
        return dialogue
    if not isinstance(messages, list) or not all(isinstance(m, dict) for m in messages):
        return dialogue
    return "\n\n".join(_message(message) for message in messages)


def _message(message: dict[str, Any]) -> str:
    parts = message.get("parts")
    said = [_part(part) for part in parts] if isinstance(parts, list) else []
    return "\n".join([f"{message.get('role')}:", *said])


def _part(part: Any) -> str:
    if not isinstance(part, dict):
        return str(part)
    if "in" in part:
        return _IN.get(str(part["in"]), str(part["in"]))
    if "call" in part:
        return f"calls {part['call']}: {part.get('arguments', '')}".rstrip(": ")
    if "result_of" in part:
        inner = part.get("parts")
        said = "\n".join(map(_part, inner)) if isinstance(inner, list) else ""
        return f"result: {said}".rstrip(": ")
    if "media" in part or "other" in part:
        return _marker(part)
    for name in ("text", "reasoning", "refusal"):
        if name in part:
            return str(part[name]) if name == "text" else f"{name}: {part[name]}"
    return json.dumps(part, ensure_ascii=False)


def _marker(part: dict[str, Any]) -> str:
    """What stands for bytes that the case does not hold."""
    kind = str(part.get("media") or part.get("other"))
    facts = [str(part["type"])] if "type" in part else []
    size = part.get("bytes")
    if isinstance(size, int):
        facts.append(plural(size, "byte", "bytes"))
    for name, said in (("sha256", "SHA-256"), ("reference_sha256", "SHA-256 of its address")):
        if name in part:
            facts.append(f"{said} {part[name]}")
    return f"[{kind}: {', '.join(facts)}]"
