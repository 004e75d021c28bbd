"""An import that is killed again and again, against one that nobody kills: the same in the end?

    python -m benchmarks.resume [--lines 10000000] [--kills 3] [--seed N] [--folder DIR]

Makes the lines (canonical, about 1 KB each: 12 GB for ten million) and imports them once whole.
Then into a copy of the same empty case, killed (SIGKILL) at random moments, each time gone on with
by ``import --resume``, to the end; then once more, killed and taken back by ``--roll-back``. Every
table of what was given is compared by the number and the MD5 of its rows, all columns but the
times of the import. Prints one JSON object; returns 1 unless both came to the same.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np

from benchmarks.lines import make_lines
from workbench.services.workspace import Workspace

_PROGRAM: Final = (sys.executable, "-m", "workbench", "import")
#: When the import ran; nothing else may differ.
_TIMES: Final = {"batches": "EXCLUDE (opened_us, closed_us)"}


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31))
    parser.add_argument("--folder", type=Path, help="keep the lines here, and use those there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        log = (asked.folder or room) / f"log-{asked.lines}.jsonl"
        if not log.exists():
            log.parent.mkdir(parents=True, exist_ok=True)
            make_lines(log.with_suffix(".part"), asked.lines)
            log.with_suffix(".part").rename(log)
        told = _compare(room, log, asked.kills, np.random.default_rng(asked.seed))
    print(json.dumps({"lines": asked.lines, "seed": asked.seed, **told}, indent=2))
    return 0 if told["same"] and told["taken_back"] else 1


def _compare(room: Path, log: Path, n_kills: int, rng: np.random.Generator) -> dict[str, Any]:
    with Workspace.create(room / "empty.case"):
        pass
    # Copies of one case: what recognises copies is a secret of the case.
    empty = _digests(room / "empty.case")
    whole = Path(shutil.copytree(room / "empty.case", room / "whole.case"))
    began = time.perf_counter()
    subprocess.run([*_PROGRAM, str(whole), str(log)], check=True, capture_output=True)
    seconds = time.perf_counter() - began
    wanted = _digests(whole)
    shutil.rmtree(whole)

    case = Path(shutil.copytree(room / "empty.case", room / "killed.case"))
    kills = []
    for _ in range(n_kills):
        after = float(rng.uniform(0.1, 0.5)) * seconds
        if not _killed(case, log, after):
            break
        kills.append({"after_s": round(after, 1), "goes_on_at": _reached(case)})
    began = time.perf_counter()
    if _reached(case):
        subprocess.run([*_PROGRAM, str(case), "--resume"], check=True, capture_output=True)
    else:
        subprocess.run([*_PROGRAM, str(case), str(log)], check=True, capture_output=True)
    rest = time.perf_counter() - began
    same = _digests(case) == wanted
    shutil.rmtree(case)

    case = Path(shutil.copytree(room / "empty.case", room / "back.case"))
    back = float(rng.uniform(0.3, 0.8)) * seconds
    _killed(case, log, back)
    if _reached(case):
        subprocess.run([*_PROGRAM, str(case), "--roll-back"], check=True, capture_output=True)
    else:  # before the first milestone: by whoever opens it next
        with Workspace.open(case):
            pass
    return {
        "whole_s": round(seconds, 1),
        "kills": kills,
        "rest_s": round(rest, 1),
        "same": bool(kills) and same,
        "taken_back_after_s": round(back, 1),
        "taken_back": _digests(case) == empty,
    }


def _killed(case: Path, log: Path, after: float) -> bool:
    """Whether an import, begun or gone on with, was still running when it was killed."""
    rest = ["--resume"] if _reached(case) else [str(log)]
    pipe = subprocess.DEVNULL
    with subprocess.Popen([*_PROGRAM, str(case), *rest], stdout=pipe, stderr=pipe) as process:
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.returncode == -signal.SIGKILL


def _reached(case: Path) -> int:
    """Records of the last milestone that an import left; 0 where none waits to go on."""
    with Workspace.open(case, write=False) as workspace:
        left = workspace.importing.interrupted()
    return left.records if left else 0


def _digests(case: Path) -> dict[str, tuple[int, int]]:
    """Rows of every table of what was given, and their MD5s together."""
    with duckdb.connect(str(case / "given.duckdb"), read_only=True) as connection:
        names = [row[0] for row in connection.execute("SHOW TABLES").fetchall()]
        return {name: _digest(connection, name) for name in names}


def _digest(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[int, int]:
    rows = f"(SELECT * {_TIMES.get(name, '')} FROM {name}) AS row"
    found = connection.execute(
        f"SELECT count(*), bit_xor(md5_number(row::VARCHAR)) FROM {rows}"
    ).fetchone()
    assert found is not None
    return found[0], found[1] or 0


if __name__ == "__main__":
    sys.exit(main())
