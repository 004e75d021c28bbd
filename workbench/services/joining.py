"""The use case join: tables beside the logs, added at any time and taken out again.

Joins the readers of ``formats`` with the layer of the case. All or nothing: whatever stops it
leaves the case as it was. This room words nothing that a report says (``joined`` does).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.added import AddedKind, AddedTable
from workbench.domain.changes import Changes
from workbench.domain.errors import InputError
from workbench.domain.label import EntryKind
from workbench.domain.text import plural
from workbench.formats.text import without_surrogates
from workbench.services.completeness import Completeness, compare
from workbench.services.door import Doorkeeper
from workbench.services.import_checks import Doubt
from workbench.services.joined import ADDED, REMOVED, SUBJECTS, table_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from workbench.case.added import OpenTable
    from workbench.case.identity import Signer
    from workbench.domain.progress import JobContext
    from workbench.services.open_case import OpenCase

_SAFE: Final = "Nothing was added."
_MMDB: Final = "mmdb"


@dataclass(frozen=True, slots=True)
class JoinReport:
    """What adding a table did.

    Attributes:
        table: The table, as it now stands.
        changes: What views must refresh; nothing where it was there before.
        doubts: What a person should look at.
        already: The case held this very file before, so that nothing changed.
        completeness: What the file counted beside what the case holds; None where it counts none.
    """

    table: AddedTable
    changes: Changes
    doubts: tuple[Doubt, ...] = ()
    already: bool = False
    completeness: Completeness | None = None

    @property
    def told(self) -> list[str]:
        """What the file counted beside what the case holds, in words."""
        return self.completeness.lines() if self.completeness else []

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        counts = {"completeness": self.completeness.as_dict()} if self.completeness else {}
        return {
            "table": table_dict(self.table),
            "already": self.already,
            "warnings": [doubt.typed for doubt in self.doubts],
        } | counts


class Joining:
    """Adds tables to one case.

    Args:
        held: The open case.
        signer: Gives the analyst's key, which signs the journal's records.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer

    def tables(self) -> tuple[AddedTable, ...]:
        """The tables that stand, in the order in which they were added."""
        return tuple(self._held.case.added.tables())

    def add(
        self,
        kind: AddedKind,
        path: str | Path,
        job: JobContext,
        *,
        zone: str = "",
        mapping: Mapping[str, str] | None = None,
        key_file: Path | None = None,
    ) -> JoinReport:
        """Add a table, whole or not at all.

        Adding the same file again changes nothing; of addresses, those that came into the case
        since are looked up.

        Args:
            kind: What it is about.
            path: The file.
            job: Progress and cancellation.
            zone: IANA zone of times that name none; "none" leaves them out.
            mapping: Field -> column of the file, where names do not tell.
            key_file: The key of a case that goes by pseudonyms: the table's names are replaced as
                the logs' were. None for one that was used on this computer before.

        Raises:
            InputError: It cannot be used, or nothing in it could be loaded; addresses that go by
                pseudonyms cannot be looked up; the key is not there.
            CaseError: The case is open for reading only, or an import is running.
            StorageError: The disk is full or failing.
            CancelledError: The user cancelled.
        """
        path = Path(path)
        self._held.case.journals.check()
        keeper = Doorkeeper.standing(self._held.case, key_file, _SAFE)
        if kind is AddedKind.ADDRESSES:
            if "ip" in keeper.door.pseudonymised:
                raise InputError(
                    "The addresses of this case go by pseudonyms: no database knows them.",
                    remedy="Let country and asn stand in the logs before they are imported.",
                    safe=_SAFE,
                )
            report = self._look_up(path, job)
        else:
            report = self._read(kind, path, job, zone, mapping or {}, keeper)
        if report.changes.given or not self._recorded(report.table):
            self._record(ADDED, report.table, mapping)
        return report

    def add_by_content(
        self, path: str | Path, job: JobContext, *, zone: str = "", key_file: Path | None = None
    ) -> tuple[JoinReport, ...]:
        """Add a file that tells itself what it is about: all tables that it is, or none.

        Args:
            path: An audit log, or usage.
            job: Progress and cancellation.
            zone: IANA zone of times that name none; "none" leaves them out.
            key_file: As ``add``.

        Raises:
            InputError: As ``add``; or it does not tell.
            CaseError, StorageError, CancelledError: As ``add``.
        """
        from workbench.formats.added_tables import kinds_of

        kinds = kinds_of(Path(path), job)
        if not kinds:
            raise InputError(
                f"{path} does not tell what it is about: it is neither an audit log nor usage.",
                remedy="Say so: --accounts, --addresses, --events or --releases FILE.",
                safe=_SAFE,
            )
        reports: list[JoinReport] = []
        try:
            reports.extend(
                self.add(kind, path, job, zone=zone, key_file=key_file) for kind in kinds
            )
        except BaseException:
            for report in reports:
                if not report.already:
                    self.remove(report.table.added_id)
            raise
        return tuple(reports)

    def remove(self, added_id: int) -> AddedTable:
        """Take a table out: everything is as if it had not been added.

        Raises:
            InputError: There is no such table.
            CaseError: The case is open for reading only, or an import is running.
            StorageError: The disk is full or failing; the table stands.
        """
        self._held.case.journals.check()
        table = self._held.case.added.remove(added_id)
        self._record(REMOVED, table)
        return table

    # --- files -------------------------------------------------------------------------------
    def _read(
        self,
        kind: AddedKind,
        path: Path,
        job: JobContext,
        zone: str,
        mapping: Mapping[str, str],
        keeper: Doorkeeper,
    ) -> JoinReport:
        from workbench.formats.added_tables import open_table

        reader = open_table(path, kind, zone=zone, mapping=mapping, job=job)
        level = self._held.case.added.level
        with self._held.case.added.begin(kind) as gathered:
            for block in reader.blocks(job):
                gathered.append(keeper.rows(block, level.value))
            about = AddedTable(
                0,
                kind,
                without_surrogates(str(path)),
                reader.size,
                reader.sha256,
                reader.format,
                zone=zone,
                columns=reader.columns,
            )
            twin = self._twin(about)
            if twin is not None:
                already = _already(self._named(twin.added_id))
                beside = compare(self._held, reader.counted, keeper)
                return replace(already, completeness=beside)
            accounting, first = gathered.settle()
            _refuse_nothing(path, accounting.loaded, accounting.rejected, gathered)
            job.report("Making it durable", done=0.97)
            job.check()
            table = self._named(gathered.finish(about).added_id)
        return JoinReport(
            table,
            Changes(given=True),
            tuple(_doubts(table, first, reader.passed_over)),
            completeness=compare(self._held, reader.counted, keeper),
        )

    def _look_up(self, path: Path, job: JobContext) -> JoinReport:
        from workbench.formats.address_tables import AddressDatabase

        added = self._held.case.added
        with AddressDatabase(path, job) as database:
            about = AddedTable(
                0,
                AddedKind.ADDRESSES,
                without_surrogates(str(path)),
                database.size,
                database.sha256,
                _MMDB,
            )
            twin = self._twin(about)
            asked: pa.Table = added.addresses(0 if twin is None else twin.reach)
            if twin is not None and not asked.num_rows:
                return _already(self._named(twin.added_id))
            if not asked.num_rows:
                raise InputError(
                    "The case holds no address that could be looked up.",
                    remedy="Import logs with addresses first.",
                    safe=_SAFE,
                )
            with added.begin(AddedKind.ADDRESSES) as gathered:
                for block in database.blocks(asked, job):
                    gathered.append(block)
                accounting, _ = gathered.settle()
                if twin is None and not accounting.loaded:
                    raise InputError(
                        f"{path} says neither country nor network of any of the "
                        f"{plural(asked.num_rows, 'address', 'addresses')} of the case.",
                        remedy="Name a database of countries or networks.",
                        safe=_SAFE,
                    )
                job.check()
                database.check_unchanged(job)
                reach = asked.column("address_id")[-1].as_py() + 1
                table = gathered.finish(replace(twin or about, reach=reach))
        return JoinReport(self._named(table.added_id), Changes(given=True))

    def _twin(self, about: AddedTable) -> AddedTable | None:
        """The same file, read in the same way, where it stands already."""
        for table in self._held.case.added.tables(counted=False):
            same = (table.kind, table.sha256, table.zone, table.columns)
            if same == (about.kind, about.sha256, about.zone, about.columns):
                return table
        return None

    def _named(self, added_id: int) -> AddedTable:
        return next(table for table in self.tables() if table.added_id == added_id)

    def _recorded(self, table: AddedTable) -> bool:
        """Whether the journal says so: a full disk, or a kill, may have come between."""
        return any(
            entry.body.get("id") == table.added_id and entry.body.get("action") == ADDED
            for entry in self._held.case.journals.entries()
            if entry.kind is EntryKind.JOIN
        )

    def _record(
        self, action: str, table: AddedTable, mapping: Mapping[str, str] | None = None
    ) -> None:
        body = {"action": action, **table_dict(table)}
        if mapping:
            body["mapping"] = {key: without_surrogates(value) for key, value in mapping.items()}
        self._held.case.journals.append(EntryKind.JOIN, body, self._signer())
        self._held.renew(results=True, decisions=True)


def not_looked_up(held: OpenCase) -> tuple[Doubt, ...]:
    """Addresses that came into the case after a table of addresses was added."""
    if not held.case.added.state:
        return ()
    n = held.case.given.sizes().addresses
    return tuple(
        Doubt(
            f"{plural(n - table.reach, 'address', 'addresses')} came after {table.path}, which was "
            "not asked about them.",
            command=f"Add it again: workbench join CASE --addresses {table.path}",
            control="Add it again.",
        )
        for table in held.case.added.tables(counted=False)
        if table.kind is AddedKind.ADDRESSES and table.reach < n
    )


def _already(table: AddedTable) -> JoinReport:
    doubt = Doubt(f"{table.path} was added before: nothing changed.")
    return JoinReport(table, Changes(), (doubt,), already=True)


def _refuse_nothing(path: Path, loaded: int, rejected: int, gathered: OpenTable) -> None:
    """A table of which nothing could be loaded is an error, and says why."""
    if loaded:
        return
    if not rejected:
        raise InputError(
            f"{path} has no rows.", remedy="Export it again, with its rows.", safe=_SAFE
        )
    number, reason = gathered.first_reject()
    were = plural(rejected, "record was", "records were")
    raise InputError(
        f"Nothing in {path} could be loaded: {were} rejected (record {number:,}: {reason}).",
        remedy="Correct it, or name its columns with --map.",
        safe=_SAFE,
    )


def _doubts(table: AddedTable, first: int | None, passed_over: tuple[str, ...]) -> list[Doubt]:
    counts = table.accounting
    one, many = SUBJECTS[table.kind]
    doubts = []
    if counts.rejected:
        doubts.append(
            Doubt(
                f"{plural(counts.rejected, 'record', 'records')} of {table.path}: not usable.",
                command="workbench rejects CASE tells which and why.",
            )
        )
    if first is not None:
        doubts.append(
            Doubt(
                f"{table.path} says different things of one {one} in "
                f"{plural(counts.conflict, 'record', 'records')} (the first: {first:,}); where "
                "records differ, nothing is filled.",
            )
        )
    if not table.matched:
        doubts.append(
            Doubt(f"None of the {many} of {table.path} is about anything that the case holds yet.")
        )
    if passed_over:
        doubts.append(Doubt(f"Columns not used: {', '.join(passed_over[:12])}."))
    return doubts
