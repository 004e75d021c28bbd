"""A person's decisions: labels, notes, undo, redo. Appends to the journal, never changes it.

A label binds the account keys as they are at that moment. Undo takes back this analyst's last
decision that stands; both are lines of the journal, so both survive a restart.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from workbench.domain.changes import Changes
from workbench.domain.errors import InputError
from workbench.domain.label import DECISIONS, EntryKind, Label
from workbench.services.history import HistoryLine, described, history
from workbench.services.results import account_key, cluster_row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from workbench.case.identity import Signer
    from workbench.case.labels import LabelBook
    from workbench.domain.account import AccountKey
    from workbench.domain.label import Analyst, JournalEntry
    from workbench.services.open_case import OpenCase
    from workbench.services.results import Results


class Labelling:
    """Decides in the name of one analyst. Calls are serialised; safe from any thread.

    Args:
        held: The open case.
        signer: Gives the analyst's key; made on first use.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer
        self._lock = threading.Lock()

    def label(
        self,
        label: Label,
        why: str = "",
        *,
        accounts: Sequence[AccountKey | str] = (),
        cluster_id: str = "",
        initiator: str = "",
    ) -> Changes:
        """Label accounts, or the members of a cluster as it is now.

        Args:
            label: The decision.
            why: The reason, in the analyst's words.
            accounts: Account keys, or values as the log gave them.
            cluster_id: A cluster instead: binds members at or above the membership threshold.
            initiator: Name of the view that asked.

        Returns:
            What changed, with the keys that were bound.

        Raises:
            InputError: There is no such account or cluster, or a value names several accounts.
            StorageError: The journal cannot be written; nothing was decided.
        """
        results = self._held.results()
        if cluster_id:
            keys = _members(results, cluster_id)
        else:
            keys = tuple(sorted({account_key(results, account) for account in accounts}))
        if not keys:
            raise InputError("Nothing was chosen to label.", remedy="Choose accounts or a cluster.")
        body: dict[str, Any] = {"label": label.value, "why": why, "accounts": list(keys)}
        if cluster_id:
            body["cluster_id"] = cluster_id
        self._append(EntryKind.LABEL, body)
        return Changes(decided=True, accounts=frozenset(keys), initiator=initiator)

    def note(self, text: str, *, initiator: str = "") -> Changes:
        """Write a note into the journal.

        Raises:
            InputError: The note is empty.
        """
        if not text.strip():
            raise InputError("The note is empty.", remedy="Write what should be remembered.")
        self._append(EntryKind.NOTE, {"text": text})
        return Changes(decided=True, initiator=initiator)

    @property
    def unnamed_at_first(self) -> Analyst | None:
        """This analyst, where nobody chose the name and one label stands in it: time to say so."""
        signer = self._signer()
        if signer.named:
            return None
        mine = [
            entry
            for entry in self._held.book().entries
            if entry.kind is EntryKind.LABEL and entry.analyst == signer.analyst
        ]
        return signer.analyst if len(mine) == 1 else None

    @property
    def can_undo(self) -> bool:
        """Whether a decision of this analyst stands."""
        return self._held.book().undo_target(self._signer().fingerprint) is not None

    @property
    def can_redo(self) -> bool:
        """Whether this analyst's last step was an undo."""
        return self._held.book().redo_target(self._signer().fingerprint) is not None

    @property
    def undo_words(self) -> str:
        """What undo would take back, in words; empty when there is nothing."""
        book = self._held.book()
        return self._words(book.undo_target(self._signer().fingerprint), book)

    @property
    def redo_words(self) -> str:
        """What redo would bring back, in words; empty when there is nothing."""
        book = self._held.book()
        undone = book.redo_target(self._signer().fingerprint)
        if undone is None:
            return ""
        return self._words(book.by_digest.get(str(undone.body.get("entry"))), book)

    def undo(self, why: str = "", *, initiator: str = "") -> Changes:
        """Take back this analyst's last decision that stands.

        Raises:
            InputError: There is nothing to undo.
        """
        return self._revert(back=True, why=why, initiator=initiator)

    def undo_entry(self, which: str, why: str = "", *, initiator: str = "") -> Changes:
        """Take back one decision that stands, of this analyst or of another.

        Args:
            which: The entry's digest, or JOURNAL:LINE, the journal by its beginning.
            why: The reason; needed where another analyst decided it.
            initiator: Name of the view that asked.

        Raises:
            InputError: There is no such entry, it is no decision, it was taken back before, or
                the reason lacks.
            StorageError: The journal cannot be written; nothing was decided.
        """
        with self._lock:
            book = self._held.book()
            target = found(which, book, self._held.case.journals.names())
            if target.kind not in DECISIONS:
                raise InputError(
                    f"{which} is a record of what was done, and no decision: nothing to take back."
                )
            if not book.stands(target):
                raise InputError(f"{which} was taken back before.")
            body: dict[str, Any] = {"entry": target.digest}
            if target.analyst.fingerprint != self._signer().fingerprint:
                if not why.strip():
                    raise InputError(
                        f"{which} was decided by {target.analyst.name} {target.analyst.short}.",
                        remedy="Say why you take it back: --why TEXT.",
                    )
                body["over"] = target.analyst.fingerprint
            self._write(EntryKind.REVERT, body | ({"why": why} if why.strip() else {}))
        return _taken_back(target, book, initiator)

    def redo(self, why: str = "", *, initiator: str = "") -> Changes:
        """Take back this analyst's last undo.

        Raises:
            InputError: There is nothing to redo.
        """
        return self._revert(back=False, why=why, initiator=initiator)

    def history(self) -> list[HistoryLine]:
        """Every entry of every journal, the newest first, with what still stands."""
        return history(self._held.book(), self._held.case.journals.names())

    def _revert(self, *, back: bool, why: str, initiator: str) -> Changes:
        with self._lock:
            book, me = self._held.book(), self._signer().fingerprint
            target = book.undo_target(me) if back else book.redo_target(me)
            if target is None:
                raise InputError(f"There is nothing to {'undo' if back else 'redo'}.")
            said = {"why": why} if why.strip() else {}
            self._write(EntryKind.REVERT, {"entry": target.digest} | said)
        return _taken_back(target, book, initiator)

    def _words(self, entry: JournalEntry | None, book: LabelBook) -> str:
        if entry is None:
            return ""
        said = described(entry, book.by_digest)
        return said[:1].lower() + said[1:]

    def _append(self, kind: EntryKind, body: dict[str, Any]) -> JournalEntry:
        with self._lock:
            return self._write(kind, body)

    def _write(self, kind: EntryKind, body: dict[str, Any]) -> JournalEntry:
        entry = self._held.case.journals.append(kind, body, self._signer())
        self._held.renew(decisions=True)
        return entry


def _taken_back(target: JournalEntry, book: LabelBook, initiator: str) -> Changes:
    """What changes where an entry, or one that takes it back, is taken back."""
    decided = target
    while decided.kind is EntryKind.REVERT:
        decided = book.by_digest[str(decided.body["entry"])]
    texts = decided.kind in {EntryKind.QUARANTINE, EntryKind.POLICY}
    # What a quarantine or a reveal names has no other label than before.
    accounts = frozenset() if texts else book.accounts_of(target)
    return Changes(decided=True, texts=texts, accounts=accounts, initiator=initiator)


def found(which: str, book: LabelBook, names: Mapping[str, str]) -> JournalEntry:
    """The entry that a person names.

    Args:
        which: Its digest, or JOURNAL:LINE, the journal by its beginning.
        book: The journals folded.
        names: Name of the journal of each key, by its fingerprint.

    Raises:
        InputError: There is none, or the beginning is that of several journals.
    """
    if which in book.by_digest:
        return book.by_digest[which]
    journal, _, line = which.partition(":")
    keys = [key for key in sorted(names.values()) if journal and key.startswith(journal)]
    if len(keys) > 1:
        raise InputError(
            f"{which}: {len(keys)} journals begin with {journal}.", remedy="Write more of its name."
        )
    for entry in book.entries:
        if keys and names[entry.analyst.fingerprint] == keys[0] and str(entry.number) == line:
            return entry
    raise InputError(
        f"The journals have no entry {which}.",
        remedy="Write JOURNAL:LINE, as shown by: workbench journal CASE",
    )


def _members(results: Results, cluster_id: str) -> tuple[str, ...]:
    """Keys of the accounts that a cluster binds, sorted."""
    row = cluster_row(results, cluster_id)
    assert results.clusters is not None
    return tuple(sorted(results.keys[i] for i in (results.clusters.bound == row).nonzero()[0]))
