"""``workbench verify``: check a bundle; needs no case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.output import JsonOption, emit_json, progress_job, say
from workbench.domain.text import plural

#: Problems printed; --json gives all of them.
_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("verify")
    def verify(
        bundle: Annotated[
            Path, typer.Argument(metavar="BUNDLE", help="The bundle's folder.", show_default=False)
        ],
        trust: Annotated[
            str | None,
            typer.Option(
                metavar="FINGERPRINT", help="Who should have signed it, as ssh-keygen prints it."
            ),
        ] = None,
        as_json: JsonOption = False,
    ) -> None:
        """Check that a bundle is what was signed, and by whom; names what is wrong.

        Exit code 0: intact. 1: not intact, or signed by another key than the trusted one.
        Example: workbench verify harbour-bundle --trust SHA256:...
        """
        from workbench.services.exporting import Exporting

        with progress_job(quiet=as_json) as job:
            found = Exporting.verify(bundle, trust, job)
        if as_json:
            emit_json(found.as_dict())
        else:
            for problem in found.problems[:_SHOWN]:
                say(str(problem))
            if len(found.problems) > _SHOWN:
                say(f"… {len(found.problems) - _SHOWN:,} more; --json names all of them.")
            say(f"{found.path}: {found.verdict}")
            say(f"  {plural(found.n_files, 'file', 'files')}, {found.n_bytes:,} bytes")
            if found.fingerprint:
                say(f"  signed by {found.fingerprint}")
            if found.intact and found.trusted is None:
                say("  Compare the fingerprint with one that you have by another way, or give it")
                say("  with --trust.")
        if not found.intact:
            raise typer.Exit(1)
