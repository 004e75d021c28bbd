"""Runs that came to nothing stand in the evidence beside those that did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pypdf
import pytest

from workbench.domain.errors import CancelledError
from workbench.domain.label import EntryKind
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.services.export_scope import Scope
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


def test_cancelled_and_abandoned_runs_leave_the_case_with_their_parameters(
    harbour: Path, tmp_path: Path
) -> None:
    with Workspace.open(harbour, analyst="M. Keller") as workspace:
        job = Job()
        job.cancel()
        with pytest.raises(CancelledError):
            workspace.analysing.run(AnalysisSettings(seed=41, q=0.01), job)
        # What a process leaves that is killed in a run: tests/faults kills one.
        body = {"state": "started", "settings": {"seed": 42, "cells": 9}}
        workspace._case.journals.append(EntryKind.RUN, body, workspace.signer())
        workspace.renew()
        listed = [(run["state"], run["seed"]) for run in workspace.browsing.runs().to_pylist()]
        assert listed[:2] == [("abandoned", 42), ("cancelled", 41)]
        report = workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "out", Job())
    lines = (report.path / "data" / "method" / "runs.jsonl").read_text("utf-8").splitlines()
    runs = [json.loads(line) for line in lines]
    assert [run["outcome"] for run in runs][-2:] == ["cancelled", "abandoned"]
    assert runs[-2]["record"]["settings"]["q"] == 0.01
    pages = pypdf.PdfReader(report.path / "data" / "report.pdf").pages
    text = " ".join(" ".join(page.extract_text().split()) for page in pages)
    told = text[text.index("Every run made") : text.index("Abandoned runs are listed too.")]
    for outcome, seed in (("cancelled", 41), ("abandoned", 42)):
        assert outcome in told
        assert f"seed={seed}" in told.replace("\u200b", "")
    # Who reads it sees which program made which run; of one that an older program made, that it
    # does not say.
    code = runs[-2]["record"]["program"]["code"]
    assert code[:12] in told
    assert "not recorded" in told
