"""Work over blocks on a few threads, answers in the order of the blocks.

For kernels and numpy calls that let go of the interpreter. The number of threads never changes
a result: each block is computed by itself, and whoever reduces does so in order.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from workbench.domain.progress import JobContext

_Block = TypeVar("_Block")
_Answer = TypeVar("_Answer")


def in_order(
    function: Callable[[_Block], _Answer],
    blocks: Iterable[_Block],
    *,
    threads: int,
    job: JobContext,
) -> Generator[_Answer]:
    """``function(block)`` for every block, in order; at most ``2 * threads`` are held at once.

    Args:
        function: Called on a worker thread; must not touch what other calls change.
        blocks: Read on the caller's thread, as room is made (a scan of the engine may be one).
        threads: Worker threads, at least 1.
        job: Asked every 100 ms whether to stop.

    Raises:
        CancelledError: The job was cancelled; blocks under way are waited for.
    """
    threads = max(1, threads)
    waiting: deque[Future[_Answer]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="analysis") as pool:
        try:
            for block in blocks:
                job.check()
                waiting.append(pool.submit(function, block))
                if len(waiting) >= 2 * threads:
                    yield _answer(waiting.popleft(), job)
            while waiting:
                yield _answer(waiting.popleft(), job)
        finally:
            for future in waiting:
                future.cancel()


def _answer(future: Future[_Answer], job: JobContext) -> _Answer:
    while True:
        job.check()
        done, _ = wait((future,), timeout=0.1)
        if done:
            return future.result()
