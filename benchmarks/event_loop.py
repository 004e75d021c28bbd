"""Gaps of the window's event loop while it imports and analyses in the background.

    python -m benchmarks.event_loop [--lines 200000] [--folder DIR]

Opens the real window off-screen on an empty case, lets it import seeded canonical lines and
analyse them as a user would, and meanwhile measures with a 5 ms timer how late the event loop
is. Prints one JSON object a phase: ticks, and the gap between two ticks in milliseconds
(p50, p99, largest).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject, QTimer

from benchmarks.lines import make_lines
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.settings import AnalysisSettings
from workbench.ui import app
from workbench.ui.memory import Memory
from workbench.ui.theme import Theme, ThemeChoice

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.ui.main_window import MainWindow

TICK_MS = 5


class Ticker(QObject):
    """Records how long each turn of the event loop took, from tick to tick."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._last = 0.0
        self.gaps: list[float] = []

    def start(self) -> None:
        """Begin anew."""
        self.gaps = []
        self._last = time.perf_counter()
        self._timer.start(TICK_MS)

    def stop(self) -> None:
        """No more ticks."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000.0 * (now - self._last))
        self._last = now


def measure(
    window: MainWindow, ticker: Ticker, title: str, work: Callable[..., Any]
) -> dict[str, object]:
    """Run one long job of the window and say how the event loop fared meanwhile."""
    ended: list[object] = []
    began = time.perf_counter()
    ticker.start()
    window.session.run(title, work, ended.append, ended.append)
    app.wait_until(lambda: bool(ended), patience_ms=3_600_000)
    ticker.stop()
    if isinstance(ended[0], BaseException):
        raise ended[0]
    gaps = np.array(ticker.gaps)
    return {
        "phase": title,
        "seconds": round(time.perf_counter() - began, 1),
        "ticks": len(gaps),
        "gap_ms_p50": round(float(np.percentile(gaps, 50)), 1),
        "gap_ms_p99": round(float(np.percentile(gaps, 99)), 1),
        "gap_ms_max": round(float(gaps.max()), 1),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, help="Where to work (default: a temporary folder).")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix="workbench-") as name:
        folder = Path(name)
        os.environ["WORKBENCH_CONFIG"] = str(folder / "config")
        log = folder / "log.jsonl"
        make_lines(log, asked.lines)
        application = app.make_application()
        theme = Theme(application, choice=ThemeChoice.DARK, reduced_motion=True)
        window = app.build(theme, Memory(folder / "memory"))
        try:
            window.resize(1600, 1000)
            window.show()
            opened: list[str] = []
            window.session.opened.connect(opened.append)
            window.session.open(folder / "a.case", create=True)
            app.wait_until(lambda: bool(opened))
            ticker = Ticker()
            frame, options = Frame(system="benchmark"), ReadOptions(zone="UTC")
            print(
                json.dumps(
                    measure(
                        window,
                        ticker,
                        "Importing logs",
                        lambda w, job: w.importing.run((str(log),), frame, options, job),
                    )
                ),
                flush=True,
            )
            print(
                json.dumps(
                    measure(
                        window,
                        ticker,
                        "Analysing",
                        lambda w, job: w.analysing.run(AnalysisSettings(), job),
                    )
                ),
                flush=True,
            )
        finally:
            window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
