"""What ``pip install .`` brings: every module, statement, font, table and sample, and no test."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in the wheel."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_all_that_the_program_reads(shipped: set[str]) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "workbench", "resources", "sample_data"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    tracked = [name for name in listed.stdout.decode().split("\0") if name]
    if not tracked:
        pytest.skip("not a git checkout")
    expected = {
        name if name.startswith("workbench/") else f"workbench/{name}"
        for name in tracked
        if (ROOT / name).is_file()
    }
    assert not expected - shipped
    assert {"workbench/resources/embedding/vectors.npy", "workbench/py.typed"} <= shipped


def test_the_wheel_holds_nothing_else(shipped: set[str]) -> None:
    others = {name.split("/")[0] for name in shipped} - {"workbench"}
    assert all(name.endswith(".dist-info") for name in others)
    assert not [name for name in shipped if "__pycache__" in name or "/tests/" in name]


def test_the_wheel_brings_the_command(shipped: set[str]) -> None:
    assert [name for name in shipped if name.endswith(".dist-info/entry_points.txt")]
