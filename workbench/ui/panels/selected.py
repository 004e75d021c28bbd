"""What the dossier says of accounts that are neither one cluster nor one account.

Counts only: a finding belongs to a cluster or an account, so none is made up for a selection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
from PySide6.QtWidgets import QHBoxLayout

from workbench.domain.label import Label
from workbench.domain.selection import AccountSet, ClusterSet, Polygon, TimeRange
from workbench.domain.text import elide
from workbench.services import wording
from workbench.ui import figures
from workbench.ui.panels.page import begin, sheet
from workbench.ui.table_model import label_word
from workbench.ui.widgets import Button, Swatch, Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QVBoxLayout, QWidget

    from workbench.domain.selection import Selection, SelectionDefinition
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk

NAME: Final = "dossier"
#: Characters of an account's name in a title.
_LONGEST: Final = 32
#: Clusters that are named; the rest are counted.
_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Selected:
    """What is shown of a selection.

    Attributes:
        selection: The selection.
        clusters: (id, how many of the accounts), the most first.
        labels: (label or None, how many of the accounts), in the order of labels, none last.
    """

    selection: Selection
    clusters: list[tuple[str, int]]
    labels: list[tuple[Label | None, int]]


def read(workspace: Workspace, selection: Selection) -> Selected:
    """Everything that is shown of a selection; runs on a lane."""
    browsing = workspace.browsing
    accounts = browsing.accounts()
    keys = pa.array([str(key) for key in selection.accounts], pa.string())
    held = accounts.filter(pc.is_in(accounts.column("account_key"), value_set=keys))
    values = held.column("label").to_pylist()
    labels: list[tuple[Label | None, int]] = [
        (label, count) for label in Label if (count := values.count(label.value))
    ]
    without = len(selection.accounts) - sum(count for _, count in labels)
    if without:
        labels.append((None, without))
    return Selected(selection, browsing.clusters_of(selection), labels)


def page(desk: Desk, selected: Selected) -> QWidget:
    """The page about a selection."""
    holder, layout = sheet()
    theme, selection = desk.theme, selected.selection
    layout.addWidget(Text(theme, f"{wording.accounts(len(selection.accounts))} selected", "title"))
    how = f"{title_of(selection.definition)}  ·  {wording.exchanges(selection.n_exchanges)} inside"
    layout.addWidget(Text(theme, figures.line(how), "second", "t2", wrap=True))
    begin(theme, layout, "In clusters", Text(theme, "accounts", "axis", "t3"))
    for cluster_id, count in selected.clusters[:_MOST]:
        _add_cluster(desk, layout, cluster_id, count)
    further = selected.clusters[_MOST:]
    if further:
        _add_count(desk, layout, f"{len(further):,} more", sum(count for _, count in further))
    outside = len(selection.accounts) - sum(count for _, count in selected.clusters)
    if outside:
        _add_count(desk, layout, "In no cluster", outside)
    begin(theme, layout, "Labels", Text(theme, "accounts", "axis", "t3"))
    for label, count in selected.labels:
        _add_count(desk, layout, label_word(None if label is None else label.value), count)
    layout.addWidget(
        Text(
            theme,
            "A finding belongs to a cluster or an account: choose one to read what it did and "
            "what speaks against it.",
            "second",
            "t3",
            wrap=True,
        )
    )
    layout.addStretch(1)
    return holder


def _add_cluster(desk: Desk, layout: QVBoxLayout, cluster_id: str, count: int) -> None:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(Swatch(desk.theme, desk.colours.rank(cluster_id), 14))
    link = Button(desk.theme, cluster_id, kind="link", tip=f"Select cluster {cluster_id}")
    link.clicked.connect(lambda: desk.hub.select_cluster(cluster_id, NAME))
    row.addWidget(link)
    row.addStretch(1)
    row.addWidget(Text(desk.theme, f"{count:,}", "strong"))
    layout.addLayout(row)


def _add_count(desk: Desk, layout: QVBoxLayout, what: str, count: int) -> None:
    row = QHBoxLayout()
    row.addWidget(Text(desk.theme, what, "text", "t2"))
    row.addStretch(1)
    row.addWidget(Text(desk.theme, f"{count:,}", "strong"))
    layout.addLayout(row)


def title_of(definition: SelectionDefinition) -> str:
    """What led to a selection, in few words."""
    if len(definition.steps) > 1:
        return f"Selection of {len(definition.steps)} steps"
    match definition.steps[0].shape if definition.steps else None:
        case Polygon(vertices):
            return "Rectangle selection" if len(vertices) == 4 else "Lasso selection"
        case TimeRange():
            return "Brushed time"
        case ClusterSet(names) if len(names) == 1:
            return f"Cluster {names[0]}"
        case AccountSet(keys) if len(keys) == 1:
            return elide(keys[0].value, _LONGEST)
        case AccountSet():
            return "Chosen accounts"
        case _:
            return "Selection"
