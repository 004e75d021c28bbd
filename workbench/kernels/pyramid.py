"""The map's pyramid of tiles: its measures and its colours, as plain values.

No numba here: the window reads these before anything is compiled or loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
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
