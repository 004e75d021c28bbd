"""The corpus: small files that once broke the reader, or may, each with what becomes of it.

    python -m tests.faults.corpus add FILE --why "What it broke." [--name NAME]
    python -m tests.faults.corpus renew

``add`` copies a file to ``tests/corpus/`` and writes what the reader and an import make of it
beside it, NAME.expected.json: read that before you commit it, for the test holds it to be right.
``renew`` writes all expectations anew; read the difference. No file is ever taken out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.errors import InputError
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.read import open_source
from workbench.services.sources import expand
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER: Final = Path(__file__).resolve().parents[1] / "corpus"
BESIDE: Final = ".expected.json"
#: Bytes of all files: who clones the project fetches them.
MOST_BYTES: Final = 200_000
_OPTIONS: Final = ReadOptions("UTC")


def files() -> list[Path]:
    """All files of the corpus, without what is expected of them."""
    return sorted(path for path in FOLDER.iterdir() if not path.name.endswith(BESIDE))


def expected(path: Path) -> dict[str, Any]:
    """What stands beside a file."""
    found: dict[str, Any] = json.loads((path.parent / (path.name + BESIDE)).read_text("utf-8"))
    return found


def told(path: Path) -> dict[str, Any]:
    """What becomes of a file: by the reader alone, and by an import into an empty case."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"sha256": digest, "read": _read(path), "imported": _imported(path)}


def _read(path: Path) -> dict[str, Any]:
    try:
        sources = [open_source(each.place, _OPTIONS) for each in expand([path], Job())]
        return {_short(source.place, path): _records(source) for source in sources}
    except InputError as error:
        return {"refused": _short(error, path)}


def _records(source: Any) -> dict[str, Any]:
    parts = list(source.blocks(Job()))
    rejects = [row for part in parts for row in part.rejects.to_pylist()]
    return {
        "format": source.detection.format,
        "records": source.records,
        "rows": _runs([n for part in parts for n in part.records["record_no"].to_pylist()]),
        "blank": sum(part.blank for part in parts),
        "header": sum(part.header for part in parts),
        "rejects": [[row["record_no"], row["byte_offset"], row["reason"]] for row in rejects],
    }


def _runs(numbers: list[int]) -> str:
    """Ascending numbers, as "1-3,5"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{low}-{high}" if high > low else str(low) for low, high in runs)


def _imported(path: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, Workspace.create(Path(folder) / "a.case") as made:
        try:
            report = made.importing.run([path], Frame(), _OPTIONS, Job(), workers=1)
        except InputError as error:
            return {"refused": _short(error, path)}
        return {name: count for name, count in report.total.as_dict().items() if count}


def _short(text: object, path: Path) -> str:
    return str(text).replace(str(path), path.name)


def add(path: Path, why: str, name: str = "") -> Path:
    """Copy a file into the corpus, with what becomes of it."""
    target = FOLDER / (name or path.name)
    if target.exists() and target.read_bytes() != path.read_bytes():
        raise SystemExit(f"{target} is there and is another file: give it a --name.")
    target.write_bytes(path.read_bytes())
    _write(target, why)
    return target


def _write(path: Path, why: str) -> None:
    text = json.dumps({"why": why} | told(path), indent=1, ensure_ascii=True)
    (path.parent / (path.name + BESIDE)).write_text(text + "\n", "utf-8")


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.corpus", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    adding = commands.add_parser("add")
    adding.add_argument("file", type=Path)
    adding.add_argument("--why", required=True)
    adding.add_argument("--name", default="")
    commands.add_parser("renew")
    given = parser.parse_args(arguments)
    if given.command == "add":
        sys.stdout.write(f"{add(given.file, given.why, given.name)}{BESIDE}: read it.\n")
    else:
        for path in files():
            _write(path, expected(path)["why"])


if __name__ == "__main__":
    main(sys.argv[1:])
