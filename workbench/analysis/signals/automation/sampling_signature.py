"""Sampling signature: settings of someone who collects answers, not of someone who reads them.

The same prompt sent again at a temperature above zero, several answers a request, probabilities
of the tokens, one fixed limit on the length, reasoning always on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.population import Reading
from workbench.domain.signal import Axis, SignalSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.signals.population import Population

LEAST: Final = 5
#: Pseudo-exchanges with which each share is drawn to the population's for ranking.
_PRIOR: Final = 8.0

SPEC = SignalSpec(
    name="sampling_signature",
    axis=Axis.AUTOMATION,
    title="Sampling settings",
    unit="nats",
    formula="sum over settings of the account's share x -log of the accounts' mean share.",
    needs=("temperature", "n", "logprobs", "max_tok", "thinking"),
    needs_all=False,
    source="Own proposal: -log frequency of five settings",
    evades="Asking each prompt once, with the settings that most people use.",
    fewest=f"{LEAST} exchanges, some with settings",
    tested=False,
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells, and how it is ranked.

    A setting that the log does not record adds nothing; one that most use adds little.
    """
    account = population.account
    n = np.bincount(account, minlength=population.n_accounts).astype(np.float64)
    value, strength = np.zeros(len(n)), np.zeros(len(n))
    for marked in _marks(population):
        hits = np.bincount(account[marked], minlength=len(n))
        usual = float((hits / np.maximum(n, 1.0))[n >= LEAST].mean()) if hits.any() else 0.0
        if usual > 0.0:
            value -= hits / np.maximum(n, 1.0) * np.log(usual)
            strength -= (hits + _PRIOR * usual) / (n + _PRIOR) * np.log(usual)
    recorded = _recorded(population)
    enough = (n >= LEAST) & (np.bincount(account[recorded], minlength=len(n)) > 0)
    return Reading(np.where(enough, value, np.nan), np.where(enough, strength, np.nan))


def _recorded(population: Population) -> NDArray[np.bool_]:
    """bool[N]: the exchange says anything of its settings."""
    numbers = population.recorded.numbers
    found = np.zeros(len(population.prompt), dtype=np.bool_)
    for name in SPEC.needs:
        found |= ~np.isnan(numbers[name])
    return found


def _marks(population: Population) -> list[NDArray[np.bool_]]:
    """bool[N] each: exchanges that show a setting."""
    numbers = population.recorded.numbers
    return [
        _repeated(population, numbers["temperature"] > 0.0),
        numbers["n"] > 1.0,
        numbers["logprobs"] > 0.0,
        _commonest(population, numbers["max_tok"]),
        numbers["thinking"] > 0.0,
    ]


def _repeated(population: Population, warm: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool[N]: the account sends this prompt more than once at a temperature above zero.

    The rounds of an agent's tools are one asking.
    """
    chosen = np.flatnonzero(warm & (population.prompt >= 0) & ~population.again)
    width = int(population.prompt.max(initial=0)) + 1
    key = population.account[chosen] * width + population.prompt[chosen]
    _, at, counts = np.unique(key, return_inverse=True, return_counts=True)
    found = np.zeros(len(warm), dtype=np.bool_)
    found[chosen[counts[at] > 1]] = True
    return found


def _commonest(population: Population, limit: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool[N]: the limit that the account sets most often (the lowest of several)."""
    chosen = np.flatnonzero(~np.isnan(limit))
    found = np.zeros(len(limit), dtype=np.bool_)
    if len(chosen) == 0:
        return found
    values, code = np.unique(limit[chosen], return_inverse=True)
    keys, at, counts = np.unique(
        population.account[chosen] * len(values) + code, return_inverse=True, return_counts=True
    )
    most = np.zeros(population.n_accounts, dtype=np.int64)
    np.maximum.at(most, keys // len(values), counts)
    first = np.full(population.n_accounts, len(keys))
    top = np.flatnonzero(counts == most[keys // len(values)])
    np.minimum.at(first, keys[top] // len(values), top)
    found[chosen[at == first[population.account[chosen]]]] = True
    return found
