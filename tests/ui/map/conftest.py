"""A theme, and maps of few points whose places are known."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.domain.map_data import MapData
from workbench.ui.map.view import MapView
from workbench.ui.theme import Theme, ThemeChoice

#: The kernels are compiled the first time they are used on a machine.
PATIENCE_MS = 120_000


def data_of(
    points: list[tuple[float, float]],
    account: list[int] | None = None,
    bounds: tuple[float, float, float, float] = (0, 0, 10, 10),
) -> MapData:
    """A map of these points; exchange_id is 1000 + position, one account a point if not said."""
    xy = np.array(points, np.float32).reshape(-1, 2)
    accounts = np.array(range(len(points)) if account is None else account, np.int32)
    return MapData(
        xy[:, 0].copy(),
        xy[:, 1].copy(),
        accounts,
        np.arange(len(points), dtype=np.int64) + 1000,
        np.array([0, len(points)], np.int64),
        bounds,
        int(accounts.max(initial=-1)) + 1,
    )


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    """The dark theme, at rest."""
    return Theme(qapp, choice=ThemeChoice.DARK, reduced_motion=True)


MakeMap = Callable[..., MapView]


@pytest.fixture
def make_map(theme: Theme, qtbot: QtBot) -> Iterator[MakeMap]:
    """Makes shown maps, 800 x 600 unless said; waits until sharp where there is something."""
    made: list[MapView] = []

    def make(data: MapData | None = None, size: tuple[int, int] = (800, 600)) -> MapView:
        view = MapView(theme, lambda exchange_id: f"exchange {exchange_id}")
        made.append(view)
        qtbot.addWidget(view)
        view.resize(*size)
        view.show()
        if data is not None:
            view.set_data(data)
            settle(qtbot, view)
        return view

    yield make
    for view in made:
        view.shut_down()


def settle(qtbot: QtBot, view: MapView) -> None:
    """Wait until all that is in view is sharp (or known to be empty)."""

    def rested() -> bool:
        indexed = view.tiles.indexed
        return indexed is not None and (view.is_sharp or not len(indexed.index))

    qtbot.waitUntil(rested, timeout=PATIENCE_MS)
