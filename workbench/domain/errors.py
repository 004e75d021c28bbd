"""Two kinds of error: what a user can mend, and what is our bug.

A ``KnownError`` carries a fact, what is safe, and the remedy; it never shows a
traceback. Anything else that reaches the edge is a bug: it is written to a report
file with its traceback (exit code 70).
"""

from __future__ import annotations


class KnownError(Exception):
    """Something the user can mend.

    Args:
        fact: What happened, one sentence, naming file, record or setting.
        remedy: What to do, one sentence that starts with a verb.
        safe: What is unharmed, one sentence; empty when nothing was at risk.
    """

    def __init__(self, fact: str, *, remedy: str = "", safe: str = "") -> None:
        self.fact = fact
        self.remedy = remedy
        self.safe = safe
        super().__init__(" ".join(part for part in (fact, safe, remedy) if part))


class InputError(KnownError):
    """A file, argument or record that cannot be used as given (exit code 2)."""


class UnreadLogError(InputError):
    """A file that may well be a log and cannot be read as it is; the remedy says how (code 2)."""


class CaseError(KnownError):
    """A case folder that cannot be opened or written (exit code 2)."""


class CaseLockedError(CaseError):
    """Another process holds the case for writing; the message names it (exit code 2)."""


class InterruptedImportError(CaseError):
    """An import was cut short; first it must go on, or be taken back (exit code 2)."""


class VersionError(CaseError):
    """A case or bundle written by a newer version than this program (exit code 2)."""


class StorageError(KnownError):
    """The disk is full, read-only or failing; the message says what is safe (exit code 2)."""


class VerificationError(KnownError):
    """A bundle or journal does not verify; the message names the first bad item (exit code 1)."""


class NotAssessedError(KnownError):
    """A question that the loaded columns cannot answer; names the missing columns (exit code 1)."""


class CancelledError(Exception):
    """The user cancelled a job. Nothing half-done remains."""
