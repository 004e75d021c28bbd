"""``workbench journal`` and ``workbench runs``: what was decided and what was computed."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.output import CaseArgument, JsonOption, emit_json, say, show_table
from workbench.domain.errors import InputError
from workbench.domain.text import plural


def register(app: typer.Typer) -> None:
    """Add both commands."""

    @app.command("journal")
    def journal(
        case: CaseArgument,
        action: Annotated[
            str | None, typer.Argument(metavar="[verify]", help="Check every chain and pin.")
        ] = None,
        as_json: JsonOption = False,
    ) -> None:
        """List the journal, or verify it: `journal CASE verify` names the first bad line.

        Example: workbench journal harbour.case verify
        """
        from workbench.services.workspace import Workspace

        if action not in {None, "verify"}:
            raise InputError(
                f"journal knows no action {action!r}.", remedy="Leave it out, or write verify."
            )
        with Workspace.open(case, write=False) as workspace:
            if action == "verify":
                checked = workspace.browsing.verify_journals()
                if as_json:
                    emit_json(checked)
                else:
                    say(
                        f"{plural(checked['journals'], 'journal', 'journals')}, "
                        f"{plural(checked['entries'], 'entry', 'entries')}: chains, signatures "
                        "and pinned heads hold."
                    )
                return
            table = workspace.browsing.journal()
        if as_json:
            emit_json({"entries": table})
        elif table.num_rows:
            show_table(table, limit=200)
        else:
            say("The journal is empty.")

    @app.command("runs")
    def runs(case: CaseArgument, as_json: JsonOption = False) -> None:
        """List every analysis run, abandoned ones included.

        Example: workbench runs harbour.case
        """
        from workbench.services.workspace import Workspace

        with Workspace.open(case, write=False) as workspace:
            table = workspace.browsing.runs()
        if as_json:
            emit_json({"runs": table})
        elif table.num_rows:
            show_table(table, limit=200)
        else:
            say("No analysis was run yet.")
