"""The clock: when each exchange happens. Sittings inside days inside weeks; one code for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.simulate.chance import pick

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.simulate.cast import Cast

#: The observed span begins on a Monday.
BEGIN_US: Final = 1_772_409_600_000_000  # 2026-03-02T00:00:00Z
DAY_US: Final = 86_400_000_000
#: Relative activity of people by local hour.
_NIGHT: Final = (1.2, 0.7, 0.4, 0.25, 0.2, 0.3, 0.8, 1.8)
_DAY: Final = (3.2, 4.4, 5.0, 4.8, 4.2, 4.4, 4.9, 4.9)
_EVENING: Final = (4.6, 4.0, 3.6, 3.8, 4.2, 4.2, 3.4, 2.2)
_DAILY: Final = np.array([*_NIGHT, *_DAY, *_EVENING])
_REDRAWS: Final = 6


@dataclass(frozen=True, slots=True)
class Timetable:
    """When everything happens; N exchanges grouped by account, in time order within a sitting.

    Attributes:
        account: Shape (N,), row of the cast.
        days: Shape (N,), days since the span began.
        sitting: Shape (N,), number of the sitting, dense from 0.
        first: Shape (N,), whether the exchange opens its sitting.
    """

    account: NDArray[np.int64]
    days: NDArray[np.float64]
    sitting: NDArray[np.int64]
    first: NDArray[np.bool_]


def timetable(
    rng: np.random.Generator,
    cast: Cast,
    counts: NDArray[np.int64],
    utc: NDArray[np.float64],
    days: int,
) -> Timetable:
    """Place every exchange in time.

    Args:
        rng: Where chance comes from.
        cast: Who asks.
        counts: Shape (A,), exchanges of each account, at least 1.
        utc: Shape (A,), hours from UTC where each account lives.
        days: Length of the span.
    """
    account = np.repeat(np.arange(len(counts)), counts)
    total = len(account)
    opens = np.zeros(total, dtype=np.bool_)
    first_of = np.concatenate([[0], np.cumsum(counts)[:-1]])
    opens[first_of] = True
    opens |= rng.random(total) < 1.0 / cast.session[account]
    sitting = np.cumsum(opens) - 1
    rows = np.flatnonzero(opens)
    starts = _sitting_starts(rng, cast, account[rows], utc, days)
    # The first sitting of an account that begins inside the span is its beginning.
    newcomer = cast.start > 0
    starts[sitting[first_of[newcomer]]] = cast.start[newcomer]
    gaps = cast.gap_s[account] * np.exp(0.9 * rng.standard_normal(total)) / 86_400.0
    gaps[opens] = 0.0
    elapsed = np.cumsum(gaps)
    within = elapsed - elapsed[rows][sitting]
    # A sitting that would run over the edge of the span begins earlier.
    last = np.append(rows[1:], total) - 1
    starts = np.minimum(starts, days - 1e-6 - within[last])
    at = np.maximum(starts, 0.0)[sitting] + within
    return Timetable(account, at, sitting, opens)


def _sitting_starts(
    rng: np.random.Generator,
    cast: Cast,
    account: NDArray[np.int64],
    utc: NDArray[np.float64],
    days: int,
) -> NDArray[np.float64]:
    """Days since the span began at which each sitting starts; shape of ``account``."""
    low = cast.start[account]
    high = np.minimum(cast.end[account], float(days))
    weekend = cast.weekend[account]
    offset = utc[account] / 24.0
    top = np.maximum(weekend, 1.0)
    at = np.empty(len(account))
    todo = np.arange(len(account))
    for _ in range(_REDRAWS):
        drawn = low[todo] + rng.random(len(todo)) * (high[todo] - low[todo])
        local = np.floor(drawn + offset[todo])
        accept = np.where(np.mod(local, 7) >= 5, weekend[todo], 1.0) / top[todo]
        at[todo] = drawn
        todo = todo[rng.random(len(todo)) >= accept]
        if not len(todo):
            break
    hours = pick(rng, _DAILY, len(account)) + rng.random(len(account))
    daily = np.floor(at + offset) + hours / 24.0 - offset
    keeps_hours = rng.random(len(account)) >= cast.flatness[account]
    moved = np.where(keeps_hours, daily, at)
    return np.where((moved < low) | (moved >= days), at, moved)
