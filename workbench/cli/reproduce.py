"""``workbench reproduce``: a bundle computed again from its source logs; needs no case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.output import JsonOption, emit_json, progress_job, say, warn
from workbench.domain.settings import AnalysisSettings
from workbench.domain.text import plural

if TYPE_CHECKING:
    from workbench.services.reproducing import Reproduction

#: Differences printed; --json gives more.
_SHOWN = 20
_DEFAULTS = AnalysisSettings()


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("reproduce")
    def reproduce(
        bundle: Annotated[
            Path, typer.Argument(metavar="BUNDLE", help="The bundle's folder.", show_default=False)
        ],
        logs: Annotated[
            list[str] | None,
            typer.Option(
                "--logs",
                metavar="PATH",
                help="Where the logs and tables lie: file, folder, archive; may be repeated.",
            ),
        ] = None,
        trust: Annotated[
            str | None,
            typer.Option(
                metavar="FINGERPRINT", help="Who should have signed it, as ssh-keygen prints it."
            ),
        ] = None,
        key: Annotated[
            Path | None,
            typer.Option(
                "--pseudonym-key", metavar="FILE", help="Key of a case that goes by pseudonyms."
            ),
        ] = None,
        baseline: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE", help="The saved baseline, where the analysis ranked among one."
            ),
        ] = None,
        jobs: Annotated[
            int, typer.Option(min=1, help="Threads; never changes a result.")
        ] = _DEFAULTS.jobs,
        as_json: JsonOption = False,
    ) -> None:
        """Compute a bundle again from its source logs: same, or differs, and where.

        The logs are told by their SHA-256, wherever they lie. They are imported and analysed in a
        temporary case as the bundle's journals say, and each file that comes out is compared with
        the bundle's. Not computed are signatures, time stamps and what people decided: the
        journals say that, and are taken from the bundle.
        Exit code 0: same. 1: differs. 2: it could not be computed.
        Example: workbench reproduce harbour-bundle --logs /evidence/logs
        """
        from workbench.services.reproducing import reproduce as again

        with progress_job(quiet=as_json) as job:
            found = again(
                bundle, job, logs=logs or (), trust=trust, key_file=key, baseline=baseline,
                jobs=jobs,
            )  # fmt: skip
        if as_json:
            emit_json(found.as_dict())
        else:
            for warning in found.warnings:
                warn(warning)
            for line in _lines(found):
                say(line)
        if not found.same:
            raise typer.Exit(1)


def _lines(found: Reproduction) -> list[str]:
    lines = [str(one) for one in found.differences[:_SHOWN]]
    if found.n_differences > len(lines):
        lines.append(f"… {found.n_differences - len(lines):,} more; --json names more of them.")
    if found.not_compared:
        names = ", ".join(found.not_compared[:3])
        more = f" and {len(found.not_compared) - 3:,} more" if found.not_compared[3:] else ""
        lines.append(f"Not compared, another version wrote them: {names}{more}.")
    n_same = plural(len(found.compared.same), "file", "files")
    if found.same:
        verdict = f"{found.path}: same"
        lines.append(f"{verdict}, as far as it was compared" if found.not_compared else verdict)
        lines.append(f"  {n_same} byte for byte as the bundle has them")
    else:
        files = plural(len({one.file for one in found.differences}), "file", "files")
        differences = plural(found.n_differences, "difference", "differences")
        lines.append(f"{found.path}: differs")
        lines.append(f"  {differences} in {files}; {n_same} byte for byte as the bundle has them")
    logs = plural(len(found.logs), "log or table", "logs and tables")
    records = plural(found.n_records, "record", "records")
    runs = plural(found.n_runs, "analysis", "analyses")
    lines.append(f"  from {logs}, {records}, {runs}")
    lines.append(f"  signed by {found.fingerprint}")
    return lines
