"""Outlines against the standard library's decoder: what is kept, what is free, what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.kernels.json_outlines import BARS, CLOCK, MOMENT, TELLS, beginnings, outlines
from workbench.kernels.json_tokens import DECIMAL, ESCAPED, INTEGER, TEXT, key_table
from workbench.kernels.moments import NO_MOMENT, moment_at

MARKS = {"role": TELLS, "at": CLOCK, "then": CLOCK, "bar": BARS}
TABLE = key_table([*MARKS], [*MARKS.values()])
HEADS = ("data:", "resp_")
KEPT = beginnings([head.encode() for head in HEADS])
#: What an outline has in place of free values, as JSON again.
STANDS = {1: '"<text>"', 2: '"<integer>"', 3: '"<decimal>"', 4: '"<moment>"'}


class RefusedError(Exception):
    """The line has no outline."""


class _Number(str):
    """A number as it was written."""


def _moment(text: str) -> int | None:
    found = moment_at(np.frombuffer(text.encode() + b'"', np.uint8), 0, len(text.encode()))
    return None if found == NO_MOMENT else int(found)


def _is_free(text: str) -> bool:
    if not text or text[0] in '{["\\' or text[0].isspace() or text[0] < "!":
        return text[:1] == '"'
    return not text.startswith(HEADS) and text.encode()[0] not in (0xC2, 0xE1, 0xE2)


class Reference:
    """The outline of a line by the standard library.

    Attributes:
        shape: The object, pairs in place of objects, free values replaced.
        leaves: The free values.
        moments: Of those under a clock.
    """

    def __init__(self, line: bytes) -> None:
        self.leaves: list[str] = []
        self.moments: list[int] = []
        self._ascii = line.isascii()

        def constant(name: str) -> Any:
            raise RefusedError

        try:
            read = json.loads(
                line.strip(b" \t\r"),
                object_pairs_hook=lambda pairs: ("object", pairs),
                parse_int=_Number,
                parse_float=_Number,
                parse_constant=constant,
            )
            json.dumps(read, ensure_ascii=False).encode()
        except (ValueError, RecursionError, UnicodeEncodeError) as error:
            raise RefusedError from error
        if not isinstance(read, tuple):
            raise RefusedError
        self.shape = self._shape(read, 0)

    def _shape(self, value: Any, mark: int) -> Any:
        if isinstance(value, tuple):
            pairs = []
            for key, below in value[1]:
                if MARKS.get(key) == BARS or any(c in '"\\' or c < " " for c in key):
                    raise RefusedError
                pairs.append((key, self._shape(below, MARKS.get(key, 0))))
            return ("object", pairs)
        if isinstance(value, list):
            return [self._shape(below, mark) for below in value]
        if isinstance(value, _Number):
            return self._number(value, mark)
        if isinstance(value, str):
            return self._text(value, mark)
        return value

    def _number(self, value: _Number, mark: int) -> Any:
        if len(value) > (18 if value.lstrip("-").isdecimal() else 32):
            raise RefusedError
        number, _, exponent = value.lower().partition("e")
        plain = not number.startswith("-") and float(number) != 0 and len(exponent) <= 3
        if mark or not plain:
            return float(value)
        self.leaves.append(value)
        return "<integer>" if value.isdecimal() else "<decimal>"

    def _text(self, value: str, mark: int) -> str:
        moment = _moment(value) if mark == CLOCK and value.isascii() else None
        if moment is not None:
            self.leaves.append(value)
            self.moments.append(moment)
            return "<moment>"
        # In a line of ASCII another first character is an escape, which might be a blank's.
        begins_escaped = self._ascii and not value[:1].isascii()
        if not mark and not begins_escaped and _is_free(value):
            self.leaves.append(value)
            return "<text>"
        return value


def _expected(line: bytes) -> Reference | None:
    try:
        return Reference(line)
    except RefusedError:
        return None


def _is_unwieldy(line: bytes) -> bool:
    return len(line) > 64 and (b"[[[[[[" in line or b"role" in line or line.count(b"Z") > 16)


def _check(lines: list[bytes]) -> list[bool]:
    data = b"\n".join(lines) + b"\n"
    found = outlines(np.frombuffer(data, np.uint8), TABLE, KEPT)
    text = found.text.tobytes()
    for at, line in enumerate(lines):
        assert data[found.starts[at] : found.ends[at]] == line
        outline = text[found.edges[at] : found.edges[at + 1]]
        low, high = found.leaves[at], found.leaves[at + 1]
        expected = _expected(line)
        if not found.accepted[at]:
            # A key may be written with escapes; else what is refused is unwieldy or wrong.
            assert expected is None or b"\\" in line or _is_unwieldy(line)
            assert not outline
            assert low == high
            continue
        assert expected is not None
        bare, _, order = outline.partition(b"\x05")
        for byte, word in STANDS.items():
            bare = bare.replace(bytes([byte]), word.encode())
        shape = json.loads(
            bare,
            object_pairs_hook=lambda pairs: ("object", pairs),
            parse_int=float,
        )
        assert str(shape) == str(expected.shape)
        leaves = []
        for kind, begin, end in zip(
            found.kind[low:high], found.begin[low:high], found.end[low:high], strict=True
        ):
            token = data[begin:end]
            assert (kind == ESCAPED) == (kind in (TEXT, ESCAPED) and b"\\" in token)
            if kind in (TEXT, ESCAPED, MOMENT):
                leaves.append(json.loads(b'"%b"' % token))
            else:
                assert kind == (INTEGER if token.isdigit() else DECIMAL)
                leaves.append(token.decode())
        assert leaves == expected.leaves
        ranks = [sum(b < a for b in expected.moments) for a in expected.moments]
        assert [byte - ord("A") for byte in order] == ranks
    accepted: list[bool] = found.accepted.tolist()
    return accepted


TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(["data:x", "resp_1", "{}", " a", '"a', "\u3000{", "\u00a0", "\u2003x", "。x"]),
    st.sampled_from(
        ["2026-05-01T12:00:00Z", "2026-05-01T12:00:00.5+00:00", "2026-02-30T12:00:00Z"]
    ),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.sampled_from([0, 10**14, 10**18, 0.0, -0.0, 0.25, 1e-7, -1e-7, 1e300, 0.1 + 0.2, 12345.678]),
    TEXTS,
)
KEYS = st.one_of(st.sampled_from([*MARKS, "content", "x", ""]), st.text(max_size=3))
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3)
)
LINES = st.builds(
    lambda record, plain, blanks: json.dumps(
        record, ensure_ascii=plain, separators=(", ", " : ") if blanks else (",", ":")
    ).encode(),
    st.dictionaries(KEYS, VALUES, max_size=4),
    st.booleans(),
    st.booleans(),
)
BROKEN = st.builds(
    lambda line, at, byte: line[: at % (len(line) + 1)] + byte + line[at % (len(line) + 1) + 1 :],
    LINES,
    st.integers(0, 200),
    st.sampled_from([b"", b'"', b"\\", b"{", b"[", b"]", b",", b"0", b"-", b"e", b" ", b"\x01"]),
)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return b"\n" not in line


@settings(max_examples=400)
@given(st.lists(st.one_of(LINES, BROKEN).filter(_is_utf8), min_size=1, max_size=5))
@example([b"", b" ", b"{}", b" { } \r", b"[]", b'{"x":[}', b'{"x":1,}', b'{"x":[1,]}', b'{,"x":1}'])
@example([b'{"x":{"role":["a",{"x":"b"},"c"]}}', b'{"role":{"x":"a"},"y":"b"}', b'{"x":[[],[1]]}'])
@example([b'{"at":"2026-05-01T12:00:00Z","x":{"then":["2026-05-01T12:00:00Z",1,null]}}'])
@example([b'{"bar":null}', b'{"x":{"bar":1}}', b'{"x":01}', b'{"x":"\\ud800"}', b'{"x":NaN}'])
def test_what_the_standard_library_finds(lines: list[bytes]) -> None:
    _check(lines)


def test_what_is_unwieldy_is_refused() -> None:
    deep = b'{"x":' + b"[" * 31 + b"]" * 31 + b"}"
    assert _check([deep, b'{"x":[' + deep + b"]}"]) == [True, False]
    assert _check([b'{"x":1234567890123456789}', b'{"x":123456789012345678}']) == [False, True]
    assert _check([b'{"x":0.%b}' % (b"1" * 31), b'{"x":0.%b}' % (b"1" * 30)]) == [False, True]
    kept = b'{"role":"%b"}'
    assert _check([kept % (b"a" * 62), kept % (b"a" * 63), b'{"x":"%b"}' % (b"a" * 999)]) == [
        True,
        False,
        True,
    ]
    clocks = ",".join(['"2026-05-01T12:00:00Z"'] * 16)
    assert _check(
        [b'{"at":[%b]}' % clocks.encode(), b'{"at":[%b]}' % f"{clocks},{clocks}".encode()]
    ) == [
        True,
        False,
    ]


@pytest.mark.parametrize("where", range(40))
def test_lines_of_one_outline_differ_in_free_values_alone(where: int) -> None:
    line = '{"x":"aa","role":"user","n":12,"at":"2026-05-01T12:00:00Z","y":[true,""]}'
    other = line.replace("aa", "b" * where).replace("12,", f"{where},").replace("-05-", "-07-")
    data = f"{line}\n{other}\n".encode()
    found = outlines(np.frombuffer(data, np.uint8), TABLE, KEPT)
    first, second = (
        found.text[a:b].tobytes() for a, b in zip(found.edges, found.edges[1:], strict=False)
    )
    assert (first == second) == (where > 0)
