"""Trouble made on purpose: how many cases of it, a disk without room, a case to try it on."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import workbench
from workbench.domain.ports import Statement
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL = os.environ.get("WORKBENCH_FAULTS") == "full"
SEED = int(os.environ.get("WORKBENCH_FAULTS_SEED", random.SystemRandom().randrange(10**9)))


#: Null clusters that an analysis grows here, where what it finds does not matter: it is the same
#: each time, and hundreds of them are made. As ``patch(*FEW)`` takes it.
FEW = ("workbench.analysis.clusters.forming._NULLS", 120)


def cases(full: int, *, least: int) -> range:
    """Numbers of the cases to try: all of them, or one in a hundred and ``least`` at the least."""
    return range(full if FULL else max(least, full // 100))


def complaint(capfd: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr that says what went wrong."""
    said = capfd.readouterr().err
    assert "Traceback" not in said
    (line,) = [line for line in said.splitlines() if line.startswith("workbench: ")]
    return line


@dataclass(frozen=True)
class Analysed:
    """A small log, the case that holds it, and what analysing it gives.

    Attributes:
        log: 600 exchanges of 120 accounts.
        imported: A case that holds them.
        case: The same case, analysed.
        digests: Stage -> digest of what it published.
        account: One of the accounts.
    """

    log: Path
    imported: Path
    case: Path
    digests: dict[str, str]
    account: str


def make_analysed(folder: Path) -> Analysed:
    """Simulate, import, analyse."""
    quantity = ("--exchanges", "600", "--accounts", "120", "--seed", "1")
    kind = ("--scenario", "hydra", "--log", "canonical.jsonl")
    assert workbench("simulate", folder / "log", *kind, *quantity) == 0
    log = folder / "log" / "log-canonical.jsonl"
    assert workbench("import", folder / "imported.case", log) == 0
    shutil.copytree(folder / "imported.case", folder / "analysed.case")
    assert workbench("analyse", folder / "analysed.case") == 0
    case = folder / "analysed.case"
    with Workspace.open(case, write=False) as workspace:
        account = workspace.browsing.accounts().column("account_id")[0].as_py()
    return Analysed(log, folder / "imported.case", case, digests(case), account)


def laid_out(source: Path, case: Path, *configs: Path) -> None:
    """A fresh copy at the same place, forgotten by who saw another there: no folder set back."""
    shutil.rmtree(case, ignore_errors=True)
    shutil.copytree(source, case)
    for config in (*configs, Path(os.environ["WORKBENCH_CONFIG"])):
        shutil.rmtree(config / "heads", ignore_errors=True)


def account_table(path: Path, case: Path) -> Path:
    """Something that the logs leave out, of every account of a case."""
    with Workspace.open(case, write=False) as workspace, workspace._held.engine() as engine:
        rows = engine.table(Statement("who", "SELECT value FROM account ORDER BY 1")).to_pylist()
    lines = [f"{row['value']},{('pro', 'free')[n % 2]},\n" for n, row in enumerate(rows)]
    path.write_text("account_id,plan,declared_use\n" + "".join(lines))
    return path


def filled(case: Path) -> list[dict[str, Any]]:
    """What added tables say of the exchanges of a case, and which of them."""
    text = "SELECT exchange_id, plan, plan_by IS NULL AS own FROM exchange ORDER BY exchange_id"
    with Workspace.open(case, write=False) as workspace, workspace._held.engine() as engine:
        rows: list[dict[str, Any]] = engine.table(Statement("filled", text)).to_pylist()
    return rows


def digests(case: Path) -> dict[str, str]:
    """Stage -> digest of what it published; every published file holds what it held then."""
    with Workspace.open(case, write=False) as workspace:
        store = workspace._held.case.artifacts
        assert store.verify() == []
        return {stage.stage: stage.digest for stage in store.stages()}


def given(case: Path) -> dict[str, Any]:
    """What ``info`` says that a case was given."""
    with Workspace.open(case, write=False) as workspace:
        return workspace.importing.provenance.info().as_dict()


def decided(case: Path) -> list[str]:
    """Digests of all entries of the journals, which verify."""
    with Workspace.open(case, write=False) as workspace:
        journals = workspace._held.case.journals
        entries = journals.entries()
        assert journals.verify().entries == len(entries)
        return [entry.digest for entry in entries]


def values(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> Any:
    """What a command says to machines."""
    capfd.readouterr()
    assert workbench(*arguments, "--json") == 0
    return json.loads(capfd.readouterr().out)


@dataclass(frozen=True)
class Disk:
    """A disk of its own."""

    path: Path

    @property
    def n_free(self) -> int:
        """Bytes."""
        about = os.statvfs(self.path)
        return about.f_bavail * about.f_frsize

    def names(self) -> list[str]:
        """What lies on it."""
        return sorted(path.name for path in self.path.iterdir() if path.name != "ballast")

    def leave(self, room: int) -> None:
        """Make the disk so large that ``room`` bytes are free; in whole pages of 4 KiB."""
        (self.path / "ballast").unlink(missing_ok=True)
        about = os.statvfs(self.path)
        used = (about.f_blocks - about.f_bfree) * about.f_frsize
        size = f"size={used + max(room, 4096)}"
        subprocess.run(["mount", "-o", f"remount,{size}", self.path], check=True)
        if not room:
            (self.path / "ballast").write_bytes(b"\0" * self.n_free)


@contextlib.contextmanager
def small_disk(path: Path) -> Iterator[Disk]:
    """A disk in memory, mounted at ``path``; skips the test where one may not be mounted."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux may mount a small disk")
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(path)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk may be mounted here: {done.stderr.strip()}")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)
