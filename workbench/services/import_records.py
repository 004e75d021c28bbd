"""The journal's records of imports: what came in, how, and what was cut short on the way.

Whoever asks how logs came into a case asks here. A record is no decision: nothing undoes it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.text import plural
from workbench.formats.text import without_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.case.batches import Batch
    from workbench.domain.door import Door
    from workbench.domain.exchange import Accounting, Frame, SourceReport
    from workbench.domain.interrupted import Interrupted

#: Of a record that says what did not come in.
TAKEN_BACK: Final = "taken back"


def file_dict(report: SourceReport) -> dict[str, Any]:
    """A file as the command line and the journal write it."""
    about = {
        "path": without_surrogates(report.path),
        "size": report.size,
        "sha256": report.sha256,
        "format": report.format,
        "compression": report.compression,
        "reason": report.reason,
        "already": report.already,
        "coerced_columns": dict(sorted(report.coerced_columns.items())),
    }
    return about | report.accounting.as_dict()


def imported(
    batch: Batch,
    files: Iterable[SourceReport],
    mapping: Mapping[str, str],
    door: Door,
    total: Accounting,
    format_name: str,
) -> dict[str, Any]:
    """Body of the record of an import: all that is needed to import the same files again.

    Args:
        batch: As it was closed.
        files: Those that it loaded, in order.
        mapping: As asked for.
        door: What was left out.
        total: Fates of the records of all files that were named.
        format_name: As asked for; empty where it was found for each file.
    """
    body = {
        "batch": batch.batch_id,
        "opened_us": batch.opened_us,
        "closed_us": batch.closed_us,
        "files": [file_dict(report) for report in files],
        "frame": _frame(batch.frame),
        "mapping": _mapping(mapping),
        "total": total.as_dict(),
    }
    if format_name:
        body["asked_format"] = format_name
    return body if door.is_open else body | {"door": door.as_dict()}


def going_on(left: Interrupted) -> dict[str, Any]:
    """What is added to it where the import was cut short: when it began and each time it went on.

    Args:
        left: The import as it went on for the last time.
    """
    return {"began": left.began, "went_on": [asdict(each) for each in left.went_on]}


def taken_back(left: Interrupted) -> dict[str, Any]:
    """Body of the record that a person took an import back that was cut short."""
    body = {
        "action": TAKEN_BACK,
        "batch": left.batch_id,
        "files": [
            {"path": without_surrogates(file.name), "size": file.size} for file in left.plan.files
        ],
        "records": left.records,
        "frame": _frame(left.frame),
        "mapping": _mapping(left.mapping),
    }
    return body | going_on(left)


def in_words(body: Mapping[str, Any]) -> str:
    """Such a record, one line in plain words; journals of older versions say less."""
    files = plural(len(body.get("files", ())), "file", "files")
    times = body.get("went_on", ())
    if body.get("action") == TAKEN_BACK:
        records = plural(body["records"], "record", "records")
        again = f", gone on {_often(len(times))}" if times else ""
        return (
            f"Took back an import of {files} that was cut short "
            f"(begun {_moment(body['began'])}{again}, {records} read)"
        )
    if not times:
        return f"Imported {files}"
    last = times[-1]
    when = f"{_moment(last['at'])}, after record {last['records']:,}"
    return (
        f"Imported {files}; begun {_moment(body['began'])}, cut short {_often(len(times))}, "
        f"went on {'' if len(times) == 1 else 'last '}{when}"
    )


def _often(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _moment(rfc_3339: str) -> str:
    """As tables show it: to the minute, UTC."""
    return f"{rfc_3339[:16].replace('T', ' ')} UTC"


def _frame(frame: Frame) -> dict[str, Any]:
    return {key: _plain(value) for key, value in asdict(frame).items()}


def _mapping(mapping: Mapping[str, str]) -> dict[str, Any]:
    return {key: _plain(value) for key, value in sorted(mapping.items())}


def _plain(value: Any) -> Any:
    """A value that the journal's JSON can hold: a shell may hand over half characters."""
    return without_surrogates(value) if isinstance(value, str) else value
