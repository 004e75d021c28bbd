"""How a cluster's card is drawn: what TOKENS.md calls the card, 120 px at 100 %."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workbench.domain.label import Label
from workbench.services import wording
from workbench.ui.bars import paint_axis, paint_sparkline
from workbench.ui.tokens import LABELS, VERDICTS
from workbench.ui.widgets import badge_size, paint_badge, paint_swatch

if TYPE_CHECKING:
    from PySide6.QtGui import QFont

    from workbench.ui.desk import ClusterColours
    from workbench.ui.panels.clusters import Card
    from workbench.ui.theme import Theme

#: The ``Card`` of a row.
CARD: Final = Qt.ItemDataRole.UserRole
_AXES: Final = ("Content", "Automation", "Coordination")
#: For a narrow dock.
_SHORT_AXES: Final = ("Cont.", "Auto.", "Coord.")
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LABELS: Final = {label.value for label in Label}


class ClusterDelegate(QStyledItemDelegate):
    """Draws cards.

    Args:
        theme: The look.
        colours: Colours of clusters.
        parent: The list.
    """

    def __init__(self, theme: Theme, colours: ClusterColours, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._colours = colours

    def sizeHint(
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """A card and the gap below it; as wide as the list is."""
        return QSize(1, self._theme.px(124) + 6)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one card."""
        card: Card = index.data(CARD)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect).adjusted(8.75, 0.75, -8.75, -6.75)
        painter.setPen(QPen(theme.colour("acc" if chosen else "line"), 1.5 if chosen else 1))
        painter.setBrush(theme.colour("accbg" if chosen else "bg3" if hovered else "bg2"))
        painter.drawRoundedRect(box, 8, 8)
        inner = box.adjusted(12, theme.px(8), -12, -theme.px(8))
        self._head(painter, inner, card)
        self._size(painter, inner, card)
        self._dates(painter, inner, card)
        self._axes(painter, inner, card)
        self._foot(painter, inner, card)
        painter.restore()

    def _row(self, inner: QRectF, top: float, height: float) -> QRectF:
        px = self._theme.px
        return QRectF(inner.left(), inner.top() + px(top), inner.width(), px(height))

    def _head(self, painter: QPainter, inner: QRectF, card: Card) -> None:
        theme, px = self._theme, self._theme.px
        row = self._row(inner, 0, 22)
        x = row.left()
        number = f"{card.place}"
        x += self._say(painter, QRectF(x, row.top(), px(40), row.height()), number, "second", "t3")
        x += px(8)
        side = px(10)
        paint_swatch(
            painter,
            QRectF(x, row.center().y() - side / 2, side, side),
            theme.category(self._colours.rank(card.cluster_id)),
        )
        x += side + px(6)
        x += self._say(
            painter, QRectF(x, row.top(), row.right() - x, row.height()), card.cluster_id, "head"
        )
        x += px(8)
        verdict = VERDICTS[card.verdict]
        room = row.right() - x
        if card.label in _LABELS:
            mark = LABELS[Label(card.label)]
            size = badge_size(theme, mark)
            at = QRectF(row.right() - size.width(), row.top(), size.width(), row.height())
            paint_badge(painter, at, theme, mark)
            room -= size.width() + px(4)
        elif card.label is not None:
            painter.setPen(theme.colour("t2"))
            painter.setFont(theme.font("second"))
            painter.drawText(row, _RIGHT, "mixed labels")
        if badge_size(theme, verdict).width() <= room:
            paint_badge(painter, QRectF(x, row.top(), room, row.height()), theme, verdict)
        else:
            # In a narrow dock the badge keeps its icon; colour alone would not be enough.
            painter.drawPixmap(
                QPointF(x, row.center().y() - px(8)),
                theme.icon_pixmap(
                    verdict.icon, 16, verdict.colour, painter.device().devicePixelRatio()
                ),
            )

    def _size(self, painter: QPainter, inner: QRectF, card: Card) -> None:
        row = self._row(inner, 25, 18)
        used = self._say(painter, row, wording.accounts(card.n_accounts), "second-strong")
        rest = row.adjusted(used, 0, 0, 0)
        self._say(painter, rest, f"  ·  {wording.exchanges(card.n_exchanges)}", "second", "t2")

    def _dates(self, painter: QPainter, inner: QRectF, card: Card) -> None:
        px = self._theme.px
        row = self._row(inner, 43, 18)
        used = self._say(painter, row, card.dates, "second", "t2")
        width = min(px(132), row.width() - used - px(12))
        if width > px(40):
            chart = QRectF(row.right() - width, row.top() + 1, width, row.height() - 2)
            colour = self._theme.category(self._colours.rank(card.cluster_id))
            paint_sparkline(painter, chart, card.activity, colour)

    def _axes(self, painter: QPainter, inner: QRectF, card: Card) -> None:
        px = self._theme.px
        row = self._row(inner, 64, 22)
        gap = px(8)
        metrics = QFontMetricsF(self._theme.font("axis"))
        number = metrics.horizontalAdvance("  99")
        for names in (_AXES, _SHORT_AXES):
            widths = [metrics.horizontalAdvance(name) + number for name in names]
            spare = (row.width() - 2 * gap - sum(widths)) / 3
            if spare >= 0:
                break
        x = row.left()
        for name, width, percentile in zip(names, widths, card.axes, strict=True):
            shown = None if percentile is None else float(int(percentile))
            paint_axis(
                painter, QRectF(x, row.top(), width + spare, row.height()), self._theme, name, shown
            )
            x += width + spare + gap

    def _foot(self, painter: QPainter, inner: QRectF, card: Card) -> None:
        row = self._row(inner, 90, 18)
        right = 0.0
        if card.n_unreviewed:
            said = f"{card.n_unreviewed:,} unreviewed"
            right = self._say(painter, row, said, "second-strong", "amb", right=True) + 8
        used = self._say(painter, row, "Looks like  ", "second", "t3")
        self._say(painter, row.adjusted(used, 0, -right, 0), card.lookalike, "second-strong", "t2")

    def _say(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        style: str,
        colour: str = "t1",
        *,
        right: bool = False,
    ) -> float:
        """Write one line, elided to the box; returns its width."""
        font: QFont = self._theme.font(style)
        metrics = QFontMetricsF(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, box.width()))
        painter.setFont(font)
        painter.setPen(self._theme.colour(colour))
        painter.drawText(box, _RIGHT if right else _LEFT, shown)
        return metrics.horizontalAdvance(shown)
