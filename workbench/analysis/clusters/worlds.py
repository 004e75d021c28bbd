"""Worlds in which content and bundles have nothing to do with each other, and like-minded groups.

Both say what chance and habit alone would make of this very log. Nobody is judged here.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.analysis.clusters.communities import (
    Pooled,
    Surprise,
    flagged_components,
    pool_neighbourhoods,
)
from workbench.analysis.threads import in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.evidence import Bundles
    from workbench.analysis.clusters.graph import Neighbours
    from workbench.analysis.clusters.membership import Membership
    from workbench.domain.progress import JobContext

#: Most worlds; beyond them p stays coarser, and the finding says how many null clusters it had.
MOST_WORLDS: Final = 400
#: Content neighbours that a like-minded group needs to start from.
_SEED: Final = 5


@dataclass(frozen=True, slots=True)
class Worlds:
    """Makes worlds; the first few are kept.

    Attributes:
        neighbours: Content neighbours, the same in every world.
        edges: Their pairs.
        bundles: What is dealt out anew.
        random: Seeded generator.
        carriers: i64[E] of each kept world: whose bundle each entity carries.
        pooled: What neighbourhoods show in each kept world.
        surprise: Learnt from them.
        threads: On which clusters grow side by side; never changes a result.
    """

    neighbours: Neighbours
    edges: tuple[NDArray[np.int64], NDArray[np.int64]]
    bundles: Bundles
    random: np.random.Generator
    carriers: tuple[NDArray[np.int64], ...]
    pooled: tuple[Pooled, ...]
    surprise: Surprise
    threads: int = 1

    @classmethod
    def learn(
        cls,
        neighbours: Neighbours,
        bundles: Bundles,
        random: np.random.Generator,
        number: int,
        threads: int = 1,
    ) -> Worlds:
        """Make a few worlds and learn from them what surprises."""
        carriers = [bundles.repaired(random) for _ in range(number)]
        pooled = [pool_neighbourhoods(neighbours, bundles, carrier) for carrier in carriers]
        surprise = Surprise.learn(pooled)
        edges = neighbours.edges()[:2]
        return cls(
            neighbours, edges, bundles, random, tuple(carriers), tuple(pooled), surprise, threads
        )

    def null_clusters(
        self, growth: Membership, wanted: int, job: JobContext, done: float, *, used: int = 0
    ) -> tuple[list[tuple[NDArray[np.int64], list[NDArray[np.int64]]]], int]:
        """What clusters by chance, formed and grown as real clusters are.

        Args:
            growth: Grows a component.
            wanted: How many looks at components.
            job: Progress and cancellation.
            done: Progress so far; this takes .4.
            used: Worlds that an earlier call has gone through; these are others.

        A world in which nothing is flagged counts as a look that came to nothing: where chance
        hardly ever forms anything, that a candidate exists at all is rare, and looks alone could
        not say so. (1 + #{looks as extreme}) / (worlds + 1) bounds the share of worlds that show
        anything as extreme (the maximum's p, Westfall and Young 1993), so it holds for each look.

        Returns:
            ((carrier, members of the clusters that came to something) of each world, number of
            looks). Where worlds are more, they count.
        """

        def grown(world: _World) -> tuple[_World, list[NDArray[np.int64]]]:
            surprise = self.surprise.of(world.pooled)
            looks = [
                members
                for component in flagged_components(self.edges, surprise, self.surprise.threshold)
                for _, members in growth.clusters(component, self.edges, world.carrier)
            ]
            return world, looks

        found, n = [], 0
        with closing(in_order(grown, self._more(used), threads=self.threads, job=job)) as worlds:
            for world, looks in worlds:
                found.append((world.carrier, [members for members in looks if len(members)]))
                n += len(looks)
                job.report(
                    "Making null clusters", done=done + 0.4 * min(1.0, n / max(wanted, 1)),
                    count=n, total=wanted, unit="null clusters",
                )  # fmt: skip
                # All of the kept worlds are used, so that their chance enters both sides alike.
                if n >= wanted and used + len(found) >= len(self.carriers):
                    break
        # Worlds are dealt ahead of their use, more of them on more threads: chance goes on from
        # the last one that was used.
        if found:
            self.random.bit_generator.state = world.after
        return found, n

    def _more(self, used: int) -> Iterator[_World]:
        """The kept worlds, then new ones; none that was used."""
        for carrier, pooled in zip(self.carriers[used:], self.pooled[used:], strict=True):
            yield _World(carrier, pooled, self.random.bit_generator.state)
        for _ in range(MOST_WORLDS - max(used, len(self.carriers))):
            carrier = self.bundles.repaired(self.random)
            pooled = pool_neighbourhoods(self.neighbours, self.bundles, carrier)
            yield _World(carrier, pooled, self.random.bit_generator.state)

    def null_growth(
        self, growth: Membership, groups: Sequence[NDArray[np.int64]], job: JobContext
    ) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
        """What groups that share something grow to by chance, in one more world.

        What they share is dealt out with them: the world has the same groups, of other people.

        Args:
            growth: Grows a group.
            groups: As they are in this log.
            job: Cancellation.

        Returns:
            (carrier, members of the clusters that came to something).
        """
        carrier = self.bundles.repaired(self.random)
        bearer = np.empty_like(carrier)
        bearer[carrier] = np.arange(len(carrier))

        def grown(group: NDArray[np.int64]) -> NDArray[np.int64]:
            return growth.grown(np.sort(bearer[group]), carrier)

        found = in_order(grown, groups, threads=self.threads, job=job)
        return carrier, [members for members in found if len(members)]

    def like_minded(
        self,
        growth: Membership,
        trusted: NDArray[np.bool_],
        size: int,
        wanted: int,
        job: JobContext,
        done: float,
    ) -> list[NDArray[np.int64]]:
        """Groups of entities that ask most alike around anyone.

        Args:
            growth: Weighs what they ask.
            trusted: bool[E], entities that may be in one.
            size: Of each.
            wanted: How many.
            job: Progress and cancellation.
            done: Progress so far.
        """
        partner = np.where(trusted[self.neighbours.partner], self.neighbours.partner, -1)
        centres = np.flatnonzero(trusted & ((partner >= 0).sum(axis=1) >= _SEED))
        if len(centres) == 0:
            return []
        size = min(size, int(trusted.sum()))

        def gathered(centre: int) -> NDArray[np.int64]:
            near = partner[centre]
            seed = np.unique(np.append(near[near >= 0], centre).astype(np.int64))
            return growth.like_minded(seed, size, trusted)

        chosen = self.random.choice(centres, wanted).tolist()
        groups = []
        for group in in_order(gathered, chosen, threads=self.threads, job=job):
            groups.append(group)
            job.report(
                "Gathering like-minded groups", done=done, count=len(groups), total=wanted,
                unit="groups",
            )  # fmt: skip
        return groups


@dataclass(frozen=True, slots=True)
class _World:
    """One world.

    Attributes:
        carrier: i64[E], whose bundle each entity carries.
        pooled: What neighbourhoods show.
        after: State of the random generator when it was made.
    """

    carrier: NDArray[np.int64]
    pooled: Pooled
    after: Any
