"""Parts of a page to read: a line with an icon, a bullet, a rule with a head below it.

Knows no case: who makes a page says what stands on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from workbench.ui.states import Icon
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.ui.theme import Theme


def sheet() -> tuple[QWidget, QVBoxLayout]:
    """An empty page and the column that its parts go into."""
    page = QWidget()
    page.setProperty("surface", "bg1")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    layout = QVBoxLayout(page)
    layout.setContentsMargins(16, 14, 16, 16)
    layout.setSpacing(10)
    return page, layout


def item(theme: Theme, icon: str, icon_colour: str, said: str, *, colour: str = "t1") -> QWidget:
    """A line behind an icon; what is said may wrap."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    mark = Icon(theme, icon, 14, icon_colour)
    row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Text(theme, said, "text", colour, wrap=True), 1)
    return holder


def bullet(theme: Theme, said: str, colour: str) -> QWidget:
    """A line behind a point in a colour; what is said may wrap."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(4, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(Text(theme, "•", "text", colour), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Text(theme, said, "text", "t1", wrap=True), 1)
    return holder


def listed(theme: Theme, said: Iterable[str], colour: str) -> QWidget:
    """Lines behind points in a colour."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for line in said:
        column.addWidget(bullet(theme, line, colour))
    return holder


def opening(theme: Theme, layout: QVBoxLayout, widget: QWidget, show: str, hide: str) -> None:
    """A widget that a link shows and hides; hidden at first."""
    widget.hide()
    button = Button(theme, show, kind="link")

    def turn() -> None:
        widget.setVisible(widget.isHidden())
        button.setText(show if widget.isHidden() else hide)

    button.clicked.connect(turn)
    layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
    layout.addWidget(widget)


def begin(theme: Theme, layout: QVBoxLayout, title: str, note: QWidget | None = None) -> None:
    """A rule and, below it, the head of a part: its title left, a note right."""
    rule = QFrame()
    rule.setFrameShape(QFrame.Shape.HLine)
    layout.addWidget(rule)
    head = QHBoxLayout()
    head.addWidget(Text(theme, title, "head"))
    head.addStretch(1)
    if note is not None:
        head.addWidget(note)
    layout.addLayout(head)
