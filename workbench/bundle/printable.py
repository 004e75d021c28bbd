"""What the shipped fonts can print: everything else becomes ``<U+XXXX>``, so the PDF compiles.

Prompts are hostile text. Two filters stand between a log and the report: controls, bidirectional
marks and invisible characters are written out (``domain.text.visible_text``), and so is every
character for which no shipped font has a glyph. Markup needs no filter here: the report receives
text as data and never parses it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.resources import resource_path
from workbench.domain.text import visible_text

if TYPE_CHECKING:
    from pathlib import Path

#: The files of the report's plain text, in the order in which it tries them.
_FILES: Final = ("Inter-Regular.otf", "DroidSansFallback.ttf")

#: Combining marks one after another that are still printed as they are; a longer stack is not
#: writing but an attempt to paint over the lines above and below.
_MOST_MARKS: Final = 3

#: Characters that a font may hold and still draw nothing: fillers, joiners, variation selectors.
_BLANK: Final = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2800, 0x3164, 0xFFA0}
    | set(range(0xFE00, 0xFE10))
)


def font_folder() -> Path:
    """The folder with the shipped fonts.

    Raises:
        FileNotFoundError: The fonts are not part of this installation.
    """
    return resource_path("fonts")


class Printer:
    """Turns any text into text that the shipped fonts draw, each character visible or written out.

    Args:
        drawable: Code points for which a font has a glyph.
    """

    def __init__(self, drawable: frozenset[int]) -> None:
        self._drawable = drawable

    @classmethod
    def of_shipped_fonts(cls) -> Printer:
        """A printer for the fonts in ``resources/fonts``."""
        return cls(_shipped_glyphs())

    def text(self, text: str, *, keep_newlines: bool = True) -> str:
        """The text with everything that cannot be seen or drawn written as ``<U+XXXX>``."""
        text = visible_text(text, keep_newlines=keep_newlines).replace("\t", "    ")
        if text.isascii():
            return text
        shown: list[str] = []
        marks = 0
        for character in text:
            marks = marks + 1 if unicodedata.combining(character) else 0
            written = character != "\n" and (
                ord(character) not in self._drawable
                or marks > _MOST_MARKS
                or unicodedata.bidirectional(character) in {"R", "AL", "AN"}
            )
            shown.append(f"<U+{ord(character):04X}>" if written else character)
        return "".join(shown)

    def data(self, value: Any) -> Any:
        """The same for every string inside dicts, lists and tuples; other values stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(key)): self.data(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(item) for item in value]
        return value


@lru_cache(maxsize=1)
def _shipped_glyphs() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    drawable: set[int] = set()
    for name in _FILES:
        charmap = FT2Font(str(font_folder() / name)).get_charmap()
        drawable |= {code for code, glyph in charmap.items() if glyph}
    return frozenset(drawable - _BLANK)


_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>#|!~&])")


def markdown_text(text: str) -> str:
    """Text for a Markdown file: no link, picture, heading or HTML can come out of it."""
    line = visible_text(text, keep_newlines=False)
    line = _MARKDOWN.sub(r"\\\1", line)
    return line.replace("://", "\\://").replace("www.", "www\\.")
