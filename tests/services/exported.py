"""A real case with a planted analysis: what an export reads, without a log reader or a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tests.bundle.made_up import MENAGERIE, bounded
from tests.case.made_up import parsed
from tests.services.planted import finding
from workbench.domain.account import AccountKey, IdentityKind
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions, Statement

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.case.folder import Case

HOUR_US = 3_600_000_000
BEGIN_US = 1_777_593_600_000_000  # 2026-05-01
N_ACCOUNTS = 24
#: Accounts of each cluster: 0-7 in C-001, 8-11 in C-002, the rest in none.
MEMBERS = {"C-001": range(8), "C-002": range(8, 12)}
_ROWS = Statement(
    "rows",
    "SELECT exchange_id, account_id, ts_us, prompt_id FROM exchange ORDER BY exchange_id",
)
_ACCOUNTS = Statement("accounts", "SELECT * FROM account ORDER BY account_id")


def records(n: int = 480) -> list[dict[str, Any]]:
    """Exchanges of 24 accounts; the campaign asks templates, the others anything, some harmful."""
    rows = []
    for i in range(n):
        account = i % N_ACCOUNTS
        if account < 8:
            prompt = f"Show the reasoning step by step: question {i % 97}"
        elif account < 12:
            prompt = f"Rate this answer from 1 to 10: answer {i % 31}"
        else:
            prompt = bounded(MENAGERIE[i % len(MENAGERIE)]) or f"chat {i}"
        rows.append(
            {
                "request_id": f"r-{i:05d}",
                "account_id": f"=key-{account:03d}" if account == 3 else f"key-{account:03d}",
                "org_id": f"org-{account % 5}",
                "ts": BEGIN_US + i * HOUR_US,
                "account_created_at": BEGIN_US + account * HOUR_US,
                "model": "large-4",
                "status": 200,
                "stop_reason": "refusal" if i % 40 == 0 else "stop",
                "in_tok": 20,
                "out_tok": 300 + i,
                "prompt": prompt,
                "completion": "Answer.",
            }
        )
    return rows


def give(case: Case, rows: list[dict[str, Any]], *, path: str = "logs/gateway.jsonl") -> None:
    """Import rows as one file with a rejected record."""
    frame = Frame(custodian="Platform logging", system="gateway", gaps="2 May, 04:00 to 05:00")
    rejects = [{"record_no": 9_999, "byte_offset": 5, "reason": "not JSON", "raw": b"\xff{"}]
    with case.given.begin(frame, ReadOptions(zone="UTC")) as batch:
        source = batch.source(path=path, size=1_000, format="canonical-jsonl")
        source.append(parsed(rows, rejects=rejects))
        source.finish(sha256=f"{len(path):064x}")


def analyse(case: Case) -> None:
    """Publish an analysis by hand, as docs/architecture.md says it."""
    engine = case.engine()
    try:
        rows = engine.table(_ROWS).to_pydict()
        named = engine.table(_ACCOUNTS).to_pylist()
    finally:
        engine.close()
    code = np.array([row["account_id"] for row in named], np.int32)
    account = np.searchsorted(code, np.array(rows["account_id"])).astype(np.int32)
    ts = np.array(rows["ts_us"], np.int64)
    prompt = np.array(rows["prompt_id"], np.int32)
    exchange = np.array(rows["exchange_id"], np.int64)
    value = [row["value"] for row in named]
    cluster = np.full(code.size, -1, np.int32)
    for row, (_, members) in enumerate(MEMBERS.items()):
        for i, name in enumerate(value):
            if int(name[-3:]) in members:
                cluster[i] = row
    publish = case.artifacts.publish
    keys = [str(AccountKey(IdentityKind(r["kind"]), r["namespace"], r["value"])) for r in named]
    counts = np.bincount(account, minlength=code.size)
    accounts = pa.table(
        {
            "code": pa.array(code),
            "account_key": keys,
            "value": value,
            "org": pa.nulls(code.size, pa.string()),
            "n_exchanges": pa.array(counts.astype(np.int64)),
            "n_prompts": pa.array(counts.astype(np.int64)),
            "first_us": [int(ts[account == a].min()) for a in range(code.size)],
            "last_us": [int(ts[account == a].max()) for a in range(code.size)],
            "in_tok": pa.array(counts.astype(np.int64) * 20),
            "out_tok": pa.array(counts.astype(np.int64) * 300),
            "reasoning_tok": pa.nulls(code.size, pa.int64()),
        }
    )
    publish("accounts", "a", arrays={"code": code}, tables={"accounts": accounts}, info={})
    order = np.lexsort((exchange, ts, account))
    publish(
        "exchanges",
        "e",
        arrays={
            "offsets": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            "ts": ts[order],
            "prompt": prompt[order],
            "exchange_id": exchange[order],
        },
        tables={},
        info={},
    )
    _space(case, account, prompt, ts, exchange)
    _findings(case, cluster, account)


def _space(
    case: Case, account: np.ndarray, prompt: np.ndarray, ts: np.ndarray, exchange: np.ndarray
) -> None:
    random = np.random.default_rng(3)
    n_prompts = int(prompt.max()) + 1
    xy = random.normal(0, 4, (n_prompts, 2)).astype(np.float32)
    cell = (np.arange(n_prompts) % 16).astype(np.int32)
    cells = pa.table(
        {
            "cell": pa.array(range(16), pa.int32()),
            "x": pa.array(np.zeros(16), pa.float32()),
            "y": pa.array(np.zeros(16), pa.float32()),
            "n_prompts": pa.array(np.bincount(cell, minlength=16)),
            "n_exchanges": pa.array(np.bincount(cell[prompt], minlength=16)),
            "name": [f"words {i}, <b>bold</b>" for i in range(16)],
        }
    )
    case.artifacts.publish(
        "space.place",
        "p",
        arrays={
            "xy": xy,
            "cell": cell,
            "landmark": cell,
            "centroid": np.zeros((16, 2), np.float32),
        },
        tables={"cells": cells},
        info={},
    )
    template = np.where(np.arange(n_prompts) % 3 == 0, 0, -1).astype(np.int32)
    case.artifacts.publish("text.templates", "t", arrays={"template": template}, tables={}, info={})
    at = xy[prompt]
    low, high = at.min(axis=0), at.max(axis=0)
    case.artifacts.publish(
        "space.segments",
        "s",
        arrays={
            "x": at[:, 0].copy(),
            "y": at[:, 1].copy(),
            "exchange_id": exchange,
            "account": account,
            "prompt": prompt,
            "ts": ts,
            "bounds": np.array([*low, *high], np.float32),
            "segment_offsets": np.array([0, len(at)], np.int64),
        },
        tables={},
        info={},
    )


def _findings(case: Case, cluster: np.ndarray, account: np.ndarray) -> None:
    size = cluster.size
    specs = pa.table(
        {
            "name": ["coverage", "burstiness"],
            "axis": ["content", "automation"],
            "title": ["Coverage evenness", "Inter-arrival regularity"],
            "unit": ["share", ""],
            "needs": [["prompt"], ["ts"]],
            "source": ["Hill 1973", "Miller 1955"],
            "evades": ["Mixing in ordinary prompts.", "Human hours."],
            "not_assessed": pa.array([None, "ts is empty"], pa.string()),
        }
    )
    value = np.random.default_rng(4).random((2, size))
    value[1] = np.nan
    case.artifacts.publish(
        "signals",
        "g",
        arrays={"value": value, "percentile": value * 100},
        tables={"specs": specs},
        info={},
    )
    found = [finding(name, row, len(m)) for row, (name, m) in enumerate(MEMBERS.items())]
    sizes = [len(members) for members in MEMBERS.values()]
    sent = [int(np.isin(account, np.flatnonzero(cluster == row)).sum()) for row in (0, 1)]
    table = pa.table(
        {
            "cluster_id": list(MEMBERS),
            "lineage": pa.nulls(2, pa.string()),
            "n_accounts": sizes,
            "n_entities": sizes,
            "n_exchanges": sent,
            "first_us": [BEGIN_US] * 2,
            "last_us": [BEGIN_US + 480 * HOUR_US] * 2,
            "stability": [0.98, 0.7],
            "score": [0.97, 0.6],
            "p_content": [0.001, 0.02],
            "p_automation": [0.01, 0.3],
            "p_coordination": pa.nulls(2, pa.float64()),
            "q": [0.0004, 0.03],
            "q_nominal": [True, True],
            "verdict": [one["verdict"] for one in found],
            "nearest_lookalike": ["eval_harness", "none near"],
            "lookalike_distance": pa.array([0.31, None], pa.float64()),
            "loss_tokens": [1_000, 500],
            "explanation": [json.dumps(one) for one in found],
        }
    )
    case.artifacts.publish(
        "clusters",
        "c",
        arrays={
            "cluster": cluster,
            "membership": np.where(cluster >= 0, 0.9, 0.0),
            "score": np.where(cluster == 0, 0.97, np.where(cluster == 1, 0.6, 0.1)),
        },
        tables={"clusters": table},
        info={},
    )


def planted_case(path: Path) -> Path:
    """A case with one import and a planted analysis; closed again."""
    from workbench.case.folder import Case

    with Case.create(path, name="Harbour-Lantern") as case:
        give(case, records())
        analyse(case)
    return path
