"""The thread that counts and shades, so that a frame never waits.

The window posts one frozen ``Wanted``: all that should be known now. The thread takes the next
missing piece of the newest one, makes it with code that releases the interpreter, hands it back
as a frozen answer, and looks again: what nobody wants any more is never begun. It begins on a
coarse ground that needs no compiler; as soon as all in view is made, a second thread loads that
and puts the points in order, and then all goes on on the fine ground.
This room touches no widget; answers leave through the callable given.
"""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench.kernels.pyramid import CHOSEN, DEEPEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    from numpy.typing import NDArray

    from workbench.domain.map_data import MapData
    from workbench.kernels.morton import PointIndex
    from workbench.kernels.pyramid import Inks, Square
    from workbench.kernels.tone import Tone
    from workbench.ui.map.camera import Bounds, TileKey
    from workbench.ui.map.painting import Ground, Painting

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
class Placed:
    """The points have their place; tiles follow.

    Attributes:
        data_version: Of which data.
        square: What level 0 shows on one tile.
        n_placed: Points on it; the rest of the data has no place.
    """

    data_version: int
    square: Square
    n_placed: int


@dataclass(frozen=True, slots=True, eq=False)
class Indexed:
    """The points are in order: the nearest to a place can be looked for.

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
        category: u8[A], by which categories: those of the paint.
        window: Where.
        counts: i64[8] by category (before hiding and selection).
    """

    data_version: int
    category: NDArray[np.uint8]
    window: Bounds
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Failed:
    """A piece of work raised: our bug, to be reported where the window runs.

    Attributes:
        error: What was raised.
    """

    error: Exception


Answer = Placed | Indexed | Painted | TileMade | Counted | Failed


class MapWorker(threading.Thread):
    """One thread for one map, and one that loads the compiler for it.

    Args:
        answer: Called on this thread with each answer; must be quick and must not raise.
    """

    def __init__(self, answer: Callable[[Answer], None]) -> None:
        super().__init__(name="map-worker", daemon=True)
        self._answer = answer
        self._news = threading.Condition()
        self._wanted: Wanted | None = None
        self._stopping = False
        self._placed: Placed | None = None
        self._ground: Ground | None = None
        self._painting: Painting | None = None
        self._dropped: list[tuple[int, tuple[TileKey, ...]]] = []
        self._counted: Wanted | None = None
        self._loader = threading.Thread(target=self._load, name="map-loader", daemon=True)
        self._to_load: Wanted | None = None
        self._loaded: Indexed | Exception | None = None

    def want(self, wanted: Wanted | None) -> None:
        """Replace what should be known; None lets go of all data. Any thread."""
        with self._news:
            self._wanted = wanted
            self._news.notify_all()

    def forget(self, version: int, keys: Iterable[TileKey]) -> None:
        """The window dropped these tiles of that paint: make them again when wanted. Any thread."""
        with self._news:
            self._dropped.append((version, tuple(keys)))
            self._news.notify_all()

    def stop(self) -> None:
        """End the threads after the piece at hand, and wait for them.

        Milliseconds, but for the first second in which the compiler is loaded.
        """
        with self._news:
            self._stopping = True
            self._news.notify_all()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """Make what is wanted, piece by piece."""
        # Before this thread gives way: the other one would inherit that, and importing holds the
        # interpreter.
        self._loader.start()
        if sys.platform == "linux":
            # There a thread has a niceness of its own: the window gets a core before we do.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        try:
            self._work()
        finally:
            with self._news:
                self._stopping = True
                self._news.notify_all()
            self._loader.join()

    def _work(self) -> None:
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
                wanted = self._wanted
                if wanted is None:
                    self._let_go()
                else:
                    self._drop()
                    if self._has_urgent_work(wanted):
                        return wanted
                    self._let_load(wanted)
                    if self._loaded is not None or self._has_later_work(wanted):
                        return wanted
                self._news.wait()

    def _let_go(self) -> None:
        self._placed = self._ground = self._painting = self._counted = None

    def _drop(self) -> None:
        for version, keys in self._dropped:
            if self._painting is not None and self._painting.paint.version == version:
                self._painting.made.difference_update(keys)
        self._dropped.clear()

    def _let_load(self, wanted: Wanted) -> None:
        """Have the fine ground made, once all in view is as good as the coarse one can."""
        loaded = self._loaded
        if isinstance(loaded, Indexed) and loaded.data_version != wanted.data_version:
            self._loaded = None
        # Without a window the view is not laid out yet: its first frame goes first.
        due = wanted.window is not None and self._to_load is None and self._loaded is None
        if due and self._ground is not None and self._ground.finest < DEEPEST:
            self._to_load = wanted
            self._news.notify_all()

    def _take_loaded(self, wanted: Wanted) -> Indexed | None:
        """The points of that data in order, if they are by now; others are let go."""
        with self._news:
            loaded, self._loaded = self._loaded, None
        if isinstance(loaded, Exception):
            raise loaded
        known = loaded is not None and loaded.data_version == wanted.data_version
        return loaded if known else None

    def _load(self) -> None:
        """The loader's thread."""
        while (wanted := self._wait_to_load()) is not None:
            loaded: Indexed | Exception
            try:
                # Imported on this thread: the compiler takes most of a second.
                from workbench.ui.map.fine import indexed

                loaded = indexed(wanted)
            except Exception as error:  # noqa: BLE001 - told by the other thread
                loaded = error
            with self._news:
                self._to_load, self._loaded = None, loaded
                self._news.notify_all()

    def _wait_to_load(self) -> Wanted | None:
        with self._news:
            self._news.wait_for(lambda: self._stopping or self._to_load is not None)
            return None if self._stopping else self._to_load

    def _is_placed(self, wanted: Wanted) -> bool:
        return self._placed is not None and self._placed.data_version == wanted.data_version

    def _has_urgent_work(self, wanted: Wanted) -> bool:
        painting = self._painting
        return (
            not self._is_placed(wanted)
            or painting is None
            or painting.paint is not wanted.paint
            or painting.first_missing(wanted.tiles) is not None
            or not self._is_counted(wanted)
        )

    def _has_later_work(self, wanted: Wanted) -> bool:
        return self._painting is not None and (
            self._painting.first_missing(wanted.later) is not None
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
        # Imported on this thread, where nobody waits for it.
        from workbench.ui.map import painting as room

        loaded = self._take_loaded(wanted)
        if not self._is_placed(wanted):
            # Let go of the old points first: both at once may not fit.
            self._let_go()
            self._placed, self._ground = room.placed(wanted)
            return self._placed
        if loaded is not None:
            from workbench.ui.map.fine import FineGround

            self._ground = FineGround(loaded)
            if self._painting is not None:
                self._painting = self._painting.moved_to(self._ground)
            return loaded
        assert self._ground is not None
        painting = self._painting
        if painting is None or painting.paint is not wanted.paint:
            self._painting = room.Painting(self._ground, wanted.paint, painting)
            return self._painting.painted()
        key = painting.first_missing(wanted.tiles)
        if key is None and not self._is_counted(wanted):
            self._counted = wanted
            return painting.counted(wanted)
        key = key or painting.first_missing(wanted.later)
        assert key is not None
        return painting.tile(key)
