"""``workbench accounts`` and ``workbench clusters``: the tables of the contract."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pyarrow as pa
import typer

from workbench.cli.output import (
    CaseArgument,
    JsonOption,
    emit_json,
    say,
    show_table,
    warn_if_overtaken,
    with_case,
    write_csv,
)
from workbench.domain.finding import ACCOUNTS_SCHEMA, CLUSTERS_SCHEMA
from workbench.domain.text import plural

if TYPE_CHECKING:
    from workbench.services.workspace import Workspace

CsvOption = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write the table to a CSV file.")
]


def register(app: typer.Typer) -> None:
    """Add both commands."""

    @app.command("accounts")
    def accounts(
        case: CaseArgument,
        near: Annotated[
            str | None,
            typer.Option(
                metavar="ID", help="Only those that stand near this cluster without belonging."
            ),
        ] = None,
        csv: CsvOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """List the accounts, best first, with cluster, score, verdict and label.

        Example: workbench accounts harbour.case --csv accounts.csv
        """
        from workbench.services.workspace import Workspace

        with Workspace.open(case, write=False) as workspace:
            warn_if_overtaken(workspace)
            browsing = workspace.browsing
            table = browsing.near(near) if near else browsing.accounts()
            table = table.select(ACCOUNTS_SCHEMA.names)
            why = f"none stands near {near}." if near else _why_none(workspace)
        _give(table, csv, as_json, ("account", "accounts"), why)

    @app.command("clusters")
    def clusters(case: CaseArgument, csv: CsvOption = None, as_json: JsonOption = False) -> None:
        """List the clusters, best first, with finding, axes, counter-evidence and labels.

        Example: workbench clusters harbour.case --json
        """
        from workbench.services.workspace import Workspace

        with Workspace.open(case, write=False) as workspace:
            warn_if_overtaken(workspace)
            table = workspace.browsing.clusters().select(CLUSTERS_SCHEMA.names)
            why = _why_none(workspace)
        _give(table, csv, as_json, ("cluster", "clusters"), why)


def _why_none(workspace: Workspace) -> str:
    """Why a table is empty where it is, and what to do."""
    from workbench.services.power_words import told_of_nothing
    from workbench.services.whole_files import NAMELESS, NAMELESS_REMEDY

    browsing = workspace.browsing
    if not browsing.n_accounts:
        info = browsing.info()
        if not info.n_exchanges:
            return (
                "the case holds no exchange yet. Run: workbench import CASE FILE..., then "
                "analyse it."
            )
        if not info.n_accounts:
            return f"{NAMELESS[:1].lower()}{NAMELESS[1:]} {NAMELESS_REMEDY}"
    if not browsing.analysed:
        return "the case has not been analysed yet. Run: workbench analyse CASE"
    if unsought := browsing.unsought():
        return f"{unsought[:1].lower()}{unsought[1:]}"
    return f"the analysis found none. {told_of_nothing(workspace.detectability.shown())}"


def _give(
    table: pa.Table, csv: Path | None, as_json: bool, noun: tuple[str, str], why: str
) -> None:
    if csv is not None:
        write_csv(table, csv)
    if as_json:
        emit_json(table)
    elif csv is not None:
        say(f"{plural(table.num_rows, *noun)} written to {csv}")
    elif table.num_rows:
        show_table(table, whole="--csv FILE or --json")
    else:
        say(f"No {noun[1]}: {with_case(why)}")
