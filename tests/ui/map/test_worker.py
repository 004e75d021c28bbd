"""The worker: exact answers, newest first, nothing made twice, an end when told."""

import queue
from dataclasses import replace

import numpy as np
import pytest

from tests.ui.map.conftest import data_of
from workbench.kernels.pyramid import CHOSEN, KINDS
from workbench.ui.map.camera import TileKey
from workbench.ui.map.tiles import inks_of
from workbench.ui.map.worker import (
    Answer,
    Counted,
    Failed,
    Indexed,
    MapWorker,
    Paint,
    Painted,
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

    def take(self, n: int) -> list[Answer]:
        return [self.answers.get(timeout=WAIT_S) for _ in range(n)]


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
        indexed, painted, tile, counted, later = desk.take(5)
    assert isinstance(indexed, Indexed)
    assert len(indexed.index) == 4
    assert indexed.index.n_given == 5
    assert sorted(indexed.exchange_id.tolist()) == [1000, 1001, 1002, 1003]
    assert isinstance(painted, Painted)
    assert painted.totals.tolist() == [1, 2, 1, 0, 0, 0, 0, 0]
    assert painted.extent is None
    assert isinstance(tile, TileMade)
    assert tile.key == TileKey(0, 0, 0)
    assert tile.pixels is not None
    assert tile.pixels.shape == (256, 256)
    assert isinstance(counted, Counted)
    assert counted.counts.tolist() == [0, 2, 1, 0, 0, 0, 0, 0]
    assert isinstance(later, TileMade)
    assert later.key == TileKey(1, 1, 1)


def test_what_is_known_is_not_made_again() -> None:
    with Desk() as desk:
        desk.worker.want(WANTED)
        desk.take(5)
        desk.worker.want(replace(WANTED, tiles=(TileKey(0, 0, 0), TileKey(2, 0, 0))))
        (only,) = desk.take(1)
        assert isinstance(only, TileMade)
        assert only.key == TileKey(2, 0, 0)
        desk.worker.forget(1, [TileKey(0, 0, 0)])
        (again,) = desk.take(1)
        assert isinstance(again, TileMade)
        assert again.key == TileKey(0, 0, 0)
        desk.worker.want(replace(WANTED, window=(8, 8, 10, 10)))
        (counted,) = desk.take(1)
        assert isinstance(counted, Counted)
        assert counted.counts.sum() == 1
    assert desk.answers.empty()


def test_a_recolouring_moves_no_point_and_counts_once() -> None:
    with Desk() as desk:
        desk.worker.want(WANTED)
        desk.take(5)
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
        desk.take(5)
        other = replace(WANTED, data=data_of([(2, 2)]), data_version=2, paint=paint_of([0]))
        desk.worker.want(other)
        indexed = desk.take(1)[0]
        assert isinstance(indexed, Indexed)
        assert indexed.data_version == 2
        assert len(indexed.index) == 1
        desk.worker.want(None)
        desk.worker.want(WANTED)
        assert any(isinstance(a, Indexed) and a.data_version == 1 for a in desk.take(6))


def test_an_error_is_told_and_the_thread_goes_on() -> None:
    with Desk() as desk:
        # Inks that are none: a bug of ours that the worker must survive.
        desk.worker.want(replace(WANTED, paint=replace(WANTED.paint, inks=None)))  # type: ignore[arg-type]
        *_, failed = desk.take(3)
        assert isinstance(failed, Failed)
        assert isinstance(failed.error, AttributeError)
        desk.worker.want(replace(WANTED, paint=paint_of([1, 2, 0], version=2)))
        assert [type(a) for a in desk.take(3)] == [Indexed, Painted, TileMade]


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
