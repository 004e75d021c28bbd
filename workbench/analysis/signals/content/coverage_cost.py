"""Coverage cost (CAP): how much of the prompt space do an account's prompts spread over?

The published cost grows with every prompt and so mostly says who asked much; here it is that of
twenty different prompts of the account. Rank correlation with rarefied regions .89: context.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.content.coverage import rarefied_cells
from workbench.analysis.signals.population import Reading
from workbench.analysis.signals.profiles import count_profiles, first_asked
from workbench.domain.signal import Axis, SignalSpec
from workbench.kernels.rff import group_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.signals.population import Population

#: Different prompts that the cost is taken of: an account's own number would rank by volume.
DRAWS: Final = 20
#: Hyperplanes; twice as many buckets with each: 2,048.
PLANES: Final = 11
_BASE: Final = 5e-4
_ALPHA: Final = 8.0
_BETA: Final = 0.19
_COVERAGE, _NOVELTY, _SPREAD = 0.05, 0.35, 0.45

SPEC = SignalSpec(
    name="coverage_cost",
    axis=Axis.CONTENT,
    title="Coverage cost (CAP)",
    unit="",
    formula="L + .05 (e^{(c / .19) ln(8 / L)} - 1) + 8 (.35 v + .45 min(s, 1)), L = .0005, of "
    "twenty different prompts: c of 2,048 buckets entered, v of them by new ones, s their spread.",
    needs=("prompt",),
    source="arXiv 2606.05725, after B4B, Dubinski et al. 2023; rarefied: own proposal",
    evades="A narrow plan; giving each account its own few topics.",
    fewest=f"{DRAWS} different prompts",
    tested=False,
)


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells of every account; greater is stronger.

    Buckets are the signs of 11 random projections of unit vectors; how many of them twenty prompts
    enter is expected by Hurlbert's rarefaction. s = sqrt(1 - |mean|^2), with |mean|^2 without the
    pairs of a prompt with itself, so that it does not grow with volume.
    """
    landmark, vectors = population.landmark, _unit(population.vectors)
    # A stream of its own, so that what other signals draw stays as it is.
    (random,) = population.random.spawn(1)
    planes = random.standard_normal((vectors.shape[1], PLANES))
    code = ((vectors @ planes > 0) @ (1 << np.arange(PLANES))).astype(np.int32)
    # Landmark -1 (none) meets the element appended at the end.
    bucket = np.append(code, np.int32(-1))[landmark]
    n_accounts = population.n_accounts
    held = count_profiles(population.account, population.prompt, [bucket], n_accounts)
    entered = rarefied_cells(held, DRAWS)
    found = cost(entered / (1 << PLANES), entered / DRAWS, spread(population, vectors))
    return Reading(found, found)


def cost(
    coverage: NDArray[np.float64], novelty: NDArray[np.float64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The published cost; NaN where a part is."""
    covered = np.expm1(coverage / _BETA * math.log(_ALPHA / _BASE))
    wide = np.minimum(spread, 1.0)
    return _BASE + _COVERAGE * covered + _ALPHA * (_NOVELTY * novelty + _SPREAD * wide)


def spread(population: Population, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """f64[A]: sqrt(1 - mean of x.y over pairs of different prompts x, y); NaN below two prompts.

    Args:
        population: Who asked what.
        vectors: f64[L,D], unit.
    """
    asked = first_asked(population.account, population.prompt)
    item = population.landmark[population.prompt[asked]]
    placed = item >= 0
    account, item = population.account[asked][placed], item[placed]
    n = np.bincount(account, minlength=population.n_accounts).astype(np.float64)
    table = vectors.astype(np.float32)
    sums = group_sums(account, item.astype(np.int64), table, population.n_accounts)
    square = (sums**2).sum(axis=1)
    length = (table.astype(np.float64) ** 2).sum(axis=1)
    own = np.bincount(account, length[item], population.n_accounts)
    pairs = n * (n - 1.0)
    alike = np.where(pairs > 0, (square - own) / np.maximum(pairs, 1.0), np.nan)
    return np.sqrt(np.clip(1.0 - alike, 0.0, None))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rows of length one; a row of zeros stays."""
    found = vectors.astype(np.float64)
    length = np.sqrt((found**2).sum(axis=1, keepdims=True))
    return np.asarray(found / np.where(length > 0, length, 1.0))
