"""What the window has open, and the only way from a view to the case.

Views hold no workspace: they hand over work, which runs on a lane with the workspace, and get
the answer back on the UI thread. So no case call can happen on the UI thread by accident.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal

from workbench.domain.changes import Changes
from workbench.domain.errors import CancelledError
from workbench.services.jobs import Lane
from workbench.ui.job_bridge import is_alive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from workbench.domain.progress import JobContext, Progress
    from workbench.services.workspace import Workspace
    from workbench.ui.job_bridge import JobBridge

_T = TypeVar("_T")


class _Lease:
    """A workspace that is closed only when no work uses it any more."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._users = 0
        self._ending = False
        self._changed = threading.Condition()

    @contextmanager
    def use(self) -> Iterator[Workspace]:
        """The workspace, for one piece of work.

        Raises:
            CancelledError: It is being closed.
        """
        with self._changed:
            if self._ending:
                raise CancelledError
            self._users += 1
        try:
            yield self._workspace
        finally:
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Let nobody in, wait for those inside, close. May be called twice."""
        with self._changed:
            if self._ending:
                return
            self._ending = True
            self._changed.wait_for(lambda: self._users == 0)
        self._workspace.close()


class Session(QObject):
    """One case at a time, reached through lanes.

    Args:
        bridge: Runs work and delivers answers.
        opener: Opens or creates a case: (path, create) -> workspace. Called on a lane.
        parent: Owner.
    """

    #: A case was opened (its path as text), after the one before it was let go.
    opened = Signal(str)
    #: The case was closed; nothing is open.
    closed = Signal()
    #: Something of the case changed: ``Changes``.
    changed = Signal(object)
    #: Work failed that no view claims: the exception.
    failed = Signal(object)

    def __init__(
        self,
        bridge: JobBridge,
        opener: Callable[[Path, bool], Workspace],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._opener = opener
        self._lease: _Lease | None = None
        self._path: Path | None = None
        self._heavy: set[int] = set()
        self._looks: set[str] = set()
        bridge.unheard.connect(self.failed)

    @property
    def path(self) -> Path | None:
        """The open case folder, or None."""
        return self._path

    @property
    def bridge(self) -> JobBridge:
        """The bridge, for the jobs panel and for cancelling."""
        return self._bridge

    def open(
        self, path: Path, *, create: bool = False, then: Callable[[], None] | None = None
    ) -> None:
        """Open a case in the background; the one that is open stays until that worked.

        Long jobs of the case that is open are cancelled: whoever calls has asked the user.
        """
        before = self._lease
        same = self._path is not None and self._path.resolve() == path.resolve()

        def work(_: JobContext) -> Workspace:
            if before is not None and same:
                # A case is held by one at a time: let it go before it is opened anew.
                before.close()
            return self._opener(path, create)

        def done(workspace: Workspace) -> None:
            self._let_go()
            self._lease, self._path = _Lease(workspace), path
            self.opened.emit(str(path))
            if then is not None:
                then()

        def on_failed(error: BaseException) -> None:
            if same and before is self._lease:
                self._lease = self._path = None
                self.closed.emit()
            self.failed.emit(error)

        self._cancel_all()
        self._bridge.submit(work, lane=Lane.WRITE, topic="open", done=done, failed=on_failed)

    def close_case(self) -> None:
        """Close the case that is open; views clear themselves."""
        if self._lease is None:
            return
        self._cancel_all()
        self._let_go()
        self._path = None
        self.closed.emit()

    def shut_down(self) -> None:
        """End all background work and close the case; called once, when the window closes."""
        self._bridge.close()
        if self._lease is not None:
            self._lease.close()
            self._lease = None

    def ask(
        self,
        topic: str,
        work: Callable[[Workspace], _T],
        then: Callable[[_T], None],
        failed: Callable[[BaseException], None] | None = None,
        *,
        lane: Lane = Lane.READ,
    ) -> None:
        """Read something; a newer question of the same topic makes this answer stale.

        Without an open case nothing happens.
        """
        lease = self._lease
        if lease is None:
            return

        def guarded(_: JobContext) -> _T:
            with lease.use() as workspace:
                return work(workspace)

        self._submit(lease, guarded, then, failed, lane=lane, topic=topic)

    def look(
        self,
        topic: str,
        work: Callable[[Workspace, JobContext], _T],
        then: Callable[[_T], None],
        failed: Callable[[BaseException], None] | None = None,
        told: Callable[[Progress], None] | None = None,
    ) -> None:
        """Read something that may hang, like a file in a folder on the network.

        As ``ask``; but ``forget``, a newer question of the topic and the end of the case cancel
        the work, and ``told`` hears how far it is.
        """
        lease = self._lease
        if lease is None:
            return

        def guarded(job: JobContext) -> _T:
            with lease.use() as workspace:
                return work(workspace, job)

        def hear(progress: Progress) -> None:
            if lease is self._lease and told is not None and is_alive(told):
                told(progress)

        self._looks.add(topic)
        self._submit(lease, guarded, then, failed, lane=Lane.READ, topic=topic, told=hear)

    def forget(self, topic: str) -> None:
        """Nobody waits for that answer any more: work that can be cancelled is."""
        self._looks.discard(topic)
        self._bridge.forget(topic)

    def change(
        self,
        work: Callable[[Workspace], Changes],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Decide something (label, note, undo); decisions keep their order."""
        lease = self._lease
        if lease is None:
            return

        def guarded(_: JobContext) -> Changes:
            with lease.use() as workspace:
                return work(workspace)

        self._submit(lease, guarded, self.changed.emit, failed, lane=Lane.WRITE)

    def run(
        self,
        title: str,
        work: Callable[[Workspace, JobContext], _T],
        then: Callable[[_T], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
        cancelled: Callable[[], None] | None = None,
    ) -> int:
        """Run a long job (import, analysis, export); returns its id, 0 without an open case.

        Its result's ``changes`` are announced to every view; one without any has left a line in
        the journal. A job that ended early may
        have published what it had finished: views are told to look again.
        """
        lease = self._lease
        if lease is None:
            return 0

        def guarded(job: JobContext) -> _T:
            with lease.use() as workspace:
                try:
                    return work(workspace, job)
                except BaseException:
                    workspace.renew()
                    raise

        def done(result: _T) -> None:
            self._heavy.discard(job_id)
            if lease is not self._lease:
                return
            if then is not None and is_alive(then):
                then(result)
            changes: Any = getattr(result, "changes", None)
            # At the least a line of the journal is new.
            self.changed.emit(changes if isinstance(changes, Changes) else Changes())

        def ended(tell: Callable[[], None]) -> None:
            self._heavy.discard(job_id)
            if lease is self._lease:
                self.changed.emit(Changes(given=True, computed=True))
                tell()

        def on_failed(error: BaseException) -> None:
            # Whoever asked may be gone; the error is told all the same.
            tell = failed if failed is not None and is_alive(failed) else self.failed.emit
            ended(lambda: tell(error))

        def on_cancelled() -> None:
            ended(lambda: cancelled() if cancelled is not None and is_alive(cancelled) else None)

        job_id = self._bridge.submit(
            guarded,
            lane=Lane.HEAVY,
            title=title,
            done=done,
            failed=on_failed,
            cancelled=on_cancelled,
        )
        self._heavy.add(job_id)
        return job_id

    def run_closed(
        self,
        title: str,
        work: Callable[[Path, JobContext], _T],
        then: Callable[[_T], None],
        failed: Callable[[BaseException], None],
        cancelled: Callable[[], None],
    ) -> int:
        """Run a long job that needs the case to itself; returns its id, 0 without an open case.

        The case is let go for it, and opened again whatever comes of it; until then views show
        what they have. Long jobs are cancelled: whoever calls has asked the user. The answer is
        given once the case is open again, and not at all where it was left meanwhile.
        """
        lease, path = self._lease, self._path
        if lease is None or path is None:
            return 0
        self._cancel_all()

        def alone(job: JobContext) -> _T:
            lease.close()
            return work(path, job)

        def again(tell: Callable[[], None]) -> None:
            self._heavy.discard(job_id)
            if lease is self._lease:
                self.open(path, then=tell)

        job_id = self._bridge.submit(
            alone,
            lane=Lane.HEAVY,
            title=title,
            done=lambda result: again(lambda: then(result)),
            failed=lambda error: again(lambda: failed(error)),
            cancelled=lambda: again(cancelled),
        )
        self._heavy.add(job_id)
        return job_id

    def _submit(
        self,
        lease: _Lease,
        work: Callable[[JobContext], _T],
        then: Callable[[_T], None],
        failed: Callable[[BaseException], None] | None,
        *,
        lane: Lane,
        topic: str = "",
        told: Callable[[Progress], None] | None = None,
    ) -> None:
        """Answers of a case that was closed meanwhile are dropped."""

        def done(answer: _T) -> None:
            if lease is self._lease and is_alive(then):
                then(answer)

        def on_failed(error: BaseException) -> None:
            if lease is not self._lease:
                return
            if failed is None:
                self.failed.emit(error)
            elif is_alive(failed):
                failed(error)

        self._bridge.submit(work, lane=lane, topic=topic, done=done, failed=on_failed, told=told)

    def _cancel_all(self) -> None:
        """What reads or writes the case for long must let go of it."""
        for job_id in self._heavy:
            self._bridge.cancel(job_id)
        for topic in tuple(self._looks):
            self.forget(topic)

    def _let_go(self) -> None:
        lease, self._lease = self._lease, None
        if lease is not None:
            self._bridge.submit(lambda _: lease.close(), lane=Lane.WRITE)
