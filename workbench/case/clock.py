"""The time of an entry: what the case records as "when"."""

from __future__ import annotations

import time


def now_us() -> int:
    """UTC microseconds since 1970."""
    return time.time_ns() // 1000
