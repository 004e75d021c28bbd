"""Workers that turn blocks into Arrow. They never see a case or a database.

Each is a thread, which reads blocks of lines at once itself (hardly any of that needs the
interpreter's lock), and a process for the others, spawned at the first of them. The process is
niced, and ends when its socket closes: with the pool, or with the process that made the pool,
however that ended.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
import threading
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, Self

from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.wire import (
    ANSWER,
    REQUEST,
    ClosedError,
    Wire,
    receive_parsed,
    send_parsed,
)

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess
    from types import TracebackType

    from workbench.domain.ports import Parsed

#: So that the window and the writer go first.
_NICENESS: Final = 5


class WorkerError(RuntimeError):
    """A worker failed or went away: our bug, or the system ended it."""


class WorkerPool:
    """A few workers, started at the first block.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self.count = max(1, count)
        self._workers = [_Worker() for _ in range(self.count)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, recipe: Recipe, data: memoryview, *, first: bool) -> Future[Parsed]:
        """Have a block read; see ``Adapter.read``."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.count, thread_name_prefix="import-worker")
            for worker in self._workers:
                self._idle.put(worker)
        return self._threads.submit(self._on_a_worker, recipe, data, first)

    def _on_a_worker(self, recipe: Recipe, data: memoryview, first: bool) -> Parsed:
        worker = self._idle.get()
        try:
            return worker.read(recipe, data, first)
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End the workers, also in the middle of a block; blocks not yet read are dropped."""
        for worker in self._workers:
            worker.end()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
            self._threads = None
        for worker in self._workers:
            worker.join()
        self._workers = [_Worker() for _ in range(self.count)]
        self._idle = SimpleQueue()


class _Worker:
    """One process, once it is needed, and our end of its socket; used by one thread at a time."""

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None
        self._wire: Wire | None = None
        self._adapter: Adapter | None = None
        self._recipe: Recipe | None = None
        self._sent: Recipe | None = None
        self._ended = threading.Event()

    def read(self, recipe: Recipe, data: memoryview, first: bool) -> Parsed:
        if self._adapter is None or recipe is not self._recipe:
            self._adapter, self._recipe = Adapter(recipe), recipe
        parsed = self._adapter.read_at_once(data)
        return self._read_apart(recipe, data, first) if parsed is None else parsed

    def _read_apart(self, recipe: Recipe, data: memoryview, first: bool) -> Parsed:
        """Have the process read it."""
        wire = self._wire or self._start()
        told = b"" if recipe is self._sent else recipe.encoded()
        self._sent = recipe
        try:
            wire.send(REQUEST.pack(len(told), len(data), first), told, data)
            answer = receive_parsed(wire)
        except ClosedError:
            raise WorkerError("a worker of the import went away in the middle of a block") from None
        if isinstance(answer, str):
            raise WorkerError(answer)
        return answer

    def _start(self) -> Wire:
        ours, theirs = socket.socketpair()
        self._wire = Wire(ours)
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        if self._ended.is_set():  # while it was starting
            self._process.terminate()
        return self._wire

    def end(self) -> None:
        self._ended.set()
        if self._process is not None and self._process.pid is not None:
            self._process.terminate()

    def join(self) -> None:
        """Wait for the process; no thread may use it any more."""
        if self._process is not None:
            self._process.terminate()
            self._process.join()
            self._process.close()
        if self._wire is not None:
            self._wire.close()


def serve(end: socket.socket) -> None:
    """Read blocks until the socket closes. The main function of a worker process."""
    with contextlib.suppress(OSError, AttributeError):  # Windows has no nice
        os.nice(_NICENESS)
    wire = Wire(end)
    adapter: Adapter | None = None
    with contextlib.suppress(ClosedError):
        while True:
            n_recipe, n_data, first = REQUEST.unpack(wire.receive(REQUEST.size))
            recipe = wire.receive(n_recipe)
            data = wire.receive(n_data).to_pybytes()
            try:
                if n_recipe or adapter is None:
                    adapter = Adapter(Recipe.decoded(recipe.to_pybytes()))
                parsed = adapter.read(data, first=first)
            except Exception:  # noqa: BLE001  the parent raises it as its own
                text = traceback.format_exc().encode("utf-8", "replace")
                wire.send(ANSWER.pack(False, 0, 0, len(text), 0, 0, 0), text)
            else:
                send_parsed(wire, parsed)
