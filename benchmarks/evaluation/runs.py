"""One run the way of a user: logs are written, imported, analysed; the accounts table is kept.

The result holds what the program said of every account beside the truth, not the scores: how
findings are judged can change without a single analysis being done again.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.evaluation.plan import (
    ALIKE,
    GRAMMAR,
    HELD_OUT,
    LATER_HALF,
    NO_CONTENT,
    NO_INFRASTRUCTURE,
    NO_SIGN_UP,
    NO_TIMING,
    PROMPTS,
    REAL,
)
from workbench.domain.exchange import Frame
from workbench.domain.finding import ACCOUNTS_SCHEMA
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.evaluate.alerts import first_alert
from workbench.evaluate.leaks import column_leaks
from workbench.evaluate.report import Evaluation, evaluate
from workbench.simulate.ablation import (
    INFRASTRUCTURE,
    SIGN_UP,
    TIMING,
    between,
    dealt_out,
    without,
)
from workbench.simulate.folder import FolderLibrary
from workbench.simulate.library import GrammarLibrary
from workbench.simulate.logs import LogKind, write_logs
from workbench.simulate.traffic import simulate

if TYPE_CHECKING:
    from benchmarks.evaluation.plan import Run
    from workbench.evaluate.alerts import FirstAlert
    from workbench.simulate.library import Library
    from workbench.simulate.traffic import Traffic

#: What is kept of the accounts table.
_KEPT: Final = tuple(
    name for name in ACCOUNTS_SCHEMA.names if name not in ("label", "nearest_lookalike")
)


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes:
        run: As planned, ``Run.as_dict``.
        accounts: Columns of the accounts table as a user gets it.
        truth: account_id, campaign_id, lookalike.
        facts: exchanges, planted_exchanges, harvested (of them, those that the campaign itself
            asked), best_column (PR-AUC of the best single column; absent where the log was
            changed), first_alert (where it was asked for), processor_seconds and seconds.
    """

    run: dict[str, Any]
    accounts: pa.Table
    truth: pa.Table
    facts: dict[str, Any]

    @cached_property
    def judged(self) -> Evaluation:
        """The accounts against the truth."""
        return evaluate(self.accounts, self.truth)


def perform(run: Run, *, jobs: int = 1) -> Outcome:
    """Do one run.

    Args:
        run: What to do.
        jobs: Threads of the analysis; never changes the result.
    """
    began = time.monotonic(), time.process_time()
    traffic = _ablated(
        simulate(
            run.traffic(),
            exchanges=run.exchanges,
            accounts=run.accounts,
            seed=run.seed,
            library=_library(run.prompts),
        ),
        run,
    )
    planted = _planted(traffic)
    facts: dict[str, Any] = {
        "exchanges": traffic.exchanges.num_rows,
        "planted_exchanges": int(planted.sum()),
        "harvested": pc.sum(pc.not_equal(traffic.exchange_truth["campaign_id"], "")).as_py(),
    }
    if run.replay:
        alert, accounts = _replayed(traffic, planted, jobs)
        facts["first_alert"] = asdict(alert)
    else:
        accounts = _analysed(traffic, jobs, run.draw)
    if not run.ablation and not run.replay:
        facts["best_column"] = column_leaks(traffic.exchanges, traffic.truth)[0].pr_auc
    facts["seconds"] = round(time.monotonic() - began[0], 1)
    facts["processor_seconds"] = round(time.process_time() - began[1], 1)
    return Outcome(run.as_dict(), accounts.select(_KEPT), traffic.truth, facts)


@cache
def _library(prompts: str) -> Library:
    if prompts == GRAMMAR:
        return GrammarLibrary()
    if prompts == HELD_OUT:
        return FolderLibrary(PROMPTS, campaign="campaign_as_sent")
    return FolderLibrary(PROMPTS, alike={REAL: False, ALIKE: True}[prompts])


def _ablated(traffic: Traffic, run: Run) -> Traffic:
    """What the run leaves of the traffic."""
    if run.ablation == NO_INFRASTRUCTURE:
        return without(traffic, INFRASTRUCTURE)
    if run.ablation == NO_SIGN_UP:
        return without(traffic, (*INFRASTRUCTURE, *SIGN_UP))
    if run.ablation == NO_TIMING:
        return without(traffic, TIMING)
    if run.ablation == NO_CONTENT:
        return dealt_out(traffic, seed=run.seed)
    if run.ablation == LATER_HALF:
        ts = _times(traffic)
        return between(traffic, (int(ts.min()) + int(ts.max())) // 2, int(ts.max()) + 1)
    return traffic


def _times(traffic: Traffic) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.asarray(traffic.exchanges["ts"].cast(pa.int64()))


def _planted(traffic: Traffic) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which exchanges are of planted accounts."""
    truth = traffic.truth
    campaigns = truth["account_id"].filter(pc.not_equal(truth["campaign_id"], ""))
    return np.asarray(pc.is_in(traffic.exchanges["account_id"], campaigns.combine_chunks()))


def _replayed(
    traffic: Traffic, planted: np.ndarray[Any, np.dtype[np.bool_]], jobs: int
) -> tuple[FirstAlert, pa.Table]:
    """The first alert, and the accounts after the whole log."""
    last: list[pa.Table] = []

    def raised(until_us: int) -> bool:
        part = between(traffic, 0, until_us)
        accounts = _analysed(part, jobs)
        last.append(accounts)
        return evaluate(accounts, part.truth).discovery.found

    alert = first_alert(_times(traffic), planted, raised)
    # The whole log comes first.
    return alert, last[0]


def _analysed(traffic: Traffic, jobs: int, seed: int = 0) -> pa.Table:
    """Write, import and analyse some traffic in a temporary case; its accounts table."""
    from workbench.services.workspace import Workspace

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        job = Job()
        write_logs(traffic, folder, [LogKind.parse("canonical.parquet")], job)
        with Workspace.create(folder / "run.case") as workspace:
            workspace.importing.run(
                [folder / "log-canonical.parquet"], Frame(system="sim"), ReadOptions("UTC"), job
            )
            workspace.analysing.run(AnalysisSettings(jobs=jobs, seed=seed), job)
            return workspace.browsing.accounts()
