"""The bar at the top: menus, the case, and the few actions that everybody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QMenuBar, QSizePolicy, QWidget

from workbench.ui import figures
from workbench.ui.actions import MENUS
from workbench.ui.tokens import TOP_BAR
from workbench.ui.widgets import Button, Elided, Painted

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QPaintEvent

    from workbench.ui.actions import Actions
    from workbench.ui.theme import Theme

#: Actions that have a button with their word; the rest are in menus.
_BUTTONS: Final = (("import", "Import"), ("analyse", "Analyse"), ("export", "Export"))


class TopBar(QWidget):
    """Menus left, the case in the middle, actions right.

    Args:
        theme: The look.
        actions: The actions of the window.
        docks: Actions that show and hide panels, for the menu "View".
    """

    #: A case of the list is wanted: its path.
    recent_wanted = Signal(object)

    def __init__(self, theme: Theme, actions: Actions, docks: list[QAction]) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("bar", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(_Mark(theme))
        row.addSpacing(8)
        self.menus = QMenuBar()
        self.menus.setNativeMenuBar(False)
        self.menus.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        for name, specs in MENUS.items():
            menu = self.menus.addMenu(f"&{name}")
            for spec in specs:
                if spec is None:
                    menu.addSeparator()
                else:
                    menu.addAction(actions[spec.name])
                if spec is not None and spec.name == "open":
                    self.recent = menu.addMenu("Open &recent")
            if name == "View":
                menu.addSeparator()
                panels = menu.addMenu("&Panels")
                panels.addActions(docks)
        row.addWidget(self.menus, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(12)
        self.case = Elided(theme, "", "strong")
        row.addWidget(self.case, 1)
        for name, word in _BUTTONS:
            row.addWidget(_button(theme, actions[name], word, actions.specs()[name].icon))
        row.addSpacing(8)
        self.undo = _button(theme, actions["undo"], "Undo", "ph.arrow-u-up-left")
        self.redo = _button(theme, actions["redo"], "Redo", "ph.arrow-u-up-right")
        row.addWidget(self.undo)
        row.addWidget(self.redo)
        row.addSpacing(8)
        self._theme_button = _button(theme, actions["theme"], "", "ph.moon")
        row.addWidget(self._theme_button)
        row.addWidget(_button(theme, actions["shortcuts"], "", "ph.question"))
        self._refresh()
        theme.changed.connect(self._refresh)

    def show_recent(self, paths: list[Path]) -> None:
        """List the cases that were opened, the last one first."""
        self.recent.clear()
        self.recent.setEnabled(bool(paths))
        for path in paths:
            said = figures.line(str(path)).replace("&", "&&")
            action = self.recent.addAction(said)
            action.triggered.connect(lambda _=False, path=path: self.recent_wanted.emit(path))

    def show_case(self, name: str) -> None:
        """Name the case that is open; "" for none."""
        self.case.setText(figures.line(name))

    def _refresh(self) -> None:
        self.setMinimumHeight(self._theme.px(TOP_BAR))
        self.menus.setFont(self._theme.font("text"))
        self._theme_button.set_glyph("ph.moon" if self._theme.dark else "ph.sun")


class _Mark(Painted):
    """The program's mark: three dots that belong together."""

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(24), self._theme.px(24))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = self._theme.px(24)
        _paint_mark(painter, self._theme, QRectF(0, round((self.height() - side) / 2), side, side))


def mark(theme: Theme) -> QIcon:
    """The mark as the icon of a window."""
    icon = QIcon()
    for side in (16, 24, 32, 48, 64, 128):
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        _paint_mark(painter, theme, QRectF(0, 0, side, side))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def _paint_mark(painter: QPainter, theme: Theme, box: QRectF) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("acc"))
    painter.drawRoundedRect(box, box.width() / 4, box.width() / 4)
    inset = box.width() / 6
    inside = box.adjusted(inset, inset, -inset, -inset).toRect()
    theme.icon("ph.share-network", "onacc").paint(painter, inside)


def _button(theme: Theme, action: QAction, word: str, icon: str) -> Button:
    button = Button(theme, word, kind="quiet", icon=icon, tip=action.toolTip())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setEnabled(action.isEnabled())
    button.clicked.connect(action.trigger)

    def follow() -> None:
        button.setEnabled(action.isEnabled())
        button.setToolTip(action.toolTip())

    action.changed.connect(follow)
    if not word:
        button.setAccessibleName(action.toolTip())
    return button
