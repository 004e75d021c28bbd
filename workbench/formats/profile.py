"""Profiles: a mapping with its format and zone, kept as a TOML file for the next import."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.domain.errors import InputError, StorageError
from workbench.domain.exchange import CONTENT_COLUMNS
from workbench.formats.beginning import absent_fields
from workbench.formats.known import format_named
from workbench.formats.mapping import Mapped, check_mapping
from workbench.formats.times import zone_named

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Profile:
    """How to read the files of one source.

    Attributes:
        name: Shown in the import dialog.
        format: Name of the format; empty to detect it.
        zone: IANA zone of naive times; empty when there are none.
        mapping: Canonical column -> path in the source record.
    """

    name: str
    format: str = ""
    zone: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)


def load_profile(path: Path) -> Profile:
    """Read a profile.

    Raises:
        InputError: Not readable, not TOML, an unknown key, column, format or zone.
    """
    remedy = "Mend the profile, or save a new one with --save-profile."
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", remedy="Check the path of the profile."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no profile: {error}.", remedy=remedy) from error
    unknown = table.keys() - {"name", "format", "zone", "mapping"}
    if unknown:
        raise InputError(f"{path} has an unknown key: {min(unknown)}.", remedy=remedy)
    mapping = table.get("mapping", {})
    texts = [table.get("name", ""), table.get("format", ""), table.get("zone", "")]
    if not isinstance(mapping, dict) or not _all_text([*texts, *mapping.values()]):
        raise InputError(f"{path} holds a value that is no text.", remedy=remedy)
    name, format_name, zone = texts
    check_mapping(mapping)
    if format_name:
        format_named(format_name)
    zone_named(zone)
    return Profile(name or path.stem, format_name, zone, mapping)


def fits(
    profile: Profile, records: Sequence[Mapping[str, Any]], columns: Collection[str] = ()
) -> bool:
    """Whether a profile reads records of a shape that no format knows: its fields are all there.

    Args:
        profile: One that names a format other than the mapping itself fits none.
        records: The first records of the file, decoded.
        columns: Names of the columns of a table, whether or not a record fills them.
    """
    return (
        profile.format in {"", Mapped.name}
        and not profile.mapping.keys().isdisjoint(CONTENT_COLUMNS)
        and not absent_fields(records, columns, profile.mapping)
    )


def save_profile(profile: Profile, path: Path) -> None:
    """Write a profile; an existing file is replaced as a whole.

    Raises:
        StorageError: The file cannot be written.
    """
    lines = [
        f"name = {_quoted(profile.name)}",
        f"format = {_quoted(profile.format)}",
        f"zone = {_quoted(profile.zone)}",
        "",
        "[mapping]",
        *(f"{column} = {_quoted(source)}" for column, source in profile.mapping.items()),
    ]
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_text("\n".join(lines) + "\n", "utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(
            f"{path} cannot be written: {error.strerror}.", remedy="Name another file."
        ) from error


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes, and DEL, which JSON leaves alone."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _all_text(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)
