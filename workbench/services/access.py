"""Use cases: reveal texts that a case keeps back, and put what nobody may read into quarantine.

Both are lines of the journal. What follows from them is the gate of ``OpenCase.engine``, through
which every text goes; this room reads none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.domain.changes import Changes
from workbench.domain.errors import InputError
from workbench.domain.label import EntryKind
from workbench.domain.ports import Statement
from workbench.services.gates import Named
from workbench.services.results import cluster_row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.case.gate import Gate
    from workbench.case.identity import Signer
    from workbench.domain.account import AccountKey
    from workbench.services.open_case import OpenCase

_ACCOUNT: Final = Statement.read(__file__, "account_named")


@dataclass(frozen=True, slots=True)
class Kept:
    """What of the texts is kept back now.

    Attributes:
        hidden: Texts are read after a reveal.
        n_revealed: Exchanges that this analyst revealed.
        n_quarantined: Exchanges in quarantine.
    """

    hidden: bool = False
    n_revealed: int = 0
    n_quarantined: int = 0

    @property
    def words(self) -> str:
        """In a line; empty where every text is read."""
        said = []
        if self.hidden:
            said.append(f"prompts after a reveal ({self.n_revealed:,} revealed to you)")
        if self.n_quarantined:
            said.append(f"{self.n_quarantined:,} in quarantine")
        return ", ".join(said)


@dataclass(frozen=True, slots=True)
class Opened:
    """What an entry named.

    Attributes:
        n_exchanges: Exchanges of the case that it names.
        changes: What changed.
    """

    n_exchanges: int
    changes: Changes


class Access:
    """Reveals and quarantines in the name of one analyst. Safe from any thread.

    Args:
        held: The open case.
        signer: Gives the analyst's key; made on first use.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer

    def kept(self) -> Kept:
        """What is kept back."""
        return kept_of(self._held.gate())

    def reveal(
        self,
        why: str,
        *,
        exchanges: Sequence[int] = (),
        accounts: Sequence[AccountKey | str] = (),
        cluster_id: str = "",
        initiator: str = "",
    ) -> Opened:
        """Reveal texts to this analyst: for ever, and for what is named.

        Args:
            why: The reason, in the analyst's words.
            exchanges: Exchanges, by their ids.
            accounts: Accounts whose exchanges are revealed: keys, or values as the log gave them.
            cluster_id: A cluster: of the accounts that it binds now.
            initiator: Name of the view that asked.

        Raises:
            InputError: The reason lacks, nothing or nobody like that is in the case, its texts
                are not hidden, or all that is named is in quarantine.
            NotAssessedError: A cluster is named, and the case was not analysed.
            StorageError: The journal cannot be written; nothing was revealed.
        """
        if not self._held.policy().hide_prompts:
            raise InputError(
                "The texts of this case can be read as they are: it asks for no reveal.",
                remedy="Ask for it with: workbench settings CASE --hide-prompts yes",
            )
        named, body = self._named(why, exchanges, accounts, cluster_id)
        with self._held.computing() as engine:
            ids = named.ids(engine).exchanges.to_numpy()
        gate = self._held.gate()
        if gate is not None and gate.quarantined is not None and len(ids):
            left = np.setdiff1d(ids, gate.quarantined.exchanges.to_numpy())
            if not left.size:
                raise InputError(
                    "All of that is in quarantine, which no reveal opens.",
                    remedy="Whoever put it there, or another analyst with a reason, takes the "
                    "entry back with undo.",
                )
        return self._append(EntryKind.REVEAL, body, len(ids), initiator)

    def quarantine(
        self,
        why: str,
        *,
        exchanges: Sequence[int] = (),
        accounts: Sequence[AccountKey | str] = (),
        initiator: str = "",
    ) -> Opened:
        """Keep texts from everybody: a decision, which undo takes back.

        Args:
            why: As for ``reveal``; so are the other arguments and the errors.
            exchanges: What is named, with every exchange that asks the same.
            accounts: All that these sent.
            initiator: Name of the view that asked.
        """
        named, body = self._named(why, exchanges, accounts, "")
        with self._held.computing() as engine:
            count = len(named.ids(engine).exchanges)
        return self._append(EntryKind.QUARANTINE, body, count, initiator)

    def _named(
        self,
        why: str,
        exchanges: Sequence[int],
        accounts: Sequence[AccountKey | str],
        cluster_id: str,
    ) -> tuple[Named, dict[str, Any]]:
        if not why.strip():
            raise InputError("There is no reason.", remedy="Say why: --why TEXT.")
        n_exchanges = self._held.case.given.sizes().exchanges
        for one in exchanges:
            if not 0 <= one < n_exchanges:
                raise InputError(
                    f"The case holds no exchange {one}.",
                    remedy="Name it by its exchange_id, as the window and data/exchanges.csv of a "
                    "bundle have it.",
                )
        keys = [account_of(self._held, str(one)) for one in accounts]
        if cluster_id:
            results = self._held.results()
            row = cluster_row(results, cluster_id)
            assert results.clusters is not None
            bound = np.flatnonzero(results.clusters.bound == row)
            keys += [results.keys[i] for i in bound]
        named = Named(tuple(sorted(set(exchanges))), tuple(sorted(set(keys))))
        if named == Named():
            raise InputError("Nothing was named.", remedy="Name exchanges, accounts or a cluster.")
        body: dict[str, Any] = {"why": why}
        if named.exchanges:
            body["exchanges"] = list(named.exchanges)
        if named.accounts:
            body["accounts"] = list(named.accounts)
        if cluster_id:
            body["cluster_id"] = cluster_id
        return named, body

    def _append(self, kind: EntryKind, body: dict[str, Any], count: int, initiator: str) -> Opened:
        self._held.case.journals.append(kind, body, self._signer())
        self._held.renew(decisions=True)
        return Opened(count, Changes(decided=True, texts=True, initiator=initiator))


def kept_of(gate: Gate | None) -> Kept:
    """What a gate keeps back."""
    if gate is None:
        return Kept()
    revealed, closed = gate.revealed, gate.quarantined
    return Kept(
        gate.hidden,
        0 if revealed is None else len(revealed.exchanges),
        0 if closed is None else len(closed.exchanges),
    )


def account_of(held: OpenCase, name: str) -> str:
    """The key of an account of the case, analysed or not.

    Raises:
        InputError: There is none, or the value names several.
    """
    with held.engine() as engine:
        found = engine.table(_ACCOUNT, name=name).column("account_key").to_pylist()
    if name in found:
        return name
    if len(found) > 1:
        raise InputError(
            f"{name} names {len(found)} accounts: {', '.join(found)}.",
            remedy="Give the whole key, kind:namespace:value.",
        )
    if not found:
        raise InputError(
            f"There is no account {name}.", remedy="See the ids with: workbench accounts CASE"
        )
    return str(found[0])
