"""Bytes of whole records to canonical Arrow. Runs in a worker or in the process itself.

Canonical JSON has three paths, and a test holds them equal. Flat lines are read a block at a time
by ``flat``. What that refuses, and JSON arrays, go to a typed decoder that knows only the canonical
columns. What that refuses, by a type, a foreign key or a syntax error, is read by the honest path,
one record at a time. Lines of some other formats have two: ``outlines``, and the honest one.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import numpy as np
from msgspec.structs import astuple

from workbench.domain.exchange import CONTENT_COLUMNS
from workbench.domain.ports import ReadOptions
from workbench.formats.batch import AT_ONCE, NO_EXCHANGE, BatchBuilder
from workbench.formats.block_columns import Lines as BlockLines
from workbench.formats.block_columns import is_utf8
from workbench.formats.canonical import Canonical
from workbench.formats.coerce import INDEX, coerce
from workbench.formats.containers import Container, Lines, Rows, Values, is_header
from workbench.formats.copy_text import BLANK, FRAME, CopyText
from workbench.formats.decode import (
    KEPT_OF_LONGEST,
    LONGEST_RECORD,
    TOO_LONG,
    UnreadableRecordError,
    decode_object,
    readings,
    without_marks,
)
from workbench.formats.event_streams import Events, response_of
from workbench.formats.flat import FlatLines
from workbench.formats.halves import HALF
from workbench.formats.known import Converter, format_named
from workbench.formats.opening import (
    LEADS,
    begins_opened,
    is_mapped_inside,
    is_stamped,
    looks_opened,
    opened,
)
from workbench.formats.outlines import OutlinedLines
from workbench.formats.samples import SAMPLES
from workbench.formats.text_logs import as_record
from workbench.formats.third_party import FormatFailedError
from workbench.formats.times import zone_named
from workbench.formats.typed import decode_row
from workbench.kernels.json_keys import may_repeat_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from workbench.domain.ports import Parsed
    from workbench.formats.opening import Part

TWICE: Final = "no exchange: what makes one is there twice, with different values"

_CONTENT: Final = tuple(INDEX[name] for name in CONTENT_COLUMNS)
#: The share of lines that may need Python where a block is read on a thread.
_FEW: Final = 0.01


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to read the blocks of one file; small, sent to workers as JSON.

    Attributes:
        container: "lines" of JSON, "values", "rows" of CSV, "copy" (COPY text), "text" (lines),
            "events" (streams of responses).
        format: Name of the format.
        options: Zone and mapping.
        columns: Names of the columns of CSV or COPY text.
        delimiter: Of a CSV file.
        quoted: Of a CSV file: whether quotes enclose fields, or are text.
        samples: Of each column so many values of a block are told that could not be read.
    """

    container: Literal["lines", "values", "rows", "copy", "text", "events"]
    format: str
    options: ReadOptions = field(default_factory=ReadOptions)
    columns: tuple[str, ...] = ()
    delimiter: str = ","
    quoted: bool = True
    samples: int = SAMPLES

    def encoded(self) -> bytes:
        """For a worker. Paths may hold what is no Unicode, as arguments of a command do."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decoded(cls, told: bytes) -> Recipe:
        """What ``encoded`` said."""
        return msgspec.convert(json.loads(told), type=cls)

    def open_container(self) -> Container:
        """The container that cuts this file."""
        if self.container in ("lines", "text"):
            return Lines()
        if self.container == "copy":
            return CopyText(self.columns)
        if self.container == "events":
            return Events()
        return Values() if self.container == "values" else Rows(self.delimiter, self.quoted)


class Adapter:
    """Reads blocks by a recipe.

    Args:
        recipe: How.
        fast: False keeps lines off their fast path (for comparing the two).

    Raises:
        InputError: The recipe names an unknown format or zone.
    """

    def __init__(self, recipe: Recipe, *, fast: bool = True) -> None:
        self._recipe = recipe
        self._container = recipe.open_container()
        chosen = format_named(recipe.format)
        self._converter = Converter(chosen, recipe.options)
        self._zone = zone_named(recipe.options.zone)
        fast = fast and not recipe.options.mapping
        self._typed = fast and isinstance(chosen, Canonical)
        #: Reads the lines of a block at once, where that can be done.
        self._at_once: FlatLines | OutlinedLines | None = None
        if self._typed:
            self._at_once = FlatLines(self._zone)
        elif fast and chosen.by_outline:
            self._at_once = OutlinedLines(chosen, self._zone)
        self._opens = not is_mapped_inside(recipe.options.mapping)
        #: Whether the last record held others, so that the next one may: only a matter of speed.
        self._held = True

    def read(self, data: bytes | memoryview, *, first: bool = False) -> Parsed:
        """One block; record numbers count from 1 in it, offsets from its first byte.

        Args:
            data: Whole records.
            first: Whether the file begins here: the first row of CSV is then its header.
        """
        if isinstance(self._container, Rows):
            return self._read_rows(self._container, bytes(data), first=first)
        if isinstance(self._container, CopyText):
            return self._read_copied(self._container, bytes(data))
        builder = BatchBuilder(self._zone, self._recipe.samples)
        lines = self._lines_at_once(data, builder)
        if lines is not None:
            return self._with_rest(builder, lines)
        starts, items = self._container.split(bytes(data))
        typed = self._typed and is_utf8(data)
        self._read_items(
            builder, range(1, len(items) + 1), lambda number: items[number - 1], typed=typed
        )
        return builder.build(starts, lambda number: items[number - 1][:KEPT_OF_LONGEST])

    def read_at_once(self, data: bytes | memoryview) -> Parsed | None:
        """The block if nearly all of its lines can be read at once, None otherwise.

        Then reading needs hardly any Python, and a thread does as well as a process of its own.
        """
        builder = BatchBuilder(self._zone, self._recipe.samples)
        lines = self._lines_at_once(data, builder)
        if lines is None or len(lines.refused) > _FEW * len(lines.starts):
            return None
        return self._with_rest(builder, lines)

    def _lines_at_once(self, data: bytes | memoryview, builder: BatchBuilder) -> BlockLines | None:
        """Give the builder the lines that can be read at once; None where there are none such."""
        if self._at_once is None or not isinstance(self._container, Lines) or not is_utf8(data):
            return None
        return self._at_once.read(data, builder)

    def _with_rest(self, builder: BatchBuilder, lines: BlockLines) -> Parsed:
        """The block once the lines that could not be read at once were read, too."""
        self._read_items(builder, lines.refused, lines.raw, typed=self._typed)
        return builder.build(lines.starts, lambda number: lines.raw(number)[:KEPT_OF_LONGEST])

    def _read_items(
        self,
        builder: BatchBuilder,
        numbers: Sequence[int],
        item: Callable[[int], bytes],
        *,
        typed: bool,
    ) -> None:
        """Read records by their numbers in the block."""
        for low in range(0, len(numbers), AT_ONCE):
            chunk = numbers[low : low + AT_ONCE]
            items = [item(number) for number in chunk]
            # The typed decoder takes the last of two values of a key without a word.
            by_type = [
                typed and len(data) <= LONGEST_RECORD and not _may_repeat(data) for data in items
            ]
            try:
                if all(by_type):
                    builder.extend(chunk, list(map(astuple, map(decode_row, items))))
                    continue
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                pass
            for number, data, this in zip(chunk, items, by_type, strict=True):
                self._read_item(builder, number, data, typed=this)

    def _read_item(self, builder: BatchBuilder, number: int, item: bytes, *, typed: bool) -> None:
        if typed:
            try:
                builder.extend((number,), [astuple(decode_row(item))])
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                pass
            else:
                return
        if len(item) > LONGEST_RECORD:
            builder.reject(number, TOO_LONG)
            return
        if self._recipe.container != "events":
            item = without_marks(item)
        if not item.strip():
            builder.blank += 1
            return
        if self._recipe.container == "text" and not (
            item.lstrip().startswith(b"{") or (self._opens and is_stamped(item))
        ):
            self._read_line(builder, number, item)
            return
        if self._recipe.container == "events":
            self._read_response(builder, number, item)
            return
        record: dict[str, Any] = {}
        both = None
        parts = self._parts(item) if self._held and begins_opened(item) else None
        try:
            if parts is None:
                record = decode_object(item)
                parts = None if LEADS.isdisjoint(record) else self._parts(item)
                both = readings(item) if parts is None else None
        except UnreadableRecordError as error:
            may = looks_opened(item) or is_stamped(item)
            parts = self._parts(item) if may else None
            if parts is None:
                builder.reject(number, str(error))
                return
        self._held = parts is not None
        if parts is not None:
            record = {}  # all of it decoded would be held beside its parts
            for part in parts:
                self._add_part(builder, builder.open(number, part.start, part.raw), part)
        elif both is None:
            self.add(builder, number, record)
        else:
            self._add_undecided(builder, number, *both)

    def _read_line(self, builder: BatchBuilder, number: int, item: bytes) -> None:
        try:
            self.add(builder, number, as_record(item))
        except UnicodeDecodeError as error:
            reason = f"not UTF-8: byte 0x{item[error.start]:02x} at position {error.start}"
            builder.reject(number, reason)

    def _read_response(self, builder: BatchBuilder, number: int, item: bytes) -> None:
        try:
            record = response_of(item)
        except UnreadableRecordError as error:
            builder.reject(number, str(error))
            return
        if record is None:
            builder.blank += 1
        else:
            self.add(builder, number, record)

    def _parts(self, item: bytes) -> Iterator[Part] | None:
        """The records inside a record; None where it is one itself."""
        return opened(item) if self._opens else None

    def _add_part(self, builder: BatchBuilder, number: int, part: Part) -> None:
        """Add one of the records inside a record."""
        if part.record is None:
            builder.reject(number, part.reason)
        elif part.other is None:
            self.add(builder, number, part.record)
        else:
            self._add_undecided(builder, number, part.record, part.other)

    def add(self, builder: BatchBuilder, number: int, record: dict[str, Any]) -> None:
        """Convert one decoded record and add it, or reject it as holding no exchange."""
        try:
            columns = self._converter.convert(record)
        except FormatFailedError as error:
            builder.reject(number, str(error))
            return
        if columns is None:
            builder.reject(number, self._why_none(record))
        else:
            builder.add(number, *coerce(columns), columns.get(HALF), columns)

    def _why_none(self, record: dict[str, Any]) -> str:
        why = self._converter.why_none(record)
        return f"no exchange: {why}" if why else NO_EXCHANGE

    def _add_undecided(
        self,
        builder: BatchBuilder,
        number: int,
        record: dict[str, Any],
        other: dict[str, Any],
    ) -> None:
        """Add a record that can be read in two ways: a column in which they differ is unreadable.

        Which of two accounts sent it, nobody can say: the log must not be made to say it.
        """
        try:
            columns = self._converter.convert(record)
            others = self._converter.convert(other) or {}
        except FormatFailedError as error:
            builder.reject(number, str(error))
            return
        if columns is None:
            builder.reject(number, self._why_none(record))
            return
        row, unreadable = coerce(columns)
        second, unreadable_there = coerce(others)
        differ = [repr(a) != repr(b) for a, b in zip(row, second, strict=True)]
        for index, differs in enumerate(differ):
            if differs or (unreadable ^ unreadable_there) >> index & 1:
                unreadable |= 1 << index
        row = tuple(None if unreadable >> i & 1 else value for i, value in enumerate(row))
        if any(row[index] is not None for index in _CONTENT):
            # What it is half of is one thing in both readings, or nothing.
            half = columns.get(HALF)
            same = half == others.get(HALF)
            builder.add(number, row, unreadable, half if same else None)
        else:
            builder.reject(number, TWICE)

    def _read_rows(self, container: Rows, data: bytes, *, first: bool) -> Parsed:
        builder = BatchBuilder(self._zone, self._recipe.samples)
        names = self._recipe.columns
        spans: list[tuple[int, int]] = []
        for number, (start, end, fields) in enumerate(container.rows(data), 1):
            spans.append((start, end))
            if not data[start:end].strip():
                builder.blank += 1
            elif (first and not builder.header) or is_header(fields, names):
                builder.header += 1
            elif isinstance(fields, str):
                builder.reject(number, fields)
            elif len(fields) != len(names):
                reason = f"{len(fields)} fields where the header has {len(names)}"
                builder.reject(number, f"wrong number of fields: {reason}")
            elif any(not _is_clean(value) for value in fields):
                builder.reject(number, "not UTF-8: bytes that are no text")
            else:
                record = {name: value for name, value in zip(names, fields, strict=True) if value}
                self.add(builder, number, record)
        starts = np.array([start for start, _ in spans], np.int64)

        def raw(number: int) -> bytes:
            start, end = spans[number - 1]
            return data[start:end].rstrip(b"\r\n")[:KEPT_OF_LONGEST]

        return builder.build(starts, raw)

    def _read_copied(self, container: CopyText, data: bytes) -> Parsed:
        builder = BatchBuilder(self._zone, self._recipe.samples)
        spans: list[tuple[int, int]] = []
        for number, (start, end, fields) in enumerate(container.rows(data), 1):
            spans.append((start, end))
            if fields == BLANK:
                builder.blank += 1
            elif fields == FRAME:
                builder.header += 1
            elif isinstance(fields, str):
                builder.reject(number, fields)
            else:
                pairs = zip(container.columns, fields, strict=True)
                self.add(builder, number, {name: value for name, value in pairs if value})
        starts = np.array([start for start, _ in spans], np.int64)
        return builder.build(
            starts, lambda number: data[slice(*spans[number - 1])][:KEPT_OF_LONGEST]
        )


def _may_repeat(item: bytes) -> bool:
    return bool(may_repeat_keys(np.frombuffer(item, np.uint8)))


def _is_clean(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
