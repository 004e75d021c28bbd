"""Sign-up burst: more strangers joined within a day of this account than around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading
from workbench.domain.signal import Axis, SignalSpec
from workbench.kernels.timing import UNKNOWN, within

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

DAY_US: Final = 86_400_000_000
_NEAR_DAYS: Final = 1
_AROUND_DAYS: Final = 21

SPEC = SignalSpec(
    name="signup_burst",
    axis=Axis.COORDINATION,
    title="Sign-up burst",
    unit="times the usual rate",
    formula="sign-ups of other customers within a day, over those expected from three weeks "
    "around.",
    needs=("account_created_at",),
    source="Scan statistic, Naus 1965",
    evades="Buying old accounts, or signing up over months.",
    fewest="a time of its sign-up",
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells, and how it is ranked.

    Ranked by the Poisson log-likelihood ratio n ln(n / m) - (n - m) of n against the expected m.
    """
    created, customer = population.created, population.ties.customer
    known = np.flatnonzero(created != UNKNOWN)
    value = np.full(population.n_accounts, np.nan)
    strength = value.copy()
    if len(known) == 0:
        return Reading(value, strength)
    # One sign-up a customer: keys that a firm makes in one afternoon are no burst of strangers.
    first = np.full(int(customer.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, customer[known], created[known])
    joined = np.sort(first[np.unique(customer[known])])
    at = created[known]
    own = np.abs(first[customer[known]] - at)
    near = within(joined, at, _NEAR_DAYS * DAY_US) - (own <= _NEAR_DAYS * DAY_US)
    around = within(joined, at, _AROUND_DAYS * DAY_US) - (own <= _AROUND_DAYS * DAY_US)
    expected = np.maximum(around - near, 0.5) * _NEAR_DAYS / (_AROUND_DAYS - _NEAR_DAYS)
    value[known] = near / expected
    excess = np.where(near > 0, near * np.log(np.maximum(near, 1) / expected), 0.0)
    ratio = excess - (near - expected)
    strength[known] = np.where(near > expected, ratio, -ratio)
    return Reading(value, strength)
