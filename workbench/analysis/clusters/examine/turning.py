"""Turning: how many members changed what they ask, and whether they did so together.

An operator who buys accounts puts them to work: they turn, often in one week. People turn one by
one. Each member's own test (``signals.content.turning``) is taken as it stands; what is tested here
is how many pass it, against as many ordinary accounts of as much history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.calibrate import conformal
from workbench.analysis.clusters.examine.peers import SPEAKS
from workbench.analysis.clusters.examine.subject import FOR, NEITHER, Fact
from workbench.analysis.signals.content.turning import TURNED
from workbench.domain.finding import How
from workbench.domain.signal import Message
from workbench.kernels.timing import HOUR_US

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

NAME: Final = "turning"
NEEDS: Final = ("prompt", "ts")
HOW: Final = How(
    formula="members whose own test of a turn (MMD over splits of their days) has p at most .01",
    unit="members",
    null="groups in which each member is replaced by an ordinary account with about as many "
    "prompts, one account a customer. p: conformal",
    source="Gretton et al. 2012; Harchaoui and Cappe 2007; own proposal",
    evades="Accounts without a past, or changing over slowly.",
)
#: Turns within this of each other are told as together.
TOGETHER_US: Final = 7 * 24 * HOUR_US
#: Groups drawn: p cannot fall below 1 / (_GROUPS + 1).
_GROUPS: Final = 999
#: A member is replaced by one of so many ordinary accounts whose history is nearest in size.
_LIKE: Final = 50
#: Fewest members with enough history; ordinary accounts must be this many times as many.
_LEAST: Final = 3
_LEAST_POOL: Final = 3


def examine(subject: Subject, population: Population) -> Fact | None:
    """Members that turned: their number, and the most of them within seven days.

    p: conformal, of the number, against groups in which each member is replaced by an ordinary
    account with about as many prompts to compare (one account a customer).
    """
    del population
    turns = subject.turns
    if turns is None:
        return None
    known = ~np.isnan(turns.p)
    mine = subject.accounts[known[subject.accounts]]
    others = subject.random.permutation(np.flatnonzero(subject.ordinary & known))
    # Of one customer's accounts the one that comes first in a random order.
    others = others[np.unique(subject.customer[others], return_index=True)[1]]
    if len(mine) < _LEAST or len(others) < _LEAST_POOL * len(mine):
        return None
    turned = known & (turns.p <= TURNED)
    prompts = turns.before + turns.after
    drawn = _alike(prompts, mine, others, subject.random)
    null = turned[drawn].sum(axis=1)
    hits = mine[turned[mine]]
    together, first = most_within(turns.turned_us[hits], TOGETHER_US)
    beside = [most_within(turns.turned_us[row[turned[row]]], TOGETHER_US)[0] for row in drawn]
    p = float(conformal(null.astype(np.float64), np.array(float(len(hits)))))
    return Fact(
        NAME,
        float(len(hits)),
        p,
        FOR if p <= SPEAKS else NEITHER,
        Message(
            "fact.turning",
            {
                "turned": len(hits),
                "n": len(mine),
                "members": len(subject.accounts),
                "together": together,
                "first_us": first,
                "days": TOGETHER_US // (24 * HOUR_US),
                "low": float(np.quantile(null, 0.05)),
                "high": float(np.quantile(null, 0.95)),
                "together_high": float(np.quantile(beside, 0.95)),
            },
        ),
        n_null=_GROUPS,
    )


def most_within(at_us: NDArray[np.int64], reach_us: int) -> tuple[int, int | None]:
    """(most times within a span of ``reach_us``, the first of them); (0, None) without any."""
    if len(at_us) == 0:
        return 0, None
    ordered = np.sort(at_us)
    held = np.searchsorted(ordered, ordered + reach_us, side="right") - np.arange(len(ordered))
    best = int(np.argmax(held))
    return int(held[best]), int(ordered[best])


def _alike(
    prompts: NDArray[np.int64],
    mine: NDArray[np.int64],
    others: NDArray[np.int64],
    random: np.random.Generator,
) -> NDArray[np.int64]:
    """i64[_GROUPS, len(mine)]: ordinary accounts with about as many prompts as each member."""
    others = others[np.argsort(prompts[others], kind="stable")]
    like = min(_LIKE, len(others))
    size, own = np.log(prompts[others]), np.log(prompts[mine])
    # The nearest lie together: those from i on, once x is past the middle of i - 1 and its end.
    low = np.searchsorted((size[:-like] + size[like:]) / 2.0, own)
    return np.asarray(others[low + random.integers(0, like, (_GROUPS, len(mine)))])
