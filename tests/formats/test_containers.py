"""Cutting bytes into records: against the csv and json modules, and wherever a block ends."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.formats.containers import Lines, Rows, Values

if TYPE_CHECKING:
    from workbench.formats.containers import Container

_TEXT = st.text(st.sampled_from('ab\\"{}[],:; \n\r\té😀'), max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_OBJECTS = st.lists(st.dictionaries(_TEXT, _JSON, max_size=3), max_size=6)
_TABLES = st.lists(st.lists(_TEXT, min_size=1, max_size=4), max_size=6)


def _pieces(container: Container, data: bytes, step: int) -> list[tuple[int, bytes]]:
    """Records as a reader meets them that takes ``step`` bytes at a time."""
    out: list[tuple[int, bytes]] = []
    held, offset = b"", 0
    for low in range(0, len(data), step):
        held += data[low : low + step]
        cut = container.boundary(held)
        starts, items = container.split(held[:cut]) if cut else ((), [])
        out += [(offset + int(s), item) for s, item in zip(starts, items, strict=True)]
        held, offset = held[cut:], offset + cut
    starts, items = container.split(held)
    return out + [(offset + int(s), item) for s, item in zip(starts, items, strict=True)]


@given(st.binary(max_size=60), st.integers(1, 9))
def test_lines_however_they_are_cut(data: bytes, step: int) -> None:
    data = data.replace(b"x", b"\n")
    expected, offset = [], 0
    for line in data.split(b"\n"):
        expected.append((offset, line))
        offset += len(line) + 1
    if not expected[-1][1]:
        expected.pop()
    assert _pieces(Lines(), data, step) == expected


@given(_OBJECTS, st.integers(1, 9), st.sampled_from([None, 2]), st.booleans())
def test_values_of_an_array_however_they_are_cut(
    objects: list[object], step: int, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(objects, indent=indent, ensure_ascii=ascii_only).encode()[1:]
    found = _pieces(Values(), text, step)
    assert [json.loads(item) for _, item in found] == objects
    assert all(text[start : start + len(item)] == item for start, item in found)


@pytest.mark.parametrize(
    ("data", "items"),
    [
        (b'{"a":1}\n{"b":2}\n', [b'{"a":1}', b'{"b":2}']),
        (b'{"a":1},garbage,{"b":2}]', [b'{"a":1}', b"garbage", b'{"b":2}']),
        (b'{"a":1},[{"b":2}]]', [b'{"a":1}', b'[{"b":2}]']),
        (b'{"a":1},\n{"b":{"c":', [b'{"a":1}', b'{"b":{"c":']),
        (b'{"a":"}\\"]"}]', [b'{"a":"}\\"]"}']),
        (b'{"a":"\\\\"},{"b":2}]', [b'{"a":"\\\\"}', b'{"b":2}']),
        (b'}]{"a":1}', [b"}]", b'{"a":1}']),
        (b" ,\n ]\n", []),
    ],
)
def test_values_and_what_stands_between_them(data: bytes, items: list[bytes]) -> None:
    assert Values().split(data)[1] == items


@given(
    _TABLES,
    st.sampled_from(",;\t|"),
    # With a bare line feed as terminator the module leaves returns unquoted unless told.
    st.sampled_from([("\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_MINIMAL)]),
    st.integers(1, 9),
)
def test_rows_as_the_csv_module_writes_them(
    table: list[list[str]], delimiter: str, style: tuple[str, int], step: int
) -> None:
    sink = io.StringIO()
    end, quoting = style
    csv.writer(sink, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(table)  # type: ignore[arg-type]
    data = sink.getvalue().encode()
    rows = Rows(delimiter)
    found = _pieces(rows, data, step)
    read = [fields for _, item in found for _, _, fields in rows.rows(item + b"\n")]
    assert [r or [""] for r in read] == table
    assert all(data[start : start + len(item)] == item for start, item in found)


@settings(max_examples=400)
@given(st.text(st.sampled_from('ab",\n\r'), max_size=40), st.integers(1, 9))
@example('\r"\n"\na"', 1)
@example('a"\n",b\n"\n', 1)
@example('"a"b\n"', 1)
def test_rows_with_stray_quotes_are_cut_where_the_csv_module_cuts_them(
    text: str, step: int
) -> None:
    """Quotes in the middle of fields, unclosed ones, lone returns: never another record."""
    data = text.encode()
    whole = [item for _, item in _pieces(Rows(), data, len(data) + 1)]
    assert [item for _, item in _pieces(Rows(), data, step)] == whole
    assert b"".join(whole).replace(b"\r", b"").replace(b"\n", b"") == data.replace(
        b"\r", b""
    ).replace(b"\n", b"")


def test_bytes_that_are_no_text_stay_in_their_row() -> None:
    rows = list(Rows().rows(b'a,"b\xff\nc"\nd,e\n'))
    assert [fields for _, _, fields in rows] == [["a", "b\udcff\nc"], ["d", "e"]]
