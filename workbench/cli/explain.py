"""``workbench explain``: the story of one cluster or account, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from workbench.cli.output import CaseArgument, JsonOption, emit_json, say, warn_if_overtaken
from workbench.domain.errors import InputError


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("explain")
    def explain(
        case: CaseArgument,
        account: Annotated[
            str | None, typer.Option(metavar="ID", help="The account, as the log gave it.")
        ] = None,
        cluster: Annotated[
            str | None, typer.Option(metavar="ID", help="The cluster, such as C-001.")
        ] = None,
        numbers: Annotated[
            bool, typer.Option(help="The numbers instead: values, baselines, formulas, sources.")
        ] = False,
        as_json: JsonOption = False,
    ) -> None:
        """Say what an account or cluster did, why it is believed, and what speaks against it.

        Example: workbench explain harbour.case --cluster C-001
        """
        from workbench.services.loss_words import facts
        from workbench.services.told import standing
        from workbench.services.workspace import Workspace

        if (account is None) == (cluster is None):
            raise InputError(
                "explain takes one subject.", remedy="Give either --account ID or --cluster ID."
            )
        with Workspace.open(case, write=False) as workspace:
            warn_if_overtaken(workspace)
            browsing = workspace.browsing
            told = browsing.explain(account=account or "", cluster_id=cluster or "")
            if cluster:
                row, losses = browsing.cluster_row(cluster), workspace.losses.of(cluster)
            else:
                row, losses = browsing.account_row(told.finding.subject), ()
            delivered = facts(losses[0]) if losses else ()
            told = replace(told, standing=standing(row), delivered=delivered)
        if as_json:
            emit_json(told.as_dict())
            return
        for line in told.number_lines() if numbers else told.lines():
            say(line)
