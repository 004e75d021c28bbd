"""A published analysis made by hand: what the window shows, without a log or a run.

Accounts 0..n-1 sit in clusters by turns, the rest in none. Every array has the shape that
docs/architecture.md gives it, so that views and services are tested against the contract.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tests.analysis.fakes import FakeArtifacts, FakeCase
from workbench.case.folder import Case
from workbench.domain.exchange import RECORD_SCHEMA, REJECT_SCHEMA, Frame
from workbench.domain.ports import Parsed, ReadOptions
from workbench.kernels.morton import morton_order

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.domain.ports import Artifacts

DAY_US = 86_400_000_000
BEGIN_US = 1_777_593_600_000_000  # 2026-05-01
TOPICS = (
    "SQL and data frames",
    "Maths: proofs",
    "Python debugging",
    "Legal, contracts",
    "Role play, fiction",
    "Customer support",
    "Grading, rubrics",
    "Web front end",
)


@dataclass(frozen=True)
class Planted:
    rows: list[dict[str, Any]]
    artifacts: FakeArtifacts
    keys: tuple[str, ...]
    cluster: np.ndarray
    membership: np.ndarray

    def without_knowledge(self) -> Planted:
        """The same with everything NULL that may be NULL: no time, no score, no axis, no loss."""
        artifacts = FakeArtifacts(
            dict(self.artifacts.entries), dict(self.artifacts.arrays), dict(self.artifacts.tables)
        )
        arrays, tables = artifacts.arrays, artifacts.tables
        for stage, name in (("exchanges", "ts"), ("space.segments", "ts")):
            arrays[stage, name] = np.full_like(arrays[stage, name], np.iinfo(np.int64).min)
        for stage, name in (
            ("signals", "value"),
            ("signals", "percentile"),
            ("clusters", "score"),
        ):
            arrays[stage, name] = np.full_like(arrays[stage, name], np.nan)
        arrays["space.segments", "prompt"] = np.full_like(arrays["space.segments", "prompt"], -1)
        known = {"cluster_id", "verdict", "n_accounts", "n_exchanges", "explanation", "score"}
        tables["clusters", "clusters"] = _emptied(tables["clusters", "clusters"], known)
        known = {"code", "account_key", "value", "n_exchanges", "n_prompts"}
        tables["accounts", "accounts"] = _emptied(tables["accounts", "accounts"], known)
        return replace(self, artifacts=artifacts)

    def fake_case(self) -> FakeCase:
        """The log in memory."""
        return FakeCase(self.rows)

    def fill(self, path: Path) -> Path:
        """A real case folder that holds the log and the published analysis."""
        with Case.create(path) as case:
            with case.given.begin(Frame(system="gateway"), ReadOptions(zone="UTC")) as batch:
                source = batch.source(path="planted.jsonl", size=1, format="canonical")
                source.append(_parsed(self.rows))
                source.finish(sha256="0" * 64)
            for stage, entry in self.artifacts.entries.items():
                arrays = {n: a for (s, n), a in self.artifacts.arrays.items() if s == stage}
                tables = {n: t for (s, n), t in self.artifacts.tables.items() if s == stage}
                case.artifacts.publish(stage, entry.key, arrays=arrays, tables=tables, info={})
        return path


def _emptied(table: pa.Table, known: set[str]) -> pa.Table:
    columns = [
        table.column(f.name) if f.name in known else pa.nulls(table.num_rows, f.type)
        for f in table.schema
    ]
    return pa.table(columns, schema=table.schema)


def _parsed(rows: list[dict[str, Any]]) -> Parsed:
    columns = {field.name: [row.get(field.name) for row in rows] for field in RECORD_SCHEMA}
    columns["record_no"] = list(range(1, len(rows) + 1))
    columns["byte_offset"] = list(range(len(rows)))
    columns["coerced"] = [0] * len(rows)
    records = pa.RecordBatch.from_pydict(columns, schema=RECORD_SCHEMA)
    return Parsed(records, pa.RecordBatch.from_pylist([], schema=REJECT_SCHEMA))


def finding(cluster_id: str, row: int, n_accounts: int) -> dict[str, Any]:
    """The JSON of a Finding, as the stage clusters publishes it."""
    return {
        "subject": cluster_id,
        "verdict": ("multi-axis", "triage", "no-finding", "not-assessed")[row % 4],
        "score": 0.97 - 0.05 * row,
        "q": 0.0004 * (row + 1),
        "q_nominal": True,
        "axes": {"content": 0.001, "automation": 0.01, "coordination": 0.2},
        "story": [
            {
                "key": "cluster.size",
                "params": {
                    "n_accounts": n_accounts,
                    "n_customers": n_accounts,
                    "n_exchanges": 100,
                    "first_us": None,
                    "last_us": None,
                },
            }
        ],
        "signals": [
            {
                "signal": "coverage",
                "axis": "content",
                "value": 0.91,
                "percentile": 99.6,
                "message": {
                    "key": "measure.cluster",
                    "params": {
                        "measure": "coverage",
                        "value": 0.91,
                        "z": 2.7,
                        "percentile": 99.6,
                    },
                },
            },
            {
                "signal": "burstiness",
                "axis": "automation",
                "value": None,
                "percentile": None,
                "message": {"key": "measure.not_assessed", "params": {"measure": "burstiness"}},
            },
        ],
        "against": [{"key": "against.nothing", "params": {"n_kinds": 6}}],
        "nearest_lookalike": "eval_harness",
        "check_next": [{"key": "check.near", "params": {"n_accounts": 3}}],
        "lookalikes": [
            {
                "key": "lookalike.beside",
                "params": {"kind": kind, "distance": distance, "alike": alike, "unlike": unlike},
            }
            for kind, distance, alike, unlike in (
                ("eval_harness", 0.31, ["days", "repeats"], []),
                ("fleet", 2.53, [], ["customers"]),
            )
        ],
    }


def plant(
    *,
    n_accounts: int = 40,
    n_exchanges: int = 600,
    n_clusters: int = 3,
    size: int = 8,
    seed: int = 1,
    prompts: tuple[str, ...] = (),
    moments: bool = False,
) -> Planted:
    """A case of ``n_clusters`` clusters of ``size`` accounts; member ``size-1`` is below half.

    With ``moments`` account ``a`` was created a day before the first exchange for every even a,
    and a days after it for the others; the last exchange of account 1 was refused as suspended.
    """
    random = np.random.default_rng(seed)
    account = random.integers(0, n_accounts, n_exchanges).astype(np.int32)
    account[random.choice(n_exchanges, n_accounts, replace=False)] = np.arange(n_accounts)
    account.sort()
    cluster = np.full(n_accounts, -1, dtype=np.int32)
    cluster[: n_clusters * size] = np.arange(n_clusters * size) // size
    n_prompts = max(1, n_exchanges // 3)
    topic = np.where(
        cluster[account] >= 0, cluster[account] % 8, random.integers(3, 8, n_exchanges)
    )
    asked = topic * (n_prompts // 8) + random.integers(0, max(1, n_prompts // 8), n_exchanges)
    prompt = np.minimum(asked, n_prompts - 1).astype(np.int32)
    ts = (BEGIN_US + random.integers(0, 50 * DAY_US, n_exchanges)).astype(np.int64)
    wave = cluster[account].astype(np.int64) * 5
    member = wave >= 0
    ts[member] = BEGIN_US + wave[member] * DAY_US + (ts[member] - BEGIN_US) // 4
    ts[random.random(n_exchanges) < 0.01] = np.iinfo(np.int64).min
    texts = [
        prompts[i] if i < len(prompts) else f"{TOPICS[i * 8 // n_prompts % 8]}: question {i}"
        for i in range(n_prompts)
    ]
    rows = [
        {
            "account_id": f"key-{account[i]:05x}",
            "org_id": f"org-{account[i] % 7}",
            "ts": None if ts[i] < 0 else int(ts[i]),
            "prompt": texts[prompt[i]],
            "in_tok": 12,
            "out_tok": 34,
        }
        for i in range(n_exchanges)
    ]
    if moments:
        for row, a in zip(rows, account.tolist(), strict=True):
            row["account_created_at"] = BEGIN_US + (a if a % 2 else -1) * DAY_US
        of_one = [i for i in range(n_exchanges) if account[i] == 1 and ts[i] >= 0]
        rows[max(of_one, key=lambda i: ts[i])]["error_type"] = "account_suspended"
    # The case numbers prompts by first use.
    used, first_use, inverse = np.unique(prompt, return_index=True, return_inverse=True)
    rank = np.empty(used.size, dtype=np.int32)
    rank[np.argsort(first_use)] = np.arange(used.size)
    prompt = rank[inverse]
    artifacts = FakeArtifacts()
    keys = tuple(f"key:gateway:key-{index:05x}" for index in range(n_accounts))
    _publish_accounts(artifacts, keys, account, ts, prompt)
    centre = random.uniform(-8, 8, (8, 2))
    at = centre[topic] + random.normal(0, 0.9, (n_exchanges, 2))
    _publish_space(artifacts, at.astype(np.float32), account, prompt, ts, centre)
    membership = np.where(cluster >= 0, 0.9, 0.0)
    membership[[row * size + size - 1 for row in range(n_clusters)]] = 0.3
    _publish_signals(artifacts, n_accounts, random)
    _publish_clusters(artifacts, cluster, membership, account, ts, n_clusters, random)
    return Planted(rows, artifacts, keys, cluster, membership)


def _publish_accounts(
    artifacts: Artifacts,
    keys: tuple[str, ...],
    account: np.ndarray,
    ts: np.ndarray,
    prompt: np.ndarray,
) -> None:
    size = len(keys)
    counts = np.bincount(account, minlength=size)
    dated = np.where(ts < 0, BEGIN_US, ts)
    first = np.array([dated[account == a].min(initial=BEGIN_US + 90 * DAY_US) for a in range(size)])
    last = np.array([dated[account == a].max(initial=BEGIN_US) for a in range(size)])
    table = pa.table(
        {
            "code": pa.array(np.arange(size), pa.int32()),
            "account_key": list(keys),
            "value": [key.split(":", 2)[2] for key in keys],
            "org": pa.array([None if a % 5 == 0 else f"org-{a % 7}" for a in range(size)]),
            "n_exchanges": pa.array(counts, pa.int64()),
            "n_prompts": pa.array(counts, pa.int64()),
            "first_us": pa.array(first, pa.int64()),
            "last_us": pa.array(last, pa.int64()),
            "in_tok": pa.array(counts * 12, pa.int64()),
            "out_tok": pa.array(counts * 34, pa.int64()),
            "reasoning_tok": pa.nulls(size, pa.int64()),
        }
    )
    code = np.arange(size, dtype=np.int32)
    artifacts.publish("accounts", "a", arrays={"code": code}, tables={"accounts": table}, info={})
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    order = np.lexsort((ts, account))
    artifacts.publish(
        "exchanges",
        "e",
        arrays={
            "offsets": offsets,
            "ts": ts[order],
            "prompt": prompt[order],
            "exchange_id": order.astype(np.int64),
        },
        tables={},
        info={},
    )


def _publish_space(
    artifacts: Artifacts,
    at: np.ndarray,
    account: np.ndarray,
    prompt: np.ndarray,
    ts: np.ndarray,
    centre: np.ndarray,
) -> None:
    cells = pa.table(
        {
            "cell": pa.array(range(8), pa.int32()),
            "x": pa.array(centre[:, 0], pa.float32()),
            "y": pa.array(centre[:, 1], pa.float32()),
            "n_prompts": pa.array([len(prompt) // 8] * 8, pa.int64()),
            "n_exchanges": pa.array([len(prompt) // 8] * 8, pa.int64()),
            "name": list(TOPICS),
        }
    )
    artifacts.publish("space.place", "p", arrays={}, tables={"cells": cells}, info={})
    low, high = at.min(axis=0), at.max(axis=0)
    order = morton_order(at[:, 0].copy(), at[:, 1].copy())
    artifacts.publish(
        "space.segments",
        "s",
        arrays={
            "x": at[order, 0],
            "y": at[order, 1],
            "exchange_id": order.astype(np.int64),
            "account": account[order],
            "prompt": prompt[order],
            "ts": ts[order],
            "bounds": np.array([*low, *high], dtype=np.float32),
            "segment_offsets": np.array([0, len(at)], dtype=np.int64),
        },
        tables={},
        info={},
    )


def _publish_signals(artifacts: Artifacts, n_accounts: int, random: np.random.Generator) -> None:
    specs = pa.table(
        {
            "name": ["coverage", "burstiness", "shared_payment"],
            "axis": ["content", "automation", "coordination"],
            "title": ["Coverage evenness", "Inter-arrival regularity", "Shared payment hash"],
            "unit": ["share", "", ""],
            "needs": [["prompt"], ["ts"], ["payment_hash"]],
            "source": ["Hill 1973", "Miller 1955", "Naus 1965"],
            "evades": ["", "", ""],
            "tested": [True, False, True],
            "not_assessed": pa.array([None, None, "payment_hash is empty"], pa.string()),
        }
    )
    value = random.random((3, n_accounts))
    percentile = value * 100
    value[2], percentile[2] = np.nan, np.nan
    artifacts.publish(
        "signals", "g", arrays={"value": value, "percentile": percentile},
        tables={"specs": specs}, info={},
    )  # fmt: skip


def _publish_clusters(
    artifacts: Artifacts,
    cluster: np.ndarray,
    membership: np.ndarray,
    account: np.ndarray,
    ts: np.ndarray,
    n_clusters: int,
    random: np.random.Generator,
) -> None:
    ids = [f"C-{row + 1:03d}" for row in range(n_clusters)]
    sizes = [int((cluster == row).sum()) for row in range(n_clusters)]
    found = [finding(name, row, sizes[row]) for row, name in enumerate(ids)]
    inside = [np.isin(account, np.flatnonzero(cluster == row)) for row in range(n_clusters)]
    dated = [ts[mask & (ts >= 0)] for mask in inside]
    table = pa.table(
        {
            "cluster_id": pa.array(ids, pa.string()),
            "lineage": pa.array([None] * n_clusters, pa.string()),
            "n_accounts": pa.array(sizes, pa.int64()),
            "n_entities": pa.array(sizes, pa.int64()),
            "n_exchanges": pa.array([int(mask.sum()) for mask in inside], pa.int64()),
            "first_us": pa.array([int(t.min()) if t.size else None for t in dated], pa.int64()),
            "last_us": pa.array([int(t.max()) if t.size else None for t in dated], pa.int64()),
            "stability": pa.array([0.98] * n_clusters, pa.float64()),
            "score": pa.array([f["score"] for f in found], pa.float64()),
            "p_content": pa.array([0.001] * n_clusters, pa.float64()),
            "p_automation": pa.array([0.01] * n_clusters, pa.float64()),
            "p_coordination": pa.array([None] * n_clusters, pa.float64()),
            "q": pa.array([f["q"] for f in found], pa.float64()),
            "q_nominal": pa.array([True] * n_clusters, pa.bool_()),
            "verdict": pa.array([f["verdict"] for f in found], pa.string()),
            "nearest_lookalike": pa.array(["eval_harness"] * n_clusters, pa.string()),
            "lookalike_distance": pa.array([0.31] * n_clusters, pa.float64()),
            "loss_tokens": pa.array([34 * int(mask.sum()) for mask in inside], pa.int64()),
            "explanation": pa.array([json.dumps(f) for f in found], pa.string()),
        }
    )
    score = np.where(
        cluster >= 0, 0.97 - 0.05 * np.maximum(cluster, 0), random.random(len(cluster)) * 0.4
    )
    artifacts.publish(
        "clusters",
        "c",
        arrays={"cluster": cluster, "membership": membership, "score": score},
        tables={"clusters": table},
        info={},
    )
