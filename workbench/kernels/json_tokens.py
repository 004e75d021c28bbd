"""Words of JSON: where a value ends and what it is, and a table of keys to look for.

Strict where it says yes: what is told to be a text, a number or a word is one by RFC 8259. That the
bytes are UTF-8, and closed by a line feed, is for the caller to check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_U: Final = np.uint64
#: What a value is; also the bit of ``KeyTable.allowed`` that admits it. 0 is absent or null.
TEXT: Final = 1
ESCAPED: Final = 2  # a text with backslashes in it
INTEGER: Final = 4
DECIMAL: Final = 8  # a number with a fraction or an exponent
TRUE: Final = 16
FALSE: Final = 32

QUOTE, BACKSLASH, FEED, OPEN, CLOSE, COLON, COMMA = (ord(c) for c in '"\\\n{}:,')
BLANK, _TAB, _RETURN, MINUS, _PLUS, POINT = (ord(c) for c in " \t\r-+.")
ZERO, NINE, _U_LETTER, _BIG_E, _SMALL_E = (ord(c) for c in "09uEe")
_T, _F, _N = (ord(c) for c in "tfn")
_RUE: Final = np.frombuffer(b"true", np.uint8)
_ALSE: Final = np.frombuffer(b"false", np.uint8)
_ULL: Final = np.frombuffer(b"null", np.uint8)
SLOTS: Final = 256
REFUSED: Final = -1

#: What follows a backslash -> the byte it means, 0: no escape of one byte.
MEANS: Final = np.zeros(256, np.uint8)
for _letter, _meaning in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True):
    MEANS[_letter] = _meaning
#: Value of a hexadecimal digit, 255: none.
_HEX: Final = np.full(256, 255, np.uint8)
for _digit, _letter in enumerate(b"0123456789abcdef"):
    _HEX[_letter] = _HEX[ord(chr(_letter).upper())] = _digit

_ONES: Final = np.uint64(0x0101010101010101)
_HIGHS: Final = np.uint64(0x8080808080808080)
_QUOTES: Final = np.uint64(0x2222222222222222)
_SLASHES: Final = np.uint64(0x5C5C5C5C5C5C5C5C)
_BLANKS: Final = np.uint64(0x2020202020202020)
_NUMBERS: Final = np.uint64(0x0001020304050607)


class KeyTable(NamedTuple):
    """The keys to look for, hashed; see ``key_table``.

    Attributes:
        names: Their bytes, one after the other.
        offsets: Shape (k + 1,): key i is ``names[offsets[i]:offsets[i + 1]]``.
        slots: Shape (256,): index of a key, -1 empty; linear probing.
        allowed: Shape (k,): which values key i may have, beside null.
    """

    names: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    slots: NDArray[np.int64]
    allowed: NDArray[np.uint8]


def key_table(names: Sequence[str], allowed: Sequence[int]) -> KeyTable:
    """The table for different keys; of those that may have a value at most 64, the first ones.

    Args:
        names: The keys.
        allowed: Of each, the kinds of values that it may have, as an OR.
    """
    assert not any(allowed[64:]), "a set of keys is one word"
    encoded = [name.encode() for name in names]
    slots = np.full(SLOTS, -1, np.int64)
    for index, name in enumerate(encoded):
        slot = 0
        for byte in name:
            slot = (slot * 33 + byte) & 0xFFFFFFFF
        slot %= SLOTS
        while slots[slot] >= 0:
            slot = (slot + 1) % SLOTS
        slots[slot] = index
    offsets = np.cumsum([0, *map(len, encoded)])
    return KeyTable(
        np.frombuffer(b"".join(encoded), np.uint8),
        offsets.astype(np.int64),
        slots,
        np.array(allowed, np.uint8),
    )


@numba.njit(inline="always")
def byte_at(data: NDArray[np.uint8], p: int) -> np.uint8:
    """The byte at ``p``, never negative: by an unsigned index, which costs no test for that."""
    byte: np.uint8 = data[_U(p)]
    return byte


@numba.njit(inline="always")
def after_blanks(data: NDArray[np.uint8], p: int) -> int:
    """The line feed that ends the line is none of them: no loop here runs past it."""
    while byte_at(data, p) == BLANK or byte_at(data, p) == _TAB or byte_at(data, p) == _RETURN:
        p += 1
    return p


@numba.njit(inline="always")
def key_index(
    data: NDArray[np.uint8],
    first: int,
    last: int,
    slot: int,
    names: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    slots: NDArray[np.int64],
) -> int:
    """Index of the key ``data[first:last]``, -1 when it is not in the table.

    Args:
        data: The lines.
        first: First byte of the key.
        last: One past its last.
        slot: Where to look first: its hash.
        names: As in ``KeyTable``.
        offsets: The same.
        slots: The same.
    """
    while True:
        index = int(slots[slot])
        if index < 0:
            return index
        low = offsets[index]
        if offsets[index + 1] - low == last - first:
            same = 0
            while same < last - first and names[low + same] == byte_at(data, first + same):
                same += 1
            if same == last - first:
                return index
        slot = (slot + 1) % SLOTS


@numba.njit(inline="always")
def value_at(data: NDArray[np.uint8], p: int) -> tuple[int, int, int, int]:
    """Kind of the value at ``p``, its first byte, one past its last, and where to go on."""
    c = byte_at(data, p)
    if c == QUOTE:
        last, what = text_end(data, p + 1)
        return what, p + 1, last, (last + 1 if last >= 0 else last)
    if c == MINUS or ZERO <= c <= NINE:
        last, what = _number_end(data, p)
        return what, p, last, last
    if c == _T:
        last = _word_end(data, p, _RUE)
        return TRUE, p, last, last
    if c == _F:
        last = _word_end(data, p, _ALSE)
        return FALSE, p, last, last
    last = _word_end(data, p, _ULL) if c == _N else REFUSED
    return 0, p, last, last


@numba.njit(inline="always")
def _word_end(data: NDArray[np.uint8], p: int, word: NDArray[np.uint8]) -> int:
    for i in range(len(word)):
        if byte_at(data, p + i) != word[i]:
            return REFUSED
    return p + len(word)


@numba.njit(inline="always")
def word_at(data: NDArray[np.uint8], p: int) -> np.uint64:
    """Eight bytes as a little-endian word: the compiler makes one load of it."""
    q = _U(p)
    return (
        _U(data[q])
        | _U(data[q + _U(1)]) << _U(8)
        | _U(data[q + _U(2)]) << _U(16)
        | _U(data[q + _U(3)]) << _U(24)
        | _U(data[q + _U(4)]) << _U(32)
        | _U(data[q + _U(5)]) << _U(40)
        | _U(data[q + _U(6)]) << _U(48)
        | _U(data[q + _U(7)]) << _U(56)
    )


@numba.njit(inline="always")
def text_end(data: NDArray[np.uint8], p: int) -> tuple[int, int]:
    """Where the closing quote is, and ``TEXT`` or ``ESCAPED``."""
    what = TEXT
    safe = len(data) - 8
    while True:
        # Eight bytes at a time while none is a quote, a backslash or a control character
        # (the usual test for a zero byte in a word, and for one below 32).
        while p <= safe:
            w = word_at(data, p)
            q = w ^ _QUOTES
            b = w ^ _SLASHES
            found = ((q - _ONES) & ~q) | ((b - _ONES) & ~b) | ((w - _BLANKS) & ~w)
            found &= _HIGHS
            if found:
                # The lowest bit that is set is the first such byte's: its number by a product.
                p += int(((found & (~found + _U(1))) >> _U(7)) * _NUMBERS >> _U(56))
                break
            p += 8
        while (
            byte_at(data, p) != QUOTE
            and byte_at(data, p) != BACKSLASH
            and byte_at(data, p) >= BLANK
        ):
            p += 1
        if byte_at(data, p) == QUOTE:
            return p, what
        if byte_at(data, p) != BACKSLASH:
            return REFUSED, what
        what = ESCAPED
        p = _escape_end(data, p)
        if p < 0:
            return REFUSED, what


@numba.njit(nogil=True, cache=True)
def _escape_end(data: NDArray[np.uint8], p: int) -> int:
    """One past the escape that begins at ``p``; half of a surrogate pair is refused."""
    if MEANS[byte_at(data, p + 1)]:
        return p + 2
    unit = unit_at(data, p)
    if unit < 0 or 0xDC00 <= unit < 0xE000:
        return REFUSED
    if unit < 0xD800 or unit >= 0xE000:
        return p + 6
    if byte_at(data, p + 6) == BACKSLASH and 0xDC00 <= unit_at(data, p + 6) < 0xE000:
        return p + 12
    return REFUSED


@numba.njit(nogil=True, cache=True)
def unit_at(data: NDArray[np.uint8], p: int) -> int:
    """The UTF-16 unit that the escape with ``u`` at ``p`` names, or -1."""
    if byte_at(data, p + 1) != _U_LETTER:
        return -1
    unit = 0
    for i in range(2, 6):
        digit = _HEX[byte_at(data, p + i)]
        if digit > 15:
            return -1
        unit = unit * 16 + int(digit)
    return unit


@numba.njit(inline="always")
def _digits_end(data: NDArray[np.uint8], p: int) -> int:
    while ZERO <= byte_at(data, p) <= NINE:
        p += 1
    return p


@numba.njit(inline="always")
def _number_end(data: NDArray[np.uint8], p: int) -> tuple[int, int]:
    what = INTEGER
    if byte_at(data, p) == MINUS:
        p += 1
    first = p
    p = _digits_end(data, p)
    if p == first or (byte_at(data, first) == ZERO and p > first + 1):
        return REFUSED, what
    if byte_at(data, p) == POINT:
        what = DECIMAL
        first = p + 1
        p = _digits_end(data, first)
        if p == first:
            return REFUSED, what
    if byte_at(data, p) == _SMALL_E or byte_at(data, p) == _BIG_E:
        what = DECIMAL
        p += 1
        if byte_at(data, p) == MINUS or byte_at(data, p) == _PLUS:
            p += 1
        first = p
        p = _digits_end(data, first)
        if p == first:
            return REFUSED, what
    return p, what
