"""What lies in a bundle's folder, looked at without following or trusting anything in it.

Links are not followed, folders with refused names are not entered, and the walk ends where there
is more than any bundle holds. Files are opened plainly, or not at all, and read in pieces.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from workbench.bundle.layout import DEEPEST, MOST_ENTRIES, NAME
from workbench.bundle.verification import Problem, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedReader
    from pathlib import Path

_BLOCK: Final = 1 << 20


@dataclass(slots=True)
class Contents:
    """What a walk found.

    Attributes:
        sizes: Every plain file by its name in the bundle -> bytes.
        problems: What no bundle holds.
        whole: False where there was too much to go on.
    """

    sizes: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True


def walk(root: Path, check: Callable[[], None]) -> Contents:
    """Every plain file of a folder; all else is said to be wrong.

    Args:
        root: The bundle's folder.
        check: Called between folders; raises to cancel.
    """
    found = Contents()
    folders = [""]
    n_seen = 0
    while folders:
        check()
        folder = folders.pop()
        try:
            names, more = _listed(root / folder, MOST_ENTRIES - n_seen)
        except OSError as error:
            found.problems.append(
                Problem.of(Trouble.CHANGED, f"{folder}/", error.strerror or "cannot be read")
            )
            continue
        if more:
            return Contents(
                problems=[Problem.of(Trouble.ADDED, ".", f"more than {MOST_ENTRIES:,} files")],
                whole=False,
            )
        n_seen += len(names)
        if not names:
            found.problems.append(
                Problem.of(Trouble.ADDED, f"{folder}/" if folder else ".", "an empty folder")
            )
        for entry in names:
            name = folder + ("/" if folder else "") + entry.name
            info = entry.stat(follow_symlinks=False)
            if not NAME.fullmatch(entry.name):
                found.problems.append(Problem.of(Trouble.NAME, name, "not a name that bundles use"))
            elif stat.S_ISDIR(info.st_mode):
                if name.count("/") + 1 < DEEPEST:
                    folders.append(name)
                else:
                    deep = Problem.of(Trouble.ADDED, f"{name}/", "deeper than bundles go")
                    found.problems.append(deep)
            elif not stat.S_ISREG(info.st_mode):
                found.problems.append(Problem.of(Trouble.LINK, name, "a link or a device"))
            else:
                found.sizes[name] = info.st_size
    return found


def _listed(folder: Path, most: int) -> tuple[list[os.DirEntry[str]], bool]:
    """The entries of a folder in order, and whether there are more than ``most``."""
    names: list[os.DirEntry[str]] = []
    with os.scandir(folder) as scan:
        for entry in scan:
            if len(names) == most:
                return names, True
            names.append(entry)
    return sorted(names, key=lambda entry: entry.name), False


def open_plain(path: Path) -> BufferedReader:
    """A file for reading; never what a link leads to.

    Raises:
        OSError: It is a link, or cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags), "rb")


def digest_of(path: Path, check: Callable[[], None]) -> str:
    """SHA-256 of a file, hex.

    Raises:
        OSError: It cannot be read.
    """
    digest = hashlib.sha256()
    with open_plain(path) as file:
        while block := file.read(_BLOCK):
            check()
            digest.update(block)
    return digest.hexdigest()
