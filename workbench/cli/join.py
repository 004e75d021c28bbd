"""``workbench join``: tables beside the logs, which fill what the logs leave out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.import_ import StandingKeyOption
from workbench.cli.output import CaseArgument, JsonOption, emit_json, progress_job, say, warn
from workbench.domain.added import AddedKind
from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from workbench.services.joining import JoinReport


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("join")
    def join(
        case: CaseArgument,
        file: Annotated[
            Path | None,
            typer.Argument(
                metavar="[FILE]",
                help="OpenAI's audit log, read as events and as accounts; or its usage, read as "
                "accounts and counted beside the case.",
            ),
        ] = None,
        accounts: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                help="Accounts: created_at, email_domain, payment_hash, parent_org, "
                "signup_address, plan, declared_use. CSV, JSON or Parquet.",
            ),
        ] = None,
        addresses: Annotated[
            Path | None,
            typer.Option(metavar="MMDB", help="Country and network of addresses: MaxMind DB."),
        ] = None,
        events: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                help="Bans, reinstatements, changes of rate limits, with their times.",
            ),
        ] = None,
        releases: Annotated[
            Path | None, typer.Option(metavar="FILE", help="When models were released.")
        ] = None,
        mapping: Annotated[
            list[str] | None,
            typer.Option(
                "--map",
                metavar="FIELD=COLUMN",
                help="Where a field comes from, for example created_at=reg_date; repeatable.",
            ),
        ] = None,
        zone: Annotated[
            str,
            typer.Option(
                metavar="ZONE",
                help="Time zone of times that name none, like UTC; none leaves them out.",
            ),
        ] = "",
        remove: Annotated[
            int | None,
            typer.Option(metavar="ID", help="Take a table out again, by its number."),
        ] = None,
        list_: Annotated[
            bool, typer.Option("--list", help="List the tables; so does no option at all.")
        ] = False,
        pseudonym_key: StandingKeyOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Add a table beside the logs: it fills what they leave out and overwrites nothing.

        The source of each value is kept, and the table can be taken out again. Example: workbench
        join harbour.case --accounts accounts.csv --zone UTC
        """
        from workbench.services.joined import table_dict, table_lines
        from workbench.services.workspace import Workspace

        given = {
            AddedKind.ACCOUNTS: accounts,
            AddedKind.ADDRESSES: addresses,
            AddedKind.EVENTS: events,
            AddedKind.RELEASES: releases,
        }
        _refuse_new(case)
        chosen = [(kind, path) for kind, path in given.items() if path is not None]
        if len(chosen) + (file is not None) + (remove is not None) + list_ > 1:
            raise InputError(
                "join does one thing at a time.",
                remedy="Give one file, or --remove ID, or --list.",
            )
        if file is not None:
            if mapping:
                raise InputError(
                    "--map needs to know what the file is about.",
                    remedy="Give it as --accounts, --events or --releases.",
                )
            with progress_job(quiet=as_json) as job, Workspace.open(case) as workspace:
                reports = workspace.joining.add_by_content(
                    file, job, zone=zone, key_file=pseudonym_key
                )
            if as_json:
                emit_json({"tables": [report.as_dict() for report in reports]})
                return
            for report in reports:
                _tell(report)
            return
        if chosen:
            ((kind, path),) = chosen
            with progress_job(quiet=as_json) as job, Workspace.open(case) as workspace:
                report = workspace.joining.add(
                    kind,
                    path,
                    job,
                    zone=zone,
                    mapping=_mapping(mapping or []),
                    key_file=pseudonym_key,
                )
            if as_json:
                emit_json(report.as_dict())
                return
            _tell(report)
            return
        if remove is not None:
            with Workspace.open(case) as workspace:
                table = workspace.joining.remove(remove)
            if as_json:
                emit_json({"removed": table_dict(table)})
            else:
                say(f"Taken out: {table.added_id}  {table.kind.value}  {table.path}")
            return
        with Workspace.open(case, write=False) as workspace:
            tables = workspace.joining.tables()
        if as_json:
            emit_json({"tables": [table_dict(table) for table in tables]})
            return
        for table in tables:
            for line in table_lines(table):
                say(line)
        if not tables:
            say("No table was added beside the logs.")


def _refuse_new(case: Path) -> None:
    """Tables lie beside logs: nothing is made for them.

    Raises:
        InputError: The case is not there.
    """
    if not case.exists():
        raise InputError(
            f"{case} does not exist, and a table is added to a case that does.",
            remedy="Make it with the first logs: workbench import CASE FILE...",
        )


def _tell(report: JoinReport) -> None:
    from workbench.services.joined import table_lines

    for line in table_lines(report.table):
        say(line)
    for line in report.told:
        say(line)
    for doubt in report.doubts:
        warn(doubt.typed)


def _mapping(pairs: list[str]) -> Mapping[str, str]:
    """Read ``FIELD=COLUMN`` pairs.

    Raises:
        InputError: No equals sign, or a field twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = (part.strip() for part in pair.partition("="))
        if not (field and equals and column):
            raise InputError(
                f"--map {pair!r} is not FIELD=COLUMN.",
                remedy="Write it like --map created_at=registered.",
            )
        if field in found:
            raise InputError(f"--map names {field} twice.", remedy="Keep one of them.")
        found[field] = column
    return found
