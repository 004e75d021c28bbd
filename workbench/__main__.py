"""``workbench``: the command line and, without a command, the window.

The one module above all layers: it hands the window to the command line.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class _Window:
    """The window, imported only when it is asked for: no other command loads Qt."""

    def open(self, case: Path | None) -> int:
        from workbench.ui.app import run

        return run(case)

    def grab(self, case: Path, picture: Path) -> None:
        from workbench.ui.app import grab

        grab(case, picture)


def main() -> None:
    """Run the command line and leave with its exit code."""
    from workbench.cli.main import run

    # Logs are what people said to a machine: whatever is written, also by a database or on the
    # way, is for its owner alone until they say otherwise.
    os.umask(0o077)
    sys.exit(run(sys.argv[1:], _Window()))


if __name__ == "__main__":
    main()
