"""Columns of a block of lines, out of the spans in which their values lie.

For readers that find the values of many lines at once. They take a line only where there is nothing
to decide: every value of its column's own type. Must not reject a record.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.domain.exchange import CANONICAL_SCHEMA, CONTENT_COLUMNS
from workbench.formats.batch import Column, time_column, without_empty
from workbench.formats.coerce import INDEX, TIMES
from workbench.formats.decode import LONGEST_RECORD, decode_value
from workbench.formats.times import instants
from workbench.kernels.json_tokens import (
    DECIMAL,
    ESCAPED,
    FALSE,
    INTEGER,
    TEXT,
    TRUE,
)
from workbench.kernels.json_values import decimals, integers, texts

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from workbench.kernels.json_lines import Spans

_ASN: Final = (0, 2**32 - 1)
_CONTENT: Final = [INDEX[name] for name in CONTENT_COLUMNS]


@dataclass(frozen=True, slots=True)
class Lines:
    """What was made of a block.

    Attributes:
        starts: Byte offset of each line, shape (n,).
        ends: One past its last byte, the line feed not counted, shape (n,).
        refused: Numbers, from 1, of the lines that are still to be read.
        data: The block.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    refused: list[int]
    data: bytes | memoryview

    def raw(self, number: int) -> bytes:
        """The bytes of a line by its number."""
        return bytes(self.data[self.starts[number - 1] : self.ends[number - 1]])


def no_lines(data: bytes | memoryview) -> Lines:
    """What was made of an empty block."""
    nothing = np.zeros(0, np.int64)
    return Lines(nothing, nothing, [], data)


def closed(data: bytes | memoryview) -> bytes | memoryview:
    """The block with its last line closed."""
    return data if data[-1] == ord("\n") else bytes(data) + b"\n"


def allowed_kinds(field: pa.Field) -> int:
    """The kinds of JSON values that a column takes as they are; none of embeddings."""
    if field.name in TIMES:
        return TEXT | INTEGER | DECIMAL
    if pa.types.is_string(field.type):
        return TEXT | ESCAPED
    if pa.types.is_boolean(field.type):
        return TRUE | FALSE
    if pa.types.is_floating(field.type):
        return INTEGER | DECIMAL
    return INTEGER if pa.types.is_integer(field.type) else 0


class BlockColumns:
    """The canonical columns of those lines of a block that are accepted.

    Numbers come first: a line whose numbers do not fit their columns is refused after all.

    Args:
        data: The block, and whatever else the spans lie in.
        spans: Of the canonical columns in their order, and of any others after them; its
            ``accepted`` is changed in place.
        zone: Of naive times.
        computed: Numbers that lie nowhere, shape (columns, n), where the end of a span is 0; None
            where there are none.
    """

    def __init__(
        self,
        data: NDArray[np.uint8],
        spans: Spans,
        zone: dt.tzinfo | None,
        computed: NDArray[np.float64] | None = None,
    ) -> None:
        self._data = data
        self._zone = zone
        self._spans = spans
        self._computed = computed
        accepted = spans.accepted
        accepted &= spans.ends - spans.starts <= LONGEST_RECORD
        # Without an exchange of its own a line may hold one of another shape, as text.
        accepted &= np.any(spans.kind[_CONTENT], axis=0)
        self._given: NDArray[np.bool_] = np.any(spans.kind[: len(INDEX)], axis=1)
        self._numbers: dict[str, NDArray[Any]] = {}
        for index in np.flatnonzero(self._given):
            field = CANONICAL_SCHEMA.field(int(index))
            if pa.types.is_integer(field.type):
                self._numbers[field.name] = self._integers(field, *self._of(field.name))
            elif pa.types.is_floating(field.type):
                self._numbers[field.name] = self._decimals(field, *self._of(field.name))
        #: The lines accepted, from 0, ascending.
        self.rows: NDArray[np.int64] = np.flatnonzero(accepted)

    def columns(self) -> list[Column]:
        """The canonical columns of the accepted lines."""
        return [
            self._column(field) if given else Column(pa.nulls(len(self.rows), field.type))
            for field, given in zip(CANONICAL_SCHEMA, self._given.tolist(), strict=True)
        ]

    def _column(self, field: pa.Field) -> Column:
        if field.name in TIMES:
            return self._times(field.name)
        kind, begin, end = (part[self.rows] for part in self._of(field.name))
        if pa.types.is_string(field.type):
            array = self._texts(field.name)
            some_empty = bool(((begin == end) & (kind != 0)).any())
            return Column(without_empty(field.name, array) if some_empty else array)
        if pa.types.is_boolean(field.type):
            return Column(pa.array(kind == TRUE, mask=kind == 0))
        if field.name not in self._numbers:  # embeddings: lines that have one are refused
            return Column(pa.nulls(len(self.rows), field.type))
        values = self._numbers[field.name][self.rows].astype(field.type.to_pandas_dtype())
        return Column(pa.array(values, mask=kind == 0))

    def _of(self, name: str) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
        index = INDEX[name]
        return self._spans.kind[index], self._spans.begin[index], self._spans.end[index]

    def _texts(self, name: str) -> pa.Array:
        kind, begin, end = self._of(name)
        offsets, data = texts(self._data, kind, begin, end, self.rows)
        valid = kind[self.rows] != 0
        bits = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
        buffers = [bits, pa.py_buffer(offsets), pa.py_buffer(data)]
        return pa.Array.from_buffers(pa.string(), len(self.rows), buffers)

    def _times(self, name: str) -> Column:
        kind, begin, end = self._of(name)
        if not (kind[self.rows] & (INTEGER | DECIMAL)).any():
            given = self._texts(name)
            array = instants(given)
            if array is not None:
                return Column(array)
            return time_column(given.to_pylist(), self._zone)
        values = [
            None if not kind[row] else self._token(begin[row], end[row], kind[row])
            for row in self.rows.tolist()
        ]
        return time_column(values, self._zone)

    def _token(self, begin: int, end: int, kind: int) -> Any:
        token = self._data[begin:end].tobytes()
        return token.decode() if kind == TEXT else decode_value(token)

    def _integers(
        self,
        field: pa.Field,
        kind: NDArray[np.uint8],
        begin: NDArray[np.int32],
        end: NDArray[np.int32],
    ) -> NDArray[np.int64]:
        limit = 2 ** (field.type.bit_width - 1)
        low, high = _ASN if field.name == "asn" else (-limit, limit - 1)
        accepted = self._spans.accepted
        values: NDArray[np.int64] = integers(self._data, kind, begin, end, low, high, accepted)
        rows, numbers = self._made(field.name, kind, end)
        values[rows] = numbers.astype(np.int64)
        accepted[rows] &= (low <= values[rows]) & (values[rows] <= high)
        return values

    def _decimals(
        self,
        field: pa.Field,
        kind: NDArray[np.uint8],
        begin: NDArray[np.int32],
        end: NDArray[np.int32],
    ) -> NDArray[np.float64]:
        values: NDArray[np.float64]
        values, hard = decimals(self._data, kind, begin, end, self._spans.accepted)
        for row in np.flatnonzero(hard).tolist():
            token = self._data[begin[row] : end[row]].tobytes()
            try:
                # As the other paths read it: -0 without a fraction has no sign.
                values[row] = float(int(token)) if kind[row] == INTEGER else float(token)
            except (OverflowError, ValueError):  # an integer beyond doubles, or beyond reason
                values[row] = math.inf
            if math.isinf(values[row]):
                self._spans.accepted[row] = False
        rows, numbers = self._made(field.name, kind, end)
        values[rows] = numbers
        return values

    def _made(
        self, name: str, kind: NDArray[np.uint8], end: NDArray[np.int32]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The rows whose number lies nowhere, and the numbers."""
        if self._computed is None:
            return np.zeros(0, np.int64), np.zeros(0)
        rows = np.flatnonzero((kind != 0) & (end == 0) & self._spans.accepted)
        return rows, self._computed[INDEX[name], rows]


def is_utf8(data: bytes | memoryview) -> bool:
    """The fast paths do not look into fields that they pass over: the block is checked before."""
    ends = pa.py_buffer(np.array([0, len(data)], np.int32))
    text = pa.Array.from_buffers(pa.string(), 1, [None, ends, pa.py_buffer(data)])
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
