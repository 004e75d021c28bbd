"""What is in a file: how its records lie, which format they have, and why we think so.

Judged by content. A name or an ending is never looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.errors import InputError, UnreadLogError
from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.domain.ports import Detection, ReadOptions
from workbench.formats.adapter import Recipe
from workbench.formats.beginning import absent_fields, naive_time
from workbench.formats.columnar import kind_of
from workbench.formats.containers import Rows, Values
from workbench.formats.copy_text import CopyText, copied_columns
from workbench.formats.decode import UnreadableRecordError, decode_object
from workbench.formats.event_streams import Events, looks_recorded, response_of
from workbench.formats.known import format_named, known_formats
from workbench.formats.mapping import Mapped
from workbench.formats.opening import LEADS, is_mapped_inside, is_stamped, looks_opened, opened
from workbench.formats.parquet import first_records, settled_times
from workbench.formats.place import Place, placed
from workbench.formats.refusals import BOM, refuse_foreign, unknown_shape
from workbench.formats.stream import ByteStream
from workbench.formats.text_logs import BUILT_IN_TEXT, LINE, may_be_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.formats.columnar import Kind

SAMPLE: Final = 1 << 20
_RECORDS: Final = 64
_DELIMITERS: Final = ",;\t|"
#: Enough for most headers: the whole sample is looked at for none.
_HEAD: Final = 1 << 16
#: The same for as many records as are looked at.
_RECORDS_HEAD: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Layout:
    """What was found.

    Attributes:
        detection: Format, confidence and reason.
        recipe: How to read the blocks; its container is not used where there are columns.
        columnar: The kind of a file that is kept by column; None for text.
        opening: What precedes the first record (``[``).
        compression: "", "gzip", "zstd" or "bzip2".
        records: The first records, decoded.
        naive_time: The first time among them that names no zone, as written; empty without one.
        absent: Mapped fields that no record of the first megabyte has.
    """

    detection: Detection
    recipe: Recipe
    columnar: Kind | None
    opening: bytes
    compression: str
    records: tuple[dict[str, Any], ...]
    naive_time: str
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Laid:
    """Records of the sample and how they lie; objects beside lines of text tell no format."""

    recipe: Recipe
    records: list[dict[str, Any]]
    opening: bytes = b""
    inside: str = ""
    beside: tuple[dict[str, Any], ...] = ()


def detect(where: Path | Place, options: ReadOptions, format_name: str = "") -> Layout:
    """Look at the first megabyte of a file.

    Args:
        where: The file.
        options: A mapping makes any shape readable.
        format_name: Asked for by the user; empty to find it.

    Raises:
        InputError: Missing, empty, binary, wrong encoding, or nothing recognisable.
    """
    place = placed(where)
    sample, compression, damage = _sample(place)
    columnar = kind_of(sample)
    if columnar and not compression:
        records = first_records(place, columnar, _RECORDS)
        laid = _Laid(Recipe("lines", "", options), records)
        return _judge(place, laid, options, format_name, compression, columnar)
    refuse_foreign(place, sample, compression, damage)
    laid = _lay_out(place, sample, options)
    return _judge(place, laid, options, format_name, compression, None)


def _judge(
    path: Place,
    laid: _Laid,
    options: ReadOptions,
    format_name: str,
    compression: str,
    columnar: Kind | None,
) -> Layout:
    records = laid.records[:_RECORDS]
    looked_at = [*records, *laid.beside]
    detection = _choose(path, laid.recipe.columns, records, options, format_name)
    if laid.inside and not format_name:
        reason = f"{detection.reason}, inside {laid.inside}"
        detection = replace(detection, reason=reason)
    recipe = replace(laid.recipe, format=detection.format)
    settled = settled_times(path, columnar, recipe) if columnar else frozenset()
    return Layout(
        detection,
        recipe,
        columnar,
        laid.opening,
        compression,
        tuple(looked_at),
        naive_time(looked_at, detection.format, options, settled),
        absent_fields([*laid.records, *laid.beside], laid.recipe.columns, options.mapping),
    )


def _choose(
    path: Place,
    columns: tuple[str, ...],
    records: list[dict[str, Any]],
    options: ReadOptions,
    format_name: str,
) -> Detection:
    if format_name:
        format_named(format_name)
        return Detection(format_name, 1.0, "asked for")
    found = [d for d in (known.detect(records) for known in known_formats()) if d is not None]
    if found:
        return max(found, key=lambda detection: detection.confidence)
    if options.mapping:
        mapped = Mapped(options.mapping)
        hits = sum(mapped.convert(record) is not None for record in records)
        if hits:
            reason = f"mapped fields in {hits} of {len(records)} records"
            return Detection(Mapped.name, hits / len(records), reason)
    raise unknown_shape(path, columns, records, options.mapping)


def _sample(path: Place) -> tuple[bytes, str, str]:
    """The first decompressed megabyte, the compression, and damage met on the way."""
    with ByteStream(path) as stream:
        parts: list[bytes] = []
        for chunk in stream.chunks():
            parts.append(chunk)
            if sum(map(len, parts)) >= SAMPLE:
                break
        return b"".join(parts)[:SAMPLE], stream.compression, stream.damage


def _lay_out(path: Place, sample: bytes, options: ReadOptions) -> _Laid:
    """How the records of a text lie; with a mapping all records of it are read.

    Whether a mapped field is there is judged by as many records as can be had.
    """
    most = None if options.mapping else _RECORDS
    text = sample.removeprefix(BOM).lstrip()
    opens = not is_mapped_inside(options.mapping)
    if not _BEGINS_JSON.match(text):
        laid = (
            _recorded(text, options, most)
            or _copied(text, options, most)
            or _text_lines(text, options, most)
        )
        if laid is not None:
            return laid
    # The first records are enough, where the beginning of the sample has as many.
    for part in (text[:_RECORDS_HEAD], text) if most is not None else (text,):
        laid = _json(part, options, most, opens=opens)
        if most is not None and laid is not None and len(laid.records) >= most:
            break
    if laid is not None:
        return laid
    if text.startswith(b"{"):
        raise UnreadLogError(
            f"{path} looks like JSON, but no record of its first megabyte can be read.",
            remedy="Check the first lines; each record must be one whole JSON object.",
        )
    table = _csv_rows(text, options, most)
    if table is not None:
        return table
    if b"\r" in text and b"\n" not in text:
        raise UnreadLogError(
            f"{path} is text whose lines end in CR alone.",
            remedy="Write line feeds in their place, for example tr '\\r' '\\n' <OLD >NEW.",
        )
    raise InputError(
        f"{path} holds nothing that is recognised as a log.",
        remedy="Give JSON lines, a JSON array, CSV with a header, Parquet or Arrow.",
    )


def _json(text: bytes, options: ReadOptions, most: int | None, *, opens: bool) -> _Laid | None:
    """Objects, in a list, line by line or one after the other; None where there is none."""
    if text.startswith(b"["):
        records, inside = _json_values(text[1:], most, opens=opens)
        return _Laid(Recipe("values", "", options), records, b"[", inside)
    lines = text.split(b"\n")
    records, inside = _objects(lines, most, opens=opens)
    if text.startswith(b"{") and (not records or _is_spread(lines) or _is_run(lines)):
        values, inside_values = _json_values(text, most, opens=opens)
        if values and len(values) >= len(records):
            return _Laid(Recipe("values", "", options), values, inside=inside_values)
    return _Laid(Recipe("lines", "", options), records, inside=inside) if records else None


#: How JSON begins; a line of text may begin with a bracket, too, as in ``[2026-05-01 12:00:00]``.
_BEGINS_JSON: Final = re.compile(rb"\{|\[\s*([\[{\"\]]|$)")


def _recorded(text: bytes, options: ReadOptions, most: int | None) -> _Laid | None:
    """Responses as they were streamed; None where there is none."""
    if not looks_recorded(text):
        return None
    _, items = Events().split(text)
    # The last one of the sample may be cut off: what is there tells its format.
    records = (response_of(item, whole=False) for item in items)
    told = list(islice((record for record in records if record and len(record) > 1), most))
    return _Laid(Recipe("events", "", options), told) if told else None


def _copied(text: bytes, options: ReadOptions, most: int | None) -> _Laid | None:
    """Rows of COPY text; None where it is none."""
    columns = copied_columns(text)
    if not columns:
        return None
    # The last line of the sample may be cut off: its fields are too few, and it is left out.
    rows = (fields for _, _, fields in CopyText(columns).rows(text) if isinstance(fields, tuple))
    named = ({n: v for n, v in zip(columns, row, strict=True) if v} for row in rows)
    records = list(islice(named, most)) or [dict.fromkeys(columns, "")]
    return _Laid(Recipe("copy", "", options, columns), records)


def _text_lines(text: bytes, options: ReadOptions, most: int | None) -> _Laid | None:
    """Lines that a format of text reads; None where there is none among the first megabyte."""
    formats = [known for known in known_formats() if known.of_text]
    if not may_be_text(text) and all(known.name in BUILT_IN_TEXT for known in formats):
        return None
    records = [{LINE: line} for line in text.decode("utf-8", "replace").split("\n")]
    for known in formats:
        telling = list(islice(filter(known.matches, records), most))
        if telling:
            beside, _ = _objects(
                text.split(b"\n"), most, opens=not is_mapped_inside(options.mapping)
            )
            return _Laid(Recipe("text", "", options), telling, beside=tuple(beside))
    return None


def _is_spread(lines: list[bytes]) -> bool:
    """Whether an object begins that goes on in the next line; a line of it may look like one."""
    first = lines[0].strip()
    return first.startswith(b"{") and not first.endswith(b"}") and len(lines) > 1


def _is_run(lines: list[bytes]) -> bool:
    """Whether objects follow each other without a line between, as Firehose writes them."""
    return lines[0].startswith(b"{") and b"}{" in lines[0] and len(Values().split(lines[0])[1]) > 1


def _json_values(text: bytes, most: int | None, *, opens: bool) -> tuple[list[dict[str, Any]], str]:
    _, items = Values().split(text)
    return _objects(items, most, opens=opens)


def _objects(
    items: list[bytes], most: int | None, *, opens: bool
) -> tuple[list[dict[str, Any]], str]:
    """The first objects among some items, and where they lie where others hold them."""
    records: list[dict[str, Any]] = []
    inside = ""
    for item in items:
        if most is not None and len(records) >= most:
            break
        stamped = opens and is_stamped(item)
        if not (stamped or item.lstrip().startswith(b"{")):
            continue
        holds = opens and looks_opened(item)
        if not holds and not item.rstrip().endswith(b"}"):
            continue  # an object that goes on in the next line, or is cut off
        parts = opened(item) if stamped or holds else None
        record: dict[str, Any] | None = None
        if parts is None:
            try:
                record = decode_object(item)
                parts = opened(item) if opens and not LEADS.isdisjoint(record) else None
            except UnreadableRecordError:
                continue
        if parts is None:
            records += [] if record is None else [record]
            continue
        for part in islice(parts, None if most is None else most - len(records)):
            inside = inside or part.path
            records += [] if part.record is None else [part.record]
    return records, inside


def _csv_rows(text: bytes, options: ReadOptions, most: int | None) -> _Laid | None:
    """A table whose header names something that is known; None when there is none."""
    best: tuple[str, ...] = ()
    delimiter = ""
    for each in _DELIMITERS:
        names = _header(text[:_HEAD], each) or _header(text, each)
        if len(names) > len(best):
            best, delimiter = names, each
    if not best or not _looks_like_header(best, options):
        return None
    # Quotes in TSV are text where they do not enclose whole fields.
    quoted = delimiter != "\t" or Rows(delimiter).is_quoted(text, whole=len(text) < SAMPLE // 2)
    # The first rows are enough, where the beginning of the sample has as many.
    for part in (text[:_RECORDS_HEAD], text) if most is not None else (text,):
        rows = Rows(delimiter, quoted).rows(part)
        _first_row(rows)
        whole = (f for _, _, f in rows if isinstance(f, list) and len(f) == len(best))
        named = ({n: v for n, v in zip(best, f, strict=True) if v} for f in whole)
        records = list(islice(named, most))
        if most is not None and len(records) == most:
            break
    recipe = Recipe("rows", "", options, best, delimiter, quoted)
    return _Laid(recipe, records or [dict.fromkeys(best, "")])


def _header(text: bytes, delimiter: str) -> tuple[str, ...]:
    """The names in the first row that holds anything; none where there is no such row."""
    return tuple(name.strip() for name in _first_row(Rows(delimiter).rows(text)))


def _first_row(rows: Iterator[tuple[int, int, list[str] | str]]) -> list[str]:
    found = (f for _, _, f in rows if isinstance(f, list) and any(map(str.strip, f)))
    return next(found, [])


def _looks_like_header(names: tuple[str, ...], options: ReadOptions) -> bool:
    known = {*CANONICAL_SCHEMA.names, *options.mapping.values()}
    if known & set(names):
        return True
    # An unknown table: several short, distinct names, no numbers among them.
    return (
        len(names) > 1
        and len(set(names)) == len(names)
        and all(0 < len(name) <= 64 and not name[0].isdigit() for name in names)
    )
