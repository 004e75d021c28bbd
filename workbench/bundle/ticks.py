"""Times and axes: UTC microseconds as times, whole counts and whole days as marks."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR_US: Final = 3_600_000_000
_DAY_US: Final = 24 * _HOUR_US
#: Spans between marks, in hours.
_HOURS: Final = (1, 3, 6, 12, 24, 48, 96, 168, 336, 720, 1440, 2880, 8760)


def moment(at_us: int) -> datetime:
    """UTC microseconds as a time, also before 1970 on every system."""
    return _EPOCH + timedelta(microseconds=at_us)


def count_ticks(highest: float, *, most: int) -> tuple[list[float], list[str]]:
    """Marks from 0 in steps of 1, 2, 2.5 or 5 times a power of ten.

    Args:
        highest: The largest value drawn.
        most: Marks above 0, at most.

    Returns:
        Positions and their labels, exact and with thousands separators.
    """
    highest = max(highest, 1.0)
    power = 10.0 ** math.floor(math.log10(highest / most))
    steps = [f * power for f in (1, 2, 2.5, 5, 10, 20)]
    step = next(s for s in steps if s >= 1 and s == int(s) and int(highest / s + 0.02) <= most)
    ticks = [i * step for i in range(int(highest / step + 0.02) + 1)]
    return ticks, [f"{int(tick):,}" for tick in ticks]


def time_ticks(first_us: int, last_us: int, *, most: int = 9) -> tuple[list[float], list[str]]:
    """Marks on whole days (hours, where the span is short), UTC.

    Args:
        first_us: Left end of the axis, UTC microseconds.
        last_us: Right end.
        most: Marks, at most.

    Returns:
        Positions in UTC microseconds and labels like "14 May" or "14 May 06:00".
    """
    hours = max((last_us - first_us) / _HOUR_US, 1e-9)
    step = next((h for h in _HOURS if hours / h <= most), _HOURS[-1])
    tick = first_us // _DAY_US * _DAY_US
    while tick < first_us:
        tick += min(step, 24) * _HOUR_US
    ticks: list[float] = []
    labels: list[str] = []
    while tick <= last_us and len(ticks) <= most:
        at = moment(tick)
        ticks.append(float(tick))
        labels.append(f"{at.day} {at:%b}" + ("" if step >= 24 else f" {at:%H:%M}"))
        tick += step * _HOUR_US
    return ticks, labels
