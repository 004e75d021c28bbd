"""``workbench reveal`` and ``workbench quarantine``: who reads the texts of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.label import AnalystOption
from workbench.cli.output import CaseArgument, JsonOption, emit_json, say
from workbench.domain.errors import InputError
from workbench.domain.text import plural

if TYPE_CHECKING:
    from workbench.services.access import Opened

ExchangeOption = Annotated[
    list[int] | None,
    typer.Option(metavar="ID", help="An exchange, by its exchange_id; may be repeated."),
]
AccountOption = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="An account: all its exchanges; may be repeated."),
]
ReasonOption = Annotated[
    str, typer.Option(metavar="TEXT", help="The reason, in your words.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("reveal")
    def reveal(
        case: CaseArgument,
        why: ReasonOption,
        exchange: ExchangeOption = None,
        account: AccountOption = None,
        cluster: Annotated[
            str | None,
            typer.Option(metavar="ID", help="A cluster: all exchanges of its members now."),
        ] = None,
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Reveal texts of a case that keeps them back: a line of the journal, with its reason.

        Example: workbench reveal harbour.case --account key-003 --why "Ticket 12"
        """
        from workbench.services.workspace import Workspace

        _need(exchange, account, cluster)
        with Workspace.open(case, analyst=analyst) as workspace:
            opened = workspace.access.reveal(
                why,
                exchanges=tuple(exchange or ()),
                accounts=tuple(account or ()),
                cluster_id=cluster or "",
            )
        if not _told(opened, as_json, "revealed"):
            say(f"{_size(opened)} revealed to you; the journal says so.")

    @app.command("quarantine")
    def quarantine(
        case: CaseArgument,
        why: ReasonOption,
        exchange: ExchangeOption = None,
        account: AccountOption = None,
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Keep unlawful or privileged texts from everybody: a decision that undo takes back.

        Example: workbench quarantine harbour.case --exchange 4711 --why "Letter of counsel"
        """
        from workbench.services.workspace import Workspace

        _need(exchange, account, None)
        with Workspace.open(case, analyst=analyst) as workspace:
            put = workspace.access.quarantine(
                why, exchanges=tuple(exchange or ()), accounts=tuple(account or ())
            )
            count = workspace.access.kept().n_quarantined
        if not _told(put, as_json, "quarantined", in_quarantine=count):
            say(f"{_size(put)} put into quarantine; {count:,} in quarantine now, with all that")
            say("ask the same. No reveal opens them; workbench undo takes the entry back.")


def _need(exchange: list[int] | None, account: list[str] | None, cluster: str | None) -> None:
    if not (exchange or account or cluster):
        clusters = "" if cluster is None else " or --cluster ID"
        raise InputError(
            "Nothing was named.", remedy=f"Name --exchange ID or --account ID{clusters}."
        )


def _size(opened: Opened) -> str:
    return plural(opened.n_exchanges, "exchange", "exchanges")


def _told(opened: Opened, as_json: bool, name: str, **more: int) -> bool:
    if as_json:
        emit_json({name: opened.n_exchanges} | more)
    return as_json
