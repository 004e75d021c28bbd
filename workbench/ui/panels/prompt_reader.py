"""Reads a prompt, or an exchange in its parts, as plain characters.

What logs hold is hostile text: control and direction marks are written out and nothing is markup.
Only the headings are formatted, so that no text can pass for one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QPlainTextEdit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.ui.theme import Theme

#: So long a word is no word (base64, an attack): Qt takes quadratic time to wrap it at its ends.
_NO_WORD: Final = re.compile(r"[^ \t\n]{2000}")


class PromptReader(QPlainTextEdit):
    """A page of text that can be walked and copied by keyboard.

    Args:
        theme: The look.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._parts: tuple[tuple[str, str | None], ...] = ()
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.setAccessibleName("Text of the prompt or exchange")
        self.setProperty("reader", "true")
        self.setPlaceholderText("Choose a prompt to read it, and who sent it.")
        theme.changed.connect(self._draw)
        self._draw()

    def show_parts(self, parts: Sequence[tuple[str, str | None]]) -> None:
        """Show (heading, visible text) one below the other; None where nothing is recorded."""
        self._parts = tuple(parts)
        no_words = any(text is not None and _NO_WORD.search(text) for _, text in parts)
        self.setWordWrapMode(
            QTextOption.WrapMode.WrapAnywhere
            if no_words
            else QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
        )
        self._draw()

    def _draw(self) -> None:
        # On the document: what the style sheet touches forgets the widget's font.
        self.document().setDefaultFont(self._theme.font("mono"))
        self.clear()
        head, body, none = QTextCharFormat(), QTextCharFormat(), QTextCharFormat()
        head.setFont(self._theme.font("head"))
        head.setForeground(self._theme.colour("acc"))
        body.setFont(self._theme.font("mono"))
        body.setForeground(self._theme.colour("t1"))
        none.setFont(self._theme.font("second"))
        none.setForeground(self._theme.colour("t3"))
        cursor = QTextCursor(self.document())
        for place, (heading, text) in enumerate(self._parts):
            cursor.insertText(f"\n\n{heading}" if place else heading, head)
            if text is None:
                cursor.insertText("  not recorded", none)
            else:
                cursor.insertText(f"\n{text}", body)
        self.moveCursor(QTextCursor.MoveOperation.Start)
