"""JSON lines of any depth to their outlines: what is left of a line without its free values.

Lines of one outline have the same keys, objects, lists and words (true, false, null) in the same
places, and differ only in free values: texts and numbers that are given, not empty, and under no
key whose values tell how to read others. All other values are part of the outline, byte for byte.

Strict where it says yes: a line that is accepted is JSON (RFC 8259). Any other, and one that is
unwieldy, is refused for a slower reader to judge. This room must not know what the keys mean; that
the bytes are UTF-8 is for the caller to check.
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
    DECIMAL,
    ESCAPED,
    FEED,
    INTEGER,
    MINUS,
    NINE,
    OPEN,
    POINT,
    QUOTE,
    REFUSED,
    SLOTS,
    TEXT,
    ZERO,
    after_blanks,
    byte_at,
    key_index,
    value_at,
)
from workbench.kernels.moments import NO_MOMENT, moment_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.kernels.json_tokens import KeyTable

_U: Final = np.uint64
#: What may stand for a key in ``KeyTable.allowed``: its values tell how to read others; they are
#: times, of which only the order does; or a line with the key is refused.
TELLS: Final = 1
CLOCK: Final = 2
BARS: Final = 3
#: A kind of value beside those of ``json_tokens``: a text that is a moment, under a clock's key.
MOMENT: Final = 64

_LIST, _LIST_END = (ord(c) for c in "[]")
_BIG_E, _SMALL_E = ord("E"), ord("e")
#: What stands in an outline for a free value. None of these bytes is in JSON but as a blank.
_A_TEXT, _AN_INTEGER, _A_DECIMAL, _A_MOMENT, _ORDER = 1, 2, 3, 4, 5
_FIRST_RANK: Final = ord("A")
_DEEPEST: Final = 32
_MOST_CLOCKS: Final = 16
#: Bytes of a text that is part of its outline, digits of an integer, and bytes of a decimal, up to
#: which a line is not unwieldy. Doubles are written in up to 25 bytes.
_LONGEST_KEPT: Final = 64
_MOST_DIGITS: Final = 18
_LONGEST_DECIMAL: Final = 32
#: An E, a sign, two digits.
_LONGEST_EXPONENT: Final = 4
#: First bytes of UTF-8 among whose characters are blanks: U+0085, U+00A0, U+1680, U+2000, ...
_MAYBE_BLANK: Final = (0xC2, 0xE1, 0xE2)
_IDEOGRAPHIC: Final = 0xE3


class Outlines(NamedTuple):
    """The outlines of n lines and the m free values of those that are accepted.

    Attributes:
        starts: Shape (n,), first byte of each line.
        ends: Shape (n,), one past its last, the line feed not counted.
        accepted: Shape (n,).
        text: The outlines, one after the other.
        edges: Shape (n + 1,): the outline of line i is ``text[edges[i]:edges[i + 1]]``.
        leaves: Shape (n + 1,): the values of line i are those from ``leaves[i]``.
        kind: Shape (m,): ``TEXT``, ``ESCAPED``, ``INTEGER``, ``DECIMAL`` or ``MOMENT``.
        begin: Shape (m,): first byte of the value; of a text, after its quote.
        end: Shape (m,): one past its last byte.
        moment: Shape (m,): microseconds since 1970 of a ``MOMENT``, else undefined.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    accepted: NDArray[np.bool_]
    text: NDArray[np.uint8]
    edges: NDArray[np.int64]
    leaves: NDArray[np.int64]
    kind: NDArray[np.uint8]
    begin: NDArray[np.int32]
    end: NDArray[np.int32]
    moment: NDArray[np.int64]


class Beginnings(NamedTuple):
    """Texts that begin like this are never free; see ``beginnings``.

    Attributes:
        bytes: One after the other.
        edges: Shape (k + 1,).
    """

    bytes: NDArray[np.uint8]
    edges: NDArray[np.int64]


def beginnings(texts: Sequence[bytes]) -> Beginnings:
    """The table of some ASCII texts."""
    edges = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    return Beginnings(np.frombuffer(b"".join(texts), np.uint8), edges)


def outlines(data: NDArray[np.uint8], table: KeyTable, kept: Beginnings) -> Outlines:
    """The outlines of lines.

    Args:
        data: Bytes of whole lines, fewer than 2**31; the last one a line feed.
        table: The keys that are ``TELLS``, ``CLOCK`` or ``BARS``.
        kept: Beginnings of texts that tell something under any key.
    """
    assert len(data) < 2**31, "offsets are 32 bits"
    assert data[-1] == FEED, "the last line must be closed"
    n, most = _count(data)
    found = Outlines(
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.bool_),
        np.empty(len(data), np.uint8),
        np.zeros(n + 1, np.int64),
        np.zeros(n + 1, np.int64),
        np.empty(most, np.uint8),
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.int64),
    )
    _outlines(data, table, kept, found)
    return found


@numba.njit(nogil=True, cache=True)
def _count(data: NDArray[np.uint8]) -> tuple[int, int]:
    """Lines, and at most so many values: each is the first in its brackets, or after a comma."""
    lines, most = 0, 0
    for c in data:
        lines += c == FEED
        most += (c == COMMA) | (c == OPEN) | (c == _LIST)
    return lines, most


@numba.njit(nogil=True, cache=True)
def _outlines(data: NDArray[np.uint8], table: KeyTable, kept: Beginnings, found: Outlines) -> None:
    lists = np.zeros(_DEEPEST, np.bool_)
    told = np.zeros(_DEEPEST, np.uint8)
    p = 0
    for line in range(len(found.starts)):
        found.starts[line] = p
        at, leaf = found.edges[line], found.leaves[line]
        stop, at, leaf = _line(data, p, table, kept, found, at, leaf, lists, told)
        found.accepted[line] = stop >= 0 and byte_at(data, stop) == FEED
        if not found.accepted[line]:
            at, leaf, stop = found.edges[line], found.leaves[line], p
            while byte_at(data, stop) != FEED:
                stop += 1
        found.edges[line + 1], found.leaves[line + 1] = at, leaf
        found.ends[line] = stop
        p = stop + 1


@numba.njit(nogil=True, cache=True)
def _line(
    data: NDArray[np.uint8],
    p: int,
    table: KeyTable,
    kept: Beginnings,
    found: Outlines,
    at: int,
    leaf: int,
    lists: NDArray[np.bool_],
    told: NDArray[np.uint8],
) -> tuple[int, int, int]:
    """One past the object and the blanks after it, or ``REFUSED``; where the next ones go.

    Args:
        data: The lines.
        p: Where the line begins.
        table: The keys that tell.
        kept: Texts that tell.
        found: Written to.
        at: Where the outline goes.
        leaf: Where the free values go.
        lists: Of what is open, from outside to inside: whether it is a list. Room to work in.
        told: The mark of the key under which it stands. Room to work in.
    """
    refused = REFUSED, 0, 0
    text, moment = found.text, found.moment
    first_leaf, clocks, depth = leaf, 0, 0
    mark = 0
    p = after_blanks(data, p)
    if byte_at(data, p) != OPEN:
        return refused
    while True:
        # A value begins here.
        c = byte_at(data, p)
        opened = c in (OPEN, _LIST)
        if opened:
            if depth == _DEEPEST:
                return refused
            text[at] = c
            at += 1
            lists[depth], told[depth] = c == _LIST, mark
            depth += 1
            p = after_blanks(data, p + 1)
        else:
            what, low, high, p = value_at(data, p)
            if p < 0:
                return refused
            free = 0
            if what & (TEXT | ESCAPED):
                if mark == CLOCK:
                    moment[leaf] = moment_at(data, low, high)
                    if moment[leaf] != NO_MOMENT:
                        free, what, clocks = _A_MOMENT, MOMENT, clocks + 1
                elif not mark and _is_free(data, low, high, kept):
                    free = _A_TEXT
                if not free:
                    low, high = low - 1, high + 1
            elif what & (INTEGER | DECIMAL):
                if high - low > (_MOST_DIGITS if what == INTEGER else _LONGEST_DECIMAL):
                    return refused
                if not mark and _is_plain(data, low, high):
                    free = _AN_INTEGER if what == INTEGER else _A_DECIMAL
            if free:
                text[at] = free
                at += 1
                found.kind[leaf], found.begin[leaf], found.end[leaf] = what, low, high
                leaf += 1
            else:
                if high - low > _LONGEST_KEPT:
                    return refused
                for i in range(low, high):
                    text[at] = byte_at(data, i)
                    at += 1
        # What follows it: the end of what is around it, or the next value.
        first = opened
        while True:
            p = after_blanks(data, p)
            c = byte_at(data, p)
            inside = lists[depth - 1]
            if c == (_LIST_END if inside else CLOSE):
                text[at] = c
                at += 1
                depth -= 1
                mark = int(told[depth])
                p += 1
                if not depth:
                    at = _order(found, at, first_leaf, leaf, clocks)
                    return after_blanks(data, p) if at >= 0 else REFUSED, at, leaf
                first = False
                continue
            if not first:
                if c != COMMA:
                    return refused
                text[at] = c
                at += 1
                p = after_blanks(data, p + 1)
            break
        if not lists[depth - 1]:
            if byte_at(data, p) != QUOTE:
                return refused
            text[_U(at)] = QUOTE
            at, p = at + 1, p + 1
            low, slot = p, np.uint32(0)
            while True:
                c = byte_at(data, p)
                text[_U(at)] = c
                at += 1
                if c == QUOTE:
                    break
                if c == BACKSLASH or c < BLANK:
                    return refused
                slot = np.uint32(slot * np.uint32(33) + c)
                p += 1
            slot_at = int(slot % SLOTS)
            index = key_index(data, low, p, slot_at, table.names, table.offsets, table.slots)
            mark = int(table.allowed[index]) if index >= 0 else 0
            if mark == BARS:
                return refused
            p = after_blanks(data, p + 1)
            if byte_at(data, p) != COLON:
                return refused
            text[at] = COLON
            at += 1
            p = after_blanks(data, p + 1)


@numba.njit(inline="always")
def _is_free(data: NDArray[np.uint8], low: int, high: int, kept: Beginnings) -> bool:
    """Whether a text says nothing but itself.

    It is not empty, and does not begin with a blank, as JSON does, or as one of the heads.
    """
    c = byte_at(data, low)  # of an empty text its closing quote
    if low == high or c <= BLANK or c in (OPEN, _LIST):
        return False
    if c == BACKSLASH:  # a quote is what a text may well begin with
        return bool(byte_at(data, low + 1) == QUOTE)
    if c in _MAYBE_BLANK:
        return False
    if c == _IDEOGRAPHIC and byte_at(data, low + 1) == 0x80 and byte_at(data, low + 2) == 0x80:
        return False
    for head in range(len(kept.edges) - 1):
        first = kept.edges[head]
        same, size = 0, kept.edges[head + 1] - first
        while (
            same < size
            and low + same < high
            and byte_at(data, low + same) == kept.bytes[first + same]
        ):
            same += 1
        if same == size:
            return False
    return True


@numba.njit(inline="always")
def _is_plain(data: NDArray[np.uint8], low: int, high: int) -> bool:
    """Whether a number is positive, not nought, which is false to a reader, and finite.

    Of an exponent two digits are taken: with as few before it, nothing leaves the range of doubles.
    """
    some, exponent = False, high
    for i in range(low, high):
        c = byte_at(data, i)
        if c in (_BIG_E, _SMALL_E):
            exponent = i
            break
        if c == MINUS:
            return False
        some |= c != POINT and ZERO < c <= NINE
    return some and high - exponent <= _LONGEST_EXPONENT


@numba.njit(nogil=True, cache=True)
def _order(found: Outlines, at: int, first: int, last: int, clocks: int) -> int:
    """Write in which order the moments of a line are, those that are equal by one rank."""
    if not clocks:
        return at
    if clocks > _MOST_CLOCKS:
        return REFUSED
    kind, moment = found.kind, found.moment
    found.text[at] = _ORDER
    at += 1
    for leaf in range(first, last):
        if kind[leaf] != MOMENT:
            continue
        rank = 0
        for other in range(first, last):
            rank += kind[other] == MOMENT and moment[other] < moment[leaf]
        found.text[at] = _FIRST_RANK + rank
        at += 1
    return at
