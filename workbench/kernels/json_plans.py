"""Values of many lines into columns, each line by its plan.

This room must not know what they mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numba
import numpy as np

from workbench.kernels.json_outlines import MOMENT
from workbench.kernels.json_tokens import DECIMAL, ESCAPED, INTEGER, TEXT, ZERO, byte_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.kernels.json_lines import Spans
    from workbench.kernels.json_outlines import Outlines

#: Where the value of a column comes from: a leaf as it stands, a value that is the same in every
#: line, the sum of some leaves, their texts with line feeds between them, the time between two.
TAKEN, FIXED, SUMMED, JOINED, BETWEEN = range(5)
_U: Final = np.uint64
_THOUSAND: Final = 1000
#: The largest integer up to which doubles hold every one.
_EXACT: Final = 2**53
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
        parts: Leaves that are summed or joined, those of one step after those of another.
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
