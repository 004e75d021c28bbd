"""The stage ``examine``: every cluster, looked at more closely after it was judged.

Makes a subject of each cluster, gathers whom it is compared with, and asks each examination.
Holds no formula, and changes nothing that was judged.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.analysis.answers.stage import Answers
from workbench.analysis.clusters.examine import (
    co_action,
    coverage_curve,
    delivered,
    depth,
    gap_filling,
    load_balancing,
    new_cells_per_hour,
    parts,
    refusals,
    release_pivot,
    repeated_answers,
    replacements,
    turning,
    uniformity,
    work_queue,
)
from workbench.analysis.clusters.examine.peers import Peers, rows_of
from workbench.analysis.clusters.examine.subject import NEITHER, Examination, Fact, Subject
from workbench.analysis.signals.content.turning import Turns
from workbench.analysis.signals.loading import INPUTS, load_identity, load_population
from workbench.analysis.stage import Context, Stage, StageResult, seed_sequence
from workbench.domain.finding import MEMBERSHIP_THRESHOLD, How, Verdict
from workbench.domain.progress import ScaledJob
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.domain.ports import Artifacts

#: What is examined, in the order in which it is told.
EXAMINATIONS: Final[tuple[Examination, ...]] = (
    parts,
    coverage_curve,
    depth,
    uniformity,
    new_cells_per_hour,
    work_queue,
    gap_filling,
    load_balancing,
    co_action,
    release_pivot,
    turning,
    replacements,
    refusals,
    repeated_answers,
    *delivered.EXAMINATIONS,
)
FACTS: Final = pa.schema(
    [
        ("cluster_id", pa.string()),
        ("name", pa.string()),
        ("value", pa.float64()),
        ("p", pa.float64()),
        ("speaks", pa.string()),
        ("message", pa.string()),
        ("curve", pa.string()),
        ("reason", pa.string()),
        ("n_null", pa.int64()),
    ]
)
#: How the number of each examination comes about.
SPECS: Final = pa.schema([(name, pa.string()) for name in ("name", *How.__dataclass_fields__)])
#: Why a fact is not assessed though its columns are there.
TOO_LITTLE: Final = "volume"
#: Verdicts that are a finding: their members are nobody's comparison.
_FINDINGS: Final = {Verdict.MULTI_AXIS.value, Verdict.TRIAGE.value}


def examine_stage() -> Stage:
    """Look at each cluster more closely."""
    return Stage(
        name="examine",
        step="Looking at clusters more closely",
        run=_run,
        after=(*INPUTS, "answers", "signals", "entities", "clusters"),
        settings=("seed",),
        libraries=("numpy", "numba", "pyarrow", "scipy"),
        weight=8.0,
    )


def _run(context: Context) -> StageResult:
    clusters = context.artifacts.table("clusters", "clusters")
    ids: list[str] = clusters.column("cluster_id").to_pylist()
    how = pa.Table.from_pylist(
        [{"name": one.NAME} | asdict(one.HOW) for one in EXAMINATIONS], schema=SPECS
    )
    if not ids:
        return StageResult({}, {"facts": FACTS.empty_table(), "specs": how})
    job = context.job
    population = load_population(
        context.engine, context.artifacts, context.random(), ScaledJob(job, 0.0, 0.2),
        texts=False, recorded=True,
    )  # fmt: skip
    _, entities = load_identity(context.engine, context.artifacts)
    cluster = np.asarray(context.artifacts.array("clusters", "cluster"))
    bound = context.artifacts.array("clusters", "membership") >= MEMBERSHIP_THRESHOLD
    found = [verdict in _FINDINGS for verdict in clusters.column("verdict").to_pylist()]
    # Index -1 (no cluster) meets the element appended at the end.
    ordinary = ~np.append(np.array(found), False)[cluster]
    peers = Peers(population, entities.customer)
    turns = _turns(context.artifacts)
    answers = Answers.read(context.artifacts)
    codes = context.artifacts.array("accounts", "code")
    suspended = replacements.load_suspended(context.engine, codes)
    filled = dict(population.filled)
    if (suspended != UNKNOWN).any():  # the log's errors say so, or a table beside it does
        filled["error_type"] = max(filled["error_type"], 1)
    facts: list[dict[str, Any]] = []
    for row, cluster_id in enumerate(ids):
        job.report(
            "Looking at clusters more closely", done=0.2 + 0.8 * row / len(ids), count=row,
            total=len(ids), unit="clusters",
        )  # fmt: skip
        accounts = np.flatnonzero((cluster == row) & bound)
        random = _random(context, cluster_id, "peers")
        others = ordinary & (cluster != row)
        rows = rows_of(population, accounts)
        told = peers.told(rows, random)
        subject = Subject(
            accounts=accounts,
            rows=rows,
            customer=entities.customer,
            ordinary=others,
            random=random,
            told=told,
            peers=peers.groups(len(told), others, random, job),
            turns=turns,
            answers=answers,
            suspended=suspended,
        )
        for one in EXAMINATIONS:
            job.check()
            own = replace(subject, random=_random(context, cluster_id, one.NAME))
            missing = missing_columns(one, filled)
            fact = None if missing else one.examine(own, population)
            facts.append(_row(cluster_id, one.NAME, fact, ", ".join(missing) or TOO_LITTLE))
    table = pa.Table.from_pylist(facts, schema=FACTS)
    judged = context.artifacts.current("clusters")
    assert judged is not None
    # Says which clusters these are facts of: a reader may come between the two stages.
    return StageResult({}, {"facts": table, "specs": how}, {"clusters": judged.digest})


def missing_columns(examination: Examination, filled: Mapping[str, int]) -> tuple[str, ...]:
    """Columns for want of which it is not assessed."""
    return tuple(name for name in examination.NEEDS if not filled.get(name, 0))


def _turns(artifacts: Artifacts) -> Turns | None:
    """What the signal of that name found; None where the log lacks what it needs."""
    try:
        return Turns.read(artifacts.table("signals", turning.NAME))
    except KeyError:
        return None


def _random(context: Context, cluster_id: str, name: str) -> np.random.Generator:
    """A stream of its own for each cluster and examination: a new one moves no other."""
    return np.random.default_rng(
        seed_sequence(context.settings.seed, f"{context.stage}/{cluster_id}/{name}")
    )


def _row(cluster_id: str, name: str, fact: Fact | None, reason: str) -> dict[str, Any]:
    """A row of the table ``facts``."""
    row: dict[str, Any] = {"cluster_id": cluster_id, "name": name, "speaks": NEITHER}
    if fact is None:
        return row | {"reason": reason}
    return row | {
        "value": None if math.isnan(fact.value) else fact.value,
        "p": fact.p,
        "speaks": fact.speaks,
        "message": _json(asdict(fact.message)),
        "curve": None if fact.curve is None else _json(fact.curve),
        "n_null": fact.n_null,
    }


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
