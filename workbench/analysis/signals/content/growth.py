"""Growth: does an account keep going to new regions as it goes on, or come back to its own?

Rarefied cells (``coverage``) say how many regions there are, in whatever order; this reads the
order. Good's coverage and the exponent of the rarefied curve were left out: they rank accounts as
rarefied cells do (rank correlation .96 to .99).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading
from workbench.analysis.signals.profiles import first_asked
from workbench.domain.signal import Axis, SignalSpec

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

#: Fewest distinct prompts.
LEAST: Final = 10

SPEC = SignalSpec(
    name="growth",
    axis=Axis.CONTENT,
    title="Growth of coverage",
    unit="exponent",
    formula="exponent b of V(n) = n^b, by least squares through V(1) = 1 on the log-log curve.",
    needs=("prompt",),
    source="Heaps 1978, V = k n^b",
    evades="Giving each account its own few topics, or coming back to old ones.",
    fewest=f"{LEAST} different prompts",
    tested=False,
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells of every account."""
    account, cell = population.account, population.of_prompt(population.cell)
    asked = first_asked(account, population.prompt)
    asked = asked[cell[asked] >= 0]
    account, cell = account[asked], cell[asked]
    starts = np.searchsorted(account, np.arange(population.n_accounts + 1))
    n = np.diff(starts)
    width = int(cell.max(initial=0)) + 1
    new = np.zeros(len(account))
    new[np.unique(account * width + cell, return_index=True)[1]] = 1.0
    seen = np.cumsum(new)
    before = np.concatenate([[0.0], seen])[starts[account]]
    size = np.log(np.arange(1, len(account) + 1) - starts[account])
    both = np.bincount(account, weights=size * np.log(seen - before), minlength=len(n))
    own = np.bincount(account, weights=size * size, minlength=len(n))
    b = np.where(n >= LEAST, both / np.maximum(own, 1e-12), np.nan)
    return Reading(b, b)
