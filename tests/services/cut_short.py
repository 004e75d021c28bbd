"""Imports cut short at every moment at which a kill could leave something, and what a case holds.

A case is copied whenever something of a running import has become durable: the copy is what a kill
just then leaves behind.
"""

from __future__ import annotations

import hashlib
import shutil
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING
from unittest.mock import patch

import duckdb

from workbench.case import chunks, milestones
from workbench.formats import blocks, read, stream, unpack
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from workbench.case.encode import Rows

#: When things happened differs from run to run; a milestone is gone when its import has ended.
_TIMES = {"batches": ("opened_us", "closed_us")}
#: What is of one file given.duckdb and says nothing of what it was given: the key by which copies
#: are recognised and its marks, and when amendments were written.
_OF_THE_FILE = {
    "secrets": ("value",),
    "exchanges": ("mark_hi", "mark_lo"),
    "joined": ("mark_hi", "mark_lo"),
    "frames": ("at_us",),
    "added_removed": ("at_us",),
}


def logical(case: Path) -> dict[str, str]:
    """Digest of every table of given, but for what is of the one file; times of imports too."""
    return given(case, _OF_THE_FILE)


def given(case: Path, but: Mapping[str, tuple[str, ...]] = _TIMES) -> dict[str, str]:
    """Digest of every table of given: all rows and columns, but for the times of an import."""
    digests = {}
    with duckdb.connect(str(case / "given.duckdb"), read_only=True) as connection:
        names = [row[0] for row in connection.execute("SHOW TABLES").fetchall()]
        for name in names:
            left_out = ", ".join(but.get(name, ()))
            columns = f"* EXCLUDE ({left_out})" if left_out else "*"
            rows = connection.execute(f"SELECT {columns} FROM {name} ORDER BY ALL").fetchall()
            digests[name] = f"{len(rows)} {hashlib.sha256(repr(rows).encode()).hexdigest()}"
    return digests


@contextmanager
def small_steps(*, every: int = 50, block: int = 4000, rows: int = 40) -> Iterator[None]:
    """Blocks of so many bytes, chunks of so many rows, a milestone after so many records."""

    with (
        patch.object(read, "cut_blocks", partial(blocks.cut_blocks, size=block)),
        patch.object(stream, "CHUNK", 1000),
        patch.object(unpack, "CHUNK", 500),
        patch.object(chunks, "_CHUNK_ROWS", rows),
        patch.object(milestones, "EVERY", every),
    ):
        yield


def left_behind(case: Path, into: Path, work: Callable[[Workspace], object]) -> list[Path]:
    """Run an import to its end; what a kill would have left at each of its steps, in order."""
    copies: list[Path] = []
    commit = chunks.Chunks._commit

    def committed(self: chunks.Chunks, chunk: list[Rows]) -> None:
        commit(self, chunk)
        copies.append(into / f"{len(copies)}.case")
        shutil.copytree(case, copies[-1], ignore=shutil.ignore_patterns("lock", "spill*"))

    with patch.object(chunks.Chunks, "_commit", committed), Workspace.open(case) as workspace:
        work(workspace)
    return copies
