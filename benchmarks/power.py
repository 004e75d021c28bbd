"""What would have been found: campaigns planted in logs that hold none.

    python -m benchmarks.power                the table of docs/detection.md
    python -m benchmarks.power --seeds 1 --repeats 1

Goes the way of a user: a log without a campaign is written, imported and analysed, and the use case
behind ``workbench power`` plants its campaigns in copies of the case, with real prompt sets. Seeds
are those that nothing was tuned on.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.document import fill
from benchmarks.evaluation.plan import ACCOUNTS, EXCHANGES, FIRST_SEED, PROMPTS
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.evaluate.power import cells
from workbench.simulate.folder import FolderLibrary
from workbench.simulate.logs import LogKind, write_logs
from workbench.simulate.scenario import SCENARIOS
from workbench.simulate.traffic import simulate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.evaluate.power import Cell, Trial

HEAD = (
    "| accounts | share | harvested | multi-axis | or triage | precision | newly named beside "
    "| found |",
    "|--:|--:|--:|--:|--:|--:|--:|--:|",
)


def trials(seed: int, repeats: int) -> tuple[Trial, ...]:
    """Every campaign planted in one log, ``repeats`` of each size and share."""
    from workbench.services.power import Plan
    from workbench.services.workspace import Workspace

    library = FolderLibrary(PROMPTS)
    traffic = simulate(
        SCENARIOS["benign"], exchanges=EXCHANGES, accounts=ACCOUNTS, seed=seed, library=library
    )
    with tempfile.TemporaryDirectory() as name:
        folder, job, settings = Path(name), Job(), AnalysisSettings()
        os.environ["WORKBENCH_CONFIG"] = str(folder / "config")
        write_logs(traffic, folder, [LogKind.parse("canonical.parquet")], job)
        with Workspace.create(folder / "run.case") as workspace:
            workspace.importing.run(
                [folder / "log-canonical.parquet"], Frame(system="sim"), ReadOptions(), job
            )
            workspace.analysing.run(settings, job)
            plan = Plan(repeats=repeats, seed=seed, prompts=PROMPTS)
            workspace.detectability.run(plan, settings, job)
            found = workspace.detectability.shown()
    assert found is not None
    return found.trials


def table(found: Sequence[Cell]) -> list[str]:
    """Markdown: a line for each size and share."""
    return [*HEAD, *map(_line, found)]


def _line(cell: Cell) -> str:
    count = len(cell.trials)
    hits = sum(one.found for one in cell.trials)
    seen = sum(one.noticed and not one.found for one in cell.trials)
    told = f"{hits} of {count}" + (f", {seen} at triage" if seen else "")
    # No precision where nobody was named.
    precision = "-" if cell.precision != cell.precision else f"{cell.precision:.2f}"
    row = (
        f"{cell.accounts:,}",
        f"{cell.share:g}",
        f"{cell.mean('harvested'):,.0f}",
        f"{cell.recall:.2f}",
        f"{cell.recall_flagged:.2f}",
        precision,
        f"{sum(one.new_multi_axis for one in cell.trials):,}",
        told,
    )
    return f"| {' | '.join(row)} |"


def main() -> int:
    """Plant what is asked for and fill the table; returns 0, or 1 without prompt sets."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.power",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=2, help="campaigns of each kind in a log")
    asked = parser.parse_args()
    if not PROMPTS.is_dir():
        print(f"# {PROMPTS} is not there: nothing is planted")
        return 1
    found: list[Trial] = []
    for seed in range(FIRST_SEED, FIRST_SEED + asked.seeds):
        for one in trials(seed, asked.repeats):
            print(json.dumps(asdict(one)), flush=True)
            found.append(one)
    lines = table(cells(found))
    print("\n".join(lines), flush=True)
    fill("power", lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
