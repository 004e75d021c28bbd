"""What only the whole of a file tells, once the case holds it: whose exchanges, and how many twice.

Must not be asked before the import is over: it reads the case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workbench.domain.exchange import StoredFate
from workbench.domain.ports import Statement
from workbench.domain.text import plural
from workbench.formats.known import format_named
from workbench.services.import_checks import Doubt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.domain.exchange import SourceReport
    from workbench.services.open_case import OpenCase

_FILES: Final = Statement.read(__file__, "whole_files")
_PAIR: Final = Statement.read(__file__, "first_conflict")
#: Files that are named before the others are counted.
_NAMED: Final = 3
#: Conflicts happen; so many of a file, and such a share of its records, are a shape of the log.
_FEWEST: Final = 5
_SHARE: Final = 0.1
_IDENTITIES: Final = "a key, a user, an organisation or an address"
_NOBODY: Final = "so nobody can be told from anybody"
#: Of a case in which that is so of every record, and what to do; both are sentences.
NAMELESS: Final = f"No record of the case names an account ({_IDENTITIES}), {_NOBODY}."
NAMELESS_REMEDY: Final = (
    "Where a field of the logs names one, import them into a new case with "
    "--map account_id=FIELD; else export them again with keys."
)
_EXPORT: Final = "Export such logs again with keys, and import them into a new case."


def odd_files(held: OpenCase, batch_id: int, new: Sequence[SourceReport]) -> list[Doubt]:
    """What a person should look at in the files of one import.

    Args:
        held: The open case, which holds the import.
        batch_id: The import.
        new: Its files that the case did not hold before, in their order.
    """
    rows = held.case.given.sources().to_pylist()
    ids = sorted(row["source_id"] for row in rows if row["batch_id"] == batch_id)
    files = list(zip(ids, new, strict=True))
    return [*_nameless(held, batch_id, files), *_in_conflict(held, files)]


def _nameless(
    held: OpenCase, batch_id: int, files: Sequence[tuple[int, SourceReport]]
) -> list[Doubt]:
    """Files of which nobody knows whose an exchange is."""
    with held.engine() as engine:
        counts = engine.table(_FILES, batch=batch_id).to_pylist()
    nameless = {row["source_id"] for row in counts if not row["n_named"]}
    found = [report for source_id, report in files if source_id in nameless]
    if not found:
        return []
    names = ", ".join(report.path for report in found[:_NAMED])
    if more := len(found) - _NAMED:
        names += f" and {plural(more, 'other file', 'other files')}" if more > 0 else ""
    # A line of text has no fields to map.
    mapped = any(not format_named(report.format).of_text for report in found)
    return [
        Doubt(
            f"No record of {names} names an account ({_IDENTITIES}), {_NOBODY}: the analysis finds "
            "no accounts there.",
            command=NAMELESS_REMEDY if mapped else _EXPORT,
            control="Where a field names one, import into a new case and map it to account_id in "
            "the step Fields; else export the logs again with keys."
            if mapped
            else _EXPORT,
        )
    ]


def _in_conflict(held: OpenCase, files: Sequence[tuple[int, SourceReport]]) -> list[Doubt]:
    """Files in which two records for one request are no accident."""
    doubts = []
    for source_id, report in files:
        n, records = report.accounting.conflict, report.accounting.records
        if n < _FEWEST or n < _SHARE * records:
            continue
        with held.engine() as engine:
            pair = engine.table(
                _PAIR, source=source_id, conflict=int(StoredFate.CONFLICT)
            ).to_pylist()
        example = "".join(
            f", for example record {each['second_no']:,} that of record {each['first_no']:,}"
            for each in pair
        )
        remedy = (
            "Where one is a request and the other its answer, make one record of both before "
            "importing, into a new case: halves are joined of batches and traces only."
        )
        doubts.append(
            Doubt(
                f"{report.path}: {n:,} of {records:,} records are conflicts: each has the request "
                f"id of another record and other content{example}. Both are kept, and both count.",
                command=remedy,
                control=remedy,
            )
        )
    return doubts
