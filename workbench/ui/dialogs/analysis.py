"""Settings of an analysis run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from workbench.ui.dialogs.form import FormDialog

if TYPE_CHECKING:
    from workbench.domain.settings import AnalysisSettings
    from workbench.ui.theme import Theme

#: Width of a field for a number, pixels at 100 %.
_FIELD: Final = 160


class AnalysisDialog(FormDialog):
    """Asks how to analyse; what is current is skipped, so that a second run is quick.

    Args:
        theme: The look.
        settings: What the fields start from.
        has_vectors: Whether the log brought vectors of its own.
        parent: The window.
    """

    #: Start: the settings.
    wanted = Signal(object)

    def __init__(
        self,
        theme: Theme,
        settings: AnalysisSettings,
        *,
        has_vectors: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            theme,
            "Analyse the case",
            "Places the prompts, measures the signals and finds accounts that act as one. "
            "Steps that are current are skipped. The run is recorded with these settings.",
            "Start analysis",
            parent,
        )
        self._settings = settings
        form = self.form()
        self.embedder = QComboBox()
        self.embedder.addItem("Built in (offline, many languages)", "static")
        if has_vectors:
            self.embedder.addItem("Vectors from the log", "column:embedding")
        self.embedder.setCurrentIndex(max(0, self.embedder.findData(settings.embedder)))
        self.add_row(
            form, "Vectors of prompts", self.embedder, "What tells which prompts are alike."
        )

        self.q = QDoubleSpinBox()
        self.q.setRange(0.001, 0.5)
        self.q.setDecimals(3)
        self.q.setSingleStep(0.01)
        self.q.setValue(settings.q)
        self.q.setFixedWidth(theme.px(_FIELD))
        self.add_row(
            form, "Level q", self.q, "Share of false ones allowed among multi-axis clusters."
        )
        self.cells = _number(theme, 2, 4096, settings.cells)
        self.add_row(form, "Cells", self.cells, "Regions of the prompt space, for coverage.")
        self.landmarks = _number(theme, 50, 50_000, settings.landmarks)
        self.add_row(
            form,
            "Landmarks",
            self.landmarks,
            "Prompts on which the map is fitted: more is finer, slower.",
        )
        self.seed = _number(theme, 0, 2**31 - 1, settings.seed)
        self.add_row(form, "Seed", self.seed, "The same seed and input give the same result.")
        self.body.addStretch(1)
        self.resize(theme.px(560), self.sizeHint().height())

    def act(self) -> None:
        """Hand the settings over."""
        self.wanted.emit(
            replace(
                self._settings,
                embedder=self.embedder.currentData(),
                q=self.q.value(),
                cells=self.cells.value(),
                landmarks=self.landmarks.value(),
                seed=self.seed.value(),
            )
        )
        self.accept()


def _number(theme: Theme, least: int, most: int, value: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(least, most)
    field.setGroupSeparatorShown(True)
    field.setFixedWidth(theme.px(_FIELD))
    field.setValue(value)
    return field
