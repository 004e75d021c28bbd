"""What a case was given, made again from the records of its journals and the logs themselves.

Every log and table is told by its SHA-256, so it does not matter where it lies now. What comes
out is held against what the journals say came out then. Must not touch the case itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.case.records import imports
from workbench.case.restored import tell
from workbench.domain.added import AddedKind, AddedTable
from workbench.domain.door import Door
from workbench.domain.errors import CaseError, InputError
from workbench.domain.exchange import Accounting, Frame
from workbench.domain.label import EntryKind
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import ScaledJob
from workbench.domain.text import plural
from workbench.formats.place import OnDisk
from workbench.services.door import Doorkeeper
from workbench.services.import_records import file_dict
from workbench.services.joined import REMOVED, table_dict
from workbench.services.loading import digest_of
from workbench.services.sources import expand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from workbench.domain.label import JournalEntry
    from workbench.domain.progress import JobContext
    from workbench.formats.place import Place
    from workbench.services.workspace import Workspace

    #: Path of a file, name of a count or column, what it was then, what it is now.
    Differs = Callable[[str, str, Any, Any], None]

_SAFE: Final = "Nothing was changed."
#: Of a file or table, what need not be the same again: where it lay, and words.
_MAY_DIFFER: Final = frozenset(
    {"path", "reason", "already", "at_us", "mapping", "action", "matched", "unmatched"}
)
_COUNTED: Final = "records"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was made again.

    Attributes:
        n_imports: Imports.
        n_tables: Tables beside the logs.
        n_records: Records of all logs.
        notices: What a person should know.
    """

    n_imports: int
    n_tables: int
    n_records: int
    notices: tuple[str, ...] = field(default=())


def find(
    records: Sequence[JournalEntry],
    logs: Iterable[str | Path],
    job: JobContext,
    *,
    where_they_were: bool = True,
) -> dict[str, Place]:
    """Where the logs and tables of the records lie now, by SHA-256 (hex).

    They are looked for where they were, and under ``logs``; bytes decide, not names.

    Args:
        records: Of imports and tables.
        logs: Files, folders, globs, archives, databases.
        job: Progress and cancellation.
        where_they_were: False looks nowhere but under ``logs``: of a case that somebody else had,
            paths say nothing here.

    Raises:
        InputError: One is not found; or a name stands for nothing.
        CancelledError: The user cancelled.
    """
    wanted = {file["sha256"]: file for file in _needed(records)}
    found: dict[str, Place] = {}
    for candidate in _candidates(wanted.values(), logs, job, where_they_were):
        if len(found) == len(wanted):
            break
        _, digest = digest_of(candidate, job)
        if digest in wanted and digest not in found:
            found[digest] = candidate
            if isinstance(candidate, OnDisk):  # by the name that it had: it is the same file
                found[digest] = OnDisk(candidate.path, wanted[digest]["path"])
    lost = [file for digest, file in wanted.items() if digest not in found]
    if lost:
        more = f" (and {plural(len(lost) - 1, 'other file', 'other files')})" if lost[1:] else ""
        raise InputError(
            f"{lost[0]['path']} was not found: no file with its SHA-256 {lost[0]['sha256']}{more}.",
            remedy="Name the folder or file that holds it with --logs.",
            safe=_SAFE,
        )
    return found


def make_again(
    workspace: Workspace,
    records: Sequence[JournalEntry],
    places: Mapping[str, Place],
    job: JobContext,
    *,
    key_file: Path | None = None,
    differs: Differs | None = None,
    run: Callable[[JournalEntry, JobContext], None] | None = None,
) -> Restored:
    """Give an empty case what another one was given.

    Args:
        workspace: The empty case; closed at the end, its given.duckdb whole.
        records: Of the other's imports, tables and frames, in order; with ``run`` of its analyses.
        places: Where their files lie (``find``).
        job: Progress and cancellation.
        key_file: The key of pseudonyms, where it is not on this computer.
        differs: Told what came out otherwise than the records say; None refuses to go on.
        run: Called for the record of each analysis, at its place among the others.

    Raises:
        InputError: A file cannot be read as it was, or the key is not there.
        CaseError: What came out is not what the records say, and nobody is told.
        StorageError: The disk is full or failing.
        CancelledError: The user cancelled.
    """
    again = _Again(workspace, records, places, key_file, differs or _refuse)
    for number, entry in enumerate(records):
        share = ScaledJob(job, number / len(records), (number + 1) / len(records))
        if entry.kind is EntryKind.IMPORT:
            again.import_(entry, share)
        elif entry.kind is EntryKind.FRAME:
            again.frame(entry)
        elif entry.kind is EntryKind.JOIN:
            again.join(entry, share)
        elif run is not None:
            run(entry, share)
    return again.finish()


class _Again:
    def __init__(
        self,
        workspace: Workspace,
        records: Sequence[JournalEntry],
        places: Mapping[str, Place],
        key_file: Path | None,
        differs: Differs,
    ) -> None:
        self._workspace = workspace
        self._places = places
        self._key_file = key_file
        self._differs = differs
        self._removed = _removed(records)
        #: Number of an import then -> now; the same, unless the journal lacks one.
        self._numbers: dict[int, int] = {}
        self._batches: dict[int, tuple[int, int]] = {}
        self._tables: dict[int, tuple[int, str]] = {}
        self._files: dict[tuple[int, str], tuple[str, str]] = {}
        self._n_records = 0

    def import_(self, entry: JournalEntry, job: JobContext) -> None:
        body = entry.body
        if "action" in body:  # taken back
            return
        frame = _frame(body["frame"])
        door = Door.of(body.get("door", {}))
        report = self._workspace.importing.run(
            [self._places[file["sha256"]] for file in body["files"]],
            frame,
            ReadOptions(frame.zone, dict(body["mapping"])),
            job,
            format_name=_format(body),
            keeper=Doorkeeper.again(door, self._key_file),
        )
        for was, now in zip(body["files"], map(file_dict, report.files), strict=True):
            self._compare(was, now)
            self._n_records += now[_COUNTED]
        number = self._workspace.importing.provenance.batches()[-1].batch_id
        self._numbers[int(body["batch"])] = number
        for file in body["files"]:
            self._files[number, file["sha256"]] = (str(file["path"]), str(file["reason"]))
        at = entry.at_us
        self._batches[number] = (body.get("opened_us", at), body.get("closed_us", at))

    def frame(self, entry: JournalEntry) -> None:
        said = {name: value for name, value in entry.body["frame"].items() if name in _FRAME}
        number = self._numbers.get(int(entry.body["batch"]))
        if number is not None:
            self._workspace.importing.provenance.amend_frame(said, number)

    def join(self, entry: JournalEntry, job: JobContext) -> None:
        body = entry.body
        number = int(body["id"])
        if body.get("action") == REMOVED or (number in self._removed and number in self._tables):
            return
        kind = AddedKind(body["kind"])
        self._tables[number] = (int(body["at_us"]), str(body["path"]))
        if number in self._removed:
            # Its line stays, so that its number is not used again; its file is not needed.
            added = self._workspace._case.added
            with added.begin(kind) as gathered:
                made = gathered.finish(_about(body, kind))
            added.remove(made.added_id)
            _refuse_number(number, made.added_id)
            return
        place = self._places[body["sha256"]]
        if not isinstance(place, OnDisk):
            raise InputError(
                f"{body['path']} is a table beside the logs and was found within an archive.",
                remedy="Unpack it, and name the file with --logs.",
                safe=_SAFE,
            )
        report = self._workspace.joining.add(
            kind,
            place.path,
            job,
            zone=str(body.get("zone", "")),
            mapping=body.get("mapping", {}),
            key_file=self._key_file,
        )
        _refuse_number(number, report.table.added_id)
        self._compare(body, table_dict(report.table))

    def _compare(self, was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        """What came out should be what came out then."""
        for name in sorted(was.keys() & now.keys() - _MAY_DIFFER):
            if was[name] != now[name]:
                self._differs(str(was["path"]), name, was[name], now[name])

    def finish(self) -> Restored:
        workspace = self._workspace
        path = workspace.path
        workspace.close()
        tell(path, self._batches, self._tables, self._files)
        lacking = [then for then, now in self._numbers.items() if then != now]
        notices = (
            (
                "The journal lacks the record of an import before number "
                f"{min(lacking)}: what it brought is not there any more. Import it again.",
            )
            if lacking
            else ()
        )
        standing = self._tables.keys() - self._removed
        return Restored(len(self._batches), len(standing), self._n_records, notices)


_FRAME: Final = frozenset(each.name for each in fields(Frame))


def _frame(said: Mapping[str, Any]) -> Frame:
    return Frame(**{name: value for name, value in said.items() if name in _FRAME})


def _format(body: Mapping[str, Any]) -> str:
    """What was asked for; records of older versions do not say whether anything was."""
    if "opened_us" in body:
        return str(body.get("asked_format", ""))
    found = {file["format"] for file in body["files"]}
    return str(found.pop()) if len(found) == 1 else ""


def _removed(records: Iterable[JournalEntry]) -> set[int]:
    return {
        int(entry.body["id"])
        for entry in records
        if entry.kind is EntryKind.JOIN and entry.body.get("action") == REMOVED
    }


def _needed(records: Sequence[JournalEntry]) -> Iterator[Mapping[str, Any]]:
    """Of each file that must be read again: path, size, sha256."""
    for body in imports(records):
        yield from body["files"]
    removed = _removed(records)
    for entry in records:
        if entry.kind is EntryKind.JOIN and int(entry.body["id"]) not in removed:
            yield entry.body


def _candidates(
    wanted: Iterable[Mapping[str, Any]],
    logs: Iterable[str | Path],
    job: JobContext,
    where_they_were: bool,
) -> Iterator[Place]:
    """Places that may hold what is wanted: those where it was, then all that were named."""
    sizes = set()
    for file in wanted:
        sizes.add(file["size"])
        path = Path(file["path"])
        if where_they_were and path.is_file() and path.stat().st_size == file["size"]:
            yield OnDisk(path)
    names = list(logs)
    for file_found in expand(names, job) if names else ():
        place = file_found.place
        # Of a file on disk the size is known; of a table or a member it may not be.
        if not isinstance(place, OnDisk) or place.size in sizes:
            yield place


def _about(body: Mapping[str, Any], kind: AddedKind) -> AddedTable:
    return AddedTable(
        0,
        kind,
        str(body["path"]),
        int(body["size"]),
        str(body["sha256"]),
        str(body["format"]),
        at_us=int(body["at_us"]),
        zone=str(body["zone"]),
        columns=dict(body["columns"]),
        accounting=Accounting(**{each.name: body[each.name] for each in fields(Accounting)}),
        coerced_columns=dict(body["coerced_columns"]),
        reach=int(body["reach"]),
    )


def _refuse_number(then: int, now: int) -> None:
    if then != now:
        raise CaseError(
            f"The journal lacks a table that was added before number {then}.",
            remedy="Restore the case folder from a copy.",
            safe=_SAFE,
        )


def _refuse(path: str, name: str, was: Any, now: Any) -> None:
    raise CaseError(
        f"{path} was read otherwise than then: {name} was {was!r} and is {now!r}.",
        remedy="Use the version of the workbench that imported it, or restore the case folder "
        "from a copy.",
        safe=_SAFE,
    )
