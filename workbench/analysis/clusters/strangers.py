"""How many of those who ask alike have nothing else to do with a cluster.

Nothing here knows what "else" is made of: it is handed in nats of evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def unrelated(
    rows: NDArray[np.int64],
    content: NDArray[np.float64],
    rest: NDArray[np.float64],
    outside: NDArray[np.float64],
    level: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The share of strangers among those whose content is as like, f64[M].

    Half of the strangers show less of the rest than the median stranger; members hardly do. Twice
    the share that shows less is thus at most the share of strangers (Storey 2002), made to fall
    with content by isotonic regression. Whoever asks more says more of what it asks and shows more
    of itself, stranger or not, so that the median is that of strangers who ask as much.

    Args:
        rows: i64[M] entities that are weighed.
        content: f64[M] nats.
        rest: f64[E] nats of everything else, of everybody.
        outside: f64[E], how likely each is no member.
        level: i64[E] of volume.
    """
    from scipy.optimize import isotonic_regression

    low = _below_median(rest, outside, level)
    usual = float((outside * low).sum() / outside.sum())
    found = np.empty(len(content))
    by_content = np.argsort(content, kind="stable")
    fitted = isotonic_regression(low[rows][by_content] / usual, increasing=False).x
    found[by_content] = np.clip(fitted, 0.0, 1.0)
    return found


def _below_median(
    rest: NDArray[np.float64], outside: NDArray[np.float64], level: NDArray[np.int64]
) -> NDArray[np.float64]:
    """f64[E]: 1 below the median stranger of one's level, 1/2 at it, 0 above."""
    found = np.empty(len(rest))
    for step in np.unique(level):
        these = np.flatnonzero(level == step)
        these = these[np.argsort(rest[these], kind="stable")]
        running = np.cumsum(outside[these])
        median = rest[these[np.searchsorted(running, 0.5 * running[-1])]]
        found[these] = np.where(rest[these] < median, 1.0, 0.5 * (rest[these] == median))
    return found
