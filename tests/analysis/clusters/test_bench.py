"""One p for several axes: exact however they go together, nothing paid for looking twice."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.analysis.clusters.test_forming import begun
from workbench.domain.signal import Axis

BOTH = (Axis.AUTOMATION, Axis.COORDINATION)
N = 79


def groups(random: np.random.Generator, n: int, together: float) -> tuple[np.ndarray, np.ndarray]:
    """Axis of each statistic, and z f64[S,n] of exchangeable groups, alike across the axes."""
    _, _, _, bench = begun(0)
    axes = np.array([one.axis for one in bench.statistics])
    shared = random.normal(size=n)
    own = random.normal(size=(len(axes), n))
    return axes, together * shared + math.sqrt(1 - together**2) * own


@pytest.mark.parametrize("together", [0.0, 0.7, 0.99])
@pytest.mark.parametrize("came_to_something", [N, 8])
def test_it_holds_its_level_however_the_axes_go_together(
    together: float, came_to_something: int
) -> None:
    """Of exchangeable groups the first one's p is .05 or less in one log of twenty."""
    _, _, _, bench = begun(0)
    random = np.random.default_rng(round(100 * together) + came_to_something)
    below, times = 0, 600
    for _ in range(times):
        _, z = groups(random, came_to_something + 1, together)
        something = random.integers(N + 1) <= came_to_something
        if something:
            below += bench.p_of_any(BOTH, z[:, 1:], z[:, :1], N)[0] <= 0.05
    assert below / times <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / times)


def test_what_leads_on_every_axis_has_the_least_p_there_is() -> None:
    _, _, _, bench = begun(0)
    axes, z = groups(np.random.default_rng(3), N + 1, 0.5)
    z[:, 0] = 9.0
    assert bench.p_of_any(BOTH, z[:, 1:], z[:, :1], N)[0] == 1 / (N + 1)
    # One axis is enough, and costs a little.
    z[axes == Axis.AUTOMATION, 0] = -1.0
    assert bench.p_of_any(BOTH, z[:, 1:], z[:, :1], N)[0] <= 3 / (N + 1)


def test_an_axis_that_was_not_assessed_is_left_out() -> None:
    _, _, _, bench = begun(0)
    axes, z = groups(np.random.default_rng(4), N + 1, 0.5)
    z[axes == Axis.AUTOMATION] = np.nan
    alone = bench.p(Axis.COORDINATION, z[:, 1:], z, N)
    together = bench.p_of_any(BOTH, z[:, 1:], z, N)
    # Where hardly anything is less extreme, the mean tells no more apart.
    np.testing.assert_allclose(together[alone < 0.95], alone[alone < 0.95])
    assert (together[alone >= 0.95] >= 0.95).all()
    z[axes == Axis.COORDINATION] = np.nan
    assert np.isnan(bench.p_of_any(BOTH, z[:, 1:], z, N)).all()


def test_without_candidates_there_is_no_p() -> None:
    _, _, _, bench = begun(0)
    _, z = groups(np.random.default_rng(5), N, 0.5)
    assert bench.p_of_any(BOTH, z, z[:, :0], N).shape == (0,)
    assert bench.p(Axis.COORDINATION, z, z[:, :0], N).shape == (0,)
