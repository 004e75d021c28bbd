"""The use case preview: the first records of files as an import would load them. Loads nothing.

Needs no case, and makes none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.domain.errors import InputError
from workbench.formats.mapping import Mapped, check_mapping
from workbench.formats.preview import Preview, preview
from workbench.formats.times import zone_named
from workbench.services.sources import expand

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from workbench.domain.ports import ReadOptions
    from workbench.domain.progress import JobContext
    from workbench.formats.place import Place

#: As many as the window shows.
ROWS = 100


def preview_files(
    paths: Iterable[str | Path | Place],
    options: ReadOptions,
    *,
    format_name: str = "",
    rows: int = ROWS,
    unknown_too: bool = False,
    job: JobContext | None = None,
) -> tuple[tuple[Preview, ...], tuple[InputError, ...]]:
    """The first records of each file, and why files of folders are none.

    Args:
        paths: Files, folders, globs, places.
        options: Zone and mapping.
        format_name: For all files; empty to find it for each.
        rows: How many records of each to show.
        unknown_too: Show also a named file whose records no format knows, to be mapped.
        job: Hears of files that stall, and may cancel.

    Raises:
        InputError: A file that cannot be used, or all of a folder.
        CancelledError: The user cancelled.
    """
    zone_named(options.zone)
    check_mapping(options.mapping)
    previews: list[Preview] = []
    passed_over: list[InputError] = []
    for file in expand(paths, job):
        try:
            previews.append(preview(file.place, options, format_name, rows, job))
        except InputError as error:
            unknown = unknown_too and not format_name and not file.found
            shown = _preview_unknown(file.place, options, rows, job) if unknown else None
            if shown is not None:
                previews.append(shown)
            elif not file.found:
                raise
            else:
                passed_over.append(error)
    if not previews and passed_over:
        raise passed_over[0]
    return tuple(previews), tuple(passed_over)


def _preview_unknown(
    place: Place, options: ReadOptions, rows: int, job: JobContext | None
) -> Preview | None:
    """A file that only a mapping can read; None where something else is wrong with it too."""
    try:
        return preview(place, options, Mapped.name, rows, job)
    except InputError:
        return None
