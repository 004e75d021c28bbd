"""Long work from the window: import, analysis, and saying when results are out of date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.services.sample import import_sample
from workbench.ui.states import EmptyState, LoadingState, StaleLine

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.domain.changes import Changes
    from workbench.domain.progress import JobContext
    from workbench.domain.settings import AnalysisSettings
    from workbench.services.analysing import AnalysisReport
    from workbench.services.jobs import JobEvent
    from workbench.services.power import Power
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk
    from workbench.ui.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class _State:
    """Where the case stands: what should be done next."""

    n_exchanges: int
    analysed: bool
    stale: bool


class Running(QObject):
    """Connects import and analyse.

    Args:
        window: Owner of dialogs.
        desk: What views share.
    """

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._line: StaleLine | None = None
        #: The latest that was heard of each job that waits or runs, in their order.
        self._running: dict[int, JobEvent] = {}
        self._loading: LoadingState | None = None
        actions = window.actions_
        actions["import"].triggered.connect(lambda: self.bring_in())
        actions["analyse"].triggered.connect(lambda: self.ask_settings())
        actions["power"].triggered.connect(lambda: self.show_planted())
        actions["cancel-job"].triggered.connect(self._cancel)
        actions["cancel-job"].setEnabled(False)
        window.cases.logs_wanted.connect(lambda: self.bring_in())
        window.cases.sample_made.connect(self.fill_sample)
        desk.session.bridge.told.connect(self._hear)
        desk.session.closed.connect(self._drop_line)
        desk.session.changed.connect(self._on_changed)

    # --- import ------------------------------------------------------------------------------
    def bring_in(self, paths: tuple[Path, ...] = ()) -> None:
        """Open the import dialog."""
        from workbench.ui.dialogs.import_logs import ImportDialog

        if self._desk.session.path is None:
            self._window.cases.new(then=lambda: self.bring_in(paths))
            return
        dialog = ImportDialog(self._desk.theme, self._desk.session, paths, self._window)
        dialog.analysis_wanted.connect(lambda: self.analyse())
        dialog.open()

    def fill_sample(self) -> None:
        """Import the sample logs and analyse them, as two jobs."""
        self._desk.session.run("Importing the sample", import_sample, lambda _: self.analyse())

    # --- analysis ----------------------------------------------------------------------------
    def ask_settings(self) -> None:
        """Open the settings of an analysis, as they were last."""
        from workbench.ui.dialogs.analysis import AnalysisDialog

        def read(workspace: Workspace) -> tuple[AnalysisSettings, bool]:
            return workspace.analysing.last_settings(), workspace.browsing.has_vectors()

        def show(answer: tuple[AnalysisSettings, bool]) -> None:
            settings, has_vectors = answer
            dialog = AnalysisDialog(
                self._desk.theme, settings, has_vectors=has_vectors, parent=self._window
            )
            dialog.wanted.connect(self.analyse)
            dialog.open()

        self._desk.session.ask("analysis settings", read, show)

    def analyse(self, settings: AnalysisSettings | None = None) -> None:
        """Run an analysis, with the last settings by default."""

        def work(workspace: Workspace, job: JobContext) -> AnalysisReport:
            wanted = settings or workspace.analysing.last_settings()
            return workspace.analysing.run(wanted, job)

        self._desk.session.run("Analysing", work)

    # --- what would have been found ----------------------------------------------------------
    def show_planted(self) -> None:
        """Show what would have been found of campaigns planted in copies of the case."""
        from workbench.ui.dialogs.planted import PlantedDialog

        def show(found: Power | None) -> None:
            dialog = PlantedDialog(self._desk.theme, found, self._window)
            dialog.wanted.connect(self.plant)
            dialog.open()

        self._desk.session.ask("planted", lambda w: w.detectability.shown(), show)

    def plant(self) -> None:
        """Plant campaigns of the usual sizes and shares; those that are done are kept."""

        def work(workspace: Workspace, job: JobContext) -> Changes:
            from workbench.services.power import Plan

            settings = workspace.analysing.last_settings()
            return workspace.detectability.run(Plan(), settings, job)

        def done(_: Changes) -> None:
            self._window.notices.say(
                "What would have been found was measured.", "The menu Case shows it."
            )

        self._desk.session.run("Planting campaigns", work, done)

    # --- what should be done next ------------------------------------------------------------
    def look(self) -> None:
        """Find out whether results are there and current; asked whenever the map was read."""
        self._desk.session.ask("state", read_state, self._show_state)

    def _show_state(self, state: _State) -> None:
        self._drop_line()
        self._loading = None
        theme, view = self._desk.theme, self._window.map.view
        if self._running and not state.analysed:
            self._show_running()
        elif not state.n_exchanges:
            empty = EmptyState(
                theme,
                "ph.download-simple",
                "No logs yet",
                "Import API logs: JSON lines, CSV or Parquet, plain or compressed. "
                "The format is told by content.",
                action="Import logs",
                key="Ctrl+I",
            )
            empty.acted.connect(lambda: self.bring_in())
            view.set_placeholder(empty)
        elif not state.analysed:
            empty = EmptyState(
                theme,
                "ph.share-network",
                "Not analysed yet",
                f"The case holds {state.n_exchanges:,} exchanges. Analyse them to place prompts "
                "on the map and to find accounts that work as one.",
                action="Analyse the case",
                key="Ctrl+R",
            )
            empty.acted.connect(lambda: self.ask_settings())
            view.set_placeholder(empty)
        else:
            view.set_placeholder(None)
            if state.stale and not self._running:
                self._line = StaleLine(
                    theme, "Logs or tables came in since this was computed.", "Analyse again"
                )
                self._line.acted.connect(lambda: self.analyse())
                self._window.stale_place.addWidget(self._line)

    def _show_running(self) -> None:
        """In place of what should be done next: what is being done."""
        job_id, event = next(iter(self._running.items()))
        self._loading = LoadingState(self._desk.theme, event.title)
        self._loading.cancelled.connect(lambda: self._desk.session.bridge.cancel(job_id))
        self._window.map.view.set_placeholder(self._loading)
        self._show_progress()

    def _show_progress(self) -> None:
        event = next(iter(self._running.values()), None)
        if self._loading is not None and event is not None and event.progress is not None:
            self._loading.show_progress(event.progress)

    def _drop_line(self) -> None:
        if self._line is not None:
            self._line.hide()
            self._line.deleteLater()
            self._line = None

    def _on_changed(self, changes: Changes) -> None:
        if changes.given and not changes.computed:
            self.look()

    def _hear(self, event: JobEvent) -> None:
        known = event.job_id in self._running
        if event.state.final:
            self._running.pop(event.job_id, None)
            self.look()
        else:
            self._running[event.job_id] = event
            if known:
                self._show_progress()
            else:
                self._drop_line()
                self.look()
        self._window.actions_["cancel-job"].setEnabled(bool(self._running))

    def _cancel(self) -> None:
        if self._running:
            self._desk.session.bridge.cancel(next(iter(self._running)))


def read_state(workspace: Workspace) -> _State:
    """Where the case stands; runs on a lane."""
    browsing = workspace.browsing
    n_exchanges = browsing.info().n_exchanges
    analysed = browsing.map_data() is not None
    return _State(n_exchanges, analysed, stale=bool(workspace.analysing.overtaken()))
