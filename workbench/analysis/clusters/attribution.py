"""Attribution: which exchanges of a cluster's accounts belong to what the cluster has in common.

An account may serve others beside its harvest: a proxy's customers, the person it was bought
from. Each exchange is weighed by what it asks: is that asked by the other accounts of the
cluster, or by accounts that nobody suspects? How much evidence is enough is not assumed but
counted, against exchanges of unsuspected accounts. Whoever is weighed is left out of what it is
weighed against. This room changes no verdict and no membership, and says nothing of who asked.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.domain.finding import ATTRIBUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Distinct prompts that a region, template or group is imagined to hold beforehand, at no odds.
_IMAGINED: Final = 10.0
#: Exchanges expected by chance in every block of evidence, beside those that were counted.
_DOUBT: Final = 0.25
#: Decimals of evidence (nats): sums in another order are the same number.
_DECIMALS: Final = 9


@dataclass(frozen=True, slots=True)
class Asked:
    """Exchanges as they are weighed; N of them.

    Attributes:
        entity: i64[N], who is openly one customer.
        prompt: i64[N], -1 = none.
        codes: What is compared, i64[N] each: region, template, near-duplicate group; -1 = none.
        conversation: i32[N], the row that began it; an exchange in none is one of its own.
        again: bool[N], asks only what the exchange before it in its conversation asked.
    """

    entity: NDArray[np.int64]
    prompt: NDArray[np.int64]
    codes: tuple[NDArray[np.int64], ...]
    conversation: NDArray[np.int32]
    again: NDArray[np.bool_]


class Weigher:
    """Weighs exchanges for clusters of one population.

    A distinct prompt counts once an entity: asking the same a hundred times is one thing asked.

    Args:
        asked: Every exchange.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self.once = _once(asked.entity, asked.prompt)
        self._n_entities = int(asked.entity.max(initial=-1)) + 1
        self._own = [self._held_by_itself(code) for code in asked.codes]

    def evidence(
        self, members: NDArray[np.bool_], others: NDArray[np.bool_], rows: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """f64[n] nats for "the cluster's" against "somebody's own", of each of ``rows``.

        Sum over region, template and near-duplicate group of the log odds that whoever asks it is
        of the cluster, against the odds of the whole: log (a + c r) / (b + c (1 - r)) -
        log r / (1 - r), with a and b its distinct prompts among the cluster's other entities and
        among the others, r the cluster's share of all, c ten prompts imagined. What nobody else
        asks says nothing. A conversation is weighed as one: its turns' evidence is summed, that
        of what is asked again while tools answer once.

        Args:
            members: bool[N], exchanges of the cluster's entities.
            others: bool[N], exchanges that they are compared with.
            rows: i64[n], whole conversations of either.
        """
        asked = self._asked
        inside, outside = members & self.once, others & self.once
        # Without whoever is weighed.
        mine = np.bincount(asked.entity[self.once], minlength=self._n_entities)[asked.entity[rows]]
        n_inside = int(inside.sum()) - np.where(members[rows], mine, 0)
        n_outside = int(outside.sum()) - np.where(others[rows], mine, 0)
        compared = (n_inside > 0) & (n_outside > 0)
        share = np.where(compared, n_inside / np.maximum(n_inside + n_outside, 1), 0.5)
        found = np.zeros(len(rows))
        for code, own in zip(asked.codes, self._own, strict=True):
            held, mine, width = code[rows], own[rows], int(code.max(initial=-1)) + 2
            # One up: what has no code meets the first count, and is left out below.
            near = np.bincount(code[inside] + 1, minlength=width)[held + 1]
            far = np.bincount(code[outside] + 1, minlength=width)[held + 1]
            ours = near - np.where(members[rows], mine, 0) + _IMAGINED * share
            theirs = far - np.where(others[rows], mine, 0) + _IMAGINED * (1.0 - share)
            odds = np.log(ours / theirs) - np.log(share / (1.0 - share))
            found += np.where(compared & (held >= 0) & ~asked.again[rows], odds, 0.0)
        _, talk = np.unique(asked.conversation[rows], return_inverse=True)
        whole: NDArray[np.float64] = np.round(np.bincount(talk, weights=found), _DECIMALS)
        return whole[talk]

    def _held_by_itself(self, code: NDArray[np.int64]) -> NDArray[np.int64]:
        """i64[N]: distinct prompts of the exchange's own entity with the exchange's code."""
        width = int(code.max(initial=-1)) + 2
        pairs, at = np.unique(self._asked.entity * width + code + 1, return_inverse=True)
        counts = np.bincount(at[self.once], minlength=len(pairs))
        return counts[at].astype(np.int64)


def _once(entity: NDArray[np.int64], prompt: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool[N]: one exchange of each prompt of each entity."""
    width = int(prompt.max(initial=-1)) + 2
    _, first = np.unique(entity * width + prompt + 1, return_index=True)
    found = np.zeros(len(prompt), dtype=np.bool_)
    found[first] = True
    return found & (prompt >= 0)


@dataclass(frozen=True, slots=True)
class Shared:
    """How much of what some exchanges show cannot be explained by what is usual.

    Attributes:
        probability: f64[n] of each exchange; never falls as the evidence grows.
        own: Estimated share of exchanges that are their holders' own, rather too high.
    """

    probability: NDArray[np.float64]
    own: float


def beyond_usual(
    found: NDArray[np.float64], usual: NDArray[np.float64], mass: NDArray[np.float64]
) -> Shared:
    """One minus the local false discovery rate of each piece of evidence.

    1 - pi f0 / f (Efron 2004): f and f0 are how often the cluster's and unsuspected exchanges
    reach a level, their ratio made monotone by isotonic regression. pi, the share that is the
    holders' own, is Storey's estimate (2002) at the median of what is usual: what the cluster
    shows below it is all taken for their own.

    Args:
        found: f64[n] evidence of the cluster's exchanges.
        usual: f64[m] evidence of unsuspected ones, m >= 1.
        mass: f64[m] > 0, how much each of those counts.
    """
    # Imported here: scipy.optimize takes a quarter of a second.
    from scipy.optimize import isotonic_regression

    n = len(found)
    if n == 0:
        return Shared(np.zeros(0), 1.0)
    level, at = np.unique(np.concatenate([found, usual]), return_inverse=True)
    seen = np.bincount(at[:n], minlength=len(level)).astype(np.float64)
    expected = np.bincount(at[n:], weights=mass, minlength=len(level))
    expected *= n / expected.sum()
    both = seen + expected
    fitted = isotonic_regression(seen / both, weights=both).x
    block = np.cumsum(np.concatenate([[0], fitted[1:] != fitted[:-1]]))
    ratio = np.bincount(block, weights=seen) / (np.bincount(block, weights=expected) + _DOUBT)
    ratio = np.maximum.accumulate(ratio)[block]
    median = int(np.searchsorted(np.cumsum(expected), 0.5 * n))
    below = slice(0, median + 1)
    own = (seen[below].sum() + 1.0) / (n + 1.0) / (expected[below].sum() / n)
    own = float(min(own, 1.0))
    likely = 1.0 - own / np.maximum(ratio, 1e-9)
    return Shared(np.clip(likely, 0.0, 1.0)[at[:n]], own)


def rows_of(offsets: NDArray[np.int64], accounts: NDArray[np.int64]) -> NDArray[np.int64]:
    """i64[n]: the exchanges of some accounts in the arrays of the stage ``exchanges``, ascending.

    Args:
        offsets: i64[A+1] of that stage.
        accounts: i64[M], ascending.
    """
    lengths = offsets[accounts + 1] - offsets[accounts]
    first = np.repeat(offsets[accounts] - np.cumsum(lengths) + lengths, lengths)
    found: NDArray[np.int64] = first + np.arange(int(lengths.sum()))
    return found


def attributed_rows(
    attribution: NDArray[np.float32], offsets: NDArray[np.int64], accounts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """i64[n]: exchanges of a cluster's accounts that belong to what the cluster has in common.

    Args:
        attribution: f32[N] of the stage ``attribution``; NaN counts as not.
        offsets: i64[A+1] of the stage ``exchanges``.
        accounts: i64[M] of the cluster, ascending.
    """
    rows = rows_of(offsets, accounts)
    return rows[attribution[rows] >= ATTRIBUTED]


def best_shown(
    rank: NDArray[np.float64],
    account: NDArray[np.int64],
    kinds: Sequence[NDArray[np.int64]],
    wording: NDArray[np.int64],
    *,
    most: int,
    of_kind: int,
) -> NDArray[np.int64]:
    """i64[k]: indices of the exchanges that show a cluster best, spread over its accounts.

    In the order given by ``rank``, one of a wording; in the first round one of an account and
    ``of_kind`` of a kind, in each later round as many again, until there are ``most``.

    Args:
        rank: f64[n], higher is better; equal ranks keep their order.
        account: i64[n].
        kinds: i64[n] each, region and template; -1 = none, which is no limit.
        wording: i64[n] near-duplicate group.
        most: How many to choose.
        of_kind: Exchanges of one region, and of one template, in a round.
    """
    order = np.argsort(-rank, kind="stable")
    _, first = np.unique(wording[order], return_index=True)
    left = order[np.sort(first)].tolist()
    chosen: list[int] = []
    shown: Counter[tuple[int, int]] = Counter()
    rounds = 0
    while left and len(chosen) < most:
        rounds += 1
        passed: list[int] = []
        for i in left:
            what = [(place, int(kind[i])) for place, kind in enumerate(kinds) if kind[i] >= 0]
            who = (-1, int(account[i]))
            full = shown[who] >= rounds or any(shown[one] >= rounds * of_kind for one in what)
            if full or len(chosen) == most:
                passed.append(i)
                continue
            chosen.append(i)
            shown.update([who, *what])
        left = passed
    return np.array(chosen, dtype=np.int64)
