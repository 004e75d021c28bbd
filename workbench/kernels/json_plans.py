"""Values of many lines into columns, each line by its plan.

This room must not know what they mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numba
import numpy as np

from workbench.kernels.json_outlines import MOMENT
from workbench.kernels.json_tokens import (
    BACKSLASH,
    BLANK,
    DECIMAL,
    ESCAPED,
    INTEGER,
    QUOTE,
    TEXT,
    ZERO,
    byte_at,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.kernels.json_lines import Spans
    from workbench.kernels.json_outlines import Outlines

#: Where the value of a column comes from: a leaf as it stands, a value that is the same in every
#: line, the sum of some leaves, their texts with line feeds between them, the time between two,
#: texts and constants written as JSON.
TAKEN, FIXED, SUMMED, JOINED, BETWEEN, WRITTEN = range(6)
_U: Final = np.uint64
_THOUSAND: Final = 1000
#: The largest integer up to which doubles hold every one.
_EXACT: Final = 2**53
_U8: Final = np.uint8
_LETTER_U: Final = np.uint8(ord("u"))
_SLASH: Final = np.uint8(ord("/"))
_NINE: Final = np.uint8(ord("9"))
#: Code below 128 -> the letter of its shortest escape; 0 where it needs none.
_SHORT: Final = np.zeros(128, np.uint8)
_SHORT[: int(BLANK)] = _LETTER_U
for _letter, _code in zip(b'"\\bfnrt', b'"\\\b\f\n\r\t', strict=True):
    _SHORT[_code] = _letter
#: A line feed as JSON has it in a text.
_BETWEEN_TEXTS: Final = np.frombuffer(rb"\n", np.uint8)


class PlanTable(NamedTuple):
    """The steps of all plans, one after the other.

    Attributes:
        edges: Shape (plans + 1,): plan i has the steps from ``edges[i]`` to ``edges[i + 1]``.
        how: Shape (steps,): ``TAKEN``, ...
        column: Shape (steps,): which column the step fills.
        first: Shape (steps,): the leaf; the constant; the first of the parts; the earlier leaf.
        last: Shape (steps,): one past the last of the parts; the later leaf.
        more: Shape (steps,): what is added to a sum.
        parts: Leaves that are summed, joined or written, those of one step after those of another;
            of what is written below 0 is a constant, -1 the first.
        kind: Shape (constants,): of each constant.
        begin: Shape (constants,): where it lies.
        end: Shape (constants,).
    """

    edges: NDArray[np.int64]
    how: NDArray[np.uint8]
    column: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    more: NDArray[np.int64]
    parts: NDArray[np.int64]
    kind: NDArray[np.uint8]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]


def fill(
    data: NDArray[np.uint8],
    found: Outlines,
    plan_of: NDArray[np.int32],
    table: PlanTable,
    allowed: NDArray[np.uint8],
    spans: Spans,
    computed: NDArray[np.float64],
) -> NDArray[np.uint8]:
    """Say where the columns of each line lie, or what they are.

    A line without a plan, and one with a value that its column does not take as it is, is accepted
    no more.

    Args:
        data: The lines, and the constants after them.
        found: Their outlines and leaves.
        plan_of: Shape (n,): a plan, or below 0 for none.
        table: The plans.
        allowed: Shape (k,): which kinds of values a column takes.
        spans: Shapes (k, n), ``kind`` zero: written to.
        computed: Shape (k, n): numbers that lie nowhere; their spans end at 0. A line with a
            sum that a double may not hold is accepted no more.

    Returns:
        The bytes in which the spans lie: the data, and what was joined.
    """
    size = _fill(data, plan_of, found, table, allowed, spans, computed)
    if size == len(data):
        return data
    everything = np.empty(size, np.uint8)
    everything[: len(data)] = data
    _join(everything, plan_of, found, table, spans)
    return everything


@numba.njit(nogil=True, cache=True)
def _fill(
    data: NDArray[np.uint8],
    plan_of: NDArray[np.int32],
    found: Outlines,
    table: PlanTable,
    allowed: NDArray[np.uint8],
    spans: Spans,
    computed: NDArray[np.float64],
) -> int:
    """Size of everything, of what will be joined, too: that lies after the data, line by line."""
    size = len(data)
    for line in range(len(plan_of)):
        plan = plan_of[line]
        if plan < 0:
            spans.accepted[line] = False
            continue
        base = found.leaves[line]
        for step in range(table.edges[plan], table.edges[plan + 1]):
            column, how = table.column[step], table.how[step]
            what, begin, end = DECIMAL, 0, 0
            if how == TAKEN:
                leaf = base + table.first[step]
                what = TEXT if found.kind[leaf] == MOMENT else int(found.kind[leaf])
                begin, end = int(found.begin[leaf]), int(found.end[leaf])
            elif how == FIXED:
                constant = table.first[step]
                what = int(table.kind[constant])
                begin, end = int(table.begin[constant]), int(table.end[constant])
            elif how == SUMMED:
                what = INTEGER
                total = int(table.more[step])
                for at in range(table.first[step], table.last[step]):
                    leaf = base + table.parts[at]
                    number = 0
                    for p in range(found.begin[leaf], found.end[leaf]):
                        number = number * 10 + int(byte_at(data, p) - ZERO)
                    total += number
                    if total > _EXACT:
                        break
                if total > _EXACT:
                    spans.accepted[line] = False
                    break
                computed[column, line] = total
            elif how == JOINED:
                what = ESCAPED
                begin = size
                for at in range(table.first[step], table.last[step]):
                    leaf = base + table.parts[at]
                    size += found.end[leaf] - found.begin[leaf] + len(_BETWEEN_TEXTS)
                size -= len(_BETWEEN_TEXTS)
                end = size
            elif how == WRITTEN:
                what = ESCAPED
                begin = size
                for at in range(table.first[step], table.last[step]):
                    part = table.parts[at]
                    if part < 0:
                        size += table.end[-1 - part] - table.begin[-1 - part]
                        continue
                    leaf = base + part
                    # An escape of two letters becomes one of four at the most.
                    times = 2 if found.kind[leaf] == ESCAPED else 1
                    size += times * (found.end[leaf] - found.begin[leaf])
                end = size
            else:
                apart = (
                    found.moment[base + table.last[step]] - found.moment[base + table.first[step]]
                )
                computed[column, line] = apart / _THOUSAND
            if not allowed[column] & what:
                spans.accepted[line] = False
                break
            spans.kind[column, line] = what
            spans.begin[column, line] = begin
            spans.end[column, line] = end
    return size


@numba.njit(nogil=True, cache=True)
def _join(
    everything: NDArray[np.uint8],
    plan_of: NDArray[np.int32],
    found: Outlines,
    table: PlanTable,
    spans: Spans,
) -> None:
    """Write what is joined to where ``_fill`` said that it lies."""
    for line in range(len(plan_of)):
        if not spans.accepted[line]:
            continue
        for step in range(table.edges[plan_of[line]], table.edges[plan_of[line] + 1]):
            if table.how[step] == WRITTEN:
                _write(everything, line, step, found, table, spans)
            if table.how[step] != JOINED:
                continue
            at = spans.begin[table.column[step], line]
            for part in range(table.first[step], table.last[step]):
                if part > table.first[step]:
                    for byte in _BETWEEN_TEXTS:
                        everything[at] = byte
                        at += 1
                leaf = found.leaves[line] + table.parts[part]
                for p in range(found.begin[leaf], found.end[leaf]):
                    everything[_U(at)] = byte_at(everything, p)
                    at += 1


@numba.njit(nogil=True, cache=True)
def _write(
    everything: NDArray[np.uint8],
    line: int,
    step: int,
    found: Outlines,
    table: PlanTable,
    spans: Spans,
) -> None:
    """A text that is JSON itself, as JSON has it: what is escaped in it is escaped again."""
    column = table.column[step]
    at = int(spans.begin[column, line])
    for number in range(table.first[step], table.last[step]):
        part = table.parts[number]
        if part < 0:
            first, last = int(table.begin[-1 - part]), int(table.end[-1 - part])
            again = False
        else:
            leaf = found.leaves[line] + part
            first, last = int(found.begin[leaf]), int(found.end[leaf])
            again = found.kind[leaf] == ESCAPED
        p = first
        while p < last:
            if again and byte_at(everything, p) == BACKSLASH:
                p, at = _escape_again(everything, p, at)
                continue
            everything[_U(at)] = byte_at(everything, p)
            p += 1
            at += 1
    spans.end[column, line] = at


@numba.njit(nogil=True, cache=True)
def _escape_again(everything: NDArray[np.uint8], p: int, at: int) -> tuple[int, int]:
    """Past an escape that was read, and past what was written for it.

    A letter that needs none is written as it was escaped: it is read once more. What does need one
    gets the shortest, as ``json.dumps`` gives it.
    """
    letter = byte_at(everything, p + 1)
    length = 2
    if letter == _LETTER_U:
        length = 6
        code = 0
        for place in range(2, 6):
            digit = byte_at(everything, p + place)
            code = code * 16 + int((digit & 15) + (9 if digit > _NINE else 0))
        letter = _SHORT[code] if code < len(_SHORT) else _U8(0)
    elif letter == _SLASH:
        letter = _U8(0)
    if letter == 0:
        for place in range(length):
            everything[_U(at + place)] = byte_at(everything, p + place)
        return p + length, at + length
    everything[_U(at)] = BACKSLASH
    everything[_U(at + 1)] = BACKSLASH
    at += 2
    if letter in (QUOTE, BACKSLASH):
        everything[_U(at)] = BACKSLASH
        at += 1
    everything[_U(at)] = letter
    at += 1
    if letter == _LETTER_U:
        for place in range(2, 6):
            digit = byte_at(everything, p + place)
            everything[_U(at)] = digit | 32 if digit > _NINE else digit
            at += 1
    return p + length, at
