"""Where the members of one JSON object, or the elements of one list, lie in its bytes.

It counts brackets outside texts and looks at nothing else, so that what is whole is found also in
a document that is cut off or spoilt elsewhere. This room must not check that the text is JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numba
import numpy as np

from workbench.kernels.json_lines import BACKSLASH, byte_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

_QUOTE, _COMMA, _COLON, _BLANK = (ord(c) for c in '",: ')
_OPEN, _CLOSE, _OPEN_LIST, _CLOSE_LIST = (ord(c) for c in "{}[]")
_FIRST: Final = 64  # rows at first; doubled where there are more


@numba.njit(nogil=True, cache=True)
def children(data: NDArray[np.uint8], opening: int) -> NDArray[np.int64]:
    """Spans of what stands directly inside a bracket, apart by commas and colons.

    Args:
        data: Some text.
        opening: Where in it the bracket opens.

    Returns:
        Shape (n, 3), in order: first byte, one past the last (blanks cut off), and 1 for what
        follows a colon, else 0. Between two separators without anything there is none. Of what
        is not closed the last one reaches to the end of the text.
    """
    spans = np.empty((_FIRST, 3), np.int64)
    count = 0
    size = len(data)
    depth = 1
    first = -1  # of the child being read, -1 before it begins
    last = 0
    follows = 0
    p = opening + 1
    while p < size and depth:
        c = byte_at(data, p)
        parts = depth == 1 and c in (_COMMA, _COLON)
        if c in (_CLOSE, _CLOSE_LIST):
            depth -= 1
        if parts or not depth:
            if first >= 0:
                if count == len(spans):
                    more = np.empty((2 * count, 3), np.int64)
                    more[:count] = spans
                    spans = more
                spans[count, 0], spans[count, 1], spans[count, 2] = first, last, follows
                count += 1
                first = -1
            follows = 1 if c == _COLON else 0
        elif c > _BLANK:
            if first < 0:
                first = p
            if c in (_OPEN, _OPEN_LIST):
                depth += 1
            elif c == _QUOTE:
                p += 1
                while p < size and byte_at(data, p) != _QUOTE:
                    p += 2 if byte_at(data, p) == BACKSLASH else 1
            last = min(p + 1, size)
        p += 1
    if depth and first >= 0:
        if count == len(spans):
            more = np.empty((count + 1, 3), np.int64)
            more[:count] = spans
            spans = more
        spans[count, 0], spans[count, 1], spans[count, 2] = first, last, follows
        count += 1
    return spans[:count]
