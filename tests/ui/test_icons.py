"""Icons: every name that the window uses is there, in the colour of its state."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication

import workbench.ui
from workbench.ui.icons import Colours, icon

MODE, STATE = QIcon.Mode, QIcon.State
COLOURS = Colours(QColor("#102030"), QColor("#c00000"), QColor("#909090"))


def solid(made: QIcon, mode: QIcon.Mode, state: QIcon.State, ratio: float = 1.0) -> set[str]:
    """The colours of the pixels that a glyph covers in full."""
    image = made.pixmap(QSize(32, 32), ratio, mode, state).toImage()
    assert (image.width(), image.height()) == (32 * ratio, 32 * ratio)
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return {colour.name() for colour in pixels if colour.alpha() == 255}


def test_every_icon_that_the_window_names_is_there(qapp: QApplication) -> None:
    folder = Path(workbench.ui.__file__).parent
    sources = [path.read_text("utf-8") for path in folder.rglob("*.py")]
    names = {name for text in sources for name in re.findall(r'"((?:ph|mdi6)\.[a-z0-9-]+)"', text)}
    assert len(names) > 40
    for name in names:
        assert solid(icon(name, COLOURS), MODE.Normal, STATE.Off, 2.0) == {"#102030"}, name


def test_an_icon_has_the_colour_of_its_state(qapp: QApplication) -> None:
    made = icon("ph.check-circle", COLOURS)
    assert solid(made, MODE.Normal, STATE.Off) == {"#102030"}
    assert solid(made, MODE.Active, STATE.Off) == {"#102030"}
    assert solid(made, MODE.Normal, STATE.On) == {"#c00000"}
    assert solid(made, MODE.Disabled, STATE.On) == {"#909090"}
    assert solid(QIcon(made), MODE.Normal, STATE.On) == {"#c00000"}


def test_an_icon_that_is_none_is_refused(qapp: QApplication) -> None:
    with pytest.raises(KeyError):
        icon("ph.no-such-icon", COLOURS)
    with pytest.raises(KeyError):
        icon("nothing", COLOURS)


def test_the_start_does_not_pay_for_qtawesome() -> None:
    code = (
        "import sys; from PySide6.QtGui import QColor; from workbench.ui import app, icons; "
        "app.make_application(); c = QColor('red'); "
        "icons.icon('mdi6.lasso', icons.Colours(c, c, c)).pixmap(16, 16); "
        "sys.exit('qtawesome' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
