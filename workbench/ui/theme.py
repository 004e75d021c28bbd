"""The theme: which tokens hold now, and fonts, icons and the style sheet made from them.

One ``Theme`` is made where the application starts and handed to every widget that paints or
needs an icon. Widgets listen to ``changed`` and ask again; nothing keeps a colour of its own.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QDir, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QStyleFactory

from workbench.domain.resources import resource_path
from workbench.ui import icons
from workbench.ui.fonts import font, load_fonts
from workbench.ui.style import ICON_PATH, style_sheet
from workbench.ui.tokens import DARK, LIGHT, TEXT, Tokens

if TYPE_CHECKING:
    from PySide6.QtGui import QFont, QIcon, QPixmap
    from PySide6.QtWidgets import QApplication

SMALLEST_TEXT: Final = 1.0
LARGEST_TEXT: Final = 2.0


class ThemeChoice(StrEnum):
    """What the user chose; ``SYSTEM`` follows the desktop."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


class Theme(QObject):
    """The look of the whole application; applied to it when made and at each change.

    Args:
        application: The one QApplication.
        choice: Follow the desktop, or force one theme.
        text_scale: 1.0 to 2.0; outside it is clamped.
        reduced_motion: All durations become 0.
        parent: Owner.

    Raises:
        FileNotFoundError: A font or icon is not part of this installation.
    """

    #: Tokens, fonts or sizes are other ones now: ask again and repaint.
    changed = Signal()

    def __init__(
        self,
        application: QApplication,
        *,
        choice: ThemeChoice = ThemeChoice.SYSTEM,
        text_scale: float = 1.0,
        reduced_motion: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._application = application
        self._choice = choice
        self._scale = _clamped(text_scale)
        self._reduced_motion = reduced_motion
        self._fonts: dict[str, QFont] = {}
        self._icon_pixmaps: dict[tuple[str, int, str, float], QPixmap] = {}
        load_fonts()
        QDir.setSearchPaths(ICON_PATH, [str(resource_path("icons"))])
        application.setStyle(QStyleFactory.create("Fusion"))
        self._tokens = self._wanted_tokens()
        self._apply()
        # Forcing a scheme also colours native title bars and dialogs.
        self._ask_desktop_for(choice)
        application.styleHints().colorSchemeChanged.connect(self._on_desktop_changed)

    @property
    def tokens(self) -> Tokens:
        """The colours that hold now."""
        return self._tokens

    @property
    def dark(self) -> bool:
        """Whether the dark theme holds now."""
        return self._tokens is DARK

    @property
    def choice(self) -> ThemeChoice:
        """What the user chose."""
        return self._choice

    @property
    def text_scale(self) -> float:
        """Text scale, 1.0 to 2.0."""
        return self._scale

    def set_choice(self, choice: ThemeChoice) -> None:
        """Follow the desktop, or force one theme."""
        self._choice = choice
        self._ask_desktop_for(choice)
        self._refresh(force=False)

    def set_text_scale(self, scale: float) -> None:
        """Scale all text; clamped to 1.0 to 2.0."""
        scale = _clamped(scale)
        if scale != self._scale:
            self._scale = scale
            self._refresh(force=True)

    def duration_ms(self, milliseconds: int) -> int:
        """How long a motion lasts: 0 with reduced motion."""
        return 0 if self._reduced_motion else milliseconds

    def px(self, pixels: float) -> int:
        """A measure that holds text, at the present text scale."""
        return round(pixels * self._scale)

    def font(self, style: str = "text") -> QFont:
        """The font of a text style of ``tokens.TEXT`` ("head", "second", "mono").

        Raises:
            KeyError: There is no such style.
        """
        made = self._fonts.get(style)
        if made is None:
            made = self._fonts[style] = font(TEXT[style], self._scale)
        return made

    def colour(self, name: str, alpha: float = 1.0) -> QColor:
        """The colour of a token, with an opacity in [0, 1].

        Raises:
            AttributeError: There is no such token.
        """
        made = QColor(self._tokens.colour(name))
        made.setAlphaF(alpha)
        return made

    def category(self, rank: int) -> QColor:
        """The colour of a cluster by its rank from 0; the seventh and later are grey."""
        colours = self._tokens.categories
        return QColor(colours[rank] if 0 <= rank < len(colours) else self._tokens.bar)

    def icon(self, name: str, colour: str = "t2", *, chosen: str = "acc") -> QIcon:
        """An icon in the colour of a token.

        Args:
            name: qtawesome name ("ph.funnel", "mdi6.lasso").
            colour: Token of the ordinary state.
            chosen: Token of the state "on".
        """
        colours = icons.Colours(self.colour(colour), self.colour(chosen), self.colour("t3"))
        return icons.icon(name, colours)

    def icon_pixmap(self, name: str, size: int, colour: str = "t2", ratio: float = 1.0) -> QPixmap:
        """An icon as pixels, ``size`` at 100 % (grows with the text), sharp at that ratio."""
        key = (name, size, colour, ratio)
        made = self._icon_pixmaps.get(key)
        if made is None:
            side = self.px(size)
            made = self._icon_pixmaps[key] = self.icon(name, colour).pixmap(
                QSize(side, side), ratio
            )
        return made

    def _wanted_tokens(self) -> Tokens:
        if self._choice is ThemeChoice.DARK:
            return DARK
        if self._choice is ThemeChoice.LIGHT:
            return LIGHT
        scheme = self._application.styleHints().colorScheme()
        return LIGHT if scheme is Qt.ColorScheme.Light else DARK

    def _ask_desktop_for(self, choice: ThemeChoice) -> None:
        hints = self._application.styleHints()
        if choice is ThemeChoice.SYSTEM:
            hints.unsetColorScheme()
        else:
            dark = choice is ThemeChoice.DARK
            hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)

    def _on_desktop_changed(self) -> None:
        self._refresh(force=False)

    def _refresh(self, *, force: bool) -> None:
        tokens = self._wanted_tokens()
        if tokens is self._tokens and not force:
            return
        self._tokens = tokens
        self._fonts.clear()
        self._icon_pixmaps.clear()
        self._apply()
        self.changed.emit()

    def _apply(self) -> None:
        self._application.setFont(self.font("text"))
        QGuiApplication.setPalette(palette(self._tokens))
        self._application.setStyleSheet(style_sheet(self._tokens, self._scale))


def palette(tokens: Tokens) -> QPalette:
    """The palette for what the style sheet does not reach (native parts, item delegates)."""
    roles = QPalette.ColorRole
    made = QPalette()
    for role, colour in (
        (roles.Window, tokens.bg0),
        (roles.WindowText, tokens.t1),
        (roles.Base, tokens.bg1),
        (roles.AlternateBase, tokens.bg1),
        (roles.Text, tokens.t1),
        (roles.PlaceholderText, tokens.t3),
        (roles.Button, tokens.bg2),
        (roles.ButtonText, tokens.t1),
        (roles.BrightText, tokens.red),
        (roles.ToolTipBase, tokens.bg1),
        (roles.ToolTipText, tokens.t1),
        (roles.Highlight, tokens.acc),
        (roles.HighlightedText, tokens.onacc),
        (roles.Accent, tokens.acc),
        (roles.Link, tokens.acc),
        (roles.LinkVisited, tokens.vio),
        (roles.Light, tokens.bg3),
        (roles.Midlight, tokens.bg3),
        (roles.Mid, tokens.line2),
        (roles.Dark, tokens.line),
        (roles.Shadow, tokens.bg0),
    ):
        made.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.t3))
    return made


def _clamped(scale: float) -> float:
    return min(max(scale, SMALLEST_TEXT), LARGEST_TEXT)
