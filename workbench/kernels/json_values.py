"""Values out of the spans that ``json_lines`` found: texts, integers and doubles of one key.

What is not exact at once is told to the caller. This room must not know what the keys mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numba
import numpy as np

from workbench.kernels.json_tokens import (
    BACKSLASH,
    DECIMAL,
    ESCAPED,
    INTEGER,
    MEANS,
    MINUS,
    NINE,
    POINT,
    TEXT,
    ZERO,
    byte_at,
    unit_at,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_U: Final = np.uint64
#: Powers of ten that a double holds exactly.
_TENS: Final = np.array([float(10**e) for e in range(23)])


@numba.njit(nogil=True, cache=True)
def texts(
    data: NDArray[np.uint8],
    kind: NDArray[np.uint8],
    begin: NDArray[np.int32],
    end: NDArray[np.int32],
    rows: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """The texts of one key as offsets and bytes of an Arrow string array, escapes undone.

    Args:
        data: The lines.
        kind: Shape (n,), of the key; rows that hold no text are empty.
        begin: Shape (n,).
        end: Shape (n,).
        rows: Which lines, in the order wanted.

    Returns:
        Offsets of shape (rows + 1,), and the bytes.
    """
    offsets = np.empty(len(rows) + 1, np.int32)
    size = 0
    for i in rows:
        if kind[i] & (TEXT | ESCAPED):
            size += end[i] - begin[i]
    out = np.empty(size, np.uint8)
    at = 0
    for j in range(len(rows)):
        offsets[j] = at
        i = rows[j]
        if kind[i] == TEXT:
            length = end[i] - begin[i]
            _copy(data, begin[i], out, at, length)
            at += length
        elif kind[i] == ESCAPED:
            at = _unescape(data, begin[i], end[i], out, at)
    offsets[len(rows)] = at
    return offsets, out[:at]


@numba.njit(inline="always")
def _copy(data, begin, out, at, length):  # type: ignore[no-untyped-def]
    """By unsigned indices the compiler makes vector moves of it, thirty times as fast."""
    low, to = _U(begin), _U(at)
    for b in range(_U(length)):
        out[to + b] = data[low + b]


@numba.njit(nogil=True, cache=True)
def _unescape(data, p, end, out, at):  # type: ignore[no-untyped-def]
    """Write the text of a span that was accepted; where the next one goes."""
    while p < end:
        c = byte_at(data, p)
        if c != BACKSLASH:
            out[at] = c
            at += 1
            p += 1
        elif MEANS[byte_at(data, p + 1)]:
            out[at] = MEANS[byte_at(data, p + 1)]
            at += 1
            p += 2
        else:
            point = unit_at(data, p)
            p += 6
            if 0xD800 <= point < 0xDC00:
                point = 0x10000 + ((point - 0xD800) << 10) + (unit_at(data, p) - 0xDC00)
                p += 6
            at = _utf8(point, out, at)
    return at


@numba.njit(nogil=True, cache=True)
def _utf8(point, out, at):  # type: ignore[no-untyped-def]
    if point < 0x80:
        out[at] = point
        return at + 1
    if point < 0x800:
        out[at] = 0xC0 | point >> 6
        out[at + 1] = 0x80 | point & 0x3F
        return at + 2
    if point < 0x10000:
        out[at] = 0xE0 | point >> 12
        out[at + 1] = 0x80 | point >> 6 & 0x3F
        out[at + 2] = 0x80 | point & 0x3F
        return at + 3
    out[at] = 0xF0 | point >> 18
    out[at + 1] = 0x80 | point >> 12 & 0x3F
    out[at + 2] = 0x80 | point >> 6 & 0x3F
    out[at + 3] = 0x80 | point & 0x3F
    return at + 4


@numba.njit(nogil=True, cache=True)
def integers(
    data: NDArray[np.uint8],
    kind: NDArray[np.uint8],
    begin: NDArray[np.int32],
    end: NDArray[np.int32],
    low: int,
    high: int,
    accepted: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """The integers of one key, shape (n,), 0 where there is none.

    A line whose number has more than 18 digits or lies outside [low, high] is no longer accepted.
    """
    values = np.zeros(len(kind), np.int64)
    for i in range(len(kind)):
        if not accepted[i] or kind[i] != INTEGER:
            continue
        p = begin[i]
        minus = byte_at(data, p) == MINUS
        if minus:
            p += 1
        if end[i] - p > 18:
            accepted[i] = False
            continue
        value = np.int64(0)
        while p < end[i]:
            value = value * 10 + np.int64(byte_at(data, p) - ZERO)
            p += 1
        values[i] = -value if minus else value
        if not low <= values[i] <= high:
            accepted[i] = False
    return values


@numba.njit(nogil=True, cache=True)
def decimals(
    data: NDArray[np.uint8],
    kind: NDArray[np.uint8],
    begin: NDArray[np.int32],
    end: NDArray[np.int32],
    accepted: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The numbers of one key as doubles, shape (n,), 0 where there is none.

    Exact where digits and power of ten are (at most 2**53 and 10**22: one rounding, as in Clinger,
    "How to read floating point numbers accurately", 1990). Also, shape (n,), which numbers are not
    of that kind, for the caller to read.
    """
    values = np.zeros(len(kind), np.float64)
    hard = np.zeros(len(kind), np.bool_)
    for i in range(len(kind)):
        if not accepted[i] or not kind[i] & (INTEGER | DECIMAL):
            continue
        p = begin[i]
        minus = byte_at(data, p) == MINUS
        if minus:
            p += 1
        if end[i] - p > 18:
            hard[i] = True
            continue
        digits = np.int64(0)
        power = 0
        point = False
        while p < end[i] and (byte_at(data, p) == POINT or ZERO <= byte_at(data, p) <= NINE):
            if byte_at(data, p) == POINT:
                point = True
            else:
                digits = digits * 10 + np.int64(byte_at(data, p) - ZERO)
                power -= point
            p += 1
        # An exponent, a zero with a sign and everything that is not exact are rare.
        if p < end[i] or digits > 2**53 or (minus and digits == 0):
            hard[i] = True
            continue
        value = np.float64(digits) / _TENS[-power]
        values[i] = -value if minus else value
    return values, hard
