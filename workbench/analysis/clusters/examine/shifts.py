"""Accounts moved in time, each by itself: what a cluster's streams would be without each other.

Every account is turned round the circle of its own active time by a random number of whole days, so
that it keeps its hours of the day, its lifetime, and its working days and weekends (turned
apart); where it was active for less than three days, by whole hours. What is left of a coincidence
between accounts is chance. This room moves; it measures nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

HOUR_US: Final = 3_600_000_000
_DAY_US: Final = 24 * HOUR_US
#: What streams are moved by, and the active time that half of the accounts must have.
DAYS: Final = "days"
HOURS: Final = "hours"
_UNITS: Final = ((DAYS, 3 * _DAY_US), (HOURS, 6 * HOUR_US))
#: 1970-01-01 was a Thursday: day 0 of the epoch is day 3 of a week.
_THURSDAY: Final = 3
_WORKING: Final = 5
#: Fewest and most times that they are moved, and exchanges moved in all where there are many: p
#: cannot fall below 1 / (moves + 1).
_MOVES: Final = (99, 199)
_WORK: Final = 2_000_000
#: More exchanges than this are not followed: accounts are drawn at random until there are so many.
FOLLOWED: Final = 20_000
#: What such a null is, in words.
MOVED: Final = (
    "the same accounts, each moved in time by itself by whole days (hours, where they are young), "
    "so that what is left between them is chance"
)
_LEAST: Final = 100
_LEAST_ACCOUNTS: Final = 3


@dataclass(frozen=True, slots=True)
class Streams:
    """The exchanges of a cluster with known times, by time.

    Attributes:
        rows: i64[n] of the population.
        ts: i64[n], ascending.
        sender: i64[n] account of each.
        unit: What accounts are moved by: ``DAYS`` or ``HOURS``.
    """

    rows: NDArray[np.int64]
    ts: NDArray[np.int64]
    sender: NDArray[np.int64]
    unit: str

    @property
    def moves(self) -> int:
        """How often they are moved."""
        return int(np.clip(_WORK // len(self.rows), *_MOVES))

    @classmethod
    def of(cls, subject: Subject, population: Population) -> Streams | None:
        """The streams of a cluster; None where there is too little to move."""
        account = population.account
        rows = subject.rows[population.ts[subject.rows] != UNKNOWN]
        rows = rows[_chosen(account[rows], subject.random)]
        ts, sender = population.ts[rows], account[rows]
        accounts = np.unique(sender)
        if len(rows) < _LEAST or len(accounts) < _LEAST_ACCOUNTS:
            return None
        active = np.median([np.ptp(ts[sender == one]) for one in accounts])
        unit = next((name for name, least in _UNITS if active >= least), None)
        return None if unit is None else cls(rows, ts, sender, unit)

    def moved(self, random: np.random.Generator) -> NDArray[np.int64]:
        """i64[n] times after one move, in the order of ``rows`` (no longer ascending)."""
        _, mine = np.unique(self.sender, return_inverse=True)
        length = _DAY_US if self.unit == DAYS else HOUR_US
        at, within = np.divmod(self.ts, length)
        if self.unit == HOURS:
            return _turned(at, mine, random) * length + within
        week, day = np.divmod(at + _THURSDAY, 7)
        working = day < _WORKING
        moved = np.empty_like(at)
        for chosen, begin, days in ((working, 0, _WORKING), (~working, _WORKING, 7 - _WORKING)):
            number = week[chosen] * days + day[chosen] - begin
            week_to, day_to = np.divmod(_turned(number, mine[chosen], random), days)
            moved[chosen] = week_to * 7 + day_to + begin - _THURSDAY
        return moved * length + within


def _turned(
    number: NDArray[np.int64], mine: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.int64]:
    """i64[n]: numbers of days or hours, turned round each account's own circle of them.

    Args:
        number: i64[n].
        mine: i64[n] account of each, dense.
        random: Draws one turn an account.
    """
    width = int(mine.max(initial=-1)) + 1
    first = np.full(width, np.iinfo(np.int64).max)
    last = np.full(width, np.iinfo(np.int64).min)
    np.minimum.at(first, mine, number)
    np.maximum.at(last, mine, number)
    circle = np.where(last >= first, last - first + 1, 1)
    turn = random.integers(0, circle)
    found: NDArray[np.int64] = first[mine] + (number - first[mine] + turn[mine]) % circle[mine]
    return found


def _chosen(sender: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.bool_]:
    """bool[n]: exchanges of as many accounts as hold no more than ``FOLLOWED``."""
    if len(sender) <= FOLLOWED:
        return np.ones(len(sender), dtype=np.bool_)
    accounts, mine, sizes = np.unique(sender, return_inverse=True, return_counts=True)
    order = random.permutation(len(accounts))
    kept = np.zeros(len(accounts), dtype=np.bool_)
    kept[order[np.cumsum(sizes[order]) <= FOLLOWED]] = True
    return kept[mine]
