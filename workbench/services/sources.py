"""Which files an import means: globs, folders, archives and databases opened, each once."""

from __future__ import annotations

import glob
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.domain.errors import InputError
from workbench.domain.progress import Job
from workbench.formats.archive import Archive, looks_like_archive
from workbench.formats.attendant import Attendant, Wait
from workbench.formats.databases import MARK, Table, chosen
from workbench.formats.place import OnDisk, Place, Spooled, placed
from workbench.formats.postgres_address import is_address
from workbench.formats.sqlite import sqlite_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.domain.progress import JobContext

_GLOB = frozenset("*?[")
#: As an argument: what is piped in.
STANDARD_INPUT: Final = "-"
#: In place of an address, which may hold a password.
_SERVER: Final = "the database"


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file to import.

    Attributes:
        place: Where it is.
        found: True when a folder or an archive was named and the file was found in it: then a file
            that is no log is passed over, with a warning. A table of a database that was named is
            not: whatever keeps it from being read stops the import.
    """

    place: Place
    found: bool = False


def with_standard_input(names: Iterable[str]) -> list[str | Place]:
    """The names, and for ``-`` what is piped in, read to its end.

    Raises:
        InputError: Nothing is piped in, or it does not fit into the folder for temporary files.
    """
    places: list[str | Place] = []
    for name in names:
        if name != STANDARD_INPUT:
            places.append(name)
            continue
        if sys.stdin is None or sys.stdin.isatty():
            raise InputError(
                "Nothing is piped in.",
                remedy="Pipe a log in: zcat log.gz | workbench import CASE -",
            )
        if not any(isinstance(place, Spooled) for place in places):
            places.append(Spooled("standard input", sys.stdin.buffer))
    return places


def expand(names: Iterable[str | Path | Place], job: JobContext | None = None) -> list[LogFile]:
    """The files that names, globs, folders and archives stand for, in order, each one once.

    A folder stands for all files in it and below, hidden ones left out; so does a zip archive. A
    database stands for its known tables; ``FILE#TABLE`` and ``postgresql://...#TABLE`` name one.
    A name that exists is taken as it is, even with a star in it.

    Args:
        names: Of files, folders, globs, databases; places.
        job: Progress and cancellation; None for nobody.

    Raises:
        InputError: A glob that matches nothing, a folder without files, an archive or a database
            that cannot be read or holds what cannot, nothing came for too long, or no name at all.
        CancelledError: The user cancelled.
    """
    job = job or Job()
    chosen: dict[object, LogFile] = {}
    with Attendant() as attendant:
        for name in names:
            job.check()
            shown = _SERVER if isinstance(name, str) and is_address(name) else str(name)
            wait = Wait(job, shown, f"Looking for {shown}")
            for identity, file in attendant.do(wait, partial(_meant, name)):
                chosen.setdefault(identity, file)
    if not chosen:
        raise InputError("No file was named.", remedy="Name log files, folders or globs.")
    return list(chosen.values())


def _meant(name: str | Path | Place) -> list[tuple[object, LogFile]]:
    """The files that one name stands for, each with what tells it from others."""
    return [(each.place.identity, each) for file in _expanded(name) for each in _inside(file)]


def _expanded(name: str | Path | Place) -> list[LogFile]:
    if not isinstance(name, str | Path):
        return [LogFile(name)]
    if isinstance(name, str) and is_address(name):
        from workbench.formats.postgres import tables_at

        return [LogFile(table) for table in tables_at(name)]
    path = Path(name)
    if path.is_dir():
        files = [
            LogFile(OnDisk(file), found=True)
            for file in sorted(path.rglob("*"))
            if _visible(file, path)
        ]
        if not files:
            raise InputError(f"{name} is a folder without files.", remedy="Name another folder.")
        return files
    if not path.exists() and (table := _named_table(str(name))):
        return [table]
    if _GLOB.isdisjoint(str(name)) or path.exists():
        return [LogFile(placed(path))]
    # As a shell has it: pathlib's patterns take hidden files, too.
    matches = [Path(match) for match in sorted(glob.glob(str(name), recursive=True))]  # noqa: PTH207
    files = [LogFile(OnDisk(match)) for match in matches if match.is_file()]
    if not files:
        raise InputError(f"{name} matches no file.", remedy="Check the pattern.")
    return files


def _named_table(name: str) -> LogFile | None:
    """The table of an SQLite file that is named behind it; None where there is no such file."""
    file, _, table = name.rpartition(MARK)
    database = sqlite_at(OnDisk(Path(file))) if file and table else None
    if database is None:
        return None
    return LogFile(chosen(database, database.tables(), table)[0])


def _inside(file: LogFile) -> list[LogFile]:
    """The members of an archive, the known tables of a database; any other file itself."""
    if isinstance(file.place, Table):
        return [file]
    try:
        if looks_like_archive(file.place):
            return [LogFile(member, found=True) for member in Archive(file.place).members]
        if database := sqlite_at(file.place):
            tables = chosen(database, database.tables(), "")
            return [LogFile(table, file.found) for table in tables]
    except InputError:
        if not file.found:
            raise
        # Passed over where it is looked at, which says why.
    return [file]


def _visible(file: Path, folder: Path) -> bool:
    inside = file.relative_to(folder).parts
    return file.is_file() and not any(part.startswith(".") for part in inside)
