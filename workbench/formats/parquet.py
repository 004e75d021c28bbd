"""Parquet and Arrow: canonical columns pass as columns; other shapes go by record."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.formats.batch import BatchBuilder, Column, time_column, without_empty
from workbench.formats.canonical import TELLTALES, Canonical
from workbench.formats.coerce import TIMES, coerce_column
from workbench.formats.columnar import opened
from workbench.formats.shape import UNREADABLE
from workbench.formats.times import zone_named

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Generator, Iterator, Sequence

    from workbench.domain.ports import Parsed
    from workbench.formats.adapter import Adapter, Recipe
    from workbench.formats.columnar import Kind
    from workbench.formats.place import Place

#: Seconds since 1970 at which Python's times begin and end; a day less for time zones.
_YEAR_1: Final = -62_135_596_800 + 86_400
_YEAR_10000: Final = 253_402_300_800 - 86_400


def first_records(place: Place, kind: Kind, count: int) -> list[dict[str, Any]]:
    """The first rows as records; one record of NULLs for a file without rows.

    Raises:
        InputError: The file is damaged.
    """
    with opened(place, kind) as file:
        _, batch = next(file.batches(count), (1.0, None))
        return [dict.fromkeys(file.schema.names)] if batch is None else _as_records(batch)


def settled_times(place: Place, kind: Kind, recipe: Recipe) -> frozenset[str]:
    """Columns of the canonical type itself, which is UTC by definition where no zone is named.

    Raises:
        InputError: The file is damaged.
    """
    with opened(place, kind) as file:
        schema = file.schema
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


def read_columns(
    place: Place, kind: Kind, recipe: Recipe, adapter: Adapter, *, after: int = 0
) -> Generator[tuple[float, Parsed], None, None]:
    """Batches in order.

    A record has no bytes of its own: its offset is -1, and a reject keeps it as JSON.

    Args:
        place: The file.
        kind: Parquet or Arrow.
        recipe: Format, zone and mapping.
        adapter: Converts records that do not pass as columns.
        after: Batches to pass over.

    Yields:
        Share of the file that was read, and a batch whose numbers count from 1 in it.

    Raises:
        InputError: The file is damaged.
    """
    zone = zone_named(recipe.options.zone)
    with opened(place, kind) as file:
        names = set(file.schema.names)
        by_column = _by_column(recipe, file.schema.names)
        wanted = [name for name in CANONICAL_SCHEMA.names if name in names] if by_column else None
        for share, batch in islice(file.batches(names=wanted), after, None):
            builder = BatchBuilder(zone, recipe.samples)
            if by_column:
                numbers = range(1, batch.num_rows + 1)
                builder.extend_columns(numbers, _columns(batch, zone))
            else:
                for number, record in enumerate(_as_records(batch), 1):
                    adapter.add(builder, number, record)
            no_offsets = np.full(batch.num_rows, -1, np.int64)
            yield share, builder.build(no_offsets, _RawRecords(batch))


def record_batches(place: Place, kind: Kind) -> Iterator[list[dict[str, Any]]]:
    """Every row as a record, about sixteen megabytes of them at a time.

    Raises:
        InputError: The file is damaged.
    """
    with opened(place, kind) as file:
        for _, batch in file.batches():
            yield _as_records(batch)


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
            raw = _values(given)
            values, failed = coerce_column(field.name, raw)
            originals = [raw[row] for row in failed]
            columns.append(Column(pa.array(values, field.type), failed, originals))
    return columns


def _times(given: pa.Array, field: pa.Field, zone: dt.tzinfo | None) -> Column:
    """Instants as they are; the canonical type itself (naive microseconds) is UTC by definition."""
    kind = given.type
    if _in_calendar(given) and (kind.tz is not None or (kind == field.type and not zone)):
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
    if _in_calendar(array):
        array = array.cast(pa.timestamp("us", array.type.tz), safe=False)
    elif pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        try:
            array.validate(full=True)
        except pa.ArrowInvalid:
            array = array.cast(pa.large_binary())
    values: list[Any]
    try:
        values = array.to_pylist(maps_as_pydicts="strict")
    except (KeyError, ValueError, OverflowError):
        values = [_value(scalar) for scalar in array]
    return values


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py(maps_as_pydicts="strict")
    except KeyError:
        return scalar.as_py()
    except (ValueError, OverflowError):  # a time after the year 9999
        return UNREADABLE


def _in_calendar(array: pa.Array) -> bool:
    """Whether these are times, all of them of the years 1 to 9999: a cast would wrap others."""
    if not pa.types.is_timestamp(array.type):
        return False
    ticks = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[array.type.unit]
    ends = pc.min_max(array.cast(pa.int64()))
    low, high = ends["min"].as_py(), ends["max"].as_py()
    return low is None or (_YEAR_1 * ticks <= low and high < _YEAR_10000 * ticks)


def _as_records(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    names = batch.schema.names
    columns = [_values(column) for column in batch.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
