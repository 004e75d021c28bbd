"""What goes on with what: the exchange that each one continues, and the conversations they make.

A client that talks with a model sends the whole conversation again with every turn. So a request
whose earlier turns are, word for word, those of another one with its prompt goes on with it. Pure
functions over arrays; N exchanges, by account, then time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.conversations.history import START, followed

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Known:
    """Exchanges of which it is known what was asked before; n of them.

    Attributes:
        row: i64[n] of N, ascending.
        account: i64[n].
        before: u64[n], chain of the turns before.
        now: u64[n], the same with the prompt.
        rounds: i64[n], how many times tools have answered since the prompt.
        heard: u64[n], form of the last answer that it repeats; 0 = none.
        said: u64[n], form of its own answer; 0 = none, or not in the log.
    """

    row: NDArray[np.int64]
    account: NDArray[np.int64]
    before: NDArray[np.uint64]
    now: NDArray[np.uint64]
    rounds: NDArray[np.int64]
    heard: NDArray[np.uint64]
    said: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Links:
    """What goes on with what.

    Attributes:
        parent: i32[N], the row that the exchange continues, before its own; -1 = none.
        again: bool[N], it asks nothing new: tools answered, and the prompt is its parent's.
    """

    parent: NDArray[np.int32]
    again: NDArray[np.bool_]


def by_history(known: Known, n: int) -> Links:
    """Links by what requests repeat.

    An exchange continues the last one before it, of the same account, that asked word for word
    what it repeats. Where both record the answer, it has to be the same in its normal form: of two
    conversations that begin alike, each goes on with its own. Of the rounds of an agent's tools
    each continues the one before.

    Args:
        known: Exchanges.
        n: N.
    """
    links = Links(np.full(n, -1, dtype=np.int32), np.zeros(n, dtype=np.bool_))
    who = known.account.astype(np.uint64)
    now, before = followed(known.now, who), followed(known.before, who)

    def link(
        of: NDArray[np.bool_], to: NDArray[np.bool_],
        wanted: NDArray[np.uint64], offered: NDArray[np.uint64],
    ) -> NDArray[np.int64]:  # fmt: skip
        """Rows of ``of`` that found a parent among ``to``: it offers what they want."""
        free = of & (links.parent[known.row] < 0)
        found = _latest(offered[to], known.row[to], wanted[free], known.row[free])
        rows = known.row[free][found >= 0]
        links.parent[rows] = found[found >= 0]
        return rows

    every = np.ones(len(known.row), dtype=np.bool_)
    rounds = known.rounds.astype(np.uint64)
    later = known.rounds > 0
    links.again[
        link(later, every, followed(now, rounds - later.astype(np.uint64)), followed(now, rounds))
    ] = True
    # A round whose earlier ones are not in the log goes on with the turn before.
    grown = known.before != START
    told = known.heard != 0
    link(grown & told, known.said != 0, followed(before, known.heard), followed(now, known.said))
    link(grown & told, known.said == 0, before, now)
    link(grown & ~told, every, before, now)
    return links


def by_sitting(
    links: Links,
    free: NDArray[np.bool_],
    account: NDArray[np.int64],
    session: NDArray[np.int64],
    turn: NDArray[np.int64],
) -> None:
    """Adds links by number, where what was asked before is not in the log.

    Turn k + 1 continues turn k that the same account sent just before in the same session.

    Args:
        links: Changed.
        free: bool[N], exchanges to link.
        account: i64[N], ascending.
        session: i64[N] code of the session; -1 = not recorded, which is one session.
        turn: i64[N], 1 for the first question; 0 = not recorded.
    """
    order = np.lexsort((np.arange(len(account)), session, account))
    held, sitting, number = account[order], session[order], turn[order]
    goes_on = (
        (held[1:] == held[:-1])
        & (sitting[1:] == sitting[:-1])
        & (number[:-1] > 0)
        & (number[1:] == number[:-1] + 1)
        & free[order[1:]]
        & (links.parent[order[1:]] < 0)
    )
    links.parent[order[1:][goes_on]] = order[:-1][goes_on]


def roots(parent: NDArray[np.int32]) -> NDArray[np.int32]:
    """i32[N]: the row that began the conversation of each exchange; its own where it stands alone.

    Args:
        parent: Each before its own row, or -1.
    """
    root = np.where(parent >= 0, parent, np.arange(len(parent), dtype=np.int32))
    while True:
        # Each step doubles how far a row looks back.
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further


def _latest(
    key: NDArray[np.uint64],
    row: NDArray[np.int64],
    wanted: NDArray[np.uint64],
    at: NDArray[np.int64],
) -> NDArray[np.int64]:
    """i64[m]: of the rows that have the wanted key, the last one before ``at``; -1 = none.

    Args:
        key: u64[n].
        row: i64[n].
        wanted: u64[m].
        at: i64[m].
    """
    found = np.full(len(wanted), -1, dtype=np.int64)
    if len(key) == 0 or len(wanted) == 0:
        return found
    keys, code = np.unique(key, return_inverse=True)
    width = max(int(row.max()), int(at.max())) + 1
    order = np.sort(code * width + row)
    mine = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    place = np.searchsorted(order, mine * width + at) - 1
    last = order[np.maximum(place, 0)]
    has = (keys[mine] == wanted) & (place >= 0) & (last // width == mine)
    found[has] = last[has] % width
    return found
