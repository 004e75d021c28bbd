"""Rows of one block to Arrow: times read column-wise, rows without an exchange set aside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.exchange import (
    CANONICAL_SCHEMA,
    CONTENT_COLUMNS,
    HALVES_SCHEMA,
    RECORD_SCHEMA,
    REJECT_SCHEMA,
    Side,
)
from workbench.domain.ports import Parsed
from workbench.formats.coerce import INDEX, NAMES, TEXTS, TIMES
from workbench.formats.decode import KEPT_OF_LONGEST
from workbench.formats.samples import SAMPLES, Samples
from workbench.formats.times import read_times

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.formats.halves import Half

NO_EXCHANGE: Final = "no exchange: no field that makes one is there, or its format says it is none"


#: Rows turned into columns at a time: a few hundred kilobytes of objects stay in the processor's
#: cache, which makes a block twice as fast to build as in one piece.
AT_ONCE: Final = 1024


@dataclass(frozen=True, slots=True)
class Column:
    """One canonical column of some records.

    Attributes:
        array: Values, NULL where nothing was given or it could not be read.
        failed: Indices of the values that were given and could not be read.
        originals: Those values (of times the text is kept).
    """

    array: pa.Array
    failed: Sequence[int] = ()
    originals: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class _Inner:
    """A record inside the record of that number: where it begins in that one, and its bytes."""

    around: int
    start: int
    raw: memoryview


class _Places:
    """A block whose records are counted anew, some of them having been opened.

    Args:
        starts: Byte offset of each record, as they lie.
        raw: Bytes of one of them, by its number as they lie.
        inner: The records inside some of them, in order.

    Attributes:
        final: Number of a record by what it was added by: from 1 as they lie, below 0 inside.
        starts: Byte offset of each record, as they are counted now.
    """

    def __init__(
        self,
        starts: NDArray[np.int64],
        raw: Callable[[int], bytes],
        inner: Sequence[_Inner],
    ) -> None:
        self._raw = raw
        self._inner = inner
        around = np.array([each.around for each in inner], np.int64)
        lying = np.setdiff1d(np.arange(1, len(starts) + 1), around)
        below = np.array([each.start for each in inner], np.int64)
        keys = np.concatenate([lying, -1 - np.arange(len(inner))])
        offsets = np.concatenate([starts[lying - 1], starts[around - 1] + below])
        order = np.argsort(offsets, kind="stable")  # those with one place stay in their order
        self._keys = keys[order]
        self.starts: NDArray[np.int64] = offsets[order]
        # Keys below 0 count from the end, as indices of an array do.
        self.final: NDArray[np.int64] = np.zeros(1 + len(starts) + len(inner), np.int64)
        self.final[self._keys] = np.arange(1, len(keys) + 1)

    def number(self, key: int) -> int:
        """Number of a record now, by what it was added by."""
        return int(self.final[key])

    def raw(self, number: int) -> bytes:
        """Bytes of a record, by its number now."""
        key = int(self._keys[number - 1])
        return bytes(self._inner[-1 - key].raw[:KEPT_OF_LONGEST]) if key < 0 else self._raw(key)


class BatchBuilder:
    """Collects the records of one block, in order.

    Args:
        zone: Of naive times.
        samples: Of each column so many values are kept that could not be read.
    """

    def __init__(self, zone: dt.tzinfo | None, samples: int = SAMPLES) -> None:
        self._zone = zone
        self._pending: list[tuple[Any, ...]] = []
        self._numbers: list[int] = []
        self._unreadable: dict[int, int] = {}
        self._parts: list[list[pa.Array]] = []
        self._rejects: list[tuple[int, str]] = []
        self._inner: list[_Inner] = []
        self._halves: dict[int, Half] = {}
        self._samples = Samples(samples)
        self.blank = 0
        self.header = 0

    def extend(self, numbers: Sequence[int], rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows, all readable.

        Args:
            numbers: Of the records in the block, from 1.
            rows: Values as ``coerce`` gives them; values past the canonical ones are dropped.
        """
        self._numbers.extend(numbers)
        self._pending.extend(rows)
        if len(self._pending) >= AT_ONCE:
            self._flush()

    def add(
        self,
        number: int,
        row: tuple[Any, ...],
        unreadable: int,
        half: Half | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> None:
        """Add one row with its mask of unreadable fields, and what it may be half of.

        Args:
            number: Of the record in the block, from 1.
            row: Values as ``coerce`` gives them.
            unreadable: Bit i is set where column i could not be read.
            half: What it may be half of.
            given: Canonical column -> value as the log gave it.
        """
        if unreadable:
            self._unreadable[len(self._numbers)] = unreadable
            for index, name in enumerate(NAMES):
                if unreadable >> index & 1:
                    value = None if given is None else given.get(name)
                    self._samples.add(name, number, value, place=self._place(number))
        if half is not None:
            self._halves[len(self._numbers)] = half
        self.extend((number,), (row,))

    def extend_columns(self, numbers: Sequence[int], columns: Sequence[Column]) -> None:
        """Add records column by column.

        Args:
            numbers: Of the records in the block, from 1.
            columns: The canonical columns in their order, all of one length.
        """
        self._flush()
        self._numbers.extend(numbers)
        self._keep(columns)

    def reject(self, number: int, reason: str) -> None:
        """Set a record aside."""
        self._rejects.append((number, reason))

    def open(self, number: int, start: int, raw: memoryview) -> int:
        """Put a record that is inside another in its place; the one around it is then none.

        Args:
            number: Of the one around it in the block, from 1. Those in it come in their order.
            start: Where it begins, from the first byte of the one around it.
            raw: Its bytes.

        Returns:
            What to add it by: a number that no other record has, below 0.
        """
        self._inner.append(_Inner(number, start, raw))
        return -len(self._inner)

    def build(self, starts: NDArray[np.int64], raw: Callable[[int], bytes]) -> Parsed:
        """The block as Arrow.

        Args:
            starts: Byte offset of each record of the block, shape (records,).
            raw: Original bytes of a record by its number in the block, from 1.

        Returns:
            Rows and rejects in the order of the file, in whatever order they were added; numbers
            count from 1 in the block, the records inside others in their places.
        """
        self._flush()
        if not self._parts:
            self._keep([Column(pa.nulls(0, field.type)) for field in CANONICAL_SCHEMA])
        numbers = np.array(self._numbers, np.int64)
        number_of: Callable[[int], int] = int
        if self._inner:
            places = _Places(starts, raw, self._inner)
            number_of = places.number
            numbers = places.final[numbers]
            self._rejects = [(int(places.final[key]), reason) for key, reason in self._rejects]
            starts, raw = places.starts, places.raw
        records = self._records(numbers, starts)
        added = np.arange(len(numbers))
        if (numbers[1:] < numbers[:-1]).any():
            added = np.argsort(numbers)
            numbers, records = numbers[added], records.take(pa.array(added))
        empty = _without_exchange(records)
        if empty is not None:
            if self._halves:  # what is around others is none by itself
                empty &= ~np.isin(added, list(self._halves))
            self._rejects += [(int(number), NO_EXCHANGE) for number in numbers[empty]]
            records = records.filter(pa.array(~empty))
            added, numbers = added[~empty], numbers[~empty]
        rejects = self._reject_batch(starts, raw)
        halves = self._half_batch(added, numbers, raw) if self._halves else None
        unread = self._samples.told(number_of, numbers)
        return Parsed(records, rejects, self.blank, self.header, halves, unread)

    def _half_batch(
        self, added: NDArray[np.int64], numbers: NDArray[np.int64], raw: Callable[[int], bytes]
    ) -> pa.RecordBatch:
        """Which rows may be halves.

        Args:
            added: Of each row of the block, the how-many-eth it was added.
            numbers: Of each row, its number.
            raw: Original bytes of a record by its number.
        """
        rows = np.flatnonzero(np.isin(added, list(self._halves)))
        found = [self._halves[int(one)] for one in added[rows]]
        columns = [
            rows,
            [half.kind for half in found],
            [half.side for half in found],
            [half.batch or None for half in found],
            [half.key for half in found],
            [
                raw(int(number)) if half.side is Side.AROUND else None
                for half, number in zip(found, numbers[rows], strict=True)
            ],
        ]
        arrays = [pa.array(c, f.type) for c, f in zip(columns, HALVES_SCHEMA, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=HALVES_SCHEMA)

    def _flush(self) -> None:
        """Turn the rows collected since the last time into columns."""
        rows, self._pending = self._pending, []
        if not rows:
            return
        columns: list[Column] = []
        for field, values in zip(CANONICAL_SCHEMA, zip(*rows, strict=True), strict=False):
            if field.name in TIMES:
                columns.append(time_column(values, self._zone))
            else:
                columns.append(Column(without_empty(field.name, pa.array(values, field.type))))
        self._keep(columns)

    def _keep(self, columns: Sequence[Column]) -> None:
        """Keep columns of the records last numbered."""
        count = len(columns[0].array)
        first = len(self._numbers) - count
        for index, column in enumerate(columns):
            for at, row in enumerate(column.failed):
                bits = self._unreadable.get(first + row, 0)
                self._unreadable[first + row] = bits | 1 << index
                if at < self._samples.most:
                    number, value = self._numbers[first + row], column.originals[at]
                    self._samples.add(NAMES[index], number, value, place=self._place(number))
        ts = columns[INDEX["ts"]]
        texts = dict(zip(ts.failed, map(str, ts.originals), strict=True))
        ts_text = (
            pa.array([texts.get(row) for row in range(count)], pa.string())
            if texts
            else pa.nulls(count, pa.string())
        )
        self._parts.append([ts_text, *(column.array for column in columns)])

    def _place(self, number: int) -> int:
        """Where a record lies, by what it was added by."""
        return number if number > 0 else self._inner[-1 - number].around

    def _records(self, numbers: NDArray[np.int64], starts: NDArray[np.int64]) -> pa.RecordBatch:
        unreadable = np.zeros(len(numbers), np.uint64)
        for row, bits in self._unreadable.items():
            unreadable[row] = bits
        offsets = starts[numbers - 1] if len(numbers) else numbers
        ts_text, *columns = (
            part[0] if len(part) == 1 else pa.concat_arrays(part)
            for part in zip(*self._parts, strict=True)
        )
        head = [pa.array(numbers), pa.array(offsets), ts_text, pa.array(unreadable)]
        return pa.RecordBatch.from_arrays([*head, *columns], schema=RECORD_SCHEMA)

    def _reject_batch(
        self, starts: NDArray[np.int64], raw: Callable[[int], bytes]
    ) -> pa.RecordBatch:
        self._rejects.sort(key=lambda reject: reject[0])
        numbers = [number for number, _ in self._rejects]
        columns = [
            numbers,
            [int(starts[number - 1]) for number in numbers],
            [reason for _, reason in self._rejects],
            [raw(number) for number in numbers],
        ]
        arrays = [pa.array(c, f.type) for c, f in zip(columns, REJECT_SCHEMA, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=REJECT_SCHEMA)


def time_column(values: Sequence[Any], zone: dt.tzinfo | None) -> Column:
    """A column of times, see ``read_times``."""
    array, failed = read_times(values, zone)
    return Column(array, failed, [values[row] for row in failed])


def without_empty(name: str, array: pa.Array) -> pa.Array:
    """Empty texts become NULL, but not in free text: elsewhere "" says that there is none."""
    if name in TEXTS or not pa.types.is_string(array.type) or array.null_count == len(array):
        return array
    empty = pc.equal(pc.binary_length(array), 0)
    if not pc.any(empty).as_py():
        return array
    return pc.if_else(empty, pa.scalar(None, pa.string()), array)


def _without_exchange(records: pa.RecordBatch) -> NDArray[np.bool_] | None:
    """Mask of rows in which every content column is NULL; None when there is no such row."""
    if records.num_rows == 0:
        return None
    empty: NDArray[np.bool_] | None = None
    for name in CONTENT_COLUMNS:
        column = records.column(name)
        if column.null_count == 0:
            return None
        missing = column.is_null().to_numpy(zero_copy_only=False)
        if name == "ts":  # a time that needs a zone is there, if not yet read
            missing &= records.column("ts_text").is_null().to_numpy(zero_copy_only=False)
        empty = missing if empty is None else empty & missing
    return empty if empty is not None and empty.any() else None


def rejected(offset: int, reason: str, raw: bytes) -> Parsed:
    """A block that is one record, rejected before it was read."""
    empty = BatchBuilder(None).build(np.zeros(0, np.int64), lambda _: b"").records
    columns = [[1], [offset], [reason], [raw]]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, REJECT_SCHEMA, strict=True)]
    return Parsed(empty, pa.RecordBatch.from_arrays(arrays, schema=REJECT_SCHEMA))


def moved(parsed: Parsed, offset: int) -> Parsed:
    """The block with its byte offsets counted from the beginning of the file."""
    return _shifted(parsed, "byte_offset", offset)


def renumbered(parsed: Parsed, before: int) -> Parsed:
    """The block with its record numbers counted from the beginning of the file."""
    return _shifted(parsed, "record_no", before)


def _shifted(parsed: Parsed, column: str, by: int) -> Parsed:
    if not by:
        return parsed

    def shift(batch: pa.RecordBatch) -> pa.RecordBatch:
        index = batch.schema.get_field_index(column)
        return batch.set_column(index, column, pc.add(batch.column(index), by))

    unread = parsed.unread
    if column == "record_no":
        unread = tuple(replace(each, record_no=each.record_no + by) for each in unread)
    records, rejects = shift(parsed.records), shift(parsed.rejects)
    return replace(parsed, records=records, rejects=rejects, unread=unread)
