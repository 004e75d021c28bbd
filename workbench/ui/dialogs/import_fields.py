"""Second page of the import: which field goes where and why, the rows as they would be loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QSplitter,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.domain.text import elide
from workbench.ui import figures
from workbench.ui.dialogs.accounting import AccountingView
from workbench.ui.dialogs.import_readiness import file_name, reason, verdict
from workbench.ui.dialogs.import_rows import RowsTable, cell, plain_table
from workbench.ui.dialogs.import_sample import FieldTable, SamplePanel
from workbench.ui.widgets import Button, Elided, Text

if TYPE_CHECKING:
    from workbench.formats.preview import Preview
    from workbench.formats.suggest import Guess
    from workbench.ui.theme import Theme

#: Shown first: without these most signals are not assessed.
_FIRST: Final = (
    "account_id", "ts", "prompt", "completion", "system", "model", "ip", "payment_hash",
    "account_created_at", "request_id", "org_id", "end_user",
)  # fmt: skip


class FieldsPage(QWidget):
    """A sample of the file, the columns of the case with the field of each; below them the preview.

    It shows one file at a time; the mapping holds for all of them. Where no format knows any of the
    files, what names and values of their fields suggest is set, and marked as a guess with what it
    rests on.
    """

    #: The user chose another field for a column: the whole mapping is to be tried.
    mapping_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mapping: dict[str, str] = {}
        #: Of the mapping, what was guessed; and columns for which a person decided.
        self._guessed: dict[str, Guess] = {}
        self._decided: set[str] = set()
        #: Column -> name of the profile that mapped it, where nobody chose another field since.
        self._from: dict[str, str] = {}
        #: Whether a person chose a field.
        self.touched = False
        self._names = [*_FIRST, *(n for n in CANONICAL_SCHEMA.names if n not in _FIRST)]
        self._reasons: dict[str, Elided] = {}
        self._combos: dict[str, QComboBox] = {}
        self._examples: dict[str, QTableWidgetItem] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        self._previews: tuple[Preview, ...] = ()
        self._asked_format = ""
        self.file = QComboBox()
        self.file.setAccessibleName("File")
        self.file.setMinimumWidth(theme.px(320))
        self.file.activated.connect(self._show)
        self._files = _row(theme, "File", self.file)
        layout.addWidget(self._files)
        self.verdict = Text(theme, "", "text", "t2", wrap=True)
        layout.addWidget(self.verdict)
        self.suggestion = Text(theme, "", "second", "t2", wrap=True)
        self.take_button = Button(theme, "Use suggested fields", icon="ph.magic-wand")
        self.take_button.setAutoDefault(False)
        self.take_button.clicked.connect(self._take)
        self._suggested = QWidget()
        row = QHBoxLayout(self._suggested)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.suggestion, 1)
        row.addWidget(self.take_button)
        self._suggested.hide()
        layout.addWidget(self._suggested)
        self.accounting = AccountingView(theme)
        layout.addWidget(self.accounting)
        self.coerced = Text(theme, "", "second", "amb", wrap=True)
        self.coerced.hide()
        layout.addWidget(self.coerced)

        heads = ("Column in the case", "Field in the file", "First value", "Why")
        self.fields = FieldTable(len(heads))
        plain_table(self.fields, theme)
        self.fields.setHorizontalHeaderLabels(list(heads))
        self.fields.setAccessibleName("Columns of the case")
        self.fields.dropped.connect(lambda row, path: self._put(self._names[row], path))
        self.samples = SamplePanel(theme)
        self.sample = self.samples.tree
        self.sample.chosen.connect(self._put_into_chosen)
        self.fields.horizontalHeader().setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.rows = RowsTable(theme)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        across = QSplitter(Qt.Orientation.Horizontal)
        across.setChildrenCollapsible(False)
        across.addWidget(self.samples)
        note = "Drag a field onto its column, press Return on it, or choose it here."
        columns = _headed(theme, "Columns", note, self.fields)
        columns.setContentsMargins(theme.px(12), 0, 0, 0)
        across.addWidget(columns)
        across.setSizes([280, 650])
        splitter.addWidget(across)
        splitter.addWidget(_headed(theme, "Preview", "Records as they would be loaded.", self.rows))
        splitter.setSizes([280, 220])
        layout.addWidget(splitter, 1)
        self._fill_fields()

    @property
    def mapping(self) -> dict[str, str]:
        """Canonical column -> field, for the columns that the user chose."""
        return dict(self._mapping)

    @property
    def guessed(self) -> bool:
        """Whether fields are mapped that nobody has confirmed."""
        return bool(self._guessed)

    def set_mapping(self, mapping: dict[str, str], profile: str = "") -> None:
        """Take over a mapping, from a profile of some name; an empty one begins anew."""
        self._from = dict.fromkeys(mapping, profile)
        self.touched = False
        self._mapping = dict(mapping)
        self._guessed, self._decided = {}, set(mapping)

    def show_previews(self, previews: tuple[Preview, ...], asked_format: str = "") -> None:
        """Show what an import would begin with; the file shown before stays in view.

        Args:
            previews: One a file.
            asked_format: What a profile says that they are; empty where it was found.
        """
        before = self.shown
        self._previews, self._asked_format = previews, asked_format
        self.file.clear()
        for preview in previews:
            self.file.addItem(file_name(preview), preview.path)
        self._files.setVisible(len(previews) > 1)
        self._show(max(0, self.file.findData(before)))
        self._guess()

    @property
    def shown(self) -> str:
        """Path of the file in view; empty where there is none."""
        return str(self.file.currentData() or "")

    def choose(self, path: str) -> None:
        """Bring a file into view; one that is not on the list changes nothing."""
        at = self.file.findData(path)
        if at >= 0:
            self._show(at)

    @property
    def first(self) -> QWidget | None:
        """The control that a person needs first; None where the guess may well do."""
        if not self._suggested.isHidden():
            return self.take_button
        if not self._files.isHidden():
            return self.file
        unknown = any(preview.unknown for preview in self._previews)
        return self._combos[_FIRST[0]] if unknown else None

    def _show(self, at: int) -> None:
        if not self._previews:
            return
        self.file.setCurrentIndex(at)
        preview = self._previews[at]
        self.verdict.setText(verdict(preview, self._asked_format))
        self.verdict.set_colour("amb" if preview.unknown else "t2")
        self._suggest(preview)
        listed = ", ".join(f"{name} {n:,}" for name, n in sorted(preview.coerced_columns.items()))
        self.coerced.setText(f"Cannot be read, so they become NULL: {listed}.{_zone_hint(preview)}")
        self.coerced.setVisible(bool(listed))
        part = "" if preview.whole else "first block of the file"
        self.accounting.set_accounting(preview.accounting, note=part)
        self._offer(preview)
        self.rows.show_rows(preview, self._mapping)

    def _guess(self) -> None:
        """Set what names and values suggest, where all files are unknown and nobody has decided."""
        if not self._previews or not all(preview.unknown for preview in self._previews):
            return
        fields = [{field.path for field in preview.fields} for preview in self._previews]
        common = set.intersection(*fields)
        new = {
            column: guess
            for column, guess in self._previews[0].suggested.items()
            if guess.path in common and column not in self._mapping and column not in self._decided
        }
        if new:
            self._guessed |= new
            self._mapping |= {column: guess.path for column, guess in new.items()}
            self.mapping_changed.emit()

    def _suggest(self, preview: Preview) -> None:
        """Say what names and values of the fields suggest, for columns that nobody mapped."""
        new = [(c, g) for c, g in preview.suggested.items() if c not in self._mapping]
        said = ", ".join(f"{column} from {elide(figures.line(g.path), 40)}" for column, g in new)
        self.suggestion.setText(f"These fields may fit: {said}.")
        why = "\n".join(f"{column}: {elide(g.path, 80)}, {g.why}" for column, g in new)
        self.suggestion.setToolTip(figures.tooltip(why))
        self._suggested.setVisible(bool(new))

    def _take(self) -> None:
        self.touched = True
        suggested = self._previews[self.file.currentIndex()].suggested
        self._mapping = {column: guess.path for column, guess in suggested.items()} | self._mapping
        self.mapping_changed.emit()

    def _fill_fields(self) -> None:
        self.fields.setRowCount(len(self._names))
        for row, name in enumerate(self._names):
            self.fields.setItem(row, 0, cell(name))
            combo = QComboBox()
            combo.setAccessibleName(f"Field for {name}")
            combo.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            combo.setMinimumContentsLength(16)
            # Scrolling the table must not change what lies under the pointer.
            combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            combo.activated.connect(lambda _at, column=name: self._chosen(column))
            self._combos[name] = combo
            holder = QWidget()
            inside = QHBoxLayout(holder)
            inside.setContentsMargins(0, 3, 8, 3)
            inside.addWidget(combo)
            self.fields.setCellWidget(row, 1, holder)
            self._examples[name] = cell("")
            self.fields.setItem(row, 2, self._examples[name])
            # No item: the style sheet gives all of those one colour.
            self._reasons[name] = Elided(self._theme, "", "second", "t2")
            self._reasons[name].setContentsMargins(8, 0, 8, 0)
            self.fields.setCellWidget(row, 3, self._reasons[name])
        self.fields.selectRow(0)
        self.fields.resizeColumnToContents(0)
        self.fields.setColumnWidth(1, self._theme.px(184))
        self.fields.setColumnWidth(2, self._theme.px(110))

    def _offer(self, preview: Preview) -> None:
        """The fields of the file in every combo box, the chosen one or "as detected" shown."""
        self.samples.show_sample(preview.fields, len(preview.records))
        for name, combo in self._combos.items():
            combo.clear()
            combo.addItem("Choose a field" if preview.by_mapping else "As detected", "")
            for offered in preview.fields:
                combo.addItem(elide(offered.path, 80), offered.path)
                example = elide(str(offered.example), 200)
                combo.setItemData(combo.count() - 1, example, Qt.ItemDataRole.ToolTipRole)
            chosen = self._mapping.get(name, "")
            at = combo.findData(chosen)
            if at < 0:
                lost = " (not in this file)" if chosen in preview.absent else ""
                combo.addItem(f"{elide(chosen, 80)}{lost}", chosen)
                at = combo.count() - 1
            combo.setCurrentIndex(max(at, 0))
            first = _first(preview, name)
            self._examples[name].setText("" if first is None else elide(str(first), 160))
            why, colour = reason(
                preview, name, chosen, self._guessed.get(name), self._from.get(name, "")
            )
            self._reasons[name].setText(why)
            self._reasons[name].set_colour(colour)

    def _chosen(self, column: str) -> None:
        self._put(column, self._combos[column].currentData())

    def _put_into_chosen(self, path: str) -> None:
        """A field of the sample into the column that is selected."""
        self._put(self._names[max(0, self.fields.currentRow())], path)

    def _put(self, column: str, path: str | None) -> None:
        """Into the column comes this field; None or nothing: as detected."""
        self.touched = True
        self._decided.add(column)
        self._from.pop(column, None)
        self._guessed.pop(column, None)
        if path:
            self._mapping[column] = path
        else:
            self._mapping.pop(column, None)
        self.mapping_changed.emit()


def _first(preview: Preview, name: str) -> Any:
    """First value of a canonical column that is not NULL, as it would be loaded."""
    column = preview.rows.column(name).drop_null()
    return column[0].as_py() if len(column) else None


def _zone_hint(preview: Preview) -> str:
    """What to do about times that cannot be read."""
    if not preview.naive_time or "ts" not in preview.coerced_columns:
        return ""
    return " The next page asks for the zone of times without one."


def _row(theme: Theme, title: str, field: QWidget) -> QWidget:
    """A field with its label before it, as narrow as they are."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(10)
    name = Text(theme, title, "strong")
    name.setBuddy(field)
    row.addWidget(name)
    row.addWidget(field)
    row.addStretch(1)
    return holder


def _headed(theme: Theme, title: str, note: str, body: QWidget) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 6, 0, 0)
    column.setSpacing(6)
    row = QHBoxLayout()
    row.setSpacing(10)
    row.addWidget(Text(theme, title, "head"))
    row.addWidget(Text(theme, note, "second", "t3"))
    row.addStretch(1)
    column.addLayout(row)
    column.addWidget(body, 1)
    return holder
