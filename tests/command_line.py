"""The command line as a person types it, in this process and without a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path


class NoWindow:
    """The command under test opens none."""

    def open(self, case: Path | None) -> int:
        raise AssertionError

    def grab(self, case: Path, picture: Path) -> None:
        raise AssertionError


_NO_WINDOW = NoWindow()


def workbench(*arguments: str | Path) -> int:
    """One command; its exit status."""
    return run([str(argument) for argument in arguments], _NO_WINDOW)
