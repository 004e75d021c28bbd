"""Traffic as the population that stages load, and as what clusters are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.analysis.fakes import RecordingJob
from workbench.analysis.clusters.assemble import assemble
from workbench.analysis.clusters.entities import resolve_entities
from workbench.analysis.signals.automation import burstiness, hours, lone_requests
from workbench.analysis.signals.population import Population, percentiles
from workbench.analysis.signals.ties import Held, Ties

if TYPE_CHECKING:
    from tests.analysis.clusters.traffic import Traffic
    from workbench.analysis.clusters.entities import Entities
    from workbench.analysis.clusters.evidence import Bundles, Content


def population_of(traffic: Traffic, seed: int = 0) -> tuple[Population, Entities]:
    n = traffic.n_accounts
    accounts = np.arange(n)
    shown = [(a, net) for a, nets in enumerate(traffic.networks) for net in nets]
    pairs = np.array(shown, dtype=np.int64)
    declared = traffic.org >= 0
    held = {
        "network": Held.of(pairs[:, 0], pairs[:, 1]),
        "payment": Held.of(accounts, traffic.payment),
        "domain": Held.of(accounts, traffic.domain),
        "client": Held.of(accounts, traffic.client),
        "organisation": Held.of(accounts[declared], traffic.org[declared]),
    }
    entities = resolve_entities(held, n, np.zeros(n, dtype=np.bool_))
    offsets = np.searchsorted(traffic.account, np.arange(n + 1))
    bank = traffic.bank
    cell = bank.cell
    centre = np.zeros((bank.n_cells, bank.vector.shape[1]), dtype=np.float32)
    np.add.at(centre, cell, bank.vector)
    # Landmarks: a fixed part of the prompts; every prompt stands for itself if it is one, else
    # for a landmark of its cell.
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(len(cell), size=min(6_000, len(cell)), replace=False))
    by_cell = {int(c): np.flatnonzero(cell[chosen] == c) for c in np.unique(cell[chosen])}
    landmark = np.array(
        [
            by_cell[int(c)][i % len(by_cell[int(c)])] if int(c) in by_cell else 0
            for i, c in enumerate(cell)
        ],
        dtype=np.int32,
    )
    landmark[chosen] = np.arange(len(chosen))
    population = Population(
        offsets=offsets,
        ts=traffic.ts,
        prompt=traffic.prompt,
        template=bank.template,
        group=bank.group,
        cell=cell,
        landmark=landmark,
        vectors=bank.vector[chosen],
        elicits={},
        ties=Ties(held, entities.customer),
        created=traffic.created,
        filled={"ts": len(traffic.ts), "prompt": len(traffic.ts)},
        random=np.random.default_rng(seed),
    )
    return population, entities


def evidence_of(traffic: Traffic, seed: int = 0) -> tuple[Content, Bundles]:
    population, entities = population_of(traffic, seed)
    measured = {
        signal.SPEC.name: (signal.SPEC.axis, percentiles(signal.measure(population).strength))
        for signal in (burstiness, hours, lone_requests)
    }
    return assemble(population, entities, measured, RecordingJob())
