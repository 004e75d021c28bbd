"""``workbench settings``: how a case wants to be handled, read and set."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from workbench.cli.label import AnalystOption
from workbench.cli.output import CaseArgument, JsonOption, emit_json, say
from workbench.domain.errors import InputError

#: How the way back to what holds of a case of which nobody said anything is written.
_DEFAULT: Final = "default"


class Answer(StrEnum):
    """What a question of yes or no is set to."""

    YES = "yes"
    NO = "no"
    DEFAULT = _DEFAULT


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("settings")
    def settings(
        case: CaseArgument,
        hide_prompts: Annotated[
            Answer | None,
            typer.Option(help="Prompts are read only after a reveal (default: where shared)."),
        ] = None,
        sign_off: Annotated[
            Answer | None,
            typer.Option(help="What is exported must be signed off by a second analyst."),
        ] = None,
        legal_hold: Annotated[Answer | None, typer.Option(help="Nothing may be purged.")] = None,
        retention: Annotated[
            str | None,
            typer.Option(metavar="DAYS", help="Days after which exchanges are due to be purged."),
        ] = None,
        stamp_url: Annotated[
            str | None, typer.Option(metavar="URL", help="Time-stamp server (RFC 3161).")
        ] = None,
        why: Annotated[
            str, typer.Option(help="The reason, in your words; needed to set anything.")
        ] = "",
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Show how a case wants to be handled, or set it: a line of the journal that undo reverts.

        `default` as a value takes a setting back to what holds where nobody set it.
        Example: workbench settings harbour.case --legal-hold yes --why "Court order 12/26"
        """
        from workbench.services.policies import policy_dict, policy_rows
        from workbench.services.workspace import Workspace

        wanted: dict[str, Any] = {}
        for name, answer in (
            ("hide_prompts", hide_prompts),
            ("sign_off_required", sign_off),
            ("legal_hold", legal_hold),
        ):
            if answer is not None:
                wanted[name] = None if answer is Answer.DEFAULT else answer is Answer.YES
        if retention is not None:
            wanted["retention_days"] = _days(retention)
        if stamp_url is not None:
            wanted["stamp_url"] = None if stamp_url == _DEFAULT else stamp_url
        if wanted and not why.strip():
            raise InputError("The setting has no reason.", remedy="Say why: --why TEXT.")
        if why and not wanted:
            raise InputError(
                "Nothing is to be set.", remedy="Name a setting, such as --legal-hold."
            )
        with Workspace.open(case, write=bool(wanted), analyst=analyst) as workspace:
            changed = bool(wanted) and workspace.policies.set(wanted, why).decided
            policy = workspace.policies.now()
            reaches = workspace.policies.network(workspace.analysing.last_settings().embedder)
        if as_json:
            told = {"changed": changed, "network": [one.as_dict() for one in reaches]}
            emit_json(policy_dict(policy) | told)
            return
        if wanted and not changed:
            say("It stood so already; nothing was written.")
        rows = policy_rows(policy)
        width = max(len(title) for title, _, _ in rows)
        for title, value, by in rows:
            say(f"{title:<{width}}  {value}  ({by})")
        say("What may open a connection:")
        for one in reaches:
            say(f"  {one.name}: {one.value}. {one.when}")


def _days(text: str) -> int | None:
    if text == _DEFAULT:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise InputError(
            f"--retention {text}: not a number of days.",
            remedy=f"Give a whole number such as {90}, or {_DEFAULT}.",
        )
    return int(text)
