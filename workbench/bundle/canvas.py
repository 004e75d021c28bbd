"""The surface that figures of the report are drawn on: SVG by matplotlib, without its global state.

Fixed hash salt, no date, no system font: the same drawing gives the same bytes. What is drawn is
the matter of ``figures``.
"""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any, Final, Literal

from workbench.bundle.printable import font_folder
from workbench.bundle.ticks import count_ticks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes

    from workbench.bundle.shading import Paint

#: Light palette of the design tokens.
INK: Final = "#131A22"
QUIET: Final = "#5A6877"
LINE: Final = "#D8DFE7"
#: Size of the small text, points.
SMALL: Final = 7.5
_MM: Final = 1 / 25.4
_POINTS: Final = 72
#: Where matplotlib's own drawing begins in its SVG.
_BEGINS: Final = '<g id="figure_1">'

#: matplotlib keeps its settings in one place for the whole process: one figure at a time.
_DRAWING = threading.Lock()


class Canvas:
    """A figure of a given size in millimetres, drawn with the shipped font; one at a time."""

    def __init__(self, width_mm: float, height_mm: float) -> None:
        self._size = (width_mm, height_mm)

    def __enter__(self) -> Canvas:
        from matplotlib import rc_context
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        _DRAWING.acquire()
        self._settings = rc_context({"svg.fonttype": "none", "svg.hashsalt": "workbench"})
        self._settings.__enter__()
        width, height = self._size
        self.figure = Figure(figsize=(width * _MM, height * _MM))
        FigureCanvasSVG(self.figure)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._settings.__exit__(None, None, None)
        finally:
            _DRAWING.release()

    def font(self, size: float, weight: int) -> Any:
        """The shipped sans font, by file, so that no system font is ever looked up."""
        from matplotlib.font_manager import FontProperties

        file = {400: "Inter-Regular.otf", 600: "Inter-SemiBold.otf"}[weight]
        return FontProperties(
            family="Inter", weight=weight, size=size, fname=str(font_folder() / file)
        )

    def plain_axes(self, *, left: float, right: float, bottom: float, top: float) -> Axes:
        """Axes with margins in millimetres, a base line and nothing else."""
        width, height = self._size
        axes = self.figure.add_axes(
            (
                left / width,
                bottom / height,
                (width - left - right) / width,
                (height - bottom - top) / height,
            )
        )
        for side in ("top", "left", "right"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(QUIET)
        axes.spines["bottom"].set_linewidth(0.6)
        axes.set_axisbelow(True)
        return axes

    def count_axis(self, axes: Axes, most: float) -> None:
        """A vertical axis of counts from 0, with light lines."""
        ticks, labels = count_ticks(most, most=4)
        axes.set_ylim(0, max(most * 1.02, ticks[-1]))
        axes.set_yticks(ticks, labels)
        axes.grid(axis="y", color=LINE, linewidth=0.6)
        self._dress(axes, "y")

    def label_ticks(self, axes: Axes, ticks: list[float], labels: list[str]) -> None:
        """Labels under the base line; the outermost two stay inside the picture."""
        axes.set_xticks(ticks, labels)
        self._dress(axes, "x")
        low, high = axes.get_xlim()
        for tick, label in zip(ticks, axes.get_xticklabels(), strict=True):
            share = (tick - low) / (high - low)
            label.set_horizontalalignment(
                "left" if share < 0.03 else "right" if share > 0.97 else "center"
            )

    def _dress(self, axes: Axes, which: Literal["x", "y"]) -> None:
        axes.tick_params(axis=which, length=0, pad=2.5)
        labels = axes.get_xticklabels() if which == "x" else axes.get_yticklabels()
        for label in labels:
            label.set_fontproperties(self.font(SMALL, 400))
            label.set_color(QUIET)

    def svg(self, ground: Iterable[Paint] = ()) -> str:
        """The drawing as SVG text.

        Args:
            ground: What lies under it, over the whole surface.
        """
        file = io.StringIO()
        self.figure.savefig(
            file, format="svg", transparent=True, metadata={"Date": None, "Creator": None}
        )
        return file.getvalue().replace(_BEGINS, self._painted(ground) + _BEGINS, 1)

    def _painted(self, ground: Iterable[Paint]) -> str:
        """Paints as a group, stretched from cells of their grid to the surface."""
        points = [size * _MM * _POINTS for size in self._size]
        parts = []
        for paint in ground:
            height, width = paint.where.shape
            if not (path := paint.path()):
                continue
            parts.append(
                f'<path transform="scale({points[0] / width:.6f} {points[1] / height:.6f})" '
                f'fill="{paint.colour}" fill-opacity="{paint.opacity:.3f}" d="{path}"/>\n'
            )
        return "".join(parts)
