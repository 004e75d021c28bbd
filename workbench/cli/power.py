"""``workbench power``: what would have been found, had somebody harvested in this log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

import pyarrow as pa
import typer

from workbench.cli.output import (
    CaseArgument,
    JsonOption,
    emit_json,
    hint,
    progress_job,
    say,
    show_table,
)
from workbench.domain.errors import InputError, NotAssessedError


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("power")
    def power(
        case: CaseArgument,
        sizes: Annotated[
            str, typer.Option(metavar="N,...", help="Accounts of a campaign.")
        ] = "20,60,200",
        shares: Annotated[
            str, typer.Option(metavar="X,...", help="Of their exchanges, how many harvest.")
        ] = "1.0,0.6,0.2",
        repeats: Annotated[
            int, typer.Option(min=1, max=100, help="Campaigns of each size and share.")
        ] = 1,
        seed: Annotated[int, typer.Option(min=0, help="Root of every random number.")] = 0,
        prompts: Annotated[
            Path | None,
            typer.Option(
                metavar="FOLDER",
                help="Real prompts, as simulate --prompts takes them; by grammar without.",
            ),
        ] = None,
        show: Annotated[
            bool, typer.Option("--show", help="Plant nothing, only show what was planted last.")
        ] = False,
        as_json: JsonOption = False,
    ) -> None:
        """Plant campaigns in copies of an analysed case and say what would have been found.

        The case is only read, but for the table, which the report shows. Campaigns that were
        planted in it before are kept. Example: workbench power harbour.case --repeats 3
        """
        from workbench.services import power_words
        from workbench.services.power import Plan
        from workbench.services.workspace import Workspace

        plan = Plan(
            tuple(_numbers("sizes", sizes, int)),
            tuple(_numbers("shares", shares, float)),
            repeats,
            seed,
            prompts,
        )
        with Workspace.open(case, write=not show) as workspace:
            if not show:
                settings = workspace.analysing.last_settings()
                for warning in power_words.too_large(plan.sizes, workspace.browsing.n_accounts):
                    hint(warning)
                with progress_job(quiet=as_json) as job:
                    workspace.detectability.run(plan, settings, job)
            found = workspace.detectability.shown()
        if found is None:
            raise NotAssessedError(power_words.NOT_RUN)
        if as_json:
            emit_json(found.as_dict() | {"notes": list(power_words.notes(found))})
            return
        columns = zip(*power_words.rows(found), strict=True)
        show_table(
            pa.table(dict(zip(power_words.HEAD, map(list, columns), strict=True))), whole="--json"
        )
        for line in power_words.notes(found):
            say(line)


_Number = TypeVar("_Number", int, float)


def _numbers(name: str, text: str, kind: type[_Number]) -> list[_Number]:
    try:
        return [kind(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise InputError(
            f"--{name} takes numbers between commas, and {text!r} is none.",
            remedy=f"Give them such as --{name} {'20,60' if kind is int else '1.0,0.6'}.",
        ) from None
