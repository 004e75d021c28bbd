"""Settings of the case: how it wants to be handled, and everything that may touch the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.case.policy import LONGEST_URL, MOST_DAYS
from workbench.services.network import OFF
from workbench.services.policies import TITLES, said_by, told
from workbench.ui import figures
from workbench.ui.dialogs.form import FormDialog, scrolled
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.case.policy import Policy
    from workbench.services.network import Reach
    from workbench.ui.theme import Theme

_ANSWERS: Final = ("hide_prompts", "sign_off_required", "legal_hold")


class SettingsDialog(FormDialog):
    """Shows the policy of a case, and sets it with a reason.

    Args:
        theme: The look.
        now: What stands.
        unset: What would hold where nobody had set anything.
        reaches: What may open a connection.
        parent: The window.
    """

    #: Set these: field -> value (None: as nobody said), and why.
    wanted = Signal(object, str)

    def __init__(
        self,
        theme: Theme,
        now: Policy,
        unset: Policy,
        reaches: Sequence[Reach],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            theme,
            "Settings of the case",
            "They go into the journal with your key and reason, hold for everybody who opens the "
            "case, and undo takes them back.",
            "Save settings",
            parent,
        )
        self._now = now
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(8)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self.answers = {name: self._answer(name, unset) for name in _ANSWERS}
        self.retention = QSpinBox()
        self.retention.setRange(0, MOST_DAYS)
        self.retention.setGroupSeparatorShown(True)
        self.retention.setSpecialValueText("no limit")
        self.retention.setSuffix(" days")
        self.retention.setValue(now.retention_days or 0)
        self.retention.valueChanged.connect(lambda _: self._check())
        self.stamp_url = QLineEdit(now.stamp_url)
        self.stamp_url.setMaxLength(LONGEST_URL)
        self.stamp_url.setPlaceholderText("https://tsa.example.org; none: stamps wait")
        self.stamp_url.textChanged.connect(lambda _: self._check())
        fields: dict[str, QWidget] = {
            **self.answers,
            "retention_days": self.retention,
            "stamp_url": self.stamp_url,
        }
        for place, (name, part) in enumerate(fields.items()):
            self._add(grid, 2 * place, name, part)
        column.addLayout(grid)
        head = Text(theme, "Reason", "strong")
        self.why = QLineEdit()
        self.why.setPlaceholderText("Why it is set so; needed to save")
        self.why.setAccessibleName("Reason")
        head.setBuddy(self.why)
        self.why.textChanged.connect(lambda _: self._check())
        column.addWidget(head)
        column.addWidget(self.why)
        column.addSpacing(10)
        column.addWidget(Text(theme, "What may touch the network", "head"))
        column.addWidget(_network(theme, reaches))
        column.addStretch(1)
        self.body.addWidget(scrolled(page), 1)
        self.resize(theme.px(760), theme.px(720))
        self.answers[_ANSWERS[0]].setFocus()
        self._check()

    @property
    def changed(self) -> dict[str, Any]:
        """The fields that were set to something else."""
        chosen: dict[str, Any] = {name: box.currentData() for name, box in self.answers.items()}
        chosen["retention_days"] = self.retention.value() or None
        chosen["stamp_url"] = self.stamp_url.text().strip() or None
        before = {
            name: value if name in self._now.said else None
            for name, value in self._now.as_dict().items()
        }
        return {name: value for name, value in chosen.items() if value != before[name]}

    def act(self) -> None:
        """Hand over what changed."""
        if self.primary.isEnabled():
            self.wanted.emit(self.changed, self.why.text().strip())

    def say(self, sentence: str) -> None:
        """What came of it, beside the buttons."""
        self.hint.setText(figures.line(sentence))
        self.hint.set_colour("red")

    def _answer(self, name: str, unset: Policy) -> QComboBox:
        box = QComboBox()
        default = told(name, getattr(unset, name))
        why = ""
        if name == "hide_prompts":
            why = ", several analysts share it" if unset.hide_prompts else ", one analyst has it"
        box.addItem(f"Not set ({default}{why})", None)
        box.addItem("Yes", True)
        box.addItem("No", False)
        value = getattr(self._now, name) if name in self._now.said else None
        box.setCurrentIndex(0 if value is None else 1 if value else 2)
        box.currentIndexChanged.connect(lambda _: self._check())
        return box

    def _add(self, grid: QGridLayout, row: int, name: str, part: QWidget) -> None:
        title = Text(self.theme, TITLES[name].removesuffix(", days"), "strong")
        title.setBuddy(part)
        part.setAccessibleName(TITLES[name])
        grid.addWidget(title, row, 0)
        grid.addWidget(part, row, 1)
        entry = self._now.said.get(name)
        by = Text(
            self.theme, figures.line(said_by(entry)) if entry else "", "second", "t3", wrap=True
        )
        by.setContentsMargins(0, 0, 0, 6)
        by.setVisible(entry is not None)
        grid.addWidget(by, row + 1, 1)

    def _check(self) -> None:
        changed, why = bool(self.changed), bool(self.why.text().strip())
        self.primary.setEnabled(changed and why)
        self.hint.set_colour("t3")
        if not changed:
            self.hint.setText("Nothing is changed yet.")
        else:
            self.hint.setText("" if why else "Say why, then save.")


def _network(theme: Theme, reaches: Sequence[Reach]) -> QFrame:
    """Each way out with how it stands."""
    card = QFrame()
    card.setProperty("card", "true")
    grid = QGridLayout(card)
    grid.setContentsMargins(12, 10, 12, 10)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(1, 1)
    top = Qt.AlignmentFlag.AlignTop
    for place, one in enumerate(reaches):
        on = one.value != OFF
        grid.addWidget(Text(theme, one.name, "strong"), 2 * place, 0, top)
        said = figures.line(one.value if on else one.value.capitalize())
        value = Text(theme, said, "strong", "amb" if on else "t2", wrap=True)
        grid.addWidget(value, 2 * place, 1)
        when = Text(theme, figures.line(one.when), "second", "t2", wrap=True)
        when.setContentsMargins(0, 0, 0, 6)
        grid.addWidget(when, 2 * place + 1, 1)
    return card
