"""Journals as evidence on a real case folder: nothing is done over what is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.services.exported import planted_case
from workbench.domain.errors import CaseError, InputError, VerificationError
from workbench.domain.exchange import Frame
from workbench.domain.label import Label
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.export_scope import Scope
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that is copied, never opened again."""
    return planted_case(tmp_path_factory.mktemp("planted") / "harbour.case")


@pytest.fixture
def path(analysed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(analysed, tmp_path / "harbour.case"))


@pytest.fixture
def cut(path: Path) -> Path:
    """A case whose journal lost its second line."""
    with Workspace.open(path, analyst="Mara") as workspace:
        workspace.labelling.label(Label.CONFIRMED, "one grid", cluster_id="C-001")
        workspace.labelling.note("lost")
    (journal,) = (path / "decided").glob("*.jsonl")
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    return path


def _prices(folder: Path) -> Path:
    path = folder / "may.toml"
    path.write_text('currency = "EUR"\n[[price]]\nmodel = "*"\ninput = 1.0\noutput = 2.0\n')
    return path


def _ways(workspace: Workspace, log: Path, out: Path) -> list[Callable[[], object]]:
    return [
        lambda: workspace.labelling.label(Label.BENIGN, "x", cluster_id="C-001"),
        lambda: workspace.labelling.note("x"),
        workspace.labelling.undo,
        lambda: workspace.policies.set({"legal_hold": True}, "x"),
        lambda: workspace.importing.run([log], Frame(), ReadOptions(), Job()),
        lambda: workspace.importing.provenance.amend_frame({"gaps": "none"}),
        lambda: workspace.losses.keep_prices(_prices(log.parent)),
        lambda: workspace.exporting.run(Scope(clusters=("C-001",)), out, Job()),
    ]


def test_nothing_is_done_over_what_is_missing(cut: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"request_id":"a","prompt":"one"}\n')
    with Workspace.open(cut) as workspace:
        before = workspace.browsing.info().n_exchanges
        assert "it has 1 line, 2 were written" in workspace.auditing.notices()[0]
        for way in _ways(workspace, log, tmp_path / "out"):
            with pytest.raises(CaseError, match="it has 1 line, 2 were written"):
                way()
        assert workspace.browsing.info().n_exchanges == before
    assert not (tmp_path / "out").exists()
    assert not list(cut.glob("prices*"))


def test_a_person_goes_on_without_it(cut: Path) -> None:
    with Workspace.open(cut) as workspace:
        with pytest.raises(InputError, match="no reason"):
            workspace.auditing.accept(" ")
        assert workspace.auditing.accept("the disk failed").decided
        line = workspace.labelling.history()[0]
        assert (line.what, line.why) == (
            "Went on without entries that are missing",
            "the disk failed",
        )
        workspace.labelling.undo()
        assert workspace.auditing.verify()["entries"] == 3


# --- against a bundle ----------------------------------------------------------------------------
@pytest.fixture
def exported(path: Path, tmp_path: Path) -> Path:
    """A bundle that pins two lines; the case has four by now."""
    with Workspace.open(path, analyst="Mara") as workspace:
        workspace.labelling.label(Label.CONFIRMED, "one grid", cluster_id="C-001")
        workspace.labelling.note("asked billing")
        scope = Scope(clusters=("C-001",))
        workspace.exporting.run(scope, tmp_path / "out", Job(), why="for counsel")
        assert workspace.labelling.history()[0].why == "for counsel"
        workspace.labelling.note("later")
    return tmp_path / "out"


def test_a_case_holds_what_its_bundle_pins(path: Path, exported: Path) -> None:
    with Workspace.open(path, write=False) as workspace:
        checked = workspace.auditing.verify(against=exported)
        assert checked["against"] == {
            "bundle": str(exported),
            "signer": workspace.signer().fingerprint,
            "journals": 1,
        }


def test_a_case_that_was_set_back_does_not(
    path: Path, exported: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (journal,) = (path / "decided").glob("*.jsonl")
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    (path / "decided" / "heads.json").write_text("{}")
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "another computer"))
    with Workspace.open(path, write=False) as workspace:
        assert workspace.auditing.verify()["entries"] == 1  # the case alone does not tell
        with pytest.raises(VerificationError, match=r"Line 2 of .* which .*out holds, is not in"):
            workspace.auditing.verify(against=exported)


def test_a_bundle_that_is_broken_or_of_another_case_is_said(
    path: Path, exported: Path, tmp_path: Path
) -> None:
    with Workspace.create(tmp_path / "other.case") as other:
        other.labelling.note("x")
        with pytest.raises(InputError, match="of another case"):
            other.auditing.verify(against=exported)
    broken = tmp_path / "broken"
    shutil.copytree(exported, broken)
    (broken / "data" / "audit" / "heads.json").write_text(json.dumps({}))
    with Workspace.open(path, write=False) as workspace:
        with pytest.raises(VerificationError, match=r"broken does not verify: .*heads\.json"):
            workspace.auditing.verify(against=broken)
        with pytest.raises(InputError):
            workspace.auditing.verify(against=tmp_path / "nothing there")


def test_a_bundle_without_decisions_pins_nothing(path: Path, tmp_path: Path) -> None:
    with Workspace.open(path) as workspace:
        workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "first", Job())
        with pytest.raises(InputError, match="pins no journal"):
            workspace.auditing.verify(against=tmp_path / "first")
