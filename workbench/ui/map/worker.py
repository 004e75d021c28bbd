"""The thread that indexes, counts and shades, so that a frame never waits.

The window posts one frozen ``Wanted``: all that should be known now. The thread takes the next
missing piece of the newest one, makes it with kernels that release the interpreter, hands it
back as a frozen answer, and looks again: what nobody wants any more is never begun.
This room touches no widget; answers leave through the callable given.
"""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench.kernels.pyramid import CHOSEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    from numpy.typing import NDArray

    from workbench.domain.map_data import MapData
    from workbench.kernels.morton import PointIndex
    from workbench.kernels.pyramid import Inks
    from workbench.kernels.raster import Tone
    from workbench.ui.map.camera import Bounds, TileKey
    from workbench.ui.map.painting import Painting

#: A tenth of the processor time of a thread that wants all, where both want the same core.
_NICE: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """How points are painted. A accounts.

    Attributes:
        version: Grows with each change of data, colours, selection or theme.
        category: u8[A], 0 for all other traffic, 1 to 6.
        hidden: Categories shown as other traffic for now.
        selected: bool[A], or None when nothing is selected; the rest goes grey.
        inks: Colours.
        power: Exponent of the equalised density.
    """

    version: int
    category: NDArray[np.uint8]
    hidden: frozenset[int]
    selected: NDArray[np.bool_] | None
    inks: Inks
    power: float

    def kind_of_account(self) -> NDArray[np.uint8]:
        """u8[A]: 0 grey, 1 to 6 a category, 7 chosen without one."""
        kind = self.category.copy()
        for category in self.hidden:
            kind[self.category == category] = 0
        if self.selected is not None:
            kind[self.selected & (kind == 0)] = CHOSEN
            kind[~self.selected] = 0
        return kind


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """All that should be known now.

    Attributes:
        data: The points.
        data_version: Grows with each new data.
        paint: How they are painted.
        tiles: Tiles in view, most urgent first.
        window: Where categories should be counted; None for nowhere. After the tiles in view.
        later: Tiles that may come into view next.
    """

    data: MapData
    data_version: int
    paint: Paint
    tiles: tuple[TileKey, ...]
    window: Bounds | None
    later: tuple[TileKey, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Indexed:
    """The points are in order.

    Attributes:
        data_version: Of which data.
        index: Points in Morton order, M of N.
        account: i32[M] in that order.
        exchange_id: i64[M] in that order.
    """

    data_version: int
    index: PointIndex
    account: NDArray[np.int32]
    exchange_id: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """Every point has its kind.

    Attributes:
        version: Of which paint.
        totals: i64[8], points of each kind on the whole map.
        extent: (x0, y0, x1, y1) of the selected points; None when there are none.
    """

    version: int
    totals: NDArray[np.int64]
    extent: Bounds | None


@dataclass(frozen=True, slots=True, eq=False)
class TileMade:
    """A tile was shaded.

    Attributes:
        version: Of which paint.
        key: Which tile.
        pixels: u32[256, 256], 0xFFRRGGBB; None where no point lies.
        tone: The tone of its level.
    """

    version: int
    key: TileKey
    pixels: NDArray[np.uint32] | None
    tone: Tone


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Points in a window.

    Attributes:
        data_version: Of which data.
        window: Where.
        counts: i64[8] by category (before hiding and selection).
    """

    data_version: int
    window: Bounds
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Failed:
    """A piece of work raised: our bug, to be reported where the window runs.

    Attributes:
        error: What was raised.
    """

    error: Exception


Answer = Indexed | Painted | TileMade | Counted | Failed


class MapWorker(threading.Thread):
    """One thread for one map.

    Args:
        answer: Called on this thread with each answer; must be quick and must not raise.
    """

    def __init__(self, answer: Callable[[Answer], None]) -> None:
        super().__init__(name="map-worker", daemon=True)
        self._answer = answer
        self._news = threading.Condition()
        self._wanted: Wanted | None = None
        self._stopping = False
        self._indexed: Indexed | None = None
        self._painting: Painting | None = None
        self._dropped: list[tuple[int, tuple[TileKey, ...]]] = []
        self._counted: Wanted | None = None

    def want(self, wanted: Wanted | None) -> None:
        """Replace what should be known; None lets go of all data. Any thread."""
        with self._news:
            self._wanted = wanted
            self._news.notify()

    def forget(self, version: int, keys: Iterable[TileKey]) -> None:
        """The window dropped these tiles of that paint: make them again when wanted. Any thread."""
        with self._news:
            self._dropped.append((version, tuple(keys)))
            self._news.notify()

    def stop(self) -> None:
        """End the thread after the piece at hand (milliseconds), and wait for it."""
        with self._news:
            self._stopping = True
            self._news.notify()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """Make what is wanted, piece by piece."""
        if sys.platform == "linux":
            # There a thread has a niceness of its own: the window gets a core before we do.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        while (wanted := self._wait_for_work()) is not None:
            made: Answer
            try:
                made = self._make_next(wanted)
            except Exception as error:  # noqa: BLE001 - a thread must not die in silence
                made = Failed(error)
            try:
                self._answer(made)
            except RuntimeError:
                # Qt has deleted who listened: a window can go while a piece is being made.
                return
            if isinstance(made, Failed):
                with self._news:
                    if self._wanted is wanted:
                        self._wanted = None

    def _wait_for_work(self) -> Wanted | None:
        """What is wanted and not all known yet; None to end."""
        with self._news:
            while True:
                if self._stopping:
                    return None
                if self._wanted is None:
                    self._indexed = self._painting = self._counted = None
                self._drop()
                if self._wanted is not None and self._has_work(self._wanted):
                    return self._wanted
                self._news.wait()

    def _drop(self) -> None:
        for version, keys in self._dropped:
            if self._painting is not None and self._painting.paint.version == version:
                self._painting.made.difference_update(keys)
        self._dropped.clear()

    def _has_work(self, wanted: Wanted) -> bool:
        painting = self._painting
        return (
            self._indexed is None
            or self._indexed.data_version != wanted.data_version
            or painting is None
            or painting.paint is not wanted.paint
            or painting.first_missing(wanted.tiles) is not None
            or not self._is_counted(wanted)
            or painting.first_missing(wanted.later) is not None
        )

    def _is_counted(self, wanted: Wanted) -> bool:
        last = self._counted
        return wanted.window is None or (
            last is not None
            and last.data_version == wanted.data_version
            and last.window == wanted.window
            and last.paint.category is wanted.paint.category
        )

    def _make_next(self, wanted: Wanted) -> Answer:
        # Imported on this thread: numba takes most of a second, which no window should wait for.
        from workbench.ui.map import painting as painting_room

        if self._indexed is None or self._indexed.data_version != wanted.data_version:
            # Let go of the old points first: both at once may not fit.
            self._indexed = self._painting = self._counted = None
            self._indexed = painting_room.indexed(wanted)
            return self._indexed
        painting = self._painting
        if painting is None or painting.paint is not wanted.paint:
            painting = self._painting = painting_room.Painting(
                self._indexed, wanted.paint, painting
            )
            return painting.answer
        key = painting.first_missing(wanted.tiles)
        if key is None and not self._is_counted(wanted):
            self._counted = wanted
            return painting.counted(wanted)
        key = key or painting.first_missing(wanted.later)
        assert key is not None
        return painting.tile(key)
