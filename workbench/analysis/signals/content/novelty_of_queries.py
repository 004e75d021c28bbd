"""PRADA: are the distances between an account's successive new prompts spread as people's are?

Published for attacks that perturb images; on prompts it is reported for completeness and carries
next to no weight (METHODS of the field: .19 of campaigns found at 5 % dilution).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading
from workbench.analysis.signals.profiles import first_asked
from workbench.domain.signal import Axis, SignalSpec
from workbench.kernels.novelty import arrival_distances, shapiro_wilk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.signals.population import Population

#: Fewest distances that are tested, and prompts of an account that are read: its first ones.
LEAST: Final = 20
MOST: Final = 128
_SIGMAS: Final = 3.0

SPEC = SignalSpec(
    name="novelty_of_queries",
    axis=Axis.CONTENT,
    title="Spread of novelty (PRADA)",
    unit="W",
    formula="Shapiro and Wilk's W of the distances at which new prompts arrive; lower is stronger.",
    needs=("prompt",),
    source="PRADA, Juuti et al. 2019; W by Royston 1995",
    evades="Asking natural prompts: it was made for perturbed images.",
    fewest=f"more than {LEAST} different prompts",
    tested=False,
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells, and how it is ranked.

    A prompt stands for itself by its nearest landmark. Distances beyond three standard deviations
    are left out, as in PRADA; its threshold on W is not used.
    """
    value = np.full(population.n_accounts, np.nan)
    asked = first_asked(population.account, population.prompt)
    item = population.of_prompt(population.landmark)[asked]
    account, item = population.account[asked][item >= 0], item[item >= 0]
    starts = np.searchsorted(account, np.arange(population.n_accounts + 1))
    early = np.arange(len(account)) - starts[account] < MOST
    account, item = account[early], item[early]
    offsets = np.searchsorted(account, np.arange(population.n_accounts + 1)).astype(np.int64)
    distance = arrival_distances(offsets, item, population.vectors)
    quantiles = _Quantiles()
    for a in np.flatnonzero(np.diff(offsets) > LEAST):
        mine = distance[offsets[a] + 1 : offsets[a + 1]]
        kept = mine[np.abs(mine - mine.mean()) <= _SIGMAS * mine.std()]
        if len(kept) >= LEAST and kept.min() < kept.max():
            value[a] = shapiro_wilk(kept, quantiles.of(len(kept)))
    return Reading(value, -value)


class _Quantiles:
    """Normal quantiles of (i - 3/8) / (n + 1/4), made once for each n."""

    def __init__(self) -> None:
        self._made: dict[int, NDArray[np.float64]] = {}

    def of(self, n: int) -> NDArray[np.float64]:
        if n not in self._made:
            from scipy.special import ndtri

            self._made[n] = ndtri((np.arange(1, n + 1) - 0.375) / (n + 0.25))
        return self._made[n]
