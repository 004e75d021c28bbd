"""Lanes of background work: who runs where, who waits, who is dropped, who is told.

Threads only, no Qt: the window hangs a listener on it, the tests a list. Every job gets a
``JobContext`` for progress and cancellation. A listener is called on the job's own thread, so it
must be quick and must not touch a widget.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.errors import CancelledError
from workbench.domain.progress import Job, JobContext, Progress

if TYPE_CHECKING:
    from collections.abc import Callable


class Lane(StrEnum):
    """Where a job runs. Lanes never wait for one another."""

    INTERACTIVE = "interactive"
    READ = "read"
    WRITE = "write"
    HEAVY = "heavy"


#: Threads of a lane. One writer, so that decisions keep their order; one heavy job at a time.
WIDTH: Final[dict[Lane, int]] = {Lane.INTERACTIVE: 1, Lane.READ: 2, Lane.WRITE: 1, Lane.HEAVY: 1}


class JobState(StrEnum):
    """Where a job stands; the last three are final, and each job reaches exactly one of them."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more will be heard of the job."""
        return self in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


@dataclass(frozen=True, slots=True)
class JobEvent:
    """What the listener hears of a job.

    Attributes:
        job_id: As returned by ``Lanes.submit``.
        title: What the job is, for the jobs panel.
        lane: Where it runs.
        state: Where it stands.
        progress: The last report; None before the first.
        result: What the work returned, once done.
        error: What it raised, once failed.
    """

    job_id: int
    title: str
    lane: Lane
    state: JobState
    progress: Progress | None = None
    result: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class _Entry:
    job_id: int
    title: str
    lane: Lane
    topic: str
    heard: bool
    work: Callable[[JobContext], Any]
    job: Job = field(init=False)
    progress: Progress | None = None


class Lanes:
    """Runs work on the threads of its lanes and tells one listener.

    Of a topic the newest wins: a new job of the topic cancels those that wait or run. Threads
    start with the first job of their lane and end with ``close``.

    Args:
        listener: Called on worker threads, and on the submitting thread for jobs that never ran.
    """

    def __init__(self, listener: Callable[[JobEvent], None]) -> None:
        self._listener = listener
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._waiting: dict[Lane, deque[_Entry]] = {lane: deque() for lane in Lane}
        self._running: dict[int, _Entry] = {}
        self._threads: list[threading.Thread] = []
        self._closed = False

    def submit(
        self,
        work: Callable[[JobContext], Any],
        *,
        lane: Lane,
        title: str = "",
        topic: str = "",
        heard: bool = False,
    ) -> int:
        """Queue work and return its job id at once.

        Args:
            work: Called with the job's context on a thread of the lane.
            lane: Where it runs.
            title: For the jobs panel.
            topic: The question that this answers; an older job of the topic is dropped. Empty:
                nothing is dropped.
            heard: Whether its reports are told, though it has no title.

        Raises:
            RuntimeError: The lanes were closed.
        """
        entry = _Entry(next(self._numbers), title, lane, topic, heard or bool(title), work)
        entry.job = Job(lambda progress: self._report(entry, progress))
        dropped: list[_Entry] = []
        with self._changed:
            if self._closed:
                raise RuntimeError("the lanes are closed")
            if topic:
                dropped = self._take_waiting(lambda other: other.topic == topic)
                for other in self._running.values():
                    if other.topic == topic:
                        other.job.cancel()
            self._waiting[lane].append(entry)
            self._staff(lane)
            self._changed.notify_all()
        self._tell_cancelled(dropped)
        if title:
            self._tell(entry, JobState.WAITING)
        return entry.job_id

    def cancel(self, job_id: int) -> None:
        """Drop a waiting job, or ask a running one to stop. Unknown and finished ids do nothing."""
        with self._changed:
            dropped = self._take_waiting(lambda other: other.job_id == job_id)
            running = self._running.get(job_id)
        if running is not None:
            running.job.cancel()
        self._tell_cancelled(dropped)

    def busy(self, lane: Lane | None = None) -> bool:
        """Whether any job waits or runs (in one lane)."""
        with self._changed:
            waiting = any(q for name, q in self._waiting.items() if lane in {None, name})
            return waiting or any(e.lane is lane or lane is None for e in self._running.values())

    def close(self) -> None:
        """Cancel everything, wait for what runs, and end the threads. May be called twice."""
        with self._changed:
            self._closed = True
            dropped = self._take_waiting(lambda _: True)
            for entry in self._running.values():
                entry.job.cancel()
            self._changed.notify_all()
        self._tell_cancelled(dropped)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _take_waiting(self, matches: Callable[[_Entry], bool]) -> list[_Entry]:
        """Remove the waiting jobs that match; the caller holds the condition."""
        taken: list[_Entry] = []
        for lane, queue in self._waiting.items():
            taken += [entry for entry in queue if matches(entry)]
            self._waiting[lane] = deque(entry for entry in queue if not matches(entry))
        return taken

    def _staff(self, lane: Lane) -> None:
        """Start a thread unless the lane has all of its own; the caller holds the condition."""
        prefix = f"lane-{lane.value}-"
        present = sum(thread.name.startswith(prefix) for thread in self._threads)
        busy = sum(entry.lane is lane for entry in self._running.values())
        if present < WIDTH[lane] and present < busy + len(self._waiting[lane]):
            thread = threading.Thread(
                target=self._serve, args=(lane,), name=f"{prefix}{present + 1}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def _serve(self, lane: Lane) -> None:
        while True:
            with self._changed:
                while not self._waiting[lane] and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                entry = self._waiting[lane].popleft()
                self._running[entry.job_id] = entry
            try:
                self._run(entry)
            finally:
                with self._changed:
                    self._running.pop(entry.job_id, None)
                    self._changed.notify_all()

    def _run(self, entry: _Entry) -> None:
        if entry.title:
            self._tell(entry, JobState.RUNNING)
        try:
            result = entry.work(entry.job)
        except CancelledError:
            self._tell(entry, JobState.CANCELLED)
        except Exception as error:  # noqa: BLE001  whatever the work raised is the answer
            self._tell(entry, JobState.FAILED, error=error)
        else:
            # A job that finished before it saw the request is done: its result stands.
            self._tell(entry, JobState.DONE, result=result)

    def _report(self, entry: _Entry, progress: Progress) -> None:
        entry.progress = progress
        if entry.heard:
            self._tell(entry, JobState.RUNNING)

    def _tell_cancelled(self, entries: list[_Entry]) -> None:
        for entry in entries:
            self._tell(entry, JobState.CANCELLED)

    def _tell(
        self,
        entry: _Entry,
        state: JobState,
        *,
        result: Any = None,
        error: BaseException | None = None,
    ) -> None:
        event = JobEvent(
            entry.job_id, entry.title, entry.lane, state, entry.progress, result, error
        )
        self._listener(event)
