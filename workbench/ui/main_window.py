"""The window: the start page, or the map with its docks around it.

Puts the parts together and connects actions to what they do; every part knows its own business.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from workbench.domain.selection import Combine
from workbench.services.jobs import Lane
from workbench.services.mapping import ColourBy
from workbench.ui.actions import Actions
from workbench.ui.analysts import Analysts
from workbench.ui.cases import Cases
from workbench.ui.choosing import Choosing
from workbench.ui.custody import Custody
from workbench.ui.deciding import Deciding
from workbench.ui.desk import ClusterColours, Desk
from workbench.ui.docks import Docks
from workbench.ui.exporting import Exporting
from workbench.ui.joining import Joining
from workbench.ui.lacking import Lacking
from workbench.ui.map.lasso_tool import Tool
from workbench.ui.matching import Matching
from workbench.ui.notices import Notices
from workbench.ui.panels.accounts import AccountsPanel
from workbench.ui.panels.clusters import ClustersPanel
from workbench.ui.panels.dossier import DossierPanel
from workbench.ui.panels.jobs import JobsPanel
from workbench.ui.panels.journal import JournalPanel
from workbench.ui.panels.panel import Head
from workbench.ui.panels.prompts import PromptsPanel
from workbench.ui.panels.timeline import TimelinePanel
from workbench.ui.purging import Purging
from workbench.ui.recalling import Recalling
from workbench.ui.running import Running
from workbench.ui.selection_hub import SelectionHub
from workbench.ui.start_page import StartPage
from workbench.ui.status_bar import StatusBar
from workbench.ui.taking import Taking
from workbench.ui.theme import ThemeChoice
from workbench.ui.top_bar import TopBar, mark
from workbench.ui.undo import UndoMirror
from workbench.ui.unfinished import Unfinished
from workbench.ui.withholding import Withholding

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent

    from workbench.domain.changes import Changes
    from workbench.domain.label import Analyst
    from workbench.services.info import Info
    from workbench.ui.memory import Memory
    from workbench.ui.panels.map_panel import MapPanel
    from workbench.ui.session import Session
    from workbench.ui.theme import Theme


#: Of the window at first, where the screen has room, and what its frame may take of that room.
_SIZE: Final = QSize(1600, 1000)
_FRAME: Final = QSize(16, 48)


class MainWindow(QMainWindow):
    """One window on one case.

    Args:
        theme: The look.
        session: The way to the case; shut down with the window.
        memory: What is remembered between runs.
        reports: Folder for reports of bugs.
    """

    def __init__(self, theme: Theme, session: Session, memory: Memory, reports: Path) -> None:
        super().__init__()
        self.theme = theme
        self.session = session
        self._memory = memory
        self._may_quit = False
        self.setWindowTitle("Distillation Workbench")
        self.setWindowIcon(mark(theme))
        # Before all that listens to it: what the map asks is answered first.
        session.opened.connect(self._on_opened)
        self.actions_ = Actions(self)
        self.colours = ClusterColours(self)
        self.hub = SelectionHub(session, self)
        self.desk = Desk(theme, session, self.hub, self.colours)
        self.notices = Notices(theme, reports)
        self.undo = UndoMirror(session, self.actions_["undo"], self.actions_["redo"], self)
        self._make_panels()
        self.docks = self._make_docks()
        self.start = StartPage(theme)
        self.top = TopBar(theme, self.actions_, self.docks.toggles())
        self.setMenuWidget(self.top)
        self.status = StatusBar(theme)
        self._make_centre()
        self.cases = Cases(self, session, memory, self.start)
        self.deciding = Deciding(self, self.desk, self.actions_)
        self.recalling = Recalling(self, self.desk, self.actions_, self.notices)
        self.running = Running(self, self.desk)
        self.exporting = Exporting(self, self.desk)
        self.taking = Taking(self, self.desk)
        self.withholding = Withholding(self, self.desk)
        self.purging = Purging(self, self.desk)
        self.unfinished = Unfinished(self, self.desk)
        self.lacking = Lacking(self.notices, self.desk)
        self.custody = Custody(self, self.desk, self.actions_)
        self.analysts = Analysts(self, self.desk)
        self.matching = Matching(self, self.desk, self.actions_)
        self.joining = Joining(self, self.desk, self.actions_)
        self.choosing = Choosing(self.desk, self.actions_, self)
        self._connect()
        self._enable()
        self.resize(fitting(self.screen().availableGeometry().size()))
        self.docks.arrange()
        self.docks.show_all(shown=False)
        self._show_recent()

    # --- parts -------------------------------------------------------------------------------
    def _make_panels(self) -> None:
        desk = self.desk
        self._map: MapPanel | None = None
        self.clusters = ClustersPanel(desk)
        self.dossier = DossierPanel(desk)
        self.timeline = TimelinePanel(desk)
        self.accounts = AccountsPanel(desk)
        self.prompts = PromptsPanel(desk)
        self.journal = JournalPanel(desk, self.actions_["undo"], self.actions_["redo"])
        self.jobs = JobsPanel(desk)

    def _make_docks(self) -> Docks:
        docks = Docks(self.theme, self)
        docks.add_side("clusters", "Clusters", self.clusters, self.clusters.head, left=True)
        head = Head(self.theme, "Dossier")
        docks.add_side("dossier", "Dossier", self.dossier, head, left=False)
        docks.add_below("timeline", "Timeline", self.timeline)
        docks.add_below("accounts", "Accounts", self.accounts)
        docks.add_below("prompts", "Prompts", self.prompts)
        docks.add_below("journal", "Journal", self.journal)
        docks.add_below("jobs", "Jobs", self.jobs)
        return docks

    def _make_centre(self) -> None:
        work = QWidget()
        self._work = QVBoxLayout(work)
        self._work.setContentsMargins(0, 0, 0, 0)
        self._work.setSpacing(0)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.start)
        self._pages.addWidget(work)
        centre = QWidget()
        outer = QVBoxLayout(centre)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.notices)
        self.stale_place = QVBoxLayout()
        outer.addLayout(self.stale_place)
        outer.addWidget(self._pages, 1)
        self.setCentralWidget(centre)
        # A status bar of our own at the very bottom: below the docks, as wide as the window.
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.status, 1)

    # --- connections -------------------------------------------------------------------------
    def _connect(self) -> None:
        act, session, hub = self.actions_, self.session, self.hub
        session.failed.connect(self.notices.tell)
        hub.failed.connect(self.notices.tell)
        session.closed.connect(self._on_closed)
        session.changed.connect(self._on_changed)
        hub.applied.connect(lambda _selection, _initiator: self._enable())
        hub.subject_changed.connect(lambda _: self._enable())
        session.bridge.told.connect(self.status.show_job)
        self.status.cancelled.connect(session.bridge.cancel)
        self.undo.changed.connect(self.status.show_journal)
        self.journal.counted.connect(lambda n: self.docks.set_count("journal", n or None))
        self.jobs.counted.connect(lambda n: self.docks.set_count("jobs", n or None))
        self.accounts.counted.connect(lambda n: self.docks.set_count("accounts", n or None))
        self.prompts.counted.connect(lambda n: self.docks.set_count("prompts", n or None))
        act["quit"].triggered.connect(self.close)
        for tool in Tool:
            act[tool.value].triggered.connect(lambda _=False, tool=tool: self.map.use(tool))
        for mode in Combine:
            act[f"mode-{mode.value}"].triggered.connect(
                lambda _=False, mode=mode: hub.set_mode(mode)
            )
        hub.mode_changed.connect(lambda mode: act[f"mode-{mode.value}"].setChecked(True))
        for by in ColourBy:
            act[f"colour-{by.value}"].triggered.connect(lambda _=False, by=by: self.map.colour(by))
        act["sample"].triggered.connect(self.start.sample_wanted)
        act["zoom-selection"].triggered.connect(lambda: self.map.view.zoom_to_selection())
        act["reset-view"].triggered.connect(lambda: self.map.view.reset_view())
        act["clear"].triggered.connect(lambda: hub.clear())
        act["note"].triggered.connect(self._write_note)
        self.dossier.note_wanted.connect(self._write_note)
        self.dossier.exchange_wanted.connect(self._read_exchange)
        for name in ("clusters", "dossier", "timeline", "accounts", "prompts", "journal", "jobs"):
            act[f"go-{name}"].triggered.connect(lambda _=False, name=name: self.docks.go_to(name))
        act["go-map"].triggered.connect(
            lambda: self.map.view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        )
        act["theme"].triggered.connect(self._switch_theme)
        act["theme-system"].triggered.connect(lambda: self._choose_theme(ThemeChoice.SYSTEM))
        act["text-larger"].triggered.connect(lambda: self._scale_text(0.1))
        act["text-smaller"].triggered.connect(lambda: self._scale_text(-0.1))
        act["reset-layout"].triggered.connect(self.docks.arrange)
        act["shortcuts"].triggered.connect(self._show_shortcuts)
        act["about"].triggered.connect(self._show_about)
        act["analyst"].triggered.connect(self._ask_name)
        self.top.recent_wanted.connect(self.cases.open)
        self.dossier.label_wanted.connect(act["label"].trigger)

    def _read_exchange(self, prompt_id: int, exchange_id: int) -> None:
        self.docks.dock("prompts").raise_()
        self.prompts.show_exchange(prompt_id, exchange_id)

    @property
    def map(self) -> MapPanel:
        """The map; made when a case is first opened, because it brings numba with it."""
        if self._map is None:
            from workbench.ui.panels.map_panel import MapPanel

            self._map = MapPanel(self.desk)
            act = self.actions_
            self._map.set_card_actions((act["label"], act["save-selection"], act["zoom-selection"]))
            self._map.read.connect(self.running.look)
            self._work.addWidget(self._map, 1)
            self._map.refresh()
        return self._map

    @property
    def is_settled(self) -> bool:
        """Whether the case is open and nothing that a person sees is on its way."""
        return (
            self.session.path is not None
            and self.map.view.is_sharp
            and not self.hub.is_pending
            and not self.session.bridge.awaited
        )

    def read_info(self) -> None:
        """Read anew what the case holds."""
        self.session.ask("info", lambda w: w.browsing.info(), self._show_info)

    def _on_changed(self, changes: Changes) -> None:
        if changes.given:
            # At once: whoever imports may press the next key before the counts are read.
            self.actions_.enable(logs=True)
        self.read_info()

    def _show_info(self, info: Info) -> None:
        self.status.show_info(info)
        self.actions_.enable(logs=info.n_exchanges > 0)

    def _on_opened(self, path: str) -> None:
        self._memory.note_case(Path(path))
        self._show_recent()
        self.top.show_case(Path(path).name)
        self.setWindowTitle(f"{Path(path).name} - Distillation Workbench")
        self.map.show()
        self._pages.setCurrentIndex(1)
        self.docks.show_all(shown=True)
        if not self._memory.restore_layout(self):
            self.docks.arrange()
        self.map.view.setFocus(Qt.FocusReason.OtherFocusReason)
        self.read_info()
        self._enable()

    def _on_closed(self) -> None:
        self._memory.keep_layout(self)
        self.top.show_case("")
        self.setWindowTitle("Distillation Workbench")
        self._pages.setCurrentIndex(0)
        self.docks.show_all(shown=False)
        self._show_recent()
        self.status.show_info(None)
        self.actions_.enable(logs=False)
        self._enable()

    def _enable(self) -> None:
        is_open = self.session.path is not None
        chosen = self.hub.selection
        self.actions_.enable(
            case=is_open,
            map=is_open,
            selection=is_open and bool(self.hub.definition.steps),
            accounts=is_open and chosen is not None and bool(chosen.accounts),
            subject=is_open and (bool(self.hub.subject) or chosen is not None),
        )

    def _show_recent(self) -> None:
        recent = self._memory.recent_cases()
        self.start.show_recent(recent)
        self.top.show_recent(recent)

    # --- what actions do ---------------------------------------------------------------------
    def _write_note(self) -> None:
        self.docks.go_to("journal")
        self.journal.write_note()

    def _switch_theme(self) -> None:
        self._choose_theme(ThemeChoice.LIGHT if self.theme.dark else ThemeChoice.DARK)

    def _choose_theme(self, choice: ThemeChoice) -> None:
        self.theme.set_choice(choice)
        self._memory.theme = choice

    def _scale_text(self, step: float) -> None:
        self.theme.set_text_scale(round(self.theme.text_scale + step, 1))
        self._memory.text_scale = self.theme.text_scale

    def _show_shortcuts(self) -> None:
        from workbench.ui.dialogs.shortcuts import ShortcutsDialog

        ShortcutsDialog(self.theme, self.actions_.shortcut_groups(), self).open()

    def _show_about(self) -> None:
        from workbench.ui.dialogs.about import AboutDialog

        AboutDialog(self.theme, self).open()

    def _ask_name(self) -> None:
        from workbench.ui.dialogs.analyst import AnalystDialog

        def show(analyst: Analyst) -> None:
            dialog = AnalystDialog(self.theme, analyst.name, analyst.fingerprint, self)
            dialog.named.connect(
                lambda name: self.session.ask(
                    "name", lambda w: w.sign_as(name), lambda _: None, lane=Lane.WRITE
                )
            )
            dialog.open()

        self.session.ask("analyst", lambda w: w.signer().analyst, show)

    def _quit(self) -> None:
        self._may_quit = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask where a long job would be lost; keep the layout, end every thread, close the case."""
        if not self._may_quit and self.session.bridge.busy(Lane.HEAVY):
            event.ignore()
            self.cases.leave(self._quit)
            return
        if self.session.path is not None:
            self._memory.keep_layout(self)
        if self._map is not None:
            self._map.shut_down()
        self.session.shut_down()
        super().closeEvent(event)
        application = QApplication.instance()
        if application is not None:
            application.processEvents()


def fitting(room: QSize) -> QSize:
    """How large the window is at first on a screen with so much room, title bar and frame apart."""
    return _SIZE.boundedTo(room - _FRAME)
