"""``workbench rejects``: the records that could not be read, with their bytes."""

from __future__ import annotations

import base64
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from workbench.cli.output import CaseArgument, JsonOption, emit_json, say, with_case
from workbench.domain.errors import InputError
from workbench.domain.text import elide, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workbench.services.mending import Sheets
    from workbench.services.provenance import Provenance

_PAGE = 1000
_SHOWN = 40
#: Cut records that are named one by one.
_CUT_SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("rejects")
    def rejects(
        case: CaseArgument,
        export: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE", help="Write all of them as JSON lines; raw bytes in base64."
            ),
        ] = None,
        raw: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                help="Write the records of logs as they lay, below their header, to mend and "
                "import them: one file for each way in which logs were read.",
            ),
        ] = None,
        as_json: JsonOption = False,
    ) -> None:
        """List the records that could not be read, with file, offset, reason and raw bytes.

        Those of logs come first, then those of tables that were added beside them.

        To mend records, write them with --raw, correct the file and import it as it says: what
        loads then comes from that file; the rejects of the first import stay listed, as it happened
        so.
        Example: workbench rejects harbour.case --export rejects.jsonl
        """
        from workbench.services.mending import write_rejects
        from workbench.services.workspace import Workspace

        with Workspace.open(case, write=False) as workspace:
            provenance = workspace.importing.provenance
            door = workspace.importing.door()
            hides = provenance.hides_rejects
            of_tables = provenance.added_rejects().to_pylist()
            count = provenance.info().accounting.rejected + len(of_tables)
            sheets = None if raw is None else write_rejects(workspace.importing, raw)
            if export is not None:
                _write(export, (orjson.dumps(_plain(row)) for row in _all(provenance)))
            if as_json:
                rows = provenance.rejects().to_pylist() + of_tables
                emit_json({"rejected": count, "rejects": [_plain(row) for row in rows]})
                return
            shown = (provenance.rejects(limit=_SHOWN).to_pylist() + of_tables)[:_SHOWN]
        if export is not None:
            say(f"{plural(count, 'reject', 'rejects')} written to {export}")
        if sheets is not None:
            _tell(sheets)
        if export is not None or raw is not None:
            return
        for row in shown:
            say(f"{row['path']}: record {row['record_no']:,}{_where(row)}: {row['reason']}")
            if row["raw"]:  # none where something was left out at the door, or after a damage
                say(f"    {elide(row['raw'][:400].decode('utf-8', 'backslashreplace'), 100)}")
        if door is not None and not door.is_open and shown and not any(row["raw"] for row in shown):
            say("Their bytes were left out at the door.")
        if hides and shown:
            say("Their bytes hold prompts, which are read after a reveal; none can name a reject.")
        if count > len(shown):
            say(f"… {count - len(shown):,} more; --export FILE gives all of them.")
        elif not count:
            say("No record was rejected.")


def _tell(sheets: Sheets) -> None:
    """What was written, what of it is not whole, and how it is imported."""
    if not sheets.files:
        missing = "with bytes " if sheets.empty else ""
        say(f"No record of a log {missing}was rejected, so nothing was written.")
    if len(sheets.files) > 1:
        say("Their logs were read in different ways, or have different headers: a file for each.")
    for sheet in sheets.files:
        say(f"{plural(sheet.count, 'record', 'records')} written to {sheet.path}")
        if sheet.cut:
            say(
                f"    CUT: of {len(sheet.cut):,} only the first 1 MiB, which is what a case keeps "
                "of a reject. The whole is in the log (bytes of the unpacked file, from 0):"
            )
            for path, number, offset in sheet.cut[:_CUT_SHOWN]:
                say(f"      {path}: record {number:,}{_where({'byte_offset': offset})}")
            if len(sheet.cut) > _CUT_SHOWN:
                say(f"      … {len(sheet.cut) - _CUT_SHOWN:,} more, each 1 MiB long here")
        if sheet.way.headless:
            say(
                f"    The case was given {sheet.way.headless} before headers were kept: put the "
                "header of that file before the first line."
            )
        name = shlex.quote(str(sheet.path))
        say(f"    Once mended: {with_case('workbench import CASE')} {name} {sheet.way.options}")
    if sheets.of_another:
        say(f"Not written: {plural(sheets.of_another, 'row', 'rows')} of other tables, no log.")
    if sheets.empty:
        say(f"Not written: {plural(sheets.empty, 'record', 'records')} without any byte.")


def _where(row: dict[str, Any]) -> str:
    return f", byte {row['byte_offset']:,}" if row["byte_offset"] >= 0 else ""


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    raw = base64.b64encode(row["raw"]).decode("ascii")
    kept = ("path", "record_no", "byte_offset", "reason")
    return {name: row[name] for name in kept} | {"raw_base64": raw}


def _of_logs(provenance: Provenance) -> Iterator[dict[str, Any]]:
    """Page by page, so that a million rejects take no memory."""
    offset = 0
    while rows := provenance.rejects(offset=offset, limit=_PAGE).to_pylist():
        yield from rows
        offset += len(rows)


def _all(provenance: Provenance) -> Iterator[dict[str, Any]]:
    yield from _of_logs(provenance)
    yield from provenance.added_rejects().to_pylist()


def _write(path: Path, lines: Iterable[bytes]) -> None:
    """Lines into a new file.

    Raises:
        InputError: The file is there already, or cannot be written.
    """
    try:
        with path.open("xb") as file:
            file.writelines(line + b"\n" for line in lines)
    except FileExistsError as error:
        raise InputError(f"{path} is there already.", remedy="Name another file.") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror}.", remedy="Name another file."
        ) from error
