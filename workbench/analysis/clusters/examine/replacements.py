"""Replacements: after an account of the cluster is suspended, does another one sign up soon?

Reported of campaigns: banned accounts are replaced by fresh ones. Where many sign up anyway, some
do after any moment, so that the suspensions are compared with themselves at other times. It is told
with its p and speaks for nothing: too few benign groups lose accounts to say how often it misleads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.calibrate import conformal
from workbench.analysis.clusters.examine.subject import NEITHER, Fact
from workbench.analysis.codes import SUSPENDED
from workbench.domain.finding import How
from workbench.domain.ports import Statement
from workbench.domain.signal import Message
from workbench.kernels.timing import HOUR_US, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population
    from workbench.domain.ports import Engine

NAME: Final = "replacements"
NEEDS: Final = ("error_type", "account_created_at", "ts")
HOW: Final = How(
    formula="suspended accounts after which another one of the cluster signed up within two days / "
    "suspended accounts",
    unit="share",
    null="the same suspensions, moved together round the time of the cluster by a random stretch "
    "(toroidal shift), so that both keep their bursts. p: conformal",
    source="Publicly reported hallmark; Lotwick and Silverman 1982 for the shift",
    evades="Having fresh accounts ready, or waiting longer.",
)
#: A sign-up this long after a suspension may replace what was lost.
REACH_US: Final = 48 * HOUR_US
#: Fewest suspensions, and sign-ups while the cluster was active.
LEAST: Final = 3
#: Times that suspensions are moved: p cannot fall below 1 / (_MOVES + 1).
_MOVES: Final = 999
_FIRST_ERRORS: Final = Statement.read(__file__, "first_errors")
_FIRST_BANS: Final = Statement.read(__file__, "first_bans")


def load_suspended(engine: Engine, code: NDArray[np.int32]) -> NDArray[np.int64]:
    """i64[A], when each account was first refused as suspended; ``UNKNOWN`` = never, or not logged.

    Of an account that the log does not show suspended, when a table beside it says it was.

    Args:
        engine: Where the log is.
        code: i32[A] identity codes, ascending.
    """
    found = np.full(len(code), UNKNOWN, dtype=np.int64)
    for row in engine.table(_FIRST_ERRORS).to_pylist():
        if any(word in row["error_type"].lower() for word in SUSPENDED):
            at = int(np.searchsorted(code, row["account_id"]))
            first = row["first_us"]
            found[at] = first if found[at] == UNKNOWN else min(found[at], first)
    bans = engine.table(_FIRST_BANS)
    at = np.searchsorted(code, bans.column("account_id").to_numpy())
    found[at] = np.where(found[at] == UNKNOWN, bans.column("first_us").to_numpy(), found[at])
    return found


def examine(subject: Subject, population: Population) -> Fact | None:
    """Suspensions that a sign-up follows; p against the same suspensions at other times."""
    if subject.suspended is None:
        return None
    times = population.ts[subject.rows]
    times = times[times != UNKNOWN]
    lost = subject.suspended[subject.accounts]
    lost = np.sort(lost[lost != UNKNOWN])
    if len(lost) < LEAST:
        return None
    first, last = int(times.min()), int(times.max())
    made = population.created[subject.accounts]
    made = np.sort(made[(made != UNKNOWN) & (made >= first) & (made <= last)])
    if len(made) < LEAST or last == first:
        return None
    hits = followed(lost, made)
    shifts = subject.random.random(_MOVES) * (last - first)
    moved = first + (lost - first + shifts[:, None].astype(np.int64)) % (last - first)
    null = np.array([followed(np.sort(row), made) for row in moved], dtype=np.float64)
    low, high = np.quantile(null, (0.05, 0.95)).tolist()
    return Fact(
        NAME,
        hits / len(lost),
        float(conformal(null, np.array(float(hits)))),
        NEITHER,
        Message(
            "fact.replacements",
            {
                "suspended": len(lost),
                "followed": hits,
                "signed_up": len(made),
                "hours": REACH_US // HOUR_US,
                "low": low,
                "high": high,
            },
        ),
        n_null=_MOVES,
    )


def followed(lost: NDArray[np.int64], made: NDArray[np.int64]) -> int:
    """How many times are followed by a sign-up within reach.

    Args:
        lost: i64[n], microseconds.
        made: i64[m], ascending.
    """
    after = np.searchsorted(made, lost, side="right")
    until = np.searchsorted(made, lost + REACH_US, side="right")
    return int((until > after).sum())
