"""``workbench [CASE]``: the window."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Protocol

import typer

from workbench.cli.display import require_display


class Window(Protocol):
    """What the command line may ask of the window; handed in by ``__main__``.

    ui and cli are siblings and do not import each other.
    """

    def __hash__(self) -> int: ...

    def open(self, case: Path | None) -> int:
        """Open on a case or the start page; returns the exit code when it is closed."""
        ...

    def grab(self, case: Path, picture: Path) -> None:
        """Open on a case off-screen, wait until all is drawn, save a PNG, close."""
        ...


def register(app: typer.Typer, window: Window) -> None:
    """Add the command ``window`` (what ``workbench CASE`` stands for)."""

    @app.command("window")
    def window_(
        case: Annotated[
            Path | None, typer.Argument(metavar="[CASE]", help="The case folder.")
        ] = None,
    ) -> None:
        """Open the window, on a case or on the start page.

        Example: workbench harbour.case
        """
        raise typer.Exit(open_window(window, case))


def open_window(window: Window, case: Path | None) -> int:
    """Open the window and return its exit code when it is closed.

    Raises:
        KnownError: There is no display, or the case cannot be opened.
    """
    require_display()
    return window.open(case)
