"""Export evidence: the form, the job, then the verified bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.domain.errors import KnownError
from workbench.domain.text import elide, plural, visible_text
from workbench.services.jobs import JobEvent
from workbench.ui.dialogs.export_form import Exportable, ExportForm, suggested_folder
from workbench.ui.dialogs.form import FormDialog, scrolled
from workbench.ui.states import ErrorState, Icon, LoadingState, headed
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from workbench.domain.progress import JobContext
    from workbench.services.exporting import ExportReport
    from workbench.services.workspace import Workspace
    from workbench.ui.session import Session
    from workbench.ui.theme import Theme

_FORM, _RUNNING = range(2)
_CHANGE: Final = "Change the export"
_SELECTABLE: Final = Qt.TextInteractionFlag.TextSelectableByMouse


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
            "Writes a folder that a stranger verifies offline: a report, the evidence and the "
            "method, signed with your key.",
            "Export bundle",
            parent,
        )
        self._session = session
        self._job = 0
        self._done: Path | None = None
        self._running: LoadingState | None = None
        self._ready = False
        self._pages = QStackedWidget()
        self.fields = ExportForm(theme, offered, suggested_folder(session.path))
        self.fields.ready.connect(self._allow)
        self.fields.scope_changed.connect(self._look)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(scrolled(self.fields), 1)
        beneath = QHBoxLayout()
        # In line with the form, which leaves room for its scroll bar.
        beneath.setContentsMargins(0, 0, 8, 0)
        beneath.addWidget(self.fields.card)
        column.addLayout(beneath)
        self._pages.addWidget(page)
        self._outcome = QVBoxLayout()
        holder = QWidget()
        holder.setLayout(self._outcome)
        self._outcome.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(holder)
        self.body.addWidget(self._pages, 1)
        session.bridge.told.connect(self._hear)
        self.resize(theme.px(980), theme.px(720))
        session.ask(
            "export.signer", lambda workspace: workspace.signer().fingerprint, self._show_signer
        )
        self._look()

    # --- the form ------------------------------------------------------------------------
    def _look(self) -> None:
        """Find out what the export would come to."""
        scope, exhibits = self.fields.scope, self.fields.texts.exhibits
        self._session.ask(
            "export.outlook",
            lambda workspace: workspace.exporting.outlook(scope, exhibits),
            self.fields.show_outlook,
        )

    def _allow(self, ready: bool) -> None:
        self._ready = ready
        if self._pages.currentIndex() == _FORM:
            self.primary.setEnabled(ready)

    def _show_signer(self, fingerprint: str) -> None:
        if self._done is None:
            self.hint.setText(f"Signed with your key {fingerprint}")

    # --- the export ----------------------------------------------------------------------
    def act(self) -> None:
        """Export; afterwards open the folder."""
        if self._done is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._done)))
            return
        wanted = self.fields.wanted

        def work(workspace: Workspace, job: JobContext) -> ExportReport:
            if wanted.recipient is not None:
                return workspace.exporting.share(
                    wanted.scope,
                    wanted.recipient,
                    wanted.out,
                    job,
                    marking=wanted.marking,
                    why=wanted.why,
                    exhibits=wanted.exhibits,
                    names=wanted.names,
                )
            return workspace.exporting.run(
                wanted.scope,
                wanted.out,
                job,
                marking=wanted.marking,
                why=wanted.why,
                raw=wanted.raw,
                exhibits=wanted.exhibits,
            )

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
            state = ErrorState(
                self.theme, "Export cancelled", "Nothing was written.", action=_CHANGE
            )
        elif isinstance(error, KnownError):
            state = ErrorState.of(self.theme, error, action=_CHANGE)
        else:
            said = visible_text(f"{type(error).__name__}: {error}")
            state = ErrorState(
                self.theme, "The export stopped on a bug of ours", said, action=_CHANGE
            )
        state.acted.connect(self._go_back)
        self._show(state)

    def _go_back(self) -> None:
        self._pages.setCurrentIndex(_FORM)
        self.primary.setEnabled(self._ready)
        self._look()

    def _show(self, widget: QWidget) -> None:
        if widget is not self._running:
            self._running = None
        while (item := self._outcome.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self._outcome.addWidget(widget)
        self._pages.setCurrentIndex(_RUNNING)


def _result(theme: Theme, report: ExportReport) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    what = "share edition" if report.recipient else "bundle"
    title = Text(theme, f"The {what} is written, signed and verified", "view")
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
    if report.recipient:
        lines.append((f"For {report.recipient}, key {report.key_id}", "text", "t1"))
        lines.append(
            (
                "Read data/redactions.json, the skeletons and the exhibits before it leaves.",
                "text",
                "amb",
            )
        )
    if report.drafts:
        named = elide(", ".join(report.drafts), 120)
        lines.append((f"DRAFT: nobody has confirmed {named}.", "text", "amb"))
    return lines
