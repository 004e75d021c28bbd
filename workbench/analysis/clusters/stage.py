"""The last two stages: who is openly one customer, and which strangers act as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.analysis.clusters import counts
from workbench.analysis.clusters.assemble import assemble
from workbench.analysis.clusters.detect import detect
from workbench.analysis.clusters.entities import TOLD_BY
from workbench.analysis.clusters.explain import Facts, explain, to_json
from workbench.analysis.clusters.findings import Judged, judge
from workbench.analysis.clusters.lineage import Before, name_clusters
from workbench.analysis.clusters.lookalikes import compare, features_of, nearest
from workbench.analysis.clusters.membership import EVIDENCE
from workbench.analysis.signals.loading import INPUTS, load_identity, load_population
from workbench.analysis.stage import Context, Stage, StageResult
from workbench.domain.finding import LEAST_CUSTOMERS, MEMBERSHIP_THRESHOLD
from workbench.domain.progress import ScaledJob
from workbench.domain.signal import Axis
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.detect import Candidates
    from workbench.analysis.clusters.entities import Entities
    from workbench.analysis.signals.population import Population
    from workbench.domain.ports import Artifacts

_TOLD_CELLS: Final = 5
_TOLD_TEMPLATES: Final = 3

_CLUSTERS: Final = pa.schema(
    [
        ("cluster_id", pa.string()),
        ("lineage", pa.string()),
        ("n_accounts", pa.int64()),
        ("n_entities", pa.int64()),
        ("n_exchanges", pa.int64()),
        ("first_us", pa.int64()),
        ("last_us", pa.int64()),
        ("stability", pa.float64()),
        ("score", pa.float64()),
        ("p_content", pa.float64()),
        ("p_automation", pa.float64()),
        ("p_coordination", pa.float64()),
        ("q", pa.float64()),
        ("q_nominal", pa.bool_()),
        ("verdict", pa.string()),
        ("nearest_lookalike", pa.string()),
        ("lookalike_distance", pa.float64()),
        ("loss_tokens", pa.int64()),
        ("explanation", pa.string()),
    ]
)
_ENTITIES: Final = pa.schema(
    [("entity", pa.int32()), ("n_accounts", pa.int64()), ("how", pa.string())]
)
_EDGES: Final = pa.schema(
    [("a", pa.int32()), ("b", pa.int32()), ("weight", pa.float64()), ("kind", pa.string())]
)


def entities_stage() -> Stage:
    """Accounts that are openly one customer."""
    return Stage(
        name="entities",
        step="Resolving entities",
        run=_entities,
        after=("accounts",),
        libraries=("numpy", "pyarrow", "scipy"),
        weight=2.0,
    )


def clusters_stage() -> Stage:
    """Strangers that act as one, tested and explained."""
    return Stage(
        name="clusters",
        step="Linking accounts",
        run=_clusters,
        after=(*INPUTS, "signals", "entities"),
        settings=("seed", "q"),
        libraries=("numpy", "numba", "pyarrow", "scipy", "scikit-network", "faiss-cpu"),
        weight=40.0,
    )


def _entities(context: Context) -> StageResult:
    _, found = load_identity(context.engine, context.artifacts)
    table = pa.table(
        {"entity": range(len(found.how)), "n_accounts": found.sizes, "how": found.messages()},
        schema=_ENTITIES,
    )
    return StageResult(
        {"entity": found.entity}, {"entities": table}, {"n_entities": len(found.how)}
    )


def _clusters(context: Context) -> StageResult:
    random = context.random()
    job = context.job
    population = load_population(
        context.engine, context.artifacts, random, ScaledJob(job, 0.0, 0.1), texts=False
    )
    _, entities = load_identity(context.engine, context.artifacts)
    before = _before(context.artifacts)
    if len(entities.how) < LEAST_CUSTOMERS or not (population.prompt >= 0).any():
        return _nothing(population.n_accounts, context.artifacts, before)
    job.report("Linking accounts", done=0.1)
    content, bundles = assemble(
        population, entities, _percentiles(context.artifacts), ScaledJob(job, 0.1, 0.3)
    )
    found = detect(
        content, bundles, random, context.settings.seed, ScaledJob(job, 0.3, 0.9),
        threads=context.settings.jobs,
    )  # fmt: skip
    job.report("Explaining clusters", done=0.9)
    judged = judge(
        found, content.neighbours, context.settings.q, random, job, threads=context.settings.jobs
    )
    by_account = entities.entity
    cluster = judged.cluster[by_account]
    membership = judged.membership[by_account]
    bound = np.where(membership >= MEMBERSHIP_THRESHOLD, cluster, -1)
    codes = context.artifacts.array("accounts", "code")
    named = name_clusters([np.asarray(codes[bound == k]) for k in range(len(judged.row))], before)
    told = _Teller(context.artifacts, population, entities, found, judged)
    rows = [
        told.row(k, named.ids[k], named.lineage[k], cluster, bound) for k in range(len(judged.row))
    ]
    left, right, factor = content.neighbours.edges()
    both = (judged.cluster[left] >= 0) & (judged.cluster[left] == judged.cluster[right])
    first = _first_account(by_account, len(entities.how))
    edges = pa.table(
        {
            "a": first[left[both]],
            "b": first[right[both]],
            "weight": factor[both].astype(np.float64),
            "kind": ["content"] * int(both.sum()),
        },
        schema=_EDGES,
    )
    return StageResult(
        {
            "cluster": cluster.astype(np.int32),
            "membership": membership,
            "score": judged.score[by_account],
            "evidence": judged.evidence[:, by_account].astype(np.float32),
            "code": np.asarray(codes),
        },
        {"clusters": pa.Table.from_pylist(rows, schema=_CLUSTERS), "edges": edges},
        {
            "minted": named.minted,
            "n_clusters": len(rows),
            "n_null": found.n_null,
            "level": context.settings.q,
            "evidence": {name: list(held) for name, held in EVIDENCE.items()},
        },
    )


class _Teller:
    """Gathers what a cluster is told with."""

    def __init__(
        self,
        artifacts: Artifacts,
        population: Population,
        entities: Entities,
        found: Candidates,
        judged: Judged,
    ) -> None:
        self._population = population
        self._entities = entities
        self._found = found
        self._judged = judged
        self._accounts = artifacts.table("accounts", "accounts")
        self._cell_names = artifacts.table("space.place", "cells").column("name").to_pylist()
        self._skeletons = artifacts.table("text.templates", "templates").column("skeleton")
        self._tokens = {
            name: self._accounts.column(name).to_numpy().astype(np.float64)
            for name in ("in_tok", "out_tok", "reasoning_tok")
        }
        self._of_exchange = population.account
        self._telling = {
            kind: counts.usual(held, entities.customer)
            for kind, held in population.ties.held.items()
        }
        specs = artifacts.table("signals", "specs").to_pylist()
        self._signals = {
            spec["name"]: (value, spec["unit"])
            for spec, value in zip(specs, artifacts.array("signals", "value"), strict=True)
        }

    def row(
        self,
        k: int,
        cluster_id: str,
        lineage: str,
        cluster: NDArray[np.int32],
        bound: NDArray[np.int32],
    ) -> dict[str, Any]:
        """The row of cluster k in the table ``clusters``."""
        found, number = self._found, int(self._judged.row[k])
        accounts = np.flatnonzero(bound == k)
        features = features_of(accounts, self._population, self._entities.customer, self._tokens)
        likenesses = compare(features)
        near = nearest(likenesses)
        times = [
            self._accounts.column(name).take(pa.array(accounts)).drop_null().to_pylist()
            for name in ("first_us", "last_us")
        ]
        p = {axis: float(found.p[axis][number]) for axis in Axis}
        facts = Facts(
            cluster_id=cluster_id,
            verdict=self._judged.verdict[k],
            score=float(self._judged.cluster_score[k]),
            q=float(found.q[number]),
            p=p,
            others=float(found.others[number]),
            effect=found.effects.size[:, number].tolist(),
            z=found.z[:, number].tolist(),
            ordinary=_ordinary(found, number),
            n_accounts=len(accounts),
            n_customers=len(np.unique(self._entities.customer[accounts])),
            n_near=int(((cluster == k) & (bound != k)).sum()),
            n_exchanges=int(np.diff(self._population.offsets)[accounts].sum()),
            first_us=min(times[0], default=None),
            last_us=max(times[1], default=None),
            cells=self._cells(accounts),
            templates=self._templates(accounts),
            template_use=self._template_use(accounts),
            out_tok=self._sum("out_tok", accounts),
            reasoning_tok=self._sum("reasoning_tok", accounts),
            compared=found.compared,
            n_looks=found.n_looks,
            forms_by=found.forms_by,
            stability=float(self._judged.stability[k]),
            likenesses=likenesses,
            n_apart=int((self._judged.row == number).sum()),
            counts=self._counts(accounts),
            showing=self._showing(accounts),
        )
        finding = explain(facts, found.statistics)
        return {
            "cluster_id": cluster_id,
            "lineage": lineage,
            "n_accounts": facts.n_accounts,
            "n_entities": len(np.unique(self._entities.entity[accounts])),
            "n_exchanges": facts.n_exchanges,
            "first_us": facts.first_us,
            "last_us": facts.last_us,
            "stability": facts.stability,
            "score": facts.score,
            **{f"p_{axis.value}": None if np.isnan(p[axis]) else p[axis] for axis in Axis},
            "q": finding.q,
            "q_nominal": finding.q_nominal,
            "verdict": facts.verdict.value,
            "nearest_lookalike": finding.nearest_lookalike,
            "lookalike_distance": near.distance if near else None,
            "loss_tokens": facts.out_tok,
            "explanation": to_json(finding),
        }

    def _prompts(self, accounts: NDArray[np.int64]) -> NDArray[np.int32]:
        mine = np.isin(self._of_exchange, accounts) & (self._population.prompt >= 0)
        return self._population.prompt[mine]

    def _cells(self, accounts: NDArray[np.int64]) -> list[tuple[str, int]]:
        cell = self._population.cell[self._prompts(accounts)]
        counts = np.bincount(cell[cell >= 0], minlength=len(self._cell_names))
        order = np.lexsort((np.arange(len(counts)), -counts))[:_TOLD_CELLS]
        return [(self._cell_names[c], int(counts[c])) for c in order.tolist() if counts[c]]

    def _templates(self, accounts: NDArray[np.int64]) -> list[tuple[str, float]]:
        template = self._population.template[self._prompts(accounts)]
        if not (template >= 0).any():
            return []
        counts = np.bincount(template[template >= 0])
        order = np.lexsort((np.arange(len(counts)), -counts))[:_TOLD_TEMPLATES]
        return [
            (self._skeletons[t].as_py(), float(counts[t] / len(template)))
            for t in order.tolist()
            if counts[t]
        ]

    def _template_use(self, accounts: NDArray[np.int64]) -> dict[str, int | float | None]:
        """Who used the members' commonest template, in how many ways, and from when to when."""
        population = self._population
        asked = population.prompt >= 0
        mine = np.isin(self._of_exchange, accounts) & asked
        template = population.of_prompt(population.template)
        used = template[mine]
        if not (used >= 0).any():
            return {}
        commonest = template == int(np.argmax(np.bincount(used[used >= 0])))
        rows, others = commonest & mine, asked & ~mine
        times = population.ts[rows]
        times = times[times != UNKNOWN]
        return {
            "n_accounts": len(np.unique(self._of_exchange[rows])),
            "n_fillings": len(np.unique(population.prompt[rows])),
            "share_others": float(commonest[others].mean()) if others.any() else None,
            "first_us": int(times.min()) if len(times) else None,
            "last_us": int(times.max()) if len(times) else None,
        }

    def _counts(self, accounts: NDArray[np.int64]) -> dict[str, dict[str, Any]]:
        """Statistic -> what can be recounted beside it."""
        customer = self._entities.customer
        found: dict[str, dict[str, Any] | None] = {
            f"shared_{kind}": counts.shared(held, self._telling[kind], customer, accounts)
            for kind, held in sorted(self._population.ties.held.items())
        }
        found["signed_up_together"] = counts.sign_ups(self._population.created, accounts)
        for statistic in self._found.statistics:
            if statistic.name in self._signals and statistic.axis is not Axis.COORDINATION:
                value, unit = self._signals[statistic.name]
                found[statistic.name] = counts.on_average(value, unit, accounts)
        return {name: counted for name, counted in found.items() if counted is not None}

    def _showing(self, accounts: NDArray[np.int64]) -> dict[str, int]:
        """Members that show any value of each kind by which customers are told."""
        held = self._population.ties.held
        return {
            kind: len(np.intersect1d(held[kind].holder, accounts)) if kind in held else 0
            for kind in TOLD_BY
        }

    def _sum(self, name: str, accounts: NDArray[np.int64]) -> int | None:
        values = self._tokens[name][accounts]
        return None if np.isnan(values).all() else int(np.nansum(values))


def _ordinary(found: Candidates, number: int) -> list[dict[str, float]]:
    """What each effect of a candidate was standardised by."""
    errors = np.sqrt(found.effects.variance[:, number]).tolist()
    return [
        {"middle": one.centre, "spread": one.between**0.5, "error": error}
        for one, error in zip(found.spreads, errors, strict=True)
    ]


def _percentiles(artifacts: Artifacts) -> dict[str, tuple[Axis, NDArray[np.float64]]]:
    """What detection reads: signals that are tested, not those shown for context."""
    specs = artifacts.table("signals", "specs").to_pylist()
    percentile = artifacts.array("signals", "percentile")
    return {
        spec["name"]: (Axis(spec["axis"]), np.asarray(row))
        for spec, row in zip(specs, percentile, strict=True)
        if spec["tested"]
    }


def _before(artifacts: Artifacts) -> Before:
    """Clusters of the run before, by account code."""
    published = artifacts.current("clusters")
    if published is None:
        return Before({})
    ids: Sequence[str] = artifacts.table("clusters", "clusters").column("cluster_id").to_pylist()
    cluster = artifacts.array("clusters", "cluster")
    bound = artifacts.array("clusters", "membership") >= MEMBERSHIP_THRESHOLD
    codes = artifacts.array("clusters", "code")
    members = {name: np.asarray(codes[(cluster == k) & bound]) for k, name in enumerate(ids)}
    return Before(members, int(published.info.get("minted", len(ids))))


def _nothing(n_accounts: int, artifacts: Artifacts, before: Before) -> StageResult:
    """Too little to compare: nobody belongs anywhere, and nothing was assessed."""
    return StageResult(
        {
            "cluster": np.full(n_accounts, -1, np.int32),
            "membership": np.zeros(n_accounts),
            "score": np.full(n_accounts, np.nan),
            "evidence": np.full((len(EVIDENCE), n_accounts), np.nan, np.float32),
            "code": np.asarray(artifacts.array("accounts", "code")),
        },
        {"clusters": _CLUSTERS.empty_table(), "edges": _EDGES.empty_table()},
        {"minted": before.minted, "n_clusters": 0, "n_null": 0},
    )


def _first_account(entity: NDArray[np.int32], n_entities: int) -> NDArray[np.int32]:
    """i32[E]: an account that stands for each entity."""
    first = np.zeros(n_entities, np.int32)
    first[entity[::-1]] = np.arange(len(entity), dtype=np.int32)[::-1]
    return first
