"""Lanes: order, newest wins, cancel, and no thread left."""

import threading
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from workbench.domain.progress import JobContext
from workbench.services.jobs import JobEvent, JobState, Lane, Lanes


class _Heard:
    def __init__(self) -> None:
        self._queue: SimpleQueue[JobEvent] = SimpleQueue()

    def __call__(self, event: JobEvent) -> None:
        self._queue.put(event)

    def final(self, job_id: int) -> JobEvent:
        while True:
            event = self._queue.get(timeout=5)
            if event.job_id == job_id and event.state.final:
                return event


@pytest.fixture
def heard() -> _Heard:
    return _Heard()


@pytest.fixture
def lanes(heard: _Heard) -> Iterator[Lanes]:
    lanes = Lanes(heard)
    yield lanes
    lanes.close()


def test_work_returns_its_result_on_another_thread(lanes: Lanes, heard: _Heard) -> None:
    job_id = lanes.submit(lambda job: threading.current_thread().name, lane=Lane.READ)
    event = heard.final(job_id)
    assert event.state is JobState.DONE
    assert event.result == "lane-read-1"


def test_what_the_work_raises_is_told_once(lanes: Lanes, heard: _Heard) -> None:
    def fail(job: JobContext) -> None:
        raise ValueError("no")

    event = heard.final(lanes.submit(fail, lane=Lane.READ))
    assert event.state is JobState.FAILED
    assert isinstance(event.error, ValueError)


def test_the_newest_of_a_topic_wins(lanes: Lanes, heard: _Heard) -> None:
    began, go = threading.Event(), threading.Event()

    def slow(job: JobContext) -> str:
        began.set()
        go.wait(5)
        job.check()
        return "old"

    old = lanes.submit(slow, lane=Lane.INTERACTIVE, topic="lasso")
    assert began.wait(5)
    waiting = lanes.submit(lambda job: "middle", lane=Lane.INTERACTIVE, topic="lasso")
    other = lanes.submit(lambda job: "other", lane=Lane.INTERACTIVE, topic="hover")
    newest = lanes.submit(lambda job: "new", lane=Lane.INTERACTIVE, topic="lasso")
    go.set()
    finals: dict[int, JobEvent] = {}
    while len(finals) < 4:
        event = heard._queue.get(timeout=5)
        if event.state.final:
            finals[event.job_id] = event
    assert finals[old].state is JobState.CANCELLED
    assert finals[waiting].state is JobState.CANCELLED
    assert finals[other].result == "other"
    assert finals[newest].result == "new"


def test_writes_keep_their_order(lanes: Lanes, heard: _Heard) -> None:
    written: list[int] = []
    ids = [
        lanes.submit(lambda job, n=n: written.append(n), lane=Lane.WRITE)  # type: ignore[misc]
        for n in range(50)
    ]
    heard.final(ids[-1])
    assert written == list(range(50))


def test_cancel_of_a_running_job_takes_effect_at_its_next_check(
    lanes: Lanes, heard: _Heard
) -> None:
    began = threading.Event()

    def forever(job: JobContext) -> None:
        began.set()
        while True:
            job.check()

    job_id = lanes.submit(forever, lane=Lane.HEAVY, title="Forever")
    assert began.wait(5)
    lanes.cancel(job_id)
    assert heard.final(job_id).state is JobState.CANCELLED


def test_a_waiting_job_is_cancelled_without_running(lanes: Lanes, heard: _Heard) -> None:
    go = threading.Event()
    first = lanes.submit(lambda job: go.wait(5), lane=Lane.HEAVY, title="First")
    ran: list[bool] = []
    second = lanes.submit(lambda job: ran.append(True), lane=Lane.HEAVY, title="Second")
    lanes.cancel(second)
    assert heard.final(second).state is JobState.CANCELLED
    go.set()
    heard.final(first)
    assert not ran


def test_titled_jobs_report_waiting_running_and_progress(lanes: Lanes, heard: _Heard) -> None:
    def work(job: JobContext) -> None:
        job.report("Reading", done=0.5, count=1, total=2, unit="lines")

    job_id = lanes.submit(work, lane=Lane.HEAVY, title="Import")
    seen = []
    while True:
        event = heard._queue.get(timeout=5)
        seen.append(event)
        if event.state.final:
            break
    assert all(event.job_id == job_id for event in seen)
    assert {event.state for event in seen} == {JobState.WAITING, JobState.RUNNING, JobState.DONE}
    steps = [event.progress.step for event in seen if event.progress]
    assert "Reading" in steps


def test_close_cancels_everything_and_ends_the_threads(heard: _Heard) -> None:
    lanes = Lanes(heard)
    began = threading.Event()

    def forever(job: JobContext) -> None:
        began.set()
        while True:
            job.check()

    running = lanes.submit(forever, lane=Lane.HEAVY, title="Running")
    waiting = lanes.submit(forever, lane=Lane.HEAVY, title="Waiting")
    assert began.wait(5)
    lanes.close()
    lanes.close()
    assert {heard.final(waiting).state, heard.final(running).state} <= {JobState.CANCELLED}
    with pytest.raises(RuntimeError):
        lanes.submit(forever, lane=Lane.READ)
    assert not lanes.busy()
