"""``workbench select`` and ``workbench selections``: selections that are kept under a name."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.label import AnalystOption
from workbench.cli.output import CaseArgument, JsonOption, emit_json, say, show_table
from workbench.cli.scope import AccountOption, ClusterOption
from workbench.domain.errors import InputError
from workbench.domain.selection import AccountSet, ClusterSet, Combine, SelectionDefinition, Shape
from workbench.domain.text import plural


def register(app: typer.Typer) -> None:
    """Add both commands."""

    @app.command("select")
    def select(
        case: CaseArgument,
        name: Annotated[str, typer.Option(help="What to call it.", show_default=False)],
        account: AccountOption = None,
        cluster: ClusterOption = None,
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Keep a selection of accounts, frozen as they are now; the window recalls it.

        Example: workbench select harbour.case --name "first wave" --cluster C-001
        """
        from workbench.services.workspace import Workspace

        if not account and not cluster:
            raise InputError(
                "select takes accounts or clusters.",
                remedy="Give --account ID or --cluster ID, both repeatable.",
            )
        with Workspace.open(case, analyst=analyst) as workspace:
            keys = workspace.browsing.account_keys(account or ())
            for cluster_id in cluster or ():
                workspace.browsing.cluster_row(cluster_id)
            shapes: list[Shape] = [AccountSet(keys)] if keys else []
            shapes += [ClusterSet(tuple(cluster))] if cluster else []
            definition = SelectionDefinition()
            for shape in shapes:
                definition = definition.then(Combine.ADD, shape)
            selection = workspace.selecting.apply(definition)
            workspace.keeping.keep(name, selection)
            kept, *before = workspace.keeping.kept()
        if as_json:
            emit_json(kept.as_dict())
        else:
            size = plural(len(kept.accounts), "account", "accounts")
            say(f"Saved the selection {kept.name}: {size}.")
            if any(one.name == kept.name for one in before):
                say("An older one has the same name: the name now means this one.")

    @app.command("selections")
    def selections(
        case: CaseArgument,
        forget: Annotated[
            str | None,
            typer.Option(metavar="NAME", help="Take this one back; its line stays."),
        ] = None,
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """List the selections that are kept, the newest first.

        Example: workbench selections harbour.case
        """
        import pyarrow as pa

        from workbench.services.workspace import Workspace

        with Workspace.open(case, write=forget is not None, analyst=analyst) as workspace:
            if forget is not None:
                workspace.keeping.forget(forget)
            kept = workspace.keeping.kept()
        if as_json:
            emit_json({"selections": [one.as_dict() for one in kept]})
        elif kept:
            table = pa.table(
                {
                    "name": [one.name for one in kept],
                    "n_accounts": [len(one.accounts) for one in kept],
                    "n_exchanges": [one.n_exchanges for one in kept],
                    "saved": pa.array([one.at_us for one in kept], pa.timestamp("us")),
                    "analyst": [one.analyst.name for one in kept],
                }
            )
            show_table(table, limit=200)
        else:
            say("No selection was saved.")
