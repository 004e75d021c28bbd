"""``workbench pseudonym``: what a name is called in a case, for who has the key."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from workbench.cli.import_ import StandingKeyOption
from workbench.cli.output import CaseArgument, JsonOption, emit_json, say
from workbench.domain.errors import InputError


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("pseudonym")
    def pseudonym(
        case: CaseArgument,
        column: Annotated[
            str, typer.Argument(metavar="COLUMN", help="The column, like account_id or ip.")
        ],
        names: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="[NAME...]",
                help="Names as the logs have them; without, one a line on standard input.",
                show_default=False,
            ),
        ] = None,
        pseudonym_key: StandingKeyOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Show the pseudonyms of given names, whether the case holds them or not; writes nothing.

        The other way round, give the list of all names and look the pseudonym up in the answer.
        Example: workbench pseudonym harbour.case account_id < accounts.txt
        """
        from workbench.services.workspace import Workspace

        given = names if names else [line.rstrip("\r\n") for line in sys.stdin]
        given = [name for name in given if name]
        if not given:
            raise InputError("No name was given.", remedy="Name one, or pipe a list.")
        with Workspace.open(case, write=False) as workspace:
            found = workspace.importing.pseudonyms(column, given, pseudonym_key)
        if as_json:
            emit_json({"column": column, "pseudonyms": dict(zip(given, found, strict=True))})
            return
        for name, told in zip(given, found, strict=True):
            say(f"{told}\t{name}")
