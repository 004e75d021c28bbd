"""What only another process shows: the same bytes under another hash seed, and a crash half-way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.bundle.verify import verify
from workbench.domain.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
WRITE = """
import os, sys
from pathlib import Path
from tests.bundle import made_up
from tests.bundle.keys import TestKey
from workbench.bundle.bag import write_bundle
from workbench.domain.progress import Job

class DiesAt(Job):
    left = int(sys.argv[2])

    def check(self):
        self.left -= 1
        if self.left == 0:
            os._exit(9)

write_bundle(made_up.content(made_up.MENAGERIE), Path(sys.argv[1]), TestKey(), DiesAt())
"""


def write(out: Path, *, dies_at: int = -1, seed: int = 0) -> int:
    """Write the made-up bundle in a process of its own; returns its exit code."""
    return subprocess.run(
        [sys.executable, "-c", WRITE, str(out), str(dies_at)],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": str(seed), "TZ": "Asia/Kathmandu"},
    ).returncode


def test_another_process_another_hash_seed_another_zone_the_same_bytes(tmp_path: Path) -> None:
    sums = set()
    for seed in (1, 2):
        assert write(tmp_path / str(seed), seed=seed) == 0
        folder = tmp_path / str(seed)
        sums.add((folder / "tagmanifest-sha256.txt").read_bytes())
        sums.add((folder / "signatures" / "tagmanifest-sha256.txt.sig").read_bytes()[:60])
    assert len(sums) == 2


@pytest.mark.parametrize("dies_at", [2, 20, 40])
def test_a_process_that_dies_leaves_no_bundle(tmp_path: Path, dies_at: int) -> None:
    out = tmp_path / "bundle"
    assert write(out, dies_at=dies_at) == 9
    assert not out.exists()
    left = list(tmp_path.iterdir())
    assert [path.name.startswith(".bundle.") for path in left] == [True]
    with pytest.raises(InputError, match="not a bundle"):
        verify(left[0])
