"""Has what may hang done on a thread of its own: whoever asked waits, is told, and may leave.

A read from a folder on the network returns when the network does, and nothing can call it back.
So whoever wants its bytes does not read them: a thread does, and when its asker has left it lies
where it hangs, ends by itself once the read returns, and closes what it had opened. What is done
on it must touch nothing but the place that it reads.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, Self, TypeVar

from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from types import TracebackType

    from workbench.domain.progress import JobContext
    from workbench.formats.place import Place

T = TypeVar("T")

#: How often a wait looks whether the user cancelled.
LOOK_S: Final = 0.1
#: A wait of so many seconds for one place is told; disks that wake up take fewer.
TOLD_AFTER_S: Final = 3.0
#: Nothing for so long will not come: network file systems try again for one to three minutes, and
#: an import that nobody watches must not keep a case to itself for ever.
GIVES_UP_AFTER_S: Final = 600.0
#: How long the thread is waited for when its asker leaves it; one that hangs is left behind.
_LEAVES_AFTER_S: Final = 0.3
_MINUTE: Final = 60


class Wait:
    """What is said of a place, and when, while nothing comes from it.

    Args:
        job: Hears it, and may cancel.
        place: What is waited for, or how it was named.
        step: What is being done, told while it is not done at once; empty to tell nothing.
        share: How much has come, in [0, 1]: as long as it grows nothing stalls.
        records: How many records that were.
    """

    def __init__(
        self,
        job: JobContext,
        place: Place | str,
        step: str = "",
        share: Callable[[], float] | None = None,
        records: Callable[[], int] | None = None,
    ) -> None:
        self._job = job
        self._place = place
        self._step = step
        self._share = share
        self._records = records
        self.heard()

    def heard(self) -> None:
        """Something came."""
        self._since = time.monotonic()
        self._before = self._share and self._share()

    def look(self) -> None:
        """Nothing came since the last look.

        Raises:
            InputError: For ``GIVES_UP_AFTER_S``.
            CancelledError: The user cancelled.
        """
        self._job.check()
        share = self._share and self._share()
        if share != self._before:
            self.heard()
        waited = time.monotonic() - self._since
        if waited >= GIVES_UP_AFTER_S:
            raise InputError(
                f"{self._place} has given nothing for {_so_long(waited)}.",
                remedy="Look whether its disk, folder on the network or server answers; or copy "
                "it to a disk of this computer and import that.",
                safe="Nothing of it was loaded.",
            )
        step = self._step
        if waited >= TOLD_AFTER_S:
            short = self._place if isinstance(self._place, str) else self._place.short
            step = f"Waiting for {short}, which has given nothing for {_so_long(waited)}"
        if step:
            count = self._records and self._records()
            self._job.report(step, done=share, count=count, unit="records" if count else "")


class Attendant:
    """A thread that does one thing after the other; started at the first, and ended with it."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._at_end = ExitStack()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the thread; where it hangs it ends by itself, later."""
        self._tasks.put(None)
        if self._thread is not None:
            self._thread.join(_LEAVES_AFTER_S)

    def start(self, work: Callable[[], None]) -> None:
        """Have this done and do not wait. It must raise nothing, and see itself when to stop."""
        self._tasks.put(work)
        if self._thread is None:
            self._thread = threading.Thread(
                target=_serve, args=(self._tasks, self._at_end), name="import-reader", daemon=True
            )
            self._thread.start()

    def do(self, wait: Wait, work: Callable[[], T]) -> T:
        """Have this done, and wait for it.

        Raises:
            InputError: Nothing came for too long.
            CancelledError: The user cancelled.
            Exception: Whatever the work raised.
        """
        answer: Future[T] = Future()
        done = threading.Event()

        def work_and_tell() -> None:
            try:
                answer.set_result(work())
            # Whatever it is, it is no matter of this thread: who waits raises it as its own.
            except BaseException as error:  # noqa: BLE001
                answer.set_exception(error)
            done.set()

        wait.heard()
        self.start(work_and_tell)
        while not done.wait(LOOK_S):
            wait.look()
        return answer.result()

    def enter(self, wait: Wait, open_it: Callable[[], AbstractContextManager[T]]) -> T:
        """Have something opened; it is closed on the same thread, when that ends.

        Raises:
            Exception: As ``do``.
        """
        return self.do(wait, lambda: self._at_end.enter_context(open_it()))


def _serve(tasks: SimpleQueue[Callable[[], None] | None], at_end: ExitStack) -> None:
    # A network that is gone may also fail to close: nothing was written.
    with suppress(OSError), at_end:
        while (task := tasks.get()) is not None:
            task()


def _so_long(seconds: float) -> str:
    """In words that change seldom: a line is printed for each."""
    if seconds < _MINUTE:
        return f"{int(seconds) // 5 * 5 or int(seconds)} seconds"
    minutes = int(seconds) // _MINUTE
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
