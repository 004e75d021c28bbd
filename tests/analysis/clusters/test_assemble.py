"""What clusters are formed from and tested on: entities, two halves, no common wordings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.analysis.fakes import RecordingJob
from tests.analysis.hand_made import DAY, MONDAY, dense_of, held_by, population
from workbench.analysis.clusters.assemble import assemble
from workbench.analysis.clusters.entities import Entities, resolve_entities
from workbench.analysis.clusters.evidence import Bundles, Content, normal_scores
from workbench.analysis.signals.profiles import halves
from workbench.domain.errors import CancelledError
from workbench.domain.signal import Axis
from workbench.kernels.timing import UNKNOWN

NAN = math.nan


def made(n: int = 60) -> tuple[Content, Bundles, Entities]:
    """Accounts 0 and 1 are one firm; all others strangers."""
    random = np.random.default_rng(4)
    sent = [
        [(MONDAY + k, 0)]
        + [(MONDAY + k, int(p)) for k, p in enumerate(random.integers(1, 200, 30))]
        for k in range(n)
    ]
    whole = population(
        sent,
        cell=random.integers(-1, 8, 200).tolist(),
        template=[0, *[-1] * 99, *random.integers(1, 5, 100).tolist()],
        shown={
            "payment": [(a, f"card {a}") for a in range(n)],
            "network": [(0, "office"), (1, "office"), (2, "office"), (5, "lan"), (9, "lan")],
            "organisation": [(0, "firm"), (1, "firm")],
        },
        customer=[0, 0, *range(1, n - 1)],
        created=[MONDAY, MONDAY - 9 * DAY, None, *[MONDAY - a * DAY for a in range(3, n)]],
    )
    entities = resolve_entities(
        {"organisation": held_by([(0, "firm"), (1, "firm")])}, n, np.zeros(n, dtype=np.bool_)
    )
    percentile = np.arange(n) * 100.0 / n
    gap = np.where(np.arange(n) == 7, NAN, percentile)
    measured = {
        "burstiness": (Axis.AUTOMATION, gap),
        "hour_entropy": (Axis.AUTOMATION, np.full(n, NAN)),
        "rubric_grading": (Axis.CONTENT, percentile[::-1]),
        "effective_cells": (Axis.CONTENT, percentile),
    }
    content, bundles = assemble(whole, entities, measured, RecordingJob())
    return content, bundles, entities


@pytest.fixture(scope="module")
def case() -> tuple[Content, Bundles, Entities]:
    return made()


def test_the_node_is_the_entity(case: tuple[Content, Bundles, Entities]) -> None:
    content, bundles, entities = case
    assert bundles.n_entities == len(content.first.indptr) - 1 == 59
    assert bundles.accounts.tolist() == [2, *[1] * 58]
    assert bundles.volume.tolist() == [62, *[31] * 58]
    assert entities.entity[:3].tolist() == [0, 0, 1]


def test_the_halves_part_what_was_asked(case: tuple[Content, Bundles, Entities]) -> None:
    content, _, _ = case
    first, second, whole = (dense_of(p) for p in (content.first, content.second, content.whole))
    np.testing.assert_array_equal(first + second, whole)
    sizes = first[:, :8].sum(axis=1), second[:, :8].sum(axis=1)
    assert min(sizes[0].min(), sizes[1].min()) >= 8
    assert content.first.starts.tolist() == [0, 8, 13]


def test_an_entity_signed_up_with_its_first_account(
    case: tuple[Content, Bundles, Entities],
) -> None:
    _, bundles, _ = case
    assert bundles.created[0] == MONDAY - 9 * DAY
    assert bundles.created[1] == UNKNOWN
    assert math.isnan(bundles.density[1])
    assert not np.isnan(bundles.density[2:]).any()


def test_scores_of_accounts_become_scores_of_entities(
    case: tuple[Content, Bundles, Entities],
) -> None:
    """The firm's two accounts speak once, by their mean; whoever was not assessed stays so."""
    content, bundles, _ = case
    assert list(bundles.timing) == ["burstiness"]
    assert list(content.elicits) == ["rubric_grading"]
    score = bundles.timing["burstiness"]
    assert math.isnan(score[6])
    percentile = np.arange(60) * 100.0 / 60
    percentile[7] = NAN
    by_account = normal_scores(percentile)
    expected = np.concatenate([[by_account[:2].mean()], by_account[2:]])
    np.testing.assert_allclose(score, normal_scores(expected))
    np.testing.assert_allclose(bundles.pace, score)


def test_ties_are_between_entities_and_never_inside_one(
    case: tuple[Content, Bundles, Entities],
) -> None:
    _, bundles, _ = case
    ties = bundles.pairs.toarray()
    assert (np.diag(ties) == 0.0).all()
    assert {(a, b) for a, b in zip(*np.nonzero(ties), strict=True)} == {
        (0, 1), (1, 0), (4, 8), (8, 4),
    }  # fmt: skip
    assert bundles.tied_kinds == ("network", "payment")


def test_wordings_are_of_half_b_and_common_ones_are_left_out() -> None:
    """Prompts 0 and 1 are what everybody asks; the second of them falls into half B."""
    n, random = 80, np.random.default_rng(5)
    sent: list[list[tuple[int | None, int | None]]] = [
        [(k, p) for k, p in enumerate([0, 1, *random.integers(2, 300, 20).tolist()])]
        for _ in range(n)
    ]
    whole = population(sent, cell=[0] * 300, template=[-1, 0, *random.integers(1, 40, 298)])
    entities = resolve_entities({}, n, np.zeros(n, dtype=np.bool_))
    content, _ = assemble(whole, entities, {}, RecordingJob())
    second = halves(whole.account, whole.prompt, whole.group)
    assert second[whole.prompt == 1].all()
    for kind, code in (("group", whole.group), ("template", whole.template)):
        used: dict[int, set[int]] = {}
        for who, what, half in zip(whole.account, whole.prompt, second, strict=True):
            if half and code[what] >= 0:
                used.setdefault(int(code[what]), set()).add(int(who))
        kept = [sorted(who) for _, who in sorted(used.items()) if len(who) <= 60]
        held = content.worded.held[kind]
        found = [
            held.holder[a:b].tolist() for a, b in zip(held.offsets, held.offsets[1:], strict=False)
        ]
        assert found == kept
        assert max(map(len, used.values())) == n


def test_cancelled_between_its_steps() -> None:
    class Cancelled(RecordingJob):
        def check(self) -> None:
            raise CancelledError

    whole = population([[(1, 0)], [(2, 0)]], cell=[0], template=[-1])
    entities = resolve_entities({}, 2, np.zeros(2, dtype=np.bool_))
    with pytest.raises(CancelledError):
        assemble(whole, entities, {}, Cancelled())
