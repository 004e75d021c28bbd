"""How logs are read, as the window and the command line choose it: mappings and profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workbench.domain.progress import Job
from workbench.formats.mapping import Mapped, parse_mapping
from workbench.formats.paths import parse_path
from workbench.formats.profile import Profile, load_profile, save_profile
from workbench.formats.times import NO_ZONE, zone_named
from workbench.services.looking import look_at
from workbench.services.previewing import preview_files
from workbench.services.profiles import (
    SavedProfile,
    fitting_profiles,
    profile_at,
    profile_named,
    profile_to_save,
    profiles_folder,
    saved_profiles,
)
from workbench.services.sources import expand, with_standard_input

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from workbench.domain.ports import ReadOptions
    from workbench.domain.progress import JobContext
    from workbench.formats.place import Place

__all__ = [
    "MAPPED",
    "NO_ZONE",
    "Profile",
    "SavedProfile",
    "check_files",
    "fitting_profiles",
    "load_profile",
    "parse_mapping",
    "preview_files",
    "profile_at",
    "profile_named",
    "profile_to_save",
    "profiles_folder",
    "save_profile",
    "saved_profiles",
    "steps_of",
    "with_standard_input",
    "zone_named",
]

#: The format that reads by a mapping alone.
MAPPED: Final = Mapped.name


def steps_of(path: str) -> tuple[str, ...]:
    """A path into a record as words: keys, and which item of a list."""
    return tuple(
        step if isinstance(step, str) else "last item" if step == -1 else f"item {step}"
        for step in parse_path(path)
    )


def check_files(
    names: Iterable[str | Path | Place],
    options: ReadOptions,
    *,
    format_name: str = "",
    job: JobContext | None = None,
) -> None:
    """Look at the files of an import before there is a case.

    Raises:
        InputError: A file that cannot be used; nothing is recognised in a whole folder.
        CancelledError: The user cancelled.
    """
    job = job or Job()
    look_at(expand(names, job), options, format_name, job)
