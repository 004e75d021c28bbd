"""Third page of the import: where the logs come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from workbench.domain.exchange import Frame
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
    """The fields of the frame; an empty one was not said, and is printed as not said."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        self.benign = QCheckBox("This population is declared benign: use it as the baseline")
        form.addRow(QWidget(), self.benign)
        layout.addStretch(1)

    @property
    def frame(self) -> Frame:
        """What was said."""
        said = {name: field.text().strip() for name, field in self.fields.items()}
        return Frame(**said, benign=self.benign.isChecked())
