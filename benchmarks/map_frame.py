"""Frames of the map at 1 million points, panning and zooming, 1600 x 1000 off-screen.

``python -m benchmarks.map_frame [--points N] [--frames N]`` prints one JSON object a line: a row
for panning and one for zooming, each with the whole frame (event, overlay, cards, tiles) in
milliseconds while the worker shades what comes into view; a row for how soon all is sharp; and
a row that compares the totals of tiles and legend with the number of exchanges. Exit code 1
when a total is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from benchmarks.points import CLUSTERS, TOPICS, campaign_map, categories_of
from workbench.kernels.pyramid import MARGIN, TILE, kinds_of_points
from workbench.kernels.raster import count_tile
from workbench.ui.app import make_application
from workbench.ui.map.overlay import Place
from workbench.ui.map.view import MapView
from workbench.ui.theme import Theme, ThemeChoice

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.domain.map_data import MapData

SIZE = (1600, 1000)
COLOURS = [f"cat{rank}" for rank in range(1, 7)]
#: Each pan goes this far in pixels: half a second of a brisk drag at 60 frames a second.
STEP = 22


def wait_until_sharp(view: MapView, limit_s: float = 120.0) -> float:
    """Let the event loop run until all in view is sharp; the seconds it took."""
    return wait_until(lambda: view.is_sharp, limit_s)


def wait_until(done: Callable[[], bool], limit_s: float = 120.0) -> float:
    """Let the event loop run until something holds; the seconds it took."""
    began = time.perf_counter()
    while not done():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        if time.perf_counter() - began > limit_s:
            raise TimeoutError("the map did not become sharp")
    return time.perf_counter() - began


def furnished(view: MapView, data: MapData) -> None:
    """Fill a map as in use: categories, names, tags, a selection with its card."""
    n = len(data)
    view.set_data(data)
    view.set_categories(categories_of(data.n_accounts), [c[0] for c in CLUSTERS], COLOURS)
    view.set_regions([Place(text, x, y, n // (20 + i)) for i, (text, (x, y)) in enumerate(TOPICS)])
    view.set_tags(
        [
            Place(c[0], *c[1], round(c[3] * n), colour, max(c[2]))
            for c, colour in zip(CLUSTERS, COLOURS, strict=True)
        ]
    )
    view.show_result(1204, round(CLUSTERS[0][3] * n), title="Lasso selection")


class Frames(QObject):
    """Paints what an event made necessary, at once, and takes the time.

    Args:
        view: The map, a window of its own.
    """

    def __init__(self, view: MapView) -> None:
        super().__init__()
        self._view = view
        self._painted = 0
        self.wall_ms: list[float] = []
        self.cpu_ms: list[float] = []
        view.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt names it
        """Count the map's paint events."""
        self._painted += event.type() is QEvent.Type.Paint
        return False

    def take(self, event: QEvent) -> None:
        """Send an event and paint; one frame.

        Raises:
            RuntimeError: The event painted nothing.
        """
        before = self._painted
        wall, cpu = time.perf_counter(), time.thread_time()
        QApplication.sendEvent(self._view, event)
        QApplication.sendPostedEvents(self._view, QEvent.Type.UpdateRequest.value)
        self.wall_ms.append(1e3 * (time.perf_counter() - wall))
        self.cpu_ms.append(1e3 * (time.thread_time() - cpu))
        if self._painted == before:
            raise RuntimeError("an event painted no frame")


def pan(view: MapView, frames: int) -> Frames:
    """Drag the map in a circle, by mouse events."""
    taken = Frames(view)
    at = QPointF(800, 500)
    QApplication.sendEvent(view, mouse(view, QEvent.Type.MouseButtonPress, at))
    for i in range(frames):
        angle = 2 * np.pi * i / 60
        at += QPointF(round(STEP * np.cos(angle)), round(STEP * np.sin(angle)))
        taken.take(mouse(view, QEvent.Type.MouseMove, at))
        breathe(taken.wall_ms[-1])
    QApplication.sendEvent(view, mouse(view, QEvent.Type.MouseButtonRelease, at))
    return taken


def zoom(view: MapView, frames: int) -> Frames:
    """Turn the wheel in and out at different places."""
    taken = Frames(view)
    for i in range(frames):
        turn = 60 if (i // 50) % 2 == 0 else -60
        at = QPointF(500 + 7 * (i % 80), 350 + 4 * (i % 60))
        taken.take(
            QWheelEvent(
                at, view.mapToGlobal(at), QPoint(0, 0), QPoint(0, turn),
                Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase, False,
            )
        )  # fmt: skip
        breathe(taken.wall_ms[-1])
    return taken


def breathe(spent_ms: float) -> None:
    """The rest of a 60th of a second: answers of the worker come in, as in the event loop."""
    until = time.perf_counter() + max(0.0, 16.6 - spent_ms) / 1e3
    while time.perf_counter() < until:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 2)


def mouse(view: MapView, kind: QEvent.Type, at: QPointF) -> QMouseEvent:
    """A mouse event with the left button held."""
    left = Qt.MouseButton.LeftButton
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else left
    return QMouseEvent(kind, at, view.mapToGlobal(at), button, left, Qt.KeyboardModifier.NoModifier)


def totals(view: MapView, data: MapData) -> dict[str, object]:
    """Exchanges by tiles of a whole level, by the legend, and given."""
    indexed = view.tiles.indexed
    assert indexed is not None
    kinds = kinds_of_points(indexed.account, categories_of(data.n_accounts))
    level, inner = 3, slice(MARGIN, MARGIN + TILE)
    in_tiles = 0
    for column in range(1 << level):
        for row in range(1 << level):
            counts = count_tile(indexed.index, kinds, level, column, row)
            in_tiles += 0 if counts is None else int(counts[:, inner, inner].sum())
    view.reset_view()
    wait_until_sharp(view)
    legend = int(view.tiles.counts.sum())
    return {
        "benchmark": "map_frame",
        "what": "totals",
        "exchanges": len(data),
        "in_tiles": in_tiles,
        "in_legend": legend,
        "equal": in_tiles == legend == len(data),
    }


def row(what: str, taken: Frames, points: int) -> dict[str, object]:
    """One line of the table; ``cpu`` is the window thread's own time, without other load."""
    return {
        "benchmark": "map_frame",
        "what": what,
        "points": points,
        "frames": len(taken.wall_ms),
        "p50_ms": round(float(np.median(taken.wall_ms)), 2),
        "p95_ms": round(float(np.quantile(taken.wall_ms, 0.95)), 2),
        "max_ms": round(max(taken.wall_ms), 2),
        "cpu_p50_ms": round(float(np.median(taken.cpu_ms)), 2),
        "cpu_p95_ms": round(float(np.quantile(taken.cpu_ms, 0.95)), 2),
    }


def main(arguments: list[str] | None = None) -> int:
    """Run it; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--frames", type=int, default=300)
    options = parser.parse_args(arguments)
    application = make_application()
    # Reduced motion: each event makes one frame, not a dozen of an animation.
    theme = Theme(application, choice=ThemeChoice.DARK, reduced_motion=True)
    data = campaign_map(options.points)
    view = MapView(theme)
    view.resize(*SIZE)
    view.show()
    began = time.perf_counter()
    furnished(view, data)
    wait_until_sharp(view)
    sharp_s = time.perf_counter() - began
    sharp = {"benchmark": "map_frame", "what": "from data to sharp", "s": round(sharp_s, 2)}
    print(json.dumps(sharp))
    # Beyond the coarse levels the compiler is needed: loaded meanwhile, it is not what is timed.
    wait_until(lambda: view.tiles.indexed is not None)
    view.move_camera(view.camera.zoomed(3.0, 800, 500))
    wait_until_sharp(view)
    print(json.dumps(row("pan", pan(view, options.frames), len(data))))
    view.reset_view()
    wait_until_sharp(view)
    print(json.dumps(row("zoom", zoom(view, options.frames), len(data))))
    checked = totals(view, data)
    print(json.dumps(checked))
    view.shut_down()
    view.close()
    return 0 if checked["equal"] else 1


if __name__ == "__main__":
    sys.exit(main())
