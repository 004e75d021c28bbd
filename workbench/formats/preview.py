"""The first records of a file as an import would load them. Loads nothing."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.domain.exchange import CANONICAL_SCHEMA, RECORD_SCHEMA, REJECT_SCHEMA, Accounting
from workbench.domain.progress import Job
from workbench.formats.attendant import Attendant
from workbench.formats.mapping import Mapped
from workbench.formats.paths import leaves
from workbench.formats.read import look
from workbench.formats.suggest import guesses
from workbench.formats.times import read_time

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from workbench.domain.ports import Detection, ReadOptions, Unread
    from workbench.domain.progress import JobContext
    from workbench.formats.place import Place
    from workbench.formats.suggest import Guess

_FIELDS_FROM: Final = 32
#: Without these most signals are not assessed: shown first, and also where they are empty.
SHOWN_FIRST: Final = ("account_id", "ts", "model", "prompt", "completion", "ip")


@dataclass(frozen=True, slots=True)
class SourceField:
    """A field of the file, to be offered for mapping.

    Attributes:
        path: As ``--map`` takes it.
        example: The first value that is not empty.
        values: Index of a record among ``Preview.records`` -> its value there; without those that
            lack the field.
    """

    path: str
    example: Any
    values: Mapping[int, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A value that its column cannot take: it becomes NULL.

    Attributes:
        written: As the log has it, as JSON, shortened; empty where there is no one value.
        why: Completes "it ...": "is no time", "names no zone".
    """

    written: str
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import of the file would begin with.

    Attributes:
        path: As given.
        size: Bytes on disk.
        compression: "", "gzip", "zstd" or "bzip2".
        detection: Format, confidence and reason.
        accounting: Fates of the records looked at (the first block, up to 8 MB), as far as
            reading decides them: duplicates and conflicts show only in the import.
        coerced_columns: Fields of them that could not be read, by column.
        whole: Whether these were all records of the file.
        rows: Rows of ``RECORD_SCHEMA``, among the first records.
        spoilt: Cells of ``rows`` that could not be read, by number of the record and column.
        rejects: Rows of ``REJECT_SCHEMA``, among the first records.
        records: The first records as they lie in the file, decoded.
        header: Names of the columns of CSV or COPY text.
        fields: Fields of the file.
        naive_time: The first time that names no zone, as written; empty where there is none.
        absent: Mapped fields that no record of the first megabyte has.
        suggested: For a shape that no format knows: column -> the field that it could be, and why.
    """

    path: str
    size: int
    compression: str
    detection: Detection
    accounting: Accounting
    coerced_columns: dict[str, int]
    whole: bool
    rows: pa.Table
    spoilt: Mapping[tuple[int, str], Spoilt]
    rejects: pa.Table
    records: tuple[Mapping[str, Any], ...]
    header: tuple[str, ...]
    fields: tuple[SourceField, ...]
    naive_time: str
    absent: tuple[str, ...]
    suggested: dict[str, Guess]

    @property
    def by_mapping(self) -> bool:
        """Whether a mapping alone reads the file."""
        return self.detection.format == Mapped.name

    @property
    def unknown(self) -> bool:
        """Whether no format knows these records, nor does a mapping find anything in them."""
        return self.by_mapping and not self.accounting.loaded

    def columns(self, mapped: Collection[str]) -> tuple[str, ...]:
        """The canonical columns worth showing, those first that most signals need.

        The others are those that are mapped, or that any of the rows fills or fails to fill.

        Args:
            mapped: Columns that a person gave a field.
        """
        told = {*mapped, *(column for _, column in self.spoilt)}
        filled = (
            name
            for name in CANONICAL_SCHEMA.names
            if name in told or self.rows.column(name).null_count < self.rows.num_rows
        )
        return tuple(dict.fromkeys((*SHOWN_FIRST, *filled)))


def preview(
    path: Path | Place,
    options: ReadOptions,
    format_name: str = "",
    rows: int = 100,
    job: JobContext | None = None,
) -> Preview:
    """Read the first records of a file.

    Args:
        path: The file.
        options: Zone and mapping.
        format_name: Asked for by the user; empty to find it.
        rows: How many records to show, and how many rejects.
        job: Progress and cancellation; None for nobody.

    Raises:
        InputError: The file cannot be used at all.
        CancelledError: The user cancelled.
    """
    job = job or Job()
    with Attendant() as attendant:
        source = look(path, options, format_name, attendant, job)
    # Every spoilt cell of these records is shown, not a few of each column.
    recipe = replace(source.layout.recipe, samples=rows)
    source.layout = replace(source.layout, recipe=recipe)
    with closing(source.blocks(job)) as blocks:
        parsed = next(blocks, None)
        whole = next(blocks, None) is None
    rows_read = pa.Table.from_batches([parsed.records] if parsed else [], RECORD_SCHEMA)
    rejects = pa.Table.from_batches([parsed.rejects] if parsed else [], REJECT_SCHEMA)
    shown = rows_read.slice(0, rows)
    coerced = _coerced(rows_read)
    records = source.layout.records[:_FIELDS_FROM]
    fields = source_fields(records)
    mapped = source.detection.format == Mapped.name
    return Preview(
        path=str(path),
        size=source.size,
        compression=source.compression,
        detection=source.detection,
        accounting=Accounting(
            loaded=rows_read.num_rows,
            rejected=rejects.num_rows,
            blank=parsed.blank if parsed else 0,
            header=parsed.header if parsed else 0,
            coerced=sum(coerced.values()),
        ),
        coerced_columns=coerced,
        whole=whole,
        rows=shown,
        spoilt=_spoilt(shown, parsed.unread if parsed else ()),
        rejects=rejects.slice(0, rows),
        records=records,
        header=source.layout.recipe.columns,
        fields=fields,
        naive_time=source.layout.naive_time,
        absent=source.layout.absent,
        suggested=guesses(records, [each.path for each in fields]) if mapped else {},
    )


def source_fields(records: Sequence[Mapping[str, Any]]) -> tuple[SourceField, ...]:
    """Every path that leads to a value in some records, with the values found there."""
    found: dict[str, dict[int, Any]] = {}
    for index, record in enumerate(records):
        for path, value in leaves(record):
            found.setdefault(path, {})[index] = value
    return tuple(SourceField(path, _first(of), of) for path, of in found.items())


def _first(values: Mapping[int, Any]) -> Any:
    """The first that is not empty, if there is one."""
    filled = (value for value in values.values() if value not in (None, ""))
    return next(filled, next(iter(values.values()), None))


def _spoilt(rows: pa.Table, unread: Iterable[Unread]) -> dict[tuple[int, str], Spoilt]:
    """The cells of some rows that were given and could not be read."""
    written = {(each.record_no, each.column): each.value for each in unread}
    found: dict[tuple[int, str], Spoilt] = {}
    numbers, marks = rows["record_no"].to_pylist(), rows["coerced"].to_pylist()
    for number, bits in zip(numbers, marks, strict=True):
        for index, column in enumerate(CANONICAL_SCHEMA):
            if bits >> index & 1:
                value = written.get((number, column.name), "")
                found[number, column.name] = Spoilt(value, _why_spoilt(column, value))
    return found


def _why_spoilt(column: pa.Field, written: str) -> str:
    if not written:
        return "is no value of this column, or there twice with different values"
    if pa.types.is_timestamp(column.type):
        naive = read_time(written.strip('"'), dt.UTC) is not None
        return "names no zone" if naive else "is no time"
    if pa.types.is_boolean(column.type):
        return "is neither true nor false"
    if pa.types.is_floating(column.type):
        return "is no number"
    if pa.types.is_integer(column.type):
        return "is no whole number in the range of this column"
    return "is no list of numbers" if pa.types.is_list(column.type) else "is no text"


def _coerced(records: pa.Table) -> dict[str, int]:
    """How often each column was given and could not be read; columns without such are left out."""
    bits = records["coerced"].to_numpy()
    counts = {
        name: int(np.count_nonzero(bits >> np.uint64(index) & np.uint64(1)))
        for index, name in enumerate(CANONICAL_SCHEMA.names)
    }
    return {name: count for name, count in counts.items() if count}
