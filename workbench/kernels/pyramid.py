"""The map's pyramid of tiles: its ground, its measures and its colours, as plain values.

No numba here: the window reads these before anything is compiled or loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Pixels across a tile.
TILE: Final = 256
#: Pixels counted around a tile, so that dots reach in from its neighbours.
MARGIN: Final = 16
#: What a point is painted as: 0 all other traffic, 1 to 6 the categories, 7 chosen without one.
KINDS: Final = 8
#: The kind of chosen points without a category.
CHOSEN: Final = 7
#: Levels beyond this would cut finer than f32 coordinates tell points apart.
DEEPEST: Final = 14


@dataclass(frozen=True, slots=True, eq=False)
class Inks:
    """The colours of a map.

    Attributes:
        ramp: u8[256, 3]: colour of all traffic by equalised density.
        kinds: f32[8, 3]: colour of each kind, 0 to 255 (kind 0 is the ramp's and not used).
        strength: f32[8]: a kind's alpha is multiplied by this, in [0, 1].
    """

    ramp: NDArray[np.uint8]
    kinds: NDArray[np.float32]
    strength: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Square:
    """The square that level 0 shows on one tile, in data units.

    Attributes:
        x0: Left edge.
        y0: Lower edge.
        side: Length of a side, above 0.
    """

    x0: float
    y0: float
    side: float


def square_of(
    extent: tuple[float, float, float, float],
    bounds: tuple[float, float, float, float] | None = None,
) -> Square:
    """The smallest square, centred, that holds points and bounds.

    Args:
        extent: (x0, y0, x1, y1) of all placed points; x0 above x1 where there is none.
        bounds: What must fit as well; ignored where not finite.
    """
    x0, y0, x1, y1 = extent
    if bounds is not None and np.all(np.isfinite(bounds)):
        x0, y0 = min(x0, bounds[0]), min(y0, bounds[1])
        x1, y1 = max(x1, bounds[2]), max(y1, bounds[3])
    if not x0 <= x1:
        return Square(0.0, 0.0, 1.0)
    side = max(x1 - x0, y1 - y0)
    # Points on the far edge must fall into the last cell, also after rounding.
    side = side * (1 + 1e-6) if side > 0 else max(1.0, abs(x0) * 1e-3, abs(y0) * 1e-3)
    return Square((x0 + x1 - side) / 2, (y0 + y1 - side) / 2, side)


def kinds_of_points(
    account: NDArray[np.int32], kind_of_account: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """The kind of each point by its account.

    Args:
        account: i32[M]; -1 for none, which is other traffic.
        kind_of_account: u8[A], each below 8.

    Returns:
        u8[M].
    """
    # Index -1 meets the last element.
    return np.append(kind_of_account, np.uint8(0)).take(account, mode="wrap")
