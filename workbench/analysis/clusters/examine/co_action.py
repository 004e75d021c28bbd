"""Co-action: different customers on one object within seconds, again and again.

After CooRTweet: an object is a near-duplicate group, a template or a rare region of prompts; pairs
of customers count that meet on objects at least twice. How often accounts of one interest and one
rhythm would meet by chance is seen by moving each of them in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.calibrate import conformal
from workbench.analysis.clusters.examine.peers import SPEAKS
from workbench.analysis.clusters.examine.shifts import MOVED, Streams
from workbench.analysis.clusters.examine.subject import FOR, NEITHER, Fact
from workbench.domain.finding import How
from workbench.domain.signal import Message
from workbench.kernels.coincidences import same_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

NAME: Final = "co_action"
NEEDS: Final = ("ts", "prompt")
HOW: Final = How(
    formula="meetings of pairs of customers that met twice or more within 10 s, a minute or an "
    "hour on a near-duplicate group, template or region that few others use",
    unit="meetings",
    null=f"{MOVED}. p: conformal, least of the three windows, times three",
    source="CooRTweet; windows and test: own proposal",
    evades="Dealing each wording to one account, or waiting hours.",
)
#: Seconds within which two actions are one.
WINDOWS_S: Final = (10, 60, 3_600)
#: Times that two customers must meet: once is chance.
LEAST_MEETINGS: Final = 2
#: An object that more than this share of customers uses is common: wordings, regions.
_COMMON: Final = 0.05
_RARE_REGION: Final = 0.01
#: A window with more pairs of exchanges than this is not looked at.
_MOST_PAIRS: Final = 100_000
#: One customer in more than this share of the meetings: its own doing, not that of the group.
_ONE_NODE: Final = 0.5
_TOLD: Final = 3
_SECOND_US: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Meetings:
    """Pairs of customers that met at least twice.

    Attributes:
        times: i64[k] how often each pair did, most first.
        asked: i64[k, 2] different exchanges of either side in them.
        pair: i64[k, 2] customers.
    """

    times: NDArray[np.int64]
    asked: NDArray[np.int64]
    pair: NDArray[np.int64]

    @property
    def total(self) -> int:
        """Meetings of all pairs."""
        return int(self.times.sum())

    @property
    def symmetry(self) -> float:
        """Mean over pairs of the lesser side's exchanges to the greater's: 1 = alike."""
        return float((self.asked.min(axis=1) / self.asked.max(axis=1)).mean())

    @property
    def greatest_share(self) -> float:
        """Share of the meetings that the most involved customer takes part in."""
        return max(
            float(self.times[(self.pair == one).any(axis=1)].sum() / self.total)
            for one in np.unique(self.pair)
        )


def examine(subject: Subject, population: Population) -> Fact | None:
    """Meetings of pairs that met at least twice, in the window where they are rarest by chance.

    p: conformal against the same accounts moved in time, times the three windows (Bonferroni).
    """
    streams = Streams.of(subject, population)
    if streams is None:
        return None
    customer = subject.customer[streams.sender].astype(np.int64)
    objects = rare_objects(subject, population, streams.rows)
    if len(np.unique(customer)) < LEAST_MEETINGS or not (objects >= 0).any():
        return None
    found = meetings(streams.ts, customer, objects, WINDOWS_S)
    if not found:
        return None
    null = np.full((streams.moves, len(found)), np.inf)
    for k in range(streams.moves):
        moved = streams.moved(subject.random)
        both = _together(moved, customer, objects, WINDOWS_S[len(found) - 1])
        if both is not None:
            apart = np.abs(moved[both[:, 0]] - moved[both[:, 1]])
            null[k] = [
                _times(both[apart <= seconds * _SECOND_US], customer).sum()
                for seconds in WINDOWS_S[: len(found)]
            ]
    p = [float(conformal(null[:, at], np.array(float(met.total)))) for at, met in enumerate(found)]
    at = int(np.argmin(p))
    met, tested = found[at], min(1.0, len(WINDOWS_S) * p[at])
    together = len(np.unique(met.pair))
    # Between two or three customers the most involved one is in most meetings whatever they do.
    one_node = together > 3 and met.greatest_share > _ONE_NODE
    low, high = np.quantile(null[:, at], (0.05, 0.95)).tolist()
    return Fact(
        NAME,
        float(met.total),
        tested,
        FOR if tested <= SPEAKS and met.total and not one_node else NEITHER,
        Message(
            "fact.co_action",
            {
                "meetings": met.total,
                "pairs": len(met.times),
                "customers": together,
                "seconds": WINDOWS_S[at],
                "widest": WINDOWS_S[len(found) - 1],
                "low": low,
                "high": high,
                "strongest": met.times[:_TOLD].tolist(),
                "symmetry": met.symmetry if met.total else None,
                "greatest_share": met.greatest_share if met.total else None,
                "unit": streams.unit,
                "moves": streams.moves,
            },
        ),
        n_null=streams.moves,
    )


def rare_objects(
    subject: Subject, population: Population, rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """i64[3, n]: near-duplicate group, template and region of each exchange.

    -1 where there is none, or one that many customers use who are not of the cluster.
    """
    who = subject.customer[population.account]
    others = ~np.isin(who, subject.customer[subject.accounts])
    n_others = len(np.unique(who[others]))
    found = np.full((3, len(rows)), -1, dtype=np.int64)
    for kind, (code, most) in enumerate(
        (
            (population.group, _COMMON),
            (population.template, _COMMON),
            (population.cell, _RARE_REGION),
        )
    ):
        every = population.of_prompt(code)
        width = int(every.max(initial=0)) + 1
        asked = others & (every >= 0)
        used = np.unique(who[asked] * width + every[asked]) % width
        rare = np.bincount(used, minlength=width) <= most * n_others
        mine = every[rows]
        found[kind] = np.where((mine >= 0) & rare[mine], mine, -1)
    return found


def meetings(
    ts: NDArray[np.int64],
    customer: NDArray[np.int64],
    objects: NDArray[np.int64],
    windows_s: Sequence[int],
) -> list[Meetings]:
    """Pairs of customers that met at least twice, within each window.

    Two exchanges meet once, on the closest object that they share: wording, template or region.

    Args:
        ts: i64[n] in any order.
        customer: i64[n].
        objects: i64[3, n], from ``rare_objects``.
        windows_s: Seconds, ascending.

    Returns:
        One a window; windows in which too many exchanges meet are left out, the widest first.
    """
    for widest in range(len(windows_s), 0, -1):
        both = _together(ts, customer, objects, windows_s[widest - 1])
        if both is not None:
            apart = np.abs(ts[both[:, 0]] - ts[both[:, 1]])
            return [
                _met(both[apart <= seconds * _SECOND_US], customer)
                for seconds in windows_s[:widest]
            ]
    return []


def _together(
    ts: NDArray[np.int64], customer: NDArray[np.int64], objects: NDArray[np.int64], seconds: int
) -> NDArray[np.int64] | None:
    """i64[k, 2] exchanges of different customers that meet; None where there are too many."""
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for kind, what in enumerate(objects):
        known = np.flatnonzero(what >= 0)
        order = known[np.lexsort((ts[known], what[known]))]
        near = same_pairs(
            ts[order], customer[order], what[order], seconds * _SECOND_US, _MOST_PAIRS
        )
        if len(near) == _MOST_PAIRS:
            return None
        both = order[near]
        told = np.zeros(len(both), dtype=np.bool_)
        for closer in objects[:kind]:
            told |= (closer[both[:, 0]] == closer[both[:, 1]]) & (closer[both[:, 0]] >= 0)
        pairs.append(both[~told])
    return np.concatenate(pairs)


def _times(both: NDArray[np.int64], customer: NDArray[np.int64]) -> NDArray[np.int64]:
    """i64[k] meetings of each pair of customers that met at least twice."""
    one, other = customer[both[:, 0]], customer[both[:, 1]]
    key = np.minimum(one, other) * (int(customer.max(initial=0)) + 1) + np.maximum(one, other)
    times = np.unique(key, return_counts=True)[1]
    return times[times >= LEAST_MEETINGS]


def _met(both: NDArray[np.int64], customer: NDArray[np.int64]) -> Meetings:
    """Who met at least twice, from the exchanges that meet."""
    swap = customer[both[:, 0]] > customer[both[:, 1]]
    both = np.where(swap[:, None], both[:, ::-1], both)
    width = int(customer.max(initial=0)) + 1
    key = customer[both[:, 0]] * width + customer[both[:, 1]]
    keys, at, times = np.unique(key, return_inverse=True, return_counts=True)
    asked = np.empty((len(keys), 2), dtype=np.int64)
    for side in (0, 1):
        different = np.unique(at * len(customer) + both[:, side]) // max(len(customer), 1)
        asked[:, side] = np.bincount(different, minlength=len(keys))
    order = np.lexsort((keys, -times))
    order = order[times[order] >= LEAST_MEETINGS]
    pair = np.stack(np.divmod(keys[order], width), axis=1)
    return Meetings(times[order], asked[order], pair)
