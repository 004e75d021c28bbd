"""Benign look-alikes: each cluster is held against every benign explanation.

A look-alike is described by a few plain features, each with the value it usually has and how far
that may be off. The distance is the mean number of such steps; the nearest one is named only
within a threshold, else "none near" (not the least bad match). Own proposal; the figures are
domain knowledge, fitted to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.analysis.signals.population import Population

#: Look-alikes further than this many steps are not near.
NEAR: Final = 1.0
#: Features that are off by less than this speak for a look-alike, by more against it.
LIKE: Final = 1.0
_HOUR_US: Final = 3_600_000_000
_DAY_US: Final = 24 * _HOUR_US


@dataclass(frozen=True, slots=True)
class Trait:
    """What a feature usually is for a look-alike, and how far off still counts as near."""

    usual: float
    step: float


#: Features: ``customers`` = customers an account (1 = all strangers); ``distinct`` = distinct
#: prompts an exchange; ``top_template`` = share of the commonest template; ``out_per_in`` = log2
#: of delivered over sent tokens; ``out_tokens`` = log2 of delivered tokens an exchange; ``days``
#: = log2 of days between first and last exchange; ``around_the_clock`` = evenness of the hours
#: of the day; ``breadth`` = effective cells over those that as many exchanges could visit;
#: ``repeats`` = accounts that ask one prompt.
KINDS: Final[Mapping[str, Mapping[str, Trait]]] = {
    "eval_harness": {
        "repeats": Trait(3.0, 1.0), "days": Trait(1.5, 1.5), "out_tokens": Trait(5.0, 2.0),
        "around_the_clock": Trait(0.75, 0.2),
    },
    "translation": {
        "out_per_in": Trait(0.0, 0.5), "top_template": Trait(0.9, 0.15),
        "around_the_clock": Trait(0.95, 0.08), "customers": Trait(0.2, 0.25),
    },
    "support_bot": {
        "distinct": Trait(0.4, 0.2), "around_the_clock": Trait(0.8, 0.1),
        "breadth": Trait(0.1, 0.1), "days": Trait(5.0, 1.5),
    },
    "labelling": {
        "out_tokens": Trait(2.0, 1.0), "top_template": Trait(0.9, 0.15),
        "customers": Trait(0.2, 0.25),
    },
    "reseller": {
        "breadth": Trait(0.7, 0.2), "top_template": Trait(0.05, 0.1), "customers": Trait(0.1, 0.2),
    },
    "fleet": {"customers": Trait(0.1, 0.2), "around_the_clock": Trait(0.95, 0.08)},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Likeness:
    """A cluster beside one look-alike.

    Attributes:
        kind: The look-alike.
        distance: Mean steps over the features that could be assessed; inf when none could.
        alike: Features that are near.
        unlike: Features that are not.
    """

    kind: str
    distance: float
    alike: tuple[str, ...]
    unlike: tuple[str, ...]


def compare(features: Mapping[str, float]) -> list[Likeness]:
    """Every look-alike, nearest first. Features that are NaN are left out."""
    found = []
    for kind, traits in KINDS.items():
        steps = {
            name: abs(features[name] - trait.usual) / trait.step
            for name, trait in traits.items()
            if not np.isnan(features.get(name, np.nan))
        }
        distance = float(np.mean(list(steps.values()))) if steps else np.inf
        alike = tuple(name for name, step in steps.items() if step < LIKE)
        unlike = tuple(name for name, step in steps.items() if step >= LIKE)
        found.append(Likeness(kind, distance, alike, unlike))
    return sorted(found, key=lambda likeness: (likeness.distance, likeness.kind))


def nearest(likenesses: list[Likeness]) -> Likeness | None:
    """The nearest look-alike within the threshold; None when none is near."""
    return likenesses[0] if likenesses and likenesses[0].distance < NEAR else None


def features_of(
    accounts: NDArray[np.int64],
    population: Population,
    customer: NDArray[np.int32],
    tokens: Mapping[str, NDArray[np.float64]],
) -> dict[str, float]:
    """The features of a group of accounts; NaN where the log lacks what it takes.

    Args:
        accounts: Dense indices.
        population: What was sent.
        customer: i32[A].
        tokens: ``in_tok`` and ``out_tok`` by account, f64[A], NaN = not in the log.
    """
    rows = np.concatenate(
        [np.arange(population.offsets[a], population.offsets[a + 1]) for a in accounts.tolist()]
        or [np.zeros(0, np.int64)]
    )
    nothing = float("nan")
    if len(rows) == 0:
        return {}
    prompt = population.prompt[rows]
    known = prompt >= 0
    found = {"customers": len(np.unique(customer[accounts])) / len(accounts)}
    sent, got = (tokens[name][accounts] for name in ("in_tok", "out_tok"))
    both = ~np.isnan(sent) & ~np.isnan(got)
    ins, outs, all_out = float(sent[both].sum()), float(got[both].sum()), float(np.nansum(got))
    found["out_per_in"] = float(np.log2(outs / ins)) if ins > 0 and outs > 0 else nothing
    found["out_tokens"] = float(np.log2(all_out / len(rows))) if all_out > 0 else nothing
    if known.any():
        codes = prompt[known]
        asked = np.unique(codes)
        found["distinct"] = len(asked) / len(codes)
        holder = population.account[rows][known]
        pairs = len(np.unique(codes.astype(np.int64) * (population.n_accounts + 1) + holder))
        found["repeats"] = pairs / len(asked)
        template = population.template[codes]
        shared = np.bincount(template[template >= 0]) if (template >= 0).any() else np.zeros(1)
        found["top_template"] = float(shared.max()) / len(codes)
        cell = population.cell[codes]
        found["breadth"] = _breadth(cell[cell >= 0], int(population.cell.max(initial=-1)) + 1)
    times = population.ts[rows]
    times = times[times != np.iinfo(np.int64).min]
    if len(times):
        found["days"] = float(np.log2(max((times.max() - times.min()) / _DAY_US, 1 / 24)))
        hours = np.bincount((times // _HOUR_US) % 24, minlength=24)
        found["around_the_clock"] = _evenness(hours)
    return found


def _breadth(cell: NDArray[np.integer], n_cells: int) -> float:
    """Effective cells e^H over as many of the case's cells as the exchanges could visit."""
    if len(cell) == 0:
        return float("nan")
    counts = np.bincount(cell)
    share = counts[counts > 0] / len(cell)
    effective = float(np.exp(-(share * np.log(share)).sum()))
    return effective / min(len(cell), n_cells)


def _evenness(counts: NDArray[np.integer]) -> float:
    """Entropy over its greatest possible value, in [0, 1]."""
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum() / np.log(len(counts)))
