"""Counts on a grid as paints, one over the other, as on the map of the window: vector, for print.

All traffic is histogram-equalised, so that a dense core does not swallow the rest; a subject lies
over it with ``alpha = (.30 + .70 e_c) * sqrt(n_c / (n_c + .15 n_all + .5))`` (design tokens, Map).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

#: The neutral ramp from empty to dense, light theme.
RAMP: Final = ("#F8FAFB", "#E9EDF1", "#D6DDE4", "#BCC7D1", "#9BA9B6", "#75879A")
_GAMMA: Final = 1.6
#: Steps of grey, and of a subject's opacity: more are not told apart in print.
_GREYS: Final = 5
_OPACITIES: Final = 4
#: A wider grid is drawn coarser: a place is still a quarter of a millimetre in print, and the
#: picture of a log of any size a small file.
_WIDEST: Final = 400


@dataclass(frozen=True, slots=True)
class Paint:
    """One colour, laid over what was painted before.

    Attributes:
        colour: "#RRGGBB".
        opacity: In (0, 1].
        where: bool, shape (height, width).
    """

    colour: str
    opacity: float
    where: NDArray[np.bool_]

    def path(self) -> str:
        """What is painted as the data of an SVG path, in cells of the grid: runs along rows."""
        edges = np.diff(np.pad(self.where, ((0, 0), (1, 1))).astype(np.int8), axis=1)
        rows, begins = np.nonzero(edges == 1)
        lengths = np.nonzero(edges == -1)[1] - begins
        runs = zip(begins.tolist(), rows.tolist(), lengths.tolist(), strict=True)
        return "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in runs)


def paints(
    counts: NDArray[np.int64], layers: Sequence[tuple[NDArray[np.int64], str]]
) -> Iterator[Paint]:
    """A map picture, from the ground up.

    Args:
        counts: All exchanges, shape (height, width).
        layers: Counts of each subject, same shape, with its colour "#RRGGBB".
    """
    while counts.shape[1] > _WIDEST:
        counts, layers = _pooled(counts), [(_pooled(layer), colour) for layer, colour in layers]
    yield Paint(RAMP[0], 1.0, np.ones(counts.shape, np.bool_))
    counts = _thick(counts)
    level = np.ceil(equalised(counts) ** _GAMMA * _GREYS)
    for step in range(1, _GREYS + 1):
        # From here on up: no seam shows between one grey and the next.
        yield Paint(_grey(step / _GREYS), 1.0, level >= step)
    for layer, colour in layers:
        layer = _thick(layer)
        alpha = (0.30 + 0.70 * equalised(layer)) * np.sqrt(layer / (layer + 0.15 * counts + 0.5))
        opacity = np.where(layer > 0, np.ceil(alpha * _OPACITIES), 0)
        for step in range(1, _OPACITIES + 1):
            yield Paint(colour, step / _OPACITIES, opacity == step)


def equalised(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rank of each count among the counts above zero, in (0, 1]; zero stays 0."""
    there = counts > 0
    _, inverse, frequency = np.unique(counts[there], return_inverse=True, return_counts=True)
    ranks = np.cumsum(frequency) / max(int(frequency.sum()), 1)
    levels = np.zeros(counts.shape)
    levels[there] = ranks[inverse]
    return levels


def _thick(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each exchange drawn as a larger mark where the grid is sparse, so that print shows it.

    A mark is 3 wide where less than a twelfth of the grid holds anything, 5 below 1 in 100, 7
    below 1 in 500; wider ones are nearly round.
    """
    filled = np.count_nonzero(counts) / counts.size
    for bound, corners in ((1 / 12, True), (1 / 100, False), (1 / 500, False)):
        if filled < bound:
            counts = _spread(counts, corners=corners)
    return counts


def _spread(counts: NDArray[np.int64], *, corners: bool) -> NDArray[np.int64]:
    """The largest count among a place and its four neighbours, or its eight with corners."""
    across = _along(counts, 1)
    return _along(across, 0) if corners else np.maximum(across, _along(counts, 0))


def _along(counts: NDArray[np.int64], axis: int) -> NDArray[np.int64]:
    """The largest count among a place and the one before and after it."""
    padded = np.pad(counts, [(1, 1) if i == axis else (0, 0) for i in (0, 1)])
    size = counts.shape[axis]
    parts = [np.take(padded, range(i, i + size), axis) for i in range(3)]
    largest: NDArray[np.int64] = np.maximum.reduce(parts)
    return largest


def _pooled(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums of two by two places; an odd last row or column is a place of its own."""
    height, width = counts.shape
    even = np.pad(counts, ((0, height % 2), (0, width % 2)))
    summed: NDArray[np.int64] = even.reshape(-(-height // 2), 2, -(-width // 2), 2).sum((1, 3))
    return summed


def _grey(share: float) -> str:
    """The ramp at a place in [0, 1]."""
    channels = np.array([[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in RAMP])
    at = np.linspace(0.0, 1.0, len(RAMP))
    mixed = (round(float(np.interp(share, at, channel))) for channel in channels.T)
    return "#" + "".join(f"{value:02X}" for value in mixed)
