"""The time of an entry: what the case records as "when"."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_us() -> int:
    """UTC microseconds since 1970."""
    return time.time_ns() // 1000


def moment(us: int) -> str:
    """Such a time as it is told: RFC 3339, to the second."""
    return f"{datetime.fromtimestamp(us // 1_000_000, UTC):%Y-%m-%dT%H:%M:%S}Z"
