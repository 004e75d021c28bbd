"""Small logs of one campaign before and after its ban, of another, and of none; analysed once."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.services.workspace import Workspace
from workbench.simulate.library import GrammarLibrary
from workbench.simulate.logs import LogKind, write_logs
from workbench.simulate.regrow import halves_of, log_with
from workbench.simulate.scenario import Operator

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.simulate.plant import Planted

SETTINGS = AnalysisSettings(landmarks=800, cells=64)
ACCOUNTS, EXCHANGES, PLANTED, DAYS = 300, 5_000, 20, 28
OTHER = {"write": 0.4, "roleplay": 0.3, "chat": 0.3}


@dataclass(frozen=True)
class Logs:
    """Analysed cases, and the campaign's accounts in each by the name of its case."""

    before: Path
    after: Path
    other: Path
    benign: Path

    @staticmethod
    def planted(case: Path) -> set[str]:
        with (case.parent / "truth.csv").open(encoding="utf-8") as file:
            return {row["account_id"] for row in csv.DictReader(file) if row["campaign_id"]}


def make(folder: Path) -> Logs:
    before, after = campaign(7, Operator())
    _, other = campaign(8, replace(Operator(), capabilities=OTHER))
    return Logs(
        before=case_of(folder / "before", before, 71),
        after=case_of(folder / "after", after, 72),
        other=case_of(folder / "other", other, 73),
        benign=case_of(folder / "benign", None, 74),
    )


def campaign(seed: int, operator: Operator) -> tuple[Planted, Planted]:
    return halves_of(
        operator,
        accounts=PLANTED,
        exchanges=2 * PLANTED * 45,
        days=DAYS,
        seed=seed,
        library=GrammarLibrary(),
        job=Job(),
    )


def case_of(folder: Path, planted: Planted | None, seed: int) -> Path:
    traffic = log_with(
        planted,
        exchanges=EXCHANGES,
        accounts=ACCOUNTS,
        seed=seed,
        library=GrammarLibrary(),
        job=Job(),
    )
    write_logs(traffic, folder, [LogKind.parse("canonical.parquet")], Job())
    with Workspace.create(folder / "run.case", analyst="Mara") as workspace:
        logs = [folder / "log-canonical.parquet"]
        frame = Frame(system="gateway", custodian="Harbour Models", benign=planted is None)
        workspace.importing.run(logs, frame, ReadOptions(), Job())
        workspace.analysing.run(SETTINGS, Job())
    return folder / "run.case"
