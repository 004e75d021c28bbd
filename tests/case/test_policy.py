"""The policy of a case, folded from entries: the last that stands decides each field."""

from __future__ import annotations

from typing import Any

import pytest

from tests.case.test_labels import ANA, BO, Book
from workbench.case.policy import Policy
from workbench.domain.label import DECISIONS, EntryKind


class Rules(Book):
    """A journal in memory that holds policies, too."""

    def decide(self, **policy: Any) -> None:
        self.add(EntryKind.POLICY, {"policy": policy, "why": "because"})

    @property
    def policy(self) -> Policy:
        return Policy.fold(self.folded.live(), shared=False)


def test_nobody_said_anything() -> None:
    assert Rules().policy == Policy(False, False, False, None, "")
    assert Policy.fold([], shared=True).hide_prompts


def test_the_last_entry_decides_each_field_and_is_named() -> None:
    rules = Rules()
    rules.decide(legal_hold=True, retention_days=90)
    rules.decide(retention_days=30)
    policy = rules.policy
    assert (policy.legal_hold, policy.retention_days) == (True, 30)
    assert policy.said == {"legal_hold": rules.entries[0], "retention_days": rules.entries[1]}
    assert policy.as_dict()["retention_days"] == 30
    rules.decide(retention_days=None)
    assert rules.policy.retention_days is None
    assert set(rules.policy.said) == {"legal_hold"}


def test_undo_takes_a_policy_back_and_redo_brings_it_again() -> None:
    rules = Rules()
    rules.decide(legal_hold=True)
    rules.label("a", analyst=BO)
    rules.undo(ANA)
    assert not rules.policy.legal_hold
    rules.redo(ANA)
    assert rules.policy.legal_hold


def test_a_shared_case_hides_prompts_until_somebody_says_otherwise() -> None:
    rules = Rules()
    rules.decide(hide_prompts=False)
    live = rules.folded.live()
    assert not Policy.fold(live, shared=True).hide_prompts
    rules.decide(hide_prompts=None)
    assert Policy.fold(rules.folded.live(), shared=True).hide_prompts


@pytest.mark.parametrize(
    "policy",
    [
        {"legal_hold": "yes"},
        {"legal_hold": 1},
        {"retention_days": 0},
        {"retention_days": True},
        {"retention_days": 10**9},
        {"stamp_url": "file:///etc/passwd"},
        {"stamp_url": "http://user:word@host/"},
        {"stamp_url": "http://host/a b"},
        {"stamp_url": "http://host/" + "a" * 2_000},
        {"said": {}},
        {"tomorrow": True},
    ],
)
def test_what_is_no_value_of_a_field_sets_nothing(policy: dict[str, Any]) -> None:
    rules = Rules()
    rules.decide(**policy)
    assert rules.policy == Policy()


def test_a_body_that_is_none_sets_nothing() -> None:
    rules = Rules()
    for body in ({}, {"policy": None}, {"policy": [1]}):
        rules.add(EntryKind.POLICY, body)
    assert rules.policy == Policy()


def test_addresses_of_servers() -> None:
    rules = Rules()
    for url in ("https://tsa.example/tsr", "http://[::1]:8080", "http://127.0.0.1:80/x?y=1"):
        rules.decide(stamp_url=url)
        assert rules.policy.stamp_url == url


def test_kinds_that_decide_and_kinds_that_record() -> None:
    decide = {"label", "revert", "note", "selection", "sign-off", "exhibit", "quarantine", "policy"}
    record = {
        *("settings", "import", "join", "run", "reveal", "export"),
        *("frame", "purge", "merge", "stamp", "accept", "repair"),
    }
    assert {kind.value for kind in DECISIONS} == decide
    assert {kind.value for kind in EntryKind} == decide | record
