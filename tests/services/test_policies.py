"""The policy of a case: set with a reason, undone like any decision, read in words."""

from pathlib import Path

import pytest

from workbench.domain.errors import InputError
from workbench.domain.label import EntryKind
from workbench.services.history import described
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
