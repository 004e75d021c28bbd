"""Labels, undo and redo, folded from the journals. Pure functions over entries.

An entry stands unless an entry that stands reverts it. Undo reverts this analyst's last decision
that stands; redo reverts that revert, until a new decision comes after it. So both are without
limit, survive a restart, and nothing is ever deleted. What another analyst decided is reverted
only by an entry that says over whom. This room must not read files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.domain.label import DECISIONS, EntryKind, Label, LabelState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.domain.label import JournalEntry


@dataclass(frozen=True, slots=True)
class LabelBook:
    """The journals, read as decisions.

    Attributes:
        entries: All entries of all journals, in the order in which they count.
        labels: The label that stands on each labelled account, by account key.
        reverted_by: Digest of an entry that does not stand -> the entry that reverts it.
        by_digest: Every entry by its digest.
    """

    entries: tuple[JournalEntry, ...]
    labels: Mapping[str, LabelState]
    reverted_by: Mapping[str, JournalEntry]
    by_digest: Mapping[str, JournalEntry]

    @classmethod
    def fold(cls, entries: Iterable[JournalEntry]) -> LabelBook:
        """Read the entries, given in the order in which they count.

        A revert counts for entries of the same analyst, and of another where its body says so
        (``over``: the key that had decided); never for what comes after it.
        """
        ordered = tuple(entries)
        by_digest = {entry.digest: entry for entry in ordered}
        place = _places(ordered)
        reverted_by: dict[str, JournalEntry] = {}
        # A revert comes after what it reverts, so backwards each one is known to stand or not.
        for entry in reversed(ordered):
            if entry.kind is not EntryKind.REVERT or entry.digest in reverted_by:
                continue
            target = by_digest.get(str(entry.body.get("entry")))
            if target is not None and _may_revert(entry, target, place):
                reverted_by.setdefault(target.digest, entry)
        labels: dict[str, LabelState] = {}
        for entry in ordered:
            if entry.kind is EntryKind.LABEL and entry.digest not in reverted_by:
                labels.update(_labels_of(entry))
        return cls(ordered, labels, reverted_by, by_digest)

    def after(self, entries: Sequence[JournalEntry]) -> LabelBook:
        """The same journals with entries that were added since; as ``fold``, and faster.

        Args:
            entries: All entries, in the order in which they count.
        """
        known = len(self.entries)
        more = entries[known:]
        same = not known or (len(entries) >= known and entries[known - 1] is self.entries[-1])
        if not same or any(entry.kind is EntryKind.REVERT for entry in more):
            return LabelBook.fold(entries)
        labels = dict(self.labels)
        for entry in more:
            if entry.kind is EntryKind.LABEL:
                labels.update(_labels_of(entry))
        by_digest = dict(self.by_digest)
        by_digest.update((entry.digest, entry) for entry in more)
        return LabelBook(tuple(entries), labels, self.reverted_by, by_digest)

    def stands(self, entry: JournalEntry) -> bool:
        """Whether nothing that stands reverts it."""
        return entry.digest not in self.reverted_by

    def live(self) -> list[JournalEntry]:
        """Decisions that stand, in order; what takes one back is none."""
        return [entry for entry in self.entries if _decides(entry) and self.stands(entry)]

    def undo_target(self, fingerprint: str) -> JournalEntry | None:
        """This analyst's last decision that stands: what undo reverts."""
        for entry in reversed(self.entries):
            if entry.analyst.fingerprint == fingerprint and _decides(entry) and self.stands(entry):
                return entry
        return None

    def redo_target(self, fingerprint: str) -> JournalEntry | None:
        """This analyst's last undo that stands, if no decision came after: what redo reverts."""
        for entry in reversed(self.entries):
            if entry.analyst.fingerprint != fingerprint:
                continue
            if _decides(entry):
                return None
            target = self._target(entry)
            if target is not None and _decides(target) and self._reverts(entry, target):
                return entry
        return None

    def accounts_of(self, entry: JournalEntry) -> frozenset[str]:
        """Account keys whose label the entry, or what it reverts, is about."""
        if entry.kind is EntryKind.REVERT:
            target = self._target(entry)
            return self.accounts_of(target) if target is not None else frozenset()
        return frozenset(entry.body.get("accounts", ()))

    def _reverts(self, entry: JournalEntry, target: JournalEntry) -> bool:
        """Whether it is this entry that keeps the target from standing."""
        return self.reverted_by.get(target.digest) is entry

    def _target(self, entry: JournalEntry) -> JournalEntry | None:
        return self.by_digest.get(str(entry.body.get("entry")))


def _decides(entry: JournalEntry) -> bool:
    return entry.kind in DECISIONS and entry.kind is not EntryKind.REVERT


def _places(entries: tuple[JournalEntry, ...]) -> dict[str, int]:
    """Where the entries stand that a revert over another analyst speaks of, and these reverts."""
    named = {
        str(entry.body["entry"])
        for entry in entries
        if entry.kind is EntryKind.REVERT and "over" in entry.body and "entry" in entry.body
    }
    if not named:
        return {}
    return {
        entry.digest: i
        for i, entry in enumerate(entries)
        if entry.kind is EntryKind.REVERT or entry.digest in named
    }


def _may_revert(entry: JournalEntry, target: JournalEntry, place: Mapping[str, int]) -> bool:
    if target.kind not in DECISIONS:
        return False
    if target.analyst.fingerprint == entry.analyst.fingerprint:
        return target.number < entry.number
    over = entry.body.get("over") == target.analyst.fingerprint
    return over and place[target.digest] < place[entry.digest]


def _labels_of(entry: JournalEntry) -> dict[str, LabelState]:
    body = entry.body
    state = LabelState(
        label=Label(body["label"]),
        why=str(body.get("why", "")),
        analyst=entry.analyst,
        at_us=entry.at_us,
        entry=entry.digest,
        cluster_id=str(body.get("cluster_id", "")),
    )
    return dict.fromkeys(body["accounts"], state)
