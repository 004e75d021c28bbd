"""Clusters as ranked cards: finding, label, size, dates, axes, nearest look-alike.

Cards are drawn by a delegate, so that hundreds cost nothing. What they show is put together
off the UI thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow.compute as pc
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QListView, QWidget

from workbench.domain.finding import Verdict
from workbench.services import wording
from workbench.ui import figures
from workbench.ui.panels.cluster_card import CARD, ClusterDelegate
from workbench.ui.panels.panel import Head, Panel, column
from workbench.ui.table_model import label_word, matching
from workbench.ui.tokens import VERDICTS
from workbench.ui.widgets import Button

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from workbench.domain.changes import Changes
    from workbench.services.tables import Activity
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk
    from workbench.ui.selection_hub import Subject

NAME: Final = "clusters"
_BINS: Final = 24


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows of a cluster.

    Attributes:
        cluster_id: Of the cluster.
        place: Rank in the whole list, from 1.
        verdict: The finding.
        label: Label value, "mixed", or None.
        n_accounts: Its size.
        n_exchanges: Its exchanges.
        n_unreviewed: Members that no label binds though others are labelled.
        dates: When it was active.
        axes: Percentile (0 to 100) of content, automation, coordination; None = not assessed.
        lookalike: Nearest benign look-alike, worded.
        activity: Exchanges over the time of the case.
    """

    cluster_id: str
    place: int
    verdict: Verdict
    label: str | None
    n_accounts: int
    n_exchanges: int
    n_unreviewed: int
    dates: str
    axes: tuple[float | None, float | None, float | None]
    lookalike: str
    activity: tuple[int, ...]

    def spoken(self) -> str:
        """The card for a screen reader."""
        return (
            f"{self.cluster_id}, {VERDICTS[self.verdict].word}, {label_word(self.label)}, "
            f"{wording.accounts(self.n_accounts)}, {wording.exchanges(self.n_exchanges)}"
        )


def cards(table: pa.Table, activity: Activity) -> tuple[Card, ...]:
    """Cards of the clusters table, in its order."""
    made = []
    for place, row in enumerate(table.to_pylist(), start=1):
        axes = [row[f"p_{axis}"] for axis in ("content", "automation", "coordination")]
        content, automation, coordination = (
            None if p is None or p != p else 100.0 * (1.0 - p) for p in axes
        )
        made.append(
            Card(
                cluster_id=row["cluster_id"],
                place=place,
                verdict=Verdict(row["verdict"]),
                label=row["label"],
                n_accounts=row["n_accounts"],
                n_exchanges=row["n_exchanges"],
                n_unreviewed=row["n_unreviewed"] if row["n_labelled"] else 0,
                dates=figures.date_range(row["first_us"], row["last_us"]),
                axes=(content, automation, coordination),
                lookalike=wording.lookalike(row["nearest_lookalike"]),
                activity=tuple(activity.clusters[row["row"]].tolist()),
            )
        )
    return tuple(made)


class _CardModel(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.cards: tuple[Card, ...] = ()

    def set_cards(self, cards: Sequence[Card]) -> None:
        self.beginResetModel()
        self.cards = tuple(cards)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.cards)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if not index.isValid():
            return None
        card = self.cards[index.row()]
        if role == CARD:
            return card
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return card.spoken()
        return None


class ClustersPanel(Panel):
    """The list of clusters, with a filter and the findings as chips.

    Args:
        desk: What views share.
    """

    def __init__(self, desk: Desk) -> None:
        self.head = Head(desk.theme, "Clusters")
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by cluster, account or look-alike")
        self.filter.setAccessibleName("Filter clusters")
        self.filter.setClearButtonEnabled(True)
        chips = QWidget()
        row = QHBoxLayout(chips)
        row.setContentsMargins(0, 8, 0, 4)
        row.setSpacing(6)
        self._chips: dict[Verdict | None, Button] = {}
        self._group = QButtonGroup(chips)
        for verdict in (None, Verdict.MULTI_AXIS, Verdict.TRIAGE):
            chip = Button(desk.theme, "", kind="chip")
            chip.setCheckable(True)
            chip.setChecked(verdict is None)
            self._group.addButton(chip)
            self._chips[verdict] = chip
            row.addWidget(chip)
        row.addStretch(1)
        tools = column(self.filter, chips, margins=(12, 10, 12, 0))
        self.list = QListView()
        self.list.setAccessibleName("Clusters, best first")
        self.list.setProperty("inset", "true")
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self._cards = _CardModel(self.list)
        self.list.setModel(self._cards)
        self.list.setItemDelegate(ClusterDelegate(desk.theme, desk.colours, self.list))
        super().__init__(desk, column(tools, self.list))
        self.setFocusProxy(self.list)
        self._all: tuple[Card, ...] = ()
        self._quiet = False
        self.filter.textChanged.connect(lambda _: self._ask_filter())
        self._group.buttonClicked.connect(lambda _: self._show_cards())
        self.list.clicked.connect(self._on_chosen)
        self.list.selectionModel().currentChanged.connect(lambda now, _: self._on_current(now))
        self._matching: frozenset[str] | None = None
        desk.session.opened.connect(lambda _: self.refresh())
        desk.session.closed.connect(self._clear)
        desk.session.changed.connect(self._on_changed)
        desk.hub.subject_changed.connect(self._on_subject)
        desk.theme.changed.connect(self.list.doItemsLayout)
        self._clear()

    def refresh(self) -> None:
        """Read the clusters anew."""

        def work(workspace: Workspace) -> tuple[tuple[Card, ...], bool, str]:
            browsing = workspace.browsing
            shown = cards(browsing.clusters(), browsing.activity(_BINS))
            return shown, browsing.analysed, browsing.unsought()

        def done(found: tuple[tuple[Card, ...], bool, str]) -> None:
            shown, analysed, unsought = found
            self._take(shown, analysed=analysed, unsought=unsought)

        self.desk.session.ask("clusters", work, done, self.show_error)

    def choose_first(self) -> bool:
        """Choose the best cluster that is listed; False when there is none."""
        if not self._cards.cards:
            return False
        self._choose(0)
        return True

    def _take(self, cards: tuple[Card, ...], *, analysed: bool, unsought: str = "") -> None:
        self._all = cards
        self.desk.colours.assign(card.cluster_id for card in cards)
        self.head.note.setText(f"{len(cards):,} found" if cards else "")
        counts = dict.fromkeys(self._chips, 0)
        for card in cards:
            counts[None] += 1
            if card.verdict in counts:
                counts[card.verdict] += 1
        for verdict, chip in self._chips.items():
            word = "All" if verdict is None else VERDICTS[verdict].word
            chip.setText(f"{word} {counts[verdict]:,}")
            chip.setVisible(verdict is None or counts[verdict] > 0)
        if cards:
            self._show_cards()
            self.show_body()
        elif unsought:
            self.show_empty("ph.circles-three", "No clusters", unsought)
        elif analysed:
            self.show_empty(
                "ph.circles-three",
                "No clusters",
                "The analysis found no accounts that worked as one. Accounts lists every "
                "account with its score; what would have been found is in the menu Case.",
            )
        else:
            self.show_empty(
                "ph.circles-three",
                "No clusters",
                "Import logs, then analyse the case. Clusters of accounts that worked as one "
                "appear here, best first.",
            )

    def _show_cards(self) -> None:
        wanted = next(v for v, chip in self._chips.items() if chip.isChecked())
        shown = [
            card
            for card in self._all
            if (wanted is None or card.verdict is wanted)
            and (self._matching is None or card.cluster_id in self._matching)
        ]
        self._cards.set_cards(shown)
        self._on_subject(self.desk.hub.subject)

    def _ask_filter(self) -> None:
        text = self.filter.text().strip()
        if not text:
            self.desk.session.bridge.forget("clusters filter")
            self._matching = None
            self._show_cards()
            return

        def work(workspace: Workspace) -> frozenset[str]:
            found = matching(
                workspace.browsing.clusters(), text, ("cluster_id", "nearest_lookalike")
            )
            held = matching(workspace.browsing.accounts(), text, ("account_id", "org_id"))
            ids = found.column("cluster_id").to_pylist()
            return frozenset(ids) | frozenset(pc.unique(held.column("cluster_id")).to_pylist())

        def take(found: frozenset[str]) -> None:
            self._matching = found
            self._show_cards()

        self.desk.session.ask("clusters filter", work, take)

    def _on_current(self, now: QModelIndex) -> None:
        if now.isValid() and not self._quiet:
            self._choose(now.row())

    def _on_chosen(self, index: QModelIndex) -> None:
        """A click on the card that is current already selects it again."""
        cluster_id = self._cards.cards[index.row()].cluster_id
        if self.desk.hub.subject.cluster_id != cluster_id:
            self._choose(index.row())

    def _choose(self, row: int) -> None:
        self.desk.hub.select_cluster(self._cards.cards[row].cluster_id, NAME)

    def _on_subject(self, subject: Subject) -> None:
        """Show which card is explained, without choosing it again."""
        rows = [i for i, c in enumerate(self._cards.cards) if c.cluster_id == subject.cluster_id]
        self._quiet = True
        if rows:
            index = self._cards.index(rows[0])
            self.list.setCurrentIndex(index)
        else:
            self.list.clearSelection()
            self.list.setCurrentIndex(QModelIndex())
        self._quiet = False

    def _on_changed(self, changes: Changes) -> None:
        if changes.computed or changes.decided:
            self.refresh()

    def _clear(self) -> None:
        self.desk.colours.forget()
        self._take((), analysed=False)
