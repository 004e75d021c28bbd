"""``workbench info``: what a case holds, and where it comes from."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import typer

from workbench.cli.output import CaseArgument, JsonOption, emit_json, say, warn, with_case
from workbench.domain.exchange import Fate, Frame
from workbench.domain.interrupted import GO_ON, TOO_EARLY
from workbench.domain.text import plural


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("info")
    def info(case: CaseArgument, as_json: JsonOption = False) -> None:
        """Show the files of a case, the fates of their records, and the frames of its imports.

        Example: workbench info harbour.case
        """
        from workbench.services.door_words import told_of_options
        from workbench.services.joined import table_lines
        from workbench.services.power_words import told_of_nothing
        from workbench.services.provenance import said_and_not
        from workbench.services.workspace import Workspace

        with Workspace.open(case, write=False) as workspace:
            facts = workspace.importing.provenance.info()
            frames = workspace.importing.provenance.frames()
            ranked = workspace.baselines.ranked()
            power = workspace.detectability.shown()
            notices = workspace.auditing.notices()
            kept = workspace.access.kept()
        for notice in notices:
            warn(notice)
        if as_json:
            told = {"ranked": list(ranked), "power": None if power is None else power.as_dict()}
            emit_json(facts.as_dict() | told | {"texts": asdict(kept)})
            return
        counts = facts.counts
        say(f"{facts.case['name']}  ({facts.case['path']}, made {facts.case['created']})")
        say(
            f"{plural(counts['exchanges'], 'exchange', 'exchanges')}, "
            f"{plural(counts['prompts'], 'distinct prompt', 'distinct prompts')}, "
            f"{plural(counts['files'], 'file', 'files')}"
        )
        if kept.words:
            say(f"texts    {kept.words}")
        if counts["purged"]:
            say(f"purged   {plural(counts['purged'], 'exchange', 'exchanges')} of those read")
        say(f"records  {_fates(facts.accounting.as_dict())}")
        if facts.interrupted:
            say(f"{facts.interrupted.fact} {with_case(GO_ON)}")
        if facts.cut_short:
            say(
                f"An import that began at {facts.cut_short} was cut short {TOO_EARLY}. It is taken "
                "back when the case is next opened for writing: import again."
            )
        for sentence in ranked:
            say(sentence)
        if ranked:  # before an analysis there is nothing that could be planted and judged
            say(with_case(told_of_nothing(power)))
        for table in facts.added:
            say()
            say(f"added beside the logs: {table.kind.value}")
            for line in table_lines(table):
                say(f"  {line}")
        for done in facts.imports:
            say()
            say(f"import {done['batch']}, {done['closed']}")
            for name, text in said_and_not(frames.get(done["batch"], Frame())).items():
                say(f"  {name:<12} {text}")
            for number, sentence in enumerate(told_of_options(done["options"])):
                say(f"  {'' if number else 'left out':<12} {sentence}")
            for file in facts.files:
                if file["batch_id"] == done["batch"]:
                    say(f"  {file['path']}")
                    say(f"    {file['format']}, SHA-256 {file['sha256']}")
                    say(f"    {_fates(file)}")
                    if file["coerced"]:
                        columns = json.loads(file["coerced_columns"])
                        listed = ", ".join(f"{name} {n:,}" for name, n in sorted(columns.items()))
                        say(f"    could not be read, so NULL: {listed}")


def _fates(counts: dict[str, Any]) -> str:
    parts = [f"{fate.value} {counts[fate.value]:,}" for fate in Fate if counts[fate.value]]
    coerced = f"; coerced fields {counts['coerced']:,}" if counts["coerced"] else ""
    return f"{counts['records']:,} = {' + '.join(parts) or '0'}{coerced}"
