"""Import logs: files, fields, where they come from, and the fates at the end.

Four pages that can be gone back to; nothing is loaded before the last one. All reading happens
on lanes, so the window never waits.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.domain.errors import KnownError
from workbench.domain.ports import ReadOptions
from workbench.domain.text import plural, visible_text
from workbench.services.log_formats import MAPPED, Profile, fitting_profiles
from workbench.ui.dialogs.files import make_roomy
from workbench.ui.dialogs.form import FormDialog, hold_width, scrolled
from workbench.ui.dialogs.import_fields import FieldsPage
from workbench.ui.dialogs.import_frame import FramePage
from workbench.ui.dialogs.import_profile import ProfileBar
from workbench.ui.dialogs.import_readiness import missing_fields, naive_times, summary
from workbench.ui.dialogs.import_result import ResultPage
from workbench.ui.states import EmptyState
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    from workbench.domain.progress import JobContext, Progress
    from workbench.formats.preview import Preview
    from workbench.services.importing import ImportReport
    from workbench.services.log_formats import SavedProfile
    from workbench.services.workspace import Workspace
    from workbench.ui.session import Session
    from workbench.ui.theme import Theme

_STEPS: Final = ("Files", "Fields", "Where they come from", "Import")
_FILES, _FIELDS, _FRAME, _RESULT = range(4)
#: Files whose formats the first page names.
_LISTED: Final = 8
#: The primary button, page by page.
_ACTIONS: Final = ("Next", "Next", "Import", "Analyse the case")
_LEAVING: Final = ("Cancel", "Close")
#: The question that reading ahead answers: of it the newest counts.
_AHEAD: Final = "import.preview"


class ImportDialog(FormDialog):
    """Brings log files into the open case.

    An import under way goes on when the dialog is closed; the jobs panel can cancel it.

    Args:
        theme: The look.
        session: The way to the case.
        paths: Files to begin with.
        parent: The window.
    """

    #: Loaded, and the user wants to go on with the analysis.
    analysis_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        session: Session,
        paths: tuple[Path, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "Import logs", "", "Next", parent)
        self._session = session
        self._previews: tuple[Preview, ...] = ()
        self._previewed_zone = ""
        self._asked_format = self._profile_zone = ""
        self._job = 0
        self.setAcceptDrops(True)

        self.files = QListWidget()
        self.files.setAccessibleName("Files")
        self.files.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.fields = FieldsPage(theme)
        self.fields.mapping_changed.connect(self._look)
        self.profiles = ProfileBar(theme, session)
        self.profiles.chosen.connect(self._read_by)
        self.profiles.save_button.clicked.connect(lambda: self.profiles.save(self._profile()))
        self.files.currentItemChanged.connect(self._follow)
        self.frame = FramePage(theme)
        self.frame.zone_changed.connect(self._allow)
        self.outcome = ResultPage(theme)
        self.outcome.cancelled.connect(lambda: session.bridge.cancel(self._job))

        self._pages = QStackedWidget()
        for page in (self._files_page(), self.fields, scrolled(self.frame), self.outcome):
            self._pages.addWidget(page)
        self._steps = [
            Text(theme, f"{n}  {step}", "strong", "t3") for n, step in enumerate(_STEPS, 1)
        ]
        rail = QVBoxLayout()
        rail.setSpacing(14)
        for step in self._steps:
            rail.addWidget(step)
        rail.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(28)
        columns.addLayout(rail)
        read = QVBoxLayout()
        read.setSpacing(12)
        read.addWidget(self._pages, 1)
        read.addWidget(self.profiles)
        columns.addLayout(read, 1)
        self.body.addLayout(columns, 1)

        self.back_button = Button(theme, "Back", icon="ph.caret-left")
        self.back_button.setAutoDefault(False)
        self.back_button.clicked.connect(self._back)
        self.footer.insertWidget(1, self.back_button)
        self._hold_places()
        session.bridge.told.connect(self.outcome.hear)
        self.finished.connect(lambda _: session.forget(_AHEAD))
        self.resize(theme.px(1180), theme.px(760))
        session.ask("import.door", lambda w: w.importing.door(), self.frame.privacy.hold)
        self.add_files(paths)
        self._go(_FILES)

    def _hold_places(self) -> None:
        """Every button as wide as its longest text: none moves under the pointer."""
        hold_width(self.primary, _ACTIONS)
        hold_width(self.cancel_button, _LEAVING)
        keeping = self.back_button.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)
        self.back_button.setSizePolicy(keeping)

    # --- files ---------------------------------------------------------------------------
    def add_files(self, paths: tuple[Path, ...]) -> None:
        """Put files on the list and look at them."""
        known = set(self.paths)
        for path in paths:
            if str(path) not in known:
                known.add(str(path))
                item = QListWidgetItem(visible_text(str(path), keep_newlines=False))
                item.setData(Qt.ItemDataRole.UserRole, str(path))
                self.files.addItem(item)
        self._look_anew()

    @property
    def paths(self) -> tuple[str, ...]:
        """The files on the list."""
        items = (self.files.item(row) for row in range(self.files.count()))
        return tuple(item.data(Qt.ItemDataRole.UserRole) for item in items)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere on the dialog."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the files that were dropped."""
        urls = event.mimeData().urls()
        self.add_files(tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile()))

    def _files_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(
            Text(
                self.theme,
                "JSON lines, CSV, Parquet or Arrow; plain, .gz, .bz2, .zst or in a .zip. The "
                "format is told by content. Your files are read, never changed.",
                "text",
                "t2",
                wrap=True,
            )
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        self._add = Button(self.theme, "Add files", icon="ph.plus")
        self._add.setAutoDefault(False)
        self._add.clicked.connect(self._choose)
        row.addWidget(self._add)
        self._remove = Button(self.theme, "Remove from list", kind="quiet")
        self._remove.setAutoDefault(False)
        self._remove.clicked.connect(self._remove_chosen)
        row.addWidget(self._remove)
        row.addStretch(1)
        column.addLayout(row)
        self._list = QStackedWidget()
        self._list.addWidget(self.files)
        self._list.addWidget(
            EmptyState(
                self.theme,
                "ph.files",
                "No file yet",
                "Add files, or drop them anywhere on this dialog.",
            )
        )
        column.addWidget(self._list, 1)
        self.seen = Text(self.theme, "", "second", "t2", wrap=True)
        column.addWidget(self.seen)
        return page

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Add log files")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        make_roomy(dialog, self.theme)
        dialog.filesSelected.connect(lambda names: self.add_files(tuple(map(Path, names))))
        dialog.open()

    def _remove_chosen(self) -> None:
        for item in self.files.selectedItems():
            self.files.takeItem(self.files.row(item))
        self._look_anew()

    # --- looking ahead -------------------------------------------------------------------
    def _look_anew(self) -> None:
        """Other files: a profile that was preselected for those before need not fit them."""
        if self.profiles.preselected and not self.fields.touched:
            self.profiles.clear()
            self._read_by(Profile(""))
        else:
            self._look()

    def _look(self) -> None:
        """Read the first records again, with the mapping as it is now."""
        paths, options, asked = self.paths, self._options(), self._asked_format
        self._previews = ()
        self._allow()
        if not paths:
            self._session.forget(_AHEAD)
            self.seen.setText("")
            return
        self.seen.setText("Looking at the first records")
        self.seen.set_colour("t2")
        decided = self.profiles.decided or self.profiles.preselected or self.fields.touched

        def look(
            workspace: Workspace, job: JobContext
        ) -> tuple[tuple[Preview, ...], tuple[SavedProfile, ...]]:
            previews = workspace.importing.preview(
                paths, options, format_name=asked, unknown_too=True, job=job
            )
            return previews, () if decided else fitting_profiles(previews)

        self._previewed_zone = options.zone
        self._session.look(_AHEAD, look, self._looked, self._not_usable, self._hear)

    def _looked(self, found: tuple[tuple[Preview, ...], tuple[SavedProfile, ...]]) -> None:
        previews, fitting = found
        if fitting and not self.fields.touched:
            self.profiles.preselect(fitting)
            self._read_by(fitting[0].profile)
            return
        self._previews = previews
        lines = [summary(each, guessed=self.fields.guessed) for each in previews[:_LISTED]]
        if len(previews) > len(lines):
            lines.append(f"and {plural(len(previews) - len(lines), 'more file', 'more files')}")
        self.seen.setText("\n".join(lines))
        unknown = self.fields.guessed or any(preview.unknown for preview in previews)
        self.seen.set_colour("amb" if unknown else "t2")
        self.fields.show_previews(previews, self._asked_format)
        self.frame.ask_zone(naive_times(previews))
        self._allow()

    def _follow(self, item: QListWidgetItem | None) -> None:
        """The fields and the preview are those of the file chosen on the list."""
        if item is not None:
            self.fields.choose(item.data(Qt.ItemDataRole.UserRole))

    def _not_usable(self, error: BaseException) -> None:
        text = str(error) if isinstance(error, KnownError) else f"Cannot be read: {error}"
        self._say(text, "red")
        self._allow()

    def _hear(self, progress: Progress) -> None:
        """What is looked for or at, once that takes a while; or what gives nothing."""
        self._say(progress.step, "t2")

    def _say(self, text: str, colour: str) -> None:
        self.seen.setText(visible_text(text, keep_newlines=False))
        self.seen.set_colour(colour)
        self.fields.verdict.setText(self.seen.text())

    def _options(self) -> ReadOptions:
        return ReadOptions(zone=self.frame.zone, mapping=self.fields.mapping)

    def _read_by(self, profile: Profile) -> None:
        """Read by a profile; an empty one takes back what an earlier one said."""
        before, self._profile_zone = self._profile_zone, profile.zone
        self._asked_format = profile.format
        self.fields.set_mapping(dict(profile.mapping), self.profiles.name)
        zone = self.frame.fields["zone"]
        if profile.zone or zone.text() == before:
            # A zone that a person typed stays where no profile names another.
            zone.setText(profile.zone)
        self._look()

    def _profile(self) -> Profile:
        """What holds now, to be kept: a format only where it was named, not where it was found."""
        options = self._options()
        mapped_only = all(preview.by_mapping for preview in self._previews)
        named = self._asked_format or (MAPPED if mapped_only else "")
        return Profile("", named, options.zone, dict(options.mapping))

    # --- pages ---------------------------------------------------------------------------
    def act(self) -> None:
        """Next page; on the frame page start the import; on the last one analyse."""
        page = self._pages.currentIndex()
        if page == _RESULT:
            self.analysis_wanted.emit()
            self.accept()
        elif page == _FRAME:
            self._go(_RESULT)
            self._start()
        elif self._previews:
            self._go(page + 1)

    def _back(self) -> None:
        self._go(max(_FILES, self._pages.currentIndex() - 1))

    def _go(self, page: int) -> None:
        self._pages.setCurrentIndex(page)
        for number, step in enumerate(self._steps):
            step.set_colour("acc" if number == page else "t1" if number < page else "t3")
        self.primary.setText(_ACTIONS[page])
        self.profiles.setVisible(page in {_FILES, _FIELDS})
        self.profiles.save_button.setVisible(page == _FIELDS)
        self.back_button.setVisible(page in {_FIELDS, _FRAME})
        self.cancel_button.setText(_LEAVING[page == _RESULT])
        if page == _FIELDS and self._previewed_zone != self.frame.zone:
            self._look()
        self._allow()
        self._first_control(page).setFocus(Qt.FocusReason.OtherFocusReason)

    def _first_control(self, page: int) -> QWidget:
        """Where the keyboard begins on a page."""
        if page == _FILES:
            return self._add
        if page == _FIELDS:
            return self.fields.first or self.primary
        if page == _FRAME:
            return self.frame.first
        # While an import runs, no key shall stop it or close the dialog by mistake.
        return self.primary if self.outcome.loaded else self

    def _allow(self) -> None:
        page = self._pages.currentIndex()
        missing = self._missing(page)
        self.hint.setText(missing)
        ready = self.outcome.loaded if page == _RESULT else bool(self._previews)
        self.primary.setEnabled(ready and not missing)
        self._remove.setEnabled(self.files.count() > 0)
        self._list.setCurrentIndex(0 if self.files.count() else 1)
        self.profiles.save_button.setEnabled(bool(self._previews and self.fields.mapping))

    def _missing(self, page: int) -> str:
        """Why the page cannot be left yet; empty where it can."""
        if page == _FIELDS:
            return missing_fields(self._previews, self.fields.mapping)
        return self.frame.missing() if page == _FRAME else ""

    # --- the import ----------------------------------------------------------------------
    def _start(self) -> None:
        paths, frame, options = self.paths, self.frame.frame, self._options()
        named, privacy = self._asked_format, self.frame.privacy.privacy

        def work(workspace: Workspace, job: JobContext) -> ImportReport:
            return workspace.importing.run(
                paths, frame, options, job, format_name=named, privacy=privacy
            )

        self.outcome.begin()
        self._job = self._session.run(
            "Importing logs", work, self._done, self._failed, lambda: self._failed(None)
        )
        self.outcome.job_id = self._job
        self._allow()

    def _done(self, report: ImportReport) -> None:
        self.outcome.show_report(report)
        self._allow()
        self.primary.setFocus(Qt.FocusReason.OtherFocusReason)

    def _failed(self, error: BaseException | None) -> None:
        self.outcome.show_error(error)
        self.back_button.setVisible(True)
        self._allow()
