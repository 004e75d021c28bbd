"""``workbench journal`` and ``workbench runs``: what was decided and what was computed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import pyarrow as pa
import typer

from workbench.cli.label import AnalystOption, WhyOption
from workbench.cli.output import CaseArgument, JsonOption, emit_json, say, show_table, warn
from workbench.domain.errors import InputError
from workbench.domain.label import short_fingerprint
from workbench.domain.text import clock_words, plural

#: Lines that are told; of more there is a count.
_SHOWN: Final = 10


def register(app: typer.Typer) -> None:
    """Add both commands."""

    @app.command("journal")
    def journal(
        case: CaseArgument,
        action: Annotated[
            str | None,
            typer.Argument(
                metavar="[verify|accept]",
                help="Check chains, signatures and pins; or go on without lines that are lost.",
            ),
        ] = None,
        every: Annotated[
            bool, typer.Option("--every", help="verify: the signature of each line.")
        ] = False,
        against: Annotated[
            Path | None,
            typer.Option(metavar="BUNDLE", help="verify: what this bundle pins is still there."),
        ] = None,
        why: WhyOption = "",
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """List the journal, or verify it: `journal CASE verify` names the first bad line.

        `journal CASE accept --why TEXT` goes on without entries that are missing, by an entry that
        names them.
        Example: workbench journal harbour.case verify
        """
        from workbench.services.workspace import Workspace

        if action not in {None, "verify", "accept"}:
            raise InputError(
                f"journal knows no action {action!r}.",
                remedy="Leave it out, or write verify or accept.",
            )
        if action != "verify" and (every or against is not None):
            raise InputError("--every and --against are of: workbench journal CASE verify")
        with Workspace.open(case, write=action == "accept", analyst=analyst) as workspace:
            if action == "verify":
                _tell_checked(workspace.auditing.verify(every=every, against=against), as_json)
                return
            if action == "accept":
                workspace.auditing.accept(why)
            table = workspace.browsing.journal()
            notices = workspace.auditing.notices()
        for notice in notices:
            warn(notice)
        if as_json:
            emit_json({"entries": table})
        elif action == "accept":
            say(f"{table['what'][0]}: the journal names them.")
        elif table.num_rows:
            show_table(_for_reading(table), limit=200)
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


def _tell_checked(checked: dict[str, Any], as_json: bool) -> None:
    if as_json:
        keys = ("journal", "line", "us")
        clock = [dict(zip(keys, one, strict=True)) for one in checked["clock"]]
        emit_json(checked | {"clock": clock})
        return
    say(
        f"{plural(checked['journals'], 'journal', 'journals')}, "
        f"{plural(checked['entries'], 'entry', 'entries')}: chains, signatures and pinned heads "
        "hold."
    )
    if beside := checked["against"]:
        pins = plural(beside["journals"], "journal is", "journals are")
        say(f"{pins} as far as {beside['bundle']} goes (signed by {beside['signer']}).")
    for journal, line, us in checked["clock"][:_SHOWN]:
        say(f"Line {line:,} of {journal[:8]}: the clock was {clock_words(us)}.")
    if len(checked["clock"]) > _SHOWN:
        say(f"… {len(checked['clock']) - _SHOWN:,} more; --json names all of them.")


def _for_reading(table: pa.Table) -> pa.Table:
    """The journal on a screen: journals and keys by their beginnings, as a report cites them."""
    clock = ("clock",) if any(table["clock"].to_pylist()) else ()
    rows = [
        {
            "at": row["at"],
            "journal": row["journal"][:8],
            "line": row["line"],
            "analyst": row["analyst"],
            "key": short_fingerprint(row["fingerprint"]),
            **{name: row[name] for name in ("kind", "what", "why", "stands", *clock)},
        }
        for row in table.to_pylist()
    ]
    return pa.Table.from_pylist(rows)
