"""Lines of a nested format, a block at a time: lines of one outline are read by one plan.

A kernel finds the outline of each line and the values that are free in it; the format is asked
once for an outline (``plans``), and then columns are made of the values as they lie. It takes a
line only where there is nothing to decide. The others it refuses, good or bad; ``adapter`` reads
them by another path. Must not reject a record.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.formats.block_columns import (
    BlockColumns,
    Lines,
    allowed_kinds,
    closed,
    no_lines,
)
from workbench.formats.plans import Leaf, learn
from workbench.kernels.json_keys import may_repeat_keys
from workbench.kernels.json_lines import Spans
from workbench.kernels.json_outlines import BARS, CLOCK, TELLS, beginnings, outlines
from workbench.kernels.json_plans import (
    BETWEEN,
    FIXED,
    JOINED,
    SUMMED,
    TAKEN,
    WRITTEN,
    PlanTable,
    fill,
)
from workbench.kernels.json_tokens import ESCAPED, key_table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from workbench.formats.batch import BatchBuilder
    from workbench.formats.plans import Plan
    from workbench.formats.shape import RecordFormat
    from workbench.kernels.json_outlines import Outlines

#: Keys whose values decide how the formats that are read by outline read the rest: who says a
#: message and what a part of it is, whose API it is, what counts as true.
_TELLING: Final = (
    *("role", "type", "object", "model", "status", "error_code", "call_type", "request_tags"),
    *("endpoint", "path", "request_path", "url", "uri", "route"),
    *("logprobs", "top_logprobs", "reasoning_effort", "effort"),
    *("schemaType", "category", "Category", "apiName", "user_api_key_user_email"),
)
#: With it numbers may be times, which nothing in an outline tells.
_BARRING: Final = ("completed_at",)
#: Texts that tell something under any key: streams, ids of responses, LiteLLM's word for a text.
_KEPT: Final = beginnings([b"data:", b"event:", b"resp_", b"redacted-by-litellm"])
_ALLOWED: Final = np.array([allowed_kinds(field) for field in CANONICAL_SCHEMA], np.uint8)
#: Outlines that are known at a time, and bytes of them. A log with more is read record by record.
_MOST: Final = 4096
_MOST_BYTES: Final = 16 << 20
_NONE, _MET = -1, -2


class OutlinedLines:
    """Reads blocks of JSON lines of one format.

    Args:
        of: The format; its records of one outline are read alike.
        zone: Of naive times.
    """

    def __init__(self, of: RecordFormat, zone: dt.tzinfo | None) -> None:
        self._convert: Callable[[Mapping[str, Any]], Mapping[str, Any] | None] = of.convert
        self._zone = zone
        marks = dict.fromkeys(_TELLING, TELLS) | dict.fromkeys(_BARRING, BARS)
        marks |= dict.fromkeys(of.clocks, CLOCK)
        self._table = key_table([*marks], [*marks.values()])
        #: Outline -> number of its plan; or ``_MET`` once, ``_NONE`` where it is not understood.
        self._known: dict[bytes, int] = {}
        self._size = 0
        self._plans = _Plans()

    def read(self, data: bytes | memoryview, builder: BatchBuilder) -> Lines:
        """Give the builder what can be read here.

        Args:
            data: Whole lines of UTF-8.
            builder: Takes the rows.
        """
        if not data:
            return no_lines(data)
        array = np.frombuffer(closed(data), np.uint8)
        found = outlines(array, self._table, _KEPT)
        plan_of = self._plan_of(array, found)
        everything, spans, computed = self._plans.follow(array, found, plan_of)
        block = BlockColumns(everything, spans, self._zone, computed)
        builder.extend_columns((block.rows + 1).tolist(), block.columns())
        refused = (np.flatnonzero(~spans.accepted) + 1).tolist()
        return Lines(spans.starts, spans.ends, refused, data)

    def _plan_of(self, data: NDArray[np.uint8], found: Outlines) -> NDArray[np.int32]:
        """The plan of each line, or ``_NONE``; an outline is learnt when it is met again."""
        known, size = self._known, self._size
        if len(known) >= _MOST or size >= _MOST_BYTES:  # what was met once may never come again
            known = {text: plan for text, plan in known.items() if plan != _MET}
            size = sum(map(len, known))
        text = found.text[: found.edges[-1]].tobytes()
        edges = found.edges.tolist()
        plan_of = []
        for line, (low, high) in enumerate(pairwise(edges)):
            outline = text[low:high]
            plan = known.get(outline)
            if plan is None:
                plan = _NONE
                if outline and len(known) < _MOST and size < _MOST_BYTES:
                    known[outline] = _MET
                    size += high - low
            elif plan == _MET:
                plan = known[outline] = self._learn(data, found, line)
            plan_of.append(plan)
        self._known, self._size = known, size
        return np.array(plan_of, np.int32)

    def _learn(self, data: NDArray[np.uint8], found: Outlines, line: int) -> int:
        start, end = int(found.starts[line]), int(found.ends[line])
        if may_repeat_keys(data[start:end]):
            return _NONE
        low, high = int(found.leaves[line]), int(found.leaves[line + 1])
        leaves = [
            Leaf(kind, begin - start, end - start, moment)
            for kind, begin, end, moment in zip(
                found.kind[low:high].tolist(),
                found.begin[low:high].tolist(),
                found.end[low:high].tolist(),
                found.moment[low:high].tolist(),
                strict=True,
            )
        ]
        plan = learn(data[start:end].tobytes(), leaves, self._convert)
        return _NONE if plan is None else self._plans.add(plan)


class _Plans:
    """The plans that were learnt, as a kernel follows them."""

    def __init__(self) -> None:
        self._edges = [0]
        self._steps: list[tuple[int, int, int, int, int]] = []
        self._parts: list[int] = []
        self._constants: dict[tuple[int, bytes], int] = {}
        self._table: PlanTable | None = None
        self._text = np.zeros(0, np.uint8)

    def add(self, plan: Plan) -> int:
        """Number of a plan, from now on."""
        steps = [(TAKEN, column, leaf, 0, 0) for column, leaf in plan.taken]
        for column, kind, text in plan.fixed:
            steps.append((FIXED, column, self._constant(kind, text), 0, 0))
        of_parts = [(SUMMED, *each) for each in plan.summed]
        of_parts += [(JOINED, *each, 0) for each in plan.joined]
        for column, parts in plan.written:
            numbers = tuple(
                -1 - self._constant(ESCAPED, part) if isinstance(part, bytes) else part
                for part in parts
            )
            of_parts.append((WRITTEN, column, numbers, 0))
        for how, column, leaves, more in of_parts:
            first = len(self._parts)
            self._parts += leaves
            steps.append((how, column, first, len(self._parts), more))
        steps += [(BETWEEN, column, began, ended, 0) for column, began, ended in plan.between]
        self._steps += steps
        self._edges.append(len(self._steps))
        self._table = None
        return len(self._edges) - 2

    def _constant(self, kind: int, text: bytes) -> int:
        return self._constants.setdefault((kind, text), len(self._constants))

    def follow(
        self, data: NDArray[np.uint8], found: Outlines, plan_of: NDArray[np.int32]
    ) -> tuple[NDArray[np.uint8], Spans, NDArray[np.float64]]:
        """Where the columns of each line are.

        Args:
            data: The lines.
            found: Their outlines.
            plan_of: The plan of each, shape (n,), or ``_NONE``.

        Returns:
            The bytes in which the spans lie, which are the lines, what is the same in many of them
            and what is joined; the spans; and the numbers that lie nowhere, see ``BlockColumns``.
        """
        table = self._table or self._tabled()
        shape = len(CANONICAL_SCHEMA), len(plan_of)
        spans = Spans(
            found.starts,
            found.ends,
            found.accepted,
            np.zeros(shape, np.uint8),
            np.empty(shape, np.int32),
            np.empty(shape, np.int32),
        )
        computed = np.empty(shape)
        # What is the same in many lines lies after all of them.
        placed = table._replace(begin=table.begin + len(data), end=table.end + len(data))
        everything = np.concatenate([data, self._text])
        everything = fill(everything, found, plan_of, placed, _ALLOWED, spans, computed)
        return everything, spans, computed

    def _tabled(self) -> PlanTable:
        steps = np.array(self._steps, np.int64).reshape(-1, 5)
        how, column, first, last, more = steps.T.copy()
        texts = [text for _, text in self._constants]
        ends = np.cumsum([0, *map(len, texts)]).astype(np.int64)
        self._text = np.frombuffer(b"".join(texts), np.uint8)
        self._table = PlanTable(
            np.array(self._edges, np.int64),
            how.astype(np.uint8),
            column,
            first,
            last,
            more,
            np.array(self._parts, np.int64),
            np.array([kind for kind, _ in self._constants], np.uint8),
            ends[:-1],
            ends[1:],
        )
        return self._table
