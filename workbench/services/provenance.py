"""What a case was given: its files, the fates of their records, and where they come from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.changes import Changes
from workbench.domain.errors import InputError
from workbench.domain.exchange import Accounting, Frame
from workbench.domain.label import EntryKind
from workbench.domain.ports import Statement
from workbench.services.joined import table_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from workbench.case.batches import Batch
    from workbench.case.identity import Signer
    from workbench.domain.added import AddedTable
    from workbench.domain.interrupted import Interrupted
    from workbench.services.open_case import OpenCase

_COUNT: Final = Statement.read(__file__, "exchange_count")


@dataclass(frozen=True, slots=True)
class CaseInfo:
    """The case at a glance.

    Attributes:
        case: id, name, path, created, versions, identity, marking.
        counts: exchanges, purged (exchanges that were read and erased), prompts, identities, files.
        accounting: Fates of all records of all imports.
        imports: One entry an import: number, times, frame, zone and mapping, fates.
        files: One entry a file: path, digest, format, fates; columns of table ``sources``.
        added: One entry a table that was added beside the logs.
        interrupted: An import that was killed and may go on; nothing of it counts.
        cut_short: When an import began that was killed and cannot go on; empty without one.
    """

    case: dict[str, Any]
    counts: dict[str, int]
    accounting: Accounting
    imports: tuple[dict[str, Any], ...]
    files: tuple[dict[str, Any], ...]
    added: tuple[AddedTable, ...] = ()
    interrupted: Interrupted | None = None
    cut_short: str = ""

    def as_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "case": self.case,
            "counts": self.counts,
            "total": self.accounting.as_dict(),
            "imports": list(self.imports),
            "files": [
                file | {"coerced_columns": json.loads(file["coerced_columns"])}
                for file in self.files
            ],
            "added": [table_dict(table) for table in self.added],
            "interrupted": self.interrupted and self.interrupted.as_dict(),
            "cut_short": self.cut_short or None,
        }


class Provenance:
    """Reads what was given, and completes what was not said of it.

    Args:
        held: The open case.
        signer: Gives the analyst's key; made on first use.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer

    def info(self) -> CaseInfo:
        """The case at a glance."""
        case = self._held.case
        sizes = case.given.sizes()
        batches = case.given.batches()
        with self._held.engine() as engine:
            held = int(engine.table(_COUNT).column("n")[0].as_py())
        return CaseInfo(
            case={
                "id": case.id,
                "name": case.name,
                "path": str(case.path),
                "created": case.created,
                "versions": case.versions,
                "identity": case.settings.identity.value,
                "marking": case.settings.marking,
            },
            counts={
                "exchanges": held,
                "purged": sizes.exchanges - held,
                "prompts": sizes.prompts,
                "identities": sizes.identities,
                "files": sizes.sources,
            },
            accounting=sum((batch.accounting for batch in batches), Accounting()),
            imports=tuple(_import_dict(batch) for batch in batches),
            files=tuple(case.given.sources().to_pylist()),
            added=tuple(case.added.tables()),
            interrupted=case.given.interrupted(),
            cut_short=case.given.cut_short(),
        )

    def rejects(self, *, offset: int = 0, limit: int | None = None) -> pa.Table:
        """Records that could not be read: source_id, path, record_no, byte_offset, reason, raw."""
        return self._held.rejects(offset=offset, limit=limit)

    @property
    def hides_rejects(self) -> bool:
        """Whether bytes of rejected records are kept back: no reveal can name one."""
        return self._held.policy().hide_prompts

    def added_rejects(self) -> pa.Table:
        """The same of the tables that were added: added_id in place of source_id."""
        return self._held.case.added.rejects()

    def sources(self) -> list[dict[str, Any]]:
        """The files of all imports: rows of table ``sources``, in order."""
        rows: list[dict[str, Any]] = self._held.case.given.sources().to_pylist()
        return rows

    def batches(self) -> list[Batch]:
        """All imports, in order: how each was read, and where its files come from."""
        return self._held.case.given.batches()

    def frames(self) -> dict[int, Frame]:
        """Frame of each import, by its number."""
        return {batch.batch_id: batch.frame for batch in self._held.case.given.batches()}

    def amend_frame(
        self, said: Mapping[str, Any], batch_id: int | None = None, why: str = ""
    ) -> Changes:
        """Complete a frame; what was said before stays on record, and the journal says who did.

        Args:
            said: Fields of ``Frame`` and their new values.
            batch_id: Number of the import; None for the last one.
            why: The reason, in the analyst's words.

        Raises:
            InputError: No such import, or a field that took effect when the records were read.
        """
        frames = self.frames()
        if not frames:
            raise InputError("The case holds no import yet.", remedy="Import logs first.")
        number = max(frames) if batch_id is None else batch_id
        if number not in frames:
            raise InputError(
                f"The case has no import {number}.", remedy="Choose one that info lists."
            )
        before = frames[number]
        self._held.case.journals.check()
        self._held.case.given.amend_frame(number, replace(before, **said))
        was = {name: getattr(before, name) for name in said}
        body = {"batch": number, "frame": dict(said), "was": was, "why": why}
        self._held.case.journals.append(EntryKind.FRAME, body, self._signer())
        self._held.renew(decisions=True)
        return Changes(frame=True)


def said_and_not(frame: Frame) -> dict[str, str]:
    """Each field of a frame as it is shown: what is empty reads "not said"."""
    shown: dict[str, str] = {}
    for field in fields(Frame):
        value = getattr(frame, field.name)
        if isinstance(value, bool):
            shown[field.name] = "yes" if value else "not declared"
        else:
            shown[field.name] = value or "not said"
    return shown


def _import_dict(batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch.batch_id,
        "opened": _moment(batch.opened_us),
        "closed": _moment(batch.closed_us),
        "frame": asdict(batch.frame),
        "options": dict(batch.options),
        **batch.accounting.as_dict(),
    }


def _moment(us: int) -> str:
    moment = datetime.fromtimestamp(us // 1_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
