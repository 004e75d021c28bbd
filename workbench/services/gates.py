"""The gate of a case: what of its texts one analyst may read, from what the journals say.

A reveal counts for the key that made it, for ever and for what it named: exchanges, or all
exchanges of the accounts that it named. A quarantine that stands counts for everybody, and for
every exchange that asks the same as one that it named. Pure functions but for the statements that
find what is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc

from workbench.case.gate import Gate, Ids
from workbench.domain.label import EntryKind
from workbench.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from workbench.case.labels import LabelBook
    from workbench.case.policy import Policy
    from workbench.domain.label import JournalEntry
    from workbench.domain.ports import Engine

_NAMED: Final = Statement.read(__file__, "named_exchanges")
_COPIES: Final = Statement.read(__file__, "asking_the_same")


@dataclass(frozen=True, slots=True)
class Named:
    """Exchanges that a person means.

    Attributes:
        exchanges: Ids, ascending.
        accounts: Account keys, sorted: all exchanges of theirs.
    """

    exchanges: tuple[int, ...] = ()
    accounts: tuple[str, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[JournalEntry]) -> Self:
        """What entries name together; what another program may have written there is left out."""
        exchanges: set[int] = set()
        accounts: set[str] = set()
        for entry in entries:
            exchanges.update(one for one in _list(entry, "exchanges") if type(one) is int)
            accounts.update(one for one in _list(entry, "accounts") if isinstance(one, str))
        return cls(tuple(sorted(one for one in exchanges if 0 <= one < 2**63)), _sorted(accounts))

    def ids(self, engine: Engine) -> Ids:
        """What of it the case holds, and what these exchanges carry."""
        if not self.exchanges and not self.accounts:
            return Ids.none()
        engine.with_table("named", pa.table({"account_key": pa.array(self.accounts, pa.string())}))
        rows = engine.table(_NAMED, ids=list(self.exchanges))
        return Ids(
            rows.column("exchange_id").combine_chunks(),
            *(
                pc.unique(rows.column(name)).drop_null().cast(pa.int32())
                for name in ("prompt_id", "system_id", "account_id")
            ),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What the journals say of who may read.

    Attributes:
        hidden: The case asks for reveals.
        revealed: What this analyst revealed.
        quarantined: What is in quarantine.
    """

    hidden: bool
    revealed: Named
    quarantined: Named

    @classmethod
    def read(cls, book: LabelBook, policy: Policy, reader: str) -> Self:
        """Of the journals, for the key with this fingerprint; empty where there is none."""
        revealed = Named()
        if policy.hide_prompts and reader:
            revealed = Named.of(
                entry
                for entry in book.entries
                if entry.kind is EntryKind.REVEAL and entry.analyst.fingerprint == reader
            )
        kept = (entry for entry in book.live() if entry.kind is EntryKind.QUARANTINE)
        return cls(policy.hide_prompts, revealed, Named.of(kept))

    @property
    def free(self) -> bool:
        """Whether every text may be read."""
        return not self.hidden and self.quarantined == Named()


def made_gate(computing: Callable[[], AbstractContextManager[Engine]], asked: Asked) -> Gate:
    """The gate of what the journals say.

    Args:
        computing: Gives an engine that shows everything.
        asked: What they say.
    """
    with computing() as engine:
        return Gate(
            hidden=asked.hidden,
            revealed=asked.revealed.ids(engine),
            quarantined=quarantined(engine, asked.quarantined),
        )


def quarantined(engine: Engine, named: Named) -> Ids:
    """What is in quarantine: what was named, and every exchange that asks the same."""
    ids = named.ids(engine)
    if not len(ids.prompts):
        return ids
    engine.with_table("asked", pa.table({"prompt_id": ids.prompts}))
    rows = engine.table(_COPIES)
    return Ids(
        _both(ids.exchanges, rows.column("exchange_id")),
        ids.prompts,
        ids.systems,
        _both(ids.accounts, rows.column("account_id")),
    )


def _both(one: pa.Array, other: pa.ChunkedArray) -> pa.Array:
    every = pa.chunked_array([one, *other.cast(one.type).chunks], one.type)
    return pc.unique(every).drop_null().sort()


def _list(entry: JournalEntry, name: str) -> list[Any]:
    found = entry.body.get(name)
    return found if isinstance(found, list) else []


def _sorted(keys: set[str]) -> tuple[str, ...]:
    return tuple(sorted(keys))
