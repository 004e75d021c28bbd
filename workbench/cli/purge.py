"""``workbench purge``: exchanges are erased from a case."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.access import AccountOption, ReasonOption
from workbench.cli.label import AnalystOption
from workbench.cli.output import CaseArgument, JsonOption, emit_json, progress_job, say
from workbench.domain.errors import InputError
from workbench.domain.text import plural


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("purge")
    def purge(
        case: CaseArgument,
        why: ReasonOption,
        account: AccountOption = None,
        before: Annotated[
            str | None,
            typer.Option(metavar="DATE", help="Exchanges of before this day or instant (UTC)."),
        ] = None,
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Erase exchanges from the files of a case, for good. Refused while a legal hold is set.

        Example: workbench purge harbour.case --before 2026-01-01 --why "Retention of 90 days"
        """
        from workbench.services.purging import purge as erase

        with progress_job(quiet=as_json) as job:
            done = erase(
                Path(case),
                job,
                why,
                accounts=tuple(account or ()),
                before_us=None if before is None else _instant(before),
                analyst=analyst,
            )
        if as_json:
            emit_json(done.as_dict())
            return
        say(f"{plural(done.n_exchanges, 'exchange', 'exchanges')} erased, SHA-256 {done.sha256}.")
        say("What was computed is gone with them: analyse the case again.")


def _instant(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"--before {text}: no date.", remedy="Write it as 2026-01-31 or 2026-01-31T12:00:00Z."
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1_000_000)
