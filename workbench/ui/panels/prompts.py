"""Prompts of the selected exchanges, the most asked first; who sent each, and what was answered.

What logs hold is hostile text: it is shown as plain characters, control and direction marks
written out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QSplitter, QStackedWidget

from workbench.domain.selection import SelectionDefinition
from workbench.domain.text import visible_text
from workbench.domain.withheld import Withheld
from workbench.services import wording
from workbench.ui.dialogs.form import hold_width
from workbench.ui.exhibits import Exhibit
from workbench.ui.panels.kept_back import ReadingPane
from workbench.ui.panels.paged_model import PAGE, PagedModel
from workbench.ui.panels.panel import Panel, ToolRow, column
from workbench.ui.panels.prompt_exchanges import PromptExchanges
from workbench.ui.states import EmptyState
from workbench.ui.table_model import Column, Kind
from workbench.ui.table_view import Table
from workbench.ui.tokens import FILTER_ROW
from workbench.ui.widgets import Button, Elided

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from workbench.domain.changes import Changes
    from workbench.domain.selection import Selection
    from workbench.services.browsing import PromptPage
    from workbench.services.exchanges import ExchangePage
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk

NAME: Final = "prompts"
_COLUMNS: Final = (
    Column("n_exchanges", "Exchanges", Kind.COUNT, 88),
    Column("text", "Prompt", Kind.MONO, 0, stretch=True),
    Column("n_attributed", "Attributed", Kind.COUNT, 88),
)
#: Pixels at 100 % from which prompts keep their counts beside exchanges and text.
_ROOMY: Final = 1_100


class PromptsPanel(Panel):
    """A list of prompts, the exchanges that carry the chosen one, and the text of either.

    Args:
        desk: What views share.
    """

    #: How many prompts there are, for the tab.
    counted = Signal(int)
    #: Another exchange is read, as an ``Exhibit``; None where none is.
    reading = Signal(object)
    #: The exchange that is read is wanted as an exhibit, or no longer.
    exhibit_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        self.note = Elided(desk.theme, "", "second", "t2")
        self.carried = Elided(desk.theme, "", "second", "t2")
        self.account_button = Button(
            desk.theme, "Select account", tip="Select the account of the chosen exchange (Enter)"
        )
        self.exhibit_button = Button(desk.theme, "Add as exhibit", icon="ph.push-pin")
        self.show_exhibit(chosen=False)
        self.exhibit_button.setEnabled(False)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search prompts")
        self.search.setAccessibleName("Search prompts")
        self.search.setToolTip("Ctrl+F")
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(260)
        tools = ToolRow(desk.theme, FILTER_ROW)
        tools.row.addWidget(self.search, 1)
        tools.row.addWidget(self.note, 1)
        tools.row.addWidget(self.carried, 1)
        tools.row.addWidget(self.exhibit_button)
        tools.row.addWidget(self.account_button)
        self.model = PagedModel(_COLUMNS)
        self.table = Table(desk.theme, self.model, [column.width for column in _COLUMNS])
        self.table.setAccessibleName("Prompts, most asked first")
        self.exchanges = PromptExchanges(desk)
        self.pane = ReadingPane(desk)
        self.text = self.pane.reader
        self.carried.hide()
        self.splitter = QSplitter()
        for part in (self.table, self.exchanges, self.pane):
            self.splitter.addWidget(part)
        self.splitter.setSizes([290, 350, 280])
        self.splitter.setChildrenCollapsible(False)
        # Prompts have the room until one is chosen.
        self.exchanges.hide()
        self.below = QStackedWidget()
        self.below.addWidget(self.splitter)
        self.no_match = EmptyState(
            desk.theme,
            "ph.chat-text",
            "No prompt matches",
            "Search for other words, or clear the selection to search the whole case. What is "
            "read after a reveal is not searched.",
        )
        self.below.addWidget(self.no_match)
        super().__init__(desk, column(tools, self.below))
        self.setFocusProxy(self.table)
        self.model.setParent(self)
        self._definition = SelectionDefinition()
        self._text = ""
        self._chosen: int | None = None
        self._told = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(40)
        self._settle.timeout.connect(self._read_chosen)
        self.model.page_wanted.connect(self._fetch)
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        self.exchanges.counted.connect(self._say_carried)
        self.exchanges.read.connect(self._show_exchange)
        self.exchanges.hidden.connect(self._keep_back)
        self.exchanges.account_known.connect(self.account_button.setEnabled)
        self.exchanges.failed.connect(self.show_error)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(200)
        self._typing.timeout.connect(self._search)
        self.search.textChanged.connect(lambda _: self._typing.start())
        self.search.returnPressed.connect(self.table.setFocus)
        find = QShortcut(QKeySequence("Ctrl+F"), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._find)
        self.account_button.clicked.connect(self.exchanges.select_account)
        self.exhibit_button.clicked.connect(self.exhibit_wanted)
        desk.session.opened.connect(lambda _: self.refresh())
        desk.session.closed.connect(self._clear)
        desk.session.changed.connect(self._on_changed)
        desk.hub.applied.connect(self._on_applied)
        self._clear()

    def show_exchange(self, prompt_id: int, exchange_id: int) -> None:
        """Read one exchange, among those that carry its prompt."""
        self._settle.stop()
        self.table.clearSelection()
        self.table.setCurrentIndex(QModelIndex())
        self._chosen = prompt_id
        self.show_body()
        self.below.setCurrentIndex(0)
        self.exchanges.show()
        self._show_attributed()
        self.exchanges.show_exchange(prompt_id, exchange_id, self._definition)

    def show_exhibit(self, *, chosen: bool) -> None:
        """Say whether the exchange that is read is an exhibit."""
        words = ("Add as exhibit", "Remove exhibit")
        hold_width(self.exhibit_button, reversed(words) if not chosen else words)
        self.exhibit_button.setToolTip(
            "The next export leaves without its texts (E)"
            if chosen
            else "The next export takes this exchange with its texts (E)"
        )

    def refresh(self) -> None:
        """Read the first page anew."""
        definition, text = self._definition, self._text

        def work(workspace: Workspace) -> PromptPage | None:
            if workspace.browsing.n_accounts == 0:
                return None
            return workspace.browsing.prompts(definition, 0, PAGE, text=text)

        self.desk.session.ask(NAME, work, self._take, self.show_error)

    def _take(self, page: PromptPage | None) -> None:
        self._forget_chosen()
        self.model.start(*((None,) if page is None else (page.table, page.n_prompts)))
        self.counted.emit(0 if page is None else page.n_prompts)
        self._told = page is not None and (
            page.table.column("n_attributed").null_count < page.table.num_rows
        )
        self._show_attributed()
        if page is None:
            self.note.setText("")
            self.show_empty(
                "ph.chat-text",
                "No prompts yet",
                "Import logs, then analyse the case. The prompts of what you select appear here.",
            )
            return
        inside = "" if not self._definition.steps else "selected "
        found = "found in " if self._text else "in "
        self.note.setText(
            f"{wording.prompts(page.n_prompts)} {found}{page.n_exchanges:,} {inside}"
            f"{'exchange' if page.n_exchanges == 1 else 'exchanges'}"
        )
        again = self.model.place_of("prompt_id", self._chosen)
        if again >= 0:
            self.table.selectRow(again)
        self.below.setCurrentIndex(0 if page.n_prompts else 1)
        if page.n_prompts or self._text:
            self.show_body()
        else:
            self.show_empty(
                "ph.chat-text", "No prompts here", "The selected exchanges hold no prompt text."
            )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow dock shows fewer columns beside exchanges."""
        super().resizeEvent(event)
        self._show_attributed()

    def _show_attributed(self) -> None:
        """Where what is selected belongs to clusters; beside exchanges prompts need the room."""
        alone = self.exchanges.isHidden()
        self.table.setColumnHidden(len(_COLUMNS) - 1, not (self._told and alone))
        narrow = self.width() < self.desk.theme.px(_ROOMY)
        self.table.setColumnHidden(0, narrow and not alone)

    def _find(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _search(self) -> None:
        # Half a character can be pasted; no prompt holds it.
        text = self.search.text().strip().encode("utf-8", "replace").decode()
        if text != self._text:
            self._text = text
            self.refresh()

    def _fetch(self, number: int) -> None:
        definition, text = self._definition, self._text

        def take(page: PromptPage) -> None:
            if (definition, text) == (self._definition, self._text):
                self.model.add(page.offset, page.table)

        # Two pages may be in view at once; further ones are those that were scrolled past.
        self.desk.session.ask(
            f"{NAME} page {number % 2}",
            lambda workspace: workspace.browsing.prompts(
                definition, number * PAGE, PAGE, text=text
            ),
            take,
        )

    def _on_current(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._settle.start()

    def _read_chosen(self) -> None:
        row = self.table.currentIndex().row()
        prompt_id = None if row < 0 else self.model.value(row, "prompt_id")
        if prompt_id is None:
            return
        self._chosen = prompt_id
        self._say_reading(None)
        size = self.model.value(row, "n_characters")
        heading = f"Prompt, {wording.counted(size, 'character', 'characters')}"
        self.exchanges.show()
        self._show_attributed()
        self.exchanges.show_prompt(prompt_id, self._definition)
        if self.model.value(row, "withheld") == Withheld.HIDDEN:
            self._read_hidden(prompt_id)
            return
        self.desk.session.ask(
            f"{NAME} text",
            lambda workspace: visible_text(workspace.browsing.prompt_text(prompt_id)),
            lambda text: self.pane.show_parts([(heading, text)]),
        )

    def _read_hidden(self, prompt_id: int) -> None:
        """A prompt is revealed with the first exchange that asks it."""
        definition = self._definition

        def show(page: ExchangePage) -> None:
            for row in page.table.to_pylist():
                self.pane.keep_back(row["exchange_id"], row["account_key"] or "")

        self.desk.session.ask(
            f"{NAME} text",
            lambda workspace: workspace.exchanges.carrying(prompt_id, definition, 0, 1),
            show,
        )

    def _keep_back(self, exchange_id: int, account: str) -> None:
        # The first exchange of the prompt may still be on its way.
        self.desk.session.bridge.forget(f"{NAME} text")
        self.pane.keep_back(exchange_id, account)

    def _show_exchange(self, parts: list[tuple[str, str | None]]) -> None:
        # The text of the prompt alone may still be on its way.
        self.desk.session.bridge.forget(f"{NAME} text")
        self.pane.show_parts(parts)
        asked = [text for heading, text in parts if heading.startswith("Prompt")]
        self._say_reading(Exhibit.read(self.exchanges.chosen, asked[0] if asked else None))

    def _say_reading(self, exhibit: Exhibit | None) -> None:
        self.exhibit_button.setEnabled(exhibit is not None)
        self.reading.emit(exhibit)

    def _forget_chosen(self) -> None:
        self._settle.stop()
        self.desk.session.bridge.forget(f"{NAME} text")
        self.exchanges.clear()
        self.exchanges.hide()
        self.pane.show_parts([])
        self._say_reading(None)

    def _say_carried(self, count: int | None) -> None:
        said = "" if count is None else f"{wording.exchanges(count)} with this prompt"
        self.carried.setText(said)
        self.carried.setVisible(bool(said))

    def _on_applied(self, selection: Selection | None, _initiator: str) -> None:
        self._definition = SelectionDefinition() if selection is None else selection.definition
        self.refresh()

    def _on_changed(self, changes: Changes) -> None:
        if changes.computed or changes.texts:
            self.refresh()

    def _clear(self) -> None:
        self.search.clear()
        self._typing.stop()
        self._text = ""
        self._chosen = None
        self._definition = SelectionDefinition()
        self.model.start(None)
        self._forget_chosen()
        self.note.setText("")
        self.counted.emit(0)
        self.show_empty("ph.chat-text", "No case is open", "Open a case to read its prompts.")
