"""Imported by the server that the victims are forked from: simulates, imports and analyses once.

So a victim finds every library imported and every kernel loaded, and hundreds of them cost
minutes. Nothing is exported here: the typesetter keeps threads, which a fork would not have.
"""

from __future__ import annotations

import os
import tempfile
from importlib import import_module
from pathlib import Path

from tests.faults.trouble import make_analysed

for _name in ("tests.faults.victims", "matplotlib.backends.backend_svg", "typst"):
    import_module(_name)
for _name in ("exporting", "dossiers", "evidence", "exhibits", "pictures", "custody"):
    import_module(f"workbench.services.{_name}")

with tempfile.TemporaryDirectory() as _folder:
    os.environ["WORKBENCH_CONFIG"] = str(Path(_folder) / "config")
    make_analysed(Path(_folder))
