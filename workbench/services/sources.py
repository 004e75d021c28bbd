"""Which files an import means: globs and folders opened, each name once, nothing silently lost."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file to import.

    Attributes:
        path: Where it is.
        found: True when a folder was named and the file was found in it: then a file that is no
            log is passed over, with a warning.
    """

    path: Path
    found: bool = False


def expand(names: Iterable[str | Path]) -> list[LogFile]:
    """The files that names, globs and folders stand for, in order, each one once.

    A folder stands for all files in it and below, hidden ones left out. A name that exists is
    taken as it is, even with a star in it.

    Raises:
        InputError: A glob that matches nothing, a folder without files, or no name at all.
    """
    chosen: dict[Path, LogFile] = {}
    for name in names:
        for file in _expanded(str(name)):
            chosen.setdefault(_identity(file.path), file)
    if not chosen:
        raise InputError("No file was named.", remedy="Name log files, folders or globs.")
    return list(chosen.values())


def _expanded(name: str) -> list[LogFile]:
    path = Path(name)
    if path.is_dir():
        files = [
            LogFile(file, found=True) for file in sorted(path.rglob("*")) if _visible(file, path)
        ]
        if not files:
            raise InputError(f"{name} is a folder without files.", remedy="Name another folder.")
        return files
    if _GLOB.isdisjoint(name) or path.exists():
        return [LogFile(path)]
    matches = [Path(match) for match in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207
    files = [LogFile(match) for match in matches if match.is_file()]
    if not files:
        raise InputError(f"{name} matches no file.", remedy="Check the pattern.")
    return files


def _visible(file: Path, folder: Path) -> bool:
    inside = file.relative_to(folder).parts
    return file.is_file() and not any(part.startswith(".") for part in inside)


def _identity(path: Path) -> Path:
    """Two names of one file are one file; a file that is missing is told later, by its name."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path
