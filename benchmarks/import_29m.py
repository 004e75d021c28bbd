"""Import of a log that is as large as the largest campaign reported: 29 million lines, 29 GB.

    make bench-29m          or   python -m benchmarks.import_29m [--files 29] [--folder DIR]

Makes one file for each million lines (kept in the folder, if one is named), imports all of them
into a new case in a process of its own, and prints one JSON object: wall seconds, processor
seconds, peak memory of the program and of its reading processes, and the records accounted for.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.lines import make_lines

_LINES: Final = 1_000_000


def main() -> int:
    """Run it; returns 1 unless every line is accounted for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--files", type=int, default=29, help="of a million lines each (29)")
    parser.add_argument("--folder", type=Path, help="keep the lines here, and use those there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = given.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        _make(folder, given.files)
        room = folder / "room"
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir()
        command = [sys.executable, "-m", "benchmarks.import_jsonl", "--side", "workbench"]
        command += ["--folder", str(room), "--source", *map(str, _files(folder, given.files))]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        result = json.loads(done.stdout)
        shutil.rmtree(room)
    lines = given.files * _LINES
    accounted = result["records"] == lines == result["fates"]["loaded"]
    print(json.dumps({"lines": lines, **result, "accounted": accounted}, indent=2))
    return 0 if accounted else 1


def _files(folder: Path, count: int) -> list[Path]:
    return [folder / f"log-{number:02d}.jsonl" for number in range(count)]


def _make(folder: Path, count: int) -> None:
    """The files that are not there yet."""
    missing = {
        number: path for number, path in enumerate(_files(folder, count)) if not path.exists()
    }
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(partial(_file, count), missing.keys(), missing.values()):
            pass


def _file(count: int, number: int, path: Path) -> None:
    """One file, under its name only when it is whole."""
    part = path.with_suffix(".part")
    make_lines(part, _LINES, first=number * _LINES, of=count * _LINES)
    part.rename(path)


if __name__ == "__main__":
    sys.exit(main())
