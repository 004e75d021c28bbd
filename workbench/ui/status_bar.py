"""The line at the foot: the running job, what the case holds, when the journal was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.domain.text import elide
from workbench.services import wording
from workbench.services.door_words import in_short, told
from workbench.ui import figures
from workbench.ui.states import Icon, ShareBar, share_done, what_is_left
from workbench.ui.tokens import STATUS_BAR
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from workbench.domain.progress import Progress
    from workbench.services.info import Info
    from workbench.services.jobs import JobEvent
    from workbench.ui.theme import Theme
    from workbench.ui.undo import Undoable


class StatusBar(QWidget):
    """The status bar.

    Args:
        theme: The look.
    """

    #: The running job should stop: its id.
    cancelled = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(10)
        self.job = QWidget()
        job = QHBoxLayout(self.job)
        job.setContentsMargins(0, 0, 0, 0)
        job.setSpacing(8)
        self._step = Text(theme, "", "second")
        self._bar = ShareBar("Progress of the running job")
        self._bar.setFixedWidth(110)
        self._share = Text(theme, "", "second", "t2")
        self.cancel = Button(theme, "Cancel", kind="link", tip="Cancel the running job (Ctrl+.)")
        self.cancel.setProperty("slim", "true")
        for widget in (Icon(theme, "ph.spinner", 14, "acc"), self._step, self._bar, self._share):
            job.addWidget(widget)
        job.addWidget(self.cancel)
        row.addWidget(self.job)
        self.counts = Text(theme, "", "second", "t2")
        row.addWidget(self.counts)
        row.addStretch(1)
        self._saved_icon = Icon(theme, "ph.shield-check", 14, "teal")
        self._saved = Text(theme, "", "second", "t2")
        self._undo = Text(theme, "", "second", "t2")
        row.addWidget(self._saved_icon)
        row.addWidget(self._saved)
        row.addWidget(self._undo)
        self._job_id = 0
        self.cancel.clicked.connect(lambda: self.cancelled.emit(self._job_id))
        self.job.hide()
        self._saved_icon.hide()
        self._refresh()
        theme.changed.connect(self._refresh)

    def show_job(self, event: JobEvent) -> None:
        """Show the news of a job; one that ended gives its place back."""
        if event.state.final:
            if event.job_id == self._job_id:
                self._job_id = 0
                self.job.hide()
            return
        if self._job_id not in {0, event.job_id}:
            return
        if event.job_id != self._job_id:
            self._job_id = event.job_id
            self.cancel.setEnabled(True)
        self._show_progress(event.title, event.progress)
        self.job.show()

    def show_info(self, info: Info | None) -> None:
        """Say what the case holds."""
        if info is None:
            self.counts.setText("")
            self.counts.setToolTip("")
            return
        parts = [
            wording.exchanges(info.n_exchanges),
            wording.accounts(info.n_accounts),
            wording.prompts(info.n_prompts),
        ]
        if info.accounting.rejected:
            parts.append(f"{info.accounting.rejected:,} rejected")
        if not info.door.is_open:
            parts.append(in_short(info.door))
        if info.kept.words:
            parts.append(info.kept.words)
        self.counts.setText("  ·  ".join(parts))
        self.counts.setToolTip(figures.tooltip("\n".join(told(info.door))))

    def show_journal(self, state: Undoable) -> None:
        """Say when the last entry was made durable, and what undo would take back."""
        saved = state.last_us is not None
        self._saved_icon.setVisible(saved)
        self._saved.setText(
            f"Journal saved {figures.moment(state.last_us)[11:]} UTC" if saved else ""
        )
        what = figures.line(state.undo)
        self._undo.setText(f"Undo: {elide(what, 60)}" if what else "")

    def _show_progress(self, title: str, progress: Progress | None) -> None:
        if progress is None:
            self._step.setText(title)
            self._bar.show_share(None)
            self._share.setText("")
            return
        self._step.setText(f"{title}: {figures.line(progress.step)[:60]}")
        self._bar.show_share(progress.done)
        parts = (share_done(progress), what_is_left(progress))
        self._share.setText("  ·  ".join(part for part in parts if part))

    def _refresh(self) -> None:
        self.setMinimumHeight(self._theme.px(STATUS_BAR))
