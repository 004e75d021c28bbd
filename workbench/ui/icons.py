"""Icons from the fonts that qtawesome ships, drawn without it.

Importing qtawesome takes a sixth of a second of every start, for a layer over Qt bindings that
nothing here needs; its fonts and their tables of names are plain files beside it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

#: What a name begins with -> what the files of the font begin with.
_FONTS: Final = {"ph": "phosphor", "mdi6": "materialdesignicons6-webfont"}
#: Of the height of an icon, so that the widest glyph keeps inside it.
_GLYPH: Final = 0.875


@dataclass(frozen=True, slots=True)
class Colours:
    """What an icon is drawn in: at rest, switched on, disabled."""

    plain: QColor
    on: QColor
    disabled: QColor

    def of(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        """The colour in that mode and state."""
        if mode is QIcon.Mode.Disabled:
            return self.disabled
        return self.on if state is QIcon.State.On else self.plain


def icon(name: str, colours: Colours) -> QIcon:
    """An icon by its qtawesome name ("ph.funnel", "mdi6.lasso").

    Raises:
        KeyError: There is no icon of that name.
        FileNotFoundError: The fonts are not part of this installation.
    """
    prefix, _, glyph = name.partition(".")
    family, glyphs = _font(prefix)
    return QIcon(_Glyph(family, glyphs[glyph], colours))


class _Glyph(QIconEngine):
    """One character of a font as an icon of any size."""

    def __init__(self, family: str, character: str, colours: Colours) -> None:
        super().__init__()
        self._family = family
        self._character = character
        self._colours = colours

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw it into the middle of a box."""
        font = QFont(self._family)
        font.setPixelSize(max(round(_GLYPH * rect.height()), 1))
        painter.save()
        painter.setFont(font)
        painter.setPen(self._colours.of(mode, state))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._character)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Draw it alone, in device pixels."""
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(), size), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        """Another one like it."""
        return _Glyph(self._family, self._character, self._colours)


@cache
def _font(prefix: str) -> tuple[str, dict[str, str]]:
    """Family of a font that was made known to Qt, and its characters by name."""
    stem = _FONTS[prefix]
    found = find_spec("qtawesome")
    if found is None or found.origin is None:
        raise FileNotFoundError("qtawesome")
    folder = Path(found.origin).parent / "fonts"
    (table,) = folder.glob(f"{stem}-charmap-*.json")
    (file,) = folder.glob(f"{stem}-*.ttf")
    number = QFontDatabase.addApplicationFont(str(file))
    if number < 0:
        raise FileNotFoundError(file)
    codes = json.loads(table.read_text("utf-8"))
    characters = {name: chr(int(code, 16)) for name, code in codes.items()}
    return QFontDatabase.applicationFontFamilies(number)[0], characters
