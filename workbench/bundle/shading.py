"""Counts on a grid to colours, as on the map of the window: grey for all, colour over grey.

All traffic is histogram-equalised, so that a dense core does not swallow the rest; a subject lies
over it with ``alpha = (.30 + .70 e_c) * sqrt(n_c / (n_c + .15 n_all + .5))`` (design tokens, Map).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: The neutral ramp from empty to dense, light theme.
RAMP: Final = ("#F8FAFB", "#E9EDF1", "#D6DDE4", "#BCC7D1", "#9BA9B6", "#75879A")
_GAMMA: Final = 1.6


def shade(
    counts: NDArray[np.int64], layers: Sequence[tuple[NDArray[np.int64], str]]
) -> NDArray[np.uint8]:
    """Colours of a map picture.

    Args:
        counts: All exchanges, shape (height, width).
        layers: Counts of each subject, same shape, with its colour "#RRGGBB".

    Returns:
        RGB, uint8, shape (height, width, 3).
    """
    counts = _thick(counts)
    stops = np.array([_rgb(colour) for colour in RAMP])
    level = equalised(counts) ** _GAMMA * (len(RAMP) - 1)
    below = np.minimum(level.astype(np.intp), len(RAMP) - 2)
    share = (level - below)[..., None]
    image = stops[below] * (1 - share) + stops[below + 1] * share
    for layer, colour in layers:
        layer = _thick(layer)
        alpha = (0.30 + 0.70 * equalised(layer)) * np.sqrt(layer / (layer + 0.15 * counts + 0.5))
        alpha = np.where(layer > 0, alpha, 0.0)[..., None]
        image = image * (1 - alpha) + _rgb(colour) * alpha
    shaded: NDArray[np.uint8] = np.rint(image).astype(np.uint8)
    return shaded


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


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.float64)
