"""The policy of a case: set with a reason, undone like any decision, read in words."""

from pathlib import Path

import pytest

from tests.services.exported import give, records
from workbench.case.folder import Case
from workbench.domain.errors import InputError
from workbench.domain.label import EntryKind
from workbench.services.history import described
from workbench.services.network import network
from workbench.services.open_case import OpenCase
from workbench.services.policies import policy_rows
from workbench.services.workspace import Workspace


def test_what_is_set_stands_until_it_is_undone(path: Path) -> None:
    with Workspace.open(path, analyst="Mara") as workspace:
        changes = workspace.policies.set({"legal_hold": True, "retention_days": 90}, "order 12/26")
        assert changes.decided
        assert changes.frame
        policy = workspace.policies.now()
        assert (policy.legal_hold, policy.retention_days) == (True, 90)
    with Workspace.open(path) as workspace:
        (line,) = workspace.labelling.history()
        assert (line.kind, line.why, line.decision) == (EntryKind.POLICY, "order 12/26", True)
        assert line.what == "Set: Legal hold: nothing is purged: yes, Retention, days: 90"
        workspace.labelling.undo()
        assert not workspace.policies.now().legal_hold


def test_what_stands_already_is_not_written_again(workspace: Workspace) -> None:
    assert not workspace.policies.set({"legal_hold": None, "stamp_url": None}, "").decided
    assert workspace.policies.set({"hide_prompts": False}, "alone here").decided
    assert not workspace.policies.set({"hide_prompts": False}, "alone here").decided
    assert len(workspace.labelling.history()) == 1


@pytest.mark.parametrize(
    ("wanted", "why", "words"),
    [
        ({"legal_hold": True}, " ", "no reason"),
        ({"retention_days": 0}, "x", "whole number of days"),
        ({"stamp_url": "ftp://host"}, "x", "begins with http"),
        ({"hide_prompts": "yes"}, "x", "yes or no"),
        ({"colour": "red"}, "x", "no setting colour"),
    ],
)
def test_what_cannot_be_set_is_said(
    workspace: Workspace, wanted: dict[str, object], why: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        workspace.policies.set(wanted, why)
    assert workspace.labelling.history() == []


def test_a_second_analyst_makes_a_case_shared(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        with Workspace.open(path) as workspace:
            assert not workspace.policies.now().hide_prompts
        monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / name))
        with Workspace.open(path) as workspace:
            workspace.labelling.note(name)
    with Workspace.open(path, write=False) as workspace:
        policy = workspace.policies.now()
        assert policy.hide_prompts
        assert policy_rows(policy)[0][1:] == ("yes", "nobody set it")


def test_every_kind_of_entry_has_words(workspace: Workspace) -> None:
    journals, signer = workspace._case.journals, workspace.signer()
    words = [described(journals.append(kind, {}, signer), {}) for kind in EntryKind]
    assert all(words)
    assert len(set(words)) == len(words)


def test_every_way_out_is_off_until_an_address_is_named(workspace: Workspace) -> None:
    assert [one.value for one in workspace.policies.network("static")] == ["off", "off", "off"]
    assert "vectors of the log" in workspace.policies.network("column:embedding")[0].when
    workspace.policies.set({"stamp_url": "https://tsa.example/"}, "for the court")
    (_, stamp, _) = workspace.policies.network("static")
    assert stamp.value == "https://tsa.example/"


def test_a_database_is_told_without_its_password(tmp_path: Path) -> None:
    with Case.create(tmp_path / "harbour.case") as case:
        give(case, records(4), path="logs/gateway.jsonl")
        assert "No log of this case" in _database(case)
        give(case, records(2), path="postgresql://reader:secret@db.example:5432/litellm#table")
        assert "1 log of this case came from db.example:5432." in _database(case)
        assert "secret" not in _database(case)
        give(case, records(1), path="postgresql:///here#other")
        assert "2 logs of this case came from db.example:5432, this computer." in _database(case)


def _database(case: Case) -> str:
    return network(OpenCase(case), "static")[2].when
