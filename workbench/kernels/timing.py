"""Arithmetic on sorted times, account by account.

Times are int64 microseconds in compressed rows: account a holds ``ts[offsets[a]:offsets[a + 1]]``,
ascending; unknown times (the least int64) come first in a row and are left out. Knows nothing of
what the figures mean.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

UNKNOWN = np.iinfo(np.int64).min
HOUR_US = 3_600_000_000
WEEK_HOURS = 168
#: 1970-01-01 was a Thursday; with this shift hour 0 is Monday 00:00 UTC.
_MONDAY_SHIFT = 72


@njit(cache=True, nogil=True)
def known_from(offsets: np.ndarray, ts: np.ndarray) -> np.ndarray:
    """Where the known times of each row begin: i64[A]."""
    begin = offsets[:-1].copy()
    for row in range(len(begin)):
        while begin[row] < offsets[row + 1] and ts[begin[row]] == UNKNOWN:
            begin[row] += 1
    return begin


@njit(cache=True, nogil=True)
def gap_moments(offsets: np.ndarray, ts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and standard deviation of the gaps between neighbouring times.

    Args:
        offsets: i64[A + 1].
        ts: i64[N], microseconds, ascending within a row.

    Returns:
        (gaps i64[A], mean f64[A] and population standard deviation f64[A] in seconds); mean and
        deviation are NaN in a row with no gap.
    """
    begin = known_from(offsets, ts)
    rows = len(begin)
    gaps = np.zeros(rows, np.int64)
    mean = np.full(rows, np.nan)
    deviation = np.full(rows, np.nan)
    for row in range(rows):
        n = offsets[row + 1] - begin[row] - 1
        if n < 1:
            continue
        centre = (ts[offsets[row + 1] - 1] - ts[begin[row]]) / 1e6 / n
        squares = 0.0
        for at in range(begin[row] + 1, offsets[row + 1]):
            gap = (ts[at] - ts[at - 1]) / 1e6 - centre
            squares += gap * gap
        gaps[row] = n
        mean[row] = centre
        deviation[row] = math.sqrt(squares / n)
    return gaps, mean, deviation


@njit(cache=True, nogil=True)
def alone(offsets: np.ndarray, ts: np.ndarray, reach_us: int) -> tuple[np.ndarray, np.ndarray]:
    """Times with no other time of their row within ``reach_us`` on either side.

    Returns:
        (alone i64[A], known times i64[A]).
    """
    begin = known_from(offsets, ts)
    found = np.zeros(len(begin), np.int64)
    known = np.zeros(len(begin), np.int64)
    for row in range(len(begin)):
        last = offsets[row + 1]
        known[row] = last - begin[row]
        for at in range(begin[row], last):
            before = at > begin[row] and ts[at] - ts[at - 1] <= reach_us
            after = at + 1 < last and ts[at + 1] - ts[at] <= reach_us
            if not before and not after:
                found[row] += 1
    return found, known


@njit(cache=True, nogil=True)
def hour_spread(offsets: np.ndarray, ts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How evenly a row's active hours lie over the hours of the week and of the day.

    An active hour is an hour of the calendar with at least one time; counting hours instead of
    times keeps one busy session from speaking for the whole week.

    Returns:
        (active hours i64[A]; entropy over the 168 hours of the week in bits, f64[A], with the
        Miller-Madow correction (K - 1) / (2 n ln 2); Simpson's unbiased diversity over the 24
        hours of the day, f64[A]: the chance that two active hours differ). NaN below 1 and 2
        active hours.
    """
    begin = known_from(offsets, ts)
    rows = len(begin)
    active = np.zeros(rows, np.int64)
    entropy = np.full(rows, np.nan)
    diversity = np.full(rows, np.nan)
    week = np.zeros(WEEK_HOURS, np.int64)
    day = np.zeros(24, np.int64)
    for row in range(rows):
        week[:] = 0
        day[:] = 0
        n = 0
        previous = UNKNOWN
        for at in range(begin[row], offsets[row + 1]):
            hour = ts[at] // HOUR_US
            if hour == previous:
                continue
            previous = hour
            week[(hour + _MONDAY_SHIFT) % WEEK_HOURS] += 1
            day[hour % 24] += 1
            n += 1
        active[row] = n
        if n == 0:
            continue
        bits = 0.0
        kinds = 0
        for hour in range(WEEK_HOURS):
            if week[hour] > 0:
                share = week[hour] / n
                bits -= share * math.log2(share)
                kinds += 1
        entropy[row] = bits + (kinds - 1) / (2.0 * n * math.log(2.0))
        if n > 1:
            same = 0.0
            for hour in range(24):
                same += day[hour] * (day[hour] - 1.0)
            diversity[row] = 1.0 - same / (n * (n - 1.0))
    return active, entropy, diversity


@njit(cache=True, nogil=True)
def within(sorted_values: np.ndarray, at: np.ndarray, reach: int) -> np.ndarray:
    """How many of ``sorted_values`` lie within ``reach`` of each of ``at``: i64[len(at)]."""
    found = np.empty(len(at), np.int64)
    for i in range(len(at)):
        low = np.searchsorted(sorted_values, at[i] - reach)
        high = np.searchsorted(sorted_values, at[i] + reach, side="right")
        found[i] = high - low
    return found
