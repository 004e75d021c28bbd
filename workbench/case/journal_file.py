"""One journal on disk: read whole, added to. What a crash tore off is set aside.

This room must not know of other journals, nor of pins.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from workbench.case.casefile import fsync_folder
from workbench.case.database import storage_error
from workbench.case.journal_check import LONGEST, lines_of
from workbench.case.journal_lines import NOTHING, BadLineError, check_line, read_line
from workbench.domain.errors import CaseError, InputError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from workbench.domain.label import JournalEntry


def read_journal(path: Path, *, case_id: str, write: bool) -> tuple[list[JournalEntry], list[str]]:
    """The entries of a journal, up to its last whole line.

    Args:
        path: The file.
        case_id: Id of the case.
        write: Whether a torn last line may be set aside, in a file beside.

    Returns:
        The entries, and sentences on what is not as it should be.

    Raises:
        CaseError: A line cannot be read; names file and line.
        OSError: The file cannot be read.
    """
    entries: list[JournalEntry] = []
    notices: list[str] = []
    previous, torn = NOTHING, b""
    with path.open("rb") as file:
        for number, data in enumerate(lines_of(file), 1):
            if not data.endswith(b"\n"):
                torn = data
                if file.read(1):
                    raise _unread(path, number, "it is longer than any entry")
                break
            try:
                entry = read_line(data[:-1]).entry
            except BadLineError as error:
                raise _unread(path, number, str(error)) from None
            if (entry.number, entry.previous) != (number, previous) and not notices:
                notices.append(
                    f"Line {number:,} of the journal {path.name} does not follow from the line "
                    "before it: workbench journal CASE verify says more."
                )
            previous = entry.digest
            entries.append(entry)
    if torn:
        notices += _set_aside(path, torn, entries, case_id, write=write)
    return entries, notices


def opened(path: Path) -> BinaryIO:
    """The file, to be read line by line."""
    return path.open("rb")


def read_lines(path: Path, count: int) -> list[bytes]:
    """The first lines of a journal as they lie, each with a line feed.

    Raises:
        StorageError: It cannot be read.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise storage_error(error, f"The journal {path.name}") from error
    return [line + b"\n" for line in lines[:count]]


def add_line(path: Path, line: bytes) -> None:
    """Append a line, given without its line feed, and fsync; on failure the file is as it was.

    Raises:
        InputError: It is longer than what is read.
        StorageError: The disk is full or failing.
    """
    if len(line) >= LONGEST:
        raise InputError(
            f"The entry takes {len(line):,} bytes, more than a journal's line holds.",
            remedy="Decide about fewer accounts at a time.",
            safe="Nothing was decided.",
        )
    _add(path, line + b"\n")


def _set_aside(
    path: Path, torn: bytes, entries: list[JournalEntry], case_id: str, *, write: bool
) -> list[str]:
    """Deal with a last line without its line feed: a crash while it was written.

    It was never reported as decided. A line that is whole but for its line feed is kept all the
    same; any other is moved to a file beside.
    """
    previous = entries[-1].digest if entries else NOTHING
    try:
        line = read_line(torn)
        check_line(
            line, journal=path.stem, case=case_id, number=len(entries) + 1, previous=previous
        )
    except BadLineError:
        if write:
            _add(path.with_suffix(".torn"), torn + b"\n")
            os.truncate(path, path.stat().st_size - len(torn))
        return [
            f"The last line of the journal {path.name} was cut off by a crash while it was "
            "written; what it would have decided was not decided."
        ]
    entries.append(line.entry)
    if write:
        _add(path, b"\n")
    return []


def _unread(path: Path, number: int, why: str) -> CaseError:
    return CaseError(
        f"Line {number} of the journal {path} cannot be read: {why}.",
        remedy="Restore decided/ from a copy of the case folder.",
        safe="Nothing was changed.",
    )


def _add(path: Path, data: bytes) -> None:
    new = not path.exists()
    try:
        with path.open("ab") as file:
            before = file.tell()
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(path, before)
                raise
        if new:
            fsync_folder(path.parent)
    except OSError as error:
        raise storage_error(error, f"The journal {path.name}", "Nothing was decided.") from error
