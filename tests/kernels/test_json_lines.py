"""Flat JSON lines against the standard library's decoder."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.kernels import json_lines, json_values
from workbench.kernels import json_tokens as kernel

NAMES = ("text", "count", "share", "flag", "a_key_longer_than_eight_bytes", "never")
ANY = kernel.TEXT | kernel.ESCAPED | kernel.INTEGER | kernel.DECIMAL | kernel.TRUE | kernel.FALSE
TABLE = kernel.key_table(NAMES, [ANY, ANY, ANY, ANY, ANY, 0])
NUMBER = kernel.INTEGER | kernel.DECIMAL


class RefusedError(Exception):
    """The line is not flat."""


def reference(line: bytes) -> dict[str, Any]:
    """The known keys of a flat line that are not null, numbers as their text."""

    def flat(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        known = [key for key, _ in pairs if key in NAMES]
        if len(known) != len(set(known)):
            raise RefusedError
        if any(isinstance(value, dict | list) for _, value in pairs):
            raise RefusedError
        return dict(pairs)

    def constant(name: str) -> Any:
        raise RefusedError

    try:
        found = json.loads(
            line.strip(b" \t\r"),
            object_pairs_hook=flat,
            parse_int=lambda text: ("number", text),
            parse_float=lambda text: ("number", text),
            parse_constant=constant,
        )
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError, UnicodeEncodeError) as error:
        raise RefusedError from error
    if not isinstance(found, dict) or b"\\" in b"".join(_keys_of(line)):
        raise RefusedError
    kept = {key: value for key, value in found.items() if key in NAMES and value is not None}
    if "never" in kept:
        raise RefusedError
    return kept


def _keys_of(line: bytes) -> list[bytes]:
    """The raw keys of a line that is a flat object."""
    keys, at, expecting = [], 0, True
    while at < len(line):
        if line[at : at + 1] == b'"':
            end = at + 1
            while line[end : end + 1] != b'"':
                end += 2 if line[end : end + 1] == b"\\" else 1
            if expecting:
                keys.append(line[at + 1 : end])
            at = end
        elif line[at : at + 1] == b",":
            expecting = True
        elif line[at : at + 1] == b":":
            expecting = False
        at += 1
    return keys


def found_in(data: bytes) -> list[dict[str, Any] | None]:
    """What the kernel finds in each line, as the reference tells it; None where it refuses."""
    array = np.frombuffer(data, np.uint8)
    spans = json_lines.scan(array, TABLE)
    rows = np.arange(len(spans.starts))
    accepted = np.flatnonzero(spans.accepted)
    lines: list[dict[str, Any] | None] = [{} if ok else None for ok in spans.accepted]
    for index, name in enumerate(NAMES):
        kind, begin, end = spans.kind[index], spans.begin[index], spans.end[index]
        offsets, text = json_values.texts(array, kind, begin, end, accepted)
        for at, row in enumerate(accepted.tolist()):
            value: Any
            if kind[row] & (kernel.TEXT | kernel.ESCAPED):
                value = bytes(text[offsets[at] : offsets[at + 1]]).decode()
            elif kind[row] & NUMBER:
                value = ("number", data[begin[row] : end[row]].decode())
                assert (kind[row] == kernel.INTEGER) == value[1].lstrip("-").isdecimal()
            elif kind[row]:
                value = bool(kind[row] == kernel.TRUE)
            else:
                continue
            line = lines[row]
            assert line is not None
            line[name] = value
    assert [data[s:e] for s, e in zip(spans.starts, spans.ends, strict=True)] == data.split(b"\n")[
        :-1
    ]
    assert len(rows) == data.count(b"\n")
    return lines


def expected(line: bytes) -> dict[str, Any] | None:
    try:
        return reference(line)
    except RefusedError:
        return None


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.sampled_from(["\U0001f600 pair", 'quote " and \\', "\0\x1f\x7f", "a" * 70, "é" * 9]),
)
VALUES: st.SearchStrategy[Any] = st.one_of(
    SCALARS, SCALARS, SCALARS, st.just([]), st.just({"text": 1})
)
KEYS = st.sampled_from([*NAMES, "other", "te", "texts", ""])
FLAT = st.builds(
    lambda record, ascii_only, indent: json.dumps(
        record, ensure_ascii=ascii_only, separators=(", ", " : ") if indent else (",", ":")
    ).encode(),
    st.dictionaries(KEYS, VALUES, max_size=5),
    st.booleans(),
    st.booleans(),
).filter(lambda line: b"\n" not in line)
BROKEN = st.builds(
    lambda line, at, byte: line[: at % (len(line) + 1)] + byte + line[at % (len(line) + 1) + 1 :],
    FLAT,
    st.integers(0, 200),
    st.sampled_from([b"", b'"', b"\\", b"\\u", b"{", b",", b"0", b"-", b".", b"e", b" ", b"\x01"]),
)


def is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


@settings(max_examples=400)
@given(st.lists(st.one_of(FLAT, BROKEN).filter(is_utf8), min_size=1, max_size=6))
@example([b"", b" ", b"{}", b" { } \r", b"[]", b'{"text":"a"', b'{"text":"a"}}', b'{"text":"a",}'])
@example([b'{"text":"a","text":"a"}', b'{"other":1,"other":2}', b'{"te\\u0078t":"a"}'])
@example([b'{"text":"\\ud83d\\ude00"}', b'{"text":"\\ud83d"}', b'{"text":"\\ude00\\ud83d"}'])
@example(
    [b'{"text":"\\ud83d\\u0041"}', b'{"text":"\\u00e9\\u0800\\uffff\\u0000"}', b'{"text":"\\uD83']
)
@example(
    [b'{"text":"\\q"}', b'{"text":"\\"}', b'{"text":"\\/\\b\\f\\n\\r\\t\\\\\\""}', b'{"text":"\t"}']
)
@example([b'{"count":01}', b'{"count":-}', b'{"count":1.}', b'{"count":1e}', b'{"count":-0.5E+7}'])
@example([b'{"count":+1}', b'{"count":.5}', b'{"count":1e5}', b'{"count":-0}', b'{"count":NaN}'])
@example([b'{"flag":tru}', b'{"flag":falsy}', b'{"flag":nul}', b'{"flag":true}', b'{"never":null}'])
@example([b'{"never":1}', b"{text:1}", b'{"text"1}', b'{"text":"a" "count":1}', b'{"\x01":1}'])
def test_what_the_standard_library_finds(lines: list[bytes]) -> None:
    found = found_in(b"\n".join(lines) + b"\n")
    assert found == [expected(line) for line in lines]


@pytest.mark.parametrize("where", range(20))
@pytest.mark.parametrize("byte", [b'\\"', b"\\\\", b"\x1f", b"\x7f", b"\xc3\xa9"])
def test_what_ends_a_text_is_seen_at_every_place_of_a_word(where: int, byte: bytes) -> None:
    line = b'{"text":"' + b"a" * where + byte + b"b" * (19 - where) + b'"}'
    assert found_in(line + b"\n") == [expected(line)]


NUMBERS = st.one_of(
    st.integers(-(10**19), 10**19).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda d: f"{d:f}"),
    st.sampled_from(["0", "-0", "-0.0", "9007199254740993", "0.1", "1e5", "123456789012345.678"]),
)


@settings(max_examples=400)
@given(st.lists(NUMBERS, min_size=1, max_size=5))
def test_numbers(texts: list[str]) -> None:
    data = b"".join(b'{"count":%b}\n' % text.encode() for text in texts)
    array = np.frombuffer(data, np.uint8)
    spans = json_lines.scan(array, TABLE)
    at = NAMES.index("count")
    of = (array, spans.kind[at], spans.begin[at], spans.end[at])
    values, hard = json_values.decimals(*of, spans.accepted)
    for text, value, is_hard in zip(texts, values.tolist(), hard.tolist(), strict=True):
        if not is_hard:
            assert value == float(text)
            assert math.copysign(1, value) == math.copysign(1, float(text))
    low, high = -(2**31), 2**31 - 1
    accepted = spans.accepted.copy()
    whole = json_values.integers(*of, low, high, accepted)
    for text, value, ok in zip(texts, whole.tolist(), accepted.tolist(), strict=True):
        if text.lstrip("-").isdecimal():
            fits = low <= int(text) <= high
            assert ok == fits
            assert not fits or value == int(text)
        else:
            assert ok


def test_plain_decimals_are_read_without_help() -> None:
    data = b'{"share":0.7}\n{"share":1234.5}\n{"share":-2}\n'
    array = np.frombuffer(data, np.uint8)
    spans = json_lines.scan(array, TABLE)
    at = NAMES.index("share")
    values, hard = json_values.decimals(
        array, spans.kind[at], spans.begin[at], spans.end[at], spans.accepted
    )
    assert values.tolist() == [0.7, 1234.5, -2.0]
    assert not hard.any()
