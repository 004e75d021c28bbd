"""Keeps workers busy while the writer writes: reads, hashes and hands out blocks on a thread.

Without it the workers would starve during each commit, and the commit wait for each read. Blocks
come back in the order of the file; so many are under way that a commit's worth is ready.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from workbench.domain.ports import Parsed
from workbench.formats.attendant import LOOK_S
from workbench.formats.batch import moved, rejected

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from workbench.domain.progress import JobContext
    from workbench.formats.adapter import Recipe
    from workbench.formats.attendant import Attendant, Wait
    from workbench.formats.blocks import Block
    from workbench.formats.stream import ByteStream, SoFar
    from workbench.formats.workers import WorkerPool

#: Blocks under way beside two for each worker: the writer takes them while a chunk is written.
_AHEAD: Final = 2


@dataclass(frozen=True, slots=True)
class _Underway:
    """A block that a worker has, or one that needs none.

    Attributes:
        answer: What becomes of it.
        offset: Where it begins in the decompressed file.
        so_far: How much of the file had been read with it.
    """

    answer: Future[Parsed] | Parsed
    offset: int
    so_far: SoFar

    def wait(self, job: JobContext) -> Parsed:
        if isinstance(self.answer, Parsed):
            return self.answer
        job.check()
        while not wait((self.answer,), timeout=LOOK_S).done:
            job.check()
        return moved(self.answer.result(), self.offset)


class Pump:
    """One file on its way through the workers.

    Args:
        blocks: The file, cut; taken by the attendant alone.
        stream: The file, for what was read of it.
        recipe: How to read the blocks.
        pool: Who reads them.
        attendant: On whose thread the file is read; busy until the results are at their end.
        first: Whether the first of them is the file's.
    """

    def __init__(
        self,
        blocks: Iterator[Block],
        stream: ByteStream,
        recipe: Recipe,
        pool: WorkerPool,
        attendant: Attendant,
        *,
        first: bool = True,
    ) -> None:
        self._first = first
        self._blocks = blocks
        self._stream = stream
        self._recipe = recipe
        self._pool = pool
        self._attendant = attendant
        self._underway: SimpleQueue[_Underway | BaseException | None] = SimpleQueue()
        self._room = threading.Semaphore(2 * pool.count + _AHEAD)
        self._handing_over = threading.Lock()
        self._stopped = False

    def results(
        self, job: JobContext, patience: Wait
    ) -> Generator[tuple[SoFar, Parsed], None, None]:
        """What of the file was read, and a block; offsets from the file's first byte.

        Args:
            job: May cancel.
            patience: For the file, while no block of it comes.

        Raises:
            InputError: Nothing came for too long.
            CancelledError: The user cancelled.
            Exception: Whatever reading raised.
        """
        patience.heard()
        self._attendant.start(self._fill)
        try:
            while True:
                job.check()
                try:
                    item = self._underway.get(timeout=LOOK_S)
                except Empty:
                    patience.look()
                    continue
                if item is None:
                    return
                if isinstance(item, BaseException):
                    raise item
                parsed = item.wait(job)
                self._room.release()
                yield item.so_far, parsed
                patience.heard()
        finally:
            with self._handing_over:  # a read that hangs now finds nobody when it returns
                self._stopped = True

    def _fill(self) -> None:
        """Read until the file ends, the pump stops, or something goes wrong."""
        first = self._first
        try:
            for block in self._blocks:
                while not self._room.acquire(timeout=LOOK_S):
                    if self._stopped:
                        return
                answer: Future[Parsed] | Parsed
                with self._handing_over:
                    if self._stopped:
                        return
                    if block.reason:
                        answer = rejected(block.offset, block.reason, bytes(block.data))
                    else:
                        answer = self._pool.read(self._recipe, block.data, first=first)
                self._underway.put(_Underway(answer, block.offset, self._stream.so_far))
                first = False
            self._underway.put(None)
        except BaseException as error:  # noqa: BLE001  raised again where the results are taken
            self._underway.put(error)
