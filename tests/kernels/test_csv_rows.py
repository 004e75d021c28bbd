"""Rows of CSV against a slow reading of RFC 4180."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.kernels.csv_rows import (
    NEVER_CLOSED,
    TEXT_AFTER_QUOTE,
    WELL_FORMED,
    last_end,
    rows_of,
)

_QUOTED = re.compile(r'"(?:[^"]|"")*+"')
_STRAY = st.text(st.sampled_from('ab",\n\r'), max_size=40)


def _array(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


def _found(text: str, quote: str = '"') -> list[tuple[int, int]]:
    ends, wrong = rows_of(_array(text), ord(","), ord(quote) if quote else -1)
    return list(zip(ends.tolist(), wrong.tolist(), strict=True))


def _line_end(text: str, at: int) -> int:
    return text.find("\n", at) + 1 or len(text)


def _row(text: str, start: int) -> tuple[int, int]:
    """Where the row ends, and what is wrong with it; one field after the other."""
    p = start
    while p < len(text):
        if text[p] == '"':
            over, whole = _line_end(text, p), _QUOTED.match(text, p)
            if whole is None:
                return over, NEVER_CLOSED
            p = whole.end()
            if text[p : p + 1] not in ("", ",", "\r", "\n"):
                return over, TEXT_AFTER_QUOTE if p < over else NEVER_CLOSED
        else:
            while p < len(text) and text[p] not in ",\r\n":
                p += 1
        if text[p : p + 1] in ("\r", "\n"):
            return _line_end(text, p), WELL_FORMED
        p += 1
    return len(text), WELL_FORMED


def _reference(text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    while not found or found[-1][0] < len(text):
        if not text:
            break
        found.append(_row(text, found[-1][0] if found else 0))
    return found


@settings(max_examples=600)
@given(_STRAY)
@example('a",",c\n' * 5)
@example('a,"b\nc\nd,"e"\nf"\n')
@example('a,"b\nc",d\n"e\nf"\n"g\n')
def test_rows_as_they_are_read_one_by_one(text: str) -> None:
    assert _found(text) == _reference(text)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a,b\n\nc,d", [0, 0, 0]),
        ('a,"b\nc"\nd,e\n', [0, 0]),
        ('a,"b\nc,d\ne,f\n', [1, 0, 0]),
        ('a,"b,c\nd,"e",f\ng,h\n', [1, 0, 0]),
        ('a,"b"c,d\ne,f\n', [2, 0]),
        ('a,5" pipe,c\n', [0]),
        ('a,"b""c"\n', [0]),
        ('a,"b\r\nc"\r\nd', [0, 0]),
        # The field before the lost quote went over two lines: they are one row with it.
        ('"a\nb","c\nd,e\nf,g\n', [1, 0, 0]),
        ('"a\nb","c"d\ne,f\n', [2, 0]),
        ("", []),
    ],
)
def test_what_is_wrong_with_rows(text: str, wrong: list[int]) -> None:
    assert [what for _, what in _found(text)] == wrong


def test_where_quotes_are_text_rows_are_lines() -> None:
    assert _found('a,"b\nc"d\n"', quote="") == [(5, 0), (9, 0), (10, 0)]


@settings(max_examples=400)
@given(_STRAY, st.integers(0, 40))
@example('a",",c\n' * 5, 7)
def test_what_has_ended_ends_there_whatever_follows(text: str, cut: int) -> None:
    head = _array(text[:cut])
    end = int(last_end(head, ord(","), ord('"'), 0))
    ends = [0, *(each for each, _ in _found(text))]
    assert end in ends
    # Nothing that has surely ended is left: what is left is one row, of which the end may change.
    assert end == len(head) or not last_end(head[end:], ord(","), ord('"'), 0)


@settings(max_examples=400)
@given(_STRAY, st.integers(1, 40))
@example('a,"b\nc\nd\n', 3)
def test_what_is_given_up_ends_where_nothing_follows(text: str, within: int) -> None:
    array = _array(text)
    end = int(last_end(array, ord(","), ord('"'), within))
    alone = [0, *(each for each, _ in _found(text))]
    assert end in alone
    assert end >= last_end(array, ord(","), ord('"'), 0) or end >= within
    # Read alone, the rows before it are what they are in the whole.
    assert _found(text[:end]) == _found(text)[: alone.index(end)]


def test_fields_that_open_and_fail_over_and_over_are_told_at_once() -> None:
    """Each line opens a field, which fails in the next line, or at the end, a megabyte on."""
    for line, rest in (('a,"b\n', ""), ('a,"b\n', 'c,""d\n' * 20_000)):
        text = line * 20_000 + rest
        ends, wrong = rows_of(_array(text), ord(","), ord('"'))
        assert len(ends) == text.count("\n")
        assert wrong[:20_000].tolist() == [NEVER_CLOSED] * 20_000
