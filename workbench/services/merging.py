"""Copies of a case, each with the decisions of another analyst, put together.

Each analyst works in a copy and keeps a journal; a merge brings the journals of one copy into
another. Nothing of the logs moves: the case that is merged into must hold them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.case.merging import brought
from workbench.domain.changes import Changes
from workbench.domain.errors import InputError
from workbench.domain.label import EntryKind
from workbench.domain.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from workbench.case.folder import Case
    from workbench.case.identity import Signer
    from workbench.case.pins import Pin
    from workbench.services.open_case import OpenCase


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge brought.

    Attributes:
        journals: How many go on.
        entries: How many entries are new.
        changes: What changed; nothing where nothing was new.
        purged: Exchanges that were erased from the copy and that this case still holds: nothing
            is erased here but by who works here.
    """

    journals: int
    entries: int
    changes: Changes
    purged: int = 0

    def told(self) -> str:
        """What a person should know of it, in sentences."""
        if not self.entries:
            return "Nothing was new in the copy."
        new = plural(self.entries, "new entry", "new entries")
        said = f"Merged {new} of {plural(self.journals, 'journal', 'journals')}."
        if self.purged:
            said += (
                f" {plural(self.purged, 'exchange was', 'exchanges were')} erased from the copy; "
                "this case still holds them until they are purged here, too. The journal says "
                "which and why."
            )
        return said


class Merging:
    """Brings journals of copies into an open case. Safe from any thread.

    Args:
        held: The open case.
        signer: Gives the analyst's key; made on first use.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer

    def merge(self, other: Path, why: str = "", *, initiator: str = "") -> Merged:
        """Bring what a copy of the case decided.

        The entries are the same whichever copy is merged into the other, but for the one that says
        who merged. Merging again brings nothing and writes nothing.

        Args:
            other: The copy's folder; read only.
            why: The reason, for the journal.
            initiator: Name of the view that asked.

        Raises:
            InputError: It is a copy of another case, holds logs that this one lacks, or a key
                decided in both.
            VerificationError: The copy's journals do not hold; names the first bad line.
            CaseError: The copy cannot be opened, or this case not be written.
            StorageError: The disk is full or failing; nothing was changed.
        """
        from workbench.case.folder import Case

        ours = self._held.case
        ours.journals.check()
        with Case.open(other, write=False) as theirs:
            if theirs.id != ours.id:
                raise InputError(
                    f"{other} is another case, no copy of {ours.path}.",
                    remedy="Merge copies of one case: folders that were copied from each other.",
                    safe="Nothing was changed.",
                )
            theirs.journals.verify()
            _require_logs(ours, theirs)
            new = brought(ours.journals, theirs.journals)
            heads = theirs.journals.heads()
        if not new.journals:
            return Merged(0, 0, Changes(initiator=initiator))
        before = ours.journals.heads()
        known = {entry.digest for entry in ours.journals.entries()}
        ours.journals.bring(new.journals)
        purged = sum(
            int(entry.body["n_exchanges"])
            for entry in ours.journals.entries()
            if entry.kind is EntryKind.PURGE and entry.digest not in known
        )
        body: dict[str, Any] = {
            "from": str(other.absolute()),
            "before": _told(before),
            "theirs": _told(heads),
            "entries": new.n_entries,
            "why": why,
        }
        ours.journals.append(EntryKind.MERGE, body, self._signer())
        self._held.renew(decisions=True)
        changes = Changes(decided=True, frame=True, initiator=initiator)
        return Merged(len(new.journals), new.n_entries, changes, purged)


def _require_logs(ours: Case, theirs: Case) -> None:
    """Decisions about accounts that a case does not hold would stand there unseen."""
    held = set(ours.given.sources().column("sha256").to_pylist())
    sources = theirs.given.sources().select(["path", "sha256"]).to_pylist()
    lacking = [row["path"] for row in sources if row["sha256"] not in held]
    if lacking:
        raise InputError(
            f"The copy holds {plural(len(lacking), 'log', 'logs')} that this case lacks: "
            f"{lacking[0]}{' ...' if len(lacking) > 1 else ''}.",
            remedy="Import them here first, or merge this case into that copy.",
            safe="Nothing was changed.",
        )


def _told(heads: Mapping[str, Pin]) -> dict[str, dict[str, Any]]:
    return {key: {"number": pin.number, "digest": pin.digest} for key, pin in heads.items()}
