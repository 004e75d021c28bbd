"""What speaks for belonging, in words: what says most first, and what says nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

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
    assert list(KINDS) == list(EVIDENCE)


@pytest.mark.parametrize(
    ("nats", "said"),
    [
        (
            (12.0, 3.4, 1.0, 0.2, -2.0),
            "what it asks speaks very strongly for it (+12.0 nats, the most it can say), what it "
            "shares speaks strongly for it (+3.4 nats), how much it asks speaks somewhat against "
            "it (-2.0 nats) and when it signed up speaks somewhat for it (+1.0 nats); its pace "
            "hardly says anything. Together +14.6 nats",
        ),
        (
            (0.0, 0.1, -0.9, 0.0, 0.0),
            "when it signed up, what it shares, what it asks, its pace and how much it asks hardly "
            "say anything. Together -0.8 nats",
        ),
        (
            (-7.0, -3.0, -2.0, -4.0, -1.5),
            "what it asks speaks very strongly against it (-7.0 nats), its pace speaks strongly "
            "against it (-4.0 nats, the most it can say), what it shares speaks strongly against "
            "it (-3.0 nats, the most it can say), when it signed up speaks somewhat against it "
            "(-2.0 nats, the most it can say) and how much it asks speaks somewhat against it "
            "(-1.5 nats). Together -17.5 nats",
        ),
    ],
)
@pytest.mark.parametrize("member", [True, False])
def test_what_says_most_comes_first(nats: tuple[float, ...], said: str, member: bool) -> None:
    told = wording.text(Message("account.evidence", params(nats, member)))
    assert told.startswith(f"Weighed for C-001: {said} (natural logarithms of likelihood ratios")
    end = "." if member else ", and strangers come as near as this account."
    assert told.endswith(f"the least of its members has +9.5{end}")


def params(nats: tuple[float, ...], member: bool) -> dict[str, Any]:
    return {
        "cluster_id": "C-001",
        "nats": dict(zip(EVIDENCE, nats, strict=True)),
        "held": {kind: list(ends) for kind, ends in EVIDENCE.items()},
        "least": 9.5,
        "member": member,
    }


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
    nats[clusters.cluster == clusters.cluster[inside]] = 4.25
    other = np.flatnonzero(clusters.bound == clusters.cluster[inside])[-1]
    nats[other] = 3.0
    known = replace(clusters, evidence=dict.fromkeys(EVIDENCE, nats), held=EVIDENCE)
    weighed = replace(results, clusters=known)
    assert "account.evidence" not in keys(account_finding(weighed, results.keys[outside]))
    finding = account_finding(weighed, results.keys[inside])
    told = next(one for one in finding.story if one.key == "account.evidence")
    assert told.params["nats"] == dict.fromkeys(EVIDENCE, 4.25)
    assert (told.params["least"], told.params["member"]) == (5 * 3.0, True)
    (part,) = (part for part in numbers(finding) if part.title == "Membership")
    assert [entry.title for entry in part.entries] == [
        "What it asks", "What it shares", "When it signed up", "Its pace", "How much it asks",
    ]  # fmt: skip
    rows = dict(part.entries[0].rows)
    assert (rows["value"], rows["held within"]) == ("+4.25 nats for C-001", "-12 to +12")
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
        info={"evidence": {kind: list(ends) for kind, ends in EVIDENCE.items()}},
    )
    again = Results.read(artifacts).clusters
    assert again is not None
    assert list(again.evidence) == list(again.held) == list(EVIDENCE)
    assert all(
        (again.evidence[kind] == row).all() for kind, row in zip(EVIDENCE, evidence, strict=True)
    )


def keys(finding: Finding) -> list[str]:
    return [message.key for message in finding.story]
