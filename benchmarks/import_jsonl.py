"""Import of a million JSON lines against DuckDB's own ``read_json`` into a table.

    python -m benchmarks.import_jsonl [--shape canonical] [--lines 1000000] [--rounds 3]
                                      [--folder DIR]

Makes the lines (about 1 KB each, seeded, in one of the shapes of ``benchmarks.lines``) in a
temporary folder, then lets both sides read the same file alternately, each in a process of its own,
and prints one JSON object: wall seconds, processor seconds and peak memory of each, their ratios
(median of the rounds), and the records accounted for. Each reads a thousand lines first, which is
not part of its time: no library and no kernel is loaded in it. What that takes is "start_up".
What is said of ``workers`` is of the processes that read for ours, which lines as plain as these do
not need. Then a file of twice as many lines is imported once, for its memory.
"load" is how many processes wanted a processor beside ours, before each round.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.lines import SHAPES, make_lines


def _duckdb(sources: list[Path], folder: Path) -> dict[str, Any]:
    """DuckDB's own way, in this process."""
    import duckdb

    folder.mkdir()
    target = folder / "duck.duckdb"
    connection = duckdb.connect(str(target))
    connection.execute("SET threads = 2")
    began = time.perf_counter()
    connection.execute("CREATE TABLE log AS SELECT * FROM read_json(?)", [list(map(str, sources))])
    connection.execute("CHECKPOINT")
    seconds = time.perf_counter() - began
    ((rows,),) = connection.execute("SELECT count(*) FROM log").fetchall()
    connection.close()
    return {"seconds": seconds, "records": rows, "bytes": target.stat().st_size}


def _ours(sources: list[Path], folder: Path) -> dict[str, Any]:
    """The workbench's import, in this process."""
    from workbench.domain.exchange import Frame
    from workbench.domain.ports import ReadOptions
    from workbench.domain.progress import Job
    from workbench.services.workspace import Workspace

    folder.mkdir()
    case = folder / "bench.case"
    with Workspace.create(case) as workspace:
        began = time.perf_counter()
        report = workspace.importing.run(sources, Frame(), ReadOptions(), Job())
        seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "records": report.total.records,
        "fates": report.total.as_dict(),
        "bytes": (case / "given.duckdb").stat().st_size,
    }


_SIDES = {"duckdb": _duckdb, "workbench": _ours}
_FEW = 1000


def _in_a_process(side: str, shape: str, source: Path, folder: Path) -> dict[str, Any]:
    room = folder / side
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir()
    command = [sys.executable, "-m", "benchmarks.import_jsonl", "--side", side]
    command += ["--source", str(source), "--folder", str(room), "--shape", shape]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    shutil.rmtree(room)
    return result


def main() -> None:
    """Run the benchmark, or one side of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--shape", choices=sorted(SHAPES), default="canonical")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--side", choices=sorted(_SIDES))
    parser.add_argument("--source", type=Path, nargs="+")
    given = parser.parse_args()
    if given.side:
        began = time.perf_counter()
        few = given.folder / "few.jsonl"
        make_lines(few, _FEW, shape=given.shape)
        _SIDES[given.side]([few], given.folder / "few")
        start_up = round(time.perf_counter() - began, 2)
        result = _SIDES[given.side](given.source, given.folder / "all") | {"start_up": start_up}
        own = resource.getrusage(resource.RUSAGE_SELF)
        workers = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = {
            "cpu_seconds": round(own.ru_utime + own.ru_stime, 2),
            "workers_cpu_seconds": round(workers.ru_utime + workers.ru_stime, 2),
            "peak_mb": own.ru_maxrss // 1024,
            "workers_mb": workers.ru_maxrss // 1024,
        }
        print(json.dumps(result | used))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        source = folder / "log.jsonl"
        make_lines(source, given.lines, shape=given.shape)
        rounds: dict[str, list[dict[str, Any]]] = {side: [] for side in _SIDES}
        load = []
        for _ in range(given.rounds):
            load.append(round(os.getloadavg()[0], 1))
            for side in _SIDES:
                rounds[side].append(_in_a_process(side, given.shape, source, folder))
        megabytes = source.stat().st_size // 1_000_000
        make_lines(source, 2 * given.lines, shape=given.shape)
        twice = _in_a_process("workbench", given.shape, source, folder)
    median = {side: _median(runs) for side, runs in rounds.items()}
    ours, theirs = median["workbench"], median["duckdb"]
    print(
        json.dumps(
            {
                "shape": given.shape,
                "lines": given.lines,
                "megabytes": megabytes,
                "load": load,
                "rounds": {s: [round(r["seconds"], 2) for r in v] for s, v in rounds.items()},
                **median,
                "ratio": round(ours["seconds"] / theirs["seconds"], 2),
                "ratio_of_processor_seconds": round(_cpu(ours) / _cpu(theirs), 2),
                "peak_mb_at_lines_and_twice": [_peak_mb(ours), _peak_mb(twice)],
                "accounted": ours["records"] == given.lines and twice["records"] == 2 * given.lines,
            },
            indent=2,
        )
    )


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The run that took the median time."""
    return sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2]


def _cpu(run: dict[str, Any]) -> float:
    return float(run["cpu_seconds"] + run["workers_cpu_seconds"])


def _peak_mb(run: dict[str, Any]) -> int:
    """Of all its processes: at most this, since not all need have peaked at once."""
    return int(run["peak_mb"] + run["workers_mb"])


if __name__ == "__main__":
    main()
