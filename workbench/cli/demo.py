"""``workbench demo``: the main job on the sample data, from log files to a verified bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.display import has_screen
from workbench.cli.output import progress_job, say
from workbench.cli.window import Window
from workbench.domain.errors import NotAssessedError
from workbench.domain.exchange import Fate
from workbench.domain.settings import AnalysisSettings
from workbench.domain.text import plural


def register(app: typer.Typer, window: Window) -> None:
    """Add the command."""

    @app.command("demo")
    def demo(
        out: Annotated[
            Path, typer.Option(help="Folder for the case, and without a display for the rest.")
        ] = Path("demo"),
        screen: Annotated[
            bool | None,
            typer.Option(
                "--screen/--no-screen", help="Open the window (default: if there is a display)."
            ),
        ] = None,
    ) -> None:
        """Import the sample logs, analyse them, and open the window on the case.

        Without a display: the same job off-screen, ending with a screenshot and a signed,
        verified bundle. Example: workbench demo --out demo
        """
        case = out / "sample.case"
        out.mkdir(parents=True, exist_ok=True)
        best = prepare(case)
        if has_screen() if screen is None else screen:
            say(f"Opening the window on {case}")
            raise typer.Exit(window.open(case))
        picture = out / "window.png"
        window.grab(case, picture)
        say(f"Screenshot: {picture}")
        bundle = export_verified(case, best, out)
        say(f"Bundle: {bundle}")
        say("Verified: intact. Labels are yours to give: the report says DRAFT until then.")


def prepare(case: Path) -> str:
    """Import and analyse the sample data; returns the id of the best cluster.

    Raises:
        NotAssessedError: The analysis found no cluster.
    """
    from workbench.services.sample import import_sample
    from workbench.services.workspace import Workspace

    with Workspace.open_or_create(case) as workspace:
        with progress_job() as job:
            imported = import_sample(workspace, job)
        for file in imported.files:
            already = ", already in the case" if file.already else ""
            count = plural(file.accounting.records, "record", "records")
            say(f"{Path(file.path).name}: {file.format}, {count}{already}")
        total = imported.total.as_dict()
        say("  " + ", ".join(f"{fate.value} {total[fate.value]:,}" for fate in Fate))
        with progress_job() as job:
            workspace.analysing.run(AnalysisSettings(), job)
        clusters = workspace.browsing.clusters()
        if clusters.num_rows == 0:
            raise NotAssessedError("The analysis found no cluster in the sample data.")
        for row in clusters.slice(0, 5).to_pylist():
            size = plural(row["n_accounts"], "account", "accounts")
            say(f"  {row['cluster_id']}  {row['verdict']:<12} {size}, score {row['score']:.2f}")
        return str(clusters.column("cluster_id")[0].as_py())


def export_verified(case: Path, cluster_id: str, out: Path) -> Path:
    """Export one cluster as a signed bundle and verify it.

    Raises:
        VerificationError: The bundle does not verify.
    """
    from workbench.services.export_scope import Scope
    from workbench.services.workspace import Workspace

    with Workspace.open(case) as workspace, progress_job() as job:
        scope = Scope(clusters=(cluster_id,))
        report = workspace.exporting.run(scope, _free(out / "bundle"), job)
    return report.path


def _free(path: Path) -> Path:
    """The path, or the first ``path-2``, ``path-3`` … that does not exist yet."""
    number, candidate = 1, path
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate
