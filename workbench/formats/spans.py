"""Spans of OpenTelemetry as plain objects: what OTLP's JSON wraps is unwrapped.

OTLP writes attributes as a list of keys and typed values, so that nothing could be found in them
by name. Must not know what an attribute means.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from workbench.formats.shape import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.formats.shape import Record

#: Lists and objects inside each other; values are nested a few levels, never so many.
_DEEPEST: Final = 32
_NUMBER: Final = re.compile(r"\.([0-9]{1,6})\.")


def plain(record: Mapping[str, Any]) -> Record:
    """A span whose attributes, and those of its events, resource and scope, are objects.

    What is one already, or is neither list nor object, stays as it is.
    """
    out = dict(record)
    if isinstance(out.get("attributes"), list):
        out["attributes"] = _object_of(out["attributes"])
    for key in ("resource", "scope"):
        if isinstance(out.get(key), dict) and isinstance(out[key].get("attributes"), list):
            out[key] = {**out[key], "attributes": _object_of(out[key]["attributes"])}
    if isinstance(out.get("events"), list):
        out["events"] = [
            {**event, "attributes": _object_of(event["attributes"])}
            if isinstance(event, dict) and isinstance(event.get("attributes"), list)
            else event
            for event in out["events"]
        ]
    return out


def _object_of(pairs: list[Any], depth: int = 0) -> Record:
    """Keys and values; a key that is there twice with different values is unreadable."""
    out: Record = {}
    for pair in pairs:
        if not isinstance(pair, dict) or not isinstance(pair.get("key"), str):
            continue
        key, value = pair["key"], _value(pair.get("value"), depth)
        out[key] = UNREADABLE if key in out and repr(out[key]) != repr(value) else value
    return out


def _value(value: Any, depth: int) -> Any:
    """What one of OTLP's values holds: ``{"stringValue": "x"}``."""
    if not isinstance(value, dict) or len(value) != 1:
        return value or None if isinstance(value, dict) else value
    ((kind, inner),) = value.items()
    if kind in ("arrayValue", "kvlistValue"):
        values = inner.get("values", []) if isinstance(inner, dict) else None
        if not isinstance(values, list) or depth == _DEEPEST:
            return UNREADABLE
        if kind == "kvlistValue":
            return _object_of(values, depth + 1)
        return [_value(each, depth + 1) for each in values]
    return inner if kind in _PLAIN else value


#: Integers are 64 bits wide and so written as text, which is read as the number that it is.
_PLAIN: Final = frozenset({"stringValue", "boolValue", "intValue", "doubleValue", "bytesValue"})


def indexed(attributes: Mapping[str, Any]) -> dict[str, list[Record]]:
    """Lists that were written one value an attribute: ``gen_ai.prompt.0.role``.

    Returns:
        Name before the number -> the objects in their order, each by the names after it.
    """
    found: dict[str, dict[int, Record]] = {}
    for key, value in attributes.items():
        number = _NUMBER.search(key)
        if number:
            items = found.setdefault(key[: number.start()], {})
            items.setdefault(int(number[1]), {})[key[number.end() :]] = value
    return {name: [items[n] for n in sorted(items)] for name, items in found.items()}
