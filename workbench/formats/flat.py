"""Canonical JSON lines, a block at a time: a kernel finds the values, columns are made of them.

It takes a line only where there is nothing to decide: every value of its column's own type. The
others it refuses, good or bad; ``adapter`` reads them by another path. Must not reject a record.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.domain.exchange import CANONICAL_SCHEMA, CONTENT_COLUMNS
from workbench.formats.batch import BatchBuilder, Column, time_column, without_empty
from workbench.formats.canonical import TELLTALES
from workbench.formats.coerce import INDEX, TIMES
from workbench.formats.decode import LONGEST_RECORD, decode_value
from workbench.formats.owners import NEVER_FLAT
from workbench.formats.times import instants
from workbench.kernels.json_lines import (
    DECIMAL,
    ESCAPED,
    FALSE,
    INTEGER,
    TEXT,
    TRUE,
    Spans,
    key_table,
    scan,
)
from workbench.kernels.json_values import decimals, integers, texts

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

_ASN: Final = (0, 2**32 - 1)
_CONTENT: Final = [INDEX[name] for name in CONTENT_COLUMNS]


def _allowed(field: pa.Field) -> int:
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


_FOREIGN: Final = [name for name in TELLTALES if name not in NEVER_FLAT]
#: The canonical columns, then the keys of other formats, which may be null and nothing else.
_TABLE: Final = key_table(
    [*CANONICAL_SCHEMA.names, *_FOREIGN],
    [*map(_allowed, CANONICAL_SCHEMA), *(0 for _ in _FOREIGN)],
)


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


class FlatLines:
    """Reads blocks of canonical JSON lines.

    Args:
        zone: Of naive times.
    """

    def __init__(self, zone: dt.tzinfo | None) -> None:
        self._zone = zone

    def read(self, data: bytes | memoryview, builder: BatchBuilder) -> Lines:
        """Give the builder what can be read here.

        Args:
            data: Whole lines of UTF-8.
            builder: Takes the rows.
        """
        if not data:
            nothing = np.zeros(0, np.int64)
            return Lines(nothing, nothing, [], data)
        closed = data if data[-1] == ord("\n") else bytes(data) + b"\n"
        block = _Block(np.frombuffer(closed, np.uint8), self._zone)
        accepted = block.spans.accepted
        builder.extend_columns((block.rows + 1).tolist(), block.columns())
        refused = (np.flatnonzero(~accepted) + 1).tolist()
        return Lines(block.spans.starts, block.spans.ends, refused, data)


class _Block:
    """The spans of one block, and columns made of those of its lines that are accepted.

    Numbers come first: a line whose numbers do not fit their columns is refused after all.
    """

    def __init__(self, data: NDArray[np.uint8], zone: dt.tzinfo | None) -> None:
        self._data = data
        self._zone = zone
        self.spans: Spans = scan(data, _TABLE)
        accepted = self.spans.accepted
        accepted &= self.spans.ends - self.spans.starts <= LONGEST_RECORD
        # Without an exchange of its own a line may hold one of another shape, as text.
        accepted &= np.any(self.spans.kind[_CONTENT], axis=0)
        self._given: NDArray[np.bool_] = np.any(self.spans.kind[: len(INDEX)], axis=1)
        self._numbers: dict[str, NDArray[Any]] = {}
        for index in np.flatnonzero(self._given):
            field = CANONICAL_SCHEMA.field(int(index))
            if pa.types.is_integer(field.type):
                self._numbers[field.name] = self._integers(field, *self._of(field.name))
            elif pa.types.is_floating(field.type):
                self._numbers[field.name] = self._decimals(*self._of(field.name))
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
        if pa.types.is_string(field.type):
            return Column(without_empty(field.name, self._texts(field.name)))
        kind = self._of(field.name)[0][self.rows]
        if pa.types.is_boolean(field.type):
            return Column(pa.array(kind == TRUE, mask=kind == 0))
        if field.name not in self._numbers:  # embeddings: lines that have one are refused
            return Column(pa.nulls(len(self.rows), field.type))
        values = self._numbers[field.name][self.rows].astype(field.type.to_pandas_dtype())
        return Column(pa.array(values, mask=kind == 0))

    def _of(self, name: str) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
        index = INDEX[name]
        return self.spans.kind[index], self.spans.begin[index], self.spans.end[index]

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
        values: NDArray[np.int64] = integers(
            self._data, kind, begin, end, low, high, self.spans.accepted
        )
        return values

    def _decimals(
        self, kind: NDArray[np.uint8], begin: NDArray[np.int32], end: NDArray[np.int32]
    ) -> NDArray[np.float64]:
        values: NDArray[np.float64]
        values, hard = decimals(self._data, kind, begin, end, self.spans.accepted)
        for row in np.flatnonzero(hard).tolist():
            token = self._data[begin[row] : end[row]].tobytes()
            try:
                # As the other paths read it: -0 without a fraction has no sign.
                values[row] = float(int(token)) if kind[row] == INTEGER else float(token)
            except (OverflowError, ValueError):  # an integer beyond doubles, or beyond reason
                values[row] = math.inf
            if math.isinf(values[row]):
                self.spans.accepted[row] = False
        return values


def is_utf8(data: bytes | memoryview) -> bool:
    """The fast paths do not look into fields that they pass over: the block is checked before."""
    ends = pa.py_buffer(np.array([0, len(data)], np.int32))
    text = pa.Array.from_buffers(pa.string(), 1, [None, ends, pa.py_buffer(data)])
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
