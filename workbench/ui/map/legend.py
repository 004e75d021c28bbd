"""The legend: what is in view, in exact counts, and how bright how many exchanges are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.domain.text import elide, plural
from workbench.ui.map.cards import Card
from workbench.ui.widgets import Button, Painted, Text, paint_swatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

    from workbench.kernels.pyramid import Inks
    from workbench.kernels.tone import Tone
    from workbench.ui.theme import Theme

OTHER_TRAFFIC: Final = "All other traffic"
_LONGEST_NAME: Final = 28
_FOLD, _OPEN = "Fold the legend", "Open the legend"


class LegendRow(QAbstractButton):
    """One category: eye, swatch, name, exact count. Switched off it is shown in grey.

    Args:
        theme: The look.
        name: Of the category.
        colour: Token of its colour.
        hideable: Whether it can be switched off (all other traffic cannot).
        parent: The legend.
    """

    def __init__(
        self,
        theme: Theme,
        name: str,
        colour: str,
        *,
        hideable: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = elide(name, _LONGEST_NAME)
        self._colour = colour
        self._count = 0
        self._hideable = hideable
        self._chosen = True
        self.setCheckable(hideable)
        self.setChecked(hideable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if hideable else Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if hideable:
            self.setToolTip("Show in grey or in colour")
        self._say()
        self.toggled.connect(self._say)
        theme.changed.connect(self.updateGeometry)

    def set_count(self, count: int) -> None:
        """Exchanges of it in view."""
        if count != self._count:
            self._count = count
            self._say()
            self.update()

    def set_chosen(self, chosen: bool) -> None:
        """Whether something of it is selected, or nothing is; otherwise its points are grey."""
        if chosen != self._chosen:
            self._chosen = chosen
            self._say()
            self.update()

    def sizeHint(self) -> QSize:
        """Room for name and a count of eight digits."""
        px = self._theme.px
        name = QFontMetricsF(self._theme.font("second-strong")).horizontalAdvance(self._name)
        count = QFontMetricsF(self._theme.font("second")).horizontalAdvance(
            max(f"{self._count:,}", "10,000,000", key=len)
        )
        return QSize(math.ceil(px(40) + name + px(12) + count), px(21))

    def minimumSizeHint(self) -> QSize:
        """Never narrower than what it says."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the row."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        box = QRectF(self.rect())
        on = self.isChecked() or not self._hideable
        if self._hideable:
            if self.underMouse():
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("bg3"))
                painter.drawRoundedRect(box.adjusted(-4, 0, 4, 0), 4, 4)
            icon = theme.icon_pixmap(
                "ph.eye" if on else "ph.eye-slash", 14, "t3", self.devicePixelRatioF()
            )
            painter.drawPixmap(QPointF(box.left(), box.center().y() - px(7)), icon)
        swatch = QRectF(box.left() + px(22), box.center().y() - px(5), px(10), px(10))
        coloured = on and self._chosen
        paint_swatch(painter, swatch, theme.colour(self._colour if coloured else "bar"))
        painter.setPen(theme.colour("t1" if on else "t3"))
        painter.setFont(theme.font("second-strong"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box.adjusted(px(40), 0, 0, 0), middle, self._name)
        painter.setPen(theme.colour("t2" if on else "t3"))
        painter.setFont(theme.font("second"))
        painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, f"{self._count:,}")

    def _say(self) -> None:
        coloured = not self._hideable or (self.isChecked() and self._chosen)
        shown = "" if coloured else ", shown in grey"
        self.setAccessibleName(
            f"{self._name}: {plural(self._count, 'exchange', 'exchanges')}{shown}"
        )


class DensityScale(Painted):
    """How bright how many exchanges are: the ramp over a logarithmic scale of counts.

    Args:
        theme: The look.
        parent: The legend.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._densest = 0
        self._stops: list[QColor] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_tone(self, tone: Tone, inks: Inks, power: float) -> None:
        """Show the tone of a level."""
        self._densest = int(tone.densest[-1])
        points = np.geomspace(1, max(self._densest, 1), 24)
        bright = np.clip(tone.at(8, points) ** power * 255, 0, 255).astype(int)
        self._stops = [QColor(*(int(c) for c in inks.ramp[b])) for b in bright]
        self.setAccessibleName(f"Densest: {self._densest:,} exchanges per 4 x 4 pixels")
        self.update()

    def sizeHint(self) -> QSize:
        """A bar and a line of ticks."""
        return QSize(self._theme.px(160), self._theme.px(8 + 4 + 14))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw bar and ticks."""
        if not self._stops:
            return
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(0.5, 0.5, self.width() - 1, px(8))
        ramp = QLinearGradient(bar.left(), 0, bar.right(), 0)
        for i, colour in enumerate(self._stops):
            ramp.setColorAt(i / (len(self._stops) - 1), colour)
        painter.setPen(QPen(theme.colour("line2"), 1))
        painter.setBrush(ramp)
        painter.drawRoundedRect(bar, 2, 2)
        painter.setPen(theme.colour("t2"))
        painter.setFont(theme.font("tick"))
        metrics = QFontMetricsF(theme.font("tick"))
        baseline = self.height() - metrics.descent()
        free_from = -1.0
        free_to = self.width() - metrics.horizontalAdvance(f"{self._densest:,}") - px(6)
        for count in ticks(self._densest):
            text = f"{count:,}"
            width = metrics.horizontalAdvance(text)
            share = math.log(count) / math.log(self._densest) if self._densest > 1 else 0.0
            left = min(max(share * self.width() - width / 2, 0.0), self.width() - width)
            if count != self._densest and (left < free_from or left + width > free_to):
                continue
            painter.drawText(QPointF(left, baseline), text)
            free_from = left + width + px(6)


def ticks(densest: int) -> list[int]:
    """Powers of ten up to the largest count, and that itself: 1, 10, 100, 2,140."""
    if densest < 1:
        return []
    powers = [10**k for k in range(int(math.log10(densest)) + 1) if 10**k < densest]
    return [*powers, densest]


class LegendCard(Card):
    """What is in view: categories with colours and exact counts, and the scale of density.

    Args:
        theme: The look.
        parent: The map.
    """

    #: Categories switched to grey: frozenset of ranks 1 to 6.
    hidden_changed = Signal(object)
    #: It was folded to its heading, so that what it covers can be seen, or opened again.
    folded = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setAccessibleName("Legend")
        self._rows: list[LegendRow] = []
        self._column = QVBoxLayout(self)
        # The heading's button brings room of its own.
        self._column.setContentsMargins(12, 2, 12, 10)
        self._column.setSpacing(0)
        head = QHBoxLayout()
        head.addWidget(Text(theme, "In view", "second-strong"))
        head.addStretch(1)
        self._unit = Text(theme, "exchanges", "axis", "t3")
        head.addWidget(self._unit)
        self.fold_button = Button(theme, kind="quiet", icon="ph.caret-down", tip=_FOLD)
        self.fold_button.setProperty("square", "true")
        self.fold_button.clicked.connect(self._fold)
        head.addWidget(self.fold_button)
        self._column.addLayout(head)
        self._holder = QWidget()
        self._table = QVBoxLayout(self._holder)
        self._table.setContentsMargins(0, 0, 0, 0)
        self._table.setSpacing(0)
        self._column.addWidget(self._holder)
        self._is_folded = self._compact = False
        self._n_unplaced = 0
        self._unplaced = Text(theme, "", "axis", "t3")
        self._unplaced.hide()
        self._column.addWidget(self._unplaced)
        self._density = QWidget()
        density = QVBoxLayout(self._density)
        density.setContentsMargins(0, 6, 0, 0)
        density.setSpacing(0)
        rule = QFrame()
        rule.setFrameShape(QFrame.Shape.HLine)
        density.addWidget(rule)
        density.addSpacing(6)
        density.addWidget(Text(theme, "Exchanges per 4 x 4 pixels", "axis", "t2"))
        density.addSpacing(3)
        self.scale = DensityScale(theme)
        density.addWidget(self.scale)
        self._column.addWidget(self._density)
        self.set_categories((), ())

    def set_categories(self, names: Sequence[str], colours: Sequence[str]) -> None:
        """Other categories: all in colour, counts unknown (0) until ``set_counts``."""
        for row in self._rows:
            self._table.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [
            LegendRow(self.theme, name, colour, hideable=True, parent=self)
            for name, colour in zip(names, colours, strict=True)
        ]
        other = OTHER_TRAFFIC if self._rows else "All traffic"
        for row in self._rows:
            row.toggled.connect(self._on_toggled)
        self._rows.append(LegendRow(self.theme, other, "bar", hideable=False, parent=self))
        for row in self._rows:
            self._table.addWidget(row)
            row.show()

    def set_chosen(self, chosen: frozenset[int] | None) -> None:
        """Categories of which something is selected, by rank; None: nothing is selected."""
        for rank, row in enumerate(self._rows[:-1], start=1):
            row.set_chosen(chosen is None or rank in chosen)

    def set_compact(self, *, compact: bool) -> None:
        """Leave the scale of density away, where the map is low."""
        self._compact = compact
        self._arrange()

    def set_counts(self, counts: NDArray[np.int64], unplaced: int) -> None:
        """Exchanges in view by category (i64[8], 0 is all other), and how many have no place."""
        for rank, row in enumerate(self._rows[:-1], start=1):
            row.set_count(int(counts[rank]))
        self._rows[-1].set_count(int(counts[0]))
        self._n_unplaced = unplaced
        self._unplaced.setText(f"Without a place on the map: {unplaced:,}")
        self._arrange()

    def _fold(self) -> None:
        self._is_folded = not self._is_folded
        self.fold_button.set_glyph("ph.caret-up" if self._is_folded else "ph.caret-down")
        self.fold_button.setToolTip(_OPEN if self._is_folded else _FOLD)
        self.fold_button.setAccessibleName(_OPEN if self._is_folded else _FOLD)
        self._arrange()
        self.folded.emit()

    def _arrange(self) -> None:
        """Show what there is room for, and nothing but the heading where it is folded."""
        opened = not self._is_folded
        self._unit.setVisible(opened)
        self._holder.setVisible(opened)
        self._unplaced.setVisible(opened and self._n_unplaced > 0)
        self._density.setVisible(opened and not self._compact)

    def _on_toggled(self) -> None:
        hidden = frozenset(
            rank for rank, row in enumerate(self._rows[:-1], start=1) if not row.isChecked()
        )
        self.hidden_changed.emit(hidden)
