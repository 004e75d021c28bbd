"""Analysis of a million exchanges of 10,000 accounts: seconds of each stage, and peak memory.

    python -m benchmarks.analyse [--exchanges 1000000] [--accounts 10000] [--folder DIR]

Simulates traffic with a planted campaign (seeded; about 400,000 distinct prompts per million
exchanges), imports it, and analyses it in a process of its own; then once more, when all is
current. Prints one JSON object a stage and one for the whole. With ``--folder`` the logs and the
imported case are kept there and used again.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any


def main() -> int:
    """Simulate, import, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--landmarks", type=int, default=20_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure, chosen.landmarks)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.folder or Path(scratch)
        case = prepared(folder, chosen.exchanges, chosen.accounts)
        for path in (case / "computed").iterdir():
            path.unlink()
        done = subprocess.run(
            [
                *(sys.executable, "-m", "benchmarks.analyse"),
                *("--measure", str(case), "--landmarks", str(chosen.landmarks)),
            ],
            check=False,
        )
    return done.returncode


def prepared(folder: Path, exchanges: int, accounts: int) -> Path:
    """A case that holds the simulated traffic; made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    case = folder / f"{exchanges}-{accounts}.case"
    if case.exists():
        return case
    logs = folder / f"{exchanges}-{accounts}"
    if not (logs / "truth.csv").exists():
        workbench(
            *("simulate", logs, "--scenario", "hydra", "--log", "canonical.parquet"),
            *("--exchanges", exchanges, "--accounts", accounts),
        )
    workbench("import", case, *sorted(logs.glob("log-*")))
    return case


def workbench(*words: object) -> None:
    """Run a command of ours, quietly."""
    command = [sys.executable, "-m", "workbench", *map(str, words)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(path: Path, landmarks: int) -> None:
    """Analyse the case twice and print what it took."""
    from workbench.analysis.run import analyse
    from workbench.case.folder import Case
    from workbench.domain.progress import Job
    from workbench.domain.settings import AnalysisSettings

    settings = AnalysisSettings(landmarks=landmarks)
    with Case.open(path) as case:
        memory = Memory()
        began = time.perf_counter(), time.process_time()
        report = analyse(case.engine, case.artifacts, settings, Job(memory.note))
        seconds = time.perf_counter() - began[0]
        cpu_seconds = time.process_time() - began[1]
        memory.stop()
        for stage in report.stages:
            published = case.artifacts.current(stage.name)
            say(
                stage=stage.name,
                seconds=round(stage.seconds, 2),
                **({} if published is None else published.info),
            )
        say(peak_mb_by_step=memory.peaks)
        again = analyse(case.engine, case.artifacts, settings, Job())
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    say(
        benchmark="analyse",
        seconds=round(seconds, 1),
        cpu_seconds=round(cpu_seconds, 1),
        peak_mb=peak_mb,
        rerun_seconds=round(again.seconds, 2),
        rerun_computed=sum(not stage.skipped for stage in again.stages),
        limit_seconds=240,
        limit_mb=4096,
        passed=seconds < 240 and peak_mb < 4096,
    )


def say(**values: Any) -> None:
    """One JSON object on a line."""
    print(json.dumps(values), flush=True)


class Memory:
    """Largest resident size while each step ran, from /proc (Linux; zeros elsewhere)."""

    def __init__(self) -> None:
        self.peaks: dict[str, int] = {}
        self._step = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def note(self, progress: Any) -> None:
        """A step of the job has begun."""
        self._step = progress.step

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        status = Path("/proc/self/statm")
        if not status.exists():
            return
        while not self._ended.wait(0.05):
            mb = int(status.read_text().split()[1]) * resource.getpagesize() >> 20
            self.peaks[self._step] = max(self.peaks.get(self._step, 0), mb)


if __name__ == "__main__":
    sys.exit(main())
