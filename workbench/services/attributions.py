"""Which exchanges belong to what their accounts' cluster has in common, read back and told.

Whatever does not fit the clusters of the reading counts as not there. Words are made later
(``services.wording``); here are message keys with parameters only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.finding import ATTRIBUTED
from workbench.domain.signal import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.domain.ports import Artifacts

STAGE: Final = "attribution"
#: How the exchanges that show a cluster best are chosen, as it is printed beside them.
RULE: Final = (
    "Chosen by rule, not by hand: exchanges that belong to what the cluster's accounts have in "
    "common (attribution of one half or more), those first that lie densest among the cluster's "
    "prompts and thinnest among those of accounts without a finding (witness function); one of a "
    "wording, and in each round one of an account, four of a template and four of a region."
)
#: Below this share of an account's exchanges, more than three quarters of it is its holders' own.
_LITTLE: Final = 0.25
#: Exchanges of an account of which such a thing can be said.
_ENOUGH: Final = 12
_COUNTS: Final = ("n_exchanges", "n_assessed", "n_attributed")


@dataclass(frozen=True)
class Attributions:
    """What the analysis attributed. N exchanges in the order of the stage ``exchanges``.

    Attributes:
        exchange_id: i64[N].
        attribution: f32[N], probability; NaN = not assessed, or of an account in no cluster.
        witness: f32[N], the witness function; NaN likewise.
        accounts: Table: account (index), cluster_id, n_exchanges, n_assessed, n_attributed,
            expected (the sum of its probabilities).
        clusters: Table: cluster_id, the same counts, own_share, n_compared.
        shown: Table: cluster_id, rank, exchange_id, account, prompt_id, ts_us, template,
            witness, attribution.
    """

    exchange_id: NDArray[np.int64]
    attribution: NDArray[np.float32]
    witness: NDArray[np.float32]
    accounts: pa.Table
    clusters: pa.Table
    shown: pa.Table

    @classmethod
    def read(cls, artifacts: Artifacts, bound: NDArray[np.int32]) -> Attributions | None:
        """What is published, or None where it is of other clusters than the reading's.

        Args:
            artifacts: Where it is published.
            bound: i32[A], cluster that binds each account; -1 = none.
        """
        accounts = artifacts.table(STAGE, "accounts")
        found = cls(
            artifacts.array("exchanges", "exchange_id"),
            artifacts.array(STAGE, "attribution"),
            artifacts.array(STAGE, "witness"),
            accounts,
            artifacts.table(STAGE, "clusters"),
            artifacts.table(STAGE, "shown"),
        )
        of = np.sort(accounts.column("account").to_numpy())
        fits = found.exchange_id.size == found.attribution.size
        return found if fits and np.array_equal(of, np.flatnonzero(bound >= 0)) else None

    def of(
        self, exchange_id: NDArray[np.int64], values: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """f32[n]: attribution (or f32[N] ``values``) by exchange id; NaN for one not there."""
        values = self.attribution if values is None else values
        order = self._order
        at = np.searchsorted(self.exchange_id, exchange_id, sorter=order)
        row = order[np.minimum(at, max(len(order) - 1, 0))] if len(order) else at
        found = np.full(len(exchange_id), np.nan, np.float32)
        if len(order):
            there = self.exchange_id[row] == exchange_id
            found[there] = values[row[there]]
        return found

    def by_prompt(
        self, exchange_id: NDArray[np.int64], prompt: NDArray[np.int32], ids: NDArray[np.int64]
    ) -> pa.Array:
        """How many of some exchanges are attributed, by prompt; NULL where none was assessed.

        Args:
            exchange_id: i64[n].
            prompt: i32[n] of each, -1 = none.
            ids: i64[k] prompts to count for.
        """
        values = self.of(exchange_id)
        known = ~np.isnan(values) & (prompt >= 0)
        size = int(ids.max(initial=-1)) + 1
        assessed = np.bincount(prompt[known], minlength=size)[ids]
        counts = np.bincount(prompt[known & (values >= ATTRIBUTED)], minlength=size)[ids]
        return pa.array(counts, pa.int64(), mask=assessed == 0)

    def counts_of_account(self, index: int) -> dict[str, Any] | None:
        """The row of an account, by index; None for one in no cluster."""
        return _row(self.accounts, "account", index)

    def counts_of_cluster(self, cluster_id: str) -> dict[str, Any] | None:
        """The row of a cluster; None where it was not assessed."""
        row = _row(self.clusters, "cluster_id", cluster_id)
        return row if row and row["n_assessed"] else None

    def shown_of(self, cluster_id: str) -> pa.Table:
        """The exchanges that show a cluster best, the best first: rows of ``shown``."""
        return self.shown.filter(pc.equal(self.shown.column("cluster_id"), cluster_id))

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.argsort(self.exchange_id, kind="stable")


def told_of_cluster(found: Attributions | None, cluster_id: str) -> tuple[Message, ...]:
    """How much of what a cluster's accounts sent belongs to what they have in common."""
    row = found.counts_of_cluster(cluster_id) if found else None
    if found is None or row is None:
        return ()
    members = found.accounts.filter(pc.equal(found.accounts.column("cluster_id"), cluster_id))
    little = sum(_mostly_own(account) for account in members.to_pylist())
    counts = {name: row[name] for name in _COUNTS}
    return (Message("cluster.attributed", counts | {"n_mostly_own": little}),)


def told_of_account(found: Attributions | None, index: int) -> tuple[Message, ...]:
    """How much of what an account sent belongs to what its cluster has in common."""
    row = found.counts_of_account(index) if found else None
    if row is None or not row["n_assessed"]:
        return ()
    params = {name: row[name] for name in (*_COUNTS, "cluster_id")}
    messages = [Message("account.attributed", params)]
    if _mostly_own(row):
        messages.append(Message("account.mostly_own"))
    return tuple(messages)


def _mostly_own(row: Mapping[str, Any]) -> bool:
    """Whether little of an account's row of counts belongs to its cluster's."""
    enough: bool = row["n_assessed"] >= _ENOUGH
    return enough and row["n_attributed"] < _LITTLE * row["n_assessed"]


def _row(table: pa.Table, column: str, value: Any) -> dict[str, Any] | None:
    rows = table.filter(pc.equal(table.column(column), value)).to_pylist()
    return dict(rows[0]) if rows else None
