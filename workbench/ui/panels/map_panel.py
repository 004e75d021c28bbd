"""The map in its place: what colours it, the tools that draw on it, the card of the selection.

Feeds the map widget from the case, off the UI thread, and turns what is drawn into selections.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QVBoxLayout, QWidget

from workbench.domain.account import AccountKey
from workbench.domain.finding import Verdict
from workbench.domain.label import Label
from workbench.domain.selection import (
    AccountSet,
    Combine,
    Polygon,
    SelectionDefinition,
)
from workbench.services import wording
from workbench.services.mapping import MOST, Categories, ColourBy, NamedPlace
from workbench.ui import figures
from workbench.ui.map.lasso_tool import Tool
from workbench.ui.map.overlay import Place
from workbench.ui.map.view import MapView
from workbench.ui.panels.panel import ToolRow
from workbench.ui.panels.selected import title_of
from workbench.ui.tokens import FILTER_ROW, LABELS, VERDICTS
from workbench.ui.widgets import Button, Elided, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QAction

    from workbench.domain.changes import Changes
    from workbench.domain.map_data import MapData
    from workbench.domain.selection import Selection
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk

NAME: Final = "map"
_WORDS: Final = {
    ColourBy.CLUSTER: "Cluster",
    ColourBy.LABEL: "Label",
    ColourBy.FINDING: "Finding",
}
_TOOLS: Final = (
    (Tool.PAN, "ph.hand", "Pan (V)"),
    (Tool.RECTANGLE, "ph.selection", "Select by rectangle (R)"),
    (Tool.LASSO, "mdi6.lasso", "Select by lasso (L)"),
)
_MODES: Final = (
    (Combine.REPLACE, "mdi6.set-none", "Shapes select anew (Shift+N)"),
    (Combine.ADD, "mdi6.set-all", "Shapes add to the selection (Shift+A, or hold Shift)"),
    (Combine.SUBTRACT, "mdi6.set-left", "Shapes subtract from it (Shift+S, or hold Ctrl)"),
    (Combine.INTERSECT, "mdi6.set-center", "Shapes intersect with it (Shift+I, or hold both)"),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Colouring:
    categories: Categories
    tags: list[NamedPlace]
    by: ColourBy
    ranks: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    marks: NDArray[np.bool_]
    clusters: list[tuple[str, int]]


class MapPanel(QWidget):
    """The middle of the window.

    Args:
        desk: What views share.
    """

    #: Points were read anew; the map may be without any.
    read = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        theme = desk.theme
        self.view = MapView(theme, self._describe, self)
        self.colour_by = QComboBox()
        self.colour_by.setAccessibleName("Colour by")
        for by, word in _WORDS.items():
            self.colour_by.addItem(word, by)
        tools = ToolRow(theme, FILTER_ROW, "top")
        row = tools.row
        self.note = Elided(theme, "", "second", "t2")
        row.addWidget(self.note, 1)
        row.addWidget(Text(theme, "Colour by", "second", "t2"))
        row.addWidget(self.colour_by)
        self._tools: dict[Tool, Button] = {}
        group = QButtonGroup(self)
        for tool, icon, tip in _TOOLS:
            button = Button(theme, kind="quiet", icon=icon, tip=tip)
            button.setProperty("square", "true")
            button.setCheckable(True)
            button.setChecked(tool is self.view.tool)
            button.clicked.connect(lambda _=False, tool=tool: self.use(tool))
            group.addButton(button)
            self._tools[tool] = button
            row.addWidget(button)
        row.addSpacing(8)
        self._modes: dict[Combine, Button] = {}
        modes = QButtonGroup(self)
        for mode, icon, tip in _MODES:
            button = Button(theme, kind="quiet", icon=icon, tip=tip)
            button.setProperty("square", "true")
            button.setCheckable(True)
            button.setChecked(mode is desk.hub.mode)
            button.clicked.connect(lambda _=False, mode=mode: desk.hub.set_mode(mode))
            modes.addButton(button)
            self._modes[mode] = button
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(tools)
        layout.addWidget(self.view, 1)
        self._actions: tuple[QAction, ...] = ()
        self._n_accounts = 0
        self._notes: dict[int, str] = {}
        self.view.shape_drawn.connect(self._on_drawn)
        self.view.selection_cleared.connect(lambda: desk.hub.clear(NAME))
        self.view.tool_changed.connect(self._on_tool)
        self.view.exchange_clicked.connect(self._on_clicked)
        self.view.failed.connect(desk.session.failed)
        self.colour_by.currentIndexChanged.connect(lambda _: self._colour())
        desk.session.opened.connect(lambda _: self.refresh())
        desk.session.closed.connect(self._clear)
        desk.session.changed.connect(self._on_changed)
        desk.hub.applied.connect(self._on_applied)
        desk.colours.changed.connect(self._colour)
        desk.hub.mode_changed.connect(self._on_mode)

    def set_card_actions(self, actions: Sequence[QAction]) -> None:
        """What the card of a selection offers; the first is the primary one."""
        self._actions = tuple(actions)

    def refresh(self) -> None:
        """Read points, names and colours anew."""

        def work(workspace: Workspace) -> tuple[MapData | None, list[NamedPlace]]:
            return workspace.browsing.map_data(), workspace.browsing.regions()

        self.desk.session.ask(NAME, work, self._take, self.view.failed.emit)

    def colour(self, by: ColourBy) -> None:
        """Colour the points by something else."""
        self.colour_by.setCurrentIndex(self.colour_by.findData(by))

    def use(self, tool: Tool) -> None:
        """Let dragging pan or draw, and give the map the keyboard."""
        self.view.set_tool(tool)
        self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def shut_down(self) -> None:
        """End the map's worker."""
        self.view.shut_down()

    def _take(self, answer: tuple[MapData | None, list[NamedPlace]]) -> None:
        data, regions = answer
        self._n_accounts = 0 if data is None else data.n_accounts
        self._notes.clear()
        self.view.set_data(data)
        self.view.set_regions([Place(n.name, n.x, n.y, n.n_exchanges) for n in regions])
        placed = "" if data is None else wording.exchanges(len(data))
        self.note.setText(placed and f"{placed} on the map", placed, placed.partition(" ")[0], "")
        self._colour()
        self._on_applied(self.desk.hub.selection, "")
        self.read.emit()

    def _colour(self) -> None:
        by = ColourBy(self.colour_by.currentData())
        ranked = self.desk.colours.in_colour(MOST)
        clusters = tuple(name for name, _ in ranked)
        ranks = tuple(rank for _, rank in ranked)

        def work(workspace: Workspace) -> _Colouring:
            browsing = workspace.browsing
            wanted = clusters if by is ColourBy.CLUSTER else ()
            return _Colouring(browsing.categories(by, clusters), browsing.tags(wanted), by, ranks)

        self.desk.session.ask("map colours", work, self._take_colours, self.view.failed.emit)

    def _take_colours(self, found: _Colouring) -> None:
        keys = found.categories.keys
        if len(found.categories.account) != self._n_accounts:
            return
        if found.by is ColourBy.CLUSTER:
            names = list(keys)
            colours = [f"cat{rank + 1}" for rank in found.ranks]
        elif found.by is ColourBy.LABEL:
            marks = [LABELS[Label(key)] for key in keys]
            names, colours = [m.word for m in marks], [m.colour for m in marks]
        else:
            marks = [VERDICTS[Verdict(key)] for key in keys]
            names, colours = [m.word for m in marks], [m.colour for m in marks]
        self.view.set_categories(found.categories.account, names, colours)
        colour_of = dict(zip(keys, colours, strict=True))
        self.view.set_tags(
            [Place(t.name, t.x, t.y, t.n_exchanges, colour_of[t.name]) for t in found.tags]
        )

    def _on_drawn(self, combine: Combine, polygon: Polygon) -> None:
        self.desk.hub.select(combine, polygon, NAME)

    def _on_applied(self, selection: Selection | None, _initiator: str) -> None:
        if selection is None:
            self.desk.session.bridge.forget("map chosen")
            if self._n_accounts:
                self.view.set_selected_accounts(None)
                self.view.set_shapes(())
            return

        def work(workspace: Workspace) -> _Chosen:
            browsing = workspace.browsing
            return _Chosen(browsing.chosen(selection), browsing.clusters_of(selection))

        def take(chosen: _Chosen) -> None:
            if len(chosen.marks) != self._n_accounts:
                return
            self.view.set_selected_accounts(chosen.marks)
            self.view.set_shapes(drawn(selection.definition))
            self.view.show_result(
                len(selection.accounts),
                selection.n_exchanges,
                title=title_of(selection.definition),
                note=within(chosen.clusters, len(selection.accounts)),
                actions=self._actions,
            )

        self.desk.session.ask("map chosen", work, take, self.view.failed.emit)

    def _describe(self, exchange_id: int) -> str | None:
        known = self._notes.get(exchange_id)
        if known is not None:
            return known

        def take(row: dict[str, object] | None) -> None:
            if len(self._notes) > 2000:
                self._notes.clear()
            self._notes[exchange_id] = described(row)
            self.view.show_description(exchange_id, self._notes[exchange_id])

        self.desk.session.ask("map hover", lambda w: w.browsing.exchange(exchange_id), take)
        return None

    def _on_clicked(self, exchange_id: int) -> None:
        def take(row: dict[str, object] | None) -> None:
            if row is not None and row["account_key"] is not None:
                key = AccountKey.parse(str(row["account_key"]))
                self.desk.hub.select(Combine.REPLACE, AccountSet((key,)), NAME)

        self.desk.session.ask("map click", lambda w: w.browsing.exchange(exchange_id), take)

    def _on_tool(self, tool: Tool) -> None:
        self._tools[tool].setChecked(True)

    def _on_mode(self, mode: Combine) -> None:
        self.view.set_mode(mode)
        self._modes[mode].setChecked(True)

    def _on_changed(self, changes: Changes) -> None:
        if changes.computed:
            self.refresh()
        elif changes.decided and self.colour_by.currentData() == ColourBy.LABEL:
            self._colour()

    def _clear(self) -> None:
        self._n_accounts = 0
        self._notes.clear()
        self.note.setText("")
        self.view.set_data(None)


def drawn(definition: SelectionDefinition) -> tuple[Polygon, ...]:
    """The polygons of a definition."""
    return tuple(s.shape for s in definition.steps if isinstance(s.shape, Polygon))


def within(clusters: list[tuple[str, int]], n_accounts: int) -> str:
    """In which clusters the selected accounts are, in few words."""
    if not clusters:
        return "In no cluster" if n_accounts else "Nothing is inside"
    name, count = clusters[0]
    if count == n_accounts:
        return f"In {name}" if count == 1 else f"All of them in {name}"
    said = f"{count:,} of them in {name}"
    return said if len(clusters) == 1 else f"{said}, {clusters[1][1]:,} in {clusters[1][0]}"


def described(row: dict[str, object] | None) -> str:
    """An exchange in few words, for the pointer."""
    if row is None:
        return "This exchange is not in the case any more."
    parts = [str(row["account"] or "no account"), figures.moment(_int(row["ts_us"]))]
    if row["model"]:
        parts.append(str(row["model"]))
    head = figures.line("  ·  ".join(parts))
    text = figures.line(row["text"] or "no prompt text")
    return f"{head}\n{text[:90]}{'…' if len(text) > 90 else ''}"


def _int(value: object) -> int | None:
    return value if isinstance(value, int) else None
