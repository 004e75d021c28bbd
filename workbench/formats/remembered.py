"""Places of an import written down, so that another process finds them again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.domain.errors import InputError
from workbench.domain.interrupted import PlannedFile
from workbench.formats.archive import Archive, Member
from workbench.formats.place import OnDisk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.formats.place import Place


def remembered(places: Iterable[Place]) -> tuple[PlannedFile, ...] | None:
    """The places written down; None where one cannot be found again, as what was piped in."""
    members: dict[int, dict[int, int]] = {}
    files: list[PlannedFile] = []
    for place in places:
        if isinstance(place, Member):
            archive = place.archive
            numbers = members.setdefault(
                id(archive), {id(member): n for n, member in enumerate(archive.members)}
            )
            file = _on_disk(archive.place)
            number = numbers[id(place)]
            file = file and replace(
                file, name=str(place), size=place.size, archive=file.name, member=number
            )
        else:
            file = _on_disk(place)
        if file is None:
            return None
        files.append(file)
    return tuple(files)


def _on_disk(place: Place) -> PlannedFile | None:
    if not isinstance(place, OnDisk):
        return None
    return PlannedFile(str(place), str(place.path.absolute()), place.size)


def recalled(files: Iterable[PlannedFile]) -> list[Place]:
    """The places again, of the size that they had.

    Raises:
        InputError: One is gone or has another size.
    """
    archives: dict[str, Archive] = {}
    places: list[Place] = []
    for file in files:
        on_disk = OnDisk(Path(file.path), file.archive or file.name)
        place: Place = on_disk
        if file.archive:
            if file.path not in archives:
                archives[file.path] = Archive(on_disk)
            held = archives[file.path].members
            if file.member >= len(held) or str(held[file.member]) != file.name:
                raise InputError(f"{file.archive} is not the archive any more that it was.")
            place = held[file.member]
        if place.size != file.size:
            raise InputError(
                f"{place} is not the file any more that it was when the import began: it had "
                f"{file.size:,} bytes, and has {place.size:,}.",
                remedy="Put it back as it was.",
            )
        places.append(place)
    return places
