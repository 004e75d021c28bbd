import pytest

from workbench.domain.errors import CancelledError
from workbench.domain.progress import Job, Progress, ScaledJob


def test_a_new_step_is_always_reported_and_the_same_one_is_throttled() -> None:
    heard: list[Progress] = []
    job = Job(heard.append, interval=3600)
    for count in range(1000):
        job.report("Reading lines", count=count, total=1000, unit="lines")
    job.report("Sorting", done=0.5)
    assert [p.step for p in heard] == ["Reading lines", "Sorting"]
    assert heard[0].unit == "lines"


def test_cancel_is_heard_at_the_next_check() -> None:
    job = Job()
    job.report("anything")
    job.check()
    before = job.cancelled
    job.cancel()
    assert (before, job.cancelled) == (False, True)
    with pytest.raises(CancelledError):
        ScaledJob(job, 0, 1).check()


def test_a_part_maps_its_share_into_the_whole() -> None:
    heard: list[Progress] = []
    part = ScaledJob(Job(heard.append, interval=0), 0.5, 0.9)
    part.report("a", done=0.5)
    part.report("b", count=1, total=4)
    part.report("c")
    assert [p.done for p in heard] == [pytest.approx(0.7), pytest.approx(0.6), None]


def test_a_part_with_a_name_says_it_at_every_step() -> None:
    heard: list[Progress] = []
    part = ScaledJob(Job(heard.append, interval=0), 0.0, 0.5, "the first of two")
    part.report("a", done=0.5)
    part.report("b", done=1.0)
    assert {p.step for p in heard} == {"the first of two"}
    assert [p.done for p in heard] == [pytest.approx(0.25), pytest.approx(0.5)]


def test_time_left_is_only_said_when_it_is_known() -> None:
    assert Progress("x").seconds_left is None
    assert Progress("x", done=0.01, seconds=5).seconds_left is None
    assert Progress("x", done=0.25, seconds=10).seconds_left == pytest.approx(30)
