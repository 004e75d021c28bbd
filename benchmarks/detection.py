"""Detection against truth: every scenario, simulated, imported, analysed and judged.

    python -m benchmarks.detection                  the table of docs/detection.md
    python -m benchmarks.detection --seeds 1 --only hydra,benign
    python -m benchmarks.detection --prompts ../shared/data

Each run goes the way of a user: logs are written, imported into a case and analysed, and the
accounts table is what is judged. The tables replace what stands between the markers of
docs/detection.md, unless ``--only`` asks for a part.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.evaluate.leaks import column_leaks
from workbench.evaluate.report import evaluate
from workbench.simulate.folder import FolderLibrary
from workbench.simulate.library import GrammarLibrary
from workbench.simulate.logs import LogKind, write_logs
from workbench.simulate.scenario import SCENARIOS
from workbench.simulate.traffic import simulate

if TYPE_CHECKING:
    from workbench.evaluate.report import Evaluation
    from workbench.simulate.library import Library
    from workbench.simulate.scenario import Scenario
    from workbench.simulate.traffic import Traffic

DOCUMENT: Final = Path("docs/detection.md")
REAL_PROMPTS: Final = Path("../shared/data")
#: Sizes of a run: the sample's, so that all scenarios of both prompt sources take an hour or two.
EXCHANGES: Final = 50_000
ACCOUNTS: Final = 3_120
#: Seeds that no part of the detector was tuned on.
FIRST_SEED: Final = 200


def run(scenario: Scenario, library: Library, seed: int) -> dict[str, Any]:
    """One simulated case, judged.

    Args:
        scenario: What is planted.
        library: Where prompts come from.
        seed: Of the traffic.
    """
    traffic = simulate(scenario, exchanges=EXCHANGES, accounts=ACCOUNTS, seed=seed, library=library)
    began = time.monotonic()
    found = judged(traffic)
    leaks = column_leaks(traffic.exchanges, traffic.truth)
    return {
        "scenario": scenario.name,
        "seed": seed,
        "planted": found.planted,
        "seconds": round(time.monotonic() - began, 1),
        "best_column": leaks[0].pr_auc,
        **found.as_dict(),
    }


def judged(traffic: Traffic) -> Evaluation:
    """Write, import, analyse and evaluate some traffic in a temporary case."""
    from workbench.services.workspace import Workspace

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["WORKBENCH_CONFIG"] = str(folder / "config")
        job = Job()
        write_logs(traffic, folder, [LogKind.parse("canonical.parquet")], job)
        with Workspace.create(folder / "run.case") as workspace:
            workspace.importing.run(
                [folder / "log-canonical.parquet"], Frame(system="sim"), ReadOptions(), job
            )
            workspace.analysing.run(AnalysisSettings(), job)
            accounts = workspace.browsing.accounts()
    return evaluate(accounts, traffic.truth)


def mean(rows: list[dict[str, Any]], *path: str) -> str:
    """Mean over seeds of a number in the report; the spread where there are several."""
    values = []
    for row in rows:
        value: Any = row
        for key in path:
            value = value[key]
        values.append(float(value))
    known = np.array([v for v in values if not np.isnan(v)])
    if not len(known):
        return "-"
    spread = f" ({known.min():.2f}-{known.max():.2f})" if len(known) > 1 else ""
    return f"{known.mean():.3f}{spread}"


def flagged(rows: list[dict[str, Any]], *kinds: str) -> str:
    """Benign accounts of some kinds under multi-axis, of all of them, over all seeds."""
    counts = [
        (kind["multi_axis"], kind["accounts"])
        for row in rows
        for kind in row["kinds"]
        if kind["kind"] in kinds
    ]
    hits, total = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    return f"{hits} of {total:,}"


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Markdown: a line for each scenario, numbers averaged over its seeds."""
    lines = [
        "| scenario | planted | PR-AUC | precision | recall | ordinary flagged | fleets flagged "
        "| look-alikes flagged | largest cluster: recall | purity | best single column |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    looks = ("eval_harness", "translation", "support_bot", "labelling", "reseller")
    for name in dict.fromkeys(row["scenario"] for row in rows):
        mine = [row for row in rows if row["scenario"] == name]
        campaigns = [campaign for row in mine for campaign in row["campaigns"]]
        lines.append(
            "| "
            + " | ".join(
                [
                    name,
                    str(mine[0]["planted"]),
                    mean(mine, "pr_auc", "value"),
                    mean(mine, "precision", "value"),
                    mean(mine, "recall", "value"),
                    flagged(mine, "ordinary"),
                    flagged(mine, "fleet"),
                    flagged(mine, *looks),
                    mean(campaigns, "recall"),
                    mean(campaigns, "purity"),
                    mean(mine, "best_column"),
                ]
            )
            + " |"
        )
    return lines


def write_document(source: str, lines: list[str]) -> None:
    """Replace what stands between the markers of one prompt source."""
    begin, end = f"<!-- {source}: begin -->", f"<!-- {source}: end -->"
    text = DOCUMENT.read_text("utf-8")
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    DOCUMENT.write_text("\n".join([head + begin, *lines, end]) + tail, "utf-8")


def main() -> int:
    """Run what is asked for; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="", help="scenarios, separated by commas")
    parser.add_argument("--prompts", type=Path, default=None, help="real prompt sets only")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",") if arguments.only else list(SCENARIOS)
    sources: dict[str, Library] = {}
    if arguments.prompts is None:
        sources["grammar"] = GrammarLibrary()
    real = arguments.prompts or REAL_PROMPTS
    if real.is_dir():
        sources["real"] = FolderLibrary(real)
    for source, library in sources.items():
        rows = []
        for name in chosen:
            for seed in range(FIRST_SEED, FIRST_SEED + arguments.seeds):
                row = run(SCENARIOS[name], library, seed)
                rows.append(row)
                print(json.dumps({"prompts": source, **row}), flush=True)
        lines = table(rows)
        print("\n".join(lines), flush=True)
        if not arguments.only:
            write_document(source, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
