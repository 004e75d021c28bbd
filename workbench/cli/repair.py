"""``workbench repair``: a case whose databases or computed files are gone or damaged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.label import AnalystOption
from workbench.cli.output import CaseArgument, JsonOption, emit_json, progress_job, say, warn
from workbench.domain.text import plural

if TYPE_CHECKING:
    from workbench.services.repairing import RepairReport


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("repair")
    def repair(
        case: CaseArgument,
        logs: Annotated[
            list[str] | None,
            typer.Option(
                "--logs",
                metavar="PATH",
                help="Where the logs and tables lie now: file, folder, archive; may be repeated.",
            ),
        ] = None,
        key: Annotated[
            Path | None,
            typer.Option(
                "--pseudonym-key", metavar="FILE", help="Key of a case that goes by pseudonyms."
            ),
        ] = None,
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Look at every byte of a case that counts, and mend what is damaged.

        What was given is made again from the journals and the logs, told by their SHA-256; what
        was computed is computed again. What is damaged is moved into the folder damaged/ of the
        case. Exit code 1 where something computed is not what it was.

        Example: workbench repair harbour.case --logs /evidence/logs
        """
        from workbench.services.repairing import repair as mend

        with progress_job(quiet=as_json) as job:
            report = mend(case, job, logs=logs or (), key_file=key, analyst=analyst)
        for notice in report.notices:
            warn(notice)
        if as_json:
            emit_json(report.as_dict())
        else:
            for line in _lines(report):
                say(line)
        if report.different:
            raise typer.Exit(1)


def _lines(report: RepairReport) -> list[str]:
    if report.sound:
        return ["Nothing is damaged."]
    lines = []
    if report.given and report.restored is not None:
        made = report.restored
        lines += [
            f"{report.given}.",
            f"Made again: {plural(made.n_imports, 'import', 'imports')}, "
            f"{plural(made.n_tables, 'table', 'tables')}, "
            f"{plural(made.n_records, 'record', 'records')}, each with the fate that it had.",
        ]
    if report.computed:
        stages = plural(len(report.stages), "stage", "stages")
        lines += [f"{report.computed}.", f"Computed again: {stages}."]
        if report.different:
            lines.append(f"Different from the last analysis: {', '.join(report.different)}.")
        elif report.compared:
            of = plural(report.compared, "stage", "stages")
            lines.append(f"The same as in the last analysis: {of}, by digest.")
        else:
            lines.append("There was no analysis to compare with: workbench analyse CASE")
        lines += [f"Not made by the analysis, measure it again: {s}." for s in report.not_again]
    lines.append(f"What was damaged lies in {report.aside} of the case.")
    return lines
