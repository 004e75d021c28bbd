"""Second looks: labels of several analysts that conflict, and labels that another signs off.

A conflict is decided by labelling the accounts again: who does so has seen both. What a case that
asks for a second reviewer exports must be signed off by another key than the one that decided.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.case.standing import conflicts, signed_off
from workbench.domain.changes import Changes
from workbench.domain.errors import InputError
from workbench.domain.label import EntryKind
from workbench.domain.text import plural
from workbench.services import wording
from workbench.services.export_scope import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.case.identity import Signer
    from workbench.case.labels import LabelBook
    from workbench.case.policy import Policy
    from workbench.domain.label import JournalEntry
    from workbench.services.export_scope import Scope
    from workbench.services.open_case import OpenCase


@dataclass(frozen=True, slots=True)
class Conflict:
    """Accounts on which the same labels stand against each other.

    Attributes:
        accounts: Their keys, sorted.
        labels: The entries, in the order in which they count; the last is what stands.
    """

    accounts: tuple[str, ...]
    labels: tuple[JournalEntry, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A label that stands on accounts that somebody looks at.

    Attributes:
        entry: The label.
        n_accounts: On how many of them it stands.
        mine: Whether who asks decided it: somebody else signs it off.
        signed_by: Names of those who signed it off.
        signed_by_me: Whether who asks did.
    """

    entry: JournalEntry
    n_accounts: int
    mine: bool
    signed_by: tuple[str, ...]
    signed_by_me: bool

    @property
    def wants(self) -> bool:
        """Whether who asks can sign it off."""
        return not self.mine and not self.signed_by_me


class Reviewing:
    """What several analysts decided of the same. Safe from any thread.

    Args:
        held: The open case.
        signer: Gives the analyst's key; made on first use.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer

    def conflicts(self) -> list[Conflict]:
        """Every conflict, those of most accounts first."""
        labels: dict[tuple[str, ...], tuple[JournalEntry, ...]] = {}
        accounts: dict[tuple[str, ...], list[str]] = {}
        for account, entries in conflicts(self._held.book()).items():
            digests = tuple(entry.digest for entry in entries)
            labels[digests] = entries
            accounts.setdefault(digests, []).append(account)
        every = [Conflict(tuple(sorted(accounts[one])), labels[one]) for one in labels]
        return sorted(every, key=lambda one: (-len(one.accounts), one.accounts))

    def standing(self, what: Scope) -> list[Standing]:
        """The labels that stand on accounts, those on most of them first.

        Raises:
            InputError: Nothing like that is in the case.
            NotAssessedError: The case was not analysed, or the label stands on no account.
        """
        book, keys = self._held.book(), self._keys(what)
        me, signed = self._signer().fingerprint, signed_off(book)
        counts = Counter(book.labels[key].entry for key in keys if key in book.labels)
        found = []
        for digest, n_accounts in counts.items():
            entry, by = book.by_digest[digest], signed.get(digest, ())
            found.append(
                Standing(
                    entry,
                    n_accounts,
                    mine=entry.analyst.fingerprint == me,
                    signed_by=tuple(one.analyst.name for one in by),
                    signed_by_me=any(one.analyst.fingerprint == me for one in by),
                )
            )
        return sorted(found, key=lambda one: (-one.n_accounts, one.entry.at_us, one.entry.digest))

    def _keys(self, what: Scope) -> list[str]:
        """Keys of the accounts."""
        results = self._held.results()
        ranking = results.clusters.ids if results.clusters is not None else ()
        groups = resolve(what, results, self._held.labels(), ranking)
        return [results.keys[i] for group in groups for i in group.indices]

    def sign_off(self, what: Scope, why: str = "", *, initiator: str = "") -> Changes:
        """Sign off the labels that others gave the accounts, as they stand now.

        Args:
            what: The accounts: of clusters, on which a label stands, or named.
            why: The reason.
            initiator: Name of the view that asked.

        Raises:
            InputError: Nothing like that is in the case, all that stands there is this analyst's
                own or signed off by them already, or labels conflict.
            NotAssessedError: The case was not analysed, or the label stands on no account.
            StorageError: The journal cannot be written; nothing was decided.
        """
        book, keys = self._held.book(), self._keys(what)
        against = conflicts(book)
        _require_agreed(sum(key in against for key in keys))
        standing = self.standing(what)
        wanted = sorted(one.entry.digest for one in standing if one.wants)
        if not wanted:
            raise InputError(
                "There is nothing to sign off: "
                + (
                    "no label stands on these accounts."
                    if not standing
                    else "what stands there is your own, or signed off by you already."
                ),
                remedy="Somebody else than whoever labelled signs off.",
            )
        body = {"entries": wanted, "why": why}
        self._held.case.journals.append(EntryKind.SIGN_OFF, body, self._signer())
        self._held.renew(decisions=True)
        return Changes(decided=True, initiator=initiator)


@dataclass(frozen=True, slots=True)
class Review:
    """What analysts still have to do before accounts may leave the case; false where nothing.

    Attributes:
        n_conflicts: Accounts on which labels stand against each other.
        n_unlabelled: Where the case asks for a sign-off: accounts without a label.
        n_unsigned: There: accounts with a label that nobody else signed off.
    """

    n_conflicts: int = 0
    n_unlabelled: int = 0
    n_unsigned: int = 0

    def __bool__(self) -> bool:
        return bool(self.n_conflicts or self.n_unlabelled or self.n_unsigned)


def review(book: LabelBook, policy: Policy, accounts: Sequence[str]) -> Review:
    """What is still to be done.

    Args:
        book: What was decided.
        policy: Of the case.
        accounts: Keys of the accounts that are to leave.
    """
    against = conflicts(book)
    n_conflicts = sum(account in against for account in accounts)
    if not policy.sign_off_required:
        return Review(n_conflicts)
    signed = signed_off(book)
    states = [book.labels.get(key) for key in accounts]
    return Review(
        n_conflicts,
        sum(state is None for state in states),
        sum(state is not None and state.entry not in signed for state in states),
    )


def require_reviewed(book: LabelBook, policy: Policy, accounts: Sequence[str]) -> None:
    """What leaves the case is agreed on, and signed off where the case asks for it.

    Args:
        book: What was decided.
        policy: Of the case.
        accounts: Keys of the accounts that leave.

    Raises:
        InputError: Labels conflict, or nobody else signed one off.
    """
    left = review(book, policy, accounts)
    _require_agreed(left.n_conflicts)
    if left:
        unlabelled = left.n_unlabelled
        lacks = "have no label" if unlabelled else "have a label that nobody else signed off"
        raise InputError(
            "This case asks that a second analyst signs off what is exported, and "
            f"{unlabelled or left.n_unsigned:,} of {wording.accounts(len(accounts))} {lacks}.",
            remedy="Label them, and have another analyst sign off: workbench sign-off CASE "
            "--cluster ID --why TEXT",
            safe="Nothing was exported.",
        )


def _require_agreed(n_conflicts: int) -> None:
    if n_conflicts:
        raise InputError(
            f"Analysts decided differently on {plural(n_conflicts, 'account', 'accounts')}, "
            "without having seen each other's labels.",
            remedy="See them with: workbench conflicts CASE. Label them again to decide.",
            safe="Nothing was changed.",
        )
