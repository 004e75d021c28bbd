"""``workbench import --preview``: how files would be read, and their first records. No case."""

from __future__ import annotations

import shutil
import sys
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.cli.import_ import fates, sure
from workbench.cli.output import emit_json, hint, say, show_table, warn
from workbench.domain.errors import InputError
from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.domain.ports import ReadOptions
from workbench.domain.text import elide, plural
from workbench.services import log_formats
from workbench.services.import_checks import told_as_passed_over
from workbench.services.previewing import ROWS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from workbench.formats.place import Place
    from workbench.formats.preview import Preview

__all__ = ["ROWS", "show_preview"]

#: Of the values of a column that cannot be read.
_EXAMPLES: Final = 3
#: A column that cannot have so many characters of a terminal is named below the table.
_NARROWEST: Final = 14
_GAP: Final = 2
_LONGEST: Final = 300


def show_preview(
    named: Sequence[str | Place], profile: log_formats.Profile, rows: int, *, as_json: bool
) -> None:
    """Show the first records of files as an import would load them.

    Args:
        named: Files, folders, globs, places.
        profile: Format, zone and mapping.
        rows: How many records of each.
        as_json: One JSON value in place of text.

    Raises:
        InputError: A file that cannot be used, but for one whose shape no format knows.
    """
    options = ReadOptions(profile.zone, profile.mapping)
    previews, passed_over = log_formats.preview_files(
        named, options, format_name=profile.format, rows=rows, unknown_too=True
    )
    stops = _what_stops(named, options, profile.format)
    doubts = [told_as_passed_over(error).typed for error in passed_over]
    if as_json:
        files = [_as_dict(preview, profile.mapping) for preview in previews]
        emit_json({"files": files, "stops": stops or None, "warnings": doubts})
        return
    for number, preview in enumerate(previews):
        if number:
            say()
        _show(preview, profile.mapping, rows)
    for doubt in doubts:
        warn(doubt)
    if stops:
        hint(f"An import would stop here. {stops}")


def _what_stops(named: Sequence[str | Place], options: ReadOptions, format_name: str) -> str:
    """What an import of these files would be refused with; empty where it would begin."""
    try:
        log_formats.check_files(named, options, format_name=format_name)
    except InputError as error:
        return f"{error.fact} {error.remedy}".rstrip()
    return ""


def _as_dict(preview: Preview, mapped: Collection[str]) -> dict[str, Any]:
    columns = preview.columns(mapped)
    rejects = preview.rejects.select(["record_no", "reason"])
    return {
        "path": preview.path,
        "size": preview.size,
        "compression": preview.compression,
        "format": None if preview.unknown else preview.detection.format,
        "confidence": None if preview.unknown else preview.detection.confidence,
        "reason": "no format knows its records" if preview.unknown else preview.detection.reason,
        "whole": preview.whole,
        **preview.accounting.as_dict(),
        "coerced_columns": dict(sorted(preview.coerced_columns.items())),
        "columns": list(columns),
        "rows": preview.rows.select(["record_no", *columns]),
        "unread": [
            {"record_no": number, "column": column, "written": each.written, "why": each.why}
            for (number, column), each in preview.spoilt.items()
        ],
        "rejects": rejects,
        "fields": [
            {"field": each.path, "example": _in_json(each.example)} for each in preview.fields
        ],
        "suggested": {
            column: {"field": guess.path, "why": guess.why}
            for column, guess in preview.suggested.items()
        },
    }


def _in_json(value: Any) -> Any:
    """A value of a log in a type that JSON has; as text where it has none, or none so large."""
    if value is None or isinstance(value, str | bool | float):
        return value
    small = isinstance(value, int) and abs(value) < 2**63
    return value if small else str(value)


def _show(preview: Preview, mapped: Collection[str], rows: int) -> None:
    shell = f", {preview.compression}" if preview.compression else ""
    if preview.unknown:
        say(f"{preview.path}{shell}: no format knows its records.")
        _show_fields(preview)
        return
    found = preview.detection
    say(f"{preview.path}: {found.format}, {sure(found.confidence)}{shell}: {found.reason}")
    shown, left_out = _rows(preview, preview.columns(mapped))
    if shown.num_rows:
        show_table(shown, limit=rows)
    if left_out:
        say(f"No room for {', '.join(left_out)}; --json gives all columns.")
    for reject in preview.rejects.select(["record_no", "reason"]).to_pylist():
        say(f"record {reject['record_no']:,} rejected: {elide(reject['reason'], _LONGEST)}")
    part = "" if preview.whole else " in its first block"
    say(f"{fates(preview.accounting)}{part}.")
    for line in _unread(preview):
        say(line)


def _rows(preview: Preview, columns: Sequence[str]) -> tuple[pa.Table, list[str]]:
    """The records as text, and the columns for which a terminal has no room."""
    records = preview.rows.select(["record_no", *columns]).to_pylist()
    texts: dict[str, list[str]] = {}
    for name in columns:
        is_time = pa.types.is_timestamp(CANONICAL_SCHEMA.field(name).type)
        texts[f"{name} (UTC)" if is_time else name] = [
            _cell(preview, record["record_no"], name, record[name]) for record in records
        ]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    left_out: list[str] = []
    used = len("record") + _GAP
    for name, cells in list(texts.items()):
        widest = max(map(len, [name, *cells]))
        used += min(_NARROWEST, widest) + _GAP
        if room is not None and used > room:
            left_out.append(name)
            del texts[name]
    numbers = pa.array([record["record_no"] for record in records], pa.int64())
    arrays = {name: pa.array(cells, pa.string()) for name, cells in texts.items()}
    return pa.table({"record": numbers, **arrays}), left_out


def _cell(preview: Preview, number: int, column: str, value: Any) -> str:
    """One value as a person reads it; what cannot be read as it is written, and that it is NULL."""
    spoilt = preview.spoilt.get((number, column))
    if spoilt is not None:
        return f"NULL ({spoilt.written or 'not readable'})"
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plural(len(value), "number", "numbers") if isinstance(value, list) else str(value)


def _unread(preview: Preview) -> list[str]:
    """A line for each column with values that cannot be read: how many, and the first."""
    cells = sorted(preview.spoilt.items(), key=lambda each: (each[0][1], each[0][0]))
    first = {name: list(of)[:_EXAMPLES] for name, of in groupby(cells, key=lambda c: c[0][1])}
    lines = []
    for column, count in sorted(preview.coerced_columns.items()):
        told = [
            f"record {number:,}: {f'{each.written} ' if each.written else ''}{each.why}"
            for (number, _), each in first.get(column, [])
        ]
        values = plural(count, "value", "values")
        examples = f" ({'; '.join(told)})" if told else ""
        lines.append(f"{column}: {values} cannot be read, so NULL{examples}.")
    return lines


def _show_fields(preview: Preview) -> None:
    """Of a shape that no format knows: its fields, and the columns that they could be."""
    guesses = {guess.path: (column, guess.why) for column, guess in preview.suggested.items()}
    fields = preview.fields
    could = [guesses.get(field.path, ("", "")) for field in fields]
    columns = {
        "field": [field.path for field in fields],
        "first_value": ["" if field.example is None else str(field.example) for field in fields],
        "could_be": [column for column, _ in could],
        "why": [why for _, why in could],
    }
    if fields:
        arrays = {name: pa.array(map(_clean, of), pa.string()) for name, of in columns.items()}
        show_table(pa.table(arrays), limit=len(fields))


def _clean(text: str) -> str:
    """Text that Arrow takes: half a pair of surrogates becomes a question mark."""
    return elide(text, _LONGEST).encode("utf-8", "replace").decode("utf-8")
