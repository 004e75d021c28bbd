"""Files of halves, imported for real, and what the case then holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions, Statement
from workbench.domain.progress import Job

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.services.import_checks import Doubt
    from workbench.services.importing import ImportReport
    from workbench.services.workspace import Workspace

Record = dict[str, Any]


def write(path: Path, *records: Record) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def load(workspace: Workspace, *paths: Path, zone: str = "") -> ImportReport:
    report = workspace.importing.run(paths, Frame(), ReadOptions(zone), Job())
    held = workspace.importing.provenance.info()
    assert held.counts["exchanges"] == held.accounting.exchanges
    for path, one in zip(paths, report.files, strict=True):  # every line is accounted
        assert one.accounting.records == len(path.read_bytes().splitlines())
    return report


def fates(report: ImportReport) -> list[dict[str, int]]:
    out = []
    for one in report.files:
        counts = one.accounting.as_dict()
        del counts["records"]
        out.append({fate: n for fate, n in counts.items() if n})
    return out


def odd(report: ImportReport) -> list[Doubt]:
    """What is told of halves: that these logs name nobody is told elsewhere."""
    return [doubt for doubt in report.doubts if "names an account" not in doubt.fact]


def ask(workspace: Workspace, text: str) -> list[tuple[Any, ...]]:
    engine = workspace.importing._held.case.engine()
    try:
        table = engine.table(Statement("asked", text))
    finally:
        engine.close()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
