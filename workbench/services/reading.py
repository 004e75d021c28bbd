"""How logs are read, as the window and the command line choose it: formats, mappings, profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formats.known import KNOWN
from workbench.formats.mapping import Mapped, parse_mapping
from workbench.formats.profile import Profile, load_profile, save_profile
from workbench.services.importing import look_at
from workbench.services.sources import expand

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from workbench.domain.ports import ReadOptions

__all__ = [
    "Profile",
    "check_files",
    "format_names",
    "load_profile",
    "parse_mapping",
    "save_profile",
]


def format_names() -> dict[str, str]:
    """Name of each format -> what it is, in one sentence."""
    return {known.name: known.about for known in (*KNOWN, Mapped())}


def check_files(
    names: Iterable[str | Path], options: ReadOptions, *, format_name: str = ""
) -> None:
    """Look at the files of an import before there is a case.

    Raises:
        InputError: A file that cannot be used; nothing is recognised in a whole folder.
    """
    look_at(expand(names), options, format_name)
