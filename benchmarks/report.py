"""The report of every cluster of a case: pages, seconds for its figures and for its setting.

    python -m benchmarks.report [--case CASE] [--scenario hidden-fleets] [--exchanges 50000]

Without ``--case`` a log in which some ten clusters are found is simulated, imported and analysed
first (minutes). Prints one JSON object.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import pypdf


def main() -> int:
    """Set it and print."""
    from workbench.bundle.figures import draw_all
    from workbench.bundle.report import render
    from workbench.domain.progress import Job
    from workbench.services.export_scope import Scope
    from workbench.services.workspace import Workspace

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", type=Path, help="analysed; nothing in it changes")
    parser.add_argument("--scenario", default="hidden-fleets")
    parser.add_argument("--exchanges", type=int, default=50_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        folder = Path(name)
        os.environ.setdefault("WORKBENCH_CONFIG", str(folder / "config"))
        case = asked.case or analysed(folder, asked.scenario, asked.exchanges)
        with Workspace.open(case) as workspace:
            clusters = workspace.browsing.clusters().column("cluster_id").to_pylist()
            moments = [time.perf_counter()]
            content = workspace.exporting.gathering.content(
                Scope(clusters=tuple(clusters)), marking=None, job=Job()
            )
            moments.append(time.perf_counter())
            figures = list(draw_all(content))
            moments.append(time.perf_counter())
            pdf = render(content, figures)
            moments.append(time.perf_counter())
    gathered, drawn, set_in = (b - a for a, b in pairwise(moments))
    print(
        json.dumps(
            {
                "benchmark": "report",
                "pages": len(pypdf.PdfReader(io.BytesIO(pdf)).pages),
                "clusters": len(clusters),
                "figures": len(figures),
                "mb": round(len(pdf) / 1e6, 1),
                "gathering_seconds": round(gathered, 1),
                "figures_seconds": round(drawn, 1),
                "setting_seconds": round(set_in, 1),
                "seconds": round(moments[-1] - moments[0], 1),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )
    return 0


def analysed(folder: Path, scenario: str, exchanges: int) -> Path:
    """A case of simulated traffic with several clusters."""
    from benchmarks.analyse import workbench

    traffic, case = folder / "traffic", folder / "report.case"
    workbench(
        *("simulate", traffic, "--scenario", scenario, "--log", "canonical.parquet"),
        *("--exchanges", exchanges, "--accounts", exchanges // 16, "--seed", 41),
    )
    workbench("import", case, *sorted(traffic.glob("log-*")))
    workbench("analyse", case)
    return case


if __name__ == "__main__":
    sys.exit(main())
