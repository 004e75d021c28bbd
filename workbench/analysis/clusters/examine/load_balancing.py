"""Load balancing: do the accounts take turns, as workers fed from one queue do?

A dispatcher evens out what it sends: the summed stream is smoother than the sum of independent
ones, and while one account is served the others wait. Both are compared with the same accounts,
each moved in time by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.calibrate import conformal
from workbench.analysis.clusters.examine.peers import SPEAKS
from workbench.analysis.clusters.examine.shifts import HOUR_US, MOVED, Streams
from workbench.analysis.clusters.examine.subject import FOR, NEITHER, Fact
from workbench.domain.finding import How
from workbench.domain.signal import Message
from workbench.kernels.coincidences import close_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

NAME: Final = "load_balancing"
NEEDS: Final = ("ts",)
HOW: Final = How(
    formula="pairs of different accounts within a window / those that pairs up to five windows "
    "apart give; Fano factor mean (n_k+1 - n_k)^2 / (2 mean n) of the summed stream",
    unit="ratio",
    null=f"{MOVED}. p: the lower of two, conformal, doubled",
    source="Fano 1947; Allan 1966; own proposal",
    evades="A queue slower than people, or with random waits.",
)
_MINUTE_US: Final = 60_000_000
#: Pairs up to this many windows apart say how many to expect within one.
_AROUND: Final = 5
#: Fewest pairs of different accounts expected within a window.
_LEAST_PAIRS: Final = 20.0


def examine(subject: Subject, population: Population) -> Fact | None:
    """Fano factor of the summed stream and mutual exclusion, against moved accounts.

    The window is twice the median gap of the summed stream, between a minute and an hour. The Fano
    factor (variance / mean of counts) is taken between neighbouring windows,
    mean (n_k+1 - n_k)^2 / (2 mean n) (Allan 1966), so that days and nights do not count; 1 for a
    Poisson stream. Exclusion: pairs of different accounts within a window of each other, to what
    pairs up to five windows apart give; 1 when they do not heed each other. p: the lower of the
    two, conformal, doubled.
    """
    streams = Streams.of(subject, population)
    if streams is None:
        return None
    window = int(np.clip(2.0 * np.median(np.diff(streams.ts)), _MINUTE_US, HOUR_US))
    fano, exclusion, expected = _measured(streams.ts, streams.sender, window)
    if np.isnan(exclusion) or expected < _LEAST_PAIRS:
        return None
    null = np.empty((streams.moves, 2))
    for k in range(streams.moves):
        moved = streams.moved(subject.random)
        order = np.argsort(moved, kind="stable")
        null[k] = _measured(moved[order], streams.sender[order], window)[:2]
    # Lower is more even: what is compared is the negative.
    p = [
        float(conformal(-null[:, at], np.array(-value)))
        for at, value in enumerate((fano, exclusion))
    ]
    tested = min(1.0, 2.0 * min(p))
    middle = np.nanmedian(null, axis=0)
    return Fact(
        NAME,
        exclusion,
        tested,
        FOR if tested <= SPEAKS else NEITHER,
        Message(
            "fact.load_balancing",
            {
                "window_s": window / 1e6,
                "fano": fano,
                "fano_moved": float(middle[0]),
                "exclusion": exclusion,
                "exclusion_moved": float(middle[1]),
                "unit": streams.unit,
                "moves": streams.moves,
            },
        ),
        n_null=streams.moves,
    )


def _measured(
    ts: NDArray[np.int64], sender: NDArray[np.int64], window: int
) -> tuple[float, float, float]:
    """(Fano factor, exclusion, pairs expected within a window)."""
    near, beyond = close_pairs(ts, sender, window, _AROUND * window)
    expected = beyond / (_AROUND - 1)
    return fano_factor(ts, window), near / expected if expected else float("nan"), expected


def fano_factor(ts: NDArray[np.int64], window: int) -> float:
    """Mean (n_k+1 - n_k)^2 / (2 mean n) over neighbouring windows of which one holds anything.

    Args:
        ts: i64[n], ascending.
        window: In the unit of ``ts``.
    """
    at, held = np.unique(ts // window, return_counts=True)
    close = np.diff(at) == 1
    # Neighbours that both hold something, then those beside an empty window: before, after.
    squares = ((np.diff(held)[close]) ** 2).sum()
    first, last = np.concatenate([[True], ~close]), np.concatenate([~close, [True]])
    squares += (held[first] ** 2).sum() + (held[last] ** 2).sum()
    return float(squares / (2.0 * held.sum()))
