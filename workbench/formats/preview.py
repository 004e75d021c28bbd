"""The first records of a file as an import would load them. Loads nothing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.domain.exchange import CANONICAL_SCHEMA, RECORD_SCHEMA, REJECT_SCHEMA, Accounting
from workbench.domain.progress import Job
from workbench.formats.mapping import Mapped
from workbench.formats.paths import leaves
from workbench.formats.read import open_source
from workbench.formats.suggest import guesses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from workbench.domain.ports import Detection, ReadOptions
    from workbench.formats.place import Place
    from workbench.formats.suggest import Guess

_FIELDS_FROM: Final = 32


@dataclass(frozen=True, slots=True)
class SourceField:
    """A field of the file, to be offered for mapping.

    Attributes:
        path: As ``--map`` takes it.
        example: The first value that is not empty.
    """

    path: str
    example: Any


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
        rejects: Rows of ``REJECT_SCHEMA``, among the first records.
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
    rejects: pa.Table
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


def preview(
    path: Path | Place, options: ReadOptions, format_name: str = "", rows: int = 100
) -> Preview:
    """Read the first records of a file.

    Args:
        path: The file.
        options: Zone and mapping.
        format_name: Asked for by the user; empty to find it.
        rows: How many records to show, and how many rejects.

    Raises:
        InputError: The file cannot be used at all.
    """
    source = open_source(path, options, format_name)
    with closing(source.blocks(Job())) as blocks:
        parsed = next(blocks, None)
        whole = next(blocks, None) is None
    rows_read = pa.Table.from_batches([parsed.records] if parsed else [], RECORD_SCHEMA)
    rejects = pa.Table.from_batches([parsed.rejects] if parsed else [], REJECT_SCHEMA)
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
        rows=rows_read.slice(0, rows),
        rejects=rejects.slice(0, rows),
        fields=fields,
        naive_time=source.layout.naive_time,
        absent=source.layout.absent,
        suggested=guesses(records, [field.path for field in fields]) if mapped else {},
    )


def source_fields(records: Sequence[Mapping[str, Any]]) -> tuple[SourceField, ...]:
    """Every path that leads to a value in some records, with the first value found there."""
    found: dict[str, Any] = {}
    for record in records:
        for path, value in leaves(record):
            if found.get(path) in (None, ""):
                found[path] = value
    return tuple(SourceField(path, value) for path, value in found.items())


def _coerced(records: pa.Table) -> dict[str, int]:
    """How often each column was given and could not be read; columns without such are left out."""
    bits = records["coerced"].to_numpy()
    counts = {
        name: int(np.count_nonzero(bits >> np.uint64(index) & np.uint64(1)))
        for index, name in enumerate(CANONICAL_SCHEMA.names)
    }
    return {name: count for name, count in counts.items() if count}
