"""The worker: exact answers, newest first, nothing made twice, an end when told."""

import queue
import threading
from dataclasses import replace

import numpy as np
import pytest

from tests.ui.map.conftest import data_of
from workbench.kernels.pyramid import CHOSEN, KINDS
from workbench.ui.map import fine
from workbench.ui.map.camera import TileKey
from workbench.ui.map.colouring import inks_of
from workbench.ui.map.worker import (
    Answer,
    Counted,
    Failed,
    Indexed,
    MapWorker,
    Paint,
    Painted,
    Placed,
    TileMade,
    Wanted,
)
from workbench.ui.tokens import DARK

WAIT_S = 120


class Desk:
    """Starts a worker, collects its answers, ends it."""

    def __init__(self) -> None:
        self.answers: queue.Queue[Answer] = queue.Queue()
        self.worker = MapWorker(self.answers.put)
        self.worker.start()

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.stop()
        assert not self.worker.is_alive()
        assert "map-loader" not in {thread.name for thread in threading.enumerate()}

    def take(self, n: int) -> list[Answer]:
        return [self.answers.get(timeout=WAIT_S) for _ in range(n)]

    def indexed(self) -> tuple[Indexed, list[Answer]]:
        """The points in order, which come when the compiler is loaded, and what came before."""
        before: list[Answer] = []
        while not isinstance(answer := self.take(1)[0], Indexed):
            before.append(answer)
        return answer, before


def paint_of(
    category: list[int],
    *,
    version: int = 1,
    hidden: frozenset[int] = frozenset(),
    selected: list[bool] | None = None,
) -> Paint:
    return Paint(
        version,
        np.array(category, np.uint8),
        hidden,
        None if selected is None else np.array(selected),
        inks_of(DARK, ["cat1", "cat2"], "t2"),
        1.5,
    )


POINTS = data_of([(1, 1), (1.1, 1), (5, 5), (9, 9), (float("nan"), 2)], [0, 0, 1, 2, 2])
WANTED = Wanted(
    POINTS, 1, paint_of([1, 2, 0]), (TileKey(0, 0, 0),), (0, 0, 6, 6), (TileKey(1, 1, 1),)
)


def test_pieces_come_in_order_of_need() -> None:
    with Desk() as desk:
        desk.worker.want(WANTED)
        placed, painted, tile, counted = desk.take(4)
        indexed, later = desk.indexed()
        later = later or desk.take(1)
    assert isinstance(placed, Placed)
    assert placed.n_placed == 4
    assert placed.square.side == pytest.approx(10.6, rel=1e-5), "bounds and a rim"
    assert isinstance(painted, Painted)
    assert painted.totals.tolist() == [1, 2, 1, 0, 0, 0, 0, 0]
    assert painted.extent is None
    assert isinstance(tile, TileMade)
    assert tile.key == TileKey(0, 0, 0)
    assert tile.pixels is not None
    assert tile.pixels.shape == (256, 256)
    assert isinstance(counted, Counted)
    assert counted.counts.tolist() == [0, 2, 1, 0, 0, 0, 0, 0]
    assert len(indexed.index) == 4
    assert indexed.index.n_given == 5
    assert indexed.index.square == placed.square
    assert sorted(indexed.exchange_id.tolist()) == [1000, 1001, 1002, 1003]
    assert [a.key for a in later if isinstance(a, TileMade)] == [TileKey(1, 1, 1)]


def test_fine_tiles_wait_for_the_compiler_and_coarse_ones_do_not() -> None:
    fine, coarse = TileKey(5, 3, 3), TileKey(2, 0, 0)
    with Desk() as desk:
        desk.worker.want(replace(WANTED, tiles=(fine, coarse), later=()))
        *_, first, counted = desk.take(4)
        assert isinstance(first, TileMade)
        assert first.key == coarse
        assert isinstance(counted, Counted)
        _, before = desk.indexed()
        assert before == []
        (last,) = desk.take(1)
        assert isinstance(last, TileMade)
        assert last.key == fine
    assert desk.answers.empty(), "what the coarse ground made is not made again"


def test_both_grounds_make_the_same_tile() -> None:
    key = TileKey(2, 0, 0)
    with Desk() as desk:
        desk.worker.want(replace(WANTED, tiles=(key,), later=()))
        coarse = desk.take(3)[2]
        desk.indexed()
        desk.worker.forget(1, [key])
        (fine,) = desk.take(1)
    assert isinstance(coarse, TileMade)
    assert isinstance(fine, TileMade)
    assert coarse.pixels is not None
    assert fine.pixels is not None
    assert np.abs(coarse.pixels.view(np.uint8).astype(int) - fine.pixels.view(np.uint8)).max() <= 1


def test_what_is_known_is_not_made_again() -> None:
    with Desk() as desk:
        desk.worker.want(replace(WANTED, later=()))
        desk.indexed()
        desk.worker.want(replace(WANTED, tiles=(TileKey(0, 0, 0), TileKey(2, 0, 0)), later=()))
        (only,) = desk.take(1)
        assert isinstance(only, TileMade)
        assert only.key == TileKey(2, 0, 0)
        desk.worker.forget(1, [TileKey(0, 0, 0)])
        (again,) = desk.take(1)
        assert isinstance(again, TileMade)
        assert again.key == TileKey(0, 0, 0)
        desk.worker.want(replace(WANTED, window=(8, 8, 10, 10), later=()))
        (counted,) = desk.take(1)
        assert isinstance(counted, Counted)
        assert counted.counts.sum() == 1
    assert desk.answers.empty()


def test_a_recolouring_moves_no_point_and_counts_once() -> None:
    with Desk() as desk:
        desk.worker.want(WANTED)
        _, before = desk.indexed()
        desk.take(5 - len(before))
        hidden = replace(WANTED.paint, version=2, hidden=frozenset({1}))
        desk.worker.want(replace(WANTED, paint=hidden))
        answers = desk.take(3)
    assert [type(a) for a in answers] == [Painted, TileMade, TileMade]
    painted = answers[0]
    assert isinstance(painted, Painted)
    assert painted.totals.tolist() == [3, 0, 1, 0, 0, 0, 0, 0]


def test_unselected_goes_grey_and_chosen_others_stand_out() -> None:
    with Desk() as desk:
        paint = paint_of([1, 2, 0], selected=[True, False, True])
        desk.worker.want(replace(WANTED, paint=paint))
        _, painted = desk.take(2)
    assert isinstance(painted, Painted)
    expected = np.zeros(KINDS, int)
    expected[[1, 0, CHOSEN]] = 2, 1, 1
    assert painted.totals.tolist() == expected.tolist()
    assert painted.extent == pytest.approx((1, 1, 9, 9))


def test_a_selection_without_points_has_no_extent() -> None:
    with Desk() as desk:
        desk.worker.want(replace(WANTED, paint=paint_of([0, 0, 0], selected=[False] * 3)))
        _, painted = desk.take(2)
    assert isinstance(painted, Painted)
    assert painted.extent is None


def test_other_data_is_indexed_anew_and_none_lets_go() -> None:
    with Desk() as desk:
        desk.worker.want(WANTED)
        desk.take(4)
        other = replace(WANTED, data=data_of([(2, 2)]), data_version=2, paint=paint_of([0]))
        desk.worker.want(other)
        indexed, before = desk.indexed()
        if indexed.data_version == 1:
            indexed, more = desk.indexed()
            before += more
        assert indexed.data_version == 2
        assert len(indexed.index) == 1
        placed = [answer for answer in before if isinstance(answer, Placed)]
        assert [answer.data_version for answer in placed] == [2]
        desk.worker.want(None)
        desk.worker.want(WANTED)
        assert desk.indexed()[0].data_version == 1


def test_an_error_is_told_and_the_thread_goes_on() -> None:
    with Desk() as desk:
        # Inks that are none: a bug of ours that the worker must survive.
        desk.worker.want(replace(WANTED, paint=replace(WANTED.paint, inks=None)))  # type: ignore[arg-type]
        *_, failed = desk.take(3)
        assert isinstance(failed, Failed)
        assert isinstance(failed.error, AttributeError)
        desk.worker.want(replace(WANTED, paint=paint_of([1, 2, 0], version=2)))
        assert [type(a) for a in desk.take(3)] == [Placed, Painted, TileMade]


def test_a_compiler_that_does_not_load_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(wanted: Wanted) -> Indexed:
        raise OSError("no space left on device")

    monkeypatch.setattr(fine, "indexed", broken)
    with Desk() as desk:
        desk.worker.want(replace(WANTED, later=()))
        *_, counted, failed = desk.take(5)
        assert isinstance(counted, Counted)
        assert isinstance(failed, Failed)
        assert isinstance(failed.error, OSError)


def test_it_stops_without_ever_having_worked() -> None:
    worker = MapWorker(lambda answer: None)
    worker.stop()
    assert not worker.is_alive()


def test_it_ends_quietly_when_qt_has_deleted_who_listened() -> None:
    def gone(answer: object) -> None:
        raise RuntimeError("Signal source has been deleted")

    worker = MapWorker(gone)
    worker.start()
    worker.want(WANTED)
    worker.join(30)
    assert not worker.is_alive()
