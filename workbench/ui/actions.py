"""Every action of the window with its words and keys, said once.

Menus, buttons and the list of shortcuts are made from these, so none can disagree. What an
action does is connected by the window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from workbench.domain.label import Label
from workbench.ui.tokens import LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Spec:
    """What an action is.

    Attributes:
        name: Identifier.
        text: A verb with its object, as in menus.
        keys: Shortcuts, as ``QKeySequence`` reads them; the first is shown.
        icon: qtawesome name; "" for none.
        needs: "" always, "case" an open case, "logs" one that holds exchanges, "map" a map,
            "exchange" an exchange that is read, "selection" a selection, "accounts" one that holds
            accounts, "subject" something to label, "undo" or "redo" something to take back.
        short: Its word on a small card; "" for the text.
        group: Exactly one action of a group is in force, and shown so; "" for none.
    """

    name: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    needs: str = ""
    short: str = ""
    group: str = ""


#: Menus in their order, with their actions; "" separates.
MENUS: Final[dict[str, tuple[Spec | None, ...]]] = {
    "Case": (
        Spec("new", "New case…", ("Ctrl+N",), "ph.plus"),
        Spec("open", "Open case…", ("Ctrl+O",), "ph.folder-open"),
        Spec("sample", "Open the sample case", ("Ctrl+Shift+D",), "ph.flask"),
        Spec("close", "Close case", ("Ctrl+W",), needs="case"),
        None,
        Spec("import", "Import logs…", ("Ctrl+I",), "ph.download-simple"),
        Spec("tables", "Tables beside the logs…", ("Ctrl+T",), "ph.table", "case"),
        Spec("analyse", "Analyse…", ("Ctrl+R",), "ph.play", "logs"),
        Spec("power", "What would have been found…", needs="logs"),
        Spec("match", "Look for a fingerprint…", ("Ctrl+Shift+F",), "ph.fingerprint", "logs"),
        Spec("fingerprint", "Take a fingerprint…", ("Shift+F",), needs="logs"),
        Spec("export", "Export evidence…", ("Ctrl+E",), "ph.export", "logs"),
        Spec("merge", "Merge a copy…", ("Ctrl+M",), "ph.git-merge", "case"),
        Spec("settings", "Settings of the case…", ("Ctrl+,",), "ph.gear", "case"),
        Spec("stamps", "Time stamps…", ("Ctrl+Shift+T",), "ph.clock", "case"),
        Spec("purge", "Erase exchanges…", icon="ph.eraser", needs="logs"),
        Spec("cancel-job", "Cancel the running job", ("Ctrl+.",)),
        None,
        Spec("quit", "Quit", ("Ctrl+Q",)),
    ),
    "Edit": (
        Spec("undo", "Undo", ("Ctrl+Z",), "ph.arrow-u-up-left", "undo"),
        Spec("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "ph.arrow-u-up-right", "redo"),
        None,
        Spec("label", "Label…", ("B",), needs="subject", short="Label"),
        Spec("label-confirmed", "Label confirmed", ("1",), needs="subject"),
        Spec("label-suspected", "Label suspected", ("2",), needs="subject"),
        Spec("label-benign", "Label benign", ("3",), needs="subject"),
        Spec("label-needs-review", "Label needs review", ("4",), needs="subject"),
        None,
        Spec("sign-off", "Sign off…", ("Ctrl+G",), "ph.shield-check", "accounts"),
        Spec("conflicts", "Conflicting labels…", ("Ctrl+Shift+G",), "ph.git-diff", "case"),
        None,
        Spec("note", "Write a note", ("N",), needs="case"),
        Spec("exhibit", "Add as exhibit", ("E",), "ph.push-pin", "exchange"),
        Spec("quarantine", "Put into quarantine…", ("Q",), "ph.prohibit", "logs"),
        Spec("accept", "Go on without lost lines…", needs="case"),
        Spec("analyst", "Your name in the journal…", needs="case"),
    ),
    "Select": (
        Spec("pan", "Pan the map", ("V",), needs="map"),
        Spec("rectangle", "Select by rectangle", ("R",), needs="map"),
        Spec("lasso", "Select by lasso", ("L",), needs="map"),
        None,
        Spec("mode-replace", "Shapes select anew", ("Shift+N",), needs="map", group="mode"),
        Spec("mode-add", "Shapes add", ("Shift+A",), needs="map", group="mode"),
        Spec("mode-subtract", "Shapes subtract", ("Shift+S",), needs="map", group="mode"),
        Spec("mode-intersect", "Shapes intersect", ("Shift+I",), needs="map", group="mode"),
        None,
        Spec("zoom-selection", "Zoom to selection", ("Z",), needs="selection", short="Zoom to it"),
        Spec("reset-view", "Show the whole map", ("0",), needs="map"),
        Spec("select-all", "Select every account", ("Ctrl+Shift+A",), needs="logs"),
        Spec("invert", "Invert the selection", ("Ctrl+Shift+I",), needs="accounts"),
        Spec("clear", "Clear the selection", ("Esc",), needs="selection"),
        None,
        Spec(
            "save-selection",
            "Save selection…",
            ("Ctrl+S",),
            "ph.floppy-disk",
            needs="accounts",
            short="Save",
        ),
        Spec("selections", "Saved selections…", ("Ctrl+Shift+O",), needs="case"),
    ),
    "View": (
        Spec("go-clusters", "Go to clusters", ("Ctrl+1",)),
        Spec("go-map", "Go to the map", ("Ctrl+2",)),
        Spec("go-dossier", "Go to the dossier", ("Ctrl+3",)),
        Spec("go-timeline", "Go to the timeline", ("Ctrl+4",)),
        Spec("go-accounts", "Go to accounts", ("Ctrl+5",)),
        Spec("go-prompts", "Go to prompts", ("Ctrl+6",)),
        Spec("go-journal", "Go to the journal", ("Ctrl+7",)),
        Spec("go-jobs", "Go to jobs", ("Ctrl+8",)),
        None,
        Spec("colour-cluster", "Colour the map by cluster", ("Alt+1",), needs="map"),
        Spec("colour-label", "Colour the map by label", ("Alt+2",), needs="map"),
        Spec("colour-finding", "Colour the map by finding", ("Alt+3",), needs="map"),
        None,
        Spec("theme", "Switch between dark and light", ("Ctrl+D",), "ph.moon"),
        Spec("theme-system", "Follow the system's theme"),
        Spec("text-larger", "Larger text", ("Ctrl++", "Ctrl+=")),
        Spec("text-smaller", "Smaller text", ("Ctrl+-",)),
        Spec("reset-layout", "Reset the layout"),
    ),
    "Help": (
        Spec("shortcuts", "Keyboard shortcuts", ("F1", "?"), "ph.keyboard"),
        Spec("about", "About the workbench"),
    ),
}

#: Keys that widgets answer themselves.
ELSEWHERE: Final[dict[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "On the map": (
        ("Move, or move the crosshair", ("Arrows",)),
        ("Zoom", ("+", "-")),
        ("With rectangle or lasso: set a corner", ("Enter",)),
        ("Add to the selection", ("Shift",)),
        ("Subtract from the selection", ("Ctrl",)),
        ("Intersect with the selection", ("Shift", "Ctrl")),
    ),
    "On the timeline": (
        ("Move", ("Left", "Right")),
        ("Brush a range", ("Shift", "Arrows")),
        ("Select what is brushed", ("Enter",)),
        ("Selected accounts only, on a scale of their own", ("O",)),
    ),
    "In tables": (
        ("Choose rows", ("Up", "Down")),
        ("Choose several rows", ("Shift", "Arrows")),
    ),
    "In prompts": (
        ("Search prompts", ("Ctrl+F",)),
        ("Select the account of an exchange", ("Enter",)),
    ),
}

LABEL_ACTIONS: Final[dict[str, Label]] = {f"label-{label.value}": label for label in Label}
#: The key of each label, in the order of the keys.
LABEL_KEYS: Final[dict[Label, str]] = {
    LABEL_ACTIONS[spec.name]: spec.keys[0]
    for spec in MENUS["Edit"]
    if spec is not None and spec.name in LABEL_ACTIONS
}


class Actions(QObject):
    """The actions of one window.

    Args:
        window: Shortcuts work anywhere in it.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._actions: dict[str, QAction] = {}
        self._specs: dict[str, Spec] = {}
        self._groups: dict[str, QActionGroup] = {}
        for specs in MENUS.values():
            for spec in specs:
                if spec is not None:
                    self._add(spec, window)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def specs(self) -> Mapping[str, Spec]:
        """Every action's spec, by name."""
        return self._specs

    def enable(self, **conditions: bool) -> None:
        """Enable every action whose need is met.

        Args:
            conditions: Need -> whether it is met ("case", "map", "selection", ...).
        """
        for name, action in self._actions.items():
            need = self._specs[name].needs
            if need in conditions:
                action.setEnabled(conditions[need])

    def shortcut_groups(self) -> dict[str, Sequence[tuple[str, Sequence[QKeySequence | str]]]]:
        """Heading -> (what it does, keys), for the list of shortcuts."""
        groups: dict[str, Sequence[tuple[str, Sequence[QKeySequence | str]]]] = {}
        for menu, specs in MENUS.items():
            lines = [
                (spec.text.rstrip("…"), [QKeySequence(key) for key in spec.keys])
                for spec in specs
                if spec is not None and spec.keys
            ]
            groups[menu] = lines
        groups |= ELSEWHERE
        return groups

    def _add(self, spec: Spec, window: QWidget) -> None:
        action = QAction(spec.text, window)
        action.setObjectName(spec.name)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        plain = spec.text.rstrip("…")
        action.setToolTip(f"{plain} ({spec.keys[0]})" if spec.keys else plain)
        action.setIconText(spec.short or plain)
        action.setEnabled(not spec.needs)
        if spec.group:
            group = self._groups.setdefault(spec.group, QActionGroup(self))
            action.setCheckable(True)
            action.setChecked(not group.actions())
            group.addAction(action)
        if spec.name in LABEL_ACTIONS:
            action.setIconText(LABELS[LABEL_ACTIONS[spec.name]].word)
        window.addAction(action)
        self._actions[spec.name] = action
        self._specs[spec.name] = spec
