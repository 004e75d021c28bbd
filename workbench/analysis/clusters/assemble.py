"""Puts together what clusters are formed from and tested on, from a loaded population.

Arrays in, arrays out; judges nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.evidence import Bundles, Content, mean_score, normal_scores
from workbench.analysis.clusters.graph import (
    content_neighbours,
    fit_prior,
    sign_up_density,
    tie_matrix,
)
from workbench.analysis.clusters.interchange import Sketch
from workbench.analysis.signals.content.elicitation import SPECS as ELICITATION
from workbench.analysis.signals.profiles import count_profiles, halves
from workbench.analysis.signals.ties import Held, Ties
from workbench.domain.signal import Axis
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.analysis.clusters.entities import Entities
    from workbench.analysis.signals.population import Population
    from workbench.domain.progress import JobContext

#: A wording that more than this share of customers used is common usage.
_COMMON: Final = 0.05


def assemble(
    population: Population,
    entities: Entities,
    measured: Mapping[str, tuple[Axis, NDArray[np.float64]]],
    job: JobContext,
) -> tuple[Content, Bundles]:
    """Content in two halves, and bundles.

    Args:
        population: From ``signals.loading`` (texts are not needed).
        entities: Who is openly whom.
        measured: Signal -> (axis, f64[A] percentile, NaN = not assessed).
        job: Progress and cancellation.
    """
    who, prompt = entities.entity[population.account].astype(np.int64), population.prompt
    n = len(entities.sizes)
    second = halves(who, prompt, population.group)
    codes = (population.cell, population.template)
    first = count_profiles(who, prompt, codes, n, ~second)
    prior = fit_prior(first)
    job.check()
    customer = np.zeros(n, dtype=np.int32)
    customer[entities.entity] = entities.customer
    neighbours = content_neighbours(first, prior, job)
    scores = {
        name: (axis, _by_entity(normal_scores(percentile), entities))
        for name, (axis, percentile) in sorted(measured.items())
        if not np.isnan(percentile).all()
    }
    content = Content(
        first=first,
        second=count_profiles(who, prompt, codes, n, second),
        whole=count_profiles(who, prompt, codes, n),
        prior=prior,
        neighbours=neighbours,
        sketch=Sketch.of(
            who[second],
            population.of_prompt(population.group)[second],
            population.of_prompt(population.landmark)[second],
            population.vectors,
            n,
            population.random,
        ),
        worded=_worded(population, who, customer, second),
        elicits={name: z for name, (_, z) in scores.items() if name in ELICITATION},
    )
    timing = {name: z for name, (axis, z) in scores.items() if axis is Axis.AUTOMATION}
    ties = Ties(
        {
            kind: Held.of(entities.entity[held.holder].astype(np.int64), held.value)
            for kind, held in population.ties.held.items()
        },
        customer,
    )
    created = np.full(n, np.iinfo(np.int64).max)
    known = population.created != UNKNOWN
    np.minimum.at(created, entities.entity[known], population.created[known])
    created = np.where(created == np.iinfo(np.int64).max, UNKNOWN, created)
    job.check()
    bundles = Bundles(
        accounts=entities.sizes,
        customer=customer,
        created=created,
        ties=ties,
        pairs=tie_matrix(ties, n),
        density=sign_up_density(created),
        timing=timing,
        pace=mean_score(timing, n),
        volume=np.bincount(who, minlength=n),
    )
    return content, bundles


def _by_entity(score: NDArray[np.float64], entities: Entities) -> NDArray[np.float64]:
    """f64[E]: mean of the accounts' scores, ranked again; NaN where none was assessed."""
    known = ~np.isnan(score)
    n = len(entities.sizes)
    total = np.bincount(entities.entity[known], weights=score[known], minlength=n)
    count = np.bincount(entities.entity[known], minlength=n)
    return normal_scores(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _worded(
    population: Population,
    who: NDArray[np.int64],
    customer: NDArray[np.int32],
    second: NDArray[np.bool_],
) -> Ties:
    """Near-duplicate groups and templates of half B, by who used them."""
    held: dict[str, Held] = {}
    for name, code in (("group", population.group), ("template", population.template)):
        wording = population.of_prompt(code)
        use = second & (wording >= 0)
        if use.any():
            found = Held.of(who[use], wording[use])
            rare = found.shared_by(customer) <= max(60, int(_COMMON * len(customer)))
            chosen = rare[found.value]
            held[name] = Held.of(found.holder[chosen].astype(np.int64), found.value[chosen])
    return Ties(held, customer)
