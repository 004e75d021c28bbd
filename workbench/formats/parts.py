"""Parts of a message in every provider's shape, in one shape: texts, calls, results, media.

A part becomes an object with one of these keys first:

- ``text``: what was said;
- ``reasoning``: what was thought, and shown;
- ``call``: the tool that was called, with ``id`` and ``arguments`` (as text);
- ``result_of``: the id of a call, with ``parts``: what the tool answered;
- ``media``: what kind of picture, sound or file, with ``type``, ``bytes`` and ``sha256``; of one
  that was only named, ``reference_sha256``; of speech its ``transcript``, where there is one;
- ``other``: a part of a type that is not known, with ``bytes`` and ``sha256`` of its JSON.

Media are measured and hashed, never kept. Must not rewrite texts.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from workbench.formats.text import joined, part_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    Part = dict[str, Any]

#: Types of parts that call a tool: OpenAI's items, Anthropic's blocks, OpenTelemetry's parts.
_CALLS: Final = frozenset(
    {
        *("tool_use", "server_tool_use", "mcp_tool_use"),
        *("tool_call", "function_call", "custom_tool_call", "mcp_call", "function", "custom"),
    }
)
_CALL_IDS: Final = ("call_id", "id", "toolUseId")
_RESULT_IDS: Final = ("tool_use_id", "call_id", "id", "toolUseId", "tool_call_id")
_ARGUMENTS: Final = ("arguments", "input", "args")
_RESULTS: Final = ("content", "output", "response", "result")
_MEDIA: Final = {
    **dict.fromkeys(("image", "image_url", "input_image", "output_image"), "image"),
    **dict.fromkeys(("audio", "input_audio", "output_audio"), "audio"),
    **dict.fromkeys(("video", "input_video", "video_url"), "video"),
    **dict.fromkeys(("file", "input_file", "document", "container_upload"), "file"),
    **dict.fromkeys(("blob", "uri"), "file"),
}
#: What says of a medium that it is one.
_SAYING: Final = frozenset(
    {"type", "text", "modality", "media_type", "mime_type", "format", "transcript"}
)
#: Results inside results.
_DEEPEST: Final = 4
#: What a part of a dialogue has, one of them; what is one already stays as it is.
_OWN: Final = ("text", "in", "reasoning", "call", "result_of", "media", "refusal", "other")
#: Where the bytes of a medium, or its name elsewhere, stand in its part.
_BYTES: Final = ("data", "bytes", "file_data", "content", "b64_json")
_NAMED: Final = ("url", "uri", "file_id", "id", "file_url", "s3Location")


def parts_of(content: Any, *, depth: int = 0) -> list[Part]:
    """The parts of a message's content, in their order.

    Args:
        content: A text, a part, or a list of both, as any provider writes it.
        depth: How many results it lies in; what lies deeper than any provider's is not opened.
    """
    if content is None:
        return []
    if depth > _DEEPEST:
        return [_other("nested", content)]
    parts = content if isinstance(content, list) else [content]
    return [_part_of(part, depth) for part in parts if part is not None]


def _part_of(part: Any, depth: int) -> Part:
    text = part_text(part)
    if text is not None:
        return {"text": text}
    if not isinstance(part, dict):
        return _other(type(part).__name__, part)
    kind = part.get("type")
    found = None
    if kind is None and len(part) == 1:  # Converse: a key in place of a type
        (name, inner), *_ = part.items()
        kind, found = name, _of_converse(name, inner, depth)
    return found or _of_type(str(kind), part, depth) or _other(str(kind), part)


def is_own(part: Any) -> bool:
    """Whether a part is in this shape, and in no provider's."""
    return (
        isinstance(part, dict)
        and any(name in part for name in _OWN)
        and ("type" not in part or "media" in part)
    )


def call(name: Any, call_id: Any, arguments: Any) -> Part:
    """A tool that was called.

    Args:
        name: Of the tool.
        call_id: By which its result names it; None where it has none.
        arguments: A text, or an object, which is written as JSON.
    """
    made: Part = {"call": _word(name)}
    if call_id is not None:
        made["id"] = _word(call_id)
    if arguments is not None:
        made["arguments"] = _as_text(arguments)
    return made


def result(call_id: Any, content: Any, *, depth: int = 0) -> Part:
    """What a tool answered."""
    return {"result_of": _word(call_id), "parts": parts_of(content, depth=depth + 1)}


def _of_converse(name: str, inner: Any, depth: int) -> Part | None:
    if not isinstance(inner, dict):
        return None
    if name == "toolUse":
        return call(inner.get("name"), inner.get("toolUseId"), inner.get("input"))
    if name == "toolResult":
        return result(inner.get("toolUseId"), inner.get("content"), depth=depth)
    if name == "reasoningContent":
        said = inner.get("reasoningText")
        text = said.get("text") if isinstance(said, dict) else None
        return {"reasoning": text} if isinstance(text, str) else None
    if name in _MEDIA:
        form = inner.get("format")
        of_type = f"{_MEDIA[name]}/{form}" if isinstance(form, str) else None
        return _medium(_MEDIA[name], inner.get("source", inner), of_type)
    return None


def _of_type(kind: str, part: Mapping[str, Any], depth: int) -> Part | None:
    if kind in _CALLS:
        inner = part.get(kind)  # OpenAI's chat: {"type": "function", "function": {...}}
        inner = inner if isinstance(inner, dict) else part
        return call(inner.get("name"), _first(part, _CALL_IDS), _first(inner, _ARGUMENTS))
    if kind.endswith(("tool_result", "tool_call_response", "_call_output")):
        return result(_first(part, _RESULT_IDS), _first(part, _RESULTS), depth=depth)
    if kind in ("thinking", "reasoning"):
        text = _first(part, ("thinking", "text", "reasoning", "content", "summary"))
        if isinstance(text, list):
            text = joined(each.get("text") for each in text if isinstance(each, dict))
        return {"reasoning": text} if isinstance(text, str) else None
    if kind == "refusal" and isinstance(part.get("refusal"), str):
        return {"text": part["refusal"]}
    if kind in _MEDIA:
        inner = _first(part, ("source", kind, "input_audio", "image_url", "file"))
        name = part.get("modality") if kind in ("blob", "uri") else None
        return _medium(str(name or _MEDIA[kind]), part if inner is None else inner, None)
    return None


def _medium(name: str, source: Any, of_type: str | None) -> Part:
    """A marker of a medium: what it is, how large, and its hash."""
    held = _first(source, _BYTES) if isinstance(source, dict) else None
    named = _first(source, _NAMED) if isinstance(source, dict) else source
    if isinstance(source, dict):
        of_type = of_type or _first(source, ("media_type", "mime_type", "mimeType", "format"))
    url = named if held is None else held
    if isinstance(url, str) and url.startswith("data:"):
        head, _, held = url.partition(",")
        of_type = of_type or head[5:].partition(";")[0]
    made: Part = {"media": name}
    if isinstance(of_type, str) and of_type:
        made["type"] = of_type
    if isinstance(source, dict) and isinstance(source.get("transcript"), str):
        made["transcript"] = source["transcript"]
    if held is not None:
        data = _decoded(held)
        return made | {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    if named is None and isinstance(source, dict):
        named = {k: v for k, v in source.items() if v is not None and k not in _SAYING} or None
    if named is None:
        return made
    reference = _as_text(named).encode("utf-8", "surrogatepass")
    return made | {"reference_sha256": hashlib.sha256(reference).hexdigest()}


def _decoded(held: Any) -> bytes:
    """The bytes that a text stands for by base64; of what is none, its own."""
    text = _as_text(held)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "surrogatepass")


def _other(kind: str, part: Any) -> Part:
    data = _as_text(part).encode("utf-8", "surrogatepass")
    return {"other": kind, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _first(part: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((part[name] for name in names if part.get(name) is not None), None)


def _word(value: Any) -> str:
    return "" if value is None else _as_text(value)


def _as_text(value: Any) -> str:
    """A text as it is, anything else as its JSON."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=repr)
    except RecursionError:
        return "nested too deep"
