"""Where the members of one JSON object, or the elements of one list, lie in its bytes.

It counts brackets outside texts and looks at nothing else, so that what is whole is found also in
a document that is cut off or spoilt elsewhere. This room must not check that the text is JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numba
import numpy as np

from workbench.kernels.json_tokens import BACKSLASH, byte_at, word_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

_QUOTE, _COMMA, _COLON, _BLANK = (ord(c) for c in '",: ')
_FIRST: Final = 64  # rows at first; doubled where there are more
#: What a byte is: none of these, a quote, a bracket that opens or closes, a comma or colon.
_PLAIN, _TEXT, _OPENS, _CLOSES, _PARTS = range(5)
_KIND: Final = np.full(256, _PLAIN, np.uint8)
_KIND[_QUOTE] = _TEXT
_KIND[list(b"{[")] = _OPENS
_KIND[list(b"}]")] = _CLOSES
_KIND[[_COMMA, _COLON]] = _PARTS

_ONES: Final = np.uint64(0x0101010101010101)
_HIGHS: Final = np.uint64(0x8080808080808080)
_QUOTES: Final = np.uint64(0x2222222222222222)
_SLASHES: Final = np.uint64(0x5C5C5C5C5C5C5C5C)


@numba.njit(nogil=True, cache=True)
def children(data: NDArray[np.uint8], opening: int) -> tuple[NDArray[np.int64], int]:
    """Spans of what stands directly inside a bracket, apart by commas and colons.

    Args:
        data: Some text.
        opening: Where in it the bracket opens.

    Returns:
        Shape (n, 3), in order: first byte, one past the last (blanks cut off), and 1 for what
        follows a colon, else 0. Between two separators without anything there is none. Of what
        is not closed the last one reaches to the end of the text. And one past the bracket that
        closes it, the end of the text where none does.
    """
    spans = np.empty((_FIRST, 3), np.int64)
    count = 0
    size = len(data)
    first = -1  # of the child being read, -1 before it begins
    last = 0
    follows = 0
    p = opening + 1
    while True:
        c = byte_at(data, p) if p < size else _COMMA
        kind = _KIND[c]
        if kind >= _CLOSES:
            if first >= 0:
                if count == len(spans):
                    more = np.empty((2 * count, 3), np.int64)
                    more[:count] = spans
                    spans = more
                spans[count, 0], spans[count, 1], spans[count, 2] = first, last, follows
                count += 1
                first = -1
            if kind == _CLOSES or p >= size:
                return spans[:count], min(p + 1, size)
            follows = 1 if c == _COLON else 0
            p += 1
            continue
        if c <= _BLANK:
            p += 1
            continue
        if first < 0:
            first = p
        if kind == _TEXT:
            p = _text_end(data, p + 1)
        elif kind == _OPENS:
            p = _bracket_end(data, p + 1)
        else:
            p += 1
        last = p


@numba.njit(nogil=True, cache=True)
def _bracket_end(data: NDArray[np.uint8], p: int) -> int:
    """One past the bracket that closes the one before ``p``; the end of the text without one."""
    size = len(data)
    depth = 1
    while p < size:
        kind = _KIND[byte_at(data, p)]
        p += 1
        if kind == _TEXT:
            p = _text_end(data, p)
        elif kind == _OPENS:
            depth += 1
        elif kind == _CLOSES:
            depth -= 1
            if not depth:
                break
    return p


@numba.njit(nogil=True, cache=True)
def _text_end(data: NDArray[np.uint8], p: int) -> int:
    """One past the quote that ends the text around ``p``; the end of the data without one."""
    size = len(data)
    while True:
        # Eight bytes at a time while none of them is a quote or a backslash.
        while p <= size - 8:
            w = word_at(data, p)
            q = w ^ _QUOTES
            b = w ^ _SLASHES
            if (((q - _ONES) & ~q) | ((b - _ONES) & ~b)) & _HIGHS:
                break
            p += 8
        while p < size and byte_at(data, p) != _QUOTE and byte_at(data, p) != BACKSLASH:
            p += 1
        if p >= size:
            return size
        if byte_at(data, p) == _QUOTE:
            return p + 1
        p += 2
