"""A map like a real one, made from a seed: topics of every size, dust between them, clusters.

Shared by the benchmarks and the pictures of the map; nothing in the program uses it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from workbench.domain.map_data import MapData
from workbench.kernels.morton import morton_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Clusters of accounts in ranks 1 to 6: centre, radii, share of the exchanges, accounts.
CLUSTERS = (
    ("C-014", (0.1, 0.1), (1.15, 0.85), 0.047, 1204),
    ("C-007", (-2.2, 0.5), (0.62, 0.52), 0.0145, 318),
    ("C-021", (3.4, -1.6), (0.42, 0.60), 0.0081, 146),
    ("C-003", (1.75, 1.65), (0.62, 0.52), 0.0108, 402),
    ("C-031", (-3.4, 2.3), (0.50, 0.42), 0.0054, 57),
    ("C-009", (-1.6, -2.6), (0.36, 0.48), 0.0041, 88),
)
TOPICS = (
    ("Python debugging", (-3.9, 2.6)),
    ("SQL and data frames", (-1.3, 2.9)),
    ("Maths: proofs", (0.9, 2.9)),
    ("Maths: word problems", (2.2, 1.9)),
    ("Physics, chemistry", (3.9, 1.3)),
    ("Agents, tool use", (-2.3, 0.9)),
    ("Web front end", (-4.6, 0.2)),
    ("Legal, contracts", (4.5, 0.4)),
    ("Translation 中文-English", (2.6, -1.1)),
    ("Reasoning, step by step", (0.0, -1.7)),
    ("Grading, rubrics", (2.9, -2.5)),
    ("Role play, fiction", (-1.9, -3.0)),
    ("Customer support", (0.9, -3.1)),
)


def campaign_map(n: int, seed: int = 7, n_accounts: int = 10_000) -> MapData:
    """N exchanges of A accounts in two segments, each in Morton order.

    Accounts of cluster k take consecutive indices from 0 (see ``categories_of``).
    """
    rng = np.random.default_rng(np.random.SeedSequence((seed, n)))
    coordinates: list[NDArray[np.float64]] = []
    accounts: list[NDArray[np.int64]] = []
    first = 0
    for _, centre, radii, share, members in CLUSTERS:
        # A harvester covers its region evenly: distinct prompts on a jittered lattice.
        count = max(1, round(share * n))
        distinct = max(1, count // 60)
        angle, radius = rng.uniform(0, 2 * np.pi, distinct), np.sqrt(rng.uniform(0, 1, distinct))
        places = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) * radii + centre
        coordinates.append(
            places[rng.integers(0, distinct, count)] + rng.normal(size=(count, 2)) * 0.004
        )
        accounts.append(first + rng.integers(0, members, count))
        first += members
    rest = n - sum(len(part) for part in coordinates)
    coordinates.append(_ordinary(rng, rest))
    # Heavy-tailed volumes: few accounts send most of the ordinary traffic.
    weights = 1 / np.arange(1, n_accounts - first + 1) ** 0.8
    chosen = rng.choice(n_accounts - first, rest, p=weights / weights.sum())
    accounts.append(first + chosen)
    xy = np.concatenate(coordinates).astype(np.float32)
    account = np.concatenate(accounts).astype(np.int32)
    mixed = rng.permutation(n)
    xy, account = xy[mixed], account[mixed]
    bounds = (
        float(xy[:, 0].min()), float(xy[:, 1].min()),
        float(xy[:, 0].max()), float(xy[:, 1].max()),
    ) if n else (0.0, 0.0, 1.0, 1.0)  # fmt: skip
    offsets = np.array([0, n * 4 // 5, n], np.int64)
    order = np.concatenate(
        [
            begin + morton_order(xy[begin:end, 0], xy[begin:end, 1], bounds)
            for begin, end in pairwise(offsets.tolist())
        ]
    ).astype(np.int64)
    return MapData(
        np.ascontiguousarray(xy[order, 0]),
        np.ascontiguousarray(xy[order, 1]),
        account[order],
        order + 1,
        offsets,
        bounds,
        n_accounts,
    )


def categories_of(n_accounts: int = 10_000) -> NDArray[np.uint8]:
    """u8[A]: the rank of the cluster of each account, 0 for none."""
    category = np.zeros(n_accounts, np.uint8)
    first = 0
    for rank, cluster in enumerate(CLUSTERS, start=1):
        category[first : first + cluster[4]] = rank
        first += cluster[4]
    return category


def _ordinary(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Ordinary traffic: clumps of clumps around the topics, and dust."""
    centres = np.array([place for _, place in TOPICS])
    topic = rng.choice(len(centres), 900, p=rng.dirichlet(np.full(len(centres), 6.0)))
    clumps = centres[topic] + rng.normal(size=(900, 2)) * (0.62, 0.46)
    sizes = rng.pareto(1.1, 900) + 0.05
    widths = 0.02 + 0.10 * rng.uniform(0, 1, 900) ** 2
    clump = rng.choice(900, n, p=sizes / sizes.sum())
    points = clumps[clump] + rng.normal(size=(n, 2)) * widths[clump][:, None]
    dust = rng.uniform(0, 1, n) < 0.22
    points[dust] = centres[topic[clump[dust]]] + rng.normal(size=(int(dust.sum()), 2)) * (
        0.75,
        0.55,
    )
    return points
