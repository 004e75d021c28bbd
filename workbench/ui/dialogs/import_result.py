"""Last page of the import: progress, then what became of every record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.domain.errors import KnownError
from workbench.domain.text import visible_text
from workbench.services.jobs import JobEvent
from workbench.ui.dialogs.accounting import AccountingView
from workbench.ui.dialogs.form import scrolled
from workbench.ui.states import ErrorState, LoadingState
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from workbench.services.importing import ImportReport
    from workbench.ui.theme import Theme


class ResultPage(QWidget):
    """A running import, its error, or its fates."""

    #: The user wants the import to stop.
    cancelled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget | None = None
        self._running: LoadingState | None = None
        self.job_id = 0
        #: Whether the import is over and loaded something.
        self.loaded = False

    def begin(self) -> None:
        """Show a job that starts now."""
        self.loaded = False
        self._running = LoadingState(self._theme, "Importing logs")
        self._running.cancelled.connect(self.cancelled)
        self._put(self._running)

    def hear(self, event: object) -> None:
        """Follow the progress of this page's job."""
        if (
            isinstance(event, JobEvent)
            and event.job_id == self.job_id
            and event.progress is not None
            and self._running is not None
        ):
            self._running.show_progress(event.progress)

    def show_error(self, error: BaseException | None) -> None:
        """Show why nothing was loaded; None: it was cancelled."""
        if error is None:
            state = ErrorState(
                self._theme, "Import cancelled", "The case is as it was before. Nothing was loaded."
            )
        elif isinstance(error, KnownError):
            state = ErrorState.of(self._theme, error)
        else:
            state = ErrorState(
                self._theme,
                "The import stopped on a bug of ours",
                f"{type(error).__name__}: {error}",
            )
        self._put(state)

    def show_report(self, report: ImportReport) -> None:
        """Show the fates: in total, then file by file, then what to look at."""
        self.loaded = True
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(10)
        column.addWidget(Text(self._theme, "Every record is accounted for", "view"))
        total = AccountingView(self._theme)
        total.set_accounting(report.total)
        column.addWidget(total)
        for file in report.files:
            name = visible_text(Path(file.path).name, keep_newlines=False)
            already = ", was in the case before: nothing changed" if file.already else ""
            column.addSpacing(6)
            column.addWidget(Text(self._theme, name, "strong"))
            column.addWidget(
                Text(self._theme, f"{file.format}{already}", "second", "t2", wrap=True)
            )
            if len(report.files) > 1:  # of one file the total says it all
                fates = AccountingView(self._theme)
                fates.set_accounting(file.accounting)
                column.addWidget(fates)
        for doubt in report.doubts:
            column.addWidget(
                Text(self._theme, visible_text(doubt.shown), "second", "amb", wrap=True)
            )
        column.addStretch(1)
        self._put(scrolled(page))

    def _put(self, widget: QWidget) -> None:
        if widget is not self._running:
            self._running = None
        if self._shown is not None:
            self._layout.removeWidget(self._shown)
            self._shown.deleteLater()
        self._shown = widget
        self._layout.addWidget(widget)
