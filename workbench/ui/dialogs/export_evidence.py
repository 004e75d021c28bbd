"""Export evidence: what, where to, under which mark; then the verified bundle."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.domain.errors import KnownError
from workbench.domain.label import Label
from workbench.domain.text import elide, plural, visible_text
from workbench.services.export_scope import MARKINGS, Scope
from workbench.services.jobs import JobEvent
from workbench.ui.dialogs.files import make_roomy
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.states import ErrorState, Icon, LoadingState, headed
from workbench.ui.tokens import LABELS
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.domain.progress import JobContext
    from workbench.services.exporting import ExportReport
    from workbench.services.workspace import Workspace
    from workbench.ui.session import Session
    from workbench.ui.theme import Theme

_FORM, _RUNNING = range(2)
_SELECTABLE: Final = Qt.TextInteractionFlag.TextSelectableByMouse


@dataclass(frozen=True, slots=True)
class Exportable:
    """What the dialog may offer.

    Attributes:
        clusters: (id, words about it) of every cluster, best first.
        cluster: The one that is selected, to begin with; empty for none.
        accounts: Account keys that are selected now.
        marking: The case's TLP mark.
    """

    clusters: tuple[tuple[str, str], ...] = ()
    cluster: str = ""
    accounts: tuple[str, ...] = ()
    marking: str = "TLP:AMBER+STRICT"


class ExportDialog(FormDialog):
    """Writes a signed bundle out of the open case.

    Args:
        theme: The look.
        session: The way to the case.
        offered: What may be exported.
        parent: The window.
    """

    #: A bundle was written and verified: its report.
    exported = Signal(object)

    def __init__(
        self,
        theme: Theme,
        session: Session,
        offered: Exportable,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            theme,
            "Export evidence",
            "Writes a folder that a stranger verifies offline: a report, the evidence, the "
            "journal and the method, signed with your key.",
            "Export bundle",
            parent,
        )
        self._session = session
        self._offered = offered
        self._job = 0
        self._done: Path | None = None
        self._running: LoadingState | None = None
        self._pages = QStackedWidget()
        self._pages.addWidget(self._form_page())
        self._outcome = QVBoxLayout()
        holder = QWidget()
        holder.setLayout(self._outcome)
        self._outcome.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(holder)
        self.body.addWidget(self._pages, 1)
        session.bridge.told.connect(self._hear)
        self.resize(theme.px(640), theme.px(470))
        self._check()
        session.ask(
            "export.signer", lambda workspace: workspace.signer().fingerprint, self._show_signer
        )

    # --- the form ------------------------------------------------------------------------
    def _form_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(Text(self.theme, "What", "strong"))
        self._group = QButtonGroup(self)
        self.by_cluster = QRadioButton("A cluster")
        self.cluster = QComboBox()
        self.cluster.setAccessibleName("Cluster")
        for cluster_id, words in self._offered.clusters:
            self.cluster.addItem(f"{cluster_id}   {words}", cluster_id)
        self.cluster.setCurrentIndex(max(0, self.cluster.findData(self._offered.cluster)))
        self.by_label = QRadioButton("Accounts labelled")
        self.label = QComboBox()
        self.label.setAccessibleName("Label")
        for label in Label:
            self.label.addItem(LABELS[label].word, label.value)
        n = len(self._offered.accounts)
        self.by_selection = QRadioButton(f"The selection ({plural(n, 'account', 'accounts')})")
        self.by_cluster.setEnabled(bool(self._offered.clusters))
        self.by_selection.setEnabled(n > 0)
        self._first_choice().setChecked(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row_no, (button, field) in enumerate(
            (
                (self.by_cluster, self.cluster),
                (self.by_label, self.label),
                (self.by_selection, None),
            )
        ):
            self._group.addButton(button)
            grid.addWidget(button, row_no, 0, 1, 1 if field else 2)
            if field is not None:
                grid.addWidget(field, row_no, 1)
                field.setEnabled(button.isChecked())
                button.toggled.connect(field.setEnabled)
        column.addLayout(grid)

        column.addSpacing(6)
        column.addWidget(Text(self.theme, "Folder to make", "strong"))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.out = QLineEdit(str(_suggested(self._session.path)))
        self.out.setAccessibleName("Folder to make")
        self.out.textChanged.connect(self._check)
        row.addWidget(self.out, 1)
        choose = Button(self.theme, "Choose where", icon="ph.folder-open")
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        row.addWidget(choose)
        column.addLayout(row)
        self.problem = Text(self.theme, "", "second", "red")
        self.problem.hide()
        column.addWidget(self.problem)

        column.addSpacing(6)
        column.addWidget(Text(self.theme, "Marking on every page", "strong"))
        self.marking = QComboBox()
        self.marking.setAccessibleName("Marking on every page")
        self.marking.addItems(list(MARKINGS))
        self.marking.setCurrentText(self._offered.marking)
        column.addWidget(self.marking)
        self.signer = Text(self.theme, "", "second", "t2")
        column.addWidget(self.signer)
        column.addStretch(1)
        self.hint.setText("Pages about clusters that nobody has confirmed are marked DRAFT.")
        return page

    def _first_choice(self) -> QRadioButton:
        """What is selected, where anything is."""
        if self._offered.accounts and not self._offered.cluster:
            return self.by_selection
        return self.by_cluster if self._offered.clusters else self.by_label

    @property
    def scope(self) -> Scope:
        """What is to be exported."""
        if self.by_cluster.isChecked():
            return Scope(clusters=(self.cluster.currentData(),))
        if self.by_label.isChecked():
            return Scope(label=Label(self.label.currentData()))
        return Scope(accounts=self._offered.accounts)

    def _show_signer(self, fingerprint: str) -> None:
        self.signer.setText(f"Signed with your key {fingerprint}")

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Choose where to put the bundle")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        make_roomy(dialog, self.theme)
        dialog.fileSelected.connect(
            lambda folder: self.out.setText(str(Path(folder) / Path(self.out.text()).name))
        )
        dialog.open()

    def _check(self) -> None:
        text = self.out.text().strip()
        taken = bool(text) and Path(text).exists()
        self.problem.setText("This exists already. Name a folder that does not." if taken else "")
        self.problem.setVisible(taken)
        self.out.setProperty("invalid", "true" if taken else "false")
        self.out.style().unpolish(self.out)
        self.out.style().polish(self.out)
        self.primary.setEnabled(bool(text) and not taken)

    # --- the export ----------------------------------------------------------------------
    def act(self) -> None:
        """Export; afterwards open the folder."""
        if self._done is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._done)))
            return
        scope, out, marking = self.scope, Path(self.out.text().strip()), self.marking.currentText()

        def work(workspace: Workspace, job: JobContext) -> ExportReport:
            return workspace.exporting.run(scope, out, job, marking=marking)

        self._running = LoadingState(self.theme, "Exporting evidence")
        self._running.cancelled.connect(lambda: self._session.bridge.cancel(self._job))
        self._show(self._running)
        self.primary.setEnabled(False)
        self._job = self._session.run(
            "Exporting evidence", work, self._finished, self._failed, lambda: self._failed(None)
        )

    def _hear(self, event: object) -> None:
        if (
            isinstance(event, JobEvent)
            and event.job_id == self._job
            and event.progress is not None
            and self._running is not None
        ):
            self._running.show_progress(event.progress)

    def _finished(self, report: ExportReport) -> None:
        self._done = report.path
        self.hint.setText("Tell the recipient the fingerprint by another way.")
        self.cancel_button.setText("Close")
        self.primary.setText("Open the folder")
        self.primary.setEnabled(True)
        self._show(_result(self.theme, report))
        self.exported.emit(report)

    def _failed(self, error: BaseException | None) -> None:
        if error is None:
            state = ErrorState(self.theme, "Export cancelled", "Nothing was written.")
        elif isinstance(error, KnownError):
            state = ErrorState.of(self.theme, error, action="Change the export")
        else:
            said = visible_text(f"{type(error).__name__}: {error}")
            state = ErrorState(self.theme, "The export stopped on a bug of ours", said)
        state.acted.connect(lambda: self._pages.setCurrentIndex(_FORM))
        self._show(state)
        self._check()

    def _show(self, widget: QWidget) -> None:
        if widget is not self._running:
            self._running = None
        while (item := self._outcome.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self._outcome.addWidget(widget)
        self._pages.setCurrentIndex(_RUNNING)


def _suggested(case: Path | None) -> Path:
    """A folder beside the case that does not exist yet: ``harbour-2026-11-21``."""
    if case is None:
        return Path.home() / "bundle"
    stem = f"{case.stem}-{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    number, path = 1, case.resolve().parent / stem
    while path.exists():
        number += 1
        path = path.with_name(f"{stem}-{number}")
    return path


def _result(theme: Theme, report: ExportReport) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    title = Text(theme, "The bundle is written, signed and verified", "view")
    column.addLayout(headed(Icon(theme, "ph.shield-check", 20, "teal"), title))
    for line, style, colour in _lines(report):
        text = Text(theme, line, style, colour, wrap=style != "mono")
        text.setTextInteractionFlags(text.textInteractionFlags() | _SELECTABLE)
        column.addWidget(text)
    column.addStretch(1)
    return page


def _lines(report: ExportReport) -> Sequence[tuple[str, str, str]]:
    lines = [
        (visible_text(str(report.path), keep_newlines=False), "mono", "t1"),
        (
            f"{plural(report.n_accounts, 'account', 'accounts')}, "
            f"{plural(report.n_exchanges, 'exchange', 'exchanges')}, "
            f"{plural(report.n_files, 'file', 'files')}",
            "text",
            "t1",
        ),
        (f"Case digest sha256:{report.digest}", "mono", "t2"),
        (f"Signed by {report.fingerprint}", "mono", "t2"),
    ]
    if report.drafts:
        named = elide(", ".join(report.drafts), 120)
        lines.append((f"DRAFT: nobody has confirmed {named}.", "text", "amb"))
    return lines
