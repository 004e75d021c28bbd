"""The dossier's part on what a cluster was delivered: numbers, what was asked for, price.

The totals and the largest of each kind stand open; the rest opens at a click. Words and numbers
come from ``services.loss_words``, as in the report. Reads no case: ``read`` runs on a lane.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.domain.errors import KnownError
from workbench.services import loss_words
from workbench.ui import figures
from workbench.ui.panels.page import begin, opening
from workbench.ui.widgets import Painted, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from PySide6.QtGui import QPaintEvent

    from workbench.services.loss import Loss
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk
    from workbench.ui.theme import Theme

_SHOW, _HIDE = "Show all that was delivered", "Show less of it"
#: Facts that stand open, by name; the others open with the rest.
_OPEN: Final[tuple[str, ...]] = (
    "Output tokens delivered",
    "Reasoning tokens",
    "Refusals",
    "Refusals asked again within a day",
)
#: Rows of a kind that stand open.
_FIRST: Final = {"elicitation": 4, "region": 5, "template": 3}
#: Characters of a value beside which another one has room.
_SHORT: Final = 14
_NAME, _BAR, _COUNT = 150, 72, 56


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was delivered to one cluster.

    Attributes:
        losses: All of it first, then what is attributed; empty where it was not counted.
        trouble: Why the kept price list was not used; empty when it was, or there is none.
    """

    losses: tuple[Loss, ...] = ()
    trouble: str = ""


def read(workspace: Workspace, cluster_id: str) -> Delivered:
    """What a cluster was delivered, priced by the list that the case keeps."""
    trouble, prices = "", None
    try:
        prices = workspace.losses.prices()
    except KnownError as error:
        trouble = str(error)
    return Delivered(workspace.losses.of(cluster_id, prices), trouble)


def add_delivered(
    desk: Desk, layout: QVBoxLayout, found: Delivered, cluster_id: str | None
) -> None:
    """Add the part.

    Args:
        desk: What views share.
        layout: Of the page.
        found: What was delivered.
        cluster_id: For the colour of the bars.
    """
    theme = desk.theme
    note = "in brackets: attributed" if len(found.losses) > 1 else "tokens, refusals, price"
    begin(theme, layout, "What was delivered", Text(theme, note, "axis", "t3"))
    if not found.losses:
        said = "It was not assessed: analyse the case again."
        layout.addWidget(Text(theme, said, "second", "t2", wrap=True))
        return
    every, rank = found.losses[0], desk.colours.rank(cluster_id)
    facts = [dict(loss_words.facts(loss)) for loss in found.losses]
    prices = [loss_words.price(loss.bill) for loss in found.losses if loss.bill is not None]
    values = {name: _both([one.get(name, "-") for one in facts]) for name in facts[0]}
    opened: dict[str, str] = {name: values[name] for name in _OPEN if name in values}
    if prices:
        opened[prices[0][0]] = _both([value for _, value in prices])
    layout.addWidget(_grid(theme, opened))
    rest = QWidget()
    column = QVBoxLayout(rest)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    column.addWidget(_grid(theme, {n: v for n, v in values.items() if n not in opened}))
    for kind, head in loss_words.KINDS.items():
        rows = every.of_kind(kind)
        first = _FIRST[kind]
        if not rows:
            continue
        layout.addWidget(Text(theme, head, "group", "t3"))
        layout.addWidget(_bars(theme, rows[:first], every, rank))
        if len(rows) > first:
            column.addWidget(Text(theme, f"{head}, the rest", "group", "t3"))
            column.addWidget(_bars(theme, rows[first:], every, rank))
    for said in (*loss_words.notes(every), *_priced(every), found.trouble):
        if said:
            column.addWidget(Text(theme, figures.line(said), "axis", "t3", wrap=True))
    opening(theme, layout, rest, _SHOW, _HIDE)


def _priced(loss: Loss) -> tuple[str, ...]:
    return loss_words.price_notes(loss.bill) if loss.bill is not None else ()


def _both(values: Sequence[str]) -> str:
    """The value of all, and that of what is attributed in brackets where it differs."""
    every, *own = [figures.line(value) for value in values]
    if not own or own[0] == every:
        return every
    # Long values stand below each other: a narrow dock would break them anywhere.
    return f"{every}{'  ' if len(every) < _SHORT else chr(10)}[{own[0]}]"


def _grid(theme: Theme, facts: Mapping[str, str]) -> QWidget:
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(10)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(facts.items()):
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(Text(theme, figures.line(name), "second", "t2", wrap=True), row, 0, top)
        said = Text(theme, value, "second", "t1", wrap=True)
        said.setAlignment(Qt.AlignmentFlag.AlignRight | top)
        grid.addWidget(said, row, 1, top)
    return holder


def _bars(theme: Theme, rows: Sequence[dict[str, Any]], loss: Loss, rank: int) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(1)
    whole = loss.totals["n_exchanges"]
    for row in rows:
        name = figures.line(loss_words.capability(row))
        line = TakenRow(theme, name, row["n_exchanges"], row["n_exchanges"] / whole, rank)
        line.setToolTip(figures.tooltip(f"{name}: {loss_words.row_in_words(row)}"))
        column.addWidget(line)
    return holder


class TakenRow(Painted):
    """One capability: name, its share of the exchanges as a bar, and the count.

    Args:
        theme: The look.
        name: What was asked for.
        n_exchanges: Exchanges that did.
        share: Of all exchanges, 0 to 1.
        rank: Of the cluster, for the colour.
        parent: Owner.
    """

    def __init__(
        self,
        theme: Theme,
        name: str,
        n_exchanges: int,
        share: float,
        rank: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._name = name
        self._count = figures.count(n_exchanges)
        self._share = share
        self._rank = rank
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{name}: {self._count} exchanges, {100 * share:.0f} %")

    def sizeHint(self) -> QSize:
        """A table row's height, and width for the whole name."""
        px, metrics = self._theme.px, QFontMetricsF(self._theme.font("second"))
        width = metrics.horizontalAdvance(self._name) + px(_BAR + _COUNT + 12)
        return QSize(math.ceil(width), px(20))

    def minimumSizeHint(self) -> QSize:
        """What is left of a long name is cut."""
        return QSize(self._theme.px(_NAME + _COUNT), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the row."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, px, box = self._theme, self._theme.px, QRectF(self.rect())
        width = min(px(_BAR), max(px(24), box.width() - px(_NAME + _COUNT)))
        bar = QRectF(box.right() - px(_COUNT) - width, box.center().y() - px(3), width, px(6))
        painter.setFont(theme.font("second"))
        painter.setPen(theme.colour("t1"))
        name = box.adjusted(0, 0, bar.left() - box.right() - px(8), 0)
        shown = QFontMetricsF(theme.font("second")).elidedText(
            self._name, Qt.TextElideMode.ElideRight, name.width()
        )
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(name, middle | Qt.AlignmentFlag.AlignLeft, shown)
        painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, self._count)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = bar.height() / 2
        painter.setBrush(theme.colour("bg3"))
        painter.drawRoundedRect(bar, radius, radius)
        if self._share > 0:
            filled = QRectF(bar)
            filled.setWidth(max(bar.width() * min(self._share, 1.0), bar.height()))
            painter.setBrush(theme.category(self._rank))
            painter.drawRoundedRect(filled, radius, radius)
