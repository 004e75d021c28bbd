"""Paths into a decoded record: ``metadata.user.id``, ``messages[-1].content``, ``["a.b"]``."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Step = str | int
Path = tuple[Step, ...]

_KEY: Final = re.compile(r"[^.\[\]]+")
_STEP: Final = re.compile(r'\.?([^.\[\]]+)|\[(-?\d+)\]|\[("(?:[^"\\]|\\.)*")\]')


def parse_path(text: str) -> Path:
    """Split a path into keys and list positions.

    Raises:
        InputError: The text is no path.
    """
    steps: list[Step] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            break
        key, index, quoted = match.groups()
        if key is not None:
            steps.append(key)
        elif index is not None:
            steps.append(int(index))
        else:
            try:
                steps.append(json.loads(quoted))
            except ValueError:
                break
        position = match.end()
    if not steps or position < len(text):
        raise InputError(
            f"{text!r} is no path into a record.",
            remedy='Write it like metadata.user.id, messages[-1].content or ["a.key.with.dots"].',
        )
    return tuple(steps)


def look_up(record: Any, path: Path) -> Any:
    """The value at the path, or None where any step of it is missing.

    A step through a text that holds JSON (as warehouses keep nested fields) goes into it.
    """
    value = record
    for step in path:
        if isinstance(value, str):
            value = embedded_json(value)
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        elif isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
        if value is None:
            return None
    return value


def embedded_json(text: str) -> Any:
    """The object or list that a text holds as JSON; the text itself when it holds none."""
    if text[:1] not in ("{", "["):
        return text
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return text


def as_object(value: Any) -> dict[str, Any]:
    """An object, also from JSON text; an empty one where there is none."""
    if isinstance(value, str):
        value = embedded_json(value.strip())
    return value if isinstance(value, dict) else {}


def leaves(
    record: Mapping[str, Any], prefix: str = "", depth: int = 4
) -> Iterator[tuple[str, Any]]:
    """Every path of a record that leads to a plain value, with the value; lists by their last.

    For offering fields to a person who maps an unknown shape.
    """
    for key, value in record.items():
        step = f".{key}" if _KEY.fullmatch(key) else f"[{_quoted(key)}]"
        yield from _below(value, (prefix + step).removeprefix("."), depth)


def _quoted(key: str) -> str:
    """A key between quotes; its lone surrogates (a header that is not UTF-8) as their escapes."""
    return json.dumps(key, ensure_ascii=any("\ud800" <= character <= "\udfff" for character in key))


def _below(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, str):
        value = embedded_json(value)
    if isinstance(value, list) and value and depth:
        yield from _below(value[-1], f"{path}[-1]", depth - 1)
    elif isinstance(value, dict) and depth:
        yield from leaves(value, path, depth - 1)
    elif not isinstance(value, dict | list):
        yield path, value
