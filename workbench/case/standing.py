"""What several analysts decided of the same accounts: conflicts, and who signed off whose labels.

Pure functions over entries. Who had read what another had decided, and decides otherwise, decides;
two who had not seen each other conflict until somebody who saw both decides. This room must not
read files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.domain.label import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.case.labels import LabelBook
    from workbench.domain.label import JournalEntry


def conflicts(book: LabelBook) -> dict[str, tuple[JournalEntry, ...]]:
    """Account key -> the labels that stand against each other on it, in the order they count.

    Of the labels on an account those are left out that a later one had seen; what remains is in
    conflict where it says different things.
    """
    journal_of = _journals(book.entries)
    if len(journal_of) < 2:
        return {}
    last: dict[str, tuple[JournalEntry, ...]] = {}
    for entry in book.entries:
        if entry.kind is not EntryKind.LABEL or not book.stands(entry):
            continue
        # Most accounts of an entry were labelled by the same entries before.
        after: dict[tuple[str, ...], tuple[JournalEntry, ...]] = {}
        for account in entry.body["accounts"]:
            before = last.get(account, ())
            known = tuple(one.digest for one in before)
            if known not in after:
                unseen = [one for one in before if not _saw(entry, one, book, journal_of)]
                after[known] = (*unseen, entry)
            last[account] = after[known]
    return {
        account: entries
        for account, entries in last.items()
        if len({entry.body["label"] for entry in entries}) > 1
    }


def signed_off(book: LabelBook) -> dict[str, tuple[JournalEntry, ...]]:
    """Digest of a label that stands -> who of others signed it off, and stands by it.

    Nobody signs off what the same key decided.
    """
    found: dict[str, tuple[JournalEntry, ...]] = {}
    for entry in book.entries:
        if entry.kind is not EntryKind.SIGN_OFF or not book.stands(entry):
            continue
        for digest in _texts(entry.body.get("entries")):
            label = book.by_digest.get(digest)
            if (
                label is not None
                and label.kind is EntryKind.LABEL
                and book.stands(label)
                and label.analyst.fingerprint != entry.analyst.fingerprint
            ):
                found[digest] = (*found.get(digest, ()), entry)
    return found


def _journals(entries: Iterable[JournalEntry]) -> dict[str, str]:
    """Fingerprint -> name of the journal, of those that another entry has seen."""
    by_digest: dict[str, str] = {}
    found: dict[str, str] = {}
    for entry in entries:
        by_digest[entry.digest] = entry.analyst.fingerprint
        for journal, digest in entry.seen.items():
            if digest in by_digest:
                found[by_digest[digest]] = journal
        found.setdefault(entry.analyst.fingerprint, "")
    return found


def _saw(
    entry: JournalEntry, other: JournalEntry, book: LabelBook, journal_of: Mapping[str, str]
) -> bool:
    """Whether whoever wrote an entry had the other before them."""
    if entry.analyst.fingerprint == other.analyst.fingerprint:
        return entry.number > other.number
    head = book.by_digest.get(entry.seen.get(journal_of[other.analyst.fingerprint], ""))
    return head is not None and head.number >= other.number


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
