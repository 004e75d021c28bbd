"""Coverage: how many regions of the prompt space an account visits, for its volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading
from workbench.analysis.signals.profiles import Profiles, count_profiles
from workbench.domain.signal import Axis, SignalSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.signals.population import Population

#: Accounts are compared by the cells expected in this many of their prompts.
DRAWS: Final = 10

SPEC = SignalSpec(
    name="effective_cells",
    axis=Axis.CONTENT,
    title="Coverage breadth",
    unit="cells",
    formula="effective cells e^H; accounts are ranked rarefied to ten prompts.",
    needs=("prompt",),
    source="Hill 1973, Hurlbert 1971",
    evades="Giving each account its own few topics.",
    fewest=f"{DRAWS} different prompts",
)


def effective_cells(profiles: Profiles) -> NDArray[np.float64]:
    """f64[A]: exp(entropy) over the visited cells; NaN without prompts."""
    total = profiles.totals
    part = profiles.counts / total[profiles.row]
    entropy = -np.bincount(profiles.row, weights=part * np.log(part), minlength=len(total))
    return np.where(total > 0, np.exp(entropy), np.nan)


def rarefied_cells(profiles: Profiles, draws: int = DRAWS) -> NDArray[np.float64]:
    """f64[A]: distinct cells expected in ``draws`` of the account's prompts.

    Hurlbert: sum over cells of 1 - C(N - n_c, d) / C(N, d); NaN where N < d.
    """
    from scipy.special import gammaln

    total = profiles.totals[profiles.row].astype(np.float64)
    rest = total - profiles.counts
    with np.errstate(invalid="ignore"):
        log_missed = (
            gammaln(rest + 1)
            - gammaln(rest - draws + 1)
            - gammaln(total + 1)
            + gammaln(total - draws + 1)
        )
    missed = np.where(rest >= draws, np.exp(np.minimum(log_missed, 0.0)), 0.0)
    found = np.bincount(profiles.row, weights=1.0 - missed, minlength=len(profiles.totals))
    return np.where(profiles.totals >= draws, found, np.nan)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells of every account."""
    profiles = count_profiles(
        population.account, population.prompt, [population.cell], population.n_accounts
    )
    strength = rarefied_cells(profiles)
    return Reading(np.where(np.isnan(strength), np.nan, effective_cells(profiles)), strength)
