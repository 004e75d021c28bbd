"""Hostile text made visible: what logs hold is shown as plain characters, never obeyed."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Control, format, surrogate, private-use and unassigned characters, except newline and tab.
#: These are what reorders, hides or drives a terminal.
_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
#: Joiners inside emoji and several scripts are ordinary text there; alone they hide nothing
#: worth knowing, but they do split words, so they are shown as well.
_SUSPECT: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202f"
    "\u2060-\u206f\ud800-\udfff\ue000-\uf8ff\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def visible_text(text: str, *, keep_newlines: bool = True) -> str:
    """The text with every invisible or driving character written as ``<U+202E>``.

    Args:
        text: Any text, also with lone surrogates.
        keep_newlines: Keep line feeds and tabs; otherwise they become single spaces.

    Returns:
        Text that is safe to show in a terminal or a plain-text widget: it cannot reorder, hide
        or colour anything. Markup in it stays text; escaping markup is the widget's business.
    """
    text = text.replace("\r\n", "\n")
    if not keep_newlines:
        text = re.sub(r"[\n\t]+", " ", text)
    return _SUSPECT.sub(_written, text)


def _written(match: re.Match[str]) -> str:
    character = match.group()
    if unicodedata.category(character) in _CATEGORIES or unicodedata.category(character) == "Cn":
        return f"<U+{ord(character):04X}>"
    return character


def elide(text: str, length: int) -> str:
    """The first ``length`` characters of one line of visible text, with an ellipsis if cut."""
    line = visible_text(text[: 2 * length], keep_newlines=False)
    return line if len(line) <= length and len(text) <= 2 * length else line[: length - 1] + "…"


def plural(count: int, one: str, many: str) -> str:
    """``1 account``, ``2 accounts``: the exact count, written out with thousands separators."""
    return f"{count:,} {one if count == 1 else many}"
