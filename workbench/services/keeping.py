"""Selections that are kept: named, written into the journal, listed, recalled.

A kept selection is a decision: the definition that was drawn, and the accounts it yielded at that
moment with their digest. The accounts are what was decided; the definition is how they were found,
and holds for as long as it still finds the same ones. Changes no label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.domain.account import AccountKey
from workbench.domain.changes import Changes
from workbench.domain.errors import InputError
from workbench.domain.label import EntryKind
from workbench.domain.selection import (
    AccountSet,
    ClusterSet,
    Combine,
    Polygon,
    Selection,
    SelectionDefinition,
    Step,
    TimeRange,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.case.identity import Signer
    from workbench.domain.label import Analyst, JournalEntry
    from workbench.domain.selection import Shape
    from workbench.services.open_case import OpenCase
    from workbench.services.selecting import Selecting


@dataclass(frozen=True, slots=True)
class KeptSelection:
    """A selection as the journal holds it.

    Attributes:
        entry: Digest of its entry: its id.
        name: As the analyst named it.
        at_us: When it was kept, UTC microseconds.
        analyst: Who kept it.
        accounts: The accounts, frozen.
        n_exchanges: Exchanges inside the shapes at that moment.
        digest: Of the accounts.
        definition: How they were found; None where this version cannot read it.
    """

    entry: str
    name: str
    at_us: int
    analyst: Analyst
    accounts: tuple[AccountKey, ...]
    n_exchanges: int
    digest: str
    definition: SelectionDefinition | None

    def as_dict(self) -> dict[str, Any]:
        """For ``selections --json``."""
        return {
            "entry": self.entry,
            "name": self.name,
            "at_us": self.at_us,
            "analyst": self.analyst.name,
            "n_accounts": len(self.accounts),
            "n_exchanges": self.n_exchanges,
            "digest": self.digest,
            "accounts": [str(key) for key in self.accounts],
        }


@dataclass(frozen=True, slots=True)
class Recalled:
    """What recalling a kept selection selects.

    Attributes:
        definition: To be applied.
        kept: What was recalled.
        frozen: Whether the drawn definition finds other accounts by now, so that the accounts
            themselves are selected.
        n_missing: Accounts of it that the current results do not hold.
    """

    definition: SelectionDefinition
    kept: KeptSelection
    frozen: bool
    n_missing: int


class Keeping:
    """Keeps selections in the name of one analyst. Safe from any thread.

    Args:
        held: The open case.
        signer: Gives the analyst's key; made on first use.
        selecting: Applies a definition, to see whether it still finds the same accounts.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer], selecting: Selecting) -> None:
        self._held = held
        self._signer = signer
        self._selecting = selecting

    def keep(self, name: str, selection: Selection, *, initiator: str = "") -> Changes:
        """Write a selection into the journal under a name.

        Raises:
            InputError: It has no name, or holds no account.
            StorageError: The journal cannot be written; nothing was kept.
        """
        name = " ".join(name.split())
        if not name:
            raise InputError("The selection has no name.", remedy="Give it one.")
        if not selection.accounts:
            raise InputError("The selection holds no account.", remedy="Select some, then save.")
        self._write(
            EntryKind.SELECTION,
            {
                "name": name,
                "accounts": [str(key) for key in selection.accounts],
                "n_exchanges": selection.n_exchanges,
                "digest": selection.digest,
                "definition": written(selection.definition),
            },
        )
        return Changes(decided=True, initiator=initiator)

    def kept(self) -> list[KeptSelection]:
        """The selections that stand, the newest first."""
        live = self._held.book().live()
        return [read(entry) for entry in reversed(live) if entry.kind is EntryKind.SELECTION]

    def recall(self, which: str) -> Recalled:
        """What a kept selection selects now.

        Args:
            which: Its entry, or its name; of several with one name the newest.

        Raises:
            InputError: There is none.
            NotAssessedError: The case has not been analysed.
        """
        kept = self._find(which)
        results = self._held.results()
        missing = sum(str(key) not in results.index_of for key in kept.accounts)
        if kept.definition is not None:
            again = self._selecting.apply(kept.definition)
            if again.digest == kept.digest:
                return Recalled(kept.definition, kept, frozen=False, n_missing=0)
        accounts = SelectionDefinition().then(Combine.REPLACE, AccountSet(kept.accounts))
        return Recalled(accounts, kept, frozen=True, n_missing=missing)

    def forget(self, which: str, *, initiator: str = "") -> Changes:
        """Take a kept selection back; its entry stays in the journal, and redo brings it back.

        Raises:
            InputError: There is none, or another analyst kept it.
        """
        kept = self._find(which)
        if kept.analyst.fingerprint != self._signer().fingerprint:
            raise InputError(
                f"{kept.name} was saved by {kept.analyst.name}.",
                remedy="Only who saved a selection takes it back.",
            )
        self._write(EntryKind.REVERT, {"entry": kept.entry})
        return Changes(decided=True, initiator=initiator)

    def _find(self, which: str) -> KeptSelection:
        found = next((one for one in self.kept() if which in {one.entry, one.name}), None)
        if found is None:
            raise InputError(
                f"There is no saved selection {which}.",
                remedy="See them with: workbench selections CASE",
            )
        return found

    def _write(self, kind: EntryKind, body: dict[str, Any]) -> None:
        self._held.case.journals.append(kind, body, self._signer())
        self._held.renew(decisions=True)


def read(entry: JournalEntry) -> KeptSelection:
    """A kept selection from its entry; what another version wrote otherwise stays out."""
    body = entry.body
    keys = tuple(AccountKey.parse(str(key)) for key in body.get("accounts", ()))
    return KeptSelection(
        entry.digest,
        str(body.get("name", "")) or "no name",
        entry.at_us,
        entry.analyst,
        keys,
        int(body.get("n_exchanges", 0)),
        str(body.get("digest", "")) or Selection.digest_of(keys),
        understood(body.get("definition")),
    )


def written(definition: SelectionDefinition) -> list[dict[str, Any]]:
    """A definition as the journal's JSON: a list of steps with their shape."""
    return [{"combine": step.combine.value} | _shape(step.shape) for step in definition.steps]


def _shape(shape: Shape) -> dict[str, Any]:
    match shape:
        case Polygon(vertices):
            return {"polygon": [list(vertex) for vertex in vertices]}
        case TimeRange(first_us, last_us):
            return {"time": [first_us, last_us]}
        case AccountSet(keys):
            return {"accounts": [str(key) for key in keys]}
        case ClusterSet(cluster_ids):
            return {"clusters": list(cluster_ids)}


def understood(steps: object) -> SelectionDefinition | None:
    """The definition that ``written`` gave; None for what this version does not know."""
    if not isinstance(steps, list):
        return None
    try:
        return SelectionDefinition(tuple(_step(step) for step in steps))
    except (KeyError, TypeError, ValueError):
        return None


def _step(step: dict[str, Any]) -> Step:
    combine = Combine(step["combine"])
    match step:
        case {"polygon": vertices}:
            return Step(combine, Polygon(tuple((float(x), float(y)) for x, y in vertices)))
        case {"time": [first_us, last_us]}:
            return Step(combine, TimeRange(int(first_us), int(last_us)))
        case {"accounts": keys}:
            return Step(combine, AccountSet(tuple(AccountKey.parse(key) for key in keys)))
        case {"clusters": ids}:
            return Step(combine, ClusterSet(tuple(map(str, ids))))
    raise ValueError(step)
