"""What people decided: a journal per analyst key under decided/. The only truth for labels.

Lines are only ever added, each made durable before ``append`` returns; then the head is pinned,
because a chain whose last lines were cut off still fits together. Journals that lack what was
written are read up to their last whole line, say what is missing, and take no entry until they are
restored or a person accepts it. This room must not know what a decision means (``labels`` does).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.case import missing
from workbench.case.clock import now_us
from workbench.case.database import storage_error
from workbench.case.journal_check import Walked, clock_walked, verify_journal
from workbench.case.journal_file import add_line, opened, read_journal, read_lines
from workbench.case.journal_lines import NOTHING, LineSigner, make_line, read_line
from workbench.case.journal_order import in_order
from workbench.case.merging import bring, finish
from workbench.case.missing import Missing
from workbench.case.pins import PINS, Pin, journal_files, read_pins, write_pins
from workbench.domain.errors import CaseError, InputError, StorageError, VerificationError
from workbench.domain.label import EntryKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from workbench.case.pins import Remembered
    from workbench.domain.label import JournalEntry

#: Who says that a line was written.
_PINNED = f"by {PINS}"
_REMEMBERED = "by what this computer saw last"


@dataclass(frozen=True, slots=True)
class JournalCheck:
    """What ``verify`` went through without finding fault.

    Attributes:
        journals: How many.
        entries: Lines of all of them.
        clock: Lines that were written after the clock was set back: journal, line, and by how many
            microseconds it is older than what came before it.
    """

    journals: int
    entries: int
    clock: tuple[tuple[str, int, int], ...] = ()


class Journals:
    """All journals of a case. Safe from any thread.

    Args:
        folder: The folder decided/.
        case_id: Id of the case; each line names it.
        write: Whether entries may be added.
        pinned: Whether pins must be there; false of a case of an older version that is only read.
        remembered: What this computer saw last of the case; None where nothing is kept.

    Raises:
        CaseError: A journal cannot be read; names file and line. Where journals are only read, it
            is raised when entries are first asked for.
        StorageError: The disk failed.
    """

    def __init__(
        self,
        folder: Path,
        *,
        case_id: str,
        write: bool,
        pinned: bool = True,
        remembered: Remembered | None = None,
    ) -> None:
        self._folder = folder
        self._case_id = case_id
        self._write = write
        self._pinned = pinned
        self._remembered = remembered
        self._lock = threading.RLock()
        self._read: dict[str, list[JournalEntry]] | None = None
        self._ordered: list[JournalEntry] = []
        self._missing: tuple[Missing, ...] = ()
        self._notices: list[str] = []
        if write:
            with self._lock:
                if finish(folder):
                    self._notices.append("A merge that was cut short was brought to its end.")
                self._journals()

    # --- reading -----------------------------------------------------------------------------
    def entries(self) -> list[JournalEntry]:
        """All entries of all journals, in the order in which they count.

        What an analyst had seen comes before what they wrote; what nobody had seen of each other
        goes by the clock, then by journal.
        """
        with self._lock:
            self._journals()
            return list(self._ordered)

    def keys(self) -> list[str]:
        """Names of the journals, sorted."""
        with self._lock:
            return sorted(self._journals())

    def names(self) -> dict[str, str]:
        """Name of the journal of each key that has decided, by the key's fingerprint."""
        with self._lock:
            return {
                entries[0].analyst.fingerprint: key
                for key, entries in self._journals().items()
                if entries
            }

    def lines(self, key: str) -> list[bytes]:
        """The lines of one journal as they are on disk, each with its line feed."""
        with self._lock:
            entries = self._journals().get(key, [])
            if not entries:
                return []
            return read_lines(self._folder / f"{key}.jsonl", len(entries))

    def head(self, key: str) -> str:
        """Digest of the last line of a journal; 64 zeros when it has none."""
        with self._lock:
            entries = self._journals().get(key)
            return entries[-1].digest if entries else NOTHING

    def heads(self) -> dict[str, Pin]:
        """The last line of each journal that has one."""
        with self._lock:
            return _heads(self._journals())

    @property
    def notices(self) -> list[str]:
        """Sentences on what a crash cut off, what is missing, what could not be pinned."""
        with self._lock:
            self._journals()
            return [*self._notices, *(one.fact for one in self._missing)]

    def verify(self, *, every: bool = False) -> JournalCheck:
        """Check chains, signatures and pins, as they are on disk now.

        Args:
            every: Check each line's own signature, not that of each journal's last line alone,
                which covers the lines before it.

        Raises:
            VerificationError: Names the first bad line, or the journal that was cut off.
            StorageError: The disk failed.
        """
        with self._lock:
            try:
                found = {
                    path.stem: verify_journal(
                        path.stem, partial(opened, path), self._case_id, every=every
                    )
                    for path in journal_files(self._folder)
                }
                pins = read_pins(self._folder / PINS)
            except OSError as error:
                raise storage_error(error, f"The folder {self._folder}") from error
            self._verify_whole(found, pins)
            if self._remembered is not None and found:
                self._remembered.write(_heads_walked(found))
        entries = sum(one.number for one in found.values())
        return JournalCheck(len(found), entries, clock_walked(found))

    def holds(self, key: str, pin: Pin) -> bool:
        """Whether a journal holds a line, or a person went on without it."""
        with self._lock:
            entries = self._journals().get(key, [])
            if pin.digest in self._accepted().get(key, ()):
                return True
            return pin.number <= len(entries) and entries[pin.number - 1].digest == pin.digest

    # --- writing -----------------------------------------------------------------------------
    def check(self) -> None:
        """Whether an entry could be added: for whatever changes the case before it says so.

        Raises:
            CaseError: The case is open for reading only, or something is missing.
        """
        if not self._write:
            raise CaseError(
                "The case is open for reading only, so nothing can be decided.",
                remedy="Open it for writing.",
            )
        with self._lock:
            if self._missing:
                raise CaseError(
                    self._missing[0].fact, remedy=missing.REMEDY, safe="Nothing was changed."
                )

    def append(self, kind: EntryKind, body: Mapping[str, Any], signer: LineSigner) -> JournalEntry:
        """Add an entry to the signer's journal; durable when this returns.

        Raises:
            InputError: The body cannot be written exactly.
            CaseError: The case is open for reading only, or journals lack what was written.
            StorageError: The disk is full or failing; nothing was decided.
        """
        with self._lock:
            self.check()
            return self._append(kind, body, signer)

    def accept(self, why: str, signer: LineSigner) -> JournalEntry:
        """Go on without what is missing, by an entry that names it.

        Raises:
            InputError: Nothing is missing.
            CaseError: The case is open for reading only.
            StorageError: The disk is full or failing; nothing was decided.
        """
        with self._lock:
            journals = self._journals()
            found = self._missing
            if not found:
                raise InputError("The journals lack nothing, so there is nothing to accept.")
            kept = {
                one.journal: _pin_of(journals.get(one.journal, [])) for one in found if one.journal
            }
            body = missing.acceptance(found, kept, why)
            self._missing = ()
            try:
                return self._append(EntryKind.ACCEPT, body, signer)
            except BaseException:
                self._missing = found
                raise

    def bring(self, journals: Mapping[str, bytes]) -> None:
        """Put in journals of a copy of the case that go on from here; all of them or none.

        Raises:
            CaseError: The case is open for reading only, or journals lack what was written.
            StorageError: The disk is full or failing; nothing was changed.
        """
        with self._lock:
            self.check()
            if not self._journals():
                # Journals without any pins count as cut off, and the first ones come from there.
                write_pins(self._folder / PINS, {})
            bring(self._folder, journals)
            self._read = None
            self._pin(_heads(self._journals()))

    def _append(self, kind: EntryKind, body: Mapping[str, Any], signer: LineSigner) -> JournalEntry:
        self.check()
        journals = self._journals()
        key = signer.journal
        data = make_line(
            kind,
            body,
            signer=signer,
            case=self._case_id,
            number=len(journals.get(key, ())) + 1,
            previous=self.head(key),
            seen={k: of[-1].digest for k, of in journals.items() if of and k != key},
            at_us=now_us(),
        )
        if not (self._folder / PINS).exists():
            # From the first line on they are there: without them a cut would not be noticed.
            write_pins(self._folder / PINS, _heads(journals))
        add_line(self._folder / f"{key}.jsonl", data)
        entry = read_line(data).entry
        journals.setdefault(key, []).append(entry)
        self._ordered.append(entry)  # it has seen all others
        self._pin(_heads(journals))
        return entry

    def _pin(self, pins: Mapping[str, Pin]) -> None:
        try:
            write_pins(self._folder / PINS, pins)
        except StorageError as error:
            # The entry itself is durable, and an older pin is true as well.
            self._notices.append(f"The head of the journal could not be pinned: {error.fact}")
        if self._remembered is not None:
            self._remembered.write(pins)

    # --- reading files -----------------------------------------------------------------------
    def _journals(self) -> dict[str, list[JournalEntry]]:
        """The entries of each journal, read on first use."""
        if self._read is None:
            try:
                read: dict[str, list[JournalEntry]] = {}
                for path in journal_files(self._folder):
                    read[path.stem], notices = read_journal(
                        path, case_id=self._case_id, write=self._write
                    )
                    self._notices += notices
                self._missing = self._lacking(read)
            except OSError as error:
                raise storage_error(error, f"The folder {self._folder}") from error
            self._ordered = in_order(read)
            self._read = read
        return self._read

    def _accepted(self) -> dict[str, set[str]]:
        return missing.accepted_by(e for e in self._ordered if e.kind is EntryKind.ACCEPT)

    def _lacking(self, read: Mapping[str, list[JournalEntry]]) -> tuple[Missing, ...]:
        """What is missing of what was written."""
        digests = {key: [entry.digest for entry in entries] for key, entries in read.items()}
        accepted = missing.accepted_by(
            e for entries in read.values() for e in entries if e.kind is EntryKind.ACCEPT
        )
        found: list[Missing] = []
        try:
            pins = read_pins(self._folder / PINS)
        except VerificationError as error:
            found.append(Missing(error.fact))
            pins = {}
        if pins is None and self._pinned and any(digests.values()):
            found.append(Missing(self._no_pins))
        found += missing.by_pins(digests, pins or {}, accepted, _PINNED)
        if self._remembered is not None:
            known = {one.journal for one in found}
            found += [
                one
                for one in missing.by_pins(digests, self._remembered.read(), accepted, _REMEMBERED)
                if one.journal not in known
            ]
        seen = {
            key: [(entry.number, entry.seen) for entry in entries if entry.seen]
            for key, entries in read.items()
        }
        return (*found, *missing.by_others(digests, seen, accepted))

    @property
    def _no_pins(self) -> str:
        return (
            f"{self._folder / PINS} is missing beside journals, so that nobody can tell whether "
            "they lost their end."
        )

    def _verify_whole(self, found: Mapping[str, Walked], pins: dict[str, Pin] | None) -> None:
        """Check that no journal lost its end."""
        accepted = missing.accepted_by(e for one in found.values() for e in one.accepted)
        digests = {key: one.digests for key, one in found.items()}
        lacking: list[Missing] = []
        if pins is None and self._pinned and any(digests.values()):
            lacking.append(Missing(self._no_pins))
        lacking += missing.by_pins(digests, pins or {}, accepted, _PINNED)
        if self._remembered is not None:
            lacking += missing.by_pins(digests, self._remembered.read(), accepted, _REMEMBERED)
        seen = {key: one.seen for key, one in found.items()}
        lacking += missing.by_others(digests, seen, accepted)
        if lacking:
            raise VerificationError(lacking[0].fact, remedy=missing.REMEDY)


def _pin_of(entries: list[JournalEntry]) -> Pin:
    return Pin(len(entries), entries[-1].digest if entries else NOTHING)


def _heads(journals: Mapping[str, list[JournalEntry]]) -> dict[str, Pin]:
    return {key: _pin_of(entries) for key, entries in journals.items() if entries}


def _heads_walked(found: Mapping[str, Walked]) -> dict[str, Pin]:
    return {key: Pin(one.number, one.digest) for key, one in found.items() if one.number}
