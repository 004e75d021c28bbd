"""A computer that others use too: what the program writes is for its owner alone."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.case.made_up import add_file
from workbench.case.folder import Case
from workbench.domain.ports import Statement


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
