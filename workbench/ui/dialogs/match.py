"""Look for a fingerprint: which files, how far the search is, and who resembles the campaign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.domain.errors import KnownError
from workbench.services import wording
from workbench.services.matches import CAUTION
from workbench.ui import figures
from workbench.ui.dialogs.files import make_roomy
from workbench.ui.dialogs.form import FormDialog, scrolled
from workbench.ui.states import EmptyState, ErrorState, LoadingState
from workbench.ui.table_model import ArrowModel, Column, Kind
from workbench.ui.table_view import Table
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.domain.progress import Progress
    from workbench.services.matches import Matched
    from workbench.ui.theme import Theme

_ASK, _WORK, _FOUND = range(3)
_COLUMNS: Final = (
    Column("account_id", "Account", Kind.NAME, 0, stretch=True),
    Column("evidence", "Evidence, nats", Kind.SCORE, 112),
    Column("p", "p", Kind.LEVEL, 84),
    Column("q", "q", Kind.LEVEL, 84),
    Column("n_exchanges", "Exchanges", Kind.COUNT, 88),
    Column("cluster_id", "Cluster", Kind.CLUSTER, 84),
    Column("verdict", "Finding", Kind.VERDICT, 124),
    Column("label", "Label", Kind.LABEL, 124),
)


class MatchDialog(FormDialog):
    """Asks for files, shows what the case shows of them, and selects accounts on the map.

    Args:
        theme: The look.
        rank_of: Rank of a cluster id (its colour); -1 for none.
        parent: The window.
    """

    #: Look for these: paths.
    wanted = Signal(object)
    #: Select them on the map: account keys as text.
    chosen = Signal(object)
    #: The search is to stop.
    cancelled = Signal()

    def __init__(
        self,
        theme: Theme,
        rank_of: Callable[[str | None], int] = lambda _: -1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            theme,
            "Look for a fingerprint",
            "Says which accounts of this case resemble a campaign of another log, and how many "
            "would by chance. Changes nothing.",
            "Look for it",
            parent,
        )
        self.cancel_button.setText("Close")
        self._rank_of = rank_of
        self._found: tuple[Matched, ...] = ()
        self._paths: tuple[Path, ...] = ()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._asking())
        holder = QWidget()
        self._work = QVBoxLayout(holder)
        self._work.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(holder)
        self._pages.addWidget(self._finding())
        self.body.addWidget(self._pages, 1)
        self.again_button = Button(theme, "Other files", kind="quiet", icon="ph.arrow-left")
        self.again_button.setAutoDefault(False)
        self.again_button.clicked.connect(self.ask)
        self.footer.insertWidget(0, self.again_button)
        self._loading: LoadingState | None = None
        self.resize(theme.px(980), theme.px(640))
        self.ask()

    # --- pages ---------------------------------------------------------------------------------
    def _asking(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        empty = EmptyState(
            self.theme,
            "ph.fingerprint",
            "Which campaign",
            "Files of workbench fingerprint, or what a partner sends as STIX 2.1.",
            action="Choose files",
        )
        empty.acted.connect(self._choose)
        column.addWidget(empty, 2)
        choose = empty.findChild(Button)
        assert choose is not None  # it was given an action
        self.choose_button = choose
        self.files = Text(self.theme, "", "text", "t1", wrap=True)
        self.files.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.files, 1)
        return page

    def _finding(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.which = QComboBox()
        self.which.setAccessibleName("File")
        self.which.currentIndexChanged.connect(lambda _: self._show_one())
        column.addWidget(self.which)
        words = QWidget()
        self._lines = QVBoxLayout(words)
        self._lines.setContentsMargins(0, 0, 12, 0)
        self._lines.setSpacing(4)
        column.addWidget(scrolled(words), 2)
        self.model = ArrowModel(_COLUMNS, self)
        widths = [one.width for one in _COLUMNS]
        self.table = Table(self.theme, self.model, widths, rank_of=self._rank_of)
        self.table.setProperty("inset", "false")
        self.table.setAccessibleName("Accounts that resemble it, the most evidence first")
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._count())
        self.table.opened.connect(self.act)
        column.addWidget(self.table, 3)
        column.addWidget(Text(self.theme, CAUTION, "second", "amb", wrap=True))
        return page

    def ask(self) -> None:
        """Ask for files."""
        self._pages.setCurrentIndex(_ASK)
        self.again_button.hide()
        self.hint.setText("")
        self.primary.setText("Look for it")
        self.choose_button.setFocus()
        self.take(self._paths)

    def take(self, paths: Sequence[Path]) -> None:
        """Name the files to look for."""
        self._paths = tuple(paths)
        self.files.setText("\n".join(figures.line(path) for path in self._paths))
        self.primary.setEnabled(bool(self._paths))
        if self._paths:
            self.primary.setFocus()

    def show_progress(self, progress: Progress) -> None:
        """Say how far the search is."""
        if self._loading is not None:
            self._loading.show_progress(progress)

    def show_error(self, error: BaseException | None) -> None:
        """Say why nothing was found out; None where the search was cancelled."""
        if error is None:
            self.ask()
            return
        if isinstance(error, KnownError):
            state = ErrorState.of(self.theme, error, action="Choose other files")
        else:
            said = figures.line(f"{type(error).__name__}: {error}")
            state = ErrorState(
                self.theme, "The search stopped on a bug of ours", said, action="Choose other files"
            )
        state.acted.connect(self.ask)
        self._put(state)

    def show_found(self, found: Sequence[Matched]) -> None:
        """Show what the case shows of each file."""
        self._found = tuple(found)
        self._pages.setCurrentIndex(_FOUND)
        self.again_button.show()
        with QSignalBlocker(self.which):
            self.which.clear()
            for one in self._found:
                self.which.addItem(figures.line(Path(one.path).name))
        self.which.setVisible(len(self._found) > 1)
        self._show_one()
        self.table.setFocus()

    def act(self) -> None:
        """Look for the files; where there are results, select accounts on the map."""
        if not self.primary.isEnabled():
            return
        if self._pages.currentIndex() == _FOUND:
            self.chosen.emit(self._keys())
            self.accept()
            return
        self.primary.setEnabled(False)
        self._loading = LoadingState(self.theme, "Looking for fingerprints")
        self._loading.cancelled.connect(self.cancelled)
        self._put(self._loading)
        self.wanted.emit(self._paths)

    def _put(self, state: QWidget) -> None:
        if state is not self._loading:
            self._loading = None
        while (item := self._work.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self._work.addWidget(state)
        self._pages.setCurrentIndex(_WORK)

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Choose fingerprints or STIX files")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(["Fingerprints and STIX (*.json *.stix)", "All files (*)"])
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Choose files")
        make_roomy(dialog, self.theme)
        dialog.filesSelected.connect(lambda names: self.take([Path(name) for name in names]))
        dialog.open()

    # --- what was found ------------------------------------------------------------------------
    def _show_one(self) -> None:
        place = self.which.currentIndex()
        if not 0 <= place < len(self._found):
            return
        one = self._found[place]
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        first, *rest = (line.strip() for line in one.lines())
        for line, style in ((first, "strong"), *((line, "text") for line in rest)):
            # Where as many would by chance, nobody is named for a reason: said before the list.
            self._lines.addWidget(
                Text(self.theme, figures.line(line), style, "t1" if one.found else "t2", wrap=True)
            )
        if not one.found:
            said = "Nothing resembles it more than chance does."
            self._lines.addWidget(Text(self.theme, said, "strong", "amb"))
        self._lines.addStretch(1)
        self.model.set_table(one.accounts)
        self.table.setVisible(one.accounts.num_rows > 0)
        self._count()

    def _keys(self) -> tuple[str, ...]:
        """Of the rows that are chosen; of all where none is."""
        rows = self.table.chosen_rows() or range(self.model.rowCount())
        return tuple(self.model.value(row, "account_key") for row in rows)

    def _count(self) -> None:
        n = len(self._keys())
        self.primary.setEnabled(n > 0)
        self.primary.setText(f"Select {wording.accounts(n)}" if n else "Select accounts")
        self.hint.setText("Choose rows to select fewer." if n > 1 else "")
