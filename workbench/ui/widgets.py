"""Small shared parts: text, badges, key caps, swatches, buttons.

Each takes the theme first and repaints itself when the theme changes. The ``paint_*``
functions draw the same parts inside item delegates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from workbench.ui.theme import Theme
    from workbench.ui.tokens import Mark

from workbench.ui import figures

_BADGE_PADDING: Final = 7.0
_BADGE_GAP: Final = 5.0


class Text(QLabel):
    """Plain text in a text style and the colour of a token; grows with the text scale.

    Text is never markup: what logs hold is shown, not obeyed.

    Args:
        theme: The look.
        text: What it says.
        style: Name of a style of ``tokens.TEXT``.
        colour: Token of the text ("t1", "t2", "t3", "acc", "red", "amb", "teal", "vio", "gry").
        wrap: Whether long text takes several lines.
        parent: Owner.
    """

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        style: str = "text",
        colour: str = "t1",
        *,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._style = style
        self._said = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setText(text)
        self.setProperty("colour", colour)
        self._refresh()
        theme.changed.connect(self._refresh)

    def text(self) -> str:
        """What it says."""
        return self._said

    def setText(self, text: str) -> None:
        """Say something else; where lines wrap, a long word may be broken anywhere."""
        self._said = text
        selectable = self.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
        # What can be copied stays as it is, to the letter.
        broken = self.wordWrap() and not selectable
        super().setText(figures.breakable(text) if broken else text)

    def setTextInteractionFlags(self, flags: Qt.TextInteractionFlag) -> None:
        """Let it be copied, or not."""
        super().setTextInteractionFlags(flags)
        self.setText(self._said)

    def set_colour(self, colour: str) -> None:
        """Take the colour of another token."""
        if self.property("colour") != colour:
            self.setProperty("colour", colour)
            self.style().unpolish(self)
            self.style().polish(self)

    def _refresh(self) -> None:
        self.setFont(self._theme.font(self._style))


class Elided(Text):
    """Text of one line that gives way: shorter, or cut, where there is no room; whole as tooltip.

    A number must not be cut: give what else may be said, down to nothing.
    """

    _shorter: tuple[str, ...] = ()

    def minimumSizeHint(self) -> QSize:
        """A few letters."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self._theme.px(48)), hint.height())

    def setText(self, text: str, *shorter: str) -> None:
        """Say something else; where it has no room, the first of ``shorter`` that has."""
        self._shorter = shorter
        super().setText(text)
        self._tell()

    def shown(self) -> str:
        """What there is room for."""
        metrics, width = self.fontMetrics(), self.width()
        for text in (self.text(), *self._shorter):
            if metrics.horizontalAdvance(text) <= width:
                return text
        last = self._shorter[-1] if self._shorter else self.text()
        return metrics.elidedText(last, Qt.TextElideMode.ElideRight, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is cut can be read in the tooltip."""
        super().resizeEvent(event)
        self._tell()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw as much as there is room for."""
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.rect(),
            int(self.alignment()),
            self.palette(),
            self.isEnabled(),
            self.shown(),
            self.foregroundRole(),
        )

    def _tell(self) -> None:
        cut = self.fontMetrics().horizontalAdvance(self.text()) > self.width()
        self.setToolTip(figures.tooltip(self.text()) if cut else "")


class Button(QPushButton):
    """A push button with an icon in the colour of its text and, if given, its key as a cap.

    Args:
        theme: The look.
        text: A verb with its object ("Save selection"); "" for a button of icon only.
        kind: "", "primary", "danger", "link", "quiet" or "chip" (see ``style``).
        icon: qtawesome name; "" for none.
        tip: Tooltip and, for a button without text, the accessible name.
        parent: Owner.
    """

    _COLOURS: Final = {"primary": "onacc", "danger": "red", "link": "acc"}

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        *,
        kind: str = "",
        icon: str = "",
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._kind = kind
        self._icon = icon
        if kind:
            self.setProperty("kind", kind)
        if tip:
            self.setToolTip(tip)
            if not text:
                self.setAccessibleName(tip)
        self._refresh()
        theme.changed.connect(self._refresh)

    def set_glyph(self, icon: str) -> None:
        """Take another icon, by its qtawesome name."""
        self._icon = icon
        self._refresh()

    def _refresh(self) -> None:
        self.setFont(self._theme.font("strong"))
        if self._icon:
            # A quiet icon stands back; beside a word it is as strong as the word.
            plain = "t2" if self._kind == "quiet" and not self.text() else "t1"
            self.setIcon(self._theme.icon(self._icon, self._COLOURS.get(self._kind, plain)))
            side = self._theme.px(16)
            self.setIconSize(QSize(side, side))


class Painted(QWidget):
    """Base of parts that draw themselves: repaints and resizes when the theme changes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.changed.connect(self._refresh)

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Painted parts never shrink below what they say."""
        return self.sizeHint()


class Badge(Painted):
    """A verdict (outline) or a label (filled): icon and word.

    Args:
        theme: The look.
        mark: What it shows; ``tokens.VERDICTS[verdict]`` or ``tokens.LABELS[label]``.
        parent: Owner.
    """

    def __init__(self, theme: Theme, mark: Mark, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._mark = mark
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(mark.word)

    def sizeHint(self) -> QSize:
        """Size of the badge in its own font."""
        return badge_size(self._theme, self._mark)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the badge."""
        painter = QPainter(self)
        paint_badge(painter, QRectF(self.rect()), self._theme, self._mark)


def badge_size(theme: Theme, mark: Mark) -> QSize:
    """How much room a badge needs."""
    metrics = QFontMetricsF(theme.font("second-strong"))
    width = metrics.horizontalAdvance(mark.word) + theme.px(14) + _BADGE_GAP + 2 * _BADGE_PADDING
    return QSize(round(width + 1), theme.px(22))


def paint_badge(painter: QPainter, area: QRectF, theme: Theme, mark: Mark) -> None:
    """Draw a badge at the left of an area, vertically centred, as ``badge_size`` says."""
    size = badge_size(theme, mark)
    box = QRectF(
        area.left(), area.center().y() - size.height() / 2, size.width(), size.height()
    ).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour(mark.colour), 1))
    painter.setBrush(theme.colour(mark.background) if mark.background else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 4, 4)
    side = theme.px(14)
    ratio = painter.device().devicePixelRatio()
    painter.drawPixmap(
        QPointF(box.left() + _BADGE_PADDING, box.center().y() - side / 2),
        theme.icon_pixmap(mark.icon, 14, mark.colour, ratio),
    )
    painter.setFont(theme.font("second-strong"))
    text = box.adjusted(_BADGE_PADDING + side + _BADGE_GAP, 0, 0, 0)
    painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, mark.word)
    painter.restore()


class KeyCap(Painted):
    """A key, shown where it is used ("L", "Ctrl K").

    Args:
        theme: The look.
        key: As printed on the key.
        parent: Owner.
    """

    def __init__(self, theme: Theme, key: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._key = key
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Key {key}")

    def sizeHint(self) -> QSize:
        """At least square."""
        metrics = QFontMetricsF(self._theme.font("group"))
        height = self._theme.px(20)
        return QSize(max(height, round(metrics.horizontalAdvance(self._key) + 12)), height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the cap."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("line2"), 1))
        painter.setBrush(self._theme.colour("bg3"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(self._theme.colour("t2"))
        painter.setFont(self._theme.font("group"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._key)


class Swatch(Painted):
    """The colour of a cluster as a small square; grey for what has no colour.

    Args:
        theme: The look.
        rank: Rank of the cluster from 0; -1 for all other traffic.
        size: Side in pixels at 100 %.
        parent: Owner.
    """

    def __init__(
        self, theme: Theme, rank: int = -1, size: int = 10, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._rank = rank
        self._size = size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._theme.px(self._size), self._theme.px(self._size))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the square."""
        painter = QPainter(self)
        paint_swatch(painter, QRectF(self.rect()), self._theme.category(self._rank))


def paint_swatch(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """Draw a swatch: a square with corners of 2 px."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(box, 2, 2)
    painter.restore()
