"""``workbench merge``, ``conflicts`` and ``sign-off``: several analysts on one case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.label import AnalystOption
from workbench.cli.output import CaseArgument, JsonOption, emit_json, say
from workbench.cli.scope import AccountOption, ClusterOption, LabelOption, scope_of
from workbench.domain.text import plural

if TYPE_CHECKING:
    from workbench.services.reviewing import Conflict

WhyOption = Annotated[str, typer.Option(help="The reason, in your words.")]


def register(app: typer.Typer) -> None:
    """Add the three commands."""

    @app.command("merge")
    def merge(
        case: CaseArgument,
        other: Annotated[
            Path, typer.Argument(metavar="COPY", help="Another copy of the case; only read.")
        ],
        why: WhyOption = "",
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Bring what analysts decided in a copy of the case into this one.

        Each keeps a journal of their own, so nothing is lost and the order does not matter; merging
        again brings nothing. Labels that stand against each other are told.

        Example: workbench merge harbour.case from-mara/harbour.case
        """
        from workbench.services.workspace import Workspace

        with Workspace.open(case, analyst=analyst) as workspace:
            merged = workspace.merging.merge(other, why)
            found = workspace.reviewing.conflicts()
        accounts = sum(len(one.accounts) for one in found)
        if as_json:
            emit_json(
                {
                    "journals": merged.journals,
                    "entries": merged.entries,
                    "purged_in_copy": merged.purged,
                    "conflicting_accounts": accounts,
                }
            )
            return
        say(merged.told())
        if accounts:
            say(
                f"Labels stand against each other on {plural(accounts, 'account', 'accounts')}. "
                f"See them with: workbench conflicts {case}"
            )

    @app.command("conflicts")
    def show_conflicts(case: CaseArgument, as_json: JsonOption = False) -> None:
        """List accounts that analysts labelled differently without having seen each other.

        Label them again to decide: who does so has seen both. The exit code is 1 while there are
        any.

        Example: workbench conflicts harbour.case
        """
        from workbench.services.workspace import Workspace

        with Workspace.open(case, write=False) as workspace:
            found = workspace.reviewing.conflicts()
        if as_json:
            emit_json({"conflicts": [_dict(one) for one in found]})
        elif not found:
            say("No labels stand against each other.")
        for one in () if as_json else found:
            _say(one)
        if found:
            raise typer.Exit(1)

    @app.command("sign-off")
    def sign_off(
        case: CaseArgument,
        why: Annotated[str, typer.Option(help="The reason, in your words.")],
        cluster: ClusterOption = None,
        label: LabelOption = None,
        account: AccountOption = None,
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Sign off, as a second analyst, the labels that others gave.

        What stands now is signed off, label by label: one that is given later needs another look.

        Example: workbench sign-off harbour.case --cluster C-001 --why "Read all twenty exhibits"
        """
        from workbench.services.workspace import Workspace

        scope = scope_of("sign-off", cluster, label, account)
        with Workspace.open(case, analyst=analyst) as workspace:
            workspace.reviewing.sign_off(scope, why)
            (line, *_) = workspace.labelling.history()
        if as_json:
            emit_json({"entry": line.entry, "what": line.what})
        else:
            say(f"{line.what}.")


def _say(conflict: Conflict) -> None:
    named = ", ".join(conflict.accounts[:5]) + (" ..." if len(conflict.accounts) > 5 else "")
    say(f"{plural(len(conflict.accounts), 'account', 'accounts')}: {named}")
    for entry in conflict.labels:
        who = f"{entry.analyst.name} {entry.analyst.short}"
        say(f"  {entry.body['label']}, by {who}: {entry.body.get('why', '')}")


def _dict(conflict: Conflict) -> dict[str, Any]:
    return {
        "accounts": list(conflict.accounts),
        "labels": [
            {
                "entry": entry.digest,
                "label": entry.body["label"],
                "why": str(entry.body.get("why", "")),
                "analyst": entry.analyst.name,
                "fingerprint": entry.analyst.fingerprint,
                "at_us": entry.at_us,
            }
            for entry in conflict.labels
        ],
    }
