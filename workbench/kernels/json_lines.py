"""Flat JSON objects, one a line, to spans of their values: column by column, byte offsets.

Strict where it says yes: a line that is accepted is JSON (RFC 8259) and holds nothing but texts,
numbers, true, false and null under keys that are written plainly, none of the known ones twice.
Any other line is refused, good or bad, for a slower reader to judge. This room must not know what
the keys mean; that the bytes are UTF-8 is for the caller to check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numba
import numpy as np

from workbench.kernels.json_tokens import (
    BACKSLASH,
    BLANK,
    CLOSE,
    COLON,
    COMMA,
    FEED,
    OPEN,
    QUOTE,
    REFUSED,
    SLOTS,
    after_blanks,
    byte_at,
    key_index,
    value_at,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.kernels.json_tokens import KeyTable

_U: Final = np.uint64


class Spans(NamedTuple):
    """Where the values of n lines lie; of refused lines nothing but start and end is told.

    Attributes:
        starts: Shape (n,), first byte of each line.
        ends: Shape (n,), one past its last, the line feed not counted.
        accepted: Shape (n,).
        kind: Shape (k, n): ``TEXT``, ... of key k in line n, 0 absent or null.
        begin: Shape (k, n): first byte of the value; of a text, after its quote.
        end: Shape (k, n): one past its last byte.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    accepted: NDArray[np.bool_]
    kind: NDArray[np.uint8]
    begin: NDArray[np.int32]
    end: NDArray[np.int32]


def scan(data: NDArray[np.uint8], table: KeyTable) -> Spans:
    """Find the values in lines.

    Args:
        data: Bytes of whole lines, fewer than 2**31; the last one a line feed.
        table: What to look for.
    """
    assert len(data) < 2**31, "offsets are 32 bits"
    assert data[-1] == FEED, "the last line must be closed"
    n = int(np.count_nonzero(data == FEED))
    k = len(table.allowed)
    spans = Spans(
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.bool_),
        np.zeros((k, n), np.uint8),
        np.empty((k, n), np.int32),
        np.empty((k, n), np.int32),
    )
    _scan(data, *table, *spans)
    return spans


@numba.njit(nogil=True, cache=True)
def _scan(  # type: ignore[no-untyped-def]
    data, names, offsets, slots, allowed, starts, ends, accepted, kind, begin, end
):
    p = np.int64(0)
    for line in range(len(starts)):
        starts[line] = p
        stop = _object(data, p, names, offsets, slots, allowed, line, kind, begin, end)
        accepted[line] = stop >= 0 and byte_at(data, stop) == FEED
        if not accepted[line]:
            stop = p
            while byte_at(data, stop) != FEED:
                stop += 1
        ends[line] = stop
        p = stop + 1


@numba.njit(nogil=True, cache=True)
def _object(  # type: ignore[no-untyped-def]
    data, p, names, offsets, slots, allowed, line, kind, begin, end
):
    """One past the object and the blanks after it, or ``REFUSED``."""
    p = after_blanks(data, p)
    if byte_at(data, p) != OPEN:
        return REFUSED
    p = after_blanks(data, p + 1)
    if byte_at(data, p) == CLOSE:
        return after_blanks(data, p + 1)
    seen = _U(0)
    while True:
        if byte_at(data, p) != QUOTE:
            return REFUSED
        p += 1
        first = p
        slot = np.uint32(0)
        while byte_at(data, p) != QUOTE:
            if byte_at(data, p) == BACKSLASH or byte_at(data, p) < BLANK:
                return REFUSED
            slot = np.uint32(slot * np.uint32(33) + byte_at(data, p))
            p += 1
        column = key_index(data, first, p, np.int64(slot % SLOTS), names, offsets, slots)
        if column >= 0 and allowed[column]:  # what must be null may be so twice
            bit = _U(1) << _U(column)
            if seen & bit:
                return REFUSED
            seen |= bit
        p = after_blanks(data, p + 1)
        if byte_at(data, p) != COLON:
            return REFUSED
        p = after_blanks(data, p + 1)
        what, first, last, p = value_at(data, p)
        if p < 0:
            return REFUSED
        if column >= 0 and what:
            if not allowed[column] & what:
                return REFUSED
            kind[column, line] = what
            begin[column, line] = first
            end[column, line] = last
        p = after_blanks(data, p)
        if byte_at(data, p) == CLOSE:
            return after_blanks(data, p + 1)
        if byte_at(data, p) != COMMA:
            return REFUSED
        p = after_blanks(data, p + 1)
