"""What the journals say that a case was given: imports, tables, frames. Pure functions.

A case keeps what it was given in a database, and says in its journals what that was. Where the two
differ the database lost something. This room must not read files.
"""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.label import EntryKind
from workbench.domain.text import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from workbench.domain.label import JournalEntry

#: Records of what was given.
GIVEN: Final = frozenset({EntryKind.IMPORT, EntryKind.JOIN, EntryKind.FRAME})


def own(
    entries: Sequence[JournalEntry], kinds: Collection[EntryKind] = GIVEN
) -> list[JournalEntry]:
    """The records of what this copy of the case was given, in the order in which they count.

    Those that a merge brought speak of another copy. A merge that was itself brought says nothing
    of this one, so the last one is read first.

    Args:
        entries: All entries, in the order in which they count.
        kinds: Which records.
    """
    brought: dict[str, list[tuple[int, int]]] = {}

    def is_brought(entry: JournalEntry) -> bool:
        spans = brought.get(journal_of(entry.analyst.fingerprint), ())
        return any(low < entry.number <= high for low, high in spans)

    for entry in reversed(entries):
        if entry.kind is not EntryKind.MERGE or is_brought(entry):
            continue
        before, theirs = entry.body.get("before", {}), entry.body.get("theirs", {})
        for key, head in theirs.items():
            low = int(before.get(key, {}).get("number", 0))
            brought.setdefault(key, []).append((low, int(head["number"])))
    return [entry for entry in entries if entry.kind in kinds and not is_brought(entry)]


def imports(entries: Iterable[JournalEntry]) -> list[dict[str, Any]]:
    """Bodies of the records of imports that came in; not of those that were taken back."""
    return [e.body for e in entries if e.kind is EntryKind.IMPORT and "action" not in e.body]


@dataclass(frozen=True, slots=True)
class Held:
    """What given.duckdb holds of what the journals speak of.

    Attributes:
        sources: SHA-256 (hex) of each log; twice where it was imported twice.
        tables: Numbers of the tables that were ever added.
        n_frames: How often something was said later of where logs come from.
    """

    sources: tuple[str, ...]
    tables: frozenset[int]
    n_frames: int


def lacking(entries: Sequence[JournalEntry], held: Held) -> str:
    """What given.duckdb lacks that the journals say it was given, a sentence; else empty.

    It may hold more: what a kill kept from its journal.
    """
    there = Counter(held.sources)
    records = own(entries)
    lost: list[str] = []
    for body in imports(records):
        for file in body.get("files", ()):
            digest = file.get("sha256", "")
            there[digest] -= 1
            if digest and there[digest] < 0:
                lost.append(str(file.get("path", digest)))
    lost += [
        str(entry.body.get("path", ""))
        for entry in records
        if entry.kind is EntryKind.JOIN and entry.body.get("id", 0) not in {0, *held.tables}
    ]
    if lost:
        more = f" and {plural(len(lost) - 1, 'other file', 'other files')}" if lost[1:] else ""
        return (
            f"given.duckdb of the case is damaged: it does not hold {lost[0]}{more}, "
            "which the journal says it was given."
        )
    if sum(entry.kind is EntryKind.FRAME for entry in records) > held.n_frames:
        return (
            "given.duckdb of the case is damaged: it does not hold what the journal says was said "
            "later of where the logs come from."
        )
    return ""


def journal_of(fingerprint: str) -> str:
    """Name of the journal of a key: both are of the same SHA-256."""
    digest = fingerprint.partition(":")[2]
    return base64.b64decode(digest + "=" * (-len(digest) % 4)).hex()[:16]
