"""``workbench fingerprint`` and ``workbench match``: a campaign, looked for in other logs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer

from workbench.cli.output import (
    CaseArgument,
    JsonOption,
    emit_json,
    hint,
    progress_job,
    say,
    show_table,
    warn_if_overtaken,
    write_csv,
)


class Asked(StrEnum):
    """Kinds of value that leave the case only where somebody asks for them."""

    NETWORKS = "networks"
    CLIENTS = "clients"
    PAYMENTS = "payments"
    DOMAINS = "domains"


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("fingerprint")
    def fingerprint(
        case: CaseArgument,
        cluster: Annotated[
            str,
            typer.Option(metavar="ID", help="The cluster, such as C-001.", show_default=False),
        ],
        out: Annotated[
            Path,
            typer.Option(metavar="FILE", help="Where to write it.", show_default=False),
        ],
        ask: Annotated[
            list[Asked] | None,
            typer.Option(
                "--with", help="Also values of this kind that its accounts share; may be repeated."
            ),
        ] = None,
        words: Annotated[
            bool, typer.Option("--words", help="Also the words of its skeletons.")
        ] = False,
        why: Annotated[
            str, typer.Option(metavar="TEXT", help="The reason for --with and --words.")
        ] = "",
        stix: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Also a bundle of STIX 2.1.")
        ] = None,
        provider: Annotated[
            str,
            typer.Option(metavar="NAME", help="Who tells it there (default: the custodian)."),
        ] = "",
        tlp: Annotated[
            str | None, typer.Option(metavar="MARK", help="TLP mark there (default: the case's).")
        ] = None,
        as_json: JsonOption = False,
    ) -> None:
        """Write what of a cluster can be looked for in other logs, without personal data.

        Wordings, regions, pace and clients, each with how often ordinary accounts show it. Values
        of infrastructure only with --with; the journal keeps what was written, and why.
        Example: workbench fingerprint harbour.case --cluster C-001 --out harbour.fingerprint.json
        """
        from workbench.services.workspace import Workspace

        with Workspace.open(case) as workspace, progress_job(quiet=as_json) as job:
            warn_if_overtaken(workspace)
            taken = workspace.fingerprinting.take(
                cluster,
                out,
                job,
                ask=[one.value for one in ask or ()],
                words=words,
                why=why,
                stix=stix,
                provider=provider,
                marking=tlp,
            )
        if as_json:
            emit_json(taken.as_dict())
            return
        for line in taken.lines():
            say(line)

    @app.command("match")
    def match(
        case: CaseArgument,
        fingerprints: Annotated[
            list[Path],
            typer.Argument(
                metavar="FINGERPRINT...",
                help="Files of workbench fingerprint, or a partner's bundles of STIX 2.1.",
                show_default=False,
            ),
        ],
        csv: Annotated[
            Path | None,
            typer.Option(metavar="FILE", help="Write the accounts as CSV instead."),
        ] = None,
        as_json: JsonOption = False,
    ) -> None:
        """Say which accounts and clusters resemble a campaign of another log, and by what chance.

        Changes nothing. After a ban it finds the campaign's regrowth in fresh accounts. Exit code 1
        where nothing resembles it more than chance does.
        Example: workbench match july.case harbour.fingerprint.json
        """
        from workbench.services.matches import CAUTION
        from workbench.services.workspace import Workspace

        with Workspace.open(case, write=False) as workspace, progress_job(quiet=as_json) as job:
            warn_if_overtaken(workspace)
            found = workspace.fingerprinting.match(fingerprints, job)
        if csv is not None:
            every = [
                one.accounts.add_column(0, "file", pa.array([one.path] * one.accounts.num_rows))
                for one in found
            ]
            write_csv(pa.concat_tables(every, promote_options="permissive"), csv)
        if as_json:
            emit_json({"matches": [one.as_dict() for one in found], "caution": CAUTION})
        else:
            for one in found:
                for line in one.lines():
                    say(line)
                if csv is None and one.accounts.num_rows:
                    show_table(one.accounts.drop_columns(["account_key"]), whole="--csv or --json")
            hint(CAUTION)
        if not any(one.found for one in found):
            raise typer.Exit(1)
