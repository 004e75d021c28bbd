"""Panels around the map as docks: where they begin, their titles, going to one by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QWidget

from workbench.ui.widgets import Button

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from workbench.ui.panels.panel import Head
    from workbench.ui.theme import Theme

_LEFT: Final = Qt.DockWidgetArea.LeftDockWidgetArea
_RIGHT: Final = Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM: Final = Qt.DockWidgetArea.BottomDockWidgetArea
_AREAS: Final = {"clusters": _LEFT, "dossier": _RIGHT}
#: Widths and height at the start, pixels at 100 %.
_CLUSTERS: Final = 332
_DOSSIER: Final = 372
_BOTTOM_HEIGHT: Final = 250


class Docks(QObject):
    """The docks of one window.

    Args:
        theme: The look.
        window: Gets the docks.
    """

    def __init__(self, theme: Theme, window: QMainWindow) -> None:
        super().__init__(window)
        self._theme = theme
        self._window = window
        self._docks: dict[str, QDockWidget] = {}
        self._titles: dict[str, str] = {}
        window.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)

    def add_side(self, name: str, title: str, panel: QWidget, head: Head, *, left: bool) -> None:
        """A dock at the side, with the panel's head as its title bar."""
        dock = self._dock(name, title, panel)
        for icon, tip, act in (
            ("ph.arrow-square-out", "Move into a window of its own", self._float),
            ("ph.x", f"Hide {title.lower()}", lambda one: one.hide()),
        ):
            button = Button(self._theme, kind="quiet", icon=icon, tip=tip)
            button.setProperty("square", "true")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, act=act: act(dock))
            head.row.addWidget(button)
        dock.setTitleBarWidget(head)
        dock.setMinimumWidth(260 if left else 320)
        self._window.addDockWidget(_LEFT if left else _RIGHT, dock)

    def add_below(self, name: str, title: str, panel: QWidget) -> None:
        """A dock below the map, as one more tab."""
        dock = self._dock(name, title, panel)
        below = [d for n, d in self._docks.items() if n != name and d.property("below")]
        dock.setProperty("below", "true")
        self._window.addDockWidget(_BOTTOM, dock)
        if below:
            self._window.tabifyDockWidget(below[-1], dock)
        # The tab is the title; a floating dock gets the desktop's own title bar back.
        bare = QWidget()
        dock.setTitleBarWidget(bare)
        dock.topLevelChanged.connect(
            lambda floating: dock.setTitleBarWidget(None if floating else bare)  # type: ignore[arg-type]
        )

    def arrange(self) -> None:
        """The layout of the beginning."""
        # Hidden while they move: five docks side by side would make the window grow.
        shown = [dock for dock in self._docks.values() if not dock.isHidden()]
        below: list[QDockWidget] = []
        for name, dock in self._docks.items():
            dock.hide()
            dock.setFloating(False)
            self._window.addDockWidget(_AREAS.get(name, _BOTTOM), dock)
            if dock.property("below"):
                if below:
                    self._window.tabifyDockWidget(below[-1], dock)
                below.append(dock)
        for dock in shown or self._docks.values():
            dock.show()
        if below:
            below[0].raise_()
        self._size()

    def _size(self) -> None:
        px = self._theme.px
        sides = [d for n, d in self._docks.items() if n in {"clusters", "dossier"}]
        wide = self._window.width()
        # On a narrow screen the map keeps its half.
        widths = [
            min(px(_CLUSTERS), round(0.21 * wide))
            if d.objectName() == "clusters"
            else min(px(_DOSSIER), round(0.26 * wide))
            for d in sides
        ]
        self._window.resizeDocks(sides, widths, Qt.Orientation.Horizontal)
        below = [dock for dock in self._docks.values() if dock.property("below")]
        if below:
            self._window.resizeDocks(below[:1], [px(_BOTTOM_HEIGHT)], Qt.Orientation.Vertical)

    def show_all(self, *, shown: bool) -> None:
        """Show or hide every dock (there is no case to show)."""
        for dock in self._docks.values():
            dock.setVisible(shown)

    def go_to(self, name: str) -> None:
        """Bring a panel to the front and give it the keyboard."""
        dock = self._docks[name]
        dock.show()
        dock.raise_()
        panel = dock.widget()
        target = first_focus(panel)
        (target or panel).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_count(self, name: str, count: int | None) -> None:
        """Write a count beside a tab's title."""
        title = self._titles[name]
        self._docks[name].setWindowTitle(title if count is None else f"{title}  {count:,}")

    def toggles(self) -> list[QAction]:
        """Actions that show and hide panels."""
        actions = []
        for name, dock in self._docks.items():
            action = dock.toggleViewAction()
            action.setText(self._titles[name])
            actions.append(action)
        return actions

    def dock(self, name: str) -> QDockWidget:
        """One dock."""
        return self._docks[name]

    def _dock(self, name: str, title: str, panel: QWidget) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(name)
        dock.setWidget(panel)
        self._docks[name] = dock
        self._titles[name] = title
        return dock

    def _float(self, dock: QDockWidget) -> None:
        dock.setFloating(not dock.isFloating())


def first_focus(panel: QWidget | None) -> QWidget | None:
    """The part of a panel that takes the keyboard: what it names, else the first that can."""
    if panel is None:
        return None
    wanted = panel.focusProxy()
    if wanted is not None and wanted.isVisibleTo(panel):
        return wanted
    for child in panel.findChildren(QWidget):
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisible():
            return child
    return None
