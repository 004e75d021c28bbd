"""Times as logs write them, to UTC microseconds. Must not guess a zone.

Read are RFC 3339 text and the ISO 8601 forms near it (a blank for the T, a short or missing
offset, a comma before the fraction, a date alone), and epoch numbers in seconds, milli-, micro-
or nanoseconds, told apart by their magnitude. A text without offset is naive: it is read in the
zone that the user named, and without one it cannot be read.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.errors import InputError
from workbench.formats.text import is_absent

if TYPE_CHECKING:
    from collections.abc import Sequence

_US: Final = pa.timestamp("us")
_US_UTC: Final = pa.timestamp("us", tz="UTC")
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)

#: Years 1 and 9999, the limits of a calendar date that anything downstream can print.
_EARLIEST_US: Final = -62_135_596_800_000_000
_LATEST_US: Final = 253_402_300_799_999_999

#: An epoch number below the first bound counts seconds, below the next milliseconds, and so on.
#: Each bound is the year 5138 in its own unit and March 1973 in the next finer one.
_UNITS: Final = ((10**11, 1_000_000, 1), (10**14, 1_000, 1), (10**17, 1, 1), (10**20, 1, 1_000))

_TEXT: Final = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<time>\d\d:\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"\ ?(?P<zone>[Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?\Z",
    re.ASCII,
)
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?\Z", re.ASCII)
_NO_OFFSET: Final = frozenset({"Z", "z", "UTC", "GMT"})

#: Said instead of a zone: naive times are to be NULL.
NO_ZONE: Final = "none"


def zone_named(name: str) -> dt.tzinfo | None:
    """The IANA zone, or None for an empty name and for ``NO_ZONE``.

    Raises:
        InputError: No such zone.
    """
    if name in {"", NO_ZONE}:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"{name!r} is not a time zone.",
            remedy="Give an IANA name such as UTC or Europe/Berlin.",
        ) from error


def read_time(value: Any, zone: dt.tzinfo | None) -> int | None:
    """One time as UTC microseconds since 1970; None when it cannot be read.

    Fractions finer than a microsecond are cut off. A leap second (``:60``) is the first
    microsecond after it. A naive time that the zone has twice (autumn) is the first of the two.

    Args:
        value: Text, number, ``datetime`` or ``date``.
        zone: Of naive times.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        return _from_number(text) if _NUMBER.match(text) else _from_text(text, zone)
    if isinstance(value, int | float | Decimal):
        return _from_number(value)
    if isinstance(value, dt.datetime):
        return _in_zone(value, zone)
    if isinstance(value, dt.date):
        return _in_zone(dt.datetime(value.year, value.month, value.day), zone)
    return None


def milliseconds(start: Any, end: Any) -> float | None:
    """From one time to another; None where either cannot be read or the second comes first.

    Two naive times of one record share their zone, which cancels out.
    """
    first = None if start is None else read_time(start, dt.UTC)
    last = None if end is None else read_time(end, dt.UTC)
    if first is None or last is None or last < first:
        return None
    return (last - first) / 1000


def read_times(values: Sequence[Any], zone: dt.tzinfo | None) -> tuple[pa.Array, list[int]]:
    """A column of times.

    Args:
        values: Raw values; None is absent.
        zone: Of naive times.

    Returns:
        Timestamps in UTC microseconds (no zone in the type), length of ``values``; and the
        indices of the values that were given but could not be read (NULL in the array).
    """
    fast = _all_text(values)
    if fast is not None:
        return fast, []
    out: list[int | None] = []
    failed: list[int] = []
    for index, value in enumerate(values):
        if value is None or (isinstance(value, str) and is_absent(value)):
            out.append(None)
            continue
        out.append(read_time(value, zone))
        if out[-1] is None:
            failed.append(index)
    return pa.array(out, pa.int64()).cast(_US), failed


def _all_text(values: Sequence[Any]) -> pa.Array | None:
    try:
        return instants(pa.array(values, pa.string()))
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return None


def instants(texts: pa.Array) -> pa.Array | None:
    """The whole column by Arrow's parser, which is ten times faster, or None.

    It accepts only texts with an offset and at most six digits of fraction, and reads those as
    ``read_time`` does (a test compares them); one value that it refuses sends the column back.
    """
    try:
        return pc.cast(texts, _US_UTC).cast(_US)
    except pa.ArrowInvalid:
        return None


def _from_number(value: str | float | Decimal) -> int | None:
    """Epoch number to microseconds; exact for integers and for text."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    if isinstance(value, float) and abs(value) < 10**11:
        # A double of seconds holds a microsecond to within a third: round, do not cut.
        return _in_range(round(value * 1_000_000)) if math.isfinite(value) else None
    for bound, factor, divisor in _UNITS:
        if abs(number) < bound:
            return _in_range(math.floor(number * factor / divisor))
    return None


def _from_text(text: str, zone: dt.tzinfo | None) -> int | None:
    match = _TEXT.match(text)
    if match is None:
        return None
    second = match["second"] or "00"
    leap = second == "60"
    clock = f"{match['time'] or '00:00'}:{'59' if leap else second}"
    try:
        moment = dt.datetime.fromisoformat(f"{match['date']}T{clock}")
    except ValueError:
        return None
    offset = match["zone"]
    if offset is None:
        microseconds = _in_zone(moment, zone)
    elif offset in _NO_OFFSET:
        microseconds = _in_zone(moment, dt.UTC)
    else:
        minutes = int(offset[1:3]) * 60 + int(offset[3:].lstrip(":") or 0)
        if minutes >= 24 * 60 or int(offset[3:].lstrip(":") or 0) > 59:
            return None
        microseconds = _in_zone(moment, dt.UTC)
        if microseconds is not None:
            microseconds -= (-1 if offset[0] == "-" else 1) * minutes * 60_000_000
    if microseconds is None:
        return None
    fraction = 0 if leap else int((match["fraction"] or "0")[:6].ljust(6, "0"))
    return _in_range(microseconds + fraction + (1_000_000 if leap else 0))


def _in_zone(moment: dt.datetime, zone: dt.tzinfo | None) -> int | None:
    if moment.tzinfo is None:
        if zone is None:
            return None
        moment = moment.replace(tzinfo=zone)
    try:
        return _in_range((moment - _EPOCH) // _MICROSECOND)
    except OverflowError:
        return None


def _in_range(microseconds: int) -> int | None:
    return microseconds if _EARLIEST_US <= microseconds <= _LATEST_US else None
