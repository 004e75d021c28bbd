"""Reads a table that is added to a case: CSV, JSON or Parquet, plain or compressed, in one pass.

Told by content, as logs are. Every record is in exactly one block, once: as a row, a reject, a
blank or a header. This room must not know the case; addresses have a room of their own.
"""

from __future__ import annotations

import datetime as dt
import json
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa

from workbench.domain.added import AddedKind, AddedRows, Counted
from workbench.domain.errors import InputError
from workbench.domain.exchange import REJECT_SCHEMA
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.domain.text import elide
from workbench.formats import audit_logs, usage
from workbench.formats.added_fields import TIMES, Shape, rows_of, sources
from workbench.formats.attendant import Attendant, Wait
from workbench.formats.beginning import absent_fields, listed, nearest
from workbench.formats.blocks import cut_blocks
from workbench.formats.containers import Rows, is_header
from workbench.formats.decode import (
    KEPT_OF_LONGEST,
    LONGEST_RECORD,
    TOO_LONG,
    UnreadableRecordError,
    decode_object,
    readings,
    without_marks,
)
from workbench.formats.detect import detect
from workbench.formats.opening import BUCKET, NO_RECORDS, looks_opened, opened
from workbench.formats.parquet import record_batches
from workbench.formats.place import check_same, placed
from workbench.formats.stream import attended
from workbench.formats.times import read_time, zone_named

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from workbench.domain.progress import JobContext
    from workbench.formats.columnar import Kind
    from workbench.formats.detect import Layout
    from workbench.formats.stream import ByteStream

_TWICE: Final = "a key occurs twice, with different values"
_AGAIN: Final = "Add it again once it rests."
_NOTHING: Final = "Nothing was added."
_NO_TEXT: Final = "not UTF-8: bytes that are no text"
#: No reason, but why a record has no fields: it is blank, or the header.
_BLANK: Final = "\0blank"
_HEADER: Final = "\0header"
#: Records turned into columns at a time.
_AT_ONCE: Final = 8192
_NAMED: Final = {"lines": "jsonl", "values": "json", "rows": "csv"}


@dataclass(frozen=True, slots=True)
class _Record:
    """One record where it lies; ``wrong`` says why there are no fields."""

    offset: int
    raw: bytes
    fields: Mapping[str, Any] | None = None
    wrong: str = ""


def open_table(
    path: Path,
    kind: AddedKind,
    *,
    zone: str = "",
    mapping: Mapping[str, str] | None = None,
    job: JobContext | None = None,
) -> TableReader:
    """Look at a file and make ready to read it.

    Args:
        path: The file.
        kind: What it is about; not addresses.
        zone: IANA zone of times that name none; "none" leaves them out.
        mapping: Field -> path in the file, where names do not tell.
        job: Progress and cancellation; None for nobody.

    Raises:
        InputError: It cannot be read, nothing of it came for too long, it has no column that says
            who or what its rows are about, or times without a zone and nobody said which.
        CancelledError: The user cancelled.
    """
    chosen = zone_named(zone)
    looked = _looked_at(path, job)
    layout = looked.layout
    if not layout.columnar and layout.recipe.container not in _NAMED:
        raise InputError(
            f"{path} is text that is read as a log, not as a table.",
            remedy="Export the table as CSV with a header.",
        )
    names = list(dict.fromkeys(name for record in layout.records for name in record))
    names = list(layout.recipe.columns) or names
    passed_over: list[str] = []
    shape = None if mapping else _own_shape(kind, layout.records, chosen)
    if shape is None:
        _refuse_absent(path, layout, names, mapping or {})
        found = sources(kind, names, mapping or {}, path)
        shape = Shape(kind, found, chosen)
        passed_over = [name for name in names if name not in found.values()]
    if not zone:
        _refuse_naive(path, shape, layout.records)
    return TableReader(path, looked, shape, zone, passed_over)


class _Looked(NamedTuple):
    """A file as it was looked at.

    Attributes:
        layout: How its records lie.
        size: Its bytes on disk.
        state: Of its place.
    """

    layout: Layout
    size: int
    state: object


def _looked_at(path: Path, job: JobContext | None) -> _Looked:
    """A file that hangs can be left."""
    place = placed(path)
    wait = Wait(job or Job(), place, f"Looking at {place.short}")

    def look() -> _Looked:
        # First the state: what is written from here on is found when all was read.
        state = place.state
        return _Looked(detect(place, ReadOptions(), "mapped"), place.size, state)

    with Attendant() as attendant:
        return attendant.do(wait, look)


def _own_shape(
    kind: AddedKind, records: Sequence[Mapping[str, Any]], zone: dt.tzinfo | None
) -> Shape | None:
    """How a product's own records are read; None where they are nobody's."""
    if kind in audit_logs.KINDS and audit_logs.is_audit_log(records):
        return audit_logs.AuditShape(kind, zone)
    if kind in usage.KINDS and usage.is_usage(records):
        return usage.UsageShape(zone)
    return None


def kinds_of(path: Path, job: JobContext | None = None) -> tuple[AddedKind, ...]:
    """The kinds of table that a file tells it is: an audit log two, usage one, any other none.

    Raises:
        InputError: It cannot be read, or nothing of it came for too long.
        CancelledError: The user cancelled.
    """
    records = _looked_at(path, job).layout.records
    if audit_logs.is_audit_log(records):
        return audit_logs.KINDS
    return usage.KINDS if usage.is_usage(records) else ()


def _refuse_absent(
    path: Path, layout: Layout, names: Sequence[str], mapping: Mapping[str, str]
) -> None:
    """A mapped column that is nowhere is a slip of the pen: its field would silently be empty."""
    absent = absent_fields(layout.records, layout.recipe.columns, mapping)
    if not absent:
        return
    field = next(field for field, source in mapping.items() if source == absent[0])
    meant = nearest(absent[0], names)
    raise InputError(
        f"{path} has no column {elide(absent[0], 80)}, which is mapped to {field}; its columns are "
        f"{listed(names)}.",
        remedy=(f"Did you mean {elide(meant, 80)}? " if meant else "")
        + "Mend the mapping, or leave this field out of it.",
        safe="Nothing was added.",
    )


def _refuse_naive(path: Path, shape: Shape, records: Sequence[Mapping[str, Any]]) -> None:
    for field in sorted(TIMES & shape.found.keys()):
        for value in shape.values(records, field):
            if value is None or read_time(value, None) is not None:
                continue
            if read_time(value, dt.UTC) is not None:
                raise InputError(
                    f"{path} has times without a zone ({field} {str(value)[:40]!r}).",
                    remedy="Name it, for example UTC (--zone UTC), or none to leave them out.",
                    safe="Nothing was added.",
                )


class TableReader:
    """One file, to be read once.

    Args:
        path: The file.
        looked: As it was looked at.
        shape: How its records are read.
        zone: As it was said.
        passed_over: Columns of the file that say nothing here.
    """

    def __init__(
        self,
        path: Path,
        looked: _Looked,
        shape: Shape,
        zone: str,
        passed_over: list[str],
    ) -> None:
        self.path = path
        self.kind = shape.kind
        self.columns = dict(shape.found)
        self.passed_over = tuple(passed_over)
        self.zone = zone
        self.size = looked.size
        self.sha256 = ""
        self._layout = looked.layout
        self._state = looked.state
        self._shape = shape

    @property
    def counted(self) -> tuple[Counted, ...]:
        """Requests that a provider counted in the blocks so far; empty where it counts none."""
        return self._shape.counted if isinstance(self._shape, usage.UsageShape) else ()

    @property
    def format(self) -> str:
        """As "csv", "parquet" or "arrow"; with the compression behind a plus sign."""
        if self._layout.columnar:
            return self._layout.columnar.partition("-")[0]
        shell = f"+{self._layout.compression}" if self._layout.compression else ""
        return _NAMED[self._layout.recipe.container] + shell

    def blocks(self, job: JobContext) -> Iterator[AddedRows]:
        """The whole file; records are counted from 1, offsets from its first plain byte.

        Raises:
            InputError: The disk failed, nothing came for too long, the file changed, or one kept
                by column is damaged.
            CancelledError: The user cancelled.
        """
        number = 0
        step = f"Reading {self.path.name}"
        with attended(placed(self.path), job) as (stream, attendant):
            kind = self._layout.columnar
            found = self._columns(stream, kind) if kind else self._text(stream)
            wait = Wait(job, stream.place, step, lambda: stream.share, lambda: number)
            attendant.enter(wait, lambda: closing(found))
            while (records := attendant.do(wait, lambda: next(found, None))) is not None:
                for low in range(0, len(records), _AT_ONCE):
                    job.check()
                    block = records[low : low + _AT_ONCE]
                    job.report(step, done=stream.share, count=number, unit="records")
                    yield self._rows(block, number)
                    number += len(block)
            attendant.do(wait, lambda: check_same(stream.place, self._state, _AGAIN, _NOTHING))
            self.sha256, self.size = stream.sha256, stream.position

    def _columns(self, stream: ByteStream, kind: Kind) -> Generator[list[_Record], None, None]:
        stream.read_through()  # the digest first: columns do not lie in order
        for records in record_batches(stream.place, kind):
            yield [_Record(-1, b"", record) for record in records]

    def _text(self, stream: ByteStream) -> Generator[list[_Record], None, None]:
        container = self._layout.recipe.open_container()
        first = True
        for block in cut_blocks(stream, container, opening=self._layout.opening):
            if block.reason:
                yield [_Record(block.offset, bytes(block.data), wrong=block.reason)]
            elif isinstance(container, Rows):
                yield list(self._rows_of_text(container, bytes(block.data), block.offset, first))
            else:
                starts, items = container.split(bytes(block.data))
                yield [
                    record
                    for start, item in zip(starts.tolist(), items, strict=True)
                    for record in _records(block.offset + start, item)
                ]
            first = False

    def _rows_of_text(
        self, container: Rows, data: bytes, offset: int, first: bool
    ) -> Iterator[_Record]:
        names = self._layout.recipe.columns
        header = first
        for start, end, fields in container.rows(data):
            raw = data[start:end].rstrip(b"\r\n")
            at = offset + start
            if not raw.strip():
                yield _Record(at, b"", wrong=_BLANK)
            elif header or is_header(fields, names):
                header = False
                yield _Record(at, b"", wrong=_HEADER)
            elif isinstance(fields, str):
                yield _Record(at, raw, wrong=fields)
            elif len(fields) != len(names):
                reason = f"{len(fields)} fields where the header has {len(names)}"
                yield _Record(at, raw, wrong=f"wrong number of fields: {reason}")
            elif not raw.isascii() and any("\ud800" <= c <= "\udfff" for f in fields for c in f):
                yield _Record(at, raw, wrong=_NO_TEXT)
            else:
                yield _Record(at, raw, dict(zip(names, fields, strict=True)))

    def _rows(self, records: list[_Record], before: int) -> AddedRows:
        """One block; its records are counted from ``before`` + 1."""
        good = [index for index, record in enumerate(records) if record.fields is not None]
        done = self._shape.convert([records[index].fields or {} for index in good])
        numbers = [before + index + 1 for index in good]
        rows = rows_of(self.kind, done, numbers, (records[index].offset for index in good))
        blank = sum(record.wrong == _BLANK for record in records)
        header = sum(record.wrong == _HEADER for record in records)
        wrong = {
            index: record.wrong
            for index, record in enumerate(records)
            if record.wrong not in ("", _BLANK, _HEADER)
        } | {good[index]: reason for index, reason in done.bad.items()}
        rejects = [
            {
                "record_no": before + index + 1,
                "byte_offset": records[index].offset,
                "reason": wrong[index],
                "raw": _kept(records[index]),
            }
            for index in sorted(wrong)
        ]
        return AddedRows(
            rows,
            pa.RecordBatch.from_pylist(rejects, schema=REJECT_SCHEMA),
            blank,
            header,
            done.coerced,
        )


def _records(offset: int, item: bytes) -> Iterator[_Record]:
    """A record, or those that it holds: a page of an API is none itself."""
    plain = without_marks(item)
    parts = opened(plain) if looks_opened(plain) else None
    if parts is None:
        yield _decoded(offset, item)
        return
    for part in parts:
        raw = bytes(part.raw)
        wrong = part.reason or (_TWICE if part.other is not None else "")
        if part.reason == NO_RECORDS and part.path.endswith(BUCKET):
            wrong = _BLANK  # a span of time in which nothing happened
        yield _Record(offset + part.start, raw, None if wrong else part.record, wrong)


def _decoded(offset: int, item: bytes) -> _Record:
    if not item.strip():
        return _Record(offset, b"", wrong=_BLANK)
    if len(item) > LONGEST_RECORD:
        return _Record(offset, item, wrong=TOO_LONG)
    plain = without_marks(item)
    try:
        record = decode_object(plain)
        both = readings(plain)
    except UnreadableRecordError as error:
        return _Record(offset, item, wrong=str(error))
    # Which of two values of one key holds, nobody can say.
    return _Record(offset, item, wrong=_TWICE) if both else _Record(offset, item, record)


def _kept(record: _Record) -> bytes:
    """What a reject keeps: its bytes, or, of Parquet, the record as JSON."""
    if record.raw or record.fields is None:
        return record.raw[:KEPT_OF_LONGEST]
    text = json.dumps(dict(record.fields), default=repr, ensure_ascii=False)
    return text.encode("utf-8", "replace")[:KEPT_OF_LONGEST]
