"""What every signal reads, loaded once: exchanges by account, prompts, and who shares what.

A signal is a module with ``SPEC`` and ``measure(population) -> Reading``. This room loads and
ranks; it holds no signal. It reads no column that says or betrays nationality or language
(``country`` is not even loaded).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from workbench.analysis.signals.recorded import Recorded
    from workbench.analysis.signals.reference import Reference
    from workbench.analysis.signals.ties import Ties
    from workbench.domain.signal import SignalSpec

#: Pseudo-observations with which a share is drawn towards the population's.
_PRIOR: Final = 8.0


@dataclass(frozen=True, slots=True)
class Population:
    """The case as signals see it. A accounts, N exchanges (by account, then time), P prompts.

    Attributes:
        offsets: i64[A+1], exchanges of account a are offsets[a]:offsets[a+1].
        ts: i64[N] UTC microseconds; the least int64 = unknown, first in a row.
        prompt: i32[N], -1 = none.
        again: bool[N], asks only what the exchange before it in its conversation asked: the
            rounds of an agent's tools.
        template: i32[P], -1 = none.
        group: i32[P] near-duplicate group.
        cell: i32[P] region of the embedding space, -1 = none.
        landmark: i32[P] nearest landmark, -1 = none.
        vectors: f32[L,D] of the landmarks.
        elicits: Elicitation class -> bool[N], whether the exchange asks for it.
        ties: Identity values and who holds them.
        created: i64[A] first sign-up time of the account; the least int64 = unknown.
        filled: Canonical column -> exchanges with a value in it.
        random: Seeded generator of the stage (random features).
        reference: Ordinary prompts of a saved baseline; None where the case is its own.
        recorded: What exchanges record beside; nothing where it was not asked for.
    """

    offsets: NDArray[np.int64]
    ts: NDArray[np.int64]
    prompt: NDArray[np.int32]
    again: NDArray[np.bool_]
    template: NDArray[np.int32]
    group: NDArray[np.int32]
    cell: NDArray[np.int32]
    landmark: NDArray[np.int32]
    vectors: NDArray[np.float32]
    elicits: Mapping[str, NDArray[np.bool_]]
    ties: Ties
    created: NDArray[np.int64]
    filled: Mapping[str, int]
    random: np.random.Generator
    recorded: Recorded
    reference: Reference | None = None

    @property
    def n_accounts(self) -> int:
        """A."""
        return len(self.offsets) - 1

    @property
    def account(self) -> NDArray[np.int64]:
        """i64[N]: the account of each exchange."""
        return np.repeat(np.arange(self.n_accounts), np.diff(self.offsets))

    def of_prompt(self, values: NDArray[np.int32]) -> NDArray[np.int64]:
        """i64[N]: a per-prompt code at every exchange; -1 where there is no prompt."""
        found = np.full(len(self.prompt), -1, dtype=np.int64)
        known = self.prompt >= 0
        found[known] = values[self.prompt[known]]
        return found


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal of every account.

    Attributes:
        value: f64[A] in the signal's unit; NaN = not assessed.
        strength: f64[A], what is ranked: higher is more like coordinated harvesting, corrected
            for how little or much there was to measure; NaN where the value is.
        beside: What else is known of every account, one row each; published under the signal's
            name.
        info: Small facts about how it was measured, for the stage's own.
        reference: What the accounts were measured against, where there is such a thing.
    """

    value: NDArray[np.float64]
    strength: NDArray[np.float64]
    beside: pa.Table | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    reference: Reference | None = None


class Signal(Protocol):
    """A module of this package that measures one thing."""

    @property
    def SPEC(self) -> SignalSpec:  # noqa: N802 (a constant of the module)
        """What it measures."""
        ...

    def measure(self, population: Population) -> Reading:
        """The signal of every account."""
        ...


def percentiles(strength: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mid-rank percentile of every assessed value among the assessed, in 0..100.

    100 x (share below + half the share equal): many equal values (shares of zero) then stand in
    the middle of themselves instead of at the top.
    """
    found = np.full(len(strength), np.nan)
    known = np.flatnonzero(~np.isnan(strength))
    if len(known) == 0:
        return found
    values = strength[known]
    ordered = np.sort(values)
    low = np.searchsorted(ordered, values, side="left")
    high = np.searchsorted(ordered, values, side="right")
    found[known] = 50.0 * (low + high) / len(known)
    return found


def shrunken_share(hits: NDArray[np.int64], trials: NDArray[np.int64]) -> NDArray[np.float64]:
    """Beta-binomial mean of each share: drawn to the population's share where trials are few."""
    whole = hits.sum() / max(int(trials.sum()), 1)
    found = (hits + _PRIOR * whole) / (trials + _PRIOR)
    return np.where(trials > 0, found, np.nan)


def share(hits: NDArray[np.int64], trials: NDArray[np.int64]) -> NDArray[np.float64]:
    """Hits / trials; NaN without trials."""
    return np.where(trials > 0, hits / np.maximum(trials, 1), np.nan)


def shrunken_mean(
    value: NDArray[np.float64], noise: NDArray[np.float64], *, floor: float = 1e-12
) -> NDArray[np.float64]:
    """Each value drawn to the mean by how noisy it is (empirical Bayes, normal-normal).

    Args:
        value: f64[A], NaN = not assessed.
        noise: f64[A] sampling variance of each value.
        floor: Least variance between accounts.

    Returns:
        mean + (value - mean) x between / (between + noise).
    """
    return drawn_to(value, noise, *mean_and_between(value, noise, floor=floor))


def mean_and_between(
    value: NDArray[np.float64], noise: NDArray[np.float64], *, floor: float = 1e-12
) -> tuple[float, float]:
    """Mean of the values, the surer ones weighing more, and their variance without the noise.

    (0, ``floor``) where nothing was assessed; arguments as in ``shrunken_mean``.
    """
    known = ~np.isnan(value)
    if not known.any():
        return 0.0, floor
    weight = 1.0 / (noise[known] + np.var(value[known]) + floor)
    mean = float((weight * value[known]).sum() / weight.sum())
    between = float((weight * ((value[known] - mean) ** 2 - noise[known])).sum() / weight.sum())
    return mean, max(between, floor)


def drawn_to(
    value: NDArray[np.float64], noise: NDArray[np.float64], mean: float, between: float
) -> NDArray[np.float64]:
    """Each value drawn to a mean by how noisy it is beside the variance between accounts."""
    return np.asarray(mean + (value - mean) * between / (between + noise))
