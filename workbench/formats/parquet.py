"""Parquet, read by row group. Canonical columns pass as columns; other shapes go by record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.domain.errors import InputError
from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.domain.text import elide
from workbench.formats.batch import BatchBuilder, Column, time_column, without_empty
from workbench.formats.canonical import TELLTALES, Canonical
from workbench.formats.coerce import TIMES, coerce_column
from workbench.formats.times import zone_named

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from workbench.domain.ports import Parsed
    from workbench.formats.adapter import Adapter, Recipe

#: What Arrow raises on files that were cut off, overwritten or made up.
_DAMAGE: Final = (pa.ArrowException, OSError, ValueError, OverflowError)
_BATCH_BYTES: Final = 16 << 20
_MOST_ROWS: Final = 8192


def first_records(path: Path, count: int) -> list[dict[str, Any]]:
    """The first rows as records; one record of NULLs for a file without rows.

    Raises:
        InputError: The file is damaged.
    """
    file = _opened(path)
    with file:
        batch = _next(file.iter_batches(batch_size=count), path, 0)
        return [dict.fromkeys(file.schema_arrow.names)] if batch is None else _as_records(batch)


def settled_times(path: Path, recipe: Recipe) -> frozenset[str]:
    """Columns of the canonical type itself, which is UTC by definition where no zone is named.

    Raises:
        InputError: The file is damaged.
    """
    with _opened(path) as file:
        schema = file.schema_arrow
    if not _by_column(recipe, schema.names):
        return frozenset()
    declared = {(name, CANONICAL_SCHEMA.field(name).type) for name in TIMES}
    return frozenset(field.name for field in schema if (field.name, field.type) in declared)


def _by_column(recipe: Recipe, names: Sequence[str]) -> bool:
    """Whether the columns pass as they are: canonical, unmapped, none of another format."""
    return (
        recipe.format == Canonical.name
        and not recipe.options.mapping
        and set(names).isdisjoint(TELLTALES)
    )


def read_parquet(path: Path, recipe: Recipe, adapter: Adapter) -> Iterator[tuple[int, int, Parsed]]:
    """Batches in order.

    A record of Parquet has no bytes of its own: its offset is -1, and a reject keeps it as JSON.

    Args:
        path: The file.
        recipe: Format, zone and mapping.
        adapter: Converts records that do not pass as columns.

    Yields:
        Records done so far, records in the file, and a batch whose numbers count from 1 in it.

    Raises:
        InputError: The file is damaged.
    """
    zone = zone_named(recipe.options.zone)
    with _opened(path) as file:
        names = set(file.schema_arrow.names)
        by_column = _by_column(recipe, file.schema_arrow.names)
        wanted = [name for name in CANONICAL_SCHEMA.names if name in names] if by_column else None
        total, done = file.metadata.num_rows, 0
        batches = file.iter_batches(batch_size=_rows_at_once(file), columns=wanted)
        while (batch := _next(batches, path, done)) is not None:
            builder = BatchBuilder(zone)
            if by_column:
                numbers = range(1, batch.num_rows + 1)
                builder.extend_columns(numbers, _columns(batch, zone))
            else:
                for number, record in enumerate(_as_records(batch), 1):
                    adapter.add(builder, number, record)
            done += batch.num_rows
            no_offsets = np.full(batch.num_rows, -1, np.int64)
            yield done, total, builder.build(no_offsets, _RawRecords(batch))


def record_batches(path: Path) -> Iterator[list[dict[str, Any]]]:
    """Every row as a record, about sixteen megabytes of them at a time.

    Raises:
        InputError: The file is damaged.
    """
    with _opened(path) as file:
        done = 0
        batches = file.iter_batches(batch_size=_rows_at_once(file))
        while (batch := _next(batches, path, done)) is not None:
            done += batch.num_rows
            yield _as_records(batch)


def _next(batches: Iterator[pa.RecordBatch], path: Path, done: int) -> pa.RecordBatch | None:
    try:
        return next(batches, None)
    except _DAMAGE as error:
        raise _damaged(path, done, error) from error


class _RawRecords:
    """What a reject keeps of a record: the record as JSON."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch = batch

    def __call__(self, number: int) -> bytes:
        record = _as_records(self._batch.slice(number - 1, 1))[0]
        return json.dumps(record, default=repr, ensure_ascii=False).encode("utf-8", "replace")


def _columns(batch: pa.RecordBatch, zone: dt.tzinfo | None) -> list[Column]:
    columns: list[Column] = []
    for field in CANONICAL_SCHEMA:
        if field.name not in batch.schema.names:
            columns.append(Column(pa.nulls(batch.num_rows, field.type)))
            continue
        given = _plain(batch.column(field.name))
        if field.name in TIMES:
            columns.append(_times(given, field, zone))
            continue
        array = _cast(given, field)
        if array is not None:
            columns.append(Column(without_empty(field.name, array)))
        else:
            values, failed = coerce_column(field.name, _values(given))
            columns.append(Column(pa.array(values, field.type), failed))
    return columns


def _times(given: pa.Array, field: pa.Field, zone: dt.tzinfo | None) -> Column:
    """Instants as they are; the canonical type itself (naive microseconds) is UTC by definition."""
    kind = given.type
    if pa.types.is_timestamp(kind) and (kind.tz is not None or (kind == field.type and not zone)):
        # Finer fractions are cut off, as in text.
        return Column(given.cast(pa.timestamp("us", kind.tz), safe=False).cast(field.type))
    return time_column(_values(given), zone)


def _cast(given: pa.Array, field: pa.Field) -> pa.Array | None:
    """The column where its type says that every value fits; None to read value by value."""
    kind, target = given.type, field.type
    try:
        if pa.types.is_string(target):
            if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
                return None
            array = given.cast(target)
            array.validate(full=True)  # the text must be UTF-8
            return array
        if pa.types.is_floating(target):
            if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
                return None
            array = given.cast(target)
            return array if pc.all(pc.is_finite(array)).as_py() is not False else None
        if pa.types.is_integer(target):
            if field.name == "asn" or not pa.types.is_integer(kind):
                return None
            return given.cast(target)
    except pa.ArrowInvalid:
        return None
    return given if kind == target and pa.types.is_boolean(kind) else None


def _plain(array: pa.Array) -> pa.Array:
    """The array without dictionary encoding."""
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _values(array: pa.Array) -> list[Any]:
    """Python values; times to the microsecond, text that is not UTF-8 as bytes, maps as objects.

    A map that has a key twice stays a list of pairs: nobody can say which of the two holds.
    """
    array = _plain(array)
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.timestamp("us", array.type.tz), safe=False)
    elif pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        try:
            array.validate(full=True)
        except pa.ArrowInvalid:
            array = array.cast(pa.large_binary())
    values: list[Any]
    try:
        values = array.to_pylist(maps_as_pydicts="strict")
    except KeyError:
        values = [_value(scalar) for scalar in array]
    return values


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py(maps_as_pydicts="strict")
    except KeyError:
        return scalar.as_py()


def _as_records(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    names = batch.schema.names
    columns = [_values(column) for column in batch.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _rows_at_once(file: pq.ParquetFile) -> int:
    """Rows that are about sixteen megabytes, by the sizes that the file declares."""
    about = file.metadata
    size = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
    return int(max(1, min(_MOST_ROWS, _BATCH_BYTES * about.num_rows // max(size, 1))))


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except _DAMAGE as error:
        raise _damaged(path, 0, error) from error


def _damaged(path: Path, done: int, error: Exception) -> InputError:
    what = elide(str(error), 200).rstrip(".")
    return InputError(
        f"{path} is a damaged Parquet file after record {done:,}: {what}.",
        remedy="Fetch the file again from its source.",
    )
