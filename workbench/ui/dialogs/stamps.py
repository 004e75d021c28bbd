"""Time stamps of the journals: those that are there or wait, and asking for one more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from workbench.ui import figures
from workbench.ui.dialogs.files import make_roomy
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.states import EmptyState
from workbench.ui.tokens import TABLE_ROW
from workbench.ui.widgets import Button

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.case.stamps import Stamp
    from workbench.ui.theme import Theme

_COLUMNS: Final = ("Stamped (UTC)", "Entries", "Digest", "Checked", "Authority")
#: Of a digest in the list: as much as tells two apart.
_SHORT: Final = 16


class StampsDialog(FormDialog):
    """Lists stamps, and asks a server, or carries by hand what it is asked.

    Args:
        theme: The look.
        listed: The stamps and what was checked of each.
        url: The server of the case's settings; empty for none.
        parent: The window.
    """

    #: Ask a server: its address.
    asked = Signal(str)
    #: Write the request into a file.
    request_wanted = Signal(object)
    #: Take an answer out of a file.
    answer_wanted = Signal(object)

    def __init__(
        self,
        theme: Theme,
        listed: Sequence[tuple[Stamp, str]],
        url: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            theme,
            "Time stamps",
            "A time-stamp authority (RFC 3161) says that the journals were there as they are. It "
            "is sent one SHA-256 and nothing else, now and only when you ask.",
            "Ask the server",
            parent,
        )
        self.cancel_button.setText("Close")
        self.table = self._make_table()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(
            EmptyState(
                theme,
                "ph.clock",
                "Nothing was stamped",
                "Ask a server; or write the request and carry it to one from another computer.",
            )
        )
        self.body.addWidget(self._pages, 1)
        self.url = QLineEdit(url)
        self.url.setPlaceholderText("https://tsa.example.org")
        self.url.textChanged.connect(lambda _: self._check())
        self.add_row(self.form(), "Server", self.url)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.write_button = Button(theme, "Write request", icon="ph.export")
        self.write_button.setToolTip("A file to be sent from a computer that has a network")
        self.write_button.clicked.connect(self._write)
        self.take_button = Button(theme, "Take answer", icon="ph.download-simple")
        self.take_button.setToolTip("The file that came back")
        self.take_button.clicked.connect(self._take)
        for button in (self.write_button, self.take_button):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)
        self.resize(theme.px(820), theme.px(460))
        self.url.setFocus()
        self.show_stamps(listed)

    def show_stamps(self, listed: Sequence[tuple[Stamp, str]]) -> None:
        """List other ones."""
        self.table.setRowCount(len(listed))
        for row, (stamp, checked) in enumerate(listed):
            answer = stamp.answer
            texts = (
                "waits" if answer is None else f"{answer.at:%Y-%m-%d %H:%M:%S}",
                figures.count(sum(pin.number for pin in stamp.heads.values())),
                stamp.digest[:_SHORT],
                "" if answer is None else checked,
                "" if answer is None else answer.authority,
            )
            for place, text in enumerate(texts):
                item = QTableWidgetItem(figures.line(text))
                item.setToolTip(figures.tooltip(stamp.digest if place == 2 else text))
                item.setTextAlignment(_side(place))
                self.table.setItem(row, place, item)
        self._pages.setCurrentIndex(0 if listed else 1)
        self._check()

    def tell(self, sentence: str) -> None:
        """What came of the last request, beside the buttons."""
        self.hint.set_colour("t2")
        self.hint.setText(figures.line(sentence))
        self._check()

    def say(self, sentence: str) -> None:
        """Why nothing came of it."""
        self.hint.set_colour("red")
        self.hint.setText(figures.line(sentence))
        self._check()

    def act(self) -> None:
        """Ask the server."""
        if self.primary.isEnabled():
            self.primary.setEnabled(False)
            self.hint.set_colour("t3")
            self.hint.setText("Asking the server …")
            self.asked.emit(self.url.text().strip())

    def _write(self) -> None:
        dialog = QFileDialog(self, "Write the request")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        make_roomy(dialog, self.theme)
        dialog.fileSelected.connect(lambda name: self.request_wanted.emit(Path(name)))
        dialog.open()

    def _take(self) -> None:
        dialog = QFileDialog(self, "Take an answer")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Take answer")
        make_roomy(dialog, self.theme)
        dialog.fileSelected.connect(lambda name: self.answer_wanted.emit(Path(name)))
        dialog.open()

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(_COLUMNS))
        table.setAccessibleName("Time stamps")
        table.setHorizontalHeaderLabels(list(_COLUMNS))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.theme.px(TABLE_ROW))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        for place in range(len(_COLUMNS)):
            title = table.horizontalHeaderItem(place)
            assert title is not None  # set right above
            title.setTextAlignment(_side(place))
        return table

    def _check(self) -> None:
        self.primary.setEnabled(bool(self.url.text().strip()))


def _side(place: int) -> Qt.AlignmentFlag:
    """Numbers right, words left."""
    side = Qt.AlignmentFlag.AlignRight if place == 1 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
