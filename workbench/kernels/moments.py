"""Moments out of texts: the one form that machines write most. This room must not guess."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numba
import numpy as np

from workbench.kernels.json_tokens import NINE, POINT, ZERO, byte_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: No moment of that form.
NO_MOMENT: Final = -(2**63)

#: What stands between the digits of ``2026-05-01T12:00:00``; 0 where a digit stands.
_FORM: Final = np.array([0 if c == "0" else ord(c) for c in "0000-00-00T00:00:00"], np.uint8)
_ENDS: Final = np.frombuffer(b"Z+00:00", np.uint8)
_LENGTHS: Final = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


@numba.njit(inline="always")
def _digits(data: NDArray[np.uint8], p: int, count: int) -> int:
    value = 0
    for i in range(p, p + count):
        value = value * 10 + int(byte_at(data, i) - ZERO)
    return value


@numba.njit(nogil=True, cache=True)
def moment_at(data: NDArray[np.uint8], low: int, high: int) -> int:
    """Microseconds since 1970 of ``2026-05-01T12:00:00.123456Z``, or ``NO_MOMENT``.

    The fraction has one to six digits or is left out; ``+00:00`` may stand for the Z. Days are
    counted as by Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.

    Args:
        data: Bytes, shape (n,).
        low: First byte of the text.
        high: One past its last.
    """
    if high - low < 20:
        return NO_MOMENT
    for i in range(19):
        c = byte_at(data, low + i)
        if (c != _FORM[i]) if _FORM[i] else (c < ZERO or c > NINE):
            return NO_MOMENT
    year, month, day = _digits(data, low, 4), _digits(data, low + 5, 2), _digits(data, low + 8, 2)
    hour, minute = _digits(data, low + 11, 2), _digits(data, low + 14, 2)
    second = _digits(data, low + 17, 2)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if year < 1 or month < 1 or month > 12 or hour > 23 or minute > 59 or second > 59:
        return NO_MOMENT
    if day < 1 or day > _LENGTHS[month - 1] + (leap and month == 2):
        return NO_MOMENT
    p = low + 19
    fraction, scale = 0, 1_000_000
    if byte_at(data, p) == POINT:
        p += 1
        while p < high and ZERO <= byte_at(data, p) <= NINE and scale > 1:
            fraction = fraction * 10 + int(byte_at(data, p) - ZERO)
            scale //= 10
            p += 1
        if scale == 1_000_000:
            return NO_MOMENT
    # What is left is a Z, or +00:00.
    first = 0 if high - p == 1 else 1
    if high - p != 1 and high - p != 6:
        return NO_MOMENT
    for i in range(high - p):
        if byte_at(data, p + i) != _ENDS[first + i]:
            return NO_MOMENT
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
    seconds: int = ((days * 24 + hour) * 60 + minute) * 60 + second
    return seconds * 1_000_000 + fraction * scale
