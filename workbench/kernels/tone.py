"""How dense becomes how bright, and the dot that a point is drawn as. No numba here.

Source of the tone: histogram equalisation (Gonzalez and Woods, Digital Image Processing, 3.3),
over the blocks of 4 x 4 pixels that hold a point: as many points as lie under one dot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.kernels.pyramid import KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_REACH: Final = 5
#: 2 pi sigma^2 = 16 pixels: a dot weighs as much as a block of 4 x 4.
_SIGMA: Final = (16 / (2 * np.pi)) ** 0.5
#: f32[11]: a point's weight on its own pixel (1) and five to each side; a dot is its outer square.
DOT: Final = np.exp(-(np.arange(-_REACH, _REACH + 1) ** 2) / (2 * _SIGMA**2)).astype(np.float32)
#: A block is 2^2 pixels wide.
BLOCK_BITS: Final = 2
#: Steps of a curve.
CURVE: Final = 1024
#: Bins of the histogram of blocks: exact below this, 64 to the octave above.
EXACT: Final = 4096
OCTAVE: Final = 64
BINS: Final = EXACT + 21 * OCTAVE


@dataclass(frozen=True, slots=True, eq=False)
class Tone:
    """How dense becomes how bright at one level.

    Attributes:
        curve: f32[9, 1024]: equalised density in [0, 1] of each kind, and of all together in
            row 8, over ``log2(1 + v) / log2(1 + densest)``, v = points under one dot.
        inverse: f32[9]: ``1023 / log2(1 + densest)`` of each row; 0 where there is no point.
        densest: i64[9]: most points of a block of 4 x 4 pixels.
    """

    curve: NDArray[np.float32]
    inverse: NDArray[np.float32]
    densest: NDArray[np.int64]

    def at(self, row: int, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """Equalised density of so many points under one dot; any shape."""
        where = np.log2(1 + points) * float(self.inverse[row])
        result: NDArray[np.float32] = self.curve[row][np.clip(where, 0, CURVE - 1).astype(int)]
        return result


def tone_of(histogram: NDArray[np.int64], densest: NDArray[np.int64]) -> Tone:
    """The tone of a level whose blocks were counted.

    Args:
        histogram: i64[9, BINS]: blocks by how many points they hold, of each kind and of all.
        densest: i64[9]: most points of a block.
    """
    curve = np.zeros((KINDS + 1, CURVE), np.float32)
    inverse = np.zeros(KINDS + 1, np.float32)
    for row in range(KINDS + 1):
        if densest[row]:
            inverse[row] = (CURVE - 1) / np.log2(1 + densest[row])
            curve[row] = _equalised(histogram[row], int(densest[row]))
    return Tone(curve, inverse, densest)


def bins_of(held: NDArray[np.int64]) -> NDArray[np.int64]:
    """The bins of blocks that hold so many points (at least one each)."""
    above = EXACT + ((np.log2(held) - np.log2(EXACT)) * OCTAVE).astype(np.int64)
    return np.where(held < EXACT, held, np.minimum(above, BINS - 1))


def _equalised(histogram: NDArray[np.int64], densest: int) -> NDArray[np.float32]:
    bins = np.flatnonzero(histogram)
    values = _value_of_bin(bins)
    share = np.cumsum(histogram[bins]) / histogram.sum()
    steps = np.linspace(0, np.log2(1 + densest), CURVE)
    at = np.concatenate([[0.0], np.log2(1 + values)])
    curve: NDArray[np.float32] = np.interp(steps, at, np.concatenate([[0.0], share])).astype(
        np.float32
    )
    return curve


def _value_of_bin(bins: NDArray[np.int64]) -> NDArray[np.float64]:
    above = EXACT * 2.0 ** ((bins - EXACT + 0.5) / OCTAVE)
    return np.where(bins < EXACT, bins.astype(np.float64), above)
