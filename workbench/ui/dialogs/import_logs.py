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

from workbench.domain.errors import InputError, KnownError
from workbench.domain.ports import ReadOptions
from workbench.domain.text import plural, visible_text
from workbench.services.log_formats import Profile
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.dialogs.import_fields import MAPPED, FieldsPage
from workbench.ui.dialogs.import_frame import FramePage
from workbench.ui.dialogs.import_profile import ProfileBar
from workbench.ui.dialogs.import_result import ResultPage
from workbench.ui.states import EmptyState
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    from workbench.domain.progress import JobContext
    from workbench.formats.preview import Preview
    from workbench.services.importing import ImportReport
    from workbench.services.workspace import Workspace
    from workbench.ui.session import Session
    from workbench.ui.theme import Theme

_STEPS: Final = ("Files", "Fields", "Where they come from", "Import")
_FILES, _FIELDS, _FRAME, _RESULT = range(4)


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
        self._format = ""
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
        self.frame = FramePage(theme)
        self.outcome = ResultPage(theme)
        self.outcome.cancelled.connect(lambda: session.bridge.cancel(self._job))

        self._pages = QStackedWidget()
        for page in (self._files_page(), self.fields, self.frame, self.outcome):
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
        session.bridge.told.connect(self.outcome.hear)
        self.resize(theme.px(1080), theme.px(720))
        self.add_files(paths)
        self._go(_FILES)

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
        self._look()

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
                "JSON lines, CSV or Parquet; plain, .gz or .zst. The format is told by content. "
                "Your files are read, never changed.",
                "text",
                "t2",
                wrap=True,
            )
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        add = Button(self.theme, "Add files", icon="ph.plus")
        add.setAutoDefault(False)
        add.clicked.connect(self._choose)
        row.addWidget(add)
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
        dialog.filesSelected.connect(lambda names: self.add_files(tuple(map(Path, names))))
        dialog.open()

    def _remove_chosen(self) -> None:
        for item in self.files.selectedItems():
            self.files.takeItem(self.files.row(item))
        self._look()

    # --- looking ahead -------------------------------------------------------------------
    def _look(self) -> None:
        """Read the first records again, with the mapping as it is now."""
        paths, options, asked = self.paths, self._options(), self._asked_format
        self._previews = ()
        self._allow()
        if not paths:
            self.seen.setText("")
            return
        self.seen.setText("Looking at the first records")
        self.seen.set_colour("t2")

        def look(workspace: Workspace) -> tuple[str, tuple[Preview, ...]]:
            importing = workspace.importing
            try:
                return asked, importing.preview(paths, options, format_name=asked)
            except InputError:
                if asked:
                    raise
                # Records of a shape that no format knows can still be mapped field by field.
                # Whatever else is wrong with the file fails here again.
                try:
                    return MAPPED, importing.preview(paths, options, format_name=MAPPED)
                except InputError:
                    pass
                raise

        self._session.ask("import.preview", look, self._looked, self._not_usable)

    def _looked(self, found: tuple[str, tuple[Preview, ...]]) -> None:
        self._format, previews = found
        self._previews = previews
        lines = [
            f"{Path(p.path).name}: {p.detection.format}, {p.detection.confidence:.0%} sure"
            for p in previews[:8]
        ]
        if len(previews) > len(lines):
            lines.append(f"and {plural(len(previews) - len(lines), 'more file', 'more files')}")
        self.seen.setText(visible_text("\n".join(lines)))
        unknown = self._format == MAPPED and not self.fields.mapping
        if unknown:
            self.seen.setText("No format knows these records. Say on the next page what is what.")
        self.seen.set_colour("amb" if unknown else "t2")
        if previews:
            self.fields.show_preview(previews[0])
        self._allow()

    def _not_usable(self, error: BaseException) -> None:
        text = str(error) if isinstance(error, KnownError) else f"Cannot be read: {error}"
        self.seen.setText(visible_text(text, keep_newlines=False))
        self.seen.set_colour("red")
        self.fields.verdict.setText(visible_text(text, keep_newlines=False))
        self._allow()

    def _options(self) -> ReadOptions:
        return ReadOptions(
            zone=self.frame.fields["zone"].text().strip(), mapping=self.fields.mapping
        )

    def _read_by(self, profile: Profile) -> None:
        """Read by a profile; an empty one takes back what an earlier one said."""
        before, self._profile_zone = self._profile_zone, profile.zone
        self._asked_format = profile.format
        self.fields.set_mapping(dict(profile.mapping))
        zone = self.frame.fields["zone"]
        if profile.zone or zone.text() == before:
            # A zone that a person typed stays where no profile names another.
            zone.setText(profile.zone)
        self._look()

    def _profile(self) -> Profile:
        """What holds now, to be kept: a format only where it was named, not where it was found."""
        options = self._options()
        return Profile("", self._format, options.zone, dict(options.mapping))

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
        self.primary.setText(("Next", "Next", "Import", "Analyse the case")[page])
        self.profiles.setVisible(page in {_FILES, _FIELDS})
        self.profiles.save_button.setVisible(page == _FIELDS)
        self.back_button.setVisible(page in {_FIELDS, _FRAME})
        self.cancel_button.setText("Close" if page == _RESULT else "Cancel")
        self._allow()

    def _allow(self) -> None:
        page = self._pages.currentIndex()
        self.primary.setEnabled(self.outcome.loaded if page == _RESULT else bool(self._previews))
        self._remove.setEnabled(self.files.count() > 0)
        self._list.setCurrentIndex(0 if self.files.count() else 1)
        self.profiles.save_button.setEnabled(bool(self._previews and self.fields.mapping))

    # --- the import ----------------------------------------------------------------------
    def _start(self) -> None:
        paths, frame, options = self.paths, self.frame.frame, self._options()
        named = self._format

        def work(workspace: Workspace, job: JobContext) -> ImportReport:
            return workspace.importing.run(paths, frame, options, job, format_name=named)

        self.outcome.begin()
        self._job = self._session.run(
            "Importing logs", work, self._done, self._failed, lambda: self._failed(None)
        )
        self.outcome.job_id = self._job
        self._allow()

    def _done(self, report: ImportReport) -> None:
        self.outcome.show_report(report)
        self._allow()

    def _failed(self, error: BaseException | None) -> None:
        self.outcome.show_error(error)
        self.back_button.setVisible(True)
        self._allow()
