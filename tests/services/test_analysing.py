"""Every analysis run is recorded: done, cancelled, failed, abandoned."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from workbench import __version__
from workbench.analysis.stage import Context, Stage, StageResult
from workbench.domain.errors import CancelledError, InputError
from workbench.domain.label import EntryKind
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.services.analysing import decisions_digest
from workbench.services.workspace import Workspace


def _one(context: Context) -> StageResult:
    context.job.check()
    if context.settings.cells == 13:
        raise ZeroDivisionError("our mistake")
    return StageResult(arrays={"value": np.arange(context.settings.cells)})


PLAN = (Stage("one", "Counting", _one, settings=("cells",)),)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr("workbench.analysis.run.stages", lambda: PLAN)
    with Workspace.create(tmp_path / "a.case") as workspace:
        yield workspace


def states(workspace: Workspace) -> list[str]:
    found: list[str] = workspace.browsing.runs().column("state").to_pylist()
    return found


def test_a_run_is_recorded_with_its_parameters(workspace: Workspace) -> None:
    settings = AnalysisSettings(seed=7, cells=5, jobs=1)
    report = workspace.analysing.run(settings, Job())
    assert report.changes.computed
    assert [(stage.stage, stage.skipped) for stage in report.stages] == [("one", False)]
    assert report.as_dict()["settings"]["seed"] == 7
    (run,) = workspace.browsing.runs().to_pylist()
    assert (run["state"], run["seed"], run["cells"]) == ("done", 7, 5)
    assert (run["computed"], run["skipped"]) == (1, 0)
    assert workspace.analysing.last_settings() == AnalysisSettings(seed=7, cells=5)


def test_a_run_names_the_program_that_made_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs of one case with the same parameters differ where the code does, and say so."""
    workspace.analysing.run(AnalysisSettings(cells=5), Job())
    workspace.analysing.run(AnalysisSettings(cells=5), Job())
    monkeypatch.setattr("workbench.analysis.run.code_digest", lambda module: f"other {module}")
    workspace.analysing.run(AnalysisSettings(cells=5), Job())
    bodies = [entry.body for entry in workspace._case.journals.entries()]
    made = [body["program"] for body in bodies if "program" in body]
    assert [one["version"] for one in made] == [__version__] * 3
    codes = [one["code"] for one in made]
    assert codes[0] == codes[1] != codes[2]
    assert len(codes[0]) == 64


def test_an_embedder_that_is_not_there_stops_before_anything_is_computed(
    workspace: Workspace,
) -> None:
    with pytest.raises(InputError, match="no embedder called 'foo'"):
        workspace.analysing.run(AnalysisSettings(embedder="foo", cells=5), Job())
    (run,) = workspace.browsing.runs().to_pylist()
    assert (run["state"], run["computed"]) == ("failed", None)


def test_a_second_run_skips_what_is_current(workspace: Workspace) -> None:
    settings = AnalysisSettings(cells=5)
    workspace.analysing.run(settings, Job())
    report = workspace.analysing.run(settings, Job())
    assert [stage.skipped for stage in report.stages] == [True]
    assert states(workspace) == ["done", "done"]


def test_a_cancelled_run_is_recorded(workspace: Workspace) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(CancelledError):
        workspace.analysing.run(AnalysisSettings(cells=5), job)
    assert states(workspace) == ["cancelled"]


def test_a_failed_run_is_recorded_and_raises(workspace: Workspace) -> None:
    with pytest.raises(ZeroDivisionError):
        workspace.analysing.run(AnalysisSettings(cells=13), Job())
    assert states(workspace) == ["failed"]


def test_a_run_without_an_end_was_abandoned(workspace: Workspace) -> None:
    workspace.analysing.run(AnalysisSettings(cells=5), Job())
    body = {"state": "started", "settings": {"seed": 1, "cells": 9, "later": True}}
    workspace._case.journals.append(EntryKind.RUN, body, workspace.signer())
    workspace.renew()
    assert states(workspace) == ["abandoned", "done"]
    # A setting that a later version knows is passed over.
    assert workspace.analysing.last_settings() == AnalysisSettings(seed=1, cells=9)


def test_only_decisions_enter_the_digest(workspace: Workspace) -> None:
    def digest() -> str:
        return decisions_digest(workspace._case.journals.entries())

    before = digest()
    workspace.analysing.run(AnalysisSettings(cells=5), Job())
    assert digest() == before
    workspace.labelling.note("a decision")
    assert digest() != before
