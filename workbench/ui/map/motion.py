"""Moving the camera: at once or smoothly, always within what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation, Signal

from workbench.ui.map.camera import Bounds, Camera
from workbench.ui.tokens import MAP_MS

if TYPE_CHECKING:
    from workbench.kernels.pyramid import Square
    from workbench.ui.theme import Theme


class Motion(QObject):
    """The camera of one map and where it is going.

    Args:
        theme: Tells how long a motion may last.
        parent: Owner.
    """

    #: ``camera`` is another one now.
    moved = Signal()
    #: A smooth motion came to its end.
    settled = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bounds: Bounds = (0.0, 0.0, 1.0, 1.0)
        self._square: Square | None = None
        #: Where the map is looked at from now, and at the end of a motion.
        self.camera = self.target = self._from = Camera.fitted(self._bounds, 1, 1)
        #: Whether all is shown, also after a resize.
        self.at_home = True
        self._curve = QVariantAnimation(self)
        self._curve.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._curve.setStartValue(0.0)
        self._curve.setEndValue(1.0)
        self._curve.valueChanged.connect(self._on_value)
        self._curve.finished.connect(self.settled)

    @property
    def is_moving(self) -> bool:
        """Whether a smooth motion is under way."""
        return self._curve.state() is QVariantAnimation.State.Running

    @property
    def bounds(self) -> Bounds:
        """What ``home`` shows."""
        return self._bounds

    def home(self) -> Camera:
        """The view that shows all."""
        return Camera.fitted(self._bounds, self.target.width, self.target.height)

    def set_ground(self, bounds: Bounds, square: Square | None) -> None:
        """What there is to look at; a camera at home stays at home."""
        self._bounds, self._square = bounds, square
        if self.at_home:
            self.go_home(smooth=False)

    def go(self, camera: Camera, *, smooth: bool) -> None:
        """Look from there, as near as is allowed."""
        if self._square is not None:
            camera = camera.clamped(self._square, self.home())
        self._curve.stop()
        self.at_home = False
        self._from, self.target = self.camera, camera
        duration_ms = self._theme.duration_ms(MAP_MS) if smooth else 0
        if duration_ms:
            self._curve.setDuration(duration_ms)
            self._curve.start()
        else:
            self.camera = camera
            self.moved.emit()

    def go_home(self, *, smooth: bool) -> None:
        """Show all, and go on doing so when the view is resized."""
        self.go(self.home(), smooth=smooth)
        self.at_home = True

    def resize(self, width: float, height: float) -> None:
        """The view has another size: keep the place, or go on showing all."""
        at_home = self.at_home
        self.target = self.target.resized(width, height)
        self.go(self.home() if at_home else self.target, smooth=False)
        self.at_home = at_home

    def stop(self) -> None:
        """End a smooth motion where it is going."""
        if self.is_moving:
            self._curve.stop()
            self.camera = self.target
            self.moved.emit()

    def _on_value(self, share: object) -> None:
        self.camera = self._from.between(self.target, float(str(share)))
        self.moved.emit()
