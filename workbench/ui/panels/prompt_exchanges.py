"""The exchanges that carry the chosen prompt, oldest first: when, who, which model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal

from workbench.domain.account import AccountKey
from workbench.domain.selection import AccountSet, Combine, SelectionDefinition
from workbench.domain.text import visible_text
from workbench.services import wording
from workbench.ui import figures
from workbench.ui.panels.paged_model import PAGE, PagedModel
from workbench.ui.table_model import Column, Kind
from workbench.ui.table_view import Table

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex

    from workbench.services.conversations import Conversation
    from workbench.services.exchanges import ExchangePage, ExchangeTexts, Said
    from workbench.ui.desk import Desk

NAME: Final = "exchanges"
_COLUMNS: Final = (
    Column("ts_us", "Time (UTC)", Kind.TIME, 156),
    Column("account", "Account", Kind.NAME, 112),
    Column("model", "Model", Kind.TEXT, 110),
    Column("status", "Status", Kind.TEXT, 60),
    Column("in_tok", "Tokens in", Kind.COUNT, 78),
    Column("out_tok", "Tokens out", Kind.COUNT, 84),
    Column("attribution", "Attribution", Kind.SCORE, 84),
)
#: What is read of an exchange, in the order in which it was said.
_PARTS: Final = (
    ("System prompt", "system"),
    ("Prompt", "prompt"),
    ("Completion", "completion"),
    ("Reasoning", "reasoning"),
    ("Whole conversation", "dialogue"),
)


class PromptExchanges(Table):
    """The table of exchanges of one prompt; Enter selects the account of the chosen one.

    Args:
        desk: What views share.
    """

    #: How many exchanges carry the prompt; None when no prompt is chosen.
    counted = Signal(object)
    #: What was said in the chosen exchange: (heading, visible text or None) each.
    read = Signal(object)
    #: The chosen exchange is read after a reveal: its id, the key of its account or "".
    hidden = Signal(int, str)
    #: Whether the chosen exchange has an account that can be selected.
    account_known = Signal(bool)
    #: The exchanges could not be read: the exception.
    failed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        self._rows = PagedModel(_COLUMNS)
        super().__init__(desk.theme, self._rows, [column.width for column in _COLUMNS])
        self._rows.setParent(self)
        self.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.setAccessibleName("Exchanges that carry the prompt, oldest first")
        self._desk = desk
        self._asked: tuple[int, SelectionDefinition] | None = None
        self._chosen: int | None = None
        # Rows are often passed in quick succession (arrow keys): the last one counts.
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(40)
        self._settle.timeout.connect(self._read_chosen)
        self._rows.page_wanted.connect(self._fetch)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        self.opened.connect(self.select_account)

    @property
    def chosen(self) -> int | None:
        """The exchange that was read last."""
        return self._chosen

    def show_prompt(self, prompt_id: int, definition: SelectionDefinition) -> None:
        """List the exchanges inside the definition that carry the prompt."""
        self._asked = asked = (prompt_id, definition)
        self._settle.stop()

        def take(page: ExchangePage) -> None:
            if self._asked == asked:
                self._start(page)

        self._desk.session.ask(
            NAME,
            lambda workspace: workspace.exchanges.carrying(prompt_id, definition, 0, PAGE),
            take,
            self.failed.emit,
        )

    def show_exchange(
        self, prompt_id: int, exchange_id: int, definition: SelectionDefinition
    ) -> None:
        """Read one exchange, and list those inside the definition that carry its prompt."""
        self._chosen = exchange_id
        self.show_prompt(prompt_id, definition)
        asked = self._asked

        def take(texts: ExchangeTexts) -> None:
            if self._asked == asked and self._chosen == exchange_id:
                self._show(exchange_id, texts, [])

        # The list may hold it on a later page, or outside the selection not at all.
        self._desk.session.ask(
            f"{NAME} text", lambda workspace: workspace.exchanges.texts(exchange_id), take
        )

    def clear(self) -> None:
        """List none."""
        self._asked = None
        self._start(None)

    def select_account(self) -> None:
        """Select the account of the chosen exchange, which the dossier then explains."""
        key = self._account()
        if key:
            self._desk.hub.select(Combine.REPLACE, AccountSet((AccountKey.parse(key),)), NAME)

    def _start(self, page: ExchangePage | None) -> None:
        self._settle.stop()
        self._rows.start(*((None,) if page is None else (page.table, page.n_exchanges)))
        self.counted.emit(None if page is None else page.n_exchanges)
        self.account_known.emit(False)
        # Who selects the account of an exchange goes on reading that exchange.
        again = self._rows.place_of("exchange_id", self._chosen)
        if again >= 0:
            self.selectRow(again)

    def _account(self) -> str:
        row = self.currentIndex().row()
        return "" if row < 0 else str(self._rows.value(row, "account_key") or "")

    def _fetch(self, number: int) -> None:
        asked = self._asked
        if asked is None:
            return
        prompt_id, definition = asked

        def take(page: ExchangePage) -> None:
            if self._asked == asked:
                self._rows.add(page.offset, page.table)

        # Two pages may be in view at once; further ones are those that were scrolled past.
        self._desk.session.ask(
            f"{NAME} page {number % 2}",
            lambda workspace: workspace.exchanges.carrying(
                prompt_id, definition, number * PAGE, PAGE
            ),
            take,
        )

    def _on_current(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._settle.start()

    def _read_chosen(self) -> None:
        row = self.currentIndex().row()
        exchange_id = None if row < 0 else self._rows.value(row, "exchange_id")
        if exchange_id is None:
            return
        self._chosen = exchange_id
        self.account_known.emit(bool(self._account()))
        asked, head = self._asked, self._head(row)

        def take(texts: ExchangeTexts) -> None:
            if self._asked == asked:
                self._show(exchange_id, texts, [head])

        self._desk.session.ask(
            f"{NAME} text", lambda workspace: workspace.exchanges.texts(exchange_id), take
        )

    def _show(
        self, exchange_id: int, texts: ExchangeTexts, heads: list[tuple[str, str | None]]
    ) -> None:
        if texts.hidden:
            self.hidden.emit(exchange_id, texts.account_key or "")
        else:
            self.read.emit([*heads, *_parts(texts)])

    def _head(self, row: int) -> tuple[str, str]:
        """When it was sent; by whom, to which model: the row in full."""

        def said(name: str, noun: str) -> str:
            held = self._rows.value(row, name)
            return f"{noun} {'not recorded' if held is None else figures.line(held)}"

        when = self._rows.value(row, "ts_us")
        heading = "Time not recorded" if when is None else f"{figures.moment(when)} UTC"
        who = f"{said('account', 'account')}, {said('model', 'model')}"
        how: tuple[str, ...] = (
            said("status", "status"), said("in_tok", "tokens in"), said("out_tok", "tokens out"),
        )  # fmt: skip
        attributed = self._rows.value(row, "attribution")
        if attributed is not None:
            how += (f"attribution {figures.share(attributed)}",)
        return heading, f"{who}\n{', '.join(how)}"


def _parts(texts: ExchangeTexts) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for heading, name in _PARTS:
        said: Said | None = getattr(texts, name)
        if said is None:
            # A question and its answer are the whole conversation.
            found += [] if name == "dialogue" else [(heading, None)]
            continue
        cut = not said.left_out and len(said.text) < said.n_characters
        size = wording.counted(said.n_characters, "character", "characters")
        shown = f"the first {len(said.text):,} of {size}" if cut else size
        found.append((f"{heading}, {shown}", visible_text(said.text)))
    if texts.conversation is not None:
        # Before the whole of it, which may be long.
        found.insert(len(_PARTS) - 1, _conversation(texts.conversation))
    return found


def _conversation(whole: Conversation) -> tuple[str, str]:
    """A line for each exchange around the one that is read, which is marked."""
    lines = []
    for place, turn in enumerate(whole.turns, whole.offset):
        when = "time not recorded" if turn.ts_us is None else figures.moment(turn.ts_us)
        asked = "no prompt" if turn.prompt is None else figures.line(turn.prompt)
        said = "tools answered, nothing new is asked" if turn.again else asked
        mark = "\N{RIGHTWARDS ARROW}" if place == whole.place else " "
        lines.append(f"{mark} {place + 1:,}  {when}  {said}")
    if len(lines) < whole.n_exchanges:
        lines.append(f"{len(lines):,} of {whole.n_exchanges:,} shown")
    return (
        f"Exchanges of this conversation, {whole.place + 1:,} of {whole.n_exchanges:,}",
        "\n".join(lines),
    )
