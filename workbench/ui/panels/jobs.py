"""Long jobs: what runs, how far it is, what is left; what ended and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from workbench.domain.errors import KnownError
from workbench.services.jobs import JobEvent, JobState
from workbench.ui import figures
from workbench.ui.panels.panel import Panel
from workbench.ui.states import (
    Icon,
    ShareBar,
    count_done,
    share_done,
    time_left,
    what_is_left,
)
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from workbench.ui.desk import Desk
    from workbench.ui.theme import Theme

#: Ended jobs that stay in the list.
_KEPT: Final = 30
_ENDINGS: Final = {
    JobState.DONE: ("ph.check-circle", "teal", "Done"),
    JobState.CANCELLED: ("ph.x-circle", "t3", "Cancelled: nothing half-done remains"),
    JobState.FAILED: ("ph.warning-circle", "red", "Failed"),
}


class JobRow(QFrame):
    """One job.

    Args:
        theme: The look.
        event: The first that was heard of it.
    """

    #: The user wants it to stop.
    cancelled = Signal()

    def __init__(self, theme: Theme, event: JobEvent) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self.title = Text(theme, event.title, "strong")
        self.step = Text(theme, "Waiting", "second", "t2")
        self.figures = Text(theme, "", "second", "t2")
        self.bar = ShareBar(event.title)
        self.button = Button(theme, "Cancel")
        self.button.setAccessibleName(f"Cancel {event.title}")
        self.button.clicked.connect(self._on_cancel)
        self._icon = Icon(theme, "ph.clock", 16, "t3")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(12)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.figures)
        words.addLayout(head)
        words.addWidget(self.bar)
        words.addWidget(self.step)
        layout.addLayout(words, 1)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hear(event)

    def hear(self, event: JobEvent) -> None:
        """Show the latest news."""
        if event.state.final:
            self._end(event)
            return
        progress = event.progress
        if progress is None:
            self.step.setText("Waiting" if event.state is JobState.WAITING else "Starting")
            return
        self.step.setText(figures.line(progress.step))
        parts = [count_done(progress)]
        if progress.count and progress.seconds > 1:
            parts.append(f"{progress.count / progress.seconds:,.0f} {progress.unit} a second")
        parts += [share_done(progress), what_is_left(progress)]
        self.bar.show_share(progress.done)
        self.figures.setText("  ·  ".join(part for part in parts if part))

    def _end(self, event: JobEvent) -> None:
        icon, colour, word = _ENDINGS[event.state]
        self._icon.set_icon(icon, colour)
        self.bar.hide()
        self.button.hide()
        if event.progress is not None:
            self.figures.setText(time_left(event.progress.seconds))
        if isinstance(event.error, KnownError):
            word = str(event.error)
        elif event.error is not None:
            word = f"This is a bug in workbench: {type(event.error).__name__}"
        self.step.setText(figures.line(word))

    def _on_cancel(self) -> None:
        self.button.setEnabled(False)
        self.step.setText("Stopping")
        self.cancelled.emit()


class JobsPanel(Panel):
    """All long jobs of the case that is open, the newest first.

    Args:
        desk: What views share.
    """

    #: How many jobs wait or run, for the tab.
    counted = Signal(int)

    def __init__(self, desk: Desk) -> None:
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        page = QWidget()
        page.setProperty("surface", "bg1")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._list = QVBoxLayout(page)
        self._list.setContentsMargins(12, 10, 12, 10)
        self._list.setSpacing(6)
        self._list.addStretch(1)
        self.area.setWidget(page)
        super().__init__(desk, self.area)
        self._rows: dict[int, JobRow] = {}
        self._running: set[int] = set()
        #: Jobs of cases that were left; they are being cancelled.
        self._left: set[int] = set()
        desk.session.bridge.told.connect(self._hear)
        desk.session.opened.connect(lambda _: self._start_anew())
        desk.session.closed.connect(self._start_anew)
        self._start_anew()

    def _start_anew(self) -> None:
        self._left |= self._running
        self._running.clear()
        for row in self._rows.values():
            row.hide()
            row.deleteLater()
        self._rows.clear()
        self.counted.emit(0)
        self.show_empty(
            "ph.gear",
            "No jobs yet",
            "Imports, analyses and exports run in the background and are listed here.",
        )

    def _hear(self, event: JobEvent) -> None:
        if event.job_id in self._left:
            return
        row = self._rows.get(event.job_id)
        if row is None:
            row = JobRow(self.theme, event)
            row.cancelled.connect(lambda: self.desk.session.bridge.cancel(event.job_id))
            self._rows[event.job_id] = row
            self._list.insertWidget(0, row)
            self.show_body()
        else:
            row.hear(event)
        before = len(self._running)
        (self._running.discard if event.state.final else self._running.add)(event.job_id)
        if len(self._running) != before:
            self.counted.emit(len(self._running))
        self._drop_oldest()

    def _drop_oldest(self) -> None:
        ended = [job_id for job_id in self._rows if job_id not in self._running]
        for job_id in ended[: max(0, len(ended) - _KEPT)]:
            self._rows.pop(job_id).deleteLater()
