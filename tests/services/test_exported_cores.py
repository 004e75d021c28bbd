"""The same case gives the same bytes on one core and on several."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXPORT = """
import os, sys
from pathlib import Path
cores = [int(core) for core in sys.argv[3].split(",")]
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, cores)
from workbench.domain.progress import Job
from workbench.services.export_scope import Scope
from workbench.services.workspace import Workspace

with Workspace.open(Path(sys.argv[1]), write=False) as workspace:
    both = Scope(clusters=("C-001", "C-002"))
    workspace.exporting.run(both, Path(sys.argv[2]), Job(), raw=True)
"""


def test_one_core_and_several_give_the_same_bytes(harbour: Path, tmp_path: Path) -> None:
    every = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    for name, cores in (("one", every[:1]), ("several", every[:2])):
        subprocess.run(
            [sys.executable, "-c", EXPORT, harbour, tmp_path / name, ",".join(map(str, cores))],
            cwd=ROOT,
            env=os.environ | {"WORKBENCH_CONFIG": str(tmp_path / "config")},
            check=True,
        )
    files = {
        name: {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("one", "several")
    }
    # Ed25519 has no chance in it: the same key over the same bytes is the same signature.
    assert files["one"] == files["several"]
    assert len(files["one"]) > 40
