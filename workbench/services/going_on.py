"""An import that was cut short: is everything as it was, so that it may go on?

All of it is asked before anything is loaded: where something is not, the import stays as it was
left, to go on later or to be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench import __version__
from workbench.domain.errors import CaseError, InputError
from workbench.domain.exchange import SourceReport
from workbench.domain.interrupted import Plan
from workbench.formats.attendant import Attendant, Wait
from workbench.formats.known import third_party
from workbench.formats.read import look
from workbench.formats.remembered import recalled, remembered
from workbench.services.import_checks import Doubt
from workbench.services.loading import digest_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from workbench.domain.interrupted import Interrupted
    from workbench.domain.ports import Parsed, ReadOptions
    from workbench.domain.progress import JobContext
    from workbench.formats.place import Place
    from workbench.formats.read import SourceReader

_SAFE: Final = "Nothing was loaded, and the import can still go on."
_OR_BACK: Final = "Or take the import back: workbench import CASE --roll-back."


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of an import.

    Attributes:
        sources: The files from the one on in which it goes on, ready to be read.
        whole: Bytes of all its files.
        doubts: What was said before its first record.
    """

    sources: tuple[SourceReader, ...]
    whole: int
    doubts: tuple[Doubt, ...]


def planned(
    sources: Sequence[SourceReader], format_name: str, doubts: Iterable[Doubt]
) -> Plan | None:
    """What an import needs to go on; None where a file cannot be had again, as what is piped in."""
    files = remembered(source.place for source in sources)
    if files is None:
        return None
    said = tuple((doubt.fact, doubt.command, doubt.control) for doubt in doubts)
    return Plan(files, format_name, _made_by(), said)


def _made_by() -> str:
    """The program and the packages that may have a part in reading."""
    found = third_party().formats
    packages = dict.fromkeys(each.distribution for each in found)
    return ", ".join([f"workbench {__version__}", *packages])


def rest_of(left: Interrupted, options: ReadOptions, job: JobContext) -> Rest:
    """What is left of an import, its files being what they were.

    Every file that was read whole is compared by its digest. The one in between is compared when
    it is passed over (``SourceReader.blocks``).

    Raises:
        InputError: A file is gone or is another one, or the program is.
        CancelledError: The user cancelled.
    """
    try:
        if left.plan.made_by != _made_by():
            raise InputError(
                f"The import was begun by {left.plan.made_by}, and this is {_made_by()}, which may "
                "read the same bytes otherwise.",
                remedy="Go on with that.",
            )
        with Attendant() as attendant:
            files = left.plan.files
            wait = Wait(job, files[0].name if len(files) == 1 else f"{len(files):,} files")
            places = attendant.do(wait, lambda: recalled(files))
            for place, note in zip(places, left.notes["files"], strict=False):
                if note["report"]:
                    _refuse_another(place, SourceReport.of(note["report"]), job)
            name = left.plan.format_name
            rest = places[left.n_read :]
            sources = [look(place, options, name, attendant, job) for place in rest]
    except (InputError, CaseError) as error:
        raise still(error) from error
    whole = sum(file.size for file in left.plan.files)
    return Rest(tuple(sources), whole, tuple(Doubt(*said) for said in left.plan.said))


def still(error: InputError | CaseError) -> InputError:
    """The error of an import that could not go on, with what then can be done."""
    return InputError(error.fact, remedy=f"{error.remedy} {_OR_BACK}".strip(), safe=_SAFE)


def begun(blocks: Generator[Parsed, None, None]) -> Generator[Parsed, None, None]:
    """The same blocks, the first one read already: so it is known that the file is as it was.

    Raises:
        InputError: It is not.
        CancelledError: The user cancelled.
    """
    try:
        first = next(blocks, None)
    except InputError as error:
        raise still(error) from error

    def again() -> Generator[Parsed, None, None]:
        if first is not None:
            yield first
            yield from blocks

    return again()


def _refuse_another(place: Place, report: SourceReport, job: JobContext) -> None:
    if digest_of(place, job) != (report.size, report.sha256):
        raise InputError(
            f"{place} is not the file any more that was read.", remedy="Put it back as it was."
        )
