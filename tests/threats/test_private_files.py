"""A computer that others use too: what the program writes is for its owner alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.case.made_up import add_file
from workbench.case.folder import Case
from workbench.domain.ports import Statement

#: As a careless system starts it: everybody may do everything.
_OPEN = "import os, sys; os.umask(0); from workbench.__main__ import main; main()"


def workbench(folder: Path, *said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, *said],
        cwd=folder,
        env=os.environ | {"WORKBENCH_CONFIG": str(folder / "config")},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def for_others(folder: Path) -> list[str]:
    """What others than the owner may read or change."""
    return [
        f"{stat.S_IMODE(path.stat().st_mode):o} {path.relative_to(folder)}"
        for path in sorted(folder.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such modes")
def test_what_commands_write_is_for_nobody_else(tmp_path: Path) -> None:
    workbench(
        tmp_path,
        *("simulate", "logs", "--scenario", "hydra", "--exchanges", "600", "--accounts", "80"),
    )
    workbench(tmp_path, "import", "a.case", "logs/log-canonical.jsonl.zst", "--zone", "UTC")
    workbench(tmp_path, "analyse", "a.case")
    names = {path.name for path in tmp_path.rglob("*")}
    assert {"truth.csv", "given.duckdb", "heads.json", "lock", "analyst_ed25519"} <= names
    assert for_others(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such modes")
def test_a_case_is_private_whoever_makes_it(tmp_path: Path) -> None:
    """Also where the program is used as a library."""
    before = os.umask(0)
    try:
        with Case.create(tmp_path / "a.case") as case:
            add_file(case, [{"account_id": "k", "prompt": "x"}])
    finally:
        os.umask(before)
    assert stat.S_IMODE(case.path.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such modes")
def test_somebody_who_shares_a_case_is_not_overruled(tmp_path: Path) -> None:
    with Case.create(tmp_path / "a.case") as case:
        pass
    case.path.chmod(0o750)
    with Case.open(case.path):
        pass
    assert stat.S_IMODE(case.path.stat().st_mode) == 0o750


_SPILL = Statement("spill", "SELECT current_setting('temp_directory') AS folder")


def test_what_is_read_spills_into_a_folder_of_its_own(tmp_path: Path) -> None:
    """A fixed name in the folder for temporary files could be somebody else's already."""
    with Case.create(tmp_path / "a.case"):
        pass
    spills = []
    for _ in range(2):
        with (
            Case.open(tmp_path / "a.case", write=False) as case,
            closing(case.engine()) as engine,
        ):
            spills.append(Path(engine.table(_SPILL)["folder"][0].as_py()).parent)
            assert stat.S_IMODE(spills[-1].stat().st_mode) == 0o700
            assert list(spills[-1].iterdir()) == []
        assert not spills[-1].exists()
    assert spills[0] != spills[1]
