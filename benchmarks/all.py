"""Every figure of docs/performance.md, one after another: ``make bench``.

Each benchmark is a module of its own that prints JSON lines; this runs them in fresh processes,
so that none warms a cache for the next.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys

MODULES = (
    "import_jsonl",
    "recognise",
    "analyse",
    "map_frame",
    "lasso",
    "event_loop",
    "start_up",
    "export_bundle",
    "report",
    "verify_bundle",
    "join",
    "journal",
    "label",
)


def main() -> int:
    """Run all of them; returns 1 if one failed."""
    print(f"# {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    failed = []
    for module in MODULES:
        print(f"# python -m benchmarks.{module}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=False)
        if done.returncode:
            failed.append(module)
    print(f"# failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
