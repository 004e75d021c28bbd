"""What is told beside a verdict, held against the truth: signals alone, and examinations.

    python -m benchmarks.examined                          two tables of docs/detection.md
    python -m benchmarks.examined --seeds 1 --only hydra --dry

Traffic is simulated with real prompt sets, imported and analysed; then the accounts of each planted
campaign, groups of benign strangers and the firms of the log are examined as if they were clusters.
A group is like-minded (an ordinary account and those who ask most alike) or drawn at random, one
account a customer; a firm is what the log shows as one customer. Signals are judged among the
accounts that could be assessed, by average precision. What came of each case goes to
``benchmarks/results/examined.jsonl``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.document import fill
from benchmarks.evaluation.plan import ACCOUNTS, EXCHANGES, FIRST_SEED, PROMPTS
from workbench.analysis.clusters.examine import (
    co_action,
    coverage_curve,
    depth,
    gap_filling,
    load_balancing,
    release_pivot,
    replacements,
    work_queue,
)
from workbench.analysis.clusters.examine.peers import SPEAKS, Peers, profiles, rows_of
from workbench.analysis.clusters.examine.subject import AGAINST, FOR, Examination, Subject
from workbench.analysis.signals.loading import load_identity, load_population
from workbench.analysis.signals.stage import SIGNALS
from workbench.case.folder import Case
from workbench.domain.exchange import Frame
from workbench.domain.finding import Verdict
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.evaluate.curves import average_precision
from workbench.simulate.folder import FolderLibrary
from workbench.simulate.logs import LogKind, write_logs
from workbench.simulate.scenario import SCENARIOS
from workbench.simulate.traffic import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.analysis.signals.population import Population
    from workbench.simulate.traffic import Traffic

EXAMINED: Final[tuple[Examination, ...]] = (
    coverage_curve, depth, work_queue, gap_filling,
    load_balancing, co_action, release_pivot, replacements,
)  # fmt: skip
SCENARIO_NAMES: Final = (
    "hydra", "waves", "two-operators", "diluted", "slow", "bought", "natural", "sharded",
    "benign", "lookalikes-only",
)  # fmt: skip
PLANTED, LIKE_MINDED, RANDOM, FIRM = "planted", "like-minded", "random", "firm"
KINDS: Final = (PLANTED, LIKE_MINDED, RANDOM, FIRM)
#: Groups of either kind in each case, and accounts of each.
GROUPS: Final = 8
SIZE: Final = 60
#: Fewest accounts of a firm.
LEAST_FIRM: Final = 4
_FINDINGS: Final = {Verdict.MULTI_AXIS.value, Verdict.TRIAGE.value}
RESULTS: Final = Path("benchmarks/results/examined.jsonl")


@dataclass(frozen=True, slots=True)
class Count:
    """What one examination said of the groups of a kind in one case.

    Attributes:
        scenario: Of ``SCENARIO_NAMES``.
        seed: Of the traffic.
        kind: Of ``KINDS``.
        fact: Name of the examination.
        groups: How many there were.
        assessed: Of these, for which it gave a p.
        low: With a p of ``SPEAKS`` or less.
        speaks_for: Which it told as speaking for coordinated harvesting.
        against: Which it told as speaking against.
    """

    scenario: str
    seed: int
    kind: str
    fact: str
    groups: int
    assessed: int
    low: int
    speaks_for: int
    against: int


@dataclass(frozen=True, slots=True)
class Alone:
    """A signal that judges the accounts of one case alone.

    Attributes:
        scenario: Of ``SCENARIO_NAMES``, one with a campaign.
        seed: Of the traffic.
        signal: Its name.
        precision: Average precision of its strength; None where nobody planted was assessed.
        reversed: The same of the reversed order.
        assessed: Share of all accounts that it says something of.
        base: Share of these that are planted.
    """

    scenario: str
    seed: int
    signal: str
    precision: float | None
    reversed: float | None
    assessed: float
    base: float


def examine_case(scenario: str, seed: int) -> tuple[list[Count], list[Alone]]:
    """Simulate and analyse one case; examine its groups, and judge by each signal."""
    from workbench.services.workspace import Workspace

    traffic = simulate(
        SCENARIOS[scenario],
        exchanges=EXCHANGES,
        accounts=ACCOUNTS,
        seed=seed,
        library=FolderLibrary(PROMPTS),
    )
    with tempfile.TemporaryDirectory() as name:
        folder, job = Path(name), Job()
        os.environ["WORKBENCH_CONFIG"] = str(folder / "config")
        write_logs(traffic, folder, [LogKind.parse("canonical.parquet")], job)
        with Workspace.create(folder / "run.case") as workspace:
            workspace.importing.run(
                [folder / "log-canonical.parquet"], Frame(system="sim"), ReadOptions("UTC"), job
            )
            workspace.analysing.run(AnalysisSettings(jobs=1), job)
        with Case.open(folder / "run.case") as case:
            alone = list(_alone(case, traffic, scenario, seed))
            return _counted(case, traffic, scenario, seed), alone


def _alone(case: Case, traffic: Traffic, scenario: str, seed: int) -> Iterator[Alone]:
    campaign = _truth(case, traffic, "campaign_id") != ""
    if not campaign.any():
        return
    specs = case.artifacts.table("signals", "specs").column("name").to_pylist()
    strengths = case.artifacts.array("signals", "strength")
    for name, strength in zip(specs, strengths, strict=True):
        known = ~np.isnan(strength)
        planted, score = campaign[known], strength[known]
        some = bool(planted.any())
        yield Alone(
            scenario=scenario,
            seed=seed,
            signal=name,
            precision=average_precision(planted, score) if some else None,
            reversed=average_precision(planted, -score) if some else None,
            assessed=float(known.mean()),
            base=float(planted.mean()) if len(planted) else 0.0,
        )


def _truth(case: Case, traffic: Traffic, column: str) -> NDArray[np.str_]:
    """What the truth says of each account, in the order of the case."""
    names = case.artifacts.table("accounts", "accounts").column("value").to_pylist()
    truth = {row["account_id"]: row[column] for row in traffic.truth.to_pylist()}
    return np.array([truth[name] for name in names])


def _counted(case: Case, traffic: Traffic, scenario: str, seed: int) -> list[Count]:
    random = np.random.default_rng([seed, SCENARIO_NAMES.index(scenario)])
    codes = case.artifacts.array("accounts", "code")
    with closing(case.engine()) as engine:
        population = load_population(
            engine, case.artifacts, random, Job(), texts=False, recorded=True
        )
        _, entities = load_identity(engine, case.artifacts)
        suspended = replacements.load_suspended(engine, codes)
    ordinary = _ordinary(case)
    peers = Peers(population, entities.customer)
    whole = Subject(
        accounts=np.empty(0, np.int64),
        rows=np.empty(0, np.int64),
        customer=entities.customer,
        ordinary=ordinary,
        random=random,
        suspended=suspended,
    )
    said: dict[tuple[str, str], list[tuple[float | None, str]]] = {
        (kind, one.NAME): [] for kind, one in product(KINDS, EXAMINED)
    }
    for kind, accounts in _groups(case, traffic, population, whole):
        others = ordinary.copy()
        others[accounts] = False
        rows = rows_of(population, accounts)
        told = peers.told(rows, random)
        subject = replace(
            whole,
            accounts=accounts,
            rows=rows,
            ordinary=others,
            told=told,
            peers=peers.groups(len(told), others, random, Job()),
        )
        for one in EXAMINED:
            fact = one.examine(subject, population)
            said[kind, one.NAME].append((None, "") if fact is None else (fact.p, fact.speaks))
    return [
        Count(
            scenario=scenario,
            seed=seed,
            kind=kind,
            fact=name,
            groups=len(facts),
            assessed=sum(p is not None for p, _ in facts),
            low=sum(p is not None and p <= SPEAKS for p, _ in facts),
            speaks_for=sum(speaks == FOR for _, speaks in facts),
            against=sum(speaks == AGAINST for _, speaks in facts),
        )
        for (kind, name), facts in said.items()
    ]


def _ordinary(case: Case) -> NDArray[np.bool_]:
    """bool[A]: in no cluster with a finding, as whoever a cluster is compared with."""
    verdicts = case.artifacts.table("clusters", "clusters").column("verdict").to_pylist()
    found = np.array([*(verdict in _FINDINGS for verdict in verdicts), False])
    ordinary: NDArray[np.bool_] = ~found[np.asarray(case.artifacts.array("clusters", "cluster"))]
    return ordinary


def _groups(
    case: Case, traffic: Traffic, population: Population, whole: Subject
) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Kind and accounts (ascending) of all that is examined in a case."""
    campaign = _truth(case, traffic, "campaign_id")
    lookalike = _truth(case, traffic, "lookalike") != ""
    for one in sorted(set(campaign) - {""}):
        yield PLANTED, np.flatnonzero(campaign == one)
    # Whom the analysis flags is compared with nobody, so that groups of them would prove nothing.
    people = np.flatnonzero((campaign == "") & ~lookalike & whole.ordinary)
    profile = profiles(population)[people]
    for centre in whole.random.choice(len(people), GROUPS, replace=False).tolist():
        alike = np.asarray((profile @ profile[centre].T).todense()).ravel()
        order = people[np.argsort(-alike, kind="stable")]
        yield LIKE_MINDED, _strangers(order, whole.customer)
        yield RANDOM, _strangers(whole.random.permutation(people), whole.customer)
    customers, size = np.unique(whole.customer[lookalike], return_counts=True)
    for firm in customers[size >= LEAST_FIRM].tolist():
        yield FIRM, np.flatnonzero(whole.customer == firm)


def _strangers(order: NDArray[np.int64], customer: NDArray[np.int32]) -> NDArray[np.int64]:
    """The first accounts in an order, one a customer, ascending."""
    first = np.sort(np.unique(customer[order], return_index=True)[1])[:SIZE]
    return np.sort(order[first])


def table(counts: list[Count]) -> list[str]:
    """Rows of examinations, columns of kinds."""
    lines = [
        f"| for, against of assessed (p <= {SPEAKS}) | campaigns | like-minded | random | firms |",
        "|---|--:|--:|--:|--:|",
    ]
    for one in EXAMINED:
        cells = [f"`{one.NAME}`"]
        for kind in KINDS:
            rows = [c for c in counts if (c.kind, c.fact) == (kind, one.NAME)]
            told = [sum(getattr(row, name) for row in rows) for name in (
                "speaks_for", "against", "assessed", "low")]  # fmt: skip
            cells.append("{}, {} of {} ({})".format(*told) if told[2] else "-")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def table_alone(judged: list[Alone]) -> list[str]:
    """A row a signal, those of the test first; means over cases, least and greatest in brackets."""
    lines = [
        "| signal | average precision | reversed | assessed | base |",
        "|---|--:|--:|--:|--:|",
    ]
    for signal in sorted(SIGNALS, key=lambda one: not one.SPEC.tested):
        rows = [one for one in judged if one.signal == signal.SPEC.name and one.assessed]
        found = [one.precision for one in rows if one.precision is not None]
        turned = [one.reversed for one in rows if one.reversed is not None]
        if not found:
            continue
        name = f"`{signal.SPEC.name}`" + ("" if signal.SPEC.tested else " (context)")
        lines.append(
            f"| {name} | {mean(found):.2f} ({min(found):.2f}-{max(found):.2f}) | "
            f"{mean(turned):.2f} | {mean(one.assessed for one in rows):.2f} | "
            f"{mean(one.base for one in rows):.2f} |"
        )
    return lines


def main() -> int:
    """Run what is asked for; returns 0, or 2 without prompt sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", default=",".join(SCENARIO_NAMES), help="scenarios, by commas")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--dry", action="store_true", help="print the table, write nothing")
    arguments = parser.parse_args()
    if not PROMPTS.is_dir():
        print(f"The prompt sets are not there: {PROMPTS}", file=sys.stderr)
        return 2
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    cases = list(product(arguments.only.split(","), seeds))
    counts: list[Count] = []
    judged: list[Alone] = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for some, alone in pool.map(examine_case, *zip(*cases, strict=True)):
            counts += some
            judged += alone
            print(some[0].scenario, some[0].seed, flush=True)
    print("\n".join([*table_alone(judged), "", *table(counts)]))
    if not arguments.dry:
        rows = [asdict(one) for one in judged] + [asdict(one) for one in counts]
        RESULTS.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        fill("alone", table_alone(judged))
        fill("examined", table(counts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
