"""Counts of distinct prompts against sets, and the halves that form and test clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.hand_made import dense_of, profiles_of
from workbench.analysis.signals.profiles import count_profiles, halves

if TYPE_CHECKING:
    from random import Random

P = 8
#: (account, prompt) of each exchange; -1 = no prompt.
EXCHANGES = st.lists(st.tuples(st.integers(0, 4), st.integers(-1, P - 1)), max_size=40).map(
    lambda rows: np.array(rows, dtype=np.int64).reshape(-1, 2).T
)
CODES = st.lists(st.integers(-1, 3), min_size=P, max_size=P).map(
    lambda codes: np.array(codes, dtype=np.int32)
)


@given(EXCHANGES, CODES, CODES, st.data())
def test_distinct_prompts_are_counted_once_an_account(
    exchanges: np.ndarray, cell: np.ndarray, wording: np.ndarray, data: st.DataObject
) -> None:
    account, prompt = exchanges[0], exchanges[1].astype(np.int32)
    n = len(account)
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=np.bool_)
    for use in (None, chosen):
        found = count_profiles(account, prompt, (cell, wording), 5, use)
        begin = int(cell.max(initial=0)) + 1
        expected = np.zeros((5, begin + int(wording.max(initial=0)) + 1), dtype=np.int64)
        kept = np.ones(n, np.bool_) if use is None else use
        asked = {
            (int(a), int(p)) for a, p, k in zip(account, prompt, kept, strict=True) if k and p >= 0
        }
        for who, what in asked:
            for start, code in ((0, cell), (begin, wording)):
                if code[what] >= 0:
                    expected[who, start + code[what]] += 1
        assert found.starts.tolist() == [0, begin, expected.shape[1]]
        np.testing.assert_array_equal(dense_of(found), expected)
        for row in range(5):
            cells = found.cells[found.indptr[row] : found.indptr[row + 1]]
            assert (np.diff(cells) > 0).all()
        assert (found.counts > 0).all()


@given(
    st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=6), st.data()
)
def test_pooling(dense: list[list[int]], data: st.DataObject) -> None:
    held, counts = profiles_of(dense), np.array(dense)
    n = len(dense)
    np.testing.assert_array_equal(held.totals, counts.sum(axis=1))
    np.testing.assert_array_equal(held.pooled(), counts.sum(axis=0))
    weight = np.array(data.draw(st.lists(st.sampled_from([0.0, 0.5, 2.0]), min_size=n, max_size=n)))
    np.testing.assert_allclose(held.pooled(weight), weight @ counts)
    rows = np.array(data.draw(st.lists(st.integers(0, n - 1), unique=True)), dtype=np.int64)
    np.testing.assert_array_equal(held.pooled_rows(rows), counts[rows].sum(axis=0))


GROUPS = st.lists(st.integers(0, 4), min_size=P, max_size=P).map(
    lambda codes: np.array(codes, dtype=np.int32)
)


@given(EXCHANGES, GROUPS)
def test_an_accounts_copies_of_one_prompt_lie_in_one_half(
    exchanges: np.ndarray, group: np.ndarray
) -> None:
    """Else a cluster formed on one copy would be tested on the other."""
    account, prompt = exchanges[0], exchanges[1].astype(np.int32)
    second = halves(account, prompt, group)
    side: dict[tuple[int, int], bool] = {}
    for who, what, half in zip(account.tolist(), prompt.tolist(), second.tolist(), strict=True):
        if what < 0:
            assert not half
        else:
            assert side.setdefault((who, int(group[what])), half) == half
    # Both halves of every account hold as many near-duplicate groups, within one.
    for who in set(account.tolist()):
        sides = [half for (owner, _), half in side.items() if owner == who]
        assert abs(sides.count(True) - sides.count(False)) <= 1


@given(EXCHANGES, GROUPS, st.randoms())
def test_the_half_of_an_exchange_does_not_hang_on_the_order_of_the_log(
    exchanges: np.ndarray, group: np.ndarray, random: Random
) -> None:
    account, prompt = exchanges[0], exchanges[1].astype(np.int32)
    order = np.array(random.sample(range(len(account)), len(account)), dtype=np.int64)
    straight = halves(account, prompt, group)
    np.testing.assert_array_equal(halves(account[order], prompt[order], group), straight[order])


def test_halves_share_no_prompt_of_an_account() -> None:
    """What the profiles of the two halves count adds up to the whole, account by account."""
    random = np.random.default_rng(15)
    account = np.repeat(np.arange(20), 60)
    prompt = random.integers(0, 300, 1_200).astype(np.int32)
    group, cell = (random.integers(0, size, 300).astype(np.int32) for size in (200, 12))
    second = halves(account, prompt, group)
    parts = [count_profiles(account, prompt, [cell], 20, half) for half in (~second, second)]
    whole = count_profiles(account, prompt, [cell], 20)
    assert (dense_of(parts[0]) + dense_of(parts[1]) == dense_of(whole)).all()
    assert all(part.totals.min() > 15 for part in parts)
