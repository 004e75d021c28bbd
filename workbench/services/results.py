"""One consistent reading of what the analysis published, frozen while a newer run is under way.

Arrays are memory maps; nothing is copied that need not be. A run publishes stage by stage, so a
reading taken in its middle could mix two populations: whatever does not fit the accounts of this
reading counts as not there. This room shapes no table for the screen and knows no label.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.account import AccountKey
from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.finding import MEMBERSHIP_THRESHOLD, How
from workbench.services.attributions import STAGE as ATTRIBUTION
from workbench.services.attributions import Attributions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.domain.ports import Artifacts
    from workbench.kernels.morton import PointIndex

#: Stages that a reading is made of, in the order in which they are published.
STAGES: Final = (
    "accounts", "exchanges", "space.place", "space.segments", "signals", "entities", "clusters",
    ATTRIBUTION, "examine",
)  # fmt: skip
#: Time of an exchange that has none.
NO_TIME: Final = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Points:
    """Every exchange of the map, in the order of the segments.

    Attributes:
        x: f32[N], map coordinates.
        y: f32[N].
        account: i32[N], index into the accounts of the reading; -1 = none.
        prompt: i32[N], prompt_id; -1 = none.
        ts: i64[N], UTC microseconds; ``NO_TIME`` = none.
        exchange_id: i64[N].
        segment_offsets: i64[S+1].
        bounds: (x0, y0, x1, y1) of all points.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    account: NDArray[np.int32]
    prompt: NDArray[np.int32]
    ts: NDArray[np.int64]
    exchange_id: NDArray[np.int64]
    segment_offsets: NDArray[np.int64]
    bounds: tuple[float, float, float, float]

    @cached_property
    def index(self) -> PointIndex:
        """The points in Morton order, for shapes."""
        # Imported here: numba takes a part of a second that a command may not need.
        from workbench.kernels.morton import build_index

        return build_index(self.x, self.y, self.bounds)

    def of(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """bool[N]: the exchanges of the chosen accounts (bool[A])."""
        # Index -1 (no account) meets the last element, which is never chosen.
        marks: NDArray[np.bool_] = np.append(chosen, False)[self.account]
        return marks

    def per_account(self, n_accounts: int, marks: NDArray[np.bool_]) -> NDArray[np.int64]:
        """i64[A]: marked exchanges (bool[N]) of each account."""
        # One up: exchanges without an account are -1.
        return np.bincount(self.account[marks] + 1, minlength=n_accounts + 1)[1:].astype(np.int64)


@dataclass(frozen=True)
class Signals:
    """What was measured of each account.

    Attributes:
        specs: Table: name, axis, title, unit, needs, source, evades, not_assessed.
        value: f64[S,A]; NaN = not assessed.
        percentile: f64[S,A], 0 to 100; NaN = not assessed. Among the accounts of a saved baseline
            where ``specs`` says so, else among all of the case.
        ranking: What percentiles rest on: "baseline" (None = the case itself) and "reference"
            (accounts left out of its ordinary prompts).
        turns: When each account changed what it asks (``analysis.signals.content.turning``);
            None where it was not measured.
    """

    specs: pa.Table
    value: NDArray[np.float64]
    percentile: NDArray[np.float64]
    turns: pa.Table | None = None
    ranking: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Customers:
    """Who is openly one customer.

    Attributes:
        entity: i32[A], row in ``table``.
        table: entity, n_accounts, how (JSON message); one row a customer.
    """

    entity: NDArray[np.int32]
    table: pa.Table


@dataclass(frozen=True)
class Clusters:
    """What the analysis grouped.

    Attributes:
        table: One row a cluster; see docs/architecture.md.
        cluster: i32[A], row in ``table``; -1 = none.
        membership: f64[A].
        score: f64[A].
        level: The q up to which the analysis has a finding; None in cases of older programs.
        evidence: Kind -> f32[A] nats that speak for belonging to the cluster; NaN for who is in
            none. Empty in cases of older programs.
        held: Kind -> the least and the most nats that it can say.
    """

    table: pa.Table
    cluster: NDArray[np.int32]
    membership: NDArray[np.float64]
    score: NDArray[np.float64]
    level: float | None = None
    evidence: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    held: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Cluster ids, in the table's order."""
        return tuple(self.table.column("cluster_id").to_pylist())

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row of each cluster id."""
        return {name: row for row, name in enumerate(self.ids)}

    @cached_property
    def bound(self) -> NDArray[np.int32]:
        """i32[A]: the cluster whose verdict and label bind the account; -1 = none."""
        binds = self.membership >= MEMBERSHIP_THRESHOLD
        return np.where(binds, self.cluster, -1).astype(np.int32)


@dataclass(frozen=True)
class Results:
    """What was computed, as far as it goes.

    Attributes:
        accounts: Table ``accounts`` of the analysis; None before the first run.
        points: Exchanges on the map.
        cells: Table of the map's regions.
        signals: Signals of the accounts.
        customers: Which accounts are openly one customer.
        clusters: Clusters and what binds accounts to them.
        facts: What was looked at more closely in those clusters, one row an examination.
        how: How the numbers of those facts come about, by examination.
        attribution: Which exchanges belong to what those clusters have in common.
        digest: Changes when anything of the reading changes.
    """

    accounts: pa.Table | None = None
    points: Points | None = None
    cells: pa.Table | None = None
    signals: Signals | None = None
    customers: Customers | None = None
    clusters: Clusters | None = None
    facts: pa.Table | None = None
    how: Mapping[str, How] = field(default_factory=dict)
    attribution: Attributions | None = None
    digest: str = ""

    @classmethod
    def read(cls, artifacts: Artifacts) -> Results:
        """Read what is published now; what is missing or does not fit stays None."""
        marks = [(stage, artifacts.current(stage)) for stage in STAGES]
        digest = hashlib.sha256(
            repr([(stage, found.digest if found else "") for stage, found in marks]).encode()
        ).hexdigest()
        held = {stage for stage, found in marks if found is not None}
        if "accounts" not in held:
            return cls(digest=digest)
        accounts = artifacts.table("accounts", "accounts")
        size = accounts.num_rows
        clusters = _clusters(artifacts, size) if "clusters" in held else None
        return cls(
            accounts=accounts,
            points=_points(artifacts, size) if "space.segments" in held else None,
            cells=artifacts.table("space.place", "cells") if "space.place" in held else None,
            signals=_signals(artifacts, size) if "signals" in held else None,
            customers=_customers(artifacts, size) if "entities" in held else None,
            clusters=clusters,
            facts=_facts(artifacts),
            how=_how(artifacts),
            attribution=_attribution(artifacts, clusters),
            digest=digest,
        )

    @property
    def n_accounts(self) -> int:
        """Accounts of this reading."""
        return 0 if self.accounts is None else int(self.accounts.num_rows)

    @cached_property
    def n_undated(self) -> NDArray[np.int64]:
        """i64[A]: exchanges of each account that have no time."""
        if self.points is None:
            return np.zeros(self.n_accounts, np.int64)
        return self.points.per_account(self.n_accounts, self.points.ts == NO_TIME)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Account keys as text, by index."""
        if self.accounts is None:
            return ()
        return tuple(self.accounts.column("account_key").to_pylist())

    @cached_property
    def account_keys(self) -> tuple[AccountKey, ...]:
        """Account keys, by index."""
        return tuple(AccountKey.parse(key) for key in self.keys)

    @cached_property
    def key_order(self) -> NDArray[np.int64]:
        """i64[A]: indices in the order of their account keys."""
        keys = self.account_keys
        order = sorted(
            range(len(keys)), key=lambda i: (keys[i].kind, keys[i].namespace, keys[i].value)
        )
        return np.array(order, dtype=np.int64)

    @cached_property
    def index_of(self) -> dict[str, int]:
        """Index of each account key."""
        return {key: index for index, key in enumerate(self.keys)}

    def indices(self, keys: tuple[str, ...] | list[str]) -> NDArray[np.int64]:
        """Indices of the account keys that this reading holds, ascending."""
        found = [self.index_of[key] for key in keys if key in self.index_of]
        return np.unique(np.array(found, dtype=np.int64))

    def by_value(self, value: str) -> tuple[str, ...]:
        """Keys of the accounts that the log calls ``value``; several in different namespaces."""
        if self.accounts is None:
            return ()
        rows = self.accounts.filter(pc.equal(self.accounts.column("value"), value))
        return tuple(rows.column("account_key").to_pylist())


def not_analysed() -> NotAssessedError:
    """What is said to whoever asks for accounts or clusters before they were looked for."""
    return NotAssessedError(
        "The case has not been analysed yet.", remedy="Run: workbench analyse CASE"
    )


def account_key(results: Results, account: AccountKey | str) -> str:
    """The key of an account, given as a key or as the value that the log gave.

    Raises:
        InputError: There is no such account, or the value names several.
        NotAssessedError: The case has not been analysed.
    """
    if isinstance(account, AccountKey):
        account = str(account)
    if results.accounts is None:
        raise not_analysed()
    if account in results.index_of:
        return account
    found = results.by_value(account)
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"{account} names {len(found)} accounts: {', '.join(found)}.",
            remedy="Give the whole key, kind:namespace:value.",
        )
    raise InputError(
        f"There is no account {account}.",
        remedy="See the ids with: workbench accounts CASE (where accounts go by pseudonyms, with: "
        "workbench pseudonym CASE account_id NAME).",
    )


def cluster_row(results: Results, cluster_id: str) -> int:
    """Row of a cluster in the reading.

    Raises:
        InputError: There is no such cluster.
        NotAssessedError: The case has not been analysed.
    """
    if results.clusters is None:
        raise not_analysed()
    rows = results.clusters.row_of
    if cluster_id not in rows:
        raise InputError(
            f"There is no cluster {cluster_id}.", remedy="See the ids with: workbench clusters CASE"
        )
    return rows[cluster_id]


def _points(artifacts: Artifacts, n_accounts: int) -> Points | None:
    def get(name: str) -> NDArray[Any]:
        return artifacts.array("space.segments", name)

    account = get("account")
    if account.size and int(account.max()) >= n_accounts:
        return None
    x0, y0, x1, y1 = (float(value) for value in get("bounds"))
    return Points(
        get("x"),
        get("y"),
        account,
        get("prompt"),
        get("ts"),
        get("exchange_id"),
        get("segment_offsets"),
        (x0, y0, x1, y1),
    )


def _signals(artifacts: Artifacts, n_accounts: int) -> Signals | None:
    value = artifacts.array("signals", "value")
    if value.shape[1] != n_accounts:
        return None
    try:
        turns = artifacts.table("signals", "turning")
    except KeyError:  # the log lacks what it needs
        turns = None
    specs = artifacts.table("signals", "specs")
    published = artifacts.current("signals")
    ranking = dict(published.info) if published is not None else {}
    # A case that an older program analysed knows percentiles within itself only.
    told = "told" if "baseline" in specs.column_names else "percentile"
    return Signals(specs, value, artifacts.array("signals", told), turns, ranking)


def _customers(artifacts: Artifacts, n_accounts: int) -> Customers | None:
    entity = artifacts.array("entities", "entity")
    if entity.shape[0] != n_accounts:
        return None
    return Customers(entity, artifacts.table("entities", "entities"))


def _clusters(artifacts: Artifacts, n_accounts: int) -> Clusters | None:
    cluster = artifacts.array("clusters", "cluster")
    if cluster.shape[0] != n_accounts:
        return None
    published = artifacts.current("clusters")
    info = {} if published is None else published.info
    held = info.get("evidence", {})
    evidence = artifacts.array("clusters", "evidence") if held else ()
    return Clusters(
        artifacts.table("clusters", "clusters"),
        cluster,
        artifacts.array("clusters", "membership"),
        artifacts.array("clusters", "score"),
        info.get("level"),
        dict(zip(held, evidence, strict=True)),
        held,
    )


def _attribution(artifacts: Artifacts, clusters: Clusters | None) -> Attributions | None:
    if clusters is None or artifacts.current(ATTRIBUTION) is None:
        return None
    return Attributions.read(artifacts, clusters.bound)


def _facts(artifacts: Artifacts) -> pa.Table | None:
    """Facts of the clusters that are published now, not of those of the run before."""
    judged, examined = artifacts.current("clusters"), artifacts.current("examine")
    if judged is None or examined is None or examined.info.get("clusters") != judged.digest:
        return None
    return artifacts.table("examine", "facts")


def _how(artifacts: Artifacts) -> dict[str, How]:
    """How the numbers of facts come about; nothing in cases that an older program analysed."""
    try:
        rows = artifacts.table("examine", "specs").to_pylist()
    except KeyError:
        return {}
    return {row.pop("name"): How(**row) for row in rows}
