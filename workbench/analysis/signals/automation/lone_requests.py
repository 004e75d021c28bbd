"""Requests that stand alone: a load balancer hands out single tasks, people hold sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading, share, shrunken_share
from workbench.domain.signal import Axis, SignalSpec
from workbench.kernels.timing import alone

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

#: Neighbours within this belong to one session.
SESSION_US: Final = 15 * 60 * 1_000_000
_LEAST = 5

SPEC = SignalSpec(
    name="lone_requests",
    axis=Axis.AUTOMATION,
    title="Requests without a session",
    unit="share",
    formula="share of exchanges with no other of the account within 15 minutes.",
    needs=("ts",),
    source="Own proposal: few gaps below 15 minutes",
    evades="Grouping tasks into sessions of a few minutes.",
    fewest=f"{_LEAST} exchanges with a time",
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells of every account."""
    found, known = alone(population.offsets, population.ts, SESSION_US)
    known = np.where(known >= _LEAST, known, 0)
    found = np.where(known > 0, found, 0)
    return Reading(share(found, known), shrunken_share(found, known))
