"""The shipped fonts as Qt fonts: Inter with tabular figures, JetBrains Mono, and a fallback.

Style sheets must not name fonts: Qt drops the tabular figures of a font that a style sheet
touched. So fonts are set on the application and on widgets, here and in ``theme``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QFont, QFontDatabase

from workbench.domain.resources import resource_path

if TYPE_CHECKING:
    from workbench.ui.tokens import TextStyle

_FILES: Final = (
    "Inter-Regular.otf",
    "Inter-Medium.otf",
    "Inter-SemiBold.otf",
    "Inter-Bold.otf",
    "JetBrainsMono-Regular.ttf",
    "JetBrainsMono-Bold.ttf",
    "DroidSansFallback.ttf",
)
TEXT_FAMILIES: Final = ["Inter", "Droid Sans Fallback"]
MONO_FAMILIES: Final = ["JetBrains Mono", "Droid Sans Fallback"]


def load_fonts() -> None:
    """Make the shipped fonts known to the running application.

    Raises:
        FileNotFoundError: A font is not part of this installation.
        RuntimeError: Qt cannot read a font file.
    """
    for name in _FILES:
        path = resource_path(f"fonts/{name}")
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise RuntimeError(f"{path} is not a font that Qt can read")


def font(style: TextStyle, scale: float = 1.0) -> QFont:
    """A font of that style, unhinted, figures of one width.

    Args:
        style: Size, weight, family.
        scale: Text scale, 1.0 to 2.0.
    """
    made = QFont(MONO_FAMILIES if style.mono else TEXT_FAMILIES)
    made.setPixelSize(round(style.px * scale))
    made.setWeight(QFont.Weight(style.weight))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if not style.mono:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made
