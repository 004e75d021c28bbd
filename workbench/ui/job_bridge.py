"""The one bridge from background lanes to the window.

One long-lived object on the UI thread: workers put events into a queue and wake it; it hands
each answer to whoever asked, on the UI thread. Signal objects per job would die on the pool's
threads. This room runs nothing itself and shows nothing.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from workbench.services.jobs import JobEvent, JobState, Lane, Lanes

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.domain.progress import JobContext, Progress

#: Longest stretch of answers handled before other events of the window get their turn.
_BUDGET_S: Final = 0.008


def is_alive(callback: Callable[..., Any] | None) -> bool:
    """Whether whoever a callback belongs to is still there.

    A dialog may be closed while the answer to its question is on its way. Looks at the object
    of a method, and at what a function encloses.
    """
    if callback is None:
        return False
    owners = [getattr(callback, "__self__", None)]
    for cell in getattr(callback, "__closure__", None) or ():
        # A cell is empty until what it names is assigned.
        with suppress(ValueError):
            owners.append(cell.cell_contents)
    return all(isValid(owner) for owner in owners if isinstance(owner, QObject))


@dataclass(frozen=True, slots=True)
class _Asker:
    topic: str
    done: Callable[[Any], None] | None
    failed: Callable[[BaseException], None] | None
    cancelled: Callable[[], None] | None
    told: Callable[[Progress], None] | None


class JobBridge(QObject):
    """Submits work to the lanes and delivers answers on the UI thread, stale ones dropped."""

    #: A titled job (one that the jobs panel shows) has news: ``JobEvent``.
    told = Signal(object)
    #: Work failed that nobody listens for: the exception.
    unheard = Signal(object)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._events: SimpleQueue[JobEvent] = SimpleQueue()
        self._awake = False
        self._askers: dict[int, _Asker] = {}
        self._newest: dict[str, int] = {}
        self._closed = False
        self._lanes = Lanes(self._deliver)
        self._woken.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    def submit(
        self,
        work: Callable[[JobContext], Any],
        *,
        lane: Lane,
        title: str = "",
        topic: str = "",
        done: Callable[[Any], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
        cancelled: Callable[[], None] | None = None,
        told: Callable[[Progress], None] | None = None,
    ) -> int:
        """Run work on a lane; exactly one of the callbacks hears of it, on the UI thread.

        Args:
            work: Runs on a worker thread; must not touch a widget.
            lane: Where.
            title: Shown in the jobs panel; empty keeps it out.
            topic: The question that it answers. An answer is dropped when a newer question of
                the topic was asked meanwhile: then no callback is called.
            done: Gets the result.
            failed: Gets the exception; without it the exception goes to ``unheard``.
            cancelled: The job was cancelled.
            told: Hears before that how far it is.
        """
        job_id = self._lanes.submit(
            work, lane=lane, title=title, topic=topic, heard=told is not None
        )
        self._askers[job_id] = _Asker(topic, done, failed, cancelled, told)
        if topic:
            self._newest[topic] = job_id
        return job_id

    def cancel(self, job_id: int) -> None:
        """Ask a job to stop."""
        self._lanes.cancel(job_id)

    def forget(self, topic: str) -> None:
        """Drop the answer that is still to come, and stop the work where it can be stopped."""
        job_id = self._newest.pop(topic, None)
        if job_id is not None:
            self._lanes.cancel(job_id)

    def busy(self, lane: Lane | None = None) -> bool:
        """Whether any work waits or runs."""
        return self._lanes.busy(lane)

    @property
    def awaited(self) -> bool:
        """Whether anybody waits for an answer."""
        return bool(self._askers)

    def close(self) -> None:
        """Cancel everything and end the threads; no callback is called any more."""
        self._closed = True
        self._askers.clear()
        self._lanes.close()

    def _deliver(self, event: JobEvent) -> None:
        """Called on worker threads."""
        self._events.put(event)
        if not self._awake and not self._closed:
            self._awake = True
            self._woken.emit()

    def _drain(self) -> None:
        # Cleared first: an event that comes while the queue is read wakes the bridge again.
        self._awake = False
        until = time.perf_counter() + _BUDGET_S
        while not self._closed:
            try:
                event = self._events.get_nowait()
            except Empty:
                return
            self._handle(event)
            if time.perf_counter() > until:
                self._awake = True
                self._woken.emit()
                return

    def _handle(self, event: JobEvent) -> None:
        if event.title:
            self.told.emit(event)
        if not event.state.final:
            self._tell_progress(event)
            return
        asker = self._askers.pop(event.job_id, None)
        if asker is None:
            return
        if asker.topic:
            if self._newest.get(asker.topic) != event.job_id:
                return
            del self._newest[asker.topic]
        if event.state is JobState.DONE:
            if asker.done is not None:
                asker.done(event.result)
        elif event.state is JobState.CANCELLED:
            if asker.cancelled is not None:
                asker.cancelled()
        elif asker.failed is not None:
            assert event.error is not None
            asker.failed(event.error)
        else:
            self.unheard.emit(event.error)

    def _tell_progress(self, event: JobEvent) -> None:
        asker = self._askers.get(event.job_id)
        if asker is None or asker.told is None or event.progress is None:
            return
        if not asker.topic or self._newest.get(asker.topic) == event.job_id:
            asker.told(event.progress)
