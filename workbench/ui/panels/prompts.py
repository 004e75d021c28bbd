"""Prompts of the selected exchanges, the most asked first, with their text.

What a prompt says is hostile text: it is shown as plain characters, control and direction marks
written out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit, QSplitter

from workbench.domain.selection import SelectionDefinition
from workbench.domain.text import visible_text
from workbench.services import wording
from workbench.ui.panels.panel import Panel, ToolRow, column
from workbench.ui.panels.prompt_model import PAGE, PromptModel
from workbench.ui.table_view import Table
from workbench.ui.tokens import FILTER_ROW
from workbench.ui.widgets import Elided

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex

    from workbench.domain.changes import Changes
    from workbench.domain.selection import Selection
    from workbench.services.browsing import PromptPage
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk

NAME: Final = "prompts"


class PromptsPanel(Panel):
    """A list of prompts beside the text of the chosen one.

    Args:
        desk: What views share.
    """

    #: How many prompts there are, for the tab.
    counted = Signal(int)

    def __init__(self, desk: Desk) -> None:
        self.note = Elided(desk.theme, "", "second", "t2")
        tools = ToolRow(desk.theme, FILTER_ROW - 8)
        tools.row.addWidget(self.note, 1)
        self.model = PromptModel()
        self.table = Table(desk.theme, self.model, (100, 100, 0))
        self.table.setAccessibleName("Prompts, most asked first")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Text of the prompt")
        self.text.setProperty("reader", "true")
        self.text.setPlaceholderText("Choose a prompt to read it in full.")
        self.splitter = QSplitter()
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(self.text)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setChildrenCollapsible(False)
        super().__init__(desk, column(tools, self.splitter))
        self.setFocusProxy(self.table)
        self.model.setParent(self)
        self._definition = SelectionDefinition()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(40)
        self._settle.timeout.connect(self._read_chosen)
        self.model.page_wanted.connect(self._fetch)
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        desk.session.opened.connect(lambda _: self.refresh())
        desk.session.closed.connect(self._clear)
        desk.session.changed.connect(self._on_changed)
        desk.hub.applied.connect(self._on_applied)
        desk.theme.changed.connect(self._refresh_fonts)
        self._refresh_fonts()
        self._clear()

    def refresh(self) -> None:
        """Read the first page anew."""
        definition = self._definition

        def work(workspace: Workspace) -> PromptPage | None:
            if workspace.browsing.n_accounts == 0:
                return None
            return workspace.browsing.prompts(definition, 0, PAGE)

        self.desk.session.ask(NAME, work, self._take, self.show_error)

    def _take(self, page: PromptPage | None) -> None:
        self.text.clear()
        self.model.start(page)
        self.counted.emit(0 if page is None else page.n_prompts)
        if page is None:
            self.note.setText("")
            self.show_empty(
                "ph.chat-text",
                "No prompts yet",
                "Import logs, then analyse the case. The prompts of what you select appear here.",
            )
            return
        inside = "" if not self._definition.steps else "selected "
        self.note.setText(
            f"{wording.prompts(page.n_prompts)} in {page.n_exchanges:,} {inside}"
            f"{'exchange' if page.n_exchanges == 1 else 'exchanges'}"
        )
        if page.n_prompts:
            self.show_body()
        else:
            self.show_empty(
                "ph.chat-text", "No prompts here", "The selected exchanges hold no prompt text."
            )

    def _fetch(self, number: int) -> None:
        definition = self._definition

        def take(page: PromptPage) -> None:
            if definition == self._definition:
                self.model.add(page)

        # Two pages may be in view at once; further ones are those that were scrolled past.
        self.desk.session.ask(
            f"{NAME} page {number % 2}",
            lambda workspace: workspace.browsing.prompts(definition, number * PAGE, PAGE),
            take,
        )

    def _on_current(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._settle.start()

    def _read_chosen(self) -> None:
        row = self.table.currentIndex().row()
        prompt_id = None if row < 0 else self.model.value(row, "prompt_id")
        if prompt_id is None:
            return
        self.desk.session.ask(
            f"{NAME} text",
            lambda workspace: visible_text(workspace.browsing.prompt_text(prompt_id)),
            self.text.setPlainText,
        )

    def _on_applied(self, selection: Selection | None, _initiator: str) -> None:
        self._definition = SelectionDefinition() if selection is None else selection.definition
        self.refresh()

    def _on_changed(self, changes: Changes) -> None:
        if changes.computed:
            self.refresh()

    def _clear(self) -> None:
        self._settle.stop()
        self._definition = SelectionDefinition()
        self.model.start(None)
        self.text.clear()
        self.note.setText("")
        self.counted.emit(0)
        self.show_empty("ph.chat-text", "No case is open", "Open a case to read its prompts.")

    def _refresh_fonts(self) -> None:
        # On the document: what the style sheet touches forgets the widget's font.
        self.text.document().setDefaultFont(self.theme.font("mono"))
