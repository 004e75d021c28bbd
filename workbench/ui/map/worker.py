"""The thread that indexes, counts and shades, so that a frame never waits.

The window posts one frozen ``Wanted``: all that should be known now. The thread takes the next
missing piece of the newest one, makes it with kernels that release the interpreter, hands it
back as a frozen answer, and looks again: what nobody wants any more is never begun.
This room touches no widget; answers leave through the callable given.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.kernels.morton import PointIndex, build_index
from workbench.kernels.nearest import nearest
from workbench.kernels.raster import (
    KINDS,
    Inks,
    Tone,
    count_tile,
    count_window,
    kinds_of_points,
    shade_tile,
    tone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from workbench.domain.map_data import MapData
    from workbench.ui.map.camera import Bounds, TileKey

#: Kind of the points of chosen accounts without a category of their own.
CHOSEN: Final = 7


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
        self._painting: _Painting | None = None
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
        _warm_up()
        while (wanted := self._wait_for_work()) is not None:
            try:
                self._answer(self._make_next(wanted))
            except Exception as error:  # noqa: BLE001 - a thread must not die in silence
                self._answer(Failed(error))
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
        if self._indexed is None or self._indexed.data_version != wanted.data_version:
            # Let go of the old points first: both at once may not fit.
            self._indexed = self._painting = self._counted = None
            self._indexed = _indexed(wanted)
            return self._indexed
        painting = self._painting
        if painting is None or painting.paint is not wanted.paint:
            painting = self._painting = _Painting(self._indexed, wanted.paint, painting)
            return painting.answer
        key = painting.first_missing(wanted.tiles)
        if key is None and not self._is_counted(wanted):
            assert wanted.window is not None
            self._counted = wanted
            counts = count_window(self._indexed.index, painting.categories, wanted.window)
            return Counted(wanted.data_version, wanted.window, counts)
        key = key or painting.first_missing(wanted.later)
        assert key is not None
        return painting.tile(key)


class _Painting:
    """The points of one data under one paint."""

    def __init__(self, indexed: Indexed, paint: Paint, before: _Painting | None) -> None:
        self.paint = paint
        self.made: set[TileKey] = set()
        self._index = indexed.index
        self._tones: dict[int, Tone] = {}
        same = before is not None and before.paint.category is paint.category
        self.categories: NDArray[np.uint8] = (
            before.categories
            if before is not None and same
            else kinds_of_points(indexed.account, paint.category)
        )
        self._kinds = kinds_of_points(indexed.account, paint.kind_of_account())
        totals = np.bincount(self._kinds, minlength=KINDS).astype(np.int64)
        # The rarest last, on top of all others; chosen without a category below them all.
        rarest_last = 1 + np.argsort(-totals[1:CHOSEN], kind="stable")
        self._order = np.concatenate([[CHOSEN], rarest_last]).astype(np.int64)
        self.answer = Painted(paint.version, totals, self._extent(indexed))

    def first_missing(self, keys: tuple[TileKey, ...]) -> TileKey | None:
        """The first of these tiles that is not made yet."""
        return next((key for key in keys if key not in self.made), None)

    def tile(self, key: TileKey) -> TileMade:
        """Count and shade one tile."""
        how = self._tones.get(key.level)
        if how is None:
            how = self._tones[key.level] = tone(self._index, self._kinds, key.level)
        counts = count_tile(self._index, self._kinds, key.level, key.column, key.row)
        pixels = None
        if counts is not None:
            pixels = shade_tile(counts, how, self.paint.inks, self.paint.power, self._order)
        self.made.add(key)
        return TileMade(self.paint.version, key, pixels, how)

    def _extent(self, indexed: Indexed) -> Bounds | None:
        if self.paint.selected is None:
            return None
        chosen = kinds_of_points(indexed.account, self.paint.selected.astype(np.uint8)) == 1
        if not chosen.any():
            return None
        x, y = indexed.index.x[chosen], indexed.index.y[chosen]
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _indexed(wanted: Wanted) -> Indexed:
    data = wanted.data
    index = build_index(data.x, data.y, data.bounds)
    return Indexed(
        wanted.data_version, index, index.taken(data.account), index.taken(data.exchange_id)
    )


def _warm_up() -> None:
    """Load (or, the very first time, compile) the kernels before the data is there.

    Read-only arrays (memory-mapped ones) are another type to the compiler: both are made ready.
    """
    point, account, kind = np.zeros(1, np.float32), np.zeros(1, np.int32), np.zeros(1, np.uint8)
    inks = Inks(
        np.zeros((256, 3), np.uint8), np.zeros((KINDS, 3), np.float32), np.ones(KINDS, np.float32)
    )
    for writeable in (False, True):
        point.flags.writeable = account.flags.writeable = writeable
        index = build_index(point, point)
        kinds = kinds_of_points(account, kind)
        counts = count_tile(index, kinds, 0, 0, 0)
        count_window(index, kinds, (0.0, 0.0, 1.0, 1.0))
        nearest(index, 0.0, 0.0, 1.0)
        if counts is not None:
            shade_tile(counts, tone(index, kinds, 0), inks, 1.0, np.arange(1, KINDS))
