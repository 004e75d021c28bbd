"""Bundle of every account of a case: seconds, peak memory, size; verified as part of the export.

    python -m benchmarks.export_bundle [--case CASE] [--exchanges 1000000] [--accounts 10000]

Without ``--case`` traffic of that size is simulated, imported and analysed first (minutes). Prints
one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    """Export and print."""
    from workbench.domain.progress import Job
    from workbench.services.export_scope import Scope
    from workbench.services.workspace import Workspace

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", type=Path, help="analysed; nothing but its journal changes")
    parser.add_argument("--exchanges", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=10_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        folder = Path(name)
        os.environ.setdefault("WORKBENCH_CONFIG", str(folder / "config"))
        case = asked.case or analysed(folder, asked.exchanges, asked.accounts)
        with Workspace.open(case) as workspace:
            everyone = workspace.browsing.accounts().column("account_id").to_pylist()
            began = time.perf_counter(), time.process_time()
            report = workspace.exporting.run(
                Scope(accounts=tuple(everyone)), folder / "bundle", Job()
            )
            seconds = time.perf_counter() - began[0]
            cpu_seconds = time.process_time() - began[1]
    print(
        json.dumps(
            {
                "benchmark": "export_bundle",
                "seconds": round(seconds, 1),
                "cpu_seconds": round(cpu_seconds, 1),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                **report.as_dict(),
            }
        )
    )
    return 0


def analysed(folder: Path, exchanges: int, accounts: int) -> Path:
    """A case of simulated traffic of that size."""
    from benchmarks.analyse import prepared, workbench

    case = prepared(folder, exchanges, accounts)
    workbench("analyse", case)
    return case


if __name__ == "__main__":
    sys.exit(main())
