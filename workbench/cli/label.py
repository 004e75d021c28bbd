"""``workbench label``, ``undo``, ``redo``, ``note``: a person's decisions."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.output import CaseArgument, JsonOption, emit_json, hint, say
from workbench.domain.errors import InputError
from workbench.domain.label import Label
from workbench.domain.text import plural

AnalystOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Caption of your key in the journal; kept for next time."),
]


WhyOption = Annotated[str, typer.Option(metavar="TEXT", help="The reason, for the journal.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("label")
    def label(
        case: CaseArgument,
        as_: Annotated[Label, typer.Option("--as", help="The decision.", show_default=False)],
        why: Annotated[str, typer.Option(help="The reason, in your words.", show_default=False)],
        account: Annotated[
            list[str] | None, typer.Option(metavar="ID", help="An account; may be repeated.")
        ] = None,
        cluster: Annotated[
            str | None, typer.Option(metavar="ID", help="A cluster: binds its members now.")
        ] = None,
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Record a decision about accounts, or about the members of a cluster as it is now.

        Example: workbench label harbour.case --cluster C-001 --as confirmed --why "one grid"
        """
        from workbench.services.workspace import Workspace

        if bool(account) == bool(cluster):
            raise InputError(
                "label takes accounts or one cluster.",
                remedy="Give either --account ID (repeatable) or --cluster ID.",
            )
        if not why.strip():
            raise InputError("The decision has no reason.", remedy="Say why: --why TEXT.")
        with Workspace.open(case, analyst=analyst) as workspace:
            changes = workspace.labelling.label(
                as_, why, accounts=tuple(account or ()), cluster_id=cluster or ""
            )
            unnamed = workspace.labelling.unnamed_at_first
        keys = sorted(changes.accounts)
        if as_json:
            emit_json({"label": as_.value, "accounts": keys, "n_accounts": len(keys)})
        else:
            say(f"{plural(len(keys), 'account', 'accounts')} labelled {as_.value}.")
        if unnamed:
            hint(
                f'Recorded as "{unnamed.name}" with the key {unnamed.short}: '
                "--analyst NAME puts your own name beside it from now on."
            )

    @app.command("undo")
    def undo(
        case: CaseArgument,
        entry: Annotated[
            str | None,
            typer.Option(
                metavar="JOURNAL:LINE", help="This decision, as `journal` shows it; also another's."
            ),
        ] = None,
        why: WhyOption = "",
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Take back your last decision that still stands, or a named one. Nothing is deleted.

        Example: workbench undo harbour.case
        """
        _step(case, analyst, as_json, back=True, entry=entry, why=why)

    @app.command("redo")
    def redo(
        case: CaseArgument,
        why: WhyOption = "",
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Take back your last undo.

        Example: workbench redo harbour.case
        """
        _step(case, analyst, as_json, back=False, why=why)

    @app.command("note")
    def note(
        case: CaseArgument,
        text: Annotated[str, typer.Argument(help="The note.")],
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Write a note into the journal.

        Example: workbench note harbour.case "Asked billing about the three payment hashes"
        """
        from workbench.services.workspace import Workspace

        with Workspace.open(case, analyst=analyst) as workspace:
            workspace.labelling.note(text)
        if as_json:
            emit_json({"noted": True})
        else:
            say("Noted.")


def _step(
    case: CaseArgument,
    analyst: str | None,
    as_json: bool,
    *,
    back: bool,
    entry: str | None = None,
    why: str,
) -> None:
    from workbench.services.workspace import Workspace

    with Workspace.open(case, analyst=analyst) as workspace:
        labelling = workspace.labelling
        possible = entry is not None or (labelling.can_undo if back else labelling.can_redo)
        word = "undo" if back else "redo"
        if not possible:
            if as_json:
                emit_json({"done": False})
            else:
                say(f"Nothing to {word}.")
            raise typer.Exit(1)
        if entry is not None:
            changes = labelling.undo_entry(entry, why)
        else:
            changes = labelling.undo(why) if back else labelling.redo(why)
        what = labelling.history()[0].what
    if as_json:
        emit_json({"done": True, "what": what, "accounts": sorted(changes.accounts)})
    else:
        count = plural(len(changes.accounts), "account", "accounts")
        say(f"{what} ({count} changed).")
