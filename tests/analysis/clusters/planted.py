"""Small populations with or without a campaign, put together as the stage does it.

People have tastes of their own; harvesters ask off one list. Which infrastructure they show and
how they keep time is drawn from the same habits, but for what a test plants.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tests.analysis.fakes import RecordingJob
from tests.analysis.hand_made import DAY, HOUR, MONDAY, population
from workbench.analysis.clusters.assemble import assemble
from workbench.analysis.clusters.detect import detect
from workbench.analysis.clusters.entities import resolve_entities
from workbench.domain.signal import Axis

if TYPE_CHECKING:
    from collections.abc import Collection

    from workbench.analysis.clusters.detect import Candidates
    from workbench.analysis.clusters.evidence import Bundles, Content

CELLS, TEMPLATES, PROMPTS, EACH = 40, 30, 4_000, 60
_ANY_TASTE = np.full(CELLS, 0.2)


@dataclass(frozen=True, slots=True)
class Planted:
    """A population and who is planted in it.

    Attributes:
        content: What everybody asked.
        bundles: Everything else.
        harvester: bool[E], those who ask off one list.
        operator: i64[E], whose they are, from 0; -1 for people.
    """

    content: Content
    bundles: Bundles
    harvester: np.ndarray
    operator: np.ndarray

    @property
    def n(self) -> int:
        """E."""
        return len(self.harvester)

    @property
    def campaign(self) -> np.ndarray:
        """i64, the planted, ascending."""
        return np.flatnonzero(self.harvester)


def plant(
    *,
    people: int = 360,
    harvesters: int = 40,
    seed: int = 0,
    shared: bool = True,
    scattered: bool = False,
    paced: bool = True,
    interests: int = 3,
    chance: float = 0.2,
    loud: int = 1,
    operators: int = 1,
    mixed: bool = False,
    drop: Collection[str] = (),
) -> Planted:
    """A population; harvesters are spread over it, so that no order gives them away.

    Args:
        people: How many ask what they like.
        harvesters: How many ask off one list.
        seed: Of everything drawn.
        shared: Whether harvesters share cards and networks, and joined in one week.
        scattered: Whether they share cards and networks with strangers alone, as anybody does.
        paced: Whether harvesters keep machine hours.
        interests: How many interests people share; 0 = everybody has a taste like nobody's.
        chance: Share of people who hold one of a few cards, whatever they ask: in a log where
            strangers never share anything, nothing clusters by chance either.
        loud: How many times as much as people harvesters ask.
        operators: How many have a list, cards, networks and a week of their own each.
        mixed: Whether who follows which list has nothing to do with cards, networks and weeks.
        drop: What the log does not hold: "payment", "network", "created", "timing".
    """
    random = np.random.default_rng([seed, 1])
    n = people + harvesters
    harvester = np.zeros(n, dtype=np.bool_)
    harvester[random.choice(n, harvesters, replace=False)] = True
    operator = np.full(n, -1)
    operator[harvester] = np.arange(harvesters) % operators
    cell = np.sort(random.integers(0, CELLS, PROMPTS))
    template = np.where(random.random(PROMPTS) < 0.3, random.integers(0, TEMPLATES, PROMPTS), -1)
    corners = random.normal(size=(CELLS, 16))
    vectors = np.repeat(corners, 4, axis=0) + 0.2 * random.normal(size=(4 * CELLS, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    source = random.dirichlet(np.full(CELLS, 0.5), operators)
    interest = random.dirichlet(np.full(CELLS, 0.2), max(interests, 1)) + 1e-4
    sent: list[list[tuple[int | None, int | None]]] = []
    for one in operator.tolist():
        follows = 12.0 * interest[random.integers(0, len(interest))]
        harvests = one >= 0
        profile = (
            source[one] if harvests else random.dirichlet(follows if interests else _ANY_TASTE)
        )
        share = profile[cell] / profile[cell].sum()
        each = loud * EACH if harvests else EACH
        what = random.choice(PROMPTS, each, p=share)
        times = MONDAY + np.sort(random.integers(0, 40 * DAY, each))
        sent.append(list(zip(times.tolist(), what.tolist(), strict=True)))
    # Everybody has a card and a network; a few strangers share one, whatever they ask.
    card = np.where(random.random(n) < chance, random.integers(0, n // 8, n), n + np.arange(n))
    network = random.integers(0, n // 2, n)
    created = MONDAY - random.integers(0, 300 * DAY, n)
    hidden = harvester if shared else np.zeros(n, dtype=np.bool_)
    holder = operator.copy()
    if mixed:
        holder[harvester] = random.permutation(operator[harvester])
    if not scattered:
        own = 3 * n + 10 * holder[hidden]
        card[hidden] = own + random.integers(0, 6, hidden.sum())
        network[hidden] = own + random.integers(0, 8, hidden.sum())
    week = MONDAY - 30 * DAY * (1 + holder[hidden])
    created[hidden] = week + random.integers(0, 40 * HOUR, hidden.sum())
    shown = {"payment": enumerate(card.tolist()), "network": enumerate(network.tolist())}
    made = population(
        sent,
        cell=cell.tolist(),
        template=template.tolist(),
        landmark=(4 * cell + random.integers(0, 4, PROMPTS)).tolist(),
        vectors=vectors.tolist(),
        shown={kind: pairs for kind, pairs in shown.items() if kind not in drop},
        created=[None] * n if "created" in drop else created.tolist(),
        seed=seed,
    )
    entities = resolve_entities({}, n, np.zeros(n, dtype=np.bool_))
    score = random.random((2, n)) * 100.0
    if paced:
        score[:, harvester] = 90.0 + 10.0 * random.random((2, harvesters))
    measured = {
        "burstiness": (Axis.AUTOMATION, score[0]),
        "hour_entropy": (Axis.AUTOMATION, score[1]),
    }
    content, bundles = assemble(
        made, entities, {} if "timing" in drop else measured, RecordingJob()
    )
    return Planted(content, bundles, harvester, operator)


def run(made: Planted, seed: int) -> Candidates:
    """Detect in it, anew."""
    random = np.random.default_rng([seed, 2])
    return detect(made.content, made.bundles, random, seed, RecordingJob())


@lru_cache(maxsize=16)
def detected(
    seed: int, drop: tuple[str, ...] = (), people: int = 360, harvesters: int = 40
) -> tuple[Planted, Candidates]:
    """A world and what is detected in it, once for all tests that only look."""
    made = plant(people=people, harvesters=harvesters, seed=seed, drop=drop)
    return made, run(made, seed)
