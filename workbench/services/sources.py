"""Which files an import means: globs, folders and archives opened, each once, nothing lost."""

from __future__ import annotations

import glob
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.domain.errors import InputError
from workbench.formats.archive import Archive, looks_like_archive
from workbench.formats.place import OnDisk, Place, Spooled, placed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_GLOB = frozenset("*?[")
#: As an argument: what is piped in.
STANDARD_INPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file to import.

    Attributes:
        place: Where it is.
        found: True when a folder or an archive was named and the file was found in it: then a file
            that is no log is passed over, with a warning.
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


def expand(names: Iterable[str | Path | Place]) -> list[LogFile]:
    """The files that names, globs, folders and archives stand for, in order, each one once.

    A folder stands for all files in it and below, hidden ones left out; so does a zip archive. A
    name that exists is taken as it is, even with a star in it.

    Raises:
        InputError: A glob that matches nothing, a folder without files, an archive that cannot be
            read or holds what cannot, or no name at all.
    """
    chosen: dict[object, LogFile] = {}
    for name in names:
        for file in _expanded(name):
            for each in _members(file):
                chosen.setdefault(each.place.identity, each)
    if not chosen:
        raise InputError("No file was named.", remedy="Name log files, folders or globs.")
    return list(chosen.values())


def _expanded(name: str | Path | Place) -> list[LogFile]:
    if not isinstance(name, str | Path):
        return [LogFile(name)]
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
    if _GLOB.isdisjoint(str(name)) or path.exists():
        return [LogFile(placed(path))]
    # As a shell has it: pathlib's patterns take hidden files, too.
    matches = [Path(match) for match in sorted(glob.glob(str(name), recursive=True))]  # noqa: PTH207
    files = [LogFile(OnDisk(match)) for match in matches if match.is_file()]
    if not files:
        raise InputError(f"{name} matches no file.", remedy="Check the pattern.")
    return files


def _members(file: LogFile) -> Iterator[LogFile]:
    """The members of an archive; any other file itself."""
    if not looks_like_archive(file.place):
        yield file
        return
    try:
        archive = Archive(file.place)
    except InputError:
        if not file.found:
            raise
        yield file  # passed over where it is looked at, which says why
    else:
        yield from (LogFile(member, found=True) for member in archive.members)


def _visible(file: Path, folder: Path) -> bool:
    inside = file.relative_to(folder).parts
    return file.is_file() and not any(part.startswith(".") for part in inside)
