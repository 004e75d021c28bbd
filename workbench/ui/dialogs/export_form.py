"""The form of an export: whose evidence, for whom, with which texts, where to, under which mark."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from workbench.domain.label import Label
from workbench.domain.text import plural
from workbench.services.export_scope import MARKINGS, Scope
from workbench.ui.dialogs.export_outlook import OutlookCard
from workbench.ui.dialogs.export_texts import TextsPart
from workbench.ui.dialogs.files import make_roomy
from workbench.ui.tokens import LABELS
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.services.outlook import Outlook
    from workbench.ui.exhibits import Exhibit
    from workbench.ui.theme import Theme

#: As ``services.exporting`` has it: the name stands in the head of each page.
_LONGEST_NAME = 80
_FULL = "Everything about the accounts, for your own house and its courts: ids, journal, method."
_SHARE = (
    "Accounts and prompts as words keyed to the recipient. No names, prices, journals or whole "
    "texts."
)


@dataclass(frozen=True, slots=True)
class Exportable:
    """What the dialog may offer.

    Attributes:
        clusters: (id, words about it) of every cluster, best first.
        cluster: The one that is selected, to begin with; empty for none.
        accounts: Account keys that are selected now.
        marking: The case's TLP mark.
        exhibits: Exchanges that were chosen one by one.
        senders: Exchange -> ts_us and account, of those that the case holds.
    """

    clusters: tuple[tuple[str, str], ...] = ()
    cluster: str = ""
    accounts: tuple[str, ...] = ()
    marking: str = "TLP:AMBER+STRICT"
    exhibits: tuple[Exhibit, ...] = ()
    senders: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for.

    Attributes:
        scope: Whose evidence.
        out: The folder to make.
        marking: TLP mark.
        why: The reason; may be empty.
        exhibits: Exchanges that leave with their texts.
        raw: Whether all texts leave; never of a share edition.
        recipient: Whom a share edition is for; None for a full one.
        names: Whether a share edition names analysts.
    """

    scope: Scope
    out: Path
    marking: str
    why: str
    exhibits: tuple[int, ...]
    raw: bool
    recipient: str | None
    names: bool


class ExportForm(QWidget):
    """The fields, in two columns.

    Args:
        theme: The look.
        offered: What may be exported.
        suggested: The folder to make, to begin with.
    """

    #: Whose evidence, or which exhibits: what the export comes to is another thing.
    scope_changed = Signal()
    #: Whether it can be exported.
    ready = Signal(bool)

    def __init__(self, theme: Theme, offered: Exportable, suggested: Path) -> None:
        super().__init__()
        self.theme = theme
        self._offered = offered
        self._outlook: Outlook | None = None
        #: Accounts and exchanges, as last known.
        self._size = (0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(14)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(Text(theme, "Whose evidence", "strong"))
        left.addLayout(self._scope_part())
        left.addSpacing(8)
        left.addWidget(Text(theme, "Edition", "strong"))
        self._edition_part(left)
        left.addStretch(1)
        self.texts = TextsPart(theme, offered.exhibits, offered.senders)
        self.texts.changed.connect(self._rescope)
        self.texts.raw.toggled.connect(lambda _: self._check())
        halves = QGridLayout()
        halves.setHorizontalSpacing(28)
        halves.setVerticalSpacing(6)
        halves.setColumnStretch(0, 1)
        halves.setColumnStretch(1, 1)
        halves.setRowStretch(0, 1)
        halves.setRowMinimumHeight(1, theme.px(8))
        halves.addLayout(left, 0, 0)
        halves.addWidget(self.texts, 0, 1)
        self._last_part(halves, suggested)
        column.addLayout(halves, 1)
        #: What the export would come to: whoever shows the form keeps it in sight.
        self.card = OutlookCard(theme)
        self._check()

    # --- parts -------------------------------------------------------------------------------
    def _scope_part(self) -> QGridLayout:
        self._whose = QButtonGroup(self)
        self.by_cluster = QRadioButton("A cluster")
        self.cluster = QComboBox()
        self.cluster.setAccessibleName("Cluster")
        for cluster_id, words in self._offered.clusters:
            self.cluster.addItem(f"{cluster_id}   {words}", cluster_id)
        self.cluster.setCurrentIndex(max(0, self.cluster.findData(self._offered.cluster)))
        self.by_label = QRadioButton("A label")
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
        rows = (
            (self.by_cluster, self.cluster),
            (self.by_label, self.label),
            (self.by_selection, None),
        )
        for row, (button, choice) in enumerate(rows):
            self._whose.addButton(button)
            grid.addWidget(button, row, 0, 1, 1 if choice else 2)
            if choice is not None:
                grid.addWidget(choice, row, 1)
                choice.setEnabled(button.isChecked())
                button.toggled.connect(choice.setEnabled)
                choice.currentIndexChanged.connect(lambda _: self._rescope())
        self._whose.buttonClicked.connect(lambda _: self._rescope())
        return grid

    def _first_choice(self) -> QRadioButton:
        """What is selected, where anything is."""
        if self._offered.accounts and not self._offered.cluster:
            return self.by_selection
        return self.by_cluster if self._offered.clusters else self.by_label

    def _edition_part(self, column: QVBoxLayout) -> None:
        self._edition = QButtonGroup(self)
        self.full = QRadioButton("Full")
        self.share = QRadioButton("Share, for")
        self.full.setChecked(True)
        self.recipient = QLineEdit()
        self.recipient.setAccessibleName("Recipient")
        self.recipient.setPlaceholderText("Name of the recipient")
        self.recipient.setMaxLength(_LONGEST_NAME)
        self.recipient.setEnabled(False)
        self.recipient.textChanged.connect(lambda _: self._check())
        self.names = QCheckBox("With names of analysts")
        self.names.setToolTip("Without it a share edition holds the ids of their keys alone")
        self.names.setEnabled(False)
        self.edition_said = Text(self.theme, _FULL, "second", "t3", wrap=True)
        for button in (self.full, self.share):
            self._edition.addButton(button)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.share)
        row.addWidget(self.recipient, 1)
        below = QHBoxLayout()
        below.addSpacing(self.theme.px(24))
        below.addWidget(self.names, 1)
        column.addWidget(self.full)
        column.addLayout(row)
        column.addLayout(below)
        column.addWidget(self.edition_said)
        self.share.toggled.connect(self._switch)

    def _last_part(self, grid: QGridLayout, suggested: Path) -> None:
        self.out = QLineEdit(str(suggested))
        self.out.textChanged.connect(lambda _: self._check())
        choose = Button(self.theme, icon="ph.folder-open", tip="Choose where to put the bundle")
        choose.setProperty("square", "true")
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        place = QWidget()
        folder = QHBoxLayout(place)
        folder.setContentsMargins(0, 0, 0, 0)
        folder.setSpacing(8)
        folder.addWidget(self.out, 1)
        folder.addWidget(choose)
        self.problem = Text(self.theme, "", "second", "red")
        self.problem.hide()
        self.marking = QComboBox()
        self.marking.addItems(list(MARKINGS))
        self.marking.setCurrentText(self._offered.marking)
        self.why = QLineEdit()
        self.why.setPlaceholderText("Why and for whom, for the journal")
        parts: tuple[tuple[str, QWidget, QWidget, int, int, int], ...] = (
            ("Folder to make", place, self.out, 2, 0, 1),
            ("Marking on every page", self.marking, self.marking, 2, 1, 1),
            ("Reason", self.why, self.why, 5, 0, 2),
        )
        for title, part, buddy, row, at, wide in parts:
            head = Text(self.theme, title, "strong")
            head.setBuddy(buddy)
            buddy.setAccessibleName(title)
            grid.addWidget(head, row, at, 1, wide)
            grid.addWidget(part, row + 1, at, 1, wide)
        grid.addWidget(self.problem, 4, 0, 1, 2)

    # --- what was asked for ------------------------------------------------------------------
    @property
    def scope(self) -> Scope:
        """Whose evidence is to be exported."""
        if self.by_cluster.isChecked():
            return Scope(clusters=(self.cluster.currentData(),))
        if self.by_label.isChecked():
            return Scope(label=Label(self.label.currentData()))
        return Scope(accounts=self._offered.accounts)

    @property
    def wanted(self) -> Wanted:
        """All of it."""
        share = self.share.isChecked()
        return Wanted(
            scope=self.scope,
            out=Path(self.out.text().strip()),
            marking=self.marking.currentText(),
            why=self.why.text().strip(),
            exhibits=self.texts.exhibits,
            raw=self.texts.raw.isChecked() and not share,
            recipient=self.recipient.text().strip() if share else None,
            names=share and self.names.isChecked(),
        )

    def show_outlook(self, outlook: Outlook) -> None:
        """Say what the export would come to."""
        self._outlook = outlook
        self._size = (outlook.n_accounts, outlook.n_exchanges)
        self.card.show_outlook(outlook)
        self._check()

    def _rescope(self) -> None:
        # Until it is known again what it comes to, nothing of it is refused.
        self._outlook = None
        self._check()
        self.scope_changed.emit()

    def _switch(self, share: bool) -> None:
        self.recipient.setEnabled(share)
        self.names.setEnabled(share)
        self.edition_said.setText(_SHARE if share else _FULL)
        if share:
            self.recipient.setFocus(Qt.FocusReason.OtherFocusReason)
        self._check()

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
        text, known = self.out.text().strip(), self._outlook
        taken = bool(text) and Path(text).exists()
        self.problem.setText("This exists already. Name a folder that does not." if taken else "")
        self.problem.setVisible(taken)
        self.out.setProperty("invalid", "true" if taken else "false")
        self.out.style().unpolish(self.out)
        self.out.style().polish(self.out)
        share = self.share.isChecked()
        n_accounts, n_exchanges = self._size
        self.texts.show_for(share=share, n_accounts=n_accounts, n_exchanges=n_exchanges)
        named = bool(self.recipient.text().strip()) or not share
        self.ready.emit(bool(text) and not taken and named and not (known and known.refused))


def suggested_folder(case: Path | None) -> Path:
    """A folder beside the case that does not exist yet: ``harbour-2026-11-21``."""
    if case is None:
        return Path.home() / "bundle"
    stem = f"{case.stem}-{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    number, path = 1, case.resolve().parent / stem
    while path.exists():
        number += 1
        path = path.with_name(f"{stem}-{number}")
    return path
