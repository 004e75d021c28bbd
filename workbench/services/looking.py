"""Files are looked at before the first one is read, and refused where they cannot be used.

Needs no case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workbench.domain.errors import InputError, UnreadLogError
from workbench.formats.attendant import Attendant
from workbench.formats.mapping import Mapped, check_mapping
from workbench.formats.read import look
from workbench.formats.refusals import UnknownShapeError
from workbench.formats.times import zone_named
from workbench.services.import_checks import refuse_absent_fields, refuse_naive_times
from workbench.services.profiles import offered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.domain.ports import ReadOptions
    from workbench.domain.progress import JobContext
    from workbench.formats.read import SourceReader
    from workbench.services.sources import LogFile

_SAFE: Final = "Nothing was imported."


def look_at(
    files: Iterable[LogFile], options: ReadOptions, format_name: str, job: JobContext
) -> tuple[list[SourceReader], list[InputError]]:
    """Look at every file before the first one is read.

    Returns:
        The files, ready to be read, and why others of folders are none; first what may be logs.

    Raises:
        InputError: A file that was named cannot be used, or none of a folder can; a mapped field
            is not there; times name no zone and nobody said what to do with them.
        CancelledError: The user cancelled.
    """
    zone_named(options.zone)
    check_mapping(options.mapping)
    if format_name == Mapped.name and not options.mapping:
        # A preview may do without: it is where a person finds out what to map.
        raise InputError(
            "The format mapped needs a mapping.",
            remedy="Give --map CANONICAL=SOURCE or --profile FILE.",
        )
    sources: list[SourceReader] = []
    passed_over: list[InputError] = []
    with Attendant() as attendant:
        for file in files:
            try:
                sources.append(look(file.place, options, format_name, attendant, job))
            except InputError as refused:
                error = _with_profiles(refused, options)
                if not file.found:
                    raise InputError(error.fact, remedy=error.remedy, safe=_SAFE) from refused
                passed_over.append(error)
    passed_over.sort(key=lambda error: not isinstance(error, UnreadLogError))
    if not sources:
        raise passed_over[0]
    refuse_absent_fields(sources)
    refuse_naive_times(sources, options)
    return sources, passed_over


def _with_profiles(error: InputError, options: ReadOptions) -> InputError:
    """The same; of an unknown shape with the saved profiles that fit it. None is used unasked."""
    if options.mapping or not isinstance(error, UnknownShapeError):
        return error
    fitting = offered(error.records, error.columns)
    remedy = f"{error.remedy} {fitting}".rstrip()
    return UnreadLogError(error.fact, remedy=remedy, safe=error.safe)
