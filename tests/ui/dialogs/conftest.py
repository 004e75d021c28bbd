import pytest
from PySide6.QtWidgets import QApplication

from workbench.ui.theme import Theme, ThemeChoice


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, choice=ThemeChoice.DARK, reduced_motion=True)
