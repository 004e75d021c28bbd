"""What a record of a format becomes, and what a spoilt one must not do."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from workbench.domain.ports import ReadOptions
from workbench.formats.coerce import NAMES, coerce
from workbench.formats.known import KNOWN, Converter, format_named

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]


def claimed(record: dict[str, Any]) -> list[str]:
    """Every format whose shape the record has."""
    return [known.name for known in KNOWN if known.matches(record)]


def read(record: dict[str, Any], name: str) -> tuple[dict[str, Any], set[str]]:
    """The canonical columns without NULLs, and the columns that could not be read."""
    raw = Converter(format_named(name), ReadOptions()).convert(record)
    assert raw is not None
    values, unreadable = coerce(raw)
    found = {name: v for name, v in zip(NAMES, values, strict=True) if v is not None}
    return found, {name for index, name in enumerate(NAMES) if unreadable >> index & 1}


def columns(record: dict[str, Any], name: str) -> dict[str, Any]:
    """The columns of a sound record that this format alone claims."""
    assert claimed(record) == [name]
    found, unreadable = read(record, name)
    assert not unreadable
    return found


def _paths(value: Any, here: Path = ()) -> Iterator[Path]:
    below = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in below:
        yield (*here, key)
        if isinstance(inner, dict | list):
            yield from _paths(inner, (*here, key))


def with_value(record: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy with another value at the path."""
    changed: Any = copy.deepcopy(record)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed  # type: ignore[no-any-return]


_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([-1, 0, 7, 2**70, -0.5, 1e300, float("nan")]),
    st.sampled_from(["", "x", "7", "\ud800", "\0", "[1", '{"a": [1]}', "data: {}", "2026-05-01"]),
)
_KEYS = st.sampled_from(["id", "text", "type", "role", "content", "model", "body", "a"])
JUNK = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=6,
)


def spoilt(*records: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """One of the records with up to three of its values, of any depth, replaced by junk."""

    def one(record: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        places = st.lists(st.sampled_from(list(_paths(record))), min_size=1, max_size=3)
        return st.builds(_spoil, st.just(record), places, st.lists(JUNK, min_size=3, max_size=3))

    return st.one_of(*map(one, records))


def _spoil(record: dict[str, Any], places: list[Path], junk: list[Any]) -> dict[str, Any]:
    for place, value in zip(sorted(places, key=len, reverse=True), junk, strict=False):
        try:
            record = with_value(record, place, value)
        except (KeyError, IndexError, TypeError):  # what was there is junk by now
            continue
    return record


def survives(record: dict[str, Any]) -> None:
    """No format stumbles over the record, and at most one claims it."""
    assert len(claimed(record)) <= 1
    for known in KNOWN:
        raw = Converter(known, ReadOptions()).convert(record)
        if raw is not None:
            coerce(raw)
        known.detect([record])
