"""What is in a file: how its records lie, which format they have, and why we think so.

Judged by content. A name or an ending is never looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.errors import InputError
from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.domain.ports import Detection, ReadOptions
from workbench.formats.adapter import Recipe
from workbench.formats.beginning import absent_fields, listed, naive_time
from workbench.formats.containers import Rows, Values
from workbench.formats.decode import UnreadableRecordError, decode_object
from workbench.formats.known import KNOWN, format_named
from workbench.formats.mapping import Mapped
from workbench.formats.opening import LEADS, is_mapped_inside, is_stamped, looks_opened, opened
from workbench.formats.parquet import first_records, settled_times
from workbench.formats.stream import ByteStream

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE: Final = 1 << 20
_RECORDS: Final = 64
_BOM: Final = b"\xef\xbb\xbf"
_DELIMITERS: Final = ",;\t|"
#: First bytes of what is no log, and what to do about it.
_FOREIGN: Final = (
    (b"PK\x03\x04", "a zip archive or an office document", "Unpack it, or save the sheet as CSV."),
    (b"BZh", "bzip2-compressed", "Decompress it with bunzip2 first."),
    (b"\xfd7zXZ", "xz-compressed", "Decompress it with unxz first."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV."),
    (b"%PDF", "a PDF document", "Export the log as JSON lines or CSV."),
    (b"ORC", "an ORC file", "Convert it to Parquet."),
    (b"Obj\x01", "an Avro file", "Convert it to Parquet."),
    (b"ARROW1", "an Arrow file", "Convert it to Parquet."),
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Layout:
    """What was found.

    Attributes:
        detection: Format, confidence and reason.
        recipe: How to read the blocks; its container is not used for Parquet.
        parquet: Whether the file is Parquet.
        opening: What precedes the first record (``[``).
        compression: "", "gzip" or "zstd".
        records: The first records, decoded.
        naive_time: The first time among them that names no zone, as written; empty without one.
        absent: Mapped fields that no record of the first megabyte has.
    """

    detection: Detection
    recipe: Recipe
    parquet: bool
    opening: bytes
    compression: str
    records: tuple[dict[str, Any], ...]
    naive_time: str
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Laid:
    """Records of the sample and how they lie."""

    recipe: Recipe
    records: list[dict[str, Any]]
    opening: bytes = b""
    inside: str = ""


def detect(path: Path, options: ReadOptions, format_name: str = "") -> Layout:
    """Look at the first megabyte of a file.

    Args:
        path: The file.
        options: A mapping makes any shape readable.
        format_name: Asked for by the user; empty to find it.

    Raises:
        InputError: Missing, empty, binary, wrong encoding, or nothing recognisable.
    """
    sample, compression, damage = _sample(path)
    if not compression and sample.startswith(b"PAR1"):
        records = first_records(path, _RECORDS)
        laid = _Laid(Recipe("lines", "", options), records)
        return _judge(path, laid, options, format_name, compression, parquet=True)
    _refuse_foreign(path, sample, compression, damage)
    laid = _lay_out(path, sample, options)
    return _judge(path, laid, options, format_name, compression, parquet=False)


def _judge(
    path: Path,
    laid: _Laid,
    options: ReadOptions,
    format_name: str,
    compression: str,
    *,
    parquet: bool,
) -> Layout:
    records = laid.records[:_RECORDS]
    detection = _choose(path, records, options, format_name)
    if laid.inside and not format_name:
        reason = f"{detection.reason}, inside {laid.inside}"
        detection = replace(detection, reason=reason)
    recipe = Recipe(
        laid.recipe.container,
        detection.format,
        options,
        laid.recipe.columns,
        laid.recipe.delimiter,
    )
    settled = settled_times(path, recipe) if parquet else frozenset()
    return Layout(
        detection,
        recipe,
        parquet,
        laid.opening,
        compression,
        tuple(records),
        naive_time(records, detection.format, options, settled),
        absent_fields(laid.records, laid.recipe.columns, options.mapping),
    )


def _choose(
    path: Path, records: list[dict[str, Any]], options: ReadOptions, format_name: str
) -> Detection:
    if format_name:
        format_named(format_name)
        return Detection(format_name, 1.0, "asked for")
    found = [d for d in (known.detect(records) for known in KNOWN) if d is not None]
    if found:
        return max(found, key=lambda detection: detection.confidence)
    if options.mapping:
        mapped = Mapped(options.mapping)
        hits = sum(mapped.convert(record) is not None for record in records)
        if hits:
            reason = f"mapped fields in {hits} of {len(records)} records"
            return Detection(Mapped.name, hits / len(records), reason)
    seen = listed(sorted({key for record in records for key in record}))
    raise InputError(
        f"{path} has no format that is known here: its fields are {seen or 'none'}.",
        remedy="Say where the columns are, for example --map prompt=FIELD --map account_id=FIELD.",
    )


def _sample(path: Path) -> tuple[bytes, str, str]:
    """The first decompressed megabyte, the compression, and damage met on the way."""
    with ByteStream(path) as stream:
        parts: list[bytes] = []
        for chunk in stream.chunks():
            parts.append(chunk)
            if sum(map(len, parts)) >= SAMPLE:
                break
        return b"".join(parts)[:SAMPLE], stream.compression, stream.damage


def _refuse_foreign(path: Path, sample: bytes, compression: str, damage: str) -> None:
    if damage and not sample:
        raise InputError(
            f"{path} holds nothing that can be read: {damage}.",
            remedy="Fetch the file again from its source.",
        )
    if not sample.strip(b" \t\r\n" + _BOM):
        what = "only white space" if sample else f"nothing inside its {compression} shell"
        raise InputError(f"{path} holds {what}.", remedy="Leave it out, or export it again.")
    for magic, what, remedy in _FOREIGN:
        if sample.startswith(magic):
            raise InputError(f"{path} is {what}.", remedy=remedy)
    if sample.startswith(_UTF16) or sample[:4096].count(0) * 4 > len(sample[:4096]):
        if sample.startswith(_UTF16) or _every_other_is_nul(sample[:4096]):
            raise InputError(
                f"{path} is UTF-16 text.",
                remedy="Convert it to UTF-8, for example with iconv -f UTF-16 -t UTF-8.",
            )
        raise _binary(path)
    control = sum(byte < 9 or 13 < byte < 32 for byte in sample[:4096])
    if control * 10 > len(sample[:4096]):
        raise _binary(path)


def _every_other_is_nul(data: bytes) -> bool:
    even, odd = data[::2].count(0), data[1::2].count(0)
    return max(even, odd) * 10 > len(data) * 4 and min(even, odd) * 10 < len(data)


def _binary(path: Path) -> InputError:
    return InputError(
        f"{path} is a binary file, not a log.",
        remedy="Give JSON lines, a JSON array, CSV or Parquet; plain, .gz or .zst.",
    )


def _lay_out(path: Path, sample: bytes, options: ReadOptions) -> _Laid:
    """How the records of a text lie; with a mapping all records of it are read.

    Whether a mapped field is there is judged by as many records as can be had.
    """
    most = None if options.mapping else _RECORDS
    text = sample.removeprefix(_BOM).lstrip()
    opens = not is_mapped_inside(options.mapping)
    if text.startswith(b"["):
        records, inside = _json_values(text[1:], most, opens=opens)
        return _Laid(Recipe("values", "", options), records, b"[", inside)
    lines = text.split(b"\n")
    records, inside = _objects(lines, most, opens=opens)
    if text.startswith(b"{") and (not records or _is_spread(lines) or _is_run(lines)):
        values, inside_values = _json_values(text, most, opens=opens)
        if values and len(values) >= len(records):
            return _Laid(Recipe("values", "", options), values, inside=inside_values)
    if records:
        return _Laid(Recipe("lines", "", options), records, inside=inside)
    if text.startswith(b"{"):
        raise InputError(
            f"{path} looks like JSON, but no record of its first megabyte can be read.",
            remedy="Check the first lines; each record must be one whole JSON object.",
        )
    table = _csv_rows(text, options, most)
    if table is not None:
        return table
    raise InputError(
        f"{path} holds nothing that is recognised as a log.",
        remedy="Give JSON lines, a JSON array, CSV with a header, or Parquet.",
    )


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
        parts = opened(item) if stamped or (opens and looks_opened(item)) else None
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
    best: _Laid | None = None
    for delimiter in _DELIMITERS:
        rows = Rows(delimiter).rows(text)
        header = next(
            (f for _, _, f in rows if isinstance(f, list) and any(map(str.strip, f))), None
        )
        if header is None:
            continue
        names = tuple(name.strip() for name in header)
        records = []
        for _, _, fields in islice(rows, most):
            if isinstance(fields, list) and len(fields) == len(names):
                records.append({n: v for n, v in zip(names, fields, strict=True) if v})
        if best is None or len(names) > len(best.recipe.columns):
            recipe = Recipe("rows", "", options, names, delimiter)
            best = _Laid(recipe, records or [dict.fromkeys(names, "")])
    if best is None or not _looks_like_header(best.recipe.columns, options):
        return None
    return best


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
