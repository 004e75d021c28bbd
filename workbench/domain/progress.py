"""How a long job reports, and how it learns that it should stop.

A job receives a ``JobContext``. It calls ``report`` as often as it likes (receivers
throttle) and ``check`` at least every 200 ms, so that cancel takes effect within a second.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from workbench.domain.errors import CancelledError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Progress:
    """One report of a job.

    Attributes:
        step: What is being done, a short phrase for the status bar ("Reading lines").
        done: How much of the whole job is done, in [0, 1]; None while unknown.
        count: Things handled in this step so far (for the rate); None if not counted.
        total: Things in this step; None while unknown.
        unit: What is counted, plural ("lines", "prompts").
        seconds: Since the job began.
    """

    step: str
    done: float | None = None
    count: int | None = None
    total: int | None = None
    unit: str = ""
    seconds: float = 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimate from the share done; None before 2 % or when the share is unknown."""
        if self.done is None or self.done < 0.02:
            return None
        return self.seconds * (1.0 - self.done) / self.done


class JobContext(Protocol):
    """What a job may ask of whoever runs it."""

    def report(
        self,
        step: str,
        *,
        done: float | None = None,
        count: int | None = None,
        total: int | None = None,
        unit: str = "",
    ) -> None:
        """Say how far the job is. Cheap; may be called thousands of times a second."""
        ...

    def check(self) -> None:
        """Raise ``CancelledError`` if the user asked the job to stop."""
        ...


class Job:
    """The ordinary ``JobContext``: throttled reports to one listener, cancel by a flag.

    Args:
        listener: Called with a ``Progress`` at most every ``interval`` seconds, and always
            when the step changes. Called on the job's own thread.
        interval: Least seconds between two reports of the same step.
    """

    def __init__(
        self, listener: Callable[[Progress], None] | None = None, *, interval: float = 0.1
    ) -> None:
        self._listener = listener
        self._interval = interval
        self._cancelled = threading.Event()
        self._began = time.monotonic()
        self._last_at = float("-inf")
        self._last_step = ""

    def report(
        self,
        step: str,
        *,
        done: float | None = None,
        count: int | None = None,
        total: int | None = None,
        unit: str = "",
    ) -> None:
        """Tell the listener, unless it heard of this step a moment ago."""
        if self._listener is None:
            return
        now = time.monotonic()
        if step == self._last_step and now - self._last_at < self._interval:
            return
        self._last_at, self._last_step = now, step
        self._listener(Progress(step, done, count, total, unit, seconds=now - self._began))

    def check(self) -> None:
        """Raise ``CancelledError`` once ``cancel`` was called."""
        if self._cancelled.is_set():
            raise CancelledError

    def cancel(self) -> None:
        """Ask the job to stop; safe from any thread."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether cancel was asked for."""
        return self._cancelled.is_set()


class ScaledJob:
    """A part of a job: its share 0..1 is mapped into [low, high] of the whole.

    Args:
        parent: The whole job.
        low: Where this part begins, in [0, 1].
        high: Where this part ends, in [0, 1].
        name: What every step of it is called; by itself where there is none.
    """

    def __init__(self, parent: JobContext, low: float, high: float, name: str = "") -> None:
        self._parent = parent
        self._low = low
        self._high = high
        self._name = name

    def report(
        self,
        step: str,
        *,
        done: float | None = None,
        count: int | None = None,
        total: int | None = None,
        unit: str = "",
    ) -> None:
        """Report to the whole job, with this part's share mapped into its place."""
        if done is None and count is not None and total:
            done = count / total
        share = None if done is None else self._low + (self._high - self._low) * done
        self._parent.report(self._name or step, done=share, count=count, total=total, unit=unit)

    def check(self) -> None:
        """Raise ``CancelledError`` if the whole job was cancelled."""
        self._parent.check()
