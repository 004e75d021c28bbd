"""The order in which entries of several journals count. Pure functions over entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
