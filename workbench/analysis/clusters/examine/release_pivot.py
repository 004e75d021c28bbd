"""Release pivot: how much of the cluster moved to a new model on its first day.

Reported of campaigns: half of the traffic within 24 hours of a release. Eager people do so, too,
so that it is compared with ordinary accounts of the same day, and says little alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.calibrate import conformal
from workbench.analysis.clusters.examine.peers import SPEAKS
from workbench.analysis.clusters.examine.subject import FOR, NEITHER, Fact
from workbench.domain.finding import How
from workbench.domain.signal import Message
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

NAME: Final = "release_pivot"
NEEDS: Final = ("model", "ts")
HOW: Final = How(
    formula="exchanges with the newest model / exchanges, in the 24 hours since anybody else first "
    "used it in the log, or since its release where an added table says when that was",
    unit="share",
    null="as many ordinary customers who asked anything in these hours, drawn at random, one "
    "account a customer. p: conformal",
    source="Publicly reported hallmark; own proposal",
    evades="Waiting a day.",
)
_DAY_US: Final = 86_400_000_000
#: A model is new when the log was running for so long before it first appears.
_BEFORE_US: Final = 3 * _DAY_US
#: Fewest exchanges on the new model on its first day, by everybody else, and of the cluster at
#: all.
_LEAST: Final = 10
#: Groups drawn: p cannot fall below 1 / (_GROUPS + 1).
_GROUPS: Final = 999
#: Ordinary customers must be this many times as many as the cluster's.
_LEAST_POOL: Final = 3


def examine(subject: Subject, population: Population) -> Fact | None:
    """Share of the cluster's exchanges on the newest model in its first 24 hours in the log.

    These hours begin with somebody else's first use: were it the cluster's own, they would hold
    at least that one by definition.

    p: conformal, against as many ordinary customers drawn at random from those who asked anything
    in these hours (one account a customer).
    """
    others = np.ones(population.n_accounts, dtype=np.bool_)
    others[subject.accounts] = False
    new = newest(population, others)
    if new is None:
        return None
    model, first = new
    said = released_us(population)[model] != UNKNOWN
    ts = population.ts
    day = (ts >= first) & (ts < first + _DAY_US) & (population.recorded.model >= 0)
    on_new = np.bincount(
        population.account[day & (population.recorded.model == model)],
        minlength=population.n_accounts,
    )
    asked = np.bincount(population.account[day], minlength=population.n_accounts)
    mine = subject.accounts[asked[subject.accounts] > 0]
    pool = np.flatnonzero(subject.ordinary & (asked > 0))
    # Of one customer's accounts the one that comes first in a random order.
    pool = subject.random.permutation(pool)
    pool = pool[np.unique(subject.customer[pool], return_index=True)[1]]
    n = int(asked[mine].sum())
    if n < _LEAST or len(pool) < _LEAST_POOL * len(mine):
        return None
    value = float(on_new[mine].sum() / n)
    drawn = np.array(
        [subject.random.choice(pool, len(mine), replace=False) for _ in range(_GROUPS)]
    )
    null = on_new[drawn].sum(axis=1) / asked[drawn].sum(axis=1)
    p = float(conformal(null, np.array(value)))
    low, high = np.quantile(null, (0.05, 0.95)).tolist()
    return Fact(
        NAME,
        value,
        p,
        FOR if p <= SPEAKS else NEITHER,
        Message(
            "fact.release_pivot",
            {
                "model": population.recorded.models[model],
                "first_us": int(first),
                "share": value,
                "n": n,
                "accounts": len(mine),
                "share_all": float(on_new[pool].sum() / asked[pool].sum()),
                "low": low,
                "high": high,
                **({"released": True} if said else {}),
            },
        ),
        n_null=_GROUPS,
    )


def newest(population: Population, others: NDArray[np.bool_]) -> tuple[int, int] | None:
    """(model, when it came) of the last model that is new in the log; None without one.

    It came when a table beside the log says that it was released, else when one of these others
    first used it.

    Args:
        population: Everybody.
        others: bool[A], accounts whose use tells.
    """
    ts, model = population.ts, population.recorded.model
    known = (ts != UNKNOWN) & (model >= 0) & others[population.account]
    if not known.any():
        return None
    n_models = len(population.recorded.models)
    first: NDArray[np.int64] = np.full(n_models, np.iinfo(np.int64).max)
    np.minimum.at(first, model[known], ts[known])
    said = released_us(population)
    first = np.where(said == UNKNOWN, first, said)
    early = known & (ts >= first[model]) & (ts < first[model] + _DAY_US)
    used = np.bincount(model[early], minlength=n_models)
    begin = int(ts[known].min())
    new = np.flatnonzero((used >= _LEAST) & (first - begin >= _BEFORE_US))
    if len(new) == 0:
        return None
    last = int(new[np.argmax(first[new])])
    return last, int(first[last])


def released_us(population: Population) -> NDArray[np.int64]:
    """i64[models], when each was released as a table beside the log says; else ``UNKNOWN``."""
    released = population.recorded.released
    if released is None:
        return np.full(len(population.recorded.models), UNKNOWN, dtype=np.int64)
    return released
