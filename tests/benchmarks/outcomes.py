"""Results of runs made by hand, and what is said of them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from benchmarks.evaluation.plan import Run
from benchmarks.evaluation.records import judge
from benchmarks.evaluation.requirements import requirements
from benchmarks.evaluation.results import Results
from benchmarks.evaluation.runs import Outcome
from workbench.domain.finding import ACCOUNTS_SCHEMA

FACTS = {
    "exchanges": 1000,
    "seconds": 60.0,
    "planted_exchanges": 200,
    "harvested": 180,
    "best_column": 0.3,
}


def outcome(run: Run, rows: list[tuple[str, str, str, str]], **facts: Any) -> Outcome:
    """Accounts of (kind or campaign, organisation, cluster, verdict)."""
    columns: dict[str, list[Any]] = {name: [None] * len(rows) for name in ACCOUNTS_SCHEMA.names}
    columns["account_id"] = [f"a{number}" for number in range(len(rows))]
    columns["org_id"] = [row[1] or None for row in rows]
    columns["cluster_id"] = [row[2] or None for row in rows]
    columns["membership"] = [1.0 if row[2] else None for row in rows]
    columns["verdict"] = [row[3] for row in rows]
    columns["score"] = [0.9 if row[3] == "multi-axis" else 0.1 for row in rows]
    truth = pa.table(
        {
            "account_id": columns["account_id"],
            "campaign_id": [row[0] if row[0].startswith("campaign") else "" for row in rows],
            "lookalike": ["" if row[0].startswith("campaign") else row[0] for row in rows],
        }
    )
    accounts = pa.table(columns, schema=ACCOUNTS_SCHEMA)
    return Outcome(run.as_dict(), accounts, truth, FACTS | facts)


def found(run: Run, caught: int = 10, benign: int = 0, **facts: Any) -> Outcome:
    """Ten planted accounts in one cluster, so many under multi-axis; ninety others."""
    rows = [("campaign-1", "", "C-1", "multi-axis")] * caught
    rows += [("campaign-1", "", "", "no-finding")] * (10 - caught)
    rows += [("", "", "C-2", "multi-axis")] * benign
    rows += [("", "", "", "no-finding")] * (90 - benign)
    return outcome(run, rows, **facts)


def said(results: Results, what: str, **others: Any) -> tuple[str, str]:
    """What was measured and whether it is met, of the row that begins so."""
    lines = requirements(results, **others)
    (line,) = (line for line in lines if line.startswith(f"| {what} |"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return cells[2], cells[3]


def only(*pairs: tuple[Run, Outcome | None]) -> Results:
    return Results([(run, judge(result) if result else None) for run, result in pairs])


HYDRA = Run("real", "hydra", 300)
