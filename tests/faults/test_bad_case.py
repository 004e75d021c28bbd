"""A case that cannot be used: every command says so in one line, exits with 2, changes nothing."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command_line import workbench
from tests.faults.trouble import Analysed, complaint, given, small_disk
from workbench.case.casefile import VERSIONS, CaseFile

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT = Path(__file__).resolve().parents[2]
_ANY = "C-001"


def commands(case: Path, log: Path, out: Path) -> dict[str, list[str | Path]]:
    """One of each command that opens a case."""
    return {
        "import": ["import", case, log, "--system", "another"],
        "join": ["join", case, "--accounts", log.parent / "truth.csv"],
        "tables": ["join", case],
        "frame": ["frame", case, "--custodian", "us"],
        "analyse": ["analyse", case],
        "accounts": ["accounts", case],
        "clusters": ["clusters", case],
        "explain": ["explain", case, "--cluster", _ANY],
        "label": ["label", case, "--cluster", _ANY, "--as", "suspected", "--why", "x"],
        "undo": ["undo", case],
        "redo": ["redo", case],
        "note": ["note", case, "x"],
        "journal": ["journal", case, "verify"],
        "settings": ["settings", case],
        "set": ["settings", case, "--legal-hold", "yes", "--why", "x"],
        "repair": ["repair", case],
        "reveal": ["reveal", case, "--exchange", "0", "--why", "x"],
        "purge": ["purge", case, "--before", "2031-01-01", "--why", "x"],
        "quarantine": ["quarantine", case, "--exchange", "0", "--why", "x"],
        "merge": ["merge", case, case],
        "conflicts": ["conflicts", case],
        "sign-off": ["sign-off", case, "--cluster", _ANY, "--why", "x"],
        "stamp": ["stamp", case, "--request", out.parent / "request.tsq"],
        "stamps": ["stamp", case, "--list"],
        "rejects": ["rejects", case],
        "runs": ["runs", case],
        "info": ["info", case],
        "export": ["export", case, "--cluster", _ANY, "--out", out],
        "fingerprint": ["fingerprint", case, "--cluster", _ANY, "--out", out],
        "match": ["match", case, log],
        "evaluate": ["evaluate", case, "--truth", log.parent / "truth.csv"],
    }


#: Those that only read, and so work where nothing may be written.
READERS = (
    "accounts",
    "clusters",
    "journal",
    "rejects",
    "runs",
    "info",
    "evaluate",
    "tables",
    "settings",
    "stamps",
    "conflicts",
)
WRITERS = (
    "import", "join", "frame", "analyse", "label", "undo", "redo", "note", "export", "set",
    "stamp", "fingerprint", "merge", "sign-off",
    "repair", "reveal", "quarantine", "purge",
)  # fmt: skip
EVERY = tuple(commands(Path(), Path(), Path()))


_KNOWN = VERSIONS["given"]


def _newer(case: Path) -> None:
    file = CaseFile.read(case / "case.toml")
    file.versions["given"] += 1
    file.write(case / "case.toml")


def _emptied(case: Path) -> None:
    shutil.rmtree(case)
    case.mkdir()


def _a_file(case: Path) -> None:
    shutil.rmtree(case)
    case.write_text("a note about the case")


def _cut(case: Path) -> None:
    given = case / "given.duckdb"
    given.write_bytes(given.read_bytes()[:99_999])


TROUBLES: dict[str, tuple[Callable[[Path], object], str]] = {
    "newer version": (_newer, f"has version {_KNOWN + 1}, this program knows {_KNOWN}"),
    "not one": (_emptied, "is not a case folder: it has no case.toml"),
    "a file": (_a_file, "is no folder"),
    "no settings": (lambda case: (case / "case.toml").write_text(""), "case.toml is damaged"),
    "no data": (lambda case: (case / "given.duckdb").unlink(), "given.duckdb is missing"),
    "cut data": (_cut, "given.duckdb of the case is damaged"),
}


def contents(folder: Path) -> dict[str, str]:
    """Digest of every file below, but of the lock, which says who looked last."""
    files = [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.is_file())
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name != "lock"
    }


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_is_no_case_any_more(
    analysed: Analysed, tmp_path: Path, capfd: pytest.CaptureFixture[str], trouble: str
) -> None:
    case = tmp_path / "a.case"
    shutil.copytree(analysed.case, case)
    spoil, words = TROUBLES[trouble]
    spoil(case)
    before = contents(case)
    for name, command in commands(case, analysed.log, tmp_path / "out").items():
        if name == "import" and trouble == "not one":
            continue  # an empty folder may become a case
        if name == "repair" and trouble in {"no data", "cut data"}:
            continue  # it makes the data again
        capfd.readouterr()
        assert workbench(*command) == 2, name
        line = complaint(capfd)
        assert words in line or (name == "import" and "exists already" in line), name
        assert "a.case" in line or ".duckdb" in line
        assert contents(case) == before
    assert not (tmp_path / "out").exists()


def test_a_case_that_is_missing(
    analysed: Analysed, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "missing.case"
    for name, command in commands(case, analysed.log, tmp_path / "out").items():
        if name == "import":
            continue  # it makes one
        capfd.readouterr()
        assert workbench(*command) == 2, name
        line = complaint(capfd)
        assert f"{case} does not exist" in line
        # A table is added to a case, and a case is made by its first logs.
        remedy = f"Make it with the first logs: workbench import {case}"
        assert (remedy if command[0] == "join" else "Name a folder") in line
        assert not case.exists()


_HOLD = """
import sys
sys.path.insert(0, {root!r})
from workbench.services.workspace import Workspace
with Workspace.open(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_on_the_same_case(
    analysed: Analysed, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "a.case"
    shutil.copytree(analysed.case, case)
    before = contents(case)
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD.format(root=str(_ROOT)), case],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        for name, command in commands(case, analysed.log, tmp_path / "out").items():
            capfd.readouterr()
            waits = ("--no-wait",) if name == "import" else ()
            assert workbench(*command, *waits) == 2, name
            line = complaint(capfd)
            assert f"a.case is open in another process (process {holder.pid} on " in line, name
            assert "Close it there first." in line
        holder.communicate()
    assert contents(case) == before
    assert workbench("info", case) == 0


def test_a_case_on_a_disk_that_may_only_be_read(
    analysed: Analysed, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        case = disk.path / "a.case"
        shutil.copytree(analysed.case, case)
        before = contents(case)
        subprocess.run(["mount", "-o", "remount,ro", disk.path], check=True)
        every = commands(case, analysed.log, tmp_path / "out")
        for name in WRITERS:
            capfd.readouterr()
            assert workbench(*every[name]) == 2, name
            line = complaint(capfd)
            assert "read-only" in line, name
            assert "copy the case to another place" in line
        for name in READERS:
            assert workbench(*every[name]) == 0, name
        assert contents(case) == before
        assert given(case)
