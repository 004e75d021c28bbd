"""``workbench frame``: where the logs come from, shown or completed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from workbench.cli.import_ import (
    BenignOption,
    CustodianOption,
    GapsOption,
    PopulationOption,
    QueryOption,
    SamplingOption,
    SystemOption,
    frame_fields,
)
from workbench.cli.output import CaseArgument, JsonOption, emit_json, say


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("frame")
    def frame(
        case: CaseArgument,
        custodian: CustodianOption = None,
        system: SystemOption = None,
        query: QueryOption = None,
        population: PopulationOption = None,
        sampling: SamplingOption = None,
        gaps: GapsOption = None,
        benign: BenignOption = False,
        batch: Annotated[
            int | None, typer.Option(metavar="N", help="Number of the import; default the last.")
        ] = None,
        why: Annotated[
            str, typer.Option(metavar="TEXT", help="Why it is completed, for the journal.")
        ] = "",
        as_json: JsonOption = False,
    ) -> None:
        """Show where the logs of each import come from, or complete what was not said.

        Example: workbench frame harbour.case --sampling none --gaps "2 June, 03:00 to 04:10"
        """
        from workbench.services.provenance import said_and_not
        from workbench.services.workspace import Workspace

        said = frame_fields(custodian, system, query, population, sampling, gaps, benign)
        with Workspace.open(case, write=bool(said)) as workspace:
            provenance = workspace.importing.provenance
            if said:
                provenance.amend_frame(said, batch, why)
            frames = provenance.frames()
        if batch is not None:
            frames = {number: kept for number, kept in frames.items() if number == batch}
        if as_json:
            emit_json({"frames": [{"batch": n, **asdict(kept)} for n, kept in frames.items()]})
            return
        for number, kept in frames.items():
            say(f"import {number}")
            for name, text in said_and_not(kept).items():
                say(f"  {name:<12} {text}")
        if not frames:
            say("No import yet.")
