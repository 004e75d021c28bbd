"""Blocks on threads: order, errors, cancel."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.analysis.fakes import RecordingJob
from workbench.analysis.threads import in_order
from workbench.domain.errors import CancelledError
from workbench.domain.progress import Job

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_answers_come_in_the_order_of_the_blocks(threads: int) -> None:
    answers = list(in_order(lambda n: n * n, range(50), threads=threads, job=RecordingJob()))
    assert answers == [n * n for n in range(50)]


def test_no_blocks_no_answers() -> None:
    assert list(in_order(lambda n: n, [], threads=2, job=RecordingJob())) == []


def test_few_blocks_are_held_at_once() -> None:
    read: list[int] = []

    def blocks() -> Iterator[int]:
        for n in range(20):
            read.append(n)
            yield n

    answers = in_order(lambda n: n, blocks(), threads=2, job=RecordingJob())
    next(answers)
    assert len(read) == 4
    assert list(answers) == list(range(1, 20))


def test_an_error_in_a_block_reaches_the_caller() -> None:
    def fail(n: int) -> int:
        if n == 3:
            raise ValueError("block 3")
        return n

    with pytest.raises(ValueError, match="block 3"):
        list(in_order(fail, range(10), threads=2, job=RecordingJob()))


def test_cancel_ends_the_wait_for_a_slow_block() -> None:
    job = Job()
    going_on = threading.Event()

    def slow(_: int) -> None:
        job.cancel()
        going_on.wait(0.3)

    with pytest.raises(CancelledError):
        list(in_order(slow, range(4), threads=2, job=job))
