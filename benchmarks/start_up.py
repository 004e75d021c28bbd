"""From process start to what a user waits for: the empty window, and the first frame of a case.

    python -m benchmarks.start_up [--case CASE] [--lines 1000000] [--runs 5]

Without ``--case`` a case of that many lines is made, imported and analysed first (minutes). Each
run is a fresh process, off-screen; time counts from just before the process is started. The first
frame is the whole map, all its tiles sharp, in the colours of the clusters, with the legend's
counts; settled is the window with every panel read. Prints one JSON object with the median seconds
of each, and of processor time, which other work on the machine does not change.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_CHILD = """
import sys, time
from pathlib import Path
from workbench.ui import app
from workbench.ui.memory import Memory
from workbench.ui.theme import Theme, ThemeChoice

application = app.make_application()
theme = Theme(application, choice=ThemeChoice.DARK)
window = app.build(theme, Memory(Path(sys.argv[1])))
window.resize(1600, 1000)
window.show()
case = sys.argv[2]
if case:
    window.cases.open(Path(case))
    def seen():
        # The map is made with the case; without clusters there are no colours to wait for.
        if window.session.path is None or not window.map.view.is_sharp:
            return False
        return bool(window.map.view.tiles.counts[1:].any()) or window.is_settled
    app.wait_until(seen)
application.processEvents()
first, used = time.time(), time.process_time()
if case:
    app.wait_until(lambda: window.is_settled)
print(first, time.time(), used, flush=True)
window.close()
"""


class Start(NamedTuple):
    """Seconds of one start.

    Attributes:
        first: From process start to the window (no case) or to the first map frame.
        settled: To all panels read.
        cpu: Processor time until the first.
    """

    first: float
    settled: float
    cpu: float


def seconds_to(case: str, folder: Path) -> Start:
    """Start once, with a case or without."""
    # As where it is installed: modules are compiled once, whatever this shell says of it.
    kept = {"PYTHONPYCACHEPREFIX": str(folder / "pycache"), "PYTHONDONTWRITEBYTECODE": ""}
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(folder / "memory"), case],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | kept,
    )
    first, settled, cpu = map(float, done.stdout.split()[-3:])
    return Start(first - began, settled - began, cpu)


def median(seconds: Iterable[float]) -> float:
    """The middle one, to a hundredth."""
    return round(statistics.median(seconds), 2)


def make_case(folder: Path, lines: int) -> Path:
    """A case of that many lines, analysed."""
    from benchmarks.lines import make_lines
    from workbench.domain.exchange import Frame
    from workbench.domain.ports import ReadOptions
    from workbench.domain.progress import Job
    from workbench.domain.settings import AnalysisSettings
    from workbench.services.workspace import Workspace

    log = folder / "log.jsonl"
    make_lines(log, lines)
    case = folder / "million.case"
    with Workspace.create(case) as workspace:
        workspace.importing.run((str(log),), Frame(system="benchmark"), ReadOptions(), Job())
        workspace.analysing.run(AnalysisSettings(), Job())
    return case


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        folder = Path(name)
        os.environ.setdefault("WORKBENCH_CONFIG", str(folder / "config"))
        case = asked.case or make_case(folder, asked.lines)
        seconds_to("", folder)  # the first run fills the disk cache and compiles modules
        empty = [seconds_to("", folder) for _ in range(asked.runs)]
        seconds_to(str(case), folder)
        on_case = [seconds_to(str(case), folder) for _ in range(asked.runs)]
    print(
        json.dumps(
            {
                "empty_window_s": median(start.first for start in empty),
                "empty_window_cpu_s": median(start.cpu for start in empty),
                "first_map_frame_s": median(start.first for start in on_case),
                "first_map_frame_cpu_s": median(start.cpu for start in on_case),
                "settled_s": median(start.settled for start in on_case),
                "runs": asked.runs,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
