"""What goes on with what, against reading row by row; and the conversations that links make."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.analysis.conversations.history import START, followed
from workbench.analysis.conversations.linking import Known, Links, by_history, by_sitting, roots

N = 400


def known(rng: np.random.Generator) -> Known:
    """Few accounts, few chains, few answers: everything meets everything."""
    account = np.sort(rng.integers(0, 3, N))
    depth = rng.integers(0, 3, N)
    before = np.full(N, START)
    for k in range(2):
        more = followed(before, rng.integers(1, 3, N).astype(np.uint64))
        before = np.where(depth > k, more, before)
    heard = np.where(depth > 0, rng.integers(0, 3, N), 0).astype(np.uint64)
    return Known(
        row=np.arange(N) * 2,
        account=account,
        before=before,
        now=followed(before, rng.integers(1, 3, N).astype(np.uint64)),
        rounds=np.where(rng.random(N) < 0.3, rng.integers(1, 3, N), 0),
        heard=heard,
        said=rng.integers(0, 3, N).astype(np.uint64),
    )


def slowly(known: Known, at: int) -> tuple[int, bool]:
    """The parent of one exchange, looking back one by one."""

    def last(fits: list[bool]) -> int:
        return max((int(known.row[i]) for i in range(at) if fits[i]), default=-1)

    same = [known.account[i] == known.account[at] for i in range(at)]
    rounds = known.rounds[at]
    if rounds:
        found = last(
            [
                same[i] and known.now[i] == known.now[at] and known.rounds[i] == rounds - 1
                for i in range(at)
            ]
        )
        if found >= 0:
            return found, True
    if known.before[at] == START:
        return -1, False
    asked = [same[i] and known.now[i] == known.before[at] for i in range(at)]
    heard = known.heard[at]
    if not heard:
        return last(asked), False
    found = last([asked[i] and known.said[i] == heard for i in range(at)])
    if found < 0:
        found = last([asked[i] and known.said[i] == 0 for i in range(at)])
    return found, False


@pytest.mark.parametrize("seed", range(8))
def test_links_are_those_that_are_found_one_by_one(seed: int) -> None:
    made = known(np.random.default_rng(seed))
    links = by_history(made, 2 * N)
    assert (links.parent[1::2] == -1).all()
    expected = [slowly(made, at) for at in range(N)]
    assert links.parent[::2].tolist() == [parent for parent, _ in expected]
    assert links.again[::2].tolist() == [again for _, again in expected]
    assert links.again.any()
    assert (links.parent >= 0).sum() > N // 4


def test_nothing_known_links_nothing() -> None:
    none = np.zeros(0, np.int64)
    links = by_history(
        Known(none, none, *(none.astype(np.uint64),) * 2, none, *(none.astype(np.uint64),) * 2), 3
    )
    assert links.parent.tolist() == [-1] * 3


def sat(account: list[int], session: list[int], turn: list[int], free: list[bool]) -> list[int]:
    n = len(account)
    links = Links(np.full(n, -1, np.int32), np.zeros(n, np.bool_))
    by_sitting(
        links, np.array(free, np.bool_),
        *(np.array(each, np.int64) for each in (account, session, turn)),
    )  # fmt: skip
    found: list[int] = roots(links.parent).tolist()
    return found


def test_turns_of_one_sitting_are_a_conversation() -> None:
    account = [0, 0, 0, 0, 0, 0, 1, 1]
    session = [7, 7, 8, 7, 7, 8, 7, -1]
    turn = [1, 2, 1, 3, 1, 2, 2, 0]
    # 1-2-3 in session 7, its next opening apart; 1-2 in session 8; a stranger's turn 2 is its own.
    assert sat(account, session, turn, [True] * 8) == [0, 0, 2, 0, 4, 2, 6, 7]
    assert sat(account, session, turn, [True] * 5 + [False] * 3) == [0, 0, 2, 0, 4, 5, 6, 7]


def test_turns_that_are_not_recorded_are_conversations_of_their_own() -> None:
    assert sat([0] * 5, [-1] * 5, [0] * 5, [True] * 5) == [0, 1, 2, 3, 4]
    assert sat([], [], [], []) == []


def test_a_long_conversation_has_one_root() -> None:
    parent = np.arange(-1, 9_999, dtype=np.int32)
    parent[5_000] = -1
    found = roots(parent)
    assert (found[:5_000] == 0).all()
    assert (found[5_000:] == 5_000).all()
