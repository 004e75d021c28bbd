"""Where the rows of CSV end (RFC 4180), and which of them are none.

A quote that opens a field is closed by the first quote that is not doubled, and then the field is
over. Where more text follows, or no closing quote does, the row is no CSV: it ends with the line in
which that field opened, and the next line begins a row. This room must not read fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

from workbench.kernels.json_tokens import byte_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What is wrong with a row.
WELL_FORMED, NEVER_CLOSED, TEXT_AFTER_QUOTE = range(3)

_NEWLINE, _RETURN = b"\n\r"
#: Where in a row a byte stands: at the beginning of a field, in one without quotes, in a quoted
#: one, behind a quote in such a one, behind a return outside quotes.
_AT_START, _PLAIN, _QUOTED, _BEHIND_QUOTE, _BEHIND_RETURN = range(5)


@numba.njit(nogil=True, cache=True)
def _next_row(
    data: NDArray[np.uint8], start: int, delimiter: int, quote: int
) -> tuple[int, int, bool]:
    """One row.

    However rows fail, no byte is looked at more than a few times: behind the line in which a quote
    opened that is never closed all quotes are doubled, up to where the field fails, and so none of
    these lines opens a field that goes on in the next.

    Args:
        data: Bytes of a file.
        start: Where the row begins.
        delimiter: Between fields.
        quote: What encloses fields; a negative number where nothing does.

    Returns:
        Where the next row begins, what is wrong with this one, and whether bytes that follow the
        data could make another row of it.
    """
    state = _AT_START
    line_end = -1  # of the line in which the last quoted field opened; -1 while it is that line
    p = start
    size = len(data)
    while p < size:
        c = byte_at(data, p)
        p += 1
        if state == _QUOTED:
            if c == quote:
                state = _BEHIND_QUOTE
            elif c == _NEWLINE and line_end < 0:
                line_end = p
        elif c == _NEWLINE:
            return p, WELL_FORMED, False
        elif state == _BEHIND_RETURN:
            continue
        elif c == delimiter:
            state = _AT_START
        elif c == _RETURN:
            state = _BEHIND_RETURN
        elif c == quote and state != _PLAIN:
            if state == _AT_START:
                line_end = -1
            state = _QUOTED
        elif state == _BEHIND_QUOTE:
            if line_end >= 0:
                return line_end, NEVER_CLOSED, False
            while p < size and byte_at(data, p - 1) != _NEWLINE:
                p += 1
            return p, TEXT_AFTER_QUOTE, byte_at(data, p - 1) != _NEWLINE
        else:
            state = _PLAIN
    if state != _QUOTED:
        return size, WELL_FORMED, True
    return (line_end if line_end >= 0 else size), NEVER_CLOSED, True


@numba.njit(nogil=True, cache=True)
def rows_of(
    data: NDArray[np.uint8], delimiter: int, quote: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """All rows of some bytes after which nothing follows.

    Args:
        data: They begin where a row may begin.
        delimiter: Between fields.
        quote: What encloses fields; a negative number where nothing does.

    Returns:
        Where each row ends, behind its line feed; and what is wrong with it: ``WELL_FORMED``,
        ``NEVER_CLOSED``, ``TEXT_AFTER_QUOTE``. Shape (rows,).
    """
    most = 1
    for p in range(len(data)):
        most += byte_at(data, p) == _NEWLINE
    ends = np.empty(most, np.int64)
    wrong = np.empty(most, np.uint8)
    count = 0
    p = 0
    while p < len(data):
        p, what, _ = _next_row(data, p, delimiter, quote)
        ends[count] = p
        wrong[count] = what
        count += 1
    return ends[:count], wrong[:count]


@numba.njit(nogil=True, cache=True)
def last_end(data: NDArray[np.uint8], delimiter: int, quote: int, given_up: int) -> int:
    """Where the last row ends that no bytes after the data can change; 0 where there is none.

    Args:
        data: They begin where a row may begin.
        delimiter: Between fields.
        quote: What encloses fields; a negative number where nothing does.
        given_up: What stands open at the end of the data, in a row that begins before here, will
            never be closed; and no row that begins here or later is looked at. 0: everything may
            be closed yet, and all rows are looked at.
    """
    p = 0
    while p < len(data) and (p < given_up or not given_up):
        end, what, may_change = _next_row(data, p, delimiter, quote)
        if may_change and not (given_up and what == NEVER_CLOSED and end < len(data)):
            break
        p = end
    return p
