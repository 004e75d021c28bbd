"""Profiles that a person saved: where they are kept, by which name, and which one fits a file."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.errors import InputError, KnownError, StorageError
from workbench.formats.beginning import listed
from workbench.formats.profile import Profile, fits, load_profile
from workbench.services.workspace import user_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from workbench.formats.preview import Preview

_ENDING: Final = ".toml"
#: So many that fit are named in a message.
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class SavedProfile:
    """A profile and the file that holds it."""

    path: Path
    profile: Profile


def profiles_folder() -> Path:
    """Where the window offers to keep profiles; made with the first one."""
    return user_folder() / "profiles"


def saved_profiles() -> tuple[Path, ...]:
    """Profiles that are kept there, by name. Makes the folder; where it cannot, there are none."""
    folder = profiles_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(sorted(folder.glob(f"*{_ENDING}")))
    except OSError:
        return ()


def profile_at(said: Path) -> Path:
    """The file of a profile that was named: a name alone is one of those that are kept.

    Args:
        said: A path, or a name without folder and ending.
    """
    if said.name != str(said) or said.suffix or said.exists():
        return said
    kept = profiles_folder() / f"{said}{_ENDING}"
    return kept if kept.exists() else said


def profile_named(said: Path) -> Profile:
    """The profile that was named: by a path, or by the name under which it is kept.

    Raises:
        InputError: There is none, or what is there is none.
    """
    path = profile_at(said)
    if path.exists() or said.name != str(said):
        return load_profile(path)
    kept = [shlex.quote(each.stem) for each in saved_profiles()]
    raise InputError(
        f"{said} is neither a file here nor a profile that is kept.",
        remedy=f"Profiles that are kept: {listed(kept)}."
        if kept
        else "None is kept yet: --save-profile NAME keeps one.",
    )


def profile_to_save(said: Path) -> Path:
    """Where a profile is to be kept: under a name alone, among those that the window offers.

    Raises:
        StorageError: Their folder cannot be made.
    """
    if said.name != str(said) or said.suffix:
        return said
    folder = profiles_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be made: {error.strerror}.", remedy="Name a file elsewhere."
        ) from error
    return folder / f"{said}{_ENDING}"


def fitting_profiles(previews: Sequence[Preview]) -> tuple[SavedProfile, ...]:
    """Saved profiles whose fields are there in each of some files that no format knows.

    The one that maps most comes first. Files of which a format knows one fit none.
    """
    if not previews or not all(preview.by_mapping for preview in previews):
        return ()
    return _fitting((preview.records, preview.header) for preview in previews)


def offered(records: Sequence[Mapping[str, Any]], columns: Collection[str]) -> str:
    """Which saved profiles fit records that no format knows, and what to type; else empty."""
    found = _fitting([(records, columns)])[:_NAMED]
    names = [f"--profile {shlex.quote(each.path.stem)}" for each in found]
    if not names:
        return ""
    what = "A saved profile fits" if len(names) == 1 else "Saved profiles fit"
    return f"{what}: {', '.join(names)}."


def _fitting(
    files: Iterable[tuple[Sequence[Mapping[str, Any]], Collection[str]]],
) -> tuple[SavedProfile, ...]:
    looked_at = list(files)
    found = [
        saved
        for saved in map(_loaded, saved_profiles())
        if saved is not None
        and all(fits(saved.profile, records, columns) for records, columns in looked_at)
    ]
    return tuple(sorted(found, key=lambda saved: -len(saved.profile.mapping)))


def _loaded(path: Path) -> SavedProfile | None:
    """A profile that somebody spoilt offers itself for nothing; naming it says what is wrong."""
    try:
        return SavedProfile(path, load_profile(path))
    except KnownError:
        return None
