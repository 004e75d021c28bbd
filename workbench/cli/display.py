"""Whether a window can be shown here."""

from __future__ import annotations

import os
import sys

from workbench.domain.errors import InputError


def has_display() -> bool:
    """Whether a window can be shown, or an off-screen platform was asked for."""
    if os.environ.get("QT_QPA_PLATFORM"):
        return True
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def has_screen() -> bool:
    """Whether a person would see a window: nobody does on Qt's platforms without a screen."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    return has_display() and platform not in {"offscreen", "minimal"}


def require_display() -> None:
    """Refuse clearly where Qt would abort the process.

    Raises:
        InputError: No display.
    """
    if not has_display():
        raise InputError(
            "There is no display to open a window on (DISPLAY and WAYLAND_DISPLAY are not set).",
            remedy="Use the commands of `workbench --help`, or `make demo` for the same job "
            "off-screen.",
        )
