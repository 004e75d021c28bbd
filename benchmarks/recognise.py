"""How long it takes to find out what a file is: every shape and layout that the tests know.

    python -m benchmarks.recognise [--records 20000] [--rounds 5] [FILE ...]

Makes a file of each shape as JSON lines, array, indented and CSV, and of LiteLLM as Parquet, Arrow,
TSV and COPY text, too, in a temporary folder, and lets the program look at each of them, and at the
files named. A process looks at each once before it is timed: that loads the kernels, which takes a
second or two, once. Prints one JSON object: files, those that were taken for another format, and
milliseconds (median of the rounds of each file): median, largest, and the slowest files.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.faults.small_logs import HOLDERS, LAYOUTS, PAIRS, SHAPES
from workbench.domain.errors import InputError
from workbench.domain.ports import ReadOptions
from workbench.formats.read import open_source

#: What a fixture is called in the tests -> the format that reads it, where they differ.
_FORMAT: Final = {
    "langfuse-warehouse": "langfuse",
    "litellm-payload": "litellm",
    **dict.fromkeys(("openai-older", "openai-older-call", "openai-streamed"), "openai"),
    **dict.fromkeys(("openai-asked", "openai-answered", "openai-expired"), "openai-batch"),
    "anthropic-streamed": "anthropic",
}
#: Layouts in which every shape is sound; of the others those of LiteLLM.
_ANY: Final = ("lines", "array", "pretty", "csv")
_SLOWEST: Final = 5


def main() -> int:
    """Run it; returns 1 if a file was taken for another format."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("files", type=Path, nargs="*")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = _make(Path(folder), given.records)
        paths = [*made, *given.files]
        found = {path: _format(path) for path in paths}
        took = {path: _milliseconds(path, given.rounds) for path in paths}
    mistaken = {
        path.name: found[path]
        for path, expected in made.items()
        if expected not in (found[path], "")
    }
    slowest = sorted(took, key=lambda path: -took[path])[:_SLOWEST]
    result = {
        "files": len(paths),
        "records": given.records,
        "mistaken": mistaken,
        "median_ms": round(statistics.median(took.values()), 1),
        "largest_ms": round(max(took.values()), 1),
        "slowest": {path.name: round(took[path], 1) for path in slowest},
    }
    print(json.dumps(result, indent=2))
    return 1 if mistaken else 0


def _make(folder: Path, records: int) -> dict[Path, str]:
    """Files, and the format of each; empty where a file holds several."""
    made = {}
    for shape, layout in PAIRS:
        if layout not in _ANY and (layout == "text" or shape != "litellm"):
            continue  # what the tests spoil, or lines of a server whatever the shape
        count = max(1, records // 10) if shape in HOLDERS else records
        path = folder / f"{shape}.{layout}"
        path.write_bytes(LAYOUTS[layout]([SHAPES[shape]] * count))
        made[path] = "" if shape in HOLDERS else _FORMAT.get(shape, shape)
    return made


def _format(path: Path) -> str:
    try:
        return open_source(path, ReadOptions(zone="UTC")).detection.format
    except InputError as error:
        return str(error)


def _milliseconds(path: Path, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        _format(path)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
