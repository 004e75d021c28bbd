"""Journals of two copies of a case put together: all of it, or nothing.

Each analyst's journal is a chain: of two copies of it one must continue the other, or a key was
used in both, which nobody can put in order. What is to be there is written beside, then listed
(the point from which on it is done), then renamed into place; a kill after the list is made good
at the next open. This room must not know what entries say.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench.case.casefile import fsync_folder, replace_file
from workbench.case.database import storage_error
from workbench.domain.errors import CaseError, InputError
from workbench.domain.label import short_fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from workbench.case.journal import Journals

_LIST: Final = "merging.json"
_BESIDE: Final = ".jsonl.merging"
_JOURNAL: Final = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Brought:
    """What another copy of the case brings.

    Attributes:
        journals: Name of a journal that goes on there -> all of its bytes.
        n_entries: Lines of them that are new here.
    """

    journals: Mapping[str, bytes]
    n_entries: int


def brought(ours: Journals, theirs: Journals) -> Brought:
    """Compare the journals, line by line.

    Args:
        ours: Of the case that is merged into.
        theirs: Of a copy of the same case; their chains were checked.

    Raises:
        InputError: A key was used in both copies.
    """
    longer: dict[str, bytes] = {}
    n_new = 0
    for fingerprint, key in sorted(theirs.names().items()):
        mine, other = ours.lines(key), theirs.lines(key)
        for number, (one, another) in enumerate(zip(mine, other, strict=False), start=1):
            if one != another:
                who = short_fingerprint(fingerprint)
                raise InputError(
                    f"The key {who} decided in both copies of the case: from line {number} on its "
                    f"journal {key} says different things.",
                    remedy="An analyst decides in one copy at a time. Keep the copy that counts, "
                    "and enter the other's decisions anew.",
                    safe="Nothing was changed.",
                )
        if len(other) > len(mine):
            longer[key] = b"".join(other)
            n_new += len(other) - len(mine)
    return Brought(longer, n_new)


def bring(folder: Path, journals: Mapping[str, bytes]) -> None:
    """Put journals into decided/, whole.

    Raises:
        StorageError: The disk is full or failing; nothing was changed.
    """
    try:
        for key, content in journals.items():
            replace_file(folder / f"{key}{_BESIDE}", content)
        listed = {key: hashlib.sha256(content).hexdigest() for key, content in journals.items()}
        replace_file(folder / _LIST, json.dumps(listed, sort_keys=True).encode())
    except BaseException:
        (folder / _LIST).unlink(missing_ok=True)
        _tidy(folder)
        raise
    finish(folder)


def finish(folder: Path) -> bool:
    """Go on with what a kill cut short; returns whether there was anything.

    Raises:
        CaseError: What was listed is not what lies there.
        StorageError: The disk failed.
    """
    path = folder / _LIST
    try:
        listed = json.loads(path.read_bytes())
    except FileNotFoundError:
        _tidy(folder)
        return False
    except ValueError as error:
        raise _damaged(path) from error
    except OSError as error:
        raise storage_error(error, str(path)) from error
    # A name is made into a path: nothing but a journal's may stand here.
    if not isinstance(listed, dict) or not all(map(_JOURNAL.fullmatch, listed)):
        raise _damaged(path)
    try:
        for key, digest in sorted(listed.items()):
            beside, place = folder / f"{key}{_BESIDE}", folder / f"{key}.jsonl"
            found = beside if beside.exists() else place
            if hashlib.sha256(found.read_bytes()).hexdigest() != digest:
                raise _damaged(found)
        for key in sorted(listed):
            beside = folder / f"{key}{_BESIDE}"
            if beside.exists():
                beside.replace(folder / f"{key}.jsonl")
        fsync_folder(folder)
        path.unlink()
        fsync_folder(folder)
    except OSError as error:
        raise storage_error(error, f"The folder {folder}") from error
    return True


def _tidy(folder: Path) -> None:
    """Drop what was written beside and never listed."""
    for path in (*folder.glob(f"*{_BESIDE}*"), *folder.glob(f"{_LIST}.*")):
        path.unlink(missing_ok=True)


def _damaged(path: Path) -> CaseError:
    return CaseError(
        f"{path} is damaged: a merge was cut short, and what it was to bring is not whole.",
        remedy="Restore decided/ from a copy of the case, then merge again.",
        safe="Nothing was changed.",
    )
