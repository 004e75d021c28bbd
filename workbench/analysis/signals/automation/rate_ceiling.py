"""Rate ceiling: who works up against a limit spends most of its minutes at its highest rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading, share, shrunken_share
from workbench.domain.signal import Axis, SignalSpec
from workbench.kernels.timing import full_minutes

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

_NEAR: Final = 0.9
#: Below this many requests in its fullest minute an account has no rate to speak of.
LEAST_RATE: Final = 3
_LEAST_MINUTES: Final = 5

SPEC = SignalSpec(
    name="rate_ceiling",
    axis=Axis.AUTOMATION,
    title="Minutes at its highest rate",
    unit="share",
    formula="share of active minutes that hold at least .9 of the fullest one's requests.",
    needs=("ts",),
    source="Own proposal: active minutes at .9 of the fullest or more",
    evades="Staying well below the limit, or varying the rate.",
    fewest=f"a minute of {LEAST_RATE} exchanges and {_LEAST_MINUTES} other active ones",
    tested=False,
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells, and how it is ranked.

    The fullest minute itself is left out: it would count for itself. Accounts that never send
    three requests in a minute have no ceiling and are not assessed.
    """
    active, highest, full = full_minutes(population.offsets, population.ts, _NEAR)
    assessed = (highest >= LEAST_RATE) & (active > _LEAST_MINUTES)
    others = np.where(assessed, active - 1, 0)
    hits = np.where(assessed, full - 1, 0)
    return Reading(share(hits, others), shrunken_share(hits, others))
