"""What an export would come to, said before it is made: how much, DRAFT or not, what refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from workbench.domain.text import elide
from workbench.services import wording
from workbench.ui import figures
from workbench.ui.states import Icon
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.services.outlook import Outlook
    from workbench.ui.theme import Theme


class OutlookCard(QFrame):
    """A line for each thing to know, its icon beside it.

    Args:
        theme: The look.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("card", "true")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 10)
        self._column.setSpacing(6)
        self._say([("ph.hourglass", "t3", "Looking at what it comes to")])

    @property
    def said(self) -> str:
        """What it says."""
        return self.accessibleName()

    def show_outlook(self, outlook: Outlook) -> None:
        """Say what it comes to."""
        self._say(list(lines(outlook)))

    def _say(self, said: list[tuple[str, str, str]]) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for icon, colour, text in said:
            line = QFrame()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(8)
            row.addWidget(Icon(self._theme, icon, 16, colour), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Text(self._theme, figures.line(text), "text", "t1", wrap=True), 1)
            self._column.addWidget(line)
        self.setAccessibleName(" ".join(text for _, _, text in said))


def lines(outlook: Outlook) -> Iterator[tuple[str, str, str]]:
    """Icon, colour and sentence of each thing to know, what refuses it first."""
    stop, warn, fine = ("ph.prohibit", "red"), ("ph.warning-circle", "amb"), ("ph.check", "teal")
    if outlook.trouble is not None:
        yield *stop, str(outlook.trouble)
        return
    left = outlook.review
    if left.n_conflicts:
        yield (
            *stop,
            f"Analysts labelled {wording.accounts(left.n_conflicts)} differently, without having "
            "seen each other's labels. Decide first: Edit, Conflicting labels (Ctrl+Shift+G).",
        )
    if left.n_unlabelled:
        has = "has" if left.n_unlabelled == 1 else "have"
        yield (
            *stop,
            "This case asks for the sign-off of a second analyst, and "
            f"{left.n_unlabelled:,} of {wording.accounts(outlook.n_accounts)} {has} no label. "
            "Label them, then have another analyst sign off.",
        )
    if left.n_unsigned:
        has = "has" if left.n_unsigned == 1 else "have"
        yield (
            *stop,
            "This case asks for the sign-off of a second analyst, and "
            f"{left.n_unsigned:,} of {wording.accounts(outlook.n_accounts)} {has} a label that "
            "nobody else signed off. Another analyst does so with their own key: Edit, Sign off "
            "(Ctrl+G), in their copy; then merge it.",
        )
    if outlook.strays:
        n = len(outlook.strays)
        yield (
            *stop,
            f"{wording.counted(n, 'exhibit is', 'exhibits are')} of no account that leaves "
            f"(exchange {elide(', '.join(map(str, outlook.strays)), 60)}). Remove "
            f"{'it' if n == 1 else 'them'}, or export the account too.",
        )
    if outlook.drafts:
        yield (
            *warn,
            "Every page will be marked DRAFT: nobody has confirmed "
            f"{elide(', '.join(outlook.drafts), 120)}.",
        )
    size = f"{wording.accounts(outlook.n_accounts)}, {wording.exchanges(outlook.n_exchanges)}"
    if outlook.drafts or outlook.refused:
        yield "ph.stack", "t2", f"{size}."
    else:
        yield *fine, f"{size}. No page will be marked DRAFT."
