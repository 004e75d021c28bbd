"""A person's decisions: labels and the journal entries that carry them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Label(StrEnum):
    """What a person decided of accounts."""

    CONFIRMED = "confirmed"
    SUSPECTED = "suspected"
    BENIGN = "benign"
    NEEDS_REVIEW = "needs-review"


class EntryKind(StrEnum):
    """Kinds of journal entries.

    A kind that a program does not know keeps it from reading a journal, so a new one is a new
    version of ``decided``.
    """

    LABEL = "label"
    REVERT = "revert"
    NOTE = "note"
    SELECTION = "selection"
    SIGN_OFF = "sign-off"
    EXHIBIT = "exhibit"
    QUARANTINE = "quarantine"
    POLICY = "policy"
    SETTINGS = "settings"
    IMPORT = "import"
    JOIN = "join"
    RUN = "run"
    REVEAL = "reveal"
    EXPORT = "export"
    FRAME = "frame"
    PURGE = "purge"
    MERGE = "merge"
    STAMP = "stamp"
    ACCEPT = "accept"
    REPAIR = "repair"


#: Decisions alone are undone, enter stage keys and are seen by bundle bytes; the rest are records.
DECISIONS: frozenset[EntryKind] = frozenset(
    {
        EntryKind.LABEL,
        EntryKind.REVERT,
        EntryKind.NOTE,
        EntryKind.SELECTION,
        EntryKind.SIGN_OFF,
        EntryKind.EXHIBIT,
        EntryKind.QUARANTINE,
        EntryKind.POLICY,
    }
)


@dataclass(frozen=True, slots=True)
class Analyst:
    """Who decides. An analyst is a key; the name is only its caption.

    Attributes:
        fingerprint: ``SHA256:...`` of the Ed25519 public key, as ssh-keygen prints it.
        name: Caption.
    """

    fingerprint: str
    name: str

    @property
    def short(self) -> str:
        """Enough of the fingerprint to tell keys of one name apart."""
        return short_fingerprint(self.fingerprint)


def short_fingerprint(fingerprint: str) -> str:
    """``SHA256:`` and eight more characters."""
    return fingerprint[:15]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of a journal, read back.

    Attributes:
        digest: SHA-256 (hex) of the line's canonical JSON: the entry's id.
        previous: Digest of the line before it in the same journal; 64 zeros for the first.
        number: Position in its journal, from 1.
        kind: What it is.
        at_us: When, UTC microseconds.
        analyst: Who.
        body: The kind's own fields (RFC 8785 JSON values).
        seen: Heads of the other journals when it was written: name of the journal -> digest.
    """

    digest: str
    previous: str
    number: int
    kind: EntryKind
    at_us: int
    analyst: Analyst
    body: dict[str, Any]
    seen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelState:
    """The label that now stands on an account, folded from the journals.

    Attributes:
        label: The decision.
        why: The reason given.
        analyst: Who.
        at_us: When, UTC microseconds.
        entry: Digest of the journal entry.
        cluster_id: The cluster through which it was given; empty when accounts were named.
    """

    label: Label
    why: str
    analyst: Analyst
    at_us: int
    entry: str
    cluster_id: str = ""
