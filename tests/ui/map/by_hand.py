"""Mouse and wheel over a map, and what is on screen then."""

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from tests.ui.map.conftest import data_of
from workbench.ui.map.view import MapView

NO = Qt.KeyboardModifier.NoModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
FIVE = data_of([(2, 8), (2.2, 8), (5, 5), (8, 8), (8, 2)], [0, 0, 1, 2, 3])


def pixel(view: MapView, x: float, y: float) -> QPoint:
    left, top = view.camera.to_screen(x, y)
    return QPoint(round(left), round(top))


def screen(view: MapView) -> QImage:
    return view.grab().toImage()


def colour_near(image: QImage, at: QPoint, reach: int = 3) -> list[QColor]:
    return [
        image.pixelColor(at.x() + dx, at.y() + dy)
        for dx in range(-reach, reach + 1)
        for dy in range(-reach, reach + 1)
    ]


def chroma_near(image: QImage, at: QPoint) -> int:
    """The most colourful pixel there, 0 to 255; the grey of other traffic has at most 36."""
    colours = [(c.red(), c.green(), c.blue()) for c in colour_near(image, at)]
    return max(max(rgb) - min(rgb) for rgb in colours)


def channels(image: QImage) -> np.ndarray:
    bits = np.frombuffer(image.constBits(), np.uint8)
    return bits.reshape(image.height(), image.width(), 4)[:, :, :3].astype(int)


def texts(view: MapView) -> list[str]:
    return [label.text() for label in view.findChildren(QLabel) if label.isVisible()]


def drag(view: MapView, points: list[QPoint], modifiers: Qt.KeyboardModifier = NO) -> None:
    QTest.mousePress(view, LEFT, modifiers, points[0])
    for point in points[1:]:
        move = QPointF(point)
        event = mouse_move(view, move, modifiers)
        QApplication.sendEvent(view, event)
    QTest.mouseRelease(view, LEFT, modifiers, points[-1])


def mouse_move(view: MapView, at: QPointF, modifiers: Qt.KeyboardModifier) -> QEvent:
    return QMouseEvent(
        QEvent.Type.MouseMove, at, view.mapToGlobal(at), Qt.MouseButton.NoButton, LEFT, modifiers
    )


def wheel(view: MapView, at: QPoint, turned: int) -> None:
    where = QPointF(at)
    event = QWheelEvent(
        where, view.mapToGlobal(where), QPoint(), QPoint(0, turned),
        Qt.MouseButton.NoButton, NO, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)
