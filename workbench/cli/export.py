"""``workbench export``: the signed evidence bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.output import CaseArgument, JsonOption, emit_json, progress_job, say
from workbench.cli.scope import AccountOption, ClusterOption, LabelOption, scope_of
from workbench.domain.errors import InputError
from workbench.domain.text import plural


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("export")
    def export(
        case: CaseArgument,
        out: Annotated[
            Path, typer.Option(metavar="DIR", help="The folder to make.", show_default=False)
        ],
        cluster: ClusterOption = None,
        label: LabelOption = None,
        account: AccountOption = None,
        sign_with: Annotated[
            Path | None,
            typer.Option(
                metavar="KEYFILE", help="An OpenSSH Ed25519 key (default: your own, made once)."
            ),
        ] = None,
        tlp: Annotated[
            str | None, typer.Option(metavar="MARK", help="TLP mark (default: the case's).")
        ] = None,
        why: Annotated[
            str, typer.Option(metavar="TEXT", help="Why and for whom, for the journal.")
        ] = "",
        raw: Annotated[
            bool,
            typer.Option(
                "--raw", help="With all texts of prompts and answers, and rejected bytes."
            ),
        ] = False,
        exhibit: Annotated[
            list[int] | None,
            typer.Option(metavar="EXCHANGE_ID", help="With the texts of one; may be repeated."),
        ] = None,
        share: Annotated[
            str | None,
            typer.Option(
                metavar="RECIPIENT", help="A share edition for one recipient outside the house."
            ),
        ] = None,
        name_analysts: Annotated[
            bool, typer.Option("--name-analysts", help="With --share: with names of analysts.")
        ] = False,
        as_json: JsonOption = False,
    ) -> None:
        """Write a signed bundle: report, tables, evidence, journal, method.

        Texts of prompts and answers stay out, but for their digests, unless --raw or --exhibit
        asks for them; the journal says so.
        With --share, only what may leave the house: accounts and prompts as keyed words, texts as
        skeletons, exhibits scrubbed; data/redactions.json says what was done.
        One cluster that nobody has confirmed marks every page of the report DRAFT.
        Example: workbench export harbour.case --label confirmed --out harbour-bundle
        """
        from workbench.services.workspace import Workspace

        scope = scope_of("export", cluster, label, account)
        if share is not None and raw:
            raise InputError(
                "A share edition holds no whole texts: --raw and --share exclude each other.",
                remedy="Choose exchanges one by one with --exhibit EXCHANGE_ID.",
            )
        if name_analysts and share is None:
            raise InputError(
                "A full bundle names its analysts anyway: --name-analysts is for --share.",
                remedy="Leave it out, or give --share RECIPIENT.",
            )
        with Workspace.open(case) as workspace, progress_job(quiet=as_json) as job:
            exporting, ids = workspace.exporting, exhibit or ()
            if share is not None:
                report = exporting.share(
                    scope, share, out, job, sign_with=sign_with, marking=tlp, why=why,
                    exhibits=ids, names=name_analysts,
                )  # fmt: skip
            else:
                report = exporting.run(
                    scope, out, job, sign_with=sign_with, marking=tlp, why=why,
                    raw=raw, exhibits=ids,
                )  # fmt: skip
        if as_json:
            emit_json(report.as_dict())
            return
        say(f"{'Share edition' if report.recipient else 'Bundle'}: {report.path}")
        if report.recipient:
            say(
                f"  for {report.recipient}, key {report.key_id}; read data/redactions.json, and the"
            )
            say("  skeletons and exhibits themselves, before it leaves")
        accounts = plural(report.n_accounts, "account", "accounts")
        exchanges = plural(report.n_exchanges, "exchange", "exchanges")
        say(f"  {accounts}, {exchanges}, {plural(report.n_files, 'file', 'files')}, verified")
        say(f"  case digest sha256:{report.digest}")
        say(f"  signed by   {report.fingerprint}")
        if report.drafts:
            say(f"  DRAFT: nobody has confirmed {', '.join(report.drafts)}.")
        say("Tell the recipient the fingerprint by another way; VERIFY.txt says why.")
