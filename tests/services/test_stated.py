"""A bundle that does not say how to compute it again, or says something else, is refused."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.bundle import made_up
from tests.bundle.keys import TestKey
from tests.bundle.signed import seal_anew
from workbench.bundle.bag import write_bundle
from workbench.bundle.content import Rerun
from workbench.case.journal import Journals
from workbench.domain.errors import InputError
from workbench.domain.label import EntryKind
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.services.reproducing import reproduce

if TYPE_CHECKING:
    from pathlib import Path

STRANGER = TestKey("stranger")
CASE = "case-2026-0147"
SAID = asdict(AnalysisSettings())


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle that a stranger made up; its form is right."""
    case = {"id": CASE, "name": "a", "created": "", "identity": "auto", "marking": "TLP:RED"}
    asked = {"clusters": ["C-001"], "label": None, "accounts": []}
    content = replace(made_up.content(), rerun=Rerun(case, asked, "TLP:RED"))
    out = tmp_path / "bundle"
    write_bundle(content, out, STRANGER, Job())
    journal(out, (EntryKind.RUN, {"settings": SAID}))
    return out


def journal(bundle: Path, *entries: tuple[EntryKind, dict[str, Any]]) -> None:
    """Put a journal in its place; an analysis that it begins ends well."""
    audit = bundle / "data" / "audit"
    shutil.rmtree(audit)
    audit.mkdir()
    journals = Journals(audit, case_id=CASE, write=True)
    for kind, body in entries:
        run = journals.append(kind, body, STRANGER)
        if kind is EntryKind.RUN:
            journals.append(kind, {"run": run.digest, "state": "done"}, STRANGER)
    seal_anew(bundle, STRANGER)


def refused(bundle: Path) -> str:
    with pytest.raises(InputError) as raised:
        reproduce(bundle, Job(), logs=[bundle / "nowhere"])
    return str(raised.value)


def test_its_form_is_right(bundle: Path) -> None:
    """What it is refused for is what the tests below make of it."""
    assert "nowhere" in refused(bundle)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("method/rerun.json", None, "does not say how to recompute it"),
        ("method/rerun.json", "[1]", "does not say what bundles say there"),
        ("method/rerun.json", '{"case": 1}', "does not say what bundles say there"),
        ("method/texts.json", '{"all": 3}', "does not say what bundles say there"),
        ("method/stages.json", "[" * 5_000, "does not say what bundles say there"),
        ("redactions.json", "{}", "is a share edition"),
    ],
)
def test_a_bundle_that_says_something_else_is_refused(
    bundle: Path, name: str, text: str | None, told: str
) -> None:
    path = bundle / "data" / name
    path.unlink() if text is None else path.write_text(text)
    seal_anew(bundle, STRANGER)
    assert told in refused(bundle)


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        (EntryKind.IMPORT, {"batch": 1, "files": 3}, "does not say what bundles say there"),
        (EntryKind.JOIN, {"id": 1, "kind": "x"}, "does not say what bundles say there"),
        (EntryKind.FRAME, {"batch": "1", "frame": {}}, "does not say what bundles say there"),
        (EntryKind.MERGE, {"before": [1]}, "does not say what bundles say there"),
        (EntryKind.RUN, {"settings": {"seed": -1}}, "does not say what bundles say there"),
        (EntryKind.PURGE, {"why": "retention"}, "from which exchanges were purged"),
        (EntryKind.NOTE, {"text": "only this"}, "names no analysis that ended well"),
    ],
)
def test_journals_that_say_something_else_are_refused(
    bundle: Path, kind: EntryKind, body: dict[str, Any], told: str
) -> None:
    journal(bundle, (kind, body))
    assert told in refused(bundle)


def test_a_baseline_is_asked_for(bundle: Path, tmp_path: Path) -> None:
    """Its path in the journal is of another computer, and is not looked at."""
    (tmp_path / "baseline").write_text("x")
    journal(bundle, (EntryKind.RUN, {"settings": SAID | {"baseline": str(tmp_path / "baseline")}}))
    told = refused(bundle)
    assert "saved baseline" in told
    assert "--baseline" in told
