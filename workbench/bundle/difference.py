"""Two folders of what bundles hold, compared: what differs, in which file, and where in it.

One of them may come from somebody who means harm: files are read in pieces or no further than ours
go, and words from them are cut and made visible. This room must not know why they differ.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.bundle.places import Pair, places
from workbench.bundle.walk import open_plain
from workbench.domain.text import elide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

#: Differences of one file that are told; the others are counted.
TOLD: Final = 100
#: Differences of one file that are counted; a file that differs in more differs altogether.
_COUNTED: Final = 100_000
#: Characters of a value that are shown.
_SHOWN: Final = 120
#: A file larger than ours by more than this is told by its size alone.
_LARGER: Final = 1 << 20
_BLOCK: Final = 1 << 20
#: What is told first: the finding, what it rests on, then how it is shown.
_ORDER: Final = ("accounts.csv", "clusters.csv", "evidence.parquet", "exchanges.csv", "sources.csv",
                 "ingest/", "labels.jsonl", "statements.jsonl", "audit/", "method/",
                 "figures/")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two bundles differ.

    Attributes:
        file: Name of the file in the bundle.
        field: Where in it; empty for the file as a whole.
        bundle: What the bundle says.
        recomputed: What was computed now.
        lacking: Whether one of them has no such file, column or field at all, as where another
            version of the program wrote it.
    """

    file: str
    field: str
    bundle: str
    recomputed: str
    lacking: bool = False

    def __str__(self) -> str:
        where = f"{self.file}, {self.field}" if self.field else self.file
        return f"{where}: the bundle says {self.bundle}, recomputed {self.recomputed}"


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison of two folders found.

    Attributes:
        same: Files that are the same, byte for byte.
        differences: Those that are told, in order of weight.
        counted: Differences of all files, by name.
    """

    same: tuple[str, ...]
    differences: tuple[Difference, ...]
    counted: dict[str, int]


def compare(
    theirs: Path,
    ours: Path,
    names: Iterable[str],
    check: Callable[[], None],
    *,
    passes: Callable[[Difference], bool],
) -> Compared:
    """Compare files of two folders.

    Args:
        theirs: The folder of the bundle.
        ours: The folder of what was computed now.
        names: Files of either, relative to both.
        check: Called between blocks; raises to cancel.
        passes: Whether a difference is one; what it refuses is not counted.
    """
    same: list[str] = []
    told: list[Difference] = []
    counted: dict[str, int] = {}
    for name in sorted(names, key=_weight):
        check()
        if _equal(theirs / name, ours / name, check):
            same.append(name)
            continue
        pair = Pair(theirs / name, ours / name, name, check)
        found = (one for one in _file(pair) if passes(one))
        first = list(islice(found, TOLD))
        if first:
            told += first
            counted[name] = len(first) + sum(1 for _ in islice(found, _COUNTED - TOLD))
    return Compared(tuple(same), tuple(told), counted)


def files_in(folder: Path) -> set[str]:
    """Names of all files below a folder that is ours, or was verified."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _weight(name: str) -> tuple[int, str]:
    within = name.removeprefix("data/")
    place = next((i for i, start in enumerate(_ORDER) if within.startswith(start)), len(_ORDER))
    return place, name


def _equal(theirs: Path, ours: Path, check: Callable[[], None]) -> bool:
    try:
        with open_plain(theirs) as one, open_plain(ours) as other:
            while True:
                check()
                block = one.read(_BLOCK)
                if block != other.read(_BLOCK):
                    return False
                if not block:
                    return True
    except FileNotFoundError:
        return False


def _file(pair: Pair) -> Iterator[Difference]:
    """Where two files differ that are not the same."""
    theirs, ours, name = pair.theirs, pair.ours, pair.name
    there, here = theirs.is_file(), ours.is_file()
    if not (there and here):
        states = {True: "it is there", False: "there is none"}
        yield Difference(name, "", states[there], states[here], lacking=True)
        return
    n_theirs, n_ours = theirs.stat().st_size, ours.stat().st_size
    sizes = Difference(name, "", f"{n_theirs:,} bytes", f"{n_ours:,} bytes")
    if n_theirs > 2 * n_ours + _LARGER:
        yield sizes
        return
    some = False
    try:
        for where, a, b, lacking in places(pair):
            some = True
            yield Difference(name, elide(where, _SHOWN), _shown(a), _shown(b), lacking)
    except (ValueError, csv.Error, pa.ArrowException, OSError) as error:
        some = True
        yield Difference(
            name, "", f"nothing that can be read ({_shown(str(error))})", sizes.recomputed
        )
    if not some:  # what it says is the same, and written otherwise
        other = "written otherwise"
        yield Difference(name, "bytes", other, other)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return elide(value.rstrip("\r\n"), _SHOWN) or "nothing"
    if value is None:
        return "nothing"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, list | dict | bool):
        return elide(json.dumps(value, ensure_ascii=False, default=str), _SHOWN)
    return elide(str(value), _SHOWN)
