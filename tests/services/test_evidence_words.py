"""What speaks for belonging, in words: what says most first, and what says nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.services.planted import Planted, plant
from workbench.analysis.clusters.membership import EVIDENCE
from workbench.domain.signal import Message
from workbench.services import wording
from workbench.services.evidence_words import KINDS
from workbench.services.findings import account_finding
from workbench.services.numbers import numbers
from workbench.services.results import Results

if TYPE_CHECKING:
    from workbench.domain.finding import Finding


def test_every_kind_has_words() -> None:
    assert tuple(KINDS) == EVIDENCE


@pytest.mark.parametrize(
    ("nats", "said"),
    [
        (
            (6.2, 3.4, 1.0, 0.2, -2.0),
            "what it asks speaks very strongly for it (+6.2 nats), what it shares speaks strongly "
            "for it (+3.4 nats), how much it asks speaks clearly against it (-2.0 nats) and when "
            "it signed up speaks clearly for it (+1.0 nats); its pace hardly says anything.",
        ),
        (
            (0.0, 0.1, -0.9, 0.0, 0.0),
            "when it signed up, what it shares, what it asks, its pace and how much it asks hardly "
            "say anything.",
        ),
        (
            (-6.0, -5.0, -4.0, -3.0, -1.5),
            "what it asks speaks very strongly against it (-6.0 nats), what it shares speaks very "
            "strongly against it (-5.0 nats), when it signed up speaks strongly against it "
            "(-4.0 nats), its pace speaks strongly against it (-3.0 nats) and how much it asks "
            "speaks clearly against it (-1.5 nats).",
        ),
    ],
)
def test_what_says_most_comes_first(nats: tuple[float, ...], said: str) -> None:
    params = {"cluster_id": "C-001", "nats": dict(zip(EVIDENCE, nats, strict=True))}
    assert wording.text(Message("account.evidence", params)) == f"Weighed for C-001: {said}"


def test_an_account_is_told_what_made_it_a_member(planted: Planted) -> None:
    results = Results.read(planted.artifacts)
    clusters = results.clusters
    assert clusters is not None
    assert clusters.evidence == {}, "a case of an older program"
    inside, outside = (
        int(np.flatnonzero(rows)[0]) for rows in (clusters.cluster >= 0, clusters.cluster < 0)
    )
    assert "account.evidence" not in keys(account_finding(results, results.keys[inside]))
    nats = np.full(len(clusters.cluster), np.nan, np.float32)
    nats[inside] = 4.25
    weighed = replace(results, clusters=replace(clusters, evidence=dict.fromkeys(EVIDENCE, nats)))
    assert "account.evidence" not in keys(account_finding(weighed, results.keys[outside]))
    finding = account_finding(weighed, results.keys[inside])
    told = next(one for one in finding.story if one.key == "account.evidence")
    assert told.params == {"cluster_id": "C-001", "nats": dict.fromkeys(EVIDENCE, 4.25)}
    (part,) = (part for part in numbers(finding) if part.title == "Membership")
    assert [entry.title for entry in part.entries] == [
        "What it asks", "What it shares", "When it signed up", "Its pace", "How much it asks",
    ]  # fmt: skip
    assert dict(part.entries[0].rows)["value"] == "+4.25 nats for C-001"
    assert not any(
        part.title == "Membership"
        for part in numbers(account_finding(results, results.keys[outside]))
    )


def test_evidence_is_read_back_as_it_was_published() -> None:
    artifacts = plant().artifacts
    clusters = Results.read(artifacts).clusters
    assert clusters is not None
    size = len(clusters.cluster)
    evidence = np.arange(len(EVIDENCE) * size, dtype=np.float32).reshape(len(EVIDENCE), size)
    artifacts.publish(
        "clusters",
        "later",
        arrays={
            "cluster": clusters.cluster,
            "membership": clusters.membership,
            "score": clusters.score,
            "evidence": evidence,
        },
        tables={"clusters": clusters.table},
        info={"evidence": list(EVIDENCE)},
    )
    again = Results.read(artifacts).clusters
    assert again is not None
    assert list(again.evidence) == list(EVIDENCE)
    assert all(
        (again.evidence[kind] == row).all() for kind, row in zip(EVIDENCE, evidence, strict=True)
    )


def keys(finding: Finding) -> list[str]:
    return [message.key for message in finding.story]
