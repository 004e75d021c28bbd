"""What an export would come to, said before it: as the export itself then says it."""

from pathlib import Path

import pytest

from tests.services.test_merging import Copies, accounts, copies, decide
from workbench.domain.errors import InputError
from workbench.domain.label import Label
from workbench.domain.progress import Job
from workbench.services.export_scope import Scope
from workbench.services.reviewing import Review
from workbench.services.workspace import Workspace

__all__ = ["copies"]  # a fixture


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    Workspace.create(tmp_path / "empty.case").close()
    return tmp_path / "empty.case"


def test_what_would_be_a_draft_is_what_the_report_calls_one(harbour: Path, tmp_path: Path) -> None:
    scope = Scope(clusters=("C-001", "C-002"))
    with Workspace.open(harbour) as workspace:
        workspace.labelling.label(Label.CONFIRMED, "read", cluster_id="C-001")
        found = workspace.exporting.outlook(scope)
        report = workspace.exporting.run(scope, tmp_path / "bundle", Job())
    assert found.drafts == report.drafts == ("C-002",)
    assert (found.n_accounts, found.n_exchanges) == (report.n_accounts, report.n_exchanges)
    assert not found.refused


def test_nothing_to_export_is_said_and_not_raised(empty: Path, harbour: Path) -> None:
    with Workspace.open(empty) as workspace:
        found = workspace.exporting.outlook(Scope(clusters=("C-001",)))
    assert found.refused
    assert "has not been analysed" in str(found.trouble)
    with Workspace.open(harbour) as workspace:
        found = workspace.exporting.outlook(Scope(label=Label.BENIGN))
    assert "stands on no account" in str(found.trouble)


def test_an_exhibit_of_somebody_else_is_named(harbour: Path, tmp_path: Path) -> None:
    with Workspace.open(harbour) as workspace:
        points = workspace.exporting._held.results().points
        assert points is not None
        inside = int(points.exchange_id[points.account < 8][0])
        outside = int(points.exchange_id[points.account > 12][0])
        scope = Scope(clusters=("C-001",))
        assert not workspace.exporting.outlook(scope, [inside]).strays
        found = workspace.exporting.outlook(scope, [inside, outside, 10**12])
        assert found.strays == (outside, 10**12)
        with pytest.raises(InputError, match="not of an exported account"):
            workspace.exporting.run(scope, tmp_path / "b", Job(), exhibits=[outside])


def test_a_sign_off_that_lacks_and_a_conflict_are_counted(copies: Copies) -> None:
    decide(copies)
    with copies.open("mara") as workspace:
        a, b, c, d = accounts(workspace, 4)
        workspace.policies.set({"sign_off_required": True}, "four eyes")
        found = workspace.exporting.outlook(Scope(accounts=(a, b, d)))
        assert found.review == Review(0, n_unlabelled=1, n_unsigned=2)
        assert found.refused
        workspace.merging.merge(copies.paths["ben"])
        found = workspace.exporting.outlook(Scope(accounts=(a, b, c, d)))
        assert found.review == Review(1, 0, 4)
    with copies.open("ben", copies.paths["mara"]) as workspace:
        workspace.reviewing.sign_off(Scope(accounts=(a,)), "read")
        found = workspace.exporting.outlook(Scope(accounts=(a,)))
        assert not found.refused
