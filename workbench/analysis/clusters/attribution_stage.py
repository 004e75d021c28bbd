"""The stage ``attribution``: the exchanges of each cluster, after it was judged.

Loads what exchanges hold, asks ``attribution`` and ``witness`` cluster by cluster, and chooses
what shows each best. Holds no formula, and changes nothing that was judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.analysis.clusters.attribution import (
    Asked,
    Weigher,
    best_shown,
    beyond_usual,
    rows_of,
)
from workbench.analysis.clusters.witness import Witness
from workbench.analysis.stage import Context, Stage, StageResult
from workbench.domain.finding import ATTRIBUTED, MEMBERSHIP_THRESHOLD, Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Verdicts that are a finding: their accounts are nobody's comparison.
_FINDINGS: Final = {Verdict.MULTI_AXIS.value, Verdict.TRIAGE.value}
#: Fewest unsuspected entities that a cluster's exchanges can be compared with.
LEAST_OTHERS: Final = 30
#: Conversations of unsuspected accounts that evidence is counted against, about.
_COMPARED: Final = 200_000
#: Exchanges that show a cluster best, and how many of one region or template in a round.
SHOWN: Final = 20
_OF_KIND: Final = 4

_CLUSTERS: Final = pa.schema(
    [
        ("cluster_id", pa.string()),
        ("n_exchanges", pa.int64()),
        ("n_assessed", pa.int64()),
        ("n_attributed", pa.int64()),
        ("expected", pa.float64()),
        ("own_share", pa.float64()),
        ("n_compared", pa.int64()),
    ]
)
_ACCOUNTS: Final = pa.schema(
    [
        ("account", pa.int32()),
        ("cluster_id", pa.string()),
        ("n_exchanges", pa.int64()),
        ("n_assessed", pa.int64()),
        ("n_attributed", pa.int64()),
        ("expected", pa.float64()),
    ]
)
_SHOWN: Final = pa.schema(
    [
        ("cluster_id", pa.string()),
        ("rank", pa.int32()),
        ("exchange_id", pa.int64()),
        ("account", pa.int32()),
        ("prompt_id", pa.int32()),
        ("ts_us", pa.int64()),
        ("template", pa.int32()),
        ("witness", pa.float64()),
        ("attribution", pa.float64()),
    ]
)


def attribution_stage() -> Stage:
    """Tell a cluster's exchanges from its holders' own."""
    return Stage(
        name="attribution",
        step="Attributing exchanges",
        run=_run,
        after=(
            "accounts", "exchanges", "text.groups", "text.templates", "space.landmarks",
            "space.place", "conversations", "entities", "clusters",
        ),
        settings=("seed",),
        libraries=("numpy", "numba", "pyarrow", "scipy"),
        weight=5.0,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sent:
    """Every exchange, in the order of the stage ``exchanges``; and A accounts.

    Attributes:
        offsets: i64[A+1].
        account: i64[N].
        exchange_id: i64[N].
        ts: i64[N].
        landmark: i64[N], -1 = none.
        asked: As they are weighed; codes are region, template and near-duplicate group.
    """

    offsets: NDArray[np.int64]
    account: NDArray[np.int64]
    exchange_id: NDArray[np.int64]
    ts: NDArray[np.int64]
    landmark: NDArray[np.int64]
    asked: Asked


def _run(context: Context) -> StageResult:
    artifacts, job = context.artifacts, context.job
    table = artifacts.table("clusters", "clusters")
    ids: list[str] = table.column("cluster_id").to_pylist()
    n = len(artifacts.array("exchanges", "prompt"))
    attribution = np.full(n, np.nan, np.float32)
    witness = np.full(n, np.nan, np.float32)
    told: dict[str, list[dict[str, Any]]] = {"clusters": [], "accounts": [], "shown": []}
    if ids:
        sent = _load(context)
        random = context.random()
        witnesses = Witness(
            np.asarray(artifacts.array("space.landmarks", "vector")), sent.landmark, random
        )
        weigher = Weigher(sent.asked)
        cluster = np.asarray(artifacts.array("clusters", "cluster"))
        bound = np.asarray(artifacts.array("clusters", "membership")) >= MEMBERSHIP_THRESHOLD
        found = [verdict in _FINDINGS for verdict in table.column("verdict").to_pylist()]
        # Index -1 (no cluster) meets the element appended at the end.
        unsuspected = ~np.append(np.array(found), False)[cluster]
        compared = _thinned(sent.asked, random)
        for row, cluster_id in enumerate(ids):
            job.check()
            job.report(
                "Attributing exchanges", done=0.3 + 0.7 * row / len(ids), count=row,
                total=len(ids), unit="clusters",
            )  # fmt: skip
            accounts = np.flatnonzero((cluster == row) & bound)
            others = unsuspected & (cluster != row)
            rows = rows_of(sent.offsets, accounts)
            one = _attribute(sent, weigher, witnesses, rows, others[sent.account], compared)
            attribution[rows], witness[rows] = one.attribution, one.witness
            told["clusters"].append({"cluster_id": cluster_id, **one.counts})
            told["accounts"].extend(_by_account(sent, cluster_id, accounts, attribution))
            told["shown"].extend(_shown(sent, cluster_id, rows, one))
    schemas = {"clusters": _CLUSTERS, "accounts": _ACCOUNTS, "shown": _SHOWN}
    return StageResult(
        {"attribution": attribution, "witness": witness},
        {name: pa.Table.from_pylist(told[name], schema=schemas[name]) for name in schemas},
        {"n_attributed": int((attribution >= ATTRIBUTED).sum())},
    )


@dataclass(frozen=True, slots=True)
class _One:
    """One cluster: of each of its exchanges, and in numbers."""

    attribution: NDArray[np.float64]
    witness: NDArray[np.float64]
    counts: dict[str, Any]


def _attribute(
    sent: _Sent,
    weigher: Weigher,
    witnesses: Witness,
    rows: NDArray[np.int64],
    others: NDArray[np.bool_],
    compared: NDArray[np.bool_],
) -> _One:
    """Weigh a cluster's exchanges (``rows``) against those of unsuspected accounts (bool[N])."""
    asked = sent.asked
    members = np.zeros(len(asked.prompt), dtype=np.bool_)
    members[rows] = True
    others = others & (asked.prompt >= 0)
    attribution = np.full(len(rows), np.nan)
    counts: dict[str, Any] = {
        "n_exchanges": len(rows), "n_assessed": 0, "n_attributed": None, "expected": None,
        "own_share": None, "n_compared": 0,
    }  # fmt: skip
    assessed = asked.prompt[rows] >= 0
    n_others = int((np.bincount(asked.entity[others]) > 0).sum())
    if assessed.any() and n_others >= LEAST_OTHERS:
        against = np.flatnonzero(others & compared)
        mine = rows[assessed]
        found = weigher.evidence(members, others, mine)
        usual = weigher.evidence(members, others, against)
        # Each unsuspected entity counts alike, so that a few large ones do not say what is usual.
        volume = np.bincount(asked.entity[against])
        shared = beyond_usual(found, usual, 1.0 / volume[asked.entity[against]])
        attribution[assessed] = shared.probability
        counts |= {
            "n_assessed": len(mine),
            "n_attributed": int((shared.probability >= ATTRIBUTED).sum()),
            "expected": float(shared.probability.sum()),
            "own_share": shared.own,
            "n_compared": len(against),
        }
    witness = witnesses.of(
        rows, asked.entity[rows], weigher.once[rows], np.flatnonzero(others & weigher.once)
    )
    return _One(attribution, witness, counts)


def _thinned(asked: Asked, random: np.random.Generator) -> NDArray[np.bool_]:
    """bool[N]: whole conversations, about ``_COMPARED`` of them; all where there are no more."""
    n = int(asked.conversation.max(initial=-1)) + 1
    if n <= _COMPARED:
        return np.ones(len(asked.conversation), dtype=np.bool_)
    kept: NDArray[np.bool_] = (random.random(n) < _COMPARED / n)[asked.conversation]
    return kept


def _load(context: Context) -> _Sent:
    artifacts = context.artifacts
    offsets = np.asarray(artifacts.array("exchanges", "offsets"))
    account = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    prompt = np.asarray(artifacts.array("exchanges", "prompt")).astype(np.int64)
    exchange_id = np.asarray(artifacts.array("exchanges", "exchange_id"))

    def of_prompt(stage: str, name: str) -> NDArray[np.int64]:
        # Prompt -1 (none) meets the element appended at the end.
        values: NDArray[np.int64] = np.append(artifacts.array(stage, name), -1)[prompt]
        return values.astype(np.int64)

    return _Sent(
        offsets=offsets,
        account=account,
        exchange_id=exchange_id,
        ts=np.asarray(artifacts.array("exchanges", "ts")),
        landmark=of_prompt("space.place", "landmark"),
        asked=Asked(
            entity=np.asarray(artifacts.array("entities", "entity"))[account].astype(np.int64),
            prompt=prompt,
            codes=(
                of_prompt("space.place", "cell"),
                of_prompt("text.templates", "template"),
                of_prompt("text.groups", "group"),
            ),
            conversation=np.asarray(artifacts.array("conversations", "conversation")),
            again=np.asarray(artifacts.array("conversations", "again")),
        ),
    )


def _by_account(
    sent: _Sent,
    cluster_id: str,
    accounts: NDArray[np.int64],
    attribution: NDArray[np.float32],
) -> list[dict[str, Any]]:
    """A row of the table ``accounts`` for each account of a cluster."""
    rows = []
    for account in accounts.tolist():
        own = attribution[sent.offsets[account] : sent.offsets[account + 1]]
        known = own[~np.isnan(own)]
        rows.append(
            {
                "account": account,
                "cluster_id": cluster_id,
                "n_exchanges": len(own),
                "n_assessed": len(known),
                "n_attributed": int((known >= ATTRIBUTED).sum()),
                "expected": float(known.sum(dtype=np.float64)),
            }
        )
    return rows


def _shown(
    sent: _Sent, cluster_id: str, rows: NDArray[np.int64], one: _One
) -> list[dict[str, Any]]:
    """Rows of the table ``shown``: the exchanges that show a cluster best, the best first."""
    chosen = rows[(one.attribution >= ATTRIBUTED) & ~np.isnan(one.witness)]
    rank = np.full(len(sent.account), np.nan)
    rank[rows] = one.witness
    probability = np.full(len(sent.account), np.nan)
    probability[rows] = one.attribution
    # Of equal prompts the earliest; an unknown time is last.
    unknown = sent.ts[chosen] == np.iinfo(np.int64).min
    chosen = chosen[np.lexsort((sent.exchange_id[chosen], sent.ts[chosen], unknown))]
    region, template, group = sent.asked.codes
    best = chosen[
        best_shown(
            np.round(rank[chosen], 6), sent.account[chosen], (region[chosen], template[chosen]),
            group[chosen], most=SHOWN, of_kind=_OF_KIND,
        )
    ]  # fmt: skip
    return [
        {
            "cluster_id": cluster_id,
            "rank": number,
            "exchange_id": int(sent.exchange_id[i]),
            "account": int(sent.account[i]),
            "prompt_id": int(sent.asked.prompt[i]),
            "ts_us": None if sent.ts[i] == np.iinfo(np.int64).min else int(sent.ts[i]),
            "template": int(template[i]),
            "witness": float(rank[i]),
            "attribution": float(probability[i]),
        }
        for number, i in enumerate(best.tolist(), 1)
    ]
