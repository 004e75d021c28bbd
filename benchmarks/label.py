"""A label on every account of a case: milliseconds until it is durable, and until it is undone.

    python -m benchmarks.label [--case CASE] [--accounts 25000] [--rounds 7]

Without ``--case`` two exchanges an account are simulated and imported, and the accounts counted
(the rest of an analysis is no part of a label). Prints one JSON object: of each round the time
from the call to its return, the entry fsynced, pinned and folded; the median, and how long a line
of that size alone takes to reach the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.analysis.run import analyse, plan_for
from workbench.domain.exchange import Frame
from workbench.domain.label import Label
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--case", type=Path, help="analysed; nothing but its journal changes")
    parser.add_argument("--accounts", type=int, default=25_000)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        folder = Path(name)
        os.environ.setdefault("WORKBENCH_CONFIG", str(folder / "config"))
        case = asked.case or counted(folder, asked.accounts)
        with Workspace.open(case) as workspace:
            keys = workspace._held.results().account_keys
            workspace.labelling.label(Label.BENIGN, "warms up", accounts=keys[:1])
            labelling = workspace.labelling
            rounds = [
                timed(lambda: labelling.label(Label.SUSPECTED, "the same grid", accounts=keys))
                for _ in range(asked.rounds)
            ]
            undone = [timed(labelling.undo) for _ in range(asked.rounds)]
            labelled = len(workspace._held.labels())
        (journal,) = (case / "decided").glob("*.jsonl")
        line = max(journal.read_bytes().splitlines(keepends=True), key=len)
        disk = [timed(lambda: written(folder / "line", line)) for _ in range(asked.rounds)]
    print(
        json.dumps(
            {
                "benchmark": "label",
                "accounts": len(keys),
                "label_ms": rounds,
                "median_ms": statistics.median(rounds),
                "undo_ms": statistics.median(undone),
                "disk_ms": statistics.median(disk),
                "line_mb": round(len(line) / 1e6, 2),
                "labelled_after_undo": labelled,
            }
        )
    )
    return 0 if labelled == 1 else 1


def counted(folder: Path, accounts: int) -> Path:
    """A case of two exchanges an account, whose accounts were counted."""
    log, path = folder / "log.jsonl", folder / "label.case"
    with log.open("w", encoding="utf-8") as file:
        for i in range(2 * accounts):
            row = {
                "request_id": f"r-{i}",
                "account_id": f"sk-{i % accounts:08x}",
                "ts": f"2026-05-{1 + i % 28:02d}T12:00:00Z",
                "prompt": f"Question {i % 997}",
            }
            file.write(json.dumps(row) + "\n")
    with Workspace.create(path) as workspace:
        workspace.importing.run([log], Frame(system="gateway"), ReadOptions(), Job())
        case = workspace._held.case
        analyse(case.engine, case.artifacts, AnalysisSettings(), Job(), plan=plan_for("accounts"))
    return path


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that it took."""
    began = time.perf_counter()
    work()
    return round((time.perf_counter() - began) * 1e3, 1)


def written(path: Path, line: bytes) -> None:
    """As little as it takes to make a line durable."""
    with path.open("ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    sys.exit(main())
