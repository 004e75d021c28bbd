"""Template concentration: how much of what an account asks follows few skeletons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.signals.population import Reading, shrunken_mean
from workbench.domain.signal import Axis, SignalSpec

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

_LEAST = 5

SPEC = SignalSpec(
    name="template_concentration",
    axis=Axis.CONTENT,
    title="Template concentration",
    unit="chance",
    formula="sum c (c - 1) / n (n - 1) over skeletons: the chance that two of the account's "
    "exchanges follow one.",
    needs=("prompt",),
    source="Simpson 1949 on skeletons",
    evades="Paraphrasing every prompt, or many skeletons an account.",
    fewest=f"{_LEAST} prompts asked",
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells, and how it is ranked.

    Exchanges without a skeleton match nothing; the rounds of an agent's tools are one asking.
    """
    account = population.account
    asked = (population.prompt >= 0) & ~population.again
    n = np.bincount(account[asked], minlength=population.n_accounts).astype(np.float64)
    template = population.of_prompt(population.template)
    known = (template >= 0) & ~population.again
    width = int(template.max(initial=0)) + 1
    keys, counts = np.unique(account[known] * width + template[known], return_counts=True)
    same = np.bincount(
        keys // width, weights=counts * (counts - 1.0), minlength=population.n_accounts
    )
    value = np.where(n >= _LEAST, same / np.maximum(n * (n - 1.0), 1.0), np.nan)
    # Binomial in about n / 2 independent pairs.
    noise = (
        np.nan_to_num(value * (1.0 - value)) / np.maximum(n / 2.0, 1.0)
        + 0.25 / np.maximum(n, 1.0) ** 2
    )
    return Reading(value, shrunken_mean(value, noise))
