"""What a record or a file of a format becomes, and what a spoilt one must not do."""

from __future__ import annotations

import copy
import csv
import io
import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from workbench.domain.ports import ReadOptions
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.coerce import NAMES, coerce
from workbench.formats.detect import detect
from workbench.formats.known import KNOWN, Converter, format_named

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

Record = dict[str, Any]
Path = tuple[str | int, ...]


def claimed(record: Record) -> list[str]:
    """Every format whose shape the record has."""
    return [known.name for known in KNOWN if known.matches(record)]


def read(record: Record, name: str, **mapping: str) -> tuple[Record, set[str]]:
    """The canonical columns without NULLs, and the columns that could not be read."""
    raw = Converter(format_named(name), ReadOptions("", mapping)).convert(record)
    assert raw is not None
    values, unreadable = coerce(raw)
    found = {name: v for name, v in zip(NAMES, values, strict=True) if v is not None}
    return found, {name for index, name in enumerate(NAMES) if unreadable >> index & 1}


def columns(record: Record, name: str = "", **mapping: str) -> Record:
    """The columns of a sound record that one format alone claims: the one named."""
    names = claimed(record)
    assert len(names) == 1, f"claimed by {names}"
    assert name in ("", *names)
    found, unreadable = read(record, names[0], **mapping)
    assert not unreadable
    return found


def as_csv(records: list[Record]) -> bytes:
    """The records as CSV: nested fields as JSON text, what is missing or None as empty cells."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(dict.fromkeys(key for each in records for key in each)))
    writer.writeheader()
    for each in records:
        writer.writerow(
            {k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in each.items()}
        )
    return sink.getvalue().encode()


def as_lines(records: list[Record]) -> bytes:
    """The records as JSON lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in records)


def imported(path: pathlib.Path, data: bytes) -> tuple[list[Record], list[Record], str]:
    """Loaded rows, rejects, and the format that was detected; the data fit into one block."""
    path.write_bytes(data)
    layout = detect(path, ReadOptions(zone="UTC"))
    parsed = Adapter(layout.recipe).read(data, first=True)
    return parsed.records.to_pylist(), parsed.rejects.to_pylist(), layout.detection.format


def _paths(value: Any, here: Path = ()) -> Iterator[Path]:
    below = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in below:
        yield (*here, key)
        if isinstance(inner, dict | list):
            yield from _paths(inner, (*here, key))


def with_value(record: Record, path: Path, value: Any) -> Record:
    """A copy with another value at the path."""
    changed = copy.deepcopy(record)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(
        [
            *("", "null", "7", "\ud800", "\0", "\u202e", "{", "[1", "[{}]", '{"a": [1]}'),
            *("data: {}", "2026-05-01", "Bearer ", "?", ",", '{"body": 1}', '{"choices": [[]]}'),
            *('[{"role": 1, "content": 2}]', '{"object": "response", "output": [1]}'),
        ]
    ),
)
_KEYS = st.sampled_from(
    [
        *("role", "content", "messages", "choices", "message", "usage", "parts", "type", "text"),
        *("model", "input", "output", "total", "unit", "stop_reason", "system", "thinking"),
        *("candidates", "object", "prompt", "body", "headers", "error", "tools", "input_tokens"),
        *("prompt_tokens", "cache_read_input_tokens", "logprobs", "reasoning_effort", "_user"),
        *("id", "instructions", "reasoning", "status", "a"),
    ]
)
#: Any JSON, biased towards the names that the formats look for.
JUNK = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


def spoilt(*records: Record) -> st.SearchStrategy[Record]:
    """One of the records with up to four of its values, of any depth, replaced by junk."""

    def one(record: Record) -> st.SearchStrategy[Record]:
        places = st.lists(st.sampled_from(list(_paths(record))), min_size=1, max_size=4)
        return st.builds(_spoil, st.just(record), places, st.lists(JUNK, min_size=4, max_size=4))

    return st.one_of(*map(one, records))


def _spoil(record: Record, places: list[Path], junk: list[Any]) -> Record:
    for place, value in zip(sorted(places, key=len, reverse=True), junk, strict=False):
        try:
            record = with_value(record, place, value)
        except (KeyError, IndexError, TypeError):  # what was there is junk by now
            continue
    return record


def survives(record: Record) -> None:
    """No format stumbles over the record, at most one claims it, and it has one fate."""
    names = claimed(record)
    assert len(names) <= 1
    for known in KNOWN:
        raw = Converter(known, ReadOptions()).convert(record)
        if raw is not None:
            coerce(raw)
        known.detect([record])
    line = json.dumps(record).encode()
    parsed = Adapter(Recipe("lines", names[0] if names else "canonical")).read(line)
    assert parsed.records.num_rows + parsed.rejects.num_rows == 1
