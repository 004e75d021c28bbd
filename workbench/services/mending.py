"""Rejected records of logs written out, to be mended in an editor and imported as they were read.

Records that were read in different ways, or under different headers, cannot be read as one file:
each way gets a file of its own. Must not change the case: what is mended is a log like any other.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.errors import InputError
from workbench.formats.copy_text import OF_ANOTHER
from workbench.formats.decode import KEPT_OF_LONGEST
from workbench.services.door_words import in_short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from workbench.case.batches import Batch
    from workbench.services.importing import Importing
    from workbench.services.provenance import Provenance

_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Way:
    """How a log was read.

    Attributes:
        format: Name of the format.
        system: The source system; empty where none was named.
        zone: Of naive times; empty where none was named.
        mapping: Canonical column and its source, each.
        head: The line that says what lies in the columns; empty where the records say it.
        headless: The file whose header the case does not know, since it was imported before
            headers were kept; else empty.
    """

    format: str
    system: str
    zone: str
    mapping: tuple[tuple[str, str], ...]
    head: str
    headless: str

    @property
    def options(self) -> str:
        """What an import is told so that it reads a file in this way, as a shell takes it."""
        said = ["--format", self.format]
        said += ["--system", self.system] if self.system else []
        said += ["--zone", self.zone] if self.zone else []
        for column, source in self.mapping:
            said += ["--map", f"{column}={source}"]
        return shlex.join(said)


@dataclass(slots=True)
class Sheet:
    """A file of rejected records.

    Attributes:
        path: Where it lies.
        way: How its records are to be read.
        count: How many there are.
        cut: Those of which the case keeps the beginning only: path, number and offset.
    """

    path: Path
    way: Way
    count: int = 0
    cut: list[tuple[str, int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sheets:
    """What was written.

    Attributes:
        files: In the order of the records that they begin with.
        of_another: Rows of tables that are no log, in files of several tables: not written.
        empty: Records of which there are no bytes, as where a file breaks off: not written.
    """

    files: tuple[Sheet, ...]
    of_another: int
    empty: int


def write_rejects(importing: Importing, path: Path) -> Sheets:
    """Write the rejected records of all logs as they lay.

    Args:
        importing: Of the open case.
        path: The file; where one does not do, its name gets numbers: ``mended-1.csv``.

    Returns:
        Nothing in it where no record was rejected.

    Raises:
        InputError: The case keeps no bytes of them; or a file is there, or cannot be written.
    """
    provenance = importing.provenance
    ways = _ways(provenance)
    if not ways:
        return Sheets((), 0, 0)
    door = importing.door()
    if door is not None and not door.is_open:
        raise InputError(
            f"The case keeps no bytes of rejected records: {in_short(door)}.",
            remedy="Mend them in the files that workbench rejects CASE names, and import those.",
            safe="Nothing was written.",
        )
    if provenance.hides_rejects:
        raise InputError(
            "Records that could not be read hold prompts, and those of this case are read after a "
            "reveal, which cannot name such a record.",
            remedy="Mend them in the files that workbench rejects CASE names, or have the case ask "
            "for no reveal: workbench settings CASE --hide-prompts no --why TEXT.",
            safe="Nothing was written.",
        )
    distinct = list(dict.fromkeys(ways.values()))
    names = [path]
    if len(distinct) > 1:
        names = [path.with_stem(f"{path.stem}-{n + 1}") for n in range(len(distinct))]
    sheets = {way: Sheet(name, way) for way, name in zip(distinct, names, strict=True)}
    for name in names:
        if name.exists() or name.is_symlink():
            raise _is_there(name)
    of_another = empty = 0
    for source_id, rows in _by_source(provenance):
        kept = [row for row in rows if row["raw"] and row["reason"] != OF_ANOTHER]
        empty += sum(not row["raw"] for row in rows)
        of_another += sum(bool(row["raw"]) and row["reason"] == OF_ANOTHER for row in rows)
        if kept:
            _append(sheets[ways[source_id]], kept)
    return Sheets(tuple(sheet for sheet in sheets.values() if sheet.count), of_another, empty)


def _ways(provenance: Provenance) -> dict[int, Way]:
    """How each file was read of which something was rejected, by its number."""
    batches = {batch.batch_id: batch for batch in provenance.batches()}
    return {
        row["source_id"]: _way(row, batches[row["batch_id"]])
        for row in provenance.sources()
        if row["rejected"]
    }


def _way(row: Mapping[str, Any], batch: Batch) -> Way:
    head = batch.heads.get(row["path"], "")
    return Way(
        format=row["format"],
        system=batch.frame.system,
        zone=batch.options["zone"],
        mapping=tuple(batch.options["mapping"].items()),
        head=head,
        headless=row["path"] if row["header"] and not head else "",
    )


def _by_source(provenance: Provenance) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Page by page, so that a million rejects take no memory; each file's of a page together."""
    offset = 0
    while rows := provenance.rejects(offset=offset, limit=_PAGE).to_pylist():
        offset += len(rows)
        by_source: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            by_source.setdefault(row["source_id"], []).append(row)
        yield from by_source.items()


def _is_there(path: Path) -> InputError:
    return InputError(f"{path} is there already.", remedy="Name another file.")


def _append(sheet: Sheet, rows: list[dict[str, Any]]) -> None:
    """Records at the end of a file, which begins with its head.

    Raises:
        InputError: The file is there already, or cannot be written.
    """
    lines = [row["raw"].rstrip(b"\n") for row in rows]
    if not sheet.count and sheet.way.head:
        lines.insert(0, sheet.way.head.encode("utf-8", "surrogateescape"))
    try:
        with sheet.path.open("ab" if sheet.count else "xb") as file:
            file.writelines(line + b"\n" for line in lines)
    except FileExistsError as error:
        raise _is_there(sheet.path) from error
    except OSError as error:
        raise InputError(
            f"{sheet.path} cannot be written: {error.strerror}.", remedy="Name another file."
        ) from error
    sheet.count += len(rows)
    sheet.cut += [
        (row["path"], row["record_no"], row["byte_offset"])
        for row in rows
        if len(row["raw"]) >= KEPT_OF_LONGEST
    ]
