"""Every record is accounted for: the fates as a bar, and as an equation that adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.domain.exchange import Accounting, Fate
from workbench.domain.text import plural
from workbench.ui.widgets import Painted, Text

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from workbench.ui.theme import Theme

#: Token of each fate, in the order of the equation.
FATE_COLOURS: Final[dict[Fate, str]] = {
    Fate.LOADED: "acc",
    Fate.JOINED: "teal",
    Fate.DUPLICATE: "bar",
    Fate.CONFLICT: "amb",
    Fate.BLANK: "line2",
    Fate.HEADER: "edge",
    Fate.REJECTED: "red",
}
_LEAST: Final = 10.0
_GAP: Final = 2.0
_HEIGHT: Final = 14


class FateBar(Painted):
    """The fates as parts of one bar; a part that would vanish is drawn wider than true."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._accounting = Accounting()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Records by fate")

    def set_accounting(self, accounting: Accounting) -> None:
        """Show other figures."""
        self._accounting = accounting
        self.setAccessibleDescription(equation(accounting))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as it may be; one line high."""
        return QSize(self._theme.px(240), self._theme.px(_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the parts, or an empty track."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colour("bg3"))
        painter.setBrush(self._theme.colour("bg3"))
        if self._accounting.records == 0:
            painter.drawRoundedRect(QRectF(self.rect()), 3, 3)
            return
        left = 0.0
        painter.setPen(self._theme.colour("bg3", 0.0))
        for fate, width in part_widths(self._accounting, float(self.width())):
            painter.setBrush(self._theme.colour(FATE_COLOURS[fate]))
            painter.drawRoundedRect(QRectF(left, 0.0, width, float(self.height())), 3, 3)
            left += width + _GAP


class AccountingView(QWidget):
    """The bar with its equation: "Loaded 193,402 + Blank 12 = 193,414 records"."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self._bar = FateBar(theme)
        layout.addWidget(self._bar)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.sum = Text(theme, "", "second-strong", wrap=True)
        row.addWidget(self.sum, 1)
        self.note = Text(theme, "", "second", "t3")
        row.addWidget(self.note)
        layout.addLayout(row)
        self.set_accounting(Accounting())

    def set_accounting(self, accounting: Accounting, *, note: str = "") -> None:
        """Show other figures, and one remark at the right."""
        self._bar.set_accounting(accounting)
        self.sum.setText(equation(accounting))
        widened = accounting.records and any(
            0 < getattr(accounting, fate.value) < accounting.records / 50 for fate in Fate
        )
        self.note.setText(note or ("Small parts drawn wider than true" if widened else ""))


def equation(accounting: Accounting) -> str:
    """The fates that occur, added up: ``Loaded 7 + Rejected 1 = 8 records``."""
    if accounting.records == 0:
        return "No records read yet"
    parts = [
        f"{fate.value.capitalize()} {getattr(accounting, fate.value):,}"
        for fate in FATE_COLOURS
        if getattr(accounting, fate.value)
    ]
    return f"{' + '.join(parts)} = {plural(accounting.records, 'record', 'records')}"


def part_widths(accounting: Accounting, width: float) -> list[tuple[Fate, float]]:
    """Width of the part of each fate that occurs; together with the gaps they fill the bar.

    Args:
        accounting: The figures; at least one record.
        width: Of the whole bar, in pixels.
    """
    present = [fate for fate in FATE_COLOURS if getattr(accounting, fate.value)]
    room = width - _GAP * (len(present) - 1)
    counts = {fate: getattr(accounting, fate.value) for fate in present}
    small: set[Fate] = set()
    while True:
        left = room - _LEAST * len(small)
        whole = sum(count for fate, count in counts.items() if fate not in small)
        # Room given to a small part is taken from the others, which may become small by it.
        new = {f for f in present if f not in small and left * counts[f] / whole < _LEAST}
        if not new:
            break
        small |= new
    return [(f, _LEAST if f in small else left * counts[f] / whole) for f in present]
