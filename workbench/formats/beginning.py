"""What the first records of a file already tell, before any is loaded. Must not read the file.

Two mistakes would cost records what cannot be won back without importing them again: times whose
zone nobody said, and a mapping that names a field which is not there.
"""

from __future__ import annotations

import datetime as dt
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from workbench.domain.text import elide
from workbench.formats.coerce import TIMES
from workbench.formats.known import Converter, format_named
from workbench.formats.paths import embedded_json, leaves, parse_path
from workbench.formats.third_party import FormatFailedError
from workbench.formats.times import read_time

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from workbench.domain.ports import ReadOptions
    from workbench.formats.paths import Path

    Records = Sequence[Mapping[str, Any]]


def naive_time(
    records: Records, format_name: str, options: ReadOptions, settled: Collection[str] = ()
) -> str:
    """The first time that only a zone makes readable, as it is written; empty where none is.

    Args:
        records: Decoded records.
        format_name: The format that reads them.
        options: The mapping; its zone does not matter.
        settled: Columns whose times the file itself declares to be UTC.
    """
    converter = Converter(format_named(format_name), options)
    wanted = [column for column in TIMES if column not in settled]
    for record in records:
        try:
            columns = converter.convert(record) or {}
        except FormatFailedError:
            continue
        for column in wanted:
            value = columns.get(column)
            if value is None or read_time(value, None) is not None:
                continue
            if read_time(value, dt.UTC) is not None:
                return str(value)
    return ""


def absent_fields(
    records: Records, columns: Collection[str], mapping: Mapping[str, str]
) -> tuple[str, ...]:
    """Mapped fields that none of the records has, each once, in the order of the mapping.

    A field that is there and empty is not absent.

    Args:
        records: Decoded records.
        columns: Names of the columns of a table, whether or not a record fills them.
        mapping: Canonical column -> path.
    """
    paths = {source: parse_path(source) for source in mapping.values() if source not in columns}
    return tuple(
        source
        for source, path in paths.items()
        if not any(source in record or _leads(record, path) for record in records)
    )


def field_names(records: Records) -> tuple[str, ...]:
    """Every path that leads to a value in some of the records, in the order of first sight."""
    return tuple(dict.fromkeys(path for record in records for path, _ in leaves(record)))


def nearest(name: str, names: Sequence[str]) -> str:
    """The one of the names that was probably meant; empty where none is close."""
    plain = {_plain(each): each for each in reversed(names)}
    found = get_close_matches(_plain(name), list(plain), n=1, cutoff=0.7)
    return plain[found[0]] if found else ""


def listed(names: Sequence[str], most: int = 12) -> str:
    """The first names, for a message."""
    return ", ".join(elide(name, 40) for name in names[:most]) + (
        f" and {len(names) - most} more" if len(names) > most else ""
    )


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum()) or name


def _leads(value: Any, path: Path) -> bool:
    """Whether the path is there, even where it leads to null."""
    for step in path:
        if isinstance(value, str):
            value = embedded_json(value)
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                return False
        elif not isinstance(value, list) or not -len(value) <= step < len(value):
            return False
        value = value[step]
    return True
