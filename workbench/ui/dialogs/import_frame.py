"""Third page of the import: where the logs come from, in which zone times are, what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from workbench.domain.errors import InputError
from workbench.domain.exchange import Frame
from workbench.services.log_formats import NO_ZONE, zone_named
from workbench.ui.dialogs.import_privacy import PrivacySection
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from workbench.ui.theme import Theme

_FIELDS: Final = (
    ("custodian", "Custodian", "Who keeps the system that wrote the logs"),
    ("system", "System", "Duplicates are judged within one system"),
    ("query", "Query", "How the logs were extracted"),
    ("population", "Population", "Which traffic they cover, such as all accounts of one region"),
    ("sampling", "Sampling", "none, or 1 in 10 by request id"),
    ("zone", "Time zone", "Of times without one, such as Europe/Berlin or UTC"),
    ("gaps", "Gaps", "What is known to be missing"),
)


class FramePage(QWidget):
    """The fields of the frame; an empty one was not said, and is printed as not said.

    A zone must be said, or refused, where the files have times without one.
    """

    #: The zone, or that there is to be none, was said anew.
    zone_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(
            Text(
                theme,
                "The report prints this. What you leave empty is printed as not said.",
                "text",
                "t2",
                wrap=True,
            )
        )
        self.question = Text(theme, "", "strong", "amb", wrap=True)
        self.question.hide()
        layout.addWidget(self.question)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout.addLayout(form)
        self.fields: dict[str, QLineEdit] = {}
        for name, title, hint in _FIELDS:
            field = QLineEdit()
            field.setPlaceholderText(hint)
            field.setAccessibleName(title)
            field.setMinimumWidth(theme.px(420))
            label = Text(theme, title, "strong")
            label.setBuddy(field)
            form.addRow(label, field)
            self.fields[name] = field
            if name == "zone":
                self.no_zone = QCheckBox("Leave times without a zone empty")
                self.no_zone.hide()
                form.addRow(QWidget(), self.no_zone)
        self.fields["zone"].textChanged.connect(self.zone_changed)
        self.no_zone.toggled.connect(self._on_no_zone)
        self.benign = QCheckBox("This population is declared benign: use it as the baseline")
        form.addRow(QWidget(), self.benign)
        self.privacy = PrivacySection(theme)
        layout.addWidget(self.privacy)
        layout.addStretch(1)

    @property
    def frame(self) -> Frame:
        """What was said."""
        said = {name: field.text().strip() for name, field in self.fields.items()}
        return Frame(**(said | {"zone": self.zone}), benign=self.benign.isChecked())

    @property
    def zone(self) -> str:
        """The zone of times that name none; ``none`` where they are to stay empty."""
        if self._asked and self.no_zone.isChecked():
            return NO_ZONE
        return self.fields["zone"].text().strip()

    def ask_zone(self, why: str) -> None:
        """Ask for the zone.

        Args:
            why: Which files have such times, one sentence; empty where none has.
        """
        self._asked = bool(why)
        self.question.setText(
            f"{why} Name their time zone, or leave them empty: a record without its time is "
            "missing in everything that looks at time."
        )
        self.question.setVisible(self._asked)
        self.no_zone.setVisible(self._asked)
        self._enable_zone()

    @property
    def first(self) -> QWidget:
        """The control that a person needs first."""
        return self.fields["zone" if self._asked and not self.zone else "custodian"]

    def missing(self) -> str:
        """What is still to be said before the import; empty where nothing is."""
        zone = self.zone
        if self._asked and not zone:
            return "Import waits for the time zone, or for your word to leave such times empty."
        try:
            zone_named(zone)
        except InputError as error:
            return str(error)
        return ""

    def _on_no_zone(self) -> None:
        self._enable_zone()
        self.zone_changed.emit()

    def _enable_zone(self) -> None:
        self.fields["zone"].setEnabled(not (self._asked and self.no_zone.isChecked()))
