"""Exchanges over time, counted exactly: what the timeline draws.

Bins are whole steps that people name (a minute, an hour, a day), aligned to UTC. Beside the counts
stand the moments of the chosen accounts: when they signed up, and when they were first refused as
suspended. Pure functions of one reading; keeps nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.domain.ports import Statement
from workbench.services.results import NO_TIME

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from workbench.services.results import Results

#: What the case says of the moments of accounts.
MOMENTS: Final = Statement.read(__file__, "moments")
_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
#: Bin widths in microseconds with their names ("Exchanges an hour").
STEPS: Final[tuple[tuple[int, str], ...]] = (
    (_SECOND, "a second"),
    (10 * _SECOND, "in 10 seconds"),
    (_MINUTE, "a minute"),
    (10 * _MINUTE, "in 10 minutes"),
    (_HOUR, "an hour"),
    (3 * _HOUR, "in 3 hours"),
    (6 * _HOUR, "in 6 hours"),
    (12 * _HOUR, "in 12 hours"),
    (_DAY, "a day"),
    (7 * _DAY, "a week"),
    (28 * _DAY, "in 4 weeks"),
    (364 * _DAY, "in 52 weeks"),
)


def _nobody() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What the log says of each account beside its exchanges, UTC microseconds.

    Attributes:
        signed_up: i64[A], when it was created; ``NO_TIME`` = not said.
        suspended: i64[A], its first exchange refused because it was suspended, else when a table
            beside the log says that it was banned; ``NO_TIME`` = none.
    """

    signed_up: NDArray[np.int64]
    suspended: NDArray[np.int64]


def moments(results: Results, table: pa.Table) -> Moments:
    """The moments of the accounts of a reading.

    Args:
        results: The reading.
        table: account_key, signed_up_us, suspended_us; accounts that the reading does not know
            (imported since) are left out.
    """
    index_of = results.index_of
    places = [index_of.get(key, -1) for key in table.column("account_key").to_pylist()]
    place = np.array(places, dtype=np.int64)
    known = place >= 0

    def of(name: str) -> NDArray[np.int64]:
        values = np.full(results.n_accounts, NO_TIME, dtype=np.int64)
        values[place[known]] = table.column(name).fill_null(NO_TIME).to_numpy()[known]
        return values

    return Moments(of("signed_up_us"), of("suspended_us"))


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Counts of exchanges in equal bins.

    Attributes:
        first_us: Start of the first bin, UTC microseconds.
        bin_us: Width of a bin; 0 when no exchange has a time.
        step: Its name ("an hour").
        total: i64[bins], all exchanges.
        chosen: i64[bins], those of the chosen accounts; None when none were named.
        n_undated: Exchanges without a time: in no bin.
        n_chosen: Exchanges of the chosen accounts, undated ones included.
        n_accounts: Chosen accounts.
        signed_up: i64[], when the chosen accounts signed up, ascending; empty where not said.
        suspended: i64[], when they were first refused as suspended, ascending.
    """

    first_us: int
    bin_us: int
    step: str
    total: NDArray[np.int64]
    chosen: NDArray[np.int64] | None = None
    n_undated: int = 0
    n_chosen: int = 0
    n_accounts: int = 0
    signed_up: NDArray[np.int64] = field(default_factory=_nobody)
    suspended: NDArray[np.int64] = field(default_factory=_nobody)

    def with_moments(self, found: Moments, indices: NDArray[np.int64]) -> Timeline:
        """The same with the moments of the chosen accounts."""

        def said(values: NDArray[np.int64]) -> NDArray[np.int64]:
            chosen = values[indices]
            return np.sort(chosen[chosen != NO_TIME])

        return replace(self, signed_up=said(found.signed_up), suspended=said(found.suspended))

    @property
    def last_us(self) -> int:
        """End of the last bin (exclusive)."""
        return self.first_us + self.bin_us * int(self.total.size)

    def bounds(self, place: int) -> tuple[int, int]:
        """Start and end (exclusive) of a bin."""
        start = self.first_us + place * self.bin_us
        return start, start + self.bin_us


def timeline(results: Results, indices: NDArray[np.int64] | None, bins: int) -> Timeline:
    """Count all exchanges, and those of the chosen accounts, over time.

    Args:
        results: The reading.
        indices: Accounts to count apart; None counts none apart.
        bins: Most bins; the width is the least named step that needs no more.
    """
    points = results.points
    if points is None or points.ts.size == 0:
        return Timeline(0, 0, "", np.zeros(0, dtype=np.int64))
    dated = points.ts != NO_TIME
    whole = bool(dated.all())
    ts = points.ts if whole else points.ts[dated]
    n_undated = int(points.ts.size - ts.size)
    chosen_points = None
    if indices is not None:
        chosen_accounts = np.zeros(results.n_accounts, dtype=np.bool_)
        chosen_accounts[indices] = True
        chosen_points = points.of(chosen_accounts)
    n_chosen = 0 if chosen_points is None else int(chosen_points.sum())
    n_accounts = 0 if indices is None else len(indices)
    if ts.size == 0:
        empty = np.zeros(0, dtype=np.int64)
        return Timeline(0, 0, "", empty, None, n_undated, n_chosen, n_accounts)
    first, width, step = _scale(int(ts.min()), int(ts.max()), bins)
    size = (int(ts.max()) - first) // width + 1
    place = (ts - first) // width
    total = np.bincount(place, minlength=size).astype(np.int64)
    chosen = None
    if chosen_points is not None:
        mine = chosen_points if whole else chosen_points[dated]
        chosen = np.bincount(place[mine], minlength=size).astype(np.int64)
    return Timeline(first, width, step, total, chosen, n_undated, n_chosen, n_accounts)


def _scale(least: int, most: int, bins: int) -> tuple[int, int, str]:
    """Aligned start, width and name of the bins."""
    for width, step in STEPS:
        first = least // width * width
        if (most - first) // width < bins:
            return first, width, step
    # Times from 1970 to 2099 in one log: more than 52 weeks a bin; still whole weeks.
    week = 7 * _DAY
    width = -(-(most - least + 1) // (bins * week)) * week + week
    return least // width * width, width, f"in {width // week:,} weeks"
