"""Attribution against slow references: who is left out, what nobody else asks, what is usual."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.clusters.attribution import (
    Asked,
    Weigher,
    attributed_rows,
    best_shown,
    beyond_usual,
    rows_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

IMAGINED = 10.0


def asked_of(
    rows: Sequence[tuple[int, int, int, int]],
    conversation: Sequence[int] | None = None,
    again: Sequence[int] = (),
) -> Asked:
    """From (entity, prompt, region, template)."""
    entity, prompt, region, template = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    talk = np.arange(len(rows)) if conversation is None else np.array(conversation)
    rounds = np.isin(np.arange(len(rows)), again)
    return Asked(entity, prompt, (region, template), talk.astype(np.int32), rounds)


def slow_evidence(asked: Asked, members: np.ndarray, others: np.ndarray, row: int) -> float:
    """The evidence of one exchange without its conversation, counted with sets."""

    def prompts(side: np.ndarray, code: np.ndarray | None, without: int | None) -> int:
        found = {
            (int(asked.entity[i]), int(asked.prompt[i]))
            for i in np.flatnonzero(side)
            if asked.prompt[i] >= 0
            and asked.entity[i] != without
            and (code is None or code[i] == code[row])
        }
        return len(found)

    me = int(asked.entity[row])
    inside, outside = prompts(members, None, me), prompts(others, None, me)
    if not inside or not outside:
        return 0.0
    share = inside / (inside + outside)
    value = 0.0
    for code in asked.codes:
        if code[row] < 0:
            continue
        near, far = prompts(members, code, me), prompts(others, code, me)
        value += math.log((near + IMAGINED * share) / (far + IMAGINED * (1 - share)))
        value -= math.log(share / (1 - share))
    return value


#: Region and template of each prompt that is drawn.
REGION = (0, 1, 2, 3, 0, 1, 2, -1, 0, 0, 3, 1)
TEMPLATE = (0, 0, 1, -1, -1, 1, 0, 0, -1, 1, 1, -1)
SENT = st.lists(st.tuples(st.integers(0, 7), st.integers(-1, 11)), min_size=1, max_size=40)


def drawn(sent: list[tuple[int, int]]) -> Asked:
    return asked_of(
        [(e, p, REGION[p] if p >= 0 else -1, TEMPLATE[p] if p >= 0 else -1) for e, p in sent]
    )


@given(SENT)
def test_evidence_is_what_counting_by_hand_gives(sent: list[tuple[int, int]]) -> None:
    asked = drawn(sent)
    members, others = asked.entity < 3, asked.entity >= 4
    chosen = np.flatnonzero(members | others)
    found = Weigher(asked).evidence(members, others, chosen)
    wanted = [slow_evidence(asked, members, others, int(i)) for i in chosen]
    np.testing.assert_allclose(found, wanted, atol=1e-8)


@given(SENT, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(sent: list[tuple[int, int]], random: Random) -> None:
    order = list(range(len(sent)))
    random.shuffle(order)
    asked, shuffled = drawn(sent), drawn([sent[i] for i in order])
    every = np.arange(len(sent))
    plain = Weigher(asked).evidence(asked.entity < 3, asked.entity >= 4, every)
    moved = Weigher(shuffled).evidence(shuffled.entity < 3, shuffled.entity >= 4, every)
    np.testing.assert_array_equal(moved, plain[order])


def test_an_entity_is_left_out_of_what_it_is_weighed_against() -> None:
    # Entity 0 alone asks of region 1, often; entities 1 and 2 ask of region 0; strangers of 2.
    rows = [(0, k, 1, -1) for k in range(30)]
    rows += [(e, 100 * e + k, 0, -1) for e in (1, 2) for k in range(30)]
    rows += [(9 + e, 1000 * (e + 1) + k, 2, -1) for e in range(9) for k in range(30)]
    asked = asked_of(rows)
    members, others = asked.entity < 3, asked.entity >= 9
    found = Weigher(asked).evidence(members, others, np.flatnonzero(members))
    # Its own thirty prompts say nothing for it; what two members share does for both.
    np.testing.assert_array_equal(found[:30], 0.0)
    assert found[30:].min() > 2.0
    more = asked_of(rows + [(0, 500 + k, 1, -1) for k in range(300)])
    again = Weigher(more).evidence(more.entity < 3, more.entity >= 9, np.arange(30))
    np.testing.assert_array_equal(again, 0.0)


def test_a_stranger_is_left_out_of_the_others() -> None:
    rows = [(0, k, 0, -1) for k in range(10)] + [(5, 50 + k, 1, -1) for k in range(10)]
    rows += [(6, 90 + k, 2, -1) for k in range(10)]
    asked = asked_of(rows)
    found = Weigher(asked).evidence(asked.entity < 3, asked.entity >= 4, np.arange(10, 30))
    np.testing.assert_array_equal(found, 0.0)


def test_asking_the_same_again_is_no_more_evidence() -> None:
    rows = [(e, 10 * e + k, k % 2, -1) for e in range(6) for k in range(10)]
    repeated = rows + [rows[0]] * 50
    plain = asked_of(rows)
    often = asked_of(repeated)
    every = np.arange(len(rows))
    np.testing.assert_array_equal(
        Weigher(often).evidence(often.entity < 3, often.entity >= 3, every),
        Weigher(plain).evidence(plain.entity < 3, plain.entity >= 3, every),
    )


def test_a_conversation_is_weighed_as_one() -> None:
    rows = [(e, 10 * e + k, 0 if e < 3 else k % 4, -1) for e in range(6) for k in range(8)]
    asked = asked_of(rows)
    every = np.arange(len(rows))
    apart = Weigher(asked).evidence(asked.entity < 3, asked.entity >= 3, every)
    together = asked_of(rows, [i // 2 for i in range(len(rows))])
    found = Weigher(together).evidence(together.entity < 3, together.entity >= 3, every)
    np.testing.assert_allclose(found, np.repeat(apart.reshape(-1, 2).sum(axis=1), 2), atol=1e-8)


def test_what_is_asked_again_while_tools_answer_is_weighed_once() -> None:
    rows = [(e, 10 * e + k, 0 if e < 3 else k % 4, -1) for e in range(6) for k in range(8)]
    # The first exchange is asked twice more, in rounds of one conversation.
    more = asked_of([*rows, rows[0], rows[0]], [*range(48), 0, 0], again=[48, 49])
    plain = asked_of(rows)
    once = Weigher(plain).evidence(plain.entity < 3, plain.entity >= 3, np.arange(48))
    found = Weigher(more).evidence(more.entity < 3, more.entity >= 3, np.arange(50))
    np.testing.assert_allclose(found, [*once, once[0], once[0]], atol=1e-8)


def test_nobody_to_compare_with_is_no_evidence() -> None:
    asked = asked_of([(0, 0, 0, 0)])
    both = np.array([True])
    np.testing.assert_array_equal(Weigher(asked).evidence(both, ~both, np.array([0])), [0.0])
    nothing = asked_of([])
    none = np.zeros(0, dtype=np.bool_)
    assert Weigher(nothing).evidence(none, none, np.zeros(0, np.int64)).shape == (0,)


def test_what_is_usual_explains_itself() -> None:
    random = np.random.default_rng(0)
    usual = random.normal(size=4_000)
    found = random.normal(size=1_000)
    shared = beyond_usual(found, usual, np.ones(4_000))
    assert shared.own > 0.9
    assert (shared.probability >= 0.5).mean() < 0.02


@pytest.mark.parametrize("harvest", [0.1, 0.4, 0.9])
def test_a_mixture_is_told_apart_and_its_own_part_is_not_underestimated(harvest: float) -> None:
    random = np.random.default_rng(1)
    usual = random.normal(size=20_000)
    truth = random.random(5_000) < harvest
    found = random.normal(size=5_000) + 4.0 * truth
    shared = beyond_usual(found, usual, np.ones(20_000))
    assert 1.0 - harvest - 0.02 < shared.own < 1.0 - harvest + 0.08
    belongs = shared.probability >= 0.5
    assert truth[belongs].mean() > shared.probability[belongs].mean() - 0.02
    assert belongs[truth].mean() > 0.8
    # As many as the probabilities sum to, within a hundredth of all.
    assert abs(shared.probability.sum() - truth.sum()) < 0.01 * len(truth)


def test_more_evidence_is_never_less_likely() -> None:
    random = np.random.default_rng(2)
    found = np.round(random.normal(1.0, 2.0, 500), 1)
    shared = beyond_usual(found, random.normal(size=700), random.random(700) + 0.1)
    order = np.argsort(found, kind="stable")
    assert (np.diff(shared.probability[order]) >= 0.0).all()
    # Equal evidence is equally likely.
    for value in np.unique(found):
        assert len(np.unique(shared.probability[found == value])) == 1


def test_the_order_of_evidence_changes_nothing() -> None:
    random = np.random.default_rng(3)
    found, usual = random.normal(1.0, 1.0, 300), random.normal(size=400)
    order = random.permutation(300)
    plain = beyond_usual(found, usual, np.ones(400))
    moved = beyond_usual(found[order], usual[::-1], np.ones(400))
    np.testing.assert_array_equal(moved.probability, plain.probability[order])
    assert moved.own == plain.own


def test_one_exchange_is_never_called_the_clusters_by_itself() -> None:
    assert beyond_usual(np.array([9.0]), np.array([0.0, 1.0]), np.ones(2)).probability[0] < 1.0
    assert beyond_usual(np.array([-9.0]), np.array([0.0, 1.0]), np.ones(2)).probability[0] == 0.0
    assert beyond_usual(np.zeros(0), np.ones(1), np.ones(1)).probability.shape == (0,)


def test_attributed_rows_are_those_at_the_threshold() -> None:
    offsets = np.array([0, 2, 5, 5, 7])
    attribution = np.array([0.9, 0.1, 0.5, np.nan, 0.49, 0.7, 0.2], dtype=np.float32)
    np.testing.assert_array_equal(rows_of(offsets, np.array([1, 2, 3])), [2, 3, 4, 5, 6])
    np.testing.assert_array_equal(
        attributed_rows(attribution, offsets, np.array([1, 2, 3])), [2, 5]
    )
    assert attributed_rows(attribution, offsets, np.zeros(0, np.int64)).shape == (0,)


def test_the_best_are_spread_over_accounts_templates_and_wordings() -> None:
    rank = np.array([9.0, 8.0, 7.0, 6.0, 5.0, 4.0])
    account = np.array([0, 0, 1, 2, 3, 4])
    template = np.array([5, -1, 5, 5, 5, -1])
    wording = np.array([0, 1, 0, 3, 4, 5])
    # 2 words it as 0 does; 1 is of an account that is shown, 4 of a template that is.
    found = best_shown(rank, account, (template,), wording, most=3, of_kind=2)
    np.testing.assert_array_equal(found, [0, 3, 5])
    found = best_shown(rank, account, (template,), wording, most=9, of_kind=2)
    np.testing.assert_array_equal(found, [0, 3, 5, 1, 4])
    # Of one region no more than of one template.
    region = np.array([7, 7, 7, 8, 7, 7])
    found = best_shown(rank, account, (region, template), wording, most=2, of_kind=1)
    np.testing.assert_array_equal(found, [0, 1])
    nothing = np.zeros(0, np.int64)
    assert best_shown(np.zeros(0), nothing, (nothing,), nothing, most=3, of_kind=2).shape == (0,)
