"""The order in which entries of several journals count, and clocks that went back in it.

Pure functions over entries. This room must not read files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.domain.label import JournalEntry


def in_order(journals: Mapping[str, Sequence[JournalEntry]]) -> list[JournalEntry]:
    """All entries: after everything they had seen, else by time, journal and number."""
    if len(journals) < 2:
        return [entry for entries in journals.values() for entry in entries]
    position = {
        entry.digest: (key, i)
        for key, entries in journals.items()
        for i, entry in enumerate(entries)
    }
    taken = dict.fromkeys(journals, 0)

    def ready(entry: JournalEntry) -> bool:
        places = [position[head] for head in entry.seen.values() if head in position]
        return all(taken[key] > i for key, i in places)

    merged: list[JournalEntry] = []
    while True:
        heads = [
            (entries[taken[key]].at_us, key)
            for key, entries in sorted(journals.items())
            if taken[key] < len(entries)
        ]
        if not heads:
            return merged
        # Entries that have seen each other in a circle cannot be honest; then the clock decides.
        at = [head for head in heads if ready(journals[head[1]][taken[head[1]]])] or heads
        _, key = min(at)
        merged.append(journals[key][taken[key]])
        taken[key] += 1


def clock_back(entries: Iterable[JournalEntry]) -> dict[str, int]:
    """Entries that were written after the clock was set back.

    Each knows what came before it by digest: the line before it in its journal, and what it had
    seen of the others. No clock is asked: where one of these is younger, one of them was wrong.

    Args:
        entries: In the order in which they count.

    Returns:
        Digest of an entry -> by how many microseconds it is older than what came before it.
    """
    when: dict[str, int] = {}
    back: dict[str, int] = {}
    for entry in entries:
        latest = max(
            (when.get(head, 0) for head in (entry.previous, *entry.seen.values())), default=0
        )
        if latest > entry.at_us:
            back[entry.digest] = latest - entry.at_us
        when[entry.digest] = entry.at_us
    return back
