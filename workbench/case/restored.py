"""A given.duckdb that was made again: it gets its times and names back, then takes its place.

This room must not know how it was made again.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from workbench.case.casefile import fsync_folder
from workbench.case.database import Database, storage_error, translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

#: Folder of a case for what was damaged; nothing in it is read.
ASIDE: Final = "damaged"
_MARKER: Final = "unfinished"


def tell(
    folder: Path,
    batches: Mapping[int, tuple[int, int]],
    tables: Mapping[int, tuple[int, str]],
    files: Mapping[tuple[int, str], tuple[str, str]],
) -> None:
    """Give back what the making anew could not know.

    Args:
        folder: A case folder that nobody has open.
        batches: Number of an import -> when it was opened and closed, UTC microseconds.
        tables: Number of an added table -> when it was added, and its path as given.
        files: Number of an import and SHA-256 of a log -> its path as given, and why it was read
            in its format.

    Raises:
        StorageError: The disk is full or failing.
    """
    spill = folder / "computed" / "spill"
    with (
        closing(Database(folder / "given.duckdb", None, spill=spill, write=True)) as database,
        translated("given.duckdb that is made again"),
    ):
        cursor = database.cursor("given")
        cursor.execute("BEGIN")
        for number, (opened, closed) in batches.items():
            cursor.execute(
                "UPDATE batches SET opened_us = ?, closed_us = ? WHERE batch_id = ?",
                [opened, closed, number],
            )
        for (number, sha256), (path, reason) in files.items():
            cursor.execute(
                "UPDATE sources SET path = ?, reason = ? WHERE batch_id = ? AND sha256 = ?",
                [path, reason, number, sha256],
            )
        for number, (at_us, path) in tables.items():
            cursor.execute(
                "UPDATE added SET at_us = ?, path = ? WHERE added_id = ?", [at_us, path, number]
            )
        cursor.execute("COMMIT")
        cursor.execute("CHECKPOINT given")


def new_aside(folder: Path) -> Path:
    """A new folder of a case for what is damaged, named by the time.

    Raises:
        StorageError: It cannot be made.
    """
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    try:
        (folder / ASIDE).mkdir(mode=0o700, exist_ok=True)
        for number in range(1, 1_000_000):
            made = folder / ASIDE / (stamp if number == 1 else f"{stamp}-{number}")
            try:
                made.mkdir(mode=0o700)
            except FileExistsError:
                continue
            fsync_folder(folder / ASIDE)
            return made
    except OSError as error:
        raise storage_error(error, f"The folder {folder / ASIDE}") from error
    raise AssertionError("no folder in a million tries")


def asides(folder: Path) -> list[str]:
    """Names of the folders of what was moved aside, by time."""
    within = folder / ASIDE
    return sorted(p.name for p in within.iterdir() if p.is_dir()) if within.is_dir() else []


def swap(folder: Path, made: Path, aside: Path, *, keep: bool) -> None:
    """Put a new given.duckdb in the place of the old one.

    The old one is linked aside before it is replaced, so that the case is never without one.

    Args:
        folder: A case folder that nobody has open.
        made: The new one.
        aside: Takes what was there.
        keep: Whether the old one is kept; not where it may hold what was to be erased.

    Raises:
        StorageError: The disk failed; the case is as it was.
    """
    given = folder / "given.duckdb"
    try:
        with made.open("rb") as file:
            os.fsync(file.fileno())
        if (folder / _MARKER).exists():  # an import that was cut short went with the old one
            shutil.copy2(folder / _MARKER, aside / _MARKER)
        if keep and given.exists():
            try:
                (aside / given.name).hardlink_to(given)
            except OSError:  # a file system without links: missing is no worse than damaged
                given.replace(aside / given.name)
        fsync_folder(aside)
        made.replace(given)
        (folder / _MARKER).unlink(missing_ok=True)
        fsync_folder(folder)
    except OSError as error:
        raise storage_error(error, f"The folder {folder}") from error


def set_aside(folder: Path, names: Iterable[str], aside: Path) -> None:
    """Move files of computed/ aside; names are relative to it.

    Raises:
        StorageError: The disk failed; each file is in one of the two places.
    """
    target = aside / "computed"
    try:
        target.mkdir(mode=0o700)
        for name in names:
            (folder / "computed" / name).replace(target / name)
        fsync_folder(target)
        fsync_folder(folder / "computed")
    except OSError as error:
        raise storage_error(error, f"The folder {folder}") from error
