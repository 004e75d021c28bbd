"""A fingerprint taken from the window: the dialog, and the job that writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from shiboken6 import isValid

from workbench.services.jobs import JobEvent
from workbench.ui.answering import Answering
from workbench.ui.exporting import about

if TYPE_CHECKING:
    from workbench.domain.progress import JobContext
    from workbench.services.matches import Taken
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk
    from workbench.ui.dialogs.fingerprint import Asked, FingerprintDialog
    from workbench.ui.main_window import MainWindow


class Taking(QObject):
    """Connects the action.

    Args:
        window: Owner of the dialog.
        desk: What views share.
    """

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._job = 0
        self._dialog: FingerprintDialog | None = None
        window.actions_["fingerprint"].triggered.connect(lambda: self.ask())
        desk.session.bridge.told.connect(self._hear)

    def ask(self) -> None:
        """Ask what is wanted, beginning with the cluster that is shown."""
        from workbench.ui.dialogs.fingerprint import FingerprintDialog

        path, chosen = self._desk.session.path, self._desk.hub.subject.cluster_id
        if path is None:
            return
        beside = path.resolve().parent

        def read(workspace: Workspace) -> list[tuple[str, str]]:
            rows = workspace.browsing.clusters().to_pylist()
            return [(row["cluster_id"], about(row)) for row in rows]

        def show(clusters: list[tuple[str, str]]) -> None:
            dialog = FingerprintDialog(self._desk.theme, clusters, chosen, beside, self._window)
            dialog.wanted.connect(lambda asked: self._take(dialog, asked))
            dialog.finished.connect(lambda _: self._closed())
            self._dialog = dialog
            dialog.open()

        self._desk.session.ask("fingerprint", read, show)

    def _take(self, dialog: FingerprintDialog, asked: Asked) -> None:
        """As a job: it reads every prompt of the case."""

        def work(workspace: Workspace, job: JobContext) -> Taken:
            return workspace.fingerprinting.take(
                asked.cluster_id,
                asked.out,
                job,
                ask=asked.kinds,
                words=asked.words,
                why=asked.why,
                stix=asked.stix,
            )

        answer = Answering(self._desk.session, dialog)

        def done(taken: Taken) -> None:
            self._job = 0
            answer.close()
            what = next(iter(taken.lines()))
            self._window.notices.say(f"{what}. The journal keeps what was written.")

        def cancelled() -> None:
            if isValid(dialog):
                dialog.say("Cancelled: nothing was written.")

        self._job = self._desk.session.run(
            "Taking a fingerprint", work, done, answer.fail, cancelled
        )

    def _hear(self, event: object) -> None:
        if (
            self._dialog is not None
            and isinstance(event, JobEvent)
            and event.job_id == self._job
            and event.progress is not None
        ):
            self._dialog.show_progress(event.progress)

    def _closed(self) -> None:
        # Who closes it no longer wants the file; what is written already stays.
        self._dialog = None
        if self._job:
            self._desk.session.bridge.cancel(self._job)
