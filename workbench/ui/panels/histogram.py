"""The timeline's chart: columns over time, and a brush that is dragged or moved by keys.

Draws counts that were made elsewhere and says which range was brushed; knows no case.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.ui import figures
from workbench.ui.widgets import Painted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

    from workbench.services.timeline import Timeline
    from workbench.ui.theme import Theme

_GRIP: Final = 6
#: Height of a row of ticks, pixels at 100 %.
_RUG: Final = 14
#: Between the ticks and the columns: half a label of the axis stands there.
_RUG_GAP: Final = 8
#: Icon and token of each kind of moment, here and in the legend.
SIGNED_UP: Final = ("ph.user-plus", "t1")
SUSPENDED: Final = ("ph.prohibit", "red")
_DAY_US: Final = 86_400_000_000
#: Tops of the axis, in tenths of a power of ten.
_TENTHS: Final = (10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100)
#: Steps between dates on the axis, in days.
_DATE_STEPS: Final = (1, 2, 7, 14, 28, 91, 182, 364, 728, 3640)


class Histogram(Painted):
    """Columns of all exchanges and, standing in them, of the chosen ones.

    Args:
        theme: The look.
        parent: Owner.
    """

    #: A range was brushed: first and last bin (exclusive), keyboard modifiers.
    brushed = Signal(int, int, object)
    #: The other scale is wanted: all exchanges, or the selected accounts' alone.
    scale_wanted = Signal()
    #: A bin is under the pointer or the keyboard's cursor; -1 for none.
    pointed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._timeline: Timeline | None = None
        self._rank = -1
        self._only_chosen = False
        self._brush: tuple[int, int] | None = None
        self._drag: str = ""
        self._anchor = 0
        self._cursor = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Exchanges over time")
        self.setAccessibleDescription(
            "Left and Right move, with Shift they brush a range, Enter selects it."
        )

    @property
    def brush(self) -> tuple[int, int] | None:
        """First and last bin (exclusive) of the brush."""
        return self._brush

    def show_counts(self, timeline: Timeline, rank: int, *, only_chosen: bool = False) -> None:
        """Show other counts.

        Args:
            timeline: The counts.
            rank: Of the cluster that is chosen, for its colour; -1 for none.
            only_chosen: Draw the chosen exchanges alone, on a scale of their own.
        """
        before = self._timeline
        if before is None or (before.first_us, before.bin_us) != (
            timeline.first_us,
            timeline.bin_us,
        ):
            self._brush = None
            self._cursor = 0
        self._timeline = timeline
        self._rank = rank
        self._only_chosen = only_chosen and timeline.chosen is not None
        self.update()

    def show_brush(self, brush: tuple[int, int] | None) -> None:
        """Show a range as brushed, without saying so."""
        if not self._drag and brush != self._brush:
            self._brush = brush
            self.update()

    def sizeHint(self) -> QSize:
        """Some room."""
        return QSize(self._theme.px(400), self._theme.px(150))

    def minimumSizeHint(self) -> QSize:
        """Enough for the axes."""
        return QSize(self._theme.px(160), self._theme.px(70))

    # --- geometry ----------------------------------------------------------------------------
    def plot(self) -> QRectF:
        """Where the columns stand."""
        px = self._theme.px
        rugs = len(self._rugs())
        above = px(10) + (px(_RUG) * rugs + px(_RUG_GAP) if rugs else 0)
        return QRectF(self.rect()).adjusted(px(52), above, -px(16), -px(24))

    def _rugs(self) -> list[tuple[str, str, NDArray[np.int64]]]:
        """Icon, token and times of each row of ticks that there is."""
        timeline = self._timeline
        if timeline is None:
            return []
        rows = ((*SIGNED_UP, timeline.signed_up), (*SUSPENDED, timeline.suspended))
        return [row for row in rows if row[2].size]

    def _bins(self) -> int:
        return 0 if self._timeline is None else int(self._timeline.total.size)

    def _x(self, edge: float) -> float:
        plot = self.plot()
        return plot.left() + plot.width() * edge / max(1, self._bins())

    def bin_at(self, x: float) -> int:
        """The bin under a position, clamped to the chart."""
        plot = self.plot()
        place = (x - plot.left()) / max(1.0, plot.width()) * self._bins()
        return min(max(0, math.floor(place)), max(0, self._bins() - 1))

    # --- mouse and keys ----------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a brush, or take one of its grips."""
        if event.button() is not Qt.MouseButton.LeftButton or not self._bins():
            super().mousePressEvent(event)
            return
        x = event.position().x()
        grip = self._grip_at(x)
        if grip and self._brush is not None:
            first, last = self._brush
            self._anchor = last - 1 if grip == "first" else first
        else:
            self._anchor = self.bin_at(x)
            self._brush = (self._anchor, self._anchor + 1)
        self._drag = grip or "new"
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the brush, or point at a bin."""
        x = event.position().x()
        if self._drag:
            self._stretch(self.bin_at(x))
        elif self._bins():
            on_grip = bool(self._grip_at(x))
            self.setCursor(Qt.CursorShape.SizeHorCursor if on_grip else Qt.CursorShape.CrossCursor)
        self.pointed.emit(self.bin_at(x) if self._bins() else -1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The brush is done: select."""
        if not self._drag or event.button() is not Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        self._drag = ""
        self._say(event.modifiers())

    def leaveEvent(self, event: object) -> None:
        """Nothing is pointed at."""
        self.pointed.emit(-1)
        super().leaveEvent(event)  # type: ignore[arg-type]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cursor, with Shift they brush, Enter selects."""
        bins = self._bins()
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_PageUp: -max(1, bins // 10),
            Qt.Key.Key_PageDown: max(1, bins // 10),
            Qt.Key.Key_Home: -bins,
            Qt.Key.Key_End: bins,
        }
        step = steps.get(Qt.Key(event.key()))
        if bins and step is not None:
            if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._anchor = min(max(0, self._cursor + step), bins - 1)
                self._cursor = self._anchor
                self._brush = (self._anchor, self._anchor + 1)
            else:
                self._cursor = min(max(0, self._cursor + step), bins - 1)
                self._stretch(self._cursor)
            self.pointed.emit(self._cursor)
            self.update()
        elif event.key() == Qt.Key.Key_O and not event.modifiers():
            self.scale_wanted.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._brush:
            self._say(event.modifiers())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the cursor."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the cursor."""
        super().focusOutEvent(event)
        self.update()

    def _grip_at(self, x: float) -> str:
        if self._brush is None:
            return ""
        for name, edge in zip(("first", "last"), self._brush, strict=True):
            if abs(x - self._x(edge)) <= _GRIP:
                return name
        return ""

    def _stretch(self, to: int) -> None:
        self._brush = (min(self._anchor, to), max(self._anchor, to) + 1)
        self.update()

    def _say(self, modifiers: Qt.KeyboardModifier) -> None:
        if self._brush is not None:
            self.brushed.emit(*self._brush, modifiers)

    # --- drawing -----------------------------------------------------------------------------
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw axes, columns, brush."""
        painter = QPainter(self)
        timeline = self._timeline
        if timeline is None or not self._bins():
            return
        top = _nice(int(self._drawn(timeline).max()))
        self._paint_rugs(painter, timeline)
        self._paint_axes(painter, timeline, top)
        self._paint_columns(painter, timeline, top)
        self._paint_brush(painter)

    def _drawn(self, timeline: Timeline) -> NDArray[np.int64]:
        """Heights of the columns."""
        chosen = timeline.chosen
        return chosen if self._only_chosen and chosen is not None else timeline.total

    def _paint_rugs(self, painter: QPainter, timeline: Timeline) -> None:
        """Ticks above the columns, a row a kind of moment, its icon before it."""
        plot, theme = self.plot(), self._theme
        height, side = theme.px(_RUG), theme.px(12)
        ratio = painter.device().devicePixelRatio()
        top = plot.top() - theme.px(_RUG_GAP) - height * len(self._rugs())
        for icon, token, times in self._rugs():
            pixmap = theme.icon_pixmap(icon, 12, token, ratio)
            left = plot.left() - theme.px(8) - side
            painter.drawPixmap(QPointF(left, top + (height - side) / 2), pixmap)
            painter.setPen(QPen(theme.colour(token, 0.8), 1))
            inside = times[(times >= timeline.first_us) & (times < timeline.last_us)]
            # Accounts of one pixel share its tick.
            places = (inside - timeline.first_us) / timeline.bin_us
            for x in sorted({round(self._x(place)) for place in places.tolist()}):
                painter.drawLine(
                    QPointF(x + 0.5, top + theme.px(2)),
                    QPointF(x + 0.5, top + height - theme.px(2)),
                )
            top += height

    def _paint_axes(self, painter: QPainter, timeline: Timeline, top: int) -> None:
        plot, theme = self.plot(), self._theme
        painter.setFont(theme.font("axis"))
        metrics = QFontMetricsF(theme.font("axis"))
        for share in (0.0, 0.5, 1.0):
            y = round(plot.bottom() - plot.height() * share) + 0.5
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(theme.colour("t3"))
            label = figures.count(round(top * share))
            box = QRectF(0, y - 10, plot.left() - 8, 20)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            if top * share == round(top * share):
                painter.drawText(box, right, label)
        painter.setPen(theme.colour("t3"))
        for us, label in dates(timeline, plot.width(), metrics.horizontalAdvance("88 Mmm  ")):
            x = self._x((us - timeline.first_us) / timeline.bin_us)
            width = metrics.horizontalAdvance(label)
            left = min(max(plot.left(), x - width / 2), plot.right() - width)
            painter.drawText(QPointF(left, plot.bottom() + metrics.height() + 2), label)

    def _paint_columns(self, painter: QPainter, timeline: Timeline, top: int) -> None:
        plot, theme = self.plot(), self._theme
        # What is selected and no cluster of the legend has the colour of selections.
        chosen_colour = theme.category(self._rank) if self._rank >= 0 else theme.colour("acc")
        step = plot.width() / self._bins()
        gap = 1 if step >= 3 else 0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for i, total in enumerate(self._drawn(timeline).tolist()):
            if not total:
                continue
            left, right = round(self._x(i)), round(self._x(i + 1)) - gap
            width = max(1, right - left)
            mine = 0 if timeline.chosen is None else int(timeline.chosen[i])
            height = max(1.0, plot.height() * total / top)
            column = QRectF(left, plot.bottom() - height, width, height)
            painter.fillRect(column, theme.colour("bar"))
            if mine:
                # Stands above the rest, as in the pictures: the sum is the whole.
                part = max(2.0, plot.height() * mine / top)
                painter.fillRect(
                    QRectF(left, column.top(), width, min(part, height)), chosen_colour
                )

    def _paint_brush(self, painter: QPainter) -> None:
        plot, theme = self.plot(), self._theme
        if self.hasFocus():
            x = round(self._x(self._cursor + 0.5)) + 0.5
            painter.setPen(QPen(theme.colour("acc"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        if self._brush is None:
            return
        first, last = self._x(self._brush[0]), self._x(self._brush[1])
        area = QRectF(first, plot.top(), last - first, plot.height())
        painter.fillRect(area, theme.colour("acc", 0.13))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for edge in (first, last):
            x = round(edge) + 0.5
            painter.setPen(QPen(theme.colour("acc"), 1.5))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.colour("acc")))
            painter.drawRoundedRect(QRectF(x - 4, plot.center().y() - 10, 8, 20), 4, 4)


def _nice(most: int) -> int:
    """The least of some round numbers that is not below: halves of it are whole."""
    if most <= 2:
        return 2
    power: int = 10 ** (len(str(most)) - 1)
    # In tenths, so that 12 and 16 are there beside 10 and 20.
    tops = (tenths * power // 10 for tenths in _TENTHS if tenths * power % 20 == 0)
    return next((top for top in tops if top >= most), 2 * power * 10)


def dates(timeline: Timeline, width: float, least: float) -> list[tuple[int, str]]:
    """Times and labels of the axis, as many as fit.

    Args:
        timeline: What is shown.
        width: Of the chart in pixels.
        least: Least pixels between two labels.
    """
    span = timeline.last_us - timeline.first_us
    if span < 2 * _DAY_US:
        hours = next(
            (h for h in (1, 2, 3, 6, 12, 24) if width * h * 3_600_000_000 / span >= least), 24
        )
        step = hours * 3_600_000_000
        begin = -(-timeline.first_us // step) * step
        return [(us, figures.minute(us)[-5:]) for us in range(begin, timeline.last_us, step)]
    days = next((d for d in _DATE_STEPS if width * d * _DAY_US / span >= least), 36_400)
    step = days * _DAY_US
    begin = -(-timeline.first_us // _DAY_US) * _DAY_US
    years = figures.moment_of(timeline.first_us).year != figures.moment_of(timeline.last_us).year
    return [
        (us, f"{figures.day(us)} {figures.moment_of(us).year}" if years else figures.day(us))
        for us in range(begin, timeline.last_us, step)
    ]
